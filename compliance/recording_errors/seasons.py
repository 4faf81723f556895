"""When the record is searched for recording errors, and from when on the agencies are asked."""

import datetime as dt

from compliance.models import ReportingPeriod
from training.models import TrainingRecord

# How many ended periods are searched: an extension of the one before last may end now.
YEARS_BACK = 2
# From this month on the period in progress is searched every night, and its agencies are asked.
DECEMBER = 12


def periods_due(day: dt.date) -> list[ReportingPeriod]:
    """The periods that are searched every night, the earliest first: those that are over, and from December on the one
    in progress. Of a year of which nothing was kept here nothing can be missing."""
    rows = ReportingPeriod.objects.filter(year__gte=day.year - YEARS_BACK, starts_on__lte=day).order_by("year")
    due = [one for one in rows if one.ends_on < day or day.month == DECEMBER]
    return [one for one in due if TrainingRecord.objects.filter(credited_year=one.year).exists()]


def asks_agencies(period: ReportingPeriod, day: dt.date) -> bool:
    """Whether what is likely goes to the agencies by itself: from December of the period on."""
    return day >= dt.date(period.year, DECEMBER, 1)
