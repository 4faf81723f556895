"""What the database must refuse of the counts of a season; registered like those of constraint_cases.py."""

from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import ReportingPeriod, SeasonCount, SeasonDay


def a_day() -> SeasonDay:
    """A counted day."""
    return insert(SeasonDay, period=ReportingPeriod.objects.get(year=DAY.year), day=DAY)


@refused("season_day_once")
def _():
    a_day()
    a_day()


@refused("season_count_once")
def _():
    made = a_day()
    for _ in range(2):
        insert(SeasonCount, season_day=made, agency=None, standing="compliant", officers=3)


@refused("season_count_of_somebody")
def _():
    insert(SeasonCount, season_day=a_day(), standing="compliant", officers=0)


@refused("season_count_standing")
def _():
    insert(SeasonCount, season_day=a_day(), standing="", officers=1)
