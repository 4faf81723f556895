"""Which reporting period people mean."""

import datetime as dt

from compliance.models import ReportingPeriod


def current(day: dt.date) -> ReportingPeriod:
    """The period `day` falls in."""
    return ReportingPeriod.objects.get(starts_on__lte=day, ends_on__gte=day)


def by_year(year: int) -> ReportingPeriod:
    """The period of a calendar year; raises `ReportingPeriod.DoesNotExist`."""
    return ReportingPeriod.objects.get(year=year)
