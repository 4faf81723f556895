"""An agency with an officer who was left off a class, and what the search finds of it."""

import datetime as dt

import pytest
import time_machine

from clee_portal import clock
from compliance.models import Candidacy, Listing, RecordingGap, ReportingPeriod
from compliance.tasks import find_recording_gaps
from compliance.tests.people import complete
from compliance.tests.test_recording_errors import class_of, short_of
from training.tests import factories

YEAR = 2025
D = dt.date
Kind = RecordingGap.Kind


def night(day: dt.date) -> None:
    """What beat brings about in a night."""
    with time_machine.travel(clock.midday(day), tick=False):
        find_recording_gaps()


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def period():
    return ReportingPeriod.objects.get(year=YEAR)


@pytest.fixture
def chief(agency):
    return factories.ceo(agency, "chief@cedar-hollow.example", "Ann Chief")


@pytest.fixture
def post():
    return factories.post_staff("post@post.example", "Petra Post")


@pytest.fixture
def short(agency, chief):
    """An officer left off a class that everybody else has."""
    others = [factories.officer(agency) for _ in range(6)]
    for one in others:
        complete(one, agency, YEAR)
    one = short_of(agency, name="Renee Dell")
    class_of(agency, others)
    return one


@pytest.fixture
def gap(short) -> RecordingGap:
    night(D(2026, 3, 20))
    return RecordingGap.objects.get(officer=short, kind=Kind.LEFT_OFF)


@pytest.fixture
def listing(gap, short, period):
    return Listing.objects.create(
        candidacy=Candidacy.objects.create(officer=short, period=period),
        number=1,
        last_day=period.show_by,
        listed_on=D(2026, 3, 16),
        listed_at=clock.midday(D(2026, 3, 16)),
    )
