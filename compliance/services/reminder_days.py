"""Moving the days on which the reminders of a period go."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from compliance import reminders
from compliance.models import ReminderDate, ReportingPeriod
from compliance.wording import full_date
from notifications.access import can_decide_campaigns
from notifications.models import Campaign


def begun(period: ReportingPeriod) -> set[int]:
    """The numbers of the reminders that went out, or began to: their day is a fact and is not moved."""
    prefix = f"{period.year}:"
    keys = Campaign.objects.filter(occasion=reminders.CODE, key__startswith=prefix, began_at__isnull=False)
    return {int(key.removeprefix(prefix)) for key in keys.values_list("key", flat=True)}


@transaction.atomic
def move(
    *,
    by: User,
    period: ReportingPeriod,
    days: Mapping[int, dt.date],
    reason: str,
    today: dt.date,
    seen: str | None = None,
) -> list[ReminderDate]:
    """Give the reminders of `period` the days of `days` (number -> day); returns those that were moved.

    Nobody gets the same number twice, whatever is moved. A day lies from today to the last day to show hours, and each
    after the one of the number before. `seen` is the mark of the page (`clee_portal.history.seen`). Raises `Refused`,
    with the field `day_<number>` where it is about one.
    """
    if not can_decide_campaigns(by):
        raise Refused("Only POST staff can move reminders.")
    period = ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    held = list(ReminderDate.objects.select_for_update().filter(period=period).order_by("number"))
    new = {one.number: days.get(one.number, one.due_on) for one in held}
    moved = [one for one in held if new[one.number] != one.due_on]
    went = begun(period)
    pages.check(
        seen=seen,
        now=stands(held),
        given={field_of(one): new[one.number] for one in held},
        written={field_of(one): pages.events_about(ReminderDate, pgh_obj=one) for one in held},
    )
    for one in moved:
        _must_fit(one, new[one.number], period, went, today)
    for before, after in itertools.pairwise(held):
        if new[after.number] <= new[before.number]:
            raise Refused(
                f"Reminder {after.number} has to come after reminder {before.number}, which is on "
                f"{full_date(new[before.number])}.",
                field=f"day_{after.number}",
            )
    if moved and not reason.strip():
        raise Refused("Say why the days are moved.", field="reason")
    later = [one for one in moved if new[one.number] > one.due_on]
    # One at a time in an order in which no two are ever on one day.
    with history.because(reason.strip()):
        for one in [*reversed(later), *(one for one in moved if one not in later)]:
            one.due_on = new[one.number]
            one.save(update_fields=["due_on"])
    return moved


def stands(held: Iterable[ReminderDate]) -> dict:
    """What `move` changes, as it stands."""
    return {field_of(one): one.due_on for one in held}


def field_of(one: ReminderDate) -> str:
    """The name of a reminder’s day, in forms and refusals."""
    return f"day_{one.number}"


def _must_fit(one: ReminderDate, day: dt.date, period: ReportingPeriod, went: set[int], today: dt.date) -> None:
    field = f"day_{one.number}"
    if one.number in went:
        raise Refused(f"Reminder {one.number} went out already. Its day cannot be moved.", field=field)
    first = max(today, period.starts_on)
    if not first <= day <= period.show_by:
        raise Refused(
            f"Give a day from {full_date(first)} to {full_date(period.show_by)}, the last day to show hours of "
            f"{period.year}.",
            field=field,
        )


def periods(today: dt.date) -> list[ReportingPeriod]:
    """The periods of which reminders may still go, the earliest first; of the future, the next one."""
    found = ReportingPeriod.objects.filter(show_by__gte=today, year__lte=today.year + 1)
    return list(found.filter(reminder_dates__isnull=False).distinct().order_by("year"))
