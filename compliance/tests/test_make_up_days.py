"""Make-up credit on its edge days, through the service: which class, decided when and by whom. Rulebook 6 and 11, 8."""

import datetime as dt

import pytest
import time_machine

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import make_up_cases
from compliance.services.make_up import assign
from compliance.tests import people
from compliance.tests.test_make_up import agency, chief, later, short
from training.tests import factories as make

pytestmark = pytest.mark.django_db
__all__ = ["agency", "chief", "short"]

DEC_31, JAN_1 = dt.date(2025, 12, 31), dt.date(2026, 1, 1)
MAR_15, MAR_16 = dt.date(2026, 3, 15), dt.date(2026, 3, 16)
LAST, AFTER = dt.date(2026, 6, 30), dt.date(2026, 7, 1)
EXTENDED, PENDING, INACTIVE = "extended", "pending", "inactive"
NO_CASE, AGENCY, POST = "no case", "agency and POST", "POST alone"


def last_minute_of(day: dt.date):
    """23:59 in Chicago, which is the next day in London."""
    return time_machine.travel(dt.datetime.combine(day, dt.time(23, 59), clock.CHICAGO), tick=False)


def relieve(officer, how: str | None) -> None:
    if how == EXTENDED:
        people.relief(officer, 2025, decision="granted", due_on=LAST)
    elif how == PENDING:
        people.relief(officer, 2025)
    elif how == INACTIVE:
        people.event(officer, "made_inactive", dt.date(2026, 4, 20), period_year=2025)


@pytest.mark.parametrize(
    ("completed", "asked_on", "how", "who"),
    [
        (DEC_31, JAN_1, None, NO_CASE),  # it is of the year itself
        (JAN_1, JAN_1, None, AGENCY),
        (JAN_1, MAR_15, None, AGENCY),
        (JAN_1, MAR_16, None, POST),
        (MAR_15, MAR_15, None, AGENCY),
        (MAR_15, MAR_16, None, POST),
        (MAR_16, MAR_16, None, POST),  # a candidate
        (MAR_16, MAR_16, PENDING, POST),
        (MAR_16, MAR_16, EXTENDED, AGENCY),
        (JAN_1, LAST, EXTENDED, AGENCY),
        (LAST, LAST, EXTENDED, AGENCY),
        (LAST, AFTER, EXTENDED, POST),
        (AFTER, AFTER, EXTENDED, POST),
        (AFTER, AFTER, INACTIVE, POST),
    ],
)
def test_who_decides_on_the_day(agency, chief, short, completed, asked_on, how, who):
    relieve(short, how)
    post = make.post_staff()
    with last_minute_of(asked_on):
        record = later(short, agency, completed)
        cases = make_up_cases.of_record(record, clock.today())
        assert [case.is_open_to_reporter for case in cases] == {NO_CASE: [], AGENCY: [True], POST: [False]}[who]
        if who == NO_CASE:
            assert record.credited_year == 2025
            return
        if who == POST:
            with pytest.raises(Refused, match=r"\(573\) 751-3409"):
                assign(by=chief, record=record, year=2025)
        made = assign(by=chief if who == AGENCY else post, record=record, year=2025)
        assert made.credited_year == 2025
        assert list(short.records.live().filter(completed_on=completed).values_list("credited_year")) == [(2025,)]
