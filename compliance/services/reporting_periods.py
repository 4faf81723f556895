"""Reporting periods: one made ahead, and the days of one moved when a set that moves them is published.

Days that are past are facts: none is moved, and none is moved to. So no standing that was asked for before the change
comes out otherwise after it.
"""

import datetime as dt

from django.db import transaction

from clee_portal.accounts.models import User
from clee_portal.history import because
from clee_portal.refusal import Refused
from compliance import access, seed
from compliance.models import ReportingPeriod
from compliance.wording import full_date


@transaction.atomic
def locked(*, by: User, year: int) -> ReportingPeriod:
    """The period of a year, its row locked with those of the years after it, in their order, as whoever publishes locks
    them; the year after the last one is made, asking what the last one asks."""
    if not access.can_write_rules(by):
        raise Refused("Only POST staff can work on the rules.")
    periods = ReportingPeriod.objects.select_for_update(no_key=True)
    if found := list(periods.filter(year__gte=year).order_by("year")):
        return _of_year(year, found, last=found[-1].year)
    held = list(periods.order_by("-year")[:1])
    last = held[0].year if held else 0
    if year == last + 1 and not ReportingPeriod.objects.filter(year=year).exists():
        with because(f"Period {year} made for a draft"):
            seed.make_period("default", year, seed.listed_requirements())
            seed.make_reminder_dates("default")
    return _of_year(year, list(periods.filter(year=year)), last)


def _of_year(year: int, found: list[ReportingPeriod], last: int) -> ReportingPeriod:
    if not found or found[0].year != year:
        raise Refused(f"There is no reporting period {year}. Periods follow each other: the next is {last + 1}.")
    return found[0]


def must_fit(period: ReportingPeriod, *, ends_on: dt.date, show_by: dt.date, today: dt.date) -> None:
    """Raise `Refused`, with its field, where the last day of a period or the last day to show hours cannot be so."""
    for field, day, was, name in (
        ("ends_on", ends_on, period.ends_on, "last day of the period"),
        ("show_by", show_by, period.show_by, "last day to show hours"),
    ):
        if day == was:
            continue
        if was < today:
            raise Refused(f"The {name} was {full_date(was)}. A day that is past is not moved.", field=field)
        if day < today:
            raise Refused(f"{full_date(day)} is past. Give a day from today on.", field=field)
    if ends_on <= period.starts_on:
        raise Refused(f"The period begins on {full_date(period.starts_on)}, and ends after it.", field="ends_on")
    if show_by <= ends_on:
        raise Refused(f"Hours are shown after the period, which ends on {full_date(ends_on)}.", field="show_by")
    following = ReportingPeriod.objects.filter(year__gt=period.year).order_by("year").first()
    if following and ends_on != period.ends_on:
        if following.starts_on <= today:
            raise Refused(f"{following} has begun: two periods cannot share a day.", field="ends_on")
        if ends_on >= following.ends_on:
            raise Refused(
                f"{following} begins the day after and ends on {full_date(following.ends_on)}: two periods cannot "
                "share a day.",
                field="ends_on",
            )
    if show_by != period.show_by:
        late = period.reminder_dates.filter(due_on__gt=show_by).order_by("number").first()
        if late:
            raise Refused(
                f"Reminder {late.number} of {period.year} is on {full_date(late.due_on)}. Move it first "
                "(“Days of the reminders”).",
                field="show_by",
            )


def move_days(period: ReportingPeriod, *, ends_on: dt.date | None, show_by: dt.date | None, today: dt.date) -> None:
    """Give a period, whose row is locked, other days; None leaves one. The next period begins the day after its end, so
    that every day lies in exactly one."""
    ends_on, show_by = ends_on or period.ends_on, show_by or period.show_by
    must_fit(period, ends_on=ends_on, show_by=show_by, today=today)
    is_later = ends_on > period.ends_on
    following = ReportingPeriod.objects.select_for_update(no_key=True).filter(year=period.year + 1).first()

    def move_next():
        if following and ends_on != period.ends_on:
            ReportingPeriod.objects.filter(pk=following.pk).update(starts_on=ends_on + dt.timedelta(days=1))

    # In an order in which the two never share a day: the database would refuse it.
    if is_later:
        move_next()
    ReportingPeriod.objects.filter(pk=period.pk).update(ends_on=ends_on, show_by=show_by)
    if not is_later:
        move_next()
    period.ends_on, period.show_by = ends_on, show_by
