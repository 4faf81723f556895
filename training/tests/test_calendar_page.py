"""The statewide calendar: what is found, what the page says of it, and the page of one class, open to everybody."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from clee_portal import clock
from training.models import Provider, ProviderLicense, ScheduledClass
from training.tests import factories

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 10, 1, 15, tzinfo=dt.UTC)
JEFFERSON_CITY = {"city": "Jefferson City", "zip_code": "65101", "latitude": 38.5462, "longitude": -92.1525}
COLUMBIA = {"city": "Columbia", "zip_code": "65201", "latitude": 38.9382, "longitude": -92.3049}
KANSAS_CITY = {"city": "Kansas City", "zip_code": "64106", "latitude": 39.1053, "longitude": -94.5717}


def at(day: int, hour: int = 8, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=clock.CHICAGO)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school() -> Provider:
    return factories.provider("Académie of the North")


def add(
    school, title: str, begins_at=None, *, more: dict | None = None, hours: dict | None = None, **columns
) -> ScheduledClass:
    course = factories.provider_course(school, title, more=more, **(hours or {}))
    return factories.scheduled_class(course, begins_at or at(3), **columns)


def titles(client, **query) -> list[str]:
    response = client.get(reverse("training:calendar"), query)
    assert response.status_code == 200
    return [held.course.title for held in response.context["object_list"]]


def said(client, **query) -> str:
    return client.get(reverse("training:calendar"), query).context["sentence"]


# What is found -------------------------------------------------------------------------------------------------------


def test_classes_to_come_are_found_soonest_first_without_signing_in(client, school):
    add(school, "Later", at(5))
    add(school, "Sooner", at(4))
    add(school, "Over", at(30, month=9))
    assert titles(client) == ["Sooner", "Later"]
    assert said(client) == "2 classes to come"


def test_drafts_called_off_classes_and_providers_without_a_license_are_not_found(client, school):
    add(school, "Draft", state="draft")
    add(school, "Off", state="called_off", called_off_at=NOW, called_off_because="Snow")
    add(factories.provider(valid_from=None), "Never licensed")
    suspended = factories.provider()
    add(suspended, "Suspended")
    ProviderLicense.objects.filter(provider=suspended).update(standing="suspended")
    probation = factories.provider()
    add(probation, "On probation")
    ProviderLicense.objects.filter(provider=probation).update(standing="probation")
    ended = factories.provider()
    add(ended, "Ended")
    ProviderLicense.objects.filter(provider=ended).update(valid_until=dt.date(2026, 9, 30))
    last_day = factories.provider()
    add(last_day, "Last day")
    ProviderLicense.objects.filter(provider=last_day).update(valid_until=dt.date(2026, 10, 1))
    voided = factories.provider()
    add(voided, "Voided")
    ProviderLicense.objects.filter(provider=voided).update(voided_at=NOW, void_reason="Wrong")
    assert sorted(titles(client)) == ["Last day", "On probation"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("warrant", ["Search Warrants"]),
        ("WARRANT search", ["Search Warrants"]),
        ("resumen", ["Search Warrants"]),  # the synopsis says Résumén
        ("academie warrants", ["Search Warrants"]),
        ("académie", ["Search Warrants", "Driving"]),
        ("columbia driving", ["Driving"]),
        ("gymnasium", ["Driving"]),
        ("warrant driving", []),
        ("100%", []),
        ("_", []),
        ("'; DROP", []),
    ],
)
def test_words_are_looked_for_everywhere_without_accents(client, school, words, found):
    add(school, "Search Warrants", at(3), more={"synopsis": "Résumén of the law"}, **JEFFERSON_CITY)
    add(school, "Driving", at(4), place="Gymnasium")
    assert titles(client, words=words) == found


def test_reference_number_is_found(client, school):
    add(school, "One")
    two = add(school, "Two")
    assert titles(client, words=two.reference) == ["Two"]
    assert titles(client, words="S-999999999999999") == []


def test_days_are_missouris_and_inclusive_and_may_be_swapped(client, school):
    add(school, "Eve", at(3, 23))
    add(school, "Morning", at(4, 0))
    assert titles(client, since="2026-11-03", until="2026-11-03") == ["Eve"]
    assert titles(client, since="2026-11-04", until="2026-11-03") == ["Eve", "Morning"]
    assert titles(client, until="2026-11-03") == ["Eve"]
    assert said(client, since="2026-11-03", until="2026-11-03") == "1 class, on Nov 3, 2026"


def test_distance_is_a_straight_line_between_zip_codes(client, school):
    add(school, "Here", at(3), **JEFFERSON_CITY)
    add(school, "Near", at(2), **COLUMBIA)
    add(school, "Far", at(1), **KANSAS_CITY)
    add(school, "Online", at(1), delivery="online")
    assert titles(client, zip="65101", miles="10") == ["Here"]
    assert titles(client, zip="65101", miles="50", sort="nearest") == ["Here", "Near"]
    assert titles(client, zip="65101", miles="150") == ["Far", "Near", "Here"]
    assert said(client, zip="65101-1234", miles="50") == "2 classes to come, within 50 miles of 65101 (Jefferson City)"
    response = client.get(reverse("training:calendar"), {"zip": "65101", "miles": "150", "sort": "nearest"})
    assert [round(held.miles) for held in response.context["object_list"]] == [0, 28, 136]
    # A class online lies nowhere: it is left out, and the page leads to those.
    assert response.context["online_query"] == "sort=nearest&delivery=online"
    assert titles(client, zip="65101", delivery="online") == ["Online"]


def test_class_that_gives_so_many_hours_of_a_topic_or_area_is_found(client, school):
    add(school, "One", hours={"legal__racial_profiling": 1, "legal": 3})
    add(school, "Split", hours={"legal__racial_profiling": "0.5", "interpersonal__racial_profiling": "0.5"})
    add(school, "Half", hours={"legal__racial_profiling": "0.5"})
    assert sorted(titles(client, gives="racial_profiling")) == ["One", "Split"]
    assert sorted(titles(client, gives="racial_profiling", least="0.5")) == ["Half", "One", "Split"]
    assert titles(client, gives="legal", least="4") == ["One"]
    sentence = "1 class to come, with at least 4 hours of Legal Studies"
    assert said(client, gives="legal", least="4") == sentence


def test_hours_fee_delivery_seats_and_provider(client, school):
    add(school, "Short", at(3), hours={"legal": 1}, fee=Decimal("25.00"))
    add(school, "Long", at(4), hours={"legal": 4, "skill": 4}, fee=Decimal("25.01"))
    other = add(factories.provider("Other"), "Full", at(5), hours={"legal": 2}, capacity=1, delivery="online")
    factories.registration(other, factories.officer())
    assert titles(client, hours_from="8") == ["Long"]
    assert titles(client, hours_from="2", hours_to="1") == ["Short", "Full"]
    assert titles(client, fee="25") == ["Short", "Full"]
    assert titles(client, fee="free") == ["Full"]
    assert titles(client, delivery="classroom") == ["Short", "Long"]
    assert titles(client, seats="on") == ["Short", "Long"]
    assert titles(client, provider=str(school.pk)) == ["Short", "Long"]
    assert titles(client, sort="longest") == ["Long", "Full", "Short"]
    assert titles(client, sort="fee") == ["Full", "Short", "Long"]
    assert titles(client, sort="title") == ["Full", "Long", "Short"]
    assert (
        said(client, fee="free", seats="on", hours_from="2", hours_to="4", delivery="online", provider=str(school.pk))
        == "No class to come, of 2 to 4 hours, online, free, with seats left, by Académie of the North"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("zip", "00000"),
        ("zip", "6510"),
        ("miles", "7"),
        ("gives", "nothing"),
        ("least", "many"),
        ("least", "1e99"),
        ("since", "yesterday"),
        ("since", "0001-01-01"),
        ("until", "9999-12-31"),
        ("hours_from", "-1"),
        ("hours_to", "NaN"),
        ("provider", "999999999999999999999"),
        ("fee", "-5"),
        ("sort", "random()"),
    ],
)
def test_what_cannot_be_read_limits_nothing_and_is_said(client, school, name, value):
    add(school, "One")
    response = client.get(reverse("training:calendar"), {name: value})
    assert [held.course.title for held in response.context["object_list"]] == ["One"]
    assert list(response.context["form"].errors) == [name]
    assert "Not everything could be read" in response.content.decode()


@pytest.mark.parametrize(
    "query", ["page=0", "page=99", "page=x", "view=month&month=2026-13", "view=month&month=", "view=x", "words=%00"]
)
def test_addresses_typed_by_hand_show_something(client, school, query):
    add(school, "One")
    response = client.get(f"{reverse('training:calendar')}?{query}")
    assert response.status_code in (200, 400)


def test_empty_search_says_what_to_do_without(client, school):
    add(school, "Law", fee=30, **COLUMBIA)
    response = client.get(reverse("training:calendar"), {"words": "law", "fee": "free", "view": ""})
    assert response.context["loosen"] == [{"words": "free", "count": 1, "query": "words=law"}]
    assert "1 class if you leave out: free" in response.content.decode()
    response = client.get(reverse("training:calendar"), {"words": "zebra", "fee": "free"})
    assert response.context["loosen"] == []
    assert "Not even with any one of the limits taken away" in response.content.decode()


def test_each_limit_can_be_taken_away(client, school):
    response = client.get(reverse("training:calendar"), {"words": "law", "zip": "65101", "miles": "10", "page": "2"})
    assert [(one["words"], one["query"]) for one in response.context["limits"]] == [
        ("about “law”", "zip=65101&miles=10"),
        ("within 10 miles of 65101 (Jefferson City)", "words=law"),
    ]


def test_list_takes_as_many_statements_for_one_class_as_for_a_page(client, school, django_assert_num_queries):
    query = {"gives": "legal", "zip": "65101", "words": "law", "seats": "on"}
    add(school, "Law", **COLUMBIA)
    for classes in (1, 20):
        for number in range(classes):
            add(school, f"Law {number}", at(4, number), meetings=2, **COLUMBIA)
        with django_assert_num_queries(7):
            client.get(reverse("training:calendar"), query)


# The month -----------------------------------------------------------------------------------------------------------


def test_month_shows_a_few_of_each_day_and_how_many_more(client, school, django_assert_num_queries):
    for hour in range(8, 14):
        add(school, f"Class at {hour}", at(3, hour))
    add(school, "Elsewhere", at(30, 23))
    add(school, "December", at(1, 0, month=12))
    with django_assert_num_queries(4):
        response = client.get(reverse("training:calendar"), {"view": "month", "month": "2026-11"})
    cells = {cell["day"].day: cell for week in response.context["weeks"] for cell in week if cell}
    assert [held.course.title for held in cells[3]["classes"]] == [f"Class at {hour}" for hour in (8, 9, 10, 11)]
    assert (cells[3]["more"], cells[3]["count"], cells[4]["count"]) == (2, 6, 0)
    assert [held.course.title for held in cells[30]["classes"]] == ["Elsewhere"]
    assert response.context["sentence"] == "7 classes in November 2026"
    assert cells[3]["query"] == "since=2026-11-03&until=2026-11-03"
    assert (response.context["previous"], response.context["next"]) == (
        "view=month&month=2026-10",
        "view=month&month=2026-12",
    )


def test_month_keeps_what_is_looked_for(client, school):
    add(school, "Law", at(3))
    add(school, "Driving", at(3))
    response = client.get(reverse("training:calendar"), {"view": "month", "month": "2026-11", "words": "law"})
    assert response.context["sentence"] == "1 class in November 2026, about “law”"
    assert response.context["next"] == "words=law&view=month&month=2026-12"


def test_search_engines_are_asked_to_leave_all_but_public_pages_alone(client):
    response = client.get(reverse("robots"))
    assert (response["Content-Type"], response["Cache-Control"]) == (
        "text/plain; charset=utf-8",
        "public, max-age=86400",
    )
    assert response.content.decode().endswith("Disallow: /\n")


def test_search_is_not_for_search_engines_but_the_calendar_is(client, school):
    assert client.get(reverse("training:calendar")).get("X-Robots-Tag") is None
    assert client.get(reverse("training:calendar"), {"words": "law"})["X-Robots-Tag"] == "noindex, follow"


# Pieces that are written once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"begins_at": at(3, 7)},
        {"delivery": "online"},
        {"city": "Columbia"},
        {"place": "The range"},
        {"fee": Decimal("45.50")},
        {"capacity": 12},
        {"seats_taken": 3},
        {"opens_at": at(2)},
        {"closes_at": NOW - dt.timedelta(1)},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_change_of_a_class_shows_at_once(client, school, columns):
    held = add(school, "Radar", place="The hall", city="Rolla", capacity=20)

    def row() -> str:
        return re.search("<tbody>.*</tbody>", client.get(reverse("training:calendar")).content.decode(), re.DOTALL)[0]

    before = row()
    assert row() == before
    ScheduledClass.objects.filter(pk=held.pk).update(**columns)
    assert row() != before


def test_a_change_of_what_can_be_chosen_shows_at_once(client, school):
    add(school, "Radar")
    assert "Borough College" not in client.get(reverse("training:calendar")).content.decode()
    add(factories.provider("Borough College"), "Lidar")
    page = client.get(reverse("training:calendar")).content.decode()
    assert page.count("Borough College") == 2  # the choice, and the row
