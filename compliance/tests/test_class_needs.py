"""What officers in reach lack beside the seats to come: counts for providers, never people."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from compliance import class_needs
from training.models import Agency, CourseReview, ScheduledClass
from training.places import miles_between, place_in, place_of, place_of_city, zip_in
from training.tests import factories as make

pytestmark = pytest.mark.django_db
NOW = clock.now()
COLUMBIA = "65201"


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy", address="1 Main Street\nColumbia, MO 65201-4411")


@pytest.fixture
def towns():
    """Three agencies near Columbia with 4, 4 and 3 officers, and one in Joplin with 9; nobody has an hour."""
    near = [
        make.agency(name="Columbia Police", city="Columbia"),
        make.agency(name="Fulton Police", address="7 Court Street, Fulton, MO 65251"),
        make.agency(name="Ashland Police", city="Ashland"),
    ]
    for at, (agency, size) in enumerate(zip(near, (4, 4, 3), strict=True)):
        make.roster(agency, size, first_number=41000 + 100 * at)
    make.roster(make.agency(name="Joplin Police", city="JOPLIN"), 9, first_number=42000)
    return near


def found(provider, zip_code=COLUMBIA, miles=50):
    near = place_of(zip_code) if zip_code else None
    reach, rows = class_needs.rows(provider, near, miles, NOW)
    return reach, {row.requirement.code: row for row in rows}


def planned(provider, **more):
    """A class that begins tomorrow, or, on the last days of a year, none that this period could hold."""
    hours = more.pop("hours", {"legal": 2, "interpersonal__racial_profiling": 1})
    begins_at = more.pop("begins_at", NOW + dt.timedelta(hours=1))
    return make.scheduled_class(make.provider_course(provider, **hours), begins_at, **more)


@pytest.fixture
def in_the_year():
    """Nothing of this period is to come in its last hours."""
    if clock.day_of(NOW + dt.timedelta(hours=6)).year != clock.day_of(NOW).year:
        pytest.skip("the year ends within the hour")


def test_counts_are_rounded_down_to_fives(academy, towns):
    reach, rows = found(academy)
    assert (reach.agencies, reach.unplaced, reach.tally.officers) == (3, 0, 11)
    assert (rows["total"].short, rows["total"].missing) == (10, 260)  # 11 officers, 264 hours
    assert (rows["racial_profiling"].short, rows["racial_profiling"].missing) == (10, 10)


def test_fewer_than_five_are_not_shown(academy, towns):
    for agency in towns[:2]:
        Agency.objects.filter(pk=agency.pk).update(city="Springfield", address="")
    make.agency(name="Hallsville Police", city="Hallsville")
    _, rows = found(academy, miles=150)
    assert rows["total"].short == 10
    officers = [one.officer for agency in towns for one in agency.commissions.all()]
    course = make.provider_course(academy)
    for one in officers[4:]:
        make.record(one, clock.today(), course=course, interpersonal__racial_profiling=1)
    _, rows = found(academy, miles=150)
    assert (rows["racial_profiling"].short, rows["racial_profiling"].missing) == (None, None)


def test_too_few_agencies_show_nothing(academy, towns):
    make.roster(towns[0], 30, first_number=43000)
    Agency.objects.filter(pk=towns[2].pk).update(city="Joplin")
    reach, rows = found(academy)
    assert (reach.agencies, reach.tally) == (2, None)
    assert {row.short for row in rows.values()} == {None}


def test_whole_state_counts_each_officer_once(academy, towns):
    officer = towns[0].commissions.first().officer
    make.commission(officer, towns[1])
    reach, rows = found(academy, zip_code="")
    assert (reach.agencies, rows["total"].short) == (4, 20)


def test_agency_whose_place_nobody_knows_is_left_out_and_said(academy, towns):
    make.roster(make.agency(name="Park Rangers"), 5, first_number=44000)
    reach, _ = found(academy)
    assert (reach.agencies, reach.unplaced, reach.tally.officers) == (3, 1, 11)


def test_seats_to_come_are_of_all_providers_in_reach(academy, towns, in_the_year):
    one = planned(academy, capacity=10, latitude=38.95, longitude=-92.33)
    make.registration(one, make.officer())
    planned(make.provider(), capacity=5, delivery="online")
    planned(make.provider(), capacity=7, latitude=37.08, longitude=-94.51)  # Joplin
    _, rows = found(academy)
    assert rows["racial_profiling"].offer == (2, 14, Decimal(14))
    assert rows["total"].offer == (2, 14, Decimal(42))
    assert rows["approved_provider"].offer == (2, 14, Decimal(42))
    assert rows["firearms"].offer == (0, 0, Decimal(0))
    _, rows = found(academy, zip_code="")
    assert rows["racial_profiling"].offer.classes == 3


@pytest.mark.parametrize("what", ["draft", "full", "closed", "begun", "unlicensed", "refused", "next year"])
def test_seat_nobody_can_take_is_not_on_offer(academy, what, in_the_year):
    more = {
        "draft": {"state": ScheduledClass.State.DRAFT},
        "full": {"capacity": 1},
        "closed": {"closes_at": NOW - dt.timedelta(minutes=1)},
        "begun": {"begins_at": NOW - dt.timedelta(minutes=1)},
        "next year": {"begins_at": dt.datetime(clock.today().year + 1, 1, 5, 9, tzinfo=clock.CHICAGO)},
    }.get(what, {})
    one = planned(make.provider(valid_from=None) if what == "unlicensed" else academy, **more)
    if what == "full":
        make.registration(one, make.officer())
    if what == "refused":
        day = clock.today()
        CourseReview.objects.create(course=one.course, decision="refused", decided_on=day, reason="No synopsis")
    _, rows = class_needs.rows(academy, None, 50, clock.now())
    assert {row.offer.classes for row in rows} == {0}


def test_shortest_own_course_that_gives_what_is_asked_is_proposed(academy):
    make.provider_course(academy, "Half an hour of it", interpersonal__racial_profiling="0.5")
    make.provider_course(academy, "A week of it", interpersonal__racial_profiling=8, legal=32)
    best = make.provider_course(academy, "Half a day of it", interpersonal__racial_profiling=2, legal=2)
    make.provider_course(make.provider(), "Of somebody else", interpersonal__racial_profiling=8)
    _, rows = found(academy)
    assert rows["racial_profiling"].own == (best.pk, "Half a day of it", Decimal(2), Decimal(4))
    assert rows["firearms"].own is None


def test_page_plans_a_class_of_the_course_and_names_nobody(client, academy, towns):
    course = make.provider_course(academy, "Two hours of it", interpersonal__racial_profiling=2)
    client.force_login(make.provider_staff(academy))
    shown = client.get(reverse("compliance:provider_need", args=[academy.pk]))
    assert "About 10 officers in reach still lack hours" in shown.text
    assert f"{reverse('training:provider_calendar_plan', args=[academy.pk])}?course={course.pk}" in shown.text
    for agency in towns:
        assert agency.name not in shown.text
    for officer in (one.officer for agency in towns for one in agency.commissions.all()):
        assert officer.license_number not in shown.text


def test_page_of_a_provider_without_an_address_is_about_the_state(client, towns):
    academy = make.provider()
    client.force_login(make.provider_staff(academy))
    shown = client.get(reverse("compliance:provider_need", args=[academy.pk]))
    assert shown.context["near"] is None
    assert "About 20 officers of the state still lack hours" in shown.text


def test_zip_code_that_does_not_exist_is_said(client, academy, towns):
    client.force_login(make.provider_staff(academy))
    shown = client.get(reverse("compliance:provider_need", args=[academy.pk]), {"zip": "00000", "miles": "50"})
    assert "There is no such ZIP code." in shown.text
    assert shown.context["near"] is None
    shown = client.get(reverse("compliance:provider_need", args=[academy.pk]), {"zip": COLUMBIA, "miles": "7"})
    assert shown.status_code == 200


def test_file_has_a_row_for_each_requirement(client, academy, towns):
    client.force_login(make.provider_staff(academy))
    answer = client.get(reverse("compliance:provider_need_csv", args=[academy.pk]))
    told = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert (told[0]["Officers short, rounded down to fives"], len(told)) == ("10", len(found(academy)[1]))


def test_as_many_statements_with_three_agencies_as_with_thirty(client, academy, towns):
    client.force_login(make.provider_staff(academy))
    url = reverse("compliance:provider_need", args=[academy.pk])

    def count() -> int:
        client.get(url)  # counts the state anew where something has changed
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    before = count()
    for at in range(27):
        make.roster(make.agency(city="Columbia"), 1, first_number=45000 + at)
        planned(academy)
    assert count() == before


def test_places_of_addresses_and_cities():
    assert zip_in("12345 Oak Street, Columbia MO 65201-4411") == "65201"
    assert place_in("Box 7, Columbia, MO 65201").city == place_of("65201").city
    assert (zip_in("Nowhere 12"), place_in("")) == ("", None)
    assert place_of_city("St. Louis") == place_of_city("SAINT LOUIS")
    assert place_of_city("Atlantis") is None
    assert 50 < miles_between(place_of_city("Columbia"), place_of_city("Sedalia")) < 55
