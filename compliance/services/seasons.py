"""Counting the standings of a season, week by week. Safe to run twice, at the same moment too, and late."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from django.db import transaction

from clee_portal import clock
from compliance import standings
from compliance.models import ReportingPeriod, SeasonCount, SeasonDay
from compliance.verdict import Standing
from training.models import Commission

WEEK = dt.timedelta(days=7)


def days_of(period: ReportingPeriod) -> Iterator[dt.date]:
    """The days of a period that are counted: every seventh from its first week on, its last day, the day to show by."""
    day, others = period.starts_on + WEEK - dt.timedelta(days=1), {period.ends_on, period.show_by}
    days = set(others)
    while day < period.show_by:
        days.add(day)
        day += WEEK
    yield from sorted(days)


def uncounted(today: dt.date) -> list[tuple[ReportingPeriod, dt.date]]:
    """The days that are over and were not counted, of this year's period and the one before, the latest first."""
    periods = list(ReportingPeriod.objects.filter(year__in=(today.year - 1, today.year)))
    counted = set(SeasonDay.objects.filter(period__in=periods).values_list("period", "day"))
    found = [(one, day) for one in periods for day in days_of(one) if day < today and (one.pk, day) not in counted]
    return sorted(found, key=lambda pair: (pair[1], pair[0].year), reverse=True)


def catch_up(*, today: dt.date, at_most: int | None = None, each: int = 1) -> int:
    """Count the days that were not counted yet, the latest first, `at_most` so many; or only `each` second, third, …
    one, where somebody waits for it. Returns how many were."""
    return sum(count(period=period, day=day) for period, day in uncounted(today)[:at_most:each])


@transaction.atomic
def count(*, period: ReportingPeriod, day: dt.date) -> bool:
    """Count the standings in `period` as of the end of `day`, as they were known then. Returns whether it was done
    here: another worker may have counted it, and whoever comes second waits for them and does nothing."""
    made, is_new = SeasonDay.objects.get_or_create(period=period, day=day)
    if not is_new:
        return False
    findings = standings.of_officers(standings.question(period, clock.end_of_day(day)))
    whole = Counter(one.standing for one in findings.values())
    at: Counter = Counter()
    places = Commission.objects.in_force(day).order_by().values_list("agency", "officer").distinct()
    for agency, officer in places.iterator(chunk_size=20_000):
        if (finding := findings.get(officer)) is not None:
            at[agency, finding.standing] += 1
    rows = [(None, standing, many) for standing, many in whole.items()]
    rows += [(agency, standing, many) for (agency, standing), many in at.items()]
    SeasonCount.objects.bulk_create(
        (
            SeasonCount(season_day=made, agency_id=agency, standing=standing, officers=many)
            for agency, standing, many in rows
            if standing != Standing.NOT_APPLICABLE
        ),
        batch_size=2000,
    )
    return True


@transaction.atomic
def forget(*, period: ReportingPeriod) -> int:
    """Take away what was counted of a period, so that it is counted anew. Returns how many days."""
    days = SeasonDay.objects.filter(period=period)
    SeasonCount.objects.filter(season_day__in=days.values("pk")).delete()
    return days.delete()[0]
