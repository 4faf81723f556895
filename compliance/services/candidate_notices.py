"""Laying ready the notices to officers on the list. They go when POST lets the campaign go, never by themselves."""

from collections.abc import Iterable

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from compliance import access, case_errors, reminders
from compliance.candidate_notices import CODE, Key
from compliance.models import Listing, ReportingPeriod
from notifications import campaigns, outbox
from notifications.campaigns import Expectation
from notifications.models import Campaign, Message
from notifications.outbox import Mail

BECAUSE = "Notices to officers on the list go only when POST lets them go."


@transaction.atomic
def prepare(*, by: User, period: ReportingPeriod, listings: Iterable[int]) -> Campaign:
    """Lay the notices about these listings ready, as one campaign that is held.

    Those who have a notice already are left out. Raises `Refused` without the right, where any of them was not looked
    at or may be a recording error, and where nobody is left to be written to.
    """
    if not access.can_look_at_candidates(by):
        raise Refused("Only POST staff can lay notices ready.")
    ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    chosen = Listing.objects.open().filter(pk__in=list(listings), candidacy__period=period, notices=None)
    rows = list(chosen.with_check().select_related("candidacy__officer", "candidacy__period"))
    _must_be_looked_at(period, rows)
    if not rows:
        raise Refused("Nobody chosen is on the list without a notice. Look at the page again.")
    accounts = reminders.connected_officers(clock.today())
    mails = [
        Mail(str(Key.of(one)), accounts[officer][1], accounts[officer][0])
        for one in rows
        if (officer := one.candidacy.officer_id) in accounts
    ]
    number = 1 + Campaign.objects.filter(occasion=CODE, key__startswith=f"{period.year}:").count()
    with history.because(f"Notices {number} of {period.year} laid ready"):
        made = campaigns.prepare(
            occasion=CODE,
            key=f"{period.year}:{number}",
            because=BECAUSE,
            size=len(mails),
            expectations=_expectations(period),
        )
        outbox.put_many(occasion=CODE, mails=[mail._replace(campaign=made.pk) for mail in mails], held=True)
        Listing.objects.filter(pk__in=[one.pk for one in rows]).update(notices=made)
    return made


def _must_be_looked_at(period: ReportingPeriod, rows: list[Listing]) -> None:
    errors = case_errors.unsettled(period, [one.candidacy.officer_id for one in rows])
    unseen = [one for one in rows if one.check_found is None]
    doubtful = [one for one in rows if one.candidacy.officer_id in errors]
    if unseen:
        raise Refused(
            f"{count_words(len(unseen), 'officer')} of {len(rows):,} "
            f"{'was' if len(unseen) == 1 else 'were'} not looked at yet: {_names(unseen)}. Look for recording errors "
            "first, and mark what you found."
        )
    if doubtful:
        raise Refused(
            f"The record of {count_words(len(doubtful), 'officer')} is likely in error: {_names(doubtful)}. Mend it, "
            "or leave them out."
        )


def _names(rows: list[Listing], most: int = 5) -> str:
    names = [one.candidacy.officer.sorted_name for one in rows[:most]]
    return "; ".join(names) + (" and more" if len(rows) > most else "")


def _expectations(period: ReportingPeriod) -> list[Expectation]:
    """Last year's notices, if there were any."""
    before = Message.objects.filter(occasion=CODE, key__startswith=f"{period.year - 1}:").count()
    return [Expectation(before, f"so many notices were written for {period.year - 1}")] if before else []
