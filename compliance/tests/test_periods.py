"""Periods and their requirement sets: made ahead, published, locked, corrected by a new version."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import ProgrammingError, transaction

from clee_portal import clock
from compliance import periods, seed, standings
from compliance.models import ReportingPeriod, Requirement, RequirementSet
from compliance.tasks import make_periods_ahead
from training.models import Topic

pytestmark = pytest.mark.django_db


def codes(year, moment=None):
    period = periods.by_year(year)
    return [r.code for r in standings.question(period, moment or clock.midday(period.ends_on)).requirements]


LIST_2018 = ["total", "approved_provider", "legal", "technical", "interpersonal", "firearms", "racial_profiling"]


def test_seeded_lists_follow_the_years():
    assert codes(2018) == codes(2020) == LIST_2018
    assert codes(2021) == codes(clock.today().year + 1) == [*LIST_2018, "implicit_bias", "de_escalation"]


def test_periods_reach_from_2018_to_next_year():
    years = list(ReportingPeriod.objects.order_by("year").values_list("year", flat=True))
    assert years == list(range(2018, clock.today().year + 2))


def test_next_year_is_made_ahead_from_the_last_published_set():
    last = periods.by_year(clock.today().year + 1)
    corrected = RequirementSet.objects.create(period=last, version=2)
    Requirement.objects.create(
        requirement_set=corrected, code="total", name="Total", short_name="total", order=1, minimum=Decimal(30),
        wording="At least 30 hours.", citation="test",
    )  # fmt: skip
    corrected.published_at = clock.now()
    corrected.save()
    with time_machine.travel(dt.datetime(last.year, 1, 1, 12, tzinfo=clock.CHICAGO)):
        make_periods_ahead()
        make_periods_ahead()
    made = periods.by_year(last.year + 1)
    assert (made.starts_on, made.ends_on, made.show_by) == (
        dt.date(made.year, 1, 1),
        dt.date(made.year, 12, 31),
        dt.date(made.year + 1, 3, 15),
    )
    assert [(r.code, r.minimum) for r in made.requirement_sets.get().requirements.all()] == [("total", Decimal(30))]


def test_new_version_holds_from_the_moment_it_is_published():
    period = periods.by_year(2025)
    new = RequirementSet.objects.create(period=period, version=2)
    topic = Topic.objects.get(code="implicit_bias")
    Requirement.objects.create(
        requirement_set=new, code="implicit_bias", name="Implicit bias", short_name="implicit bias", order=1,
        minimum=2, topic=topic, wording="Two hours.", citation="test",
    )  # fmt: skip
    new.published_at = clock.midday(dt.date(2025, 6, 1))
    new.save()
    assert len(codes(2025, clock.end_of_day(dt.date(2025, 5, 31)))) == 9
    assert codes(2025, clock.end_of_day(dt.date(2025, 6, 1))) == ["implicit_bias"]
    assert len(codes(2025, clock.end_of_day(dt.date(2024, 1, 1)))) == 9


@pytest.mark.parametrize(
    "change",
    [
        lambda s: RequirementSet.objects.filter(pk=s.pk).update(note="changed"),
        lambda s: s.requirements.update(minimum=1),
        lambda s: s.requirements.all().delete(),
        lambda s: Requirement.objects.create(
            requirement_set=s,
            code="more",
            name="More",
            short_name="more",
            order=99,
            minimum=1,
            wording="x",
            citation="x",
        ),
    ],
)
def test_published_set_is_locked_by_the_database(change):
    published = periods.by_year(2025).requirement_sets.get()
    with pytest.raises(ProgrammingError, match="a published requirement set never changes"), transaction.atomic():
        change(published)


def test_seeding_again_changes_nothing():
    before = (RequirementSet.objects.count(), Requirement.objects.count())
    seed.load()
    assert (RequirementSet.objects.count(), Requirement.objects.count()) == before
