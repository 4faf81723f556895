"""The public page of one class of the calendar: what it tells, where the class stands, what machines read."""

import datetime as dt
import json
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from training.models import ProviderLicense
from training.tests import factories
from training.tests.test_calendar_page import COLUMBIA, NOW, add, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return factories.provider("Académie of the North")


def page_of(client, held):
    response = client.get(reverse("training:calendar_class", args=[held.reference]))
    assert response.status_code == 200
    return response


def data_of(response) -> dict:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.S)
    return json.loads(found)


def test_class_tells_what_people_want_to_know(client, school):
    more = {"synopsis": "What it is about", "objectives": "Find things", "prerequisites": "A badge", "audience": "All"}
    held = add(
        school,
        "Law",
        more=more,
        hours={"legal": 2, "skill__firearms": 1},
        fee=Decimal("12.50"),
        address="12 Oak Street",
        contact_phone="(573) 555-0100",
        directions="Code of the door is 4711",
        **{**COLUMBIA, "place": "Main hall"},
    )
    text = re.sub(r"\s+", " ", page_of(client, held).content.decode())
    for words in ("What it is about", "Find things", "A badge", "20 of 20 seats left", "Fee: $12.50", "12 Oak Street",
                  "Columbia, MO 65201", "(573) 555-0100", "Approved provider",
                  "Tuesday, November 3, 2026, 8:00 AM to 12:00 PM",
                  held.reference):  # fmt: skip
        assert (words, words in text) == (words, True)
    assert "4711" not in text  # for those with a seat


@pytest.mark.parametrize(
    ("columns", "stage", "words"),
    [
        ({}, "open", "20 of 20 seats left"),
        ({"capacity": 1}, "full", "Full: all 1 seats are taken"),
        ({"opens_at": at(20, month=10)}, "not_open", "Registration opens on October 20, 2026"),
        ({"opens_at": NOW}, "open", "20 of 20 seats left"),
        ({"closes_at": NOW}, "closed", "Registration is closed"),
        ({"begins_at": NOW - dt.timedelta(hours=1)}, "begun", "The class is under way"),
        ({"begins_at": NOW - dt.timedelta(hours=4)}, "over", "This class is over"),
        (
            {"state": "called_off", "called_off_at": NOW, "called_off_because": "Snow & ice"},
            "called_off",
            "Snow &amp; ice",
        ),
    ],
)
def test_class_says_where_it_stands(client, school, columns, stage, words):
    held = add(school, "Law", columns.pop("begins_at", None), **columns)
    if held.capacity == 1:
        factories.registration(held, factories.officer())
        factories.registration(held, factories.officer(), state="waiting")
    response = page_of(client, held)
    assert (response.context["stage"], words in response.content.decode()) == (stage, True)
    assert response.context["can_be_taken"] is (stage in ("open", "full"))
    assert ("1 person waits for a seat" in response.content.decode()) is (stage == "full")
    assert response.get("X-Robots-Tag") == ("noindex" if stage in ("over", "called_off") else None)


def test_provider_whose_license_is_not_valid_is_no_approved_provider(client, school):
    held = add(school, "Law")
    ProviderLicense.objects.update(standing="suspended")
    response = page_of(client, held)
    assert (response.context["stage"], response.context["can_be_taken"]) == ("suspended", False)
    assert "Approved provider" not in response.content.decode()
    ProviderLicense.objects.update(standing="valid", valid_until=dt.date(2026, 11, 2))
    assert "before this class ends" in page_of(client, held).content.decode()


def test_draft_and_what_does_not_exist_are_404(client, school):
    draft = add(school, "Law", state="draft")
    open_one = add(school, "Law")
    wrong = [
        draft.reference,
        "S-999999",
        "S-0",
        f"s{open_one.reference[1:]}",
        open_one.reference.replace("-0", "-00"),
        "S-٠٠٠٠٠١",
        "x",
    ]
    for reference in wrong:
        for name in ("calendar_class", "calendar_class_ics"):
            assert (reference, client.get(reverse(f"training:{name}", args=[reference])).status_code) == (
                reference,
                404,
            )


def test_event_data_is_read_by_machines_and_cannot_break_out(client, school):
    evil = '</script><script>alert(1)</script><!--&"\u2028'
    held = add(school, evil, meetings=2, fee=Decimal(40), address="12 Oak Street", hours={"legal": "1.5"}, **COLUMBIA)
    response = page_of(client, held)
    assert "<script>alert" not in response.content.decode()
    data = data_of(response)
    assert data["name"] == evil
    assert data["@type"] == ["EducationEvent", "CourseInstance"]
    assert (data["startDate"], data["endDate"]) == ("2026-11-03T08:00-06:00", "2026-11-10T12:00-06:00")
    assert [one["startDate"] for one in data["subEvent"]] == ["2026-11-03T08:00-06:00", "2026-11-10T08:00-06:00"]
    assert (data["eventStatus"], data["courseWorkload"]) == ("https://schema.org/EventScheduled", "PT1.5H")
    assert data["offers"] == {
        "@type": "Offer",
        "price": "40.00",
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
        "url": f"http://localhost:8000/calendar/{held.reference}/",
    }
    assert data["location"]["address"]["postalCode"] == "65201"
    online = add(school, "Online", delivery="online")
    assert data_of(page_of(client, online))["location"]["@type"] == "VirtualLocation"


def test_class_that_is_shared_shows_its_title_and_what_it_gives(client, school):
    held = add(school, 'The "Law"', hours={"legal": 4}, **COLUMBIA)
    text = page_of(client, held).content.decode()
    assert '<meta property="og:title" content="The &quot;Law&quot;, November 3, 2026">' in text
    assert 'og:description" content="4 hours: 4 Legal Studies. Columbia, fee free. Académie of the North.">' in text
    assert f'<link rel="canonical" href="http://localhost:8000/calendar/{held.reference}/">' in text


def test_class_page_takes_as_many_statements_for_one_meeting_as_for_many(client, school, django_assert_num_queries):
    for meetings in (1, 12):
        held = add(school, "Law", meetings=meetings, hours={"legal": 1, "skill": 1} if meetings > 1 else None)
        with django_assert_num_queries(4):
            page_of(client, held)
