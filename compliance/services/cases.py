"""The course of a case before it is decided: notice served, answered, left where it is. Source: 11 CSR 75-15.080."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access, case_errors, case_states
from compliance.documents import MOST_IN_ALL, Checked
from compliance.models import (
    Candidacy,
    CandidacyCheck,
    CaseAnswer,
    CaseDocument,
    CaseNotice,
    Listing,
    NotPursued,
    ReportingPeriod,
)
from compliance.models.cases import ResponsePeriod
from compliance.services import candidacies, case_messages
from compliance.services.documents import files, keep
from compliance.wording import full_date

How = CaseNotice.How
FEWEST_DAYS, MOST_DAYS = 7, 180


def lock(case: Candidacy) -> Candidacy:
    """The case, locked until the end of the transaction, with its officer and period."""
    return locked(Candidacy.objects.select_related("officer", "period").filter(pk=case.pk)).get()


def _check_prepares(by: User) -> None:
    if not access.can_prepare_cases(by):
        raise Refused("Only POST staff can do this.")


@transaction.atomic
def serve_notice(
    *,
    by: User,
    case: Candidacy,
    how: str,
    served_on: dt.date,
    certified_number: str = "",
    served_to: str = "",
    override_reason: str = "",
    today: dt.date,
) -> CaseNotice:
    """Write down that notice was served; officer and agency may answer for the response period of the case's year, and
    are told so. While the record is likely in error, it takes an `override_reason`, which sets that aside as a look at
    the record does. Raises `Refused` without the right, for a likely error without a reason, for a day that does not
    fit, certified mail without its number, where the officer is not on the list, or notice is served already."""
    one = lock(case)
    _check_prepares(by)
    listing = one.listings.open().first()
    if listing is None:
        raise Refused("This officer is not on the list any more, so there is nothing to give notice of.")
    if one.served_notices.live().exists():
        raise Refused("Notice of this case is served already. Take it back first if it was a slip.")
    if served_on > today:
        raise Refused("That day is still to come. Give the day it was delivered.", field="served_on")
    if served_on < listing.listed_on:
        raise Refused(
            f"The officer is on the list since {full_date(listing.listed_on)}; notice comes after that.",
            field="served_on",
        )
    if how == How.CERTIFIED and not certified_number.strip():
        raise Refused("Type the number of the certified mail from its receipt.", field="certified_number")
    _nothing_likely(by, one, listing, override_reason)
    days = case_states.response_days(one.period)
    with history.because("Notice served"):
        made = CaseNotice.objects.create(
            candidacy=one,
            how=how,
            served_on=served_on,
            certified_number="".join(certified_number.split()),
            served_to=" ".join(served_to.split()),
            answer_by=served_on + dt.timedelta(days=days),
            recorded_by=by,
        )
    case_messages.notice_served(made, today=today)
    return made


def _nothing_likely(by: User, case: Candidacy, listing: Listing, reason: str) -> None:
    """Refuse, or set aside with the reason, what is likely wrong in the record."""
    errors = case_errors.unsettled(case.period, [case.officer_id])
    if not errors:
        return
    if not reason.strip():
        raise Refused(
            f"Likely a recording error, not settled: {'; '.join(errors[case.officer_id])}. Settle it first, or say why "
            "notice is served all the same.",
            field="override_reason",
        )
    candidacies.look(by=by, listings=[listing.pk], found=CandidacyCheck.Found.NO_ERROR, words=reason, override=True)


@transaction.atomic
def take_notice_back(*, by: User, case: Candidacy, reason: str) -> CaseNotice:
    """Void the notice of a case: it was a slip, or did not arrive. Raises `Refused` without a reason, or while the case
    lies before the Director."""
    one = lock(case)
    _check_prepares(by)
    held = one.served_notices.live().first()
    if held is None:
        raise Refused("No notice is served.")
    if one.submissions.live().filter(closed_at=None).exists():
        raise Refused("The case is before the Director. Take it back first.")
    if not reason.strip():
        raise Refused("Say why the notice is taken back.", field="reason")
    with history.because("Notice taken back"):
        _void(held, by, reason)
    return held


def answer(
    *,
    by: User,
    case: Candidacy,
    words: str,
    teller: str = "",
    documents: Sequence[Checked] = (),
    submission_key: uuid.UUID | None = None,
    today: dt.date,
) -> tuple[CaseAnswer, bool]:
    """Answer the notice of a case, as the officer or an agency of the officer; POST writes down what came by letter or
    phone from `teller`. Returns the answer, and whether it is new. Late answers are taken while nothing is decided.

    Raises `Refused` for others, before notice is served, without words, and once it is decided.
    """
    with files() as kept, transaction.atomic(), history.because("Answered a notice"):
        one = lock(case)
        who = access.answers_as(by, one, today)
        if who is None:
            raise Refused("Only the officer, the agency of a commission, or POST can answer.")
        if submission_key and (same := CaseAnswer.objects.filter(submission_key=submission_key).first()):
            return same, False
        if why := case_states.why_not_answer(one):
            raise Refused(why)
        if not words.strip():
            raise Refused("Write your answer. Documents alone do not say what they are for.", field="words")
        is_post = who.asked_by == CaseAnswer.GivenBy.POST
        if is_post and not teller.strip():
            raise Refused("Say whose answer it is, and how it came.", field="teller")
        there_are = CaseDocument.objects.live().filter(answer__candidacy=one).count()
        if there_are + len(documents) > MOST_IN_ALL:
            raise Refused(f"A case has room for {MOST_IN_ALL} documents, and has {there_are}.", field="documents")
        made = CaseAnswer.objects.create(
            candidacy=one,
            given_by=who.asked_by,
            agency=who.agency,
            teller=" ".join(teller.split()) if is_post else "",
            words=words.strip(),
            submission_key=submission_key,
            recorded_by=by,
        )
        for paper in documents:
            keep(CaseDocument, paper, kept, answer=made, recorded_by=by)
    return made, True


@transaction.atomic
def leave(*, by: User, cases: Iterable[int], until: dt.date | None, reason: str, today: dt.date) -> int:
    """Do not pursue these cases until a day (inclusive), for a reason; how many. It touches no license. Raises
    `Refused` without the right, a reason or a day to come, or where one lies before the Director or is left already."""
    _check_prepares(by)
    if not reason.strip():
        raise Refused("Say why the case is not pursued.", field="reason")
    if until is None or until <= today:
        raise Refused("Give a day to come, until which the case is left.", field="until")
    if until > today + dt.timedelta(days=366 * 6):
        raise Refused("That is years ahead. Check the year.", field="until")
    chosen = Candidacy.objects.filter(pk__in=list(cases)).select_related("officer", "period").order_by("pk")
    rows = list(locked(chosen))
    if not rows:
        raise Refused("Nobody was chosen. Tick some of them.")
    there = NotPursued.objects.live().filter(candidacy__in=rows)
    if held := there.filter(until__gte=today).select_related("candidacy__officer").first():
        raise Refused(f"{held.candidacy.officer.full_name} is not pursued already, until {full_date(held.until)}.")
    if before := next((one for one in rows if one.submissions.live().filter(closed_at=None).exists()), None):
        raise Refused(f"{before.officer.full_name} is before the Director. Take the case back first.")
    with history.because("Case not pursued"):
        for over in there:
            _void(over, by, "Its day is past; left once more")
        NotPursued.objects.bulk_create(
            [NotPursued(candidacy=one, until=until, reason=reason.strip(), recorded_by=by) for one in rows]
        )
    return len(rows)


@transaction.atomic
def pursue_again(*, by: User, case: Candidacy, reason: str) -> NotPursued:
    """Pursue a case again that was left. Raises `Refused` without a reason, or where it is not left."""
    one = lock(case)
    _check_prepares(by)
    held = one.not_pursued.live().first()
    if held is None:
        raise Refused("This case is pursued.")
    if not reason.strip():
        raise Refused("Say why the case is pursued again.", field="reason")
    with history.because("Case pursued again"):
        _void(held, by, reason)
    return held


@transaction.atomic
def set_response_days(
    *, by: User, period: ReportingPeriod, days: int, reason: str, seen: str | None = None
) -> ResponsePeriod:
    """How many days there are to answer notices served from now on, in the cases of a period. `seen` is the mark of the
    page (`clee_portal.history.seen`). Raises `Refused`."""
    ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    _check_prepares(by)
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Refused(f"Give between {FEWEST_DAYS} and {MOST_DAYS} days.", field="days")
    if not reason.strip():
        raise Refused("Say why it is changed. It is kept with the change.", field="reason")
    now = {"days": case_states.response_days(period)}
    pages.check(seen=seen, now=now, given={"days": days}, rows=ResponsePeriod.objects.filter(period=period))
    with history.because(reason.strip()[:500]):
        made, _ = ResponsePeriod.objects.update_or_create(period=period, defaults={"days": days, "changed_by": by})
    return made


def _void(row, by: User, reason: str) -> None:
    """Void a row by the database's clock."""
    type(row).objects.filter(pk=row.pk).update(
        voided_at=case_states.DB_NOW, voided_by=by, void_reason=reason.strip()[:500]
    )
    row.refresh_from_db()
