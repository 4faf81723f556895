"""Licenses near their end: five years in a row without a commission. Source: RSMo 590.030, 11 CSR 75-13.020.

An inactive license runs out the same way. The end is recorded by POST, officer by officer; the list only says when.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from clee_portal import clock
from training import licensing
from training.models import Commission, LicenseEvent, Officer

YEARS = 5
# How far ahead the list looks (months).
AHEAD = (3, 6, 12, 24)
USUAL = 12


@dataclass(frozen=True, slots=True)
class Expiring:
    """An officer whose license runs out: the last day of a commission (None: there never was one), when it ends."""

    officer: Officer
    last_on: dt.date | None
    agency: str
    ends_on: dt.date
    status: str

    @property
    def proposed(self) -> str:
        """The day after: from then on the license is expired."""
        return (self.ends_on + dt.timedelta(days=1)).isoformat()


def found(user, today: dt.date, months: int = USUAL) -> list[Expiring]:
    """Licenses still held whose five years are over by `months` from `today`, or were already; soonest first.

    Two statements, however many officers.
    """
    held = Commission.objects.filter(officer=OuterRef("pk"), set_aside_by=None)
    now = Commission.objects.in_force(today).filter(officer=OuterRef("pk"))
    ahead = held.filter(started_on__gt=today)
    latest = held.order_by("-ended_on", "-pk")
    issued = LicenseEvent.objects.live().filter(officer=OuterRef("pk"), kind=LicenseEvent.Kind.ISSUED)
    horizon = _years_before(_months_after(today, months))
    officers = (
        Officer.objects.visible_to(user)
        .filter(merged_into=None)
        .exclude(Exists(now))
        .exclude(Exists(ahead))
        .annotate(
            last_on=Subquery(latest.values("ended_on")[:1]), last_agency=Subquery(latest.values("agency__name")[:1])
        )
        .annotate(issued_on=Subquery(issued.order_by("-occurred_on").values("occurred_on")[:1]))
        .annotate(clock_from=Coalesce("last_on", "issued_on"))
        .filter(clock_from__lte=horizon)
        .order_by("clock_from", "search_name", "license_number")
    )
    officers = list(officers)
    states = licensing.states_of([one.pk for one in officers], today, clock.END_OF_TIME)
    return [
        Expiring(one, one.last_on, one.last_agency or "", _ends(one), str(states[one.pk].status))
        for one in officers
        if states[one.pk].is_held and _ends(one) <= _months_after(today, months)
    ]


def _ends(officer) -> dt.date:
    """The last day of the five years: from the last commission, or from a license given after it."""
    start = max(filter(None, (officer.last_on, officer.issued_on)))
    return _shifted(start, YEARS)


def _years_before(day: dt.date) -> dt.date:
    return _shifted(day, -YEARS)


def _shifted(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # February 29
        return day.replace(year=day.year + years, day=28)


def _months_after(day: dt.date, months: int) -> dt.date:
    at = day.year * 12 + day.month - 1 + months
    year, month = at // 12, at % 12 + 1
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day.day, last))
