"""Calendar feeds, read by another library than the writer, and held against the rules of RFC 5545."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from ical.calendar_stream import IcsCalendarStream
from ical.timezone import IcsTimezoneInfo

from clee_portal import clock
from training import feeds, ical
from training.models import CalendarFeed, ProviderLicense, ScheduledClass
from training.services import feeds as services
from training.tests import factories

pytestmark = pytest.mark.django_db

LINE = re.compile(r"[A-Z-]+(;[A-Z-]+=(\"[^\"]*\"|[^\";:,]+))*:[^\x00-\x08\x0a-\x1f\x7f]*")
NOW = dt.datetime(2026, 10, 1, 15, tzinfo=dt.UTC)
ZONE = clock.CHICAGO
# Statements of a feed: the filters (areas, topics, providers), what changed last (classes, licenses), the classes with
# their meetings and hours. Of a private one: whose it is, the seats, and five for whether hours are missing.
PUBLIC = 8
PRIVATE = 13


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def read(response_or_bytes):
    """The events of a calendar, by another library, which refuses what the standard does not know."""
    body = getattr(response_or_bytes, "content", response_or_bytes)
    valid(body)
    return IcsCalendarStream.calendar_from_ics(body.decode()).events


def valid(body: bytes) -> None:
    """RFC 5545: lines end with CRLF and hold 75 octets at most (3.1), an event has each of its properties once (3.6.1),
    a published calendar one METHOD and nobody invited (RFC 5546, 3.2.1)."""
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")[:-1]
    assert not [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line]
    [line.decode() for line in lines]  # no character is split
    unfolded = body.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert [one for one in unfolded if not LINE.fullmatch(one)] == []
    assert [unfolded.count(one) for one in ("METHOD:PUBLISH", "VERSION:2.0", "BEGIN:VTIMEZONE")] == [1, 1, 1]
    events = "\n".join(unfolded).split("BEGIN:VEVENT\n")[1:]
    uids = []
    for event in events:
        names = [re.split("[;:]", line)[0] for line in event.split("\n")]
        for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "TRANSP"):
            assert (name, names.count(name)) == (name, 1)
        assert "ATTENDEE" not in names
        uids.append(re.search(r"^UID:(.*)$", event, re.M)[1])
    assert len(set(uids)) == len(uids)


def test_feed_says_of_a_class_what_it_is(today, client):
    school = factories.provider("Academy of the North", email="office@north.example")
    course = factories.provider_course(
        school, "Search; seizure, and \\ more", legal=2, skill__firearms="1.5", more={"synopsis": "Two\nlines"}
    )
    held = factories.scheduled_class(
        course, at(3, 8), address="12 Oak Street", latitude=38.95, longitude=-92.33, fee=Decimal("45.00")
    )
    (event,) = read(client.get(reverse("training:calendar_ics")))
    assert (event.uid, event.sequence, event.status.value) == (f"{held.uid}@dps.mo.gov", 0, "CONFIRMED")
    assert event.summary == "Search; seizure, and \\ more"
    assert (event.dtstart, event.dtend) == (at(3, 8), at(3, 12))
    assert event.location == "Main hall, 12 Oak Street, Columbia, MO 65201"
    assert (event.geo.lat, event.geo.lng) == (38.95, -92.33)
    assert event.description.split("\n") == [
        "3.5 hours: 2 Legal Studies, 1.5 Skill Development (Firearms)",
        "Academy of the North. Fee: $45.",
        "Two",
        "lines",
        f"http://localhost:8000/calendar/{held.reference}/",
    ]
    assert str(event.url) == f"http://localhost:8000/calendar/{held.reference}/"
    assert (event.organizer.uri, event.organizer.common_name) == ("mailto:office@north.example", "Academy of the North")


def test_each_meeting_is_an_event_that_keeps_its_name_when_it_moves(today, client):
    held = factories.scheduled_class(
        factories.provider_course(factories.provider(), "Evenings"), at(26, 18, month=10), meetings=3
    )
    url = reverse("training:calendar_class_ics", args=[held.reference])
    before = read(client.get(url))
    assert [event.summary for event in before] == [f"Evenings ({n} of 3)" for n in (1, 2, 3)]
    assert [event.uid for event in before] == [f"{held.uid}{tail}@dps.mo.gov" for tail in ("", "-2", "-3")]
    # Summer time ends between the first and the second: six in the evening is six in the evening.
    assert [event.dtstart.utcoffset() for event in before] == [dt.timedelta(hours=h) for h in (-5, -6, -6)]
    last = held.meetings.last()
    last.begins_at += dt.timedelta(days=1)
    last.ends_at += dt.timedelta(days=1)
    last.save()
    ScheduledClass.objects.filter(pk=held.pk).update(sequence=1, ends_at=last.ends_at)
    after = read(client.get(url))
    assert [event.uid for event in after] == [event.uid for event in before]
    assert {event.sequence for event in after} == {1}
    assert after[2].dtstart == before[2].dtstart + dt.timedelta(days=1)


def test_class_over_midnight_and_in_the_hour_that_comes_twice(today, client):
    course = factories.provider_course(factories.provider())
    factories.scheduled_class(course, at(30, 22, month=10))
    twice = dt.datetime(2026, 11, 1, 7, 30, tzinfo=dt.UTC)  # 1:30 for the second time
    factories.scheduled_class(course, twice)
    night, second = read(client.get(reverse("training:calendar_ics")))
    assert (night.dtstart, night.dtend) == (at(30, 22, month=10), at(31, 2, month=10))
    assert (second.dtstart, second.dtend) == (twice, twice + dt.timedelta(hours=4))


def test_time_zone_is_missouris(today):
    """The rules of the calendar's VTIMEZONE give, in every year to come, the offsets of the tz database."""
    (component,) = IcsCalendarStream.calendar_from_ics(ical.calendar([], name="x").decode()).timezones
    assert component.tz_id == "America/Chicago"
    zone = IcsTimezoneInfo.from_timezone(component)
    for year in range(2025, 2045):
        for month in range(1, 13):
            for day in (1, 8, 9, 14, 15):
                theirs, ours = (dt.datetime(year, month, day, 12, tzinfo=one) for one in (zone, ZONE))
                assert theirs.utcoffset() == ours.utcoffset()


def test_called_off_class_stays_as_cancelled_and_a_draft_is_none(today, client):
    course = factories.provider_course(factories.provider(), "Ethics")
    off = factories.scheduled_class(
        course, at(3, 8), state="called_off", called_off_at=NOW, called_off_because="Snow", sequence=1
    )
    factories.scheduled_class(course, at(4, 8), state="draft")
    (event,) = read(client.get(reverse("training:calendar_ics")))
    assert (event.uid, event.status.value, event.sequence) == (f"{off.uid}@dps.mo.gov", "CANCELLED", 1)
    assert (event.summary, event.description.split("\n")[0]) == ("Called off: Ethics", "Called off: Snow")
    assert event.transparency == "TRANSPARENT"


def test_what_is_over_stays_a_month_and_what_a_provider_without_license_offers_is_left_out(today, client):
    course = factories.provider_course(factories.provider())
    factories.scheduled_class(course, NOW - dt.timedelta(days=25))
    factories.scheduled_class(course, NOW - dt.timedelta(days=40))
    suspended = factories.provider_course(factories.provider())
    factories.scheduled_class(suspended, at(3, 8))
    ProviderLicense.objects.filter(provider=suspended.provider).update(standing="suspended")
    assert [event.dtstart for event in read(client.get(reverse("training:calendar_ics")))] == [
        NOW - dt.timedelta(days=25)
    ]


def test_feed_of_a_search_has_its_name_and_its_classes(today, client):
    school = factories.provider()
    factories.scheduled_class(factories.provider_course(school, "Law", legal=2), at(3, 8))
    factories.scheduled_class(factories.provider_course(school, "Range", skill__firearms=4), at(3, 8), fee=20)
    response = client.get(reverse("training:calendar_ics"), {"gives": "firearms", "least": "4", "view": "month"})
    assert [event.summary for event in read(response)] == ["Range"]
    assert b"X-WR-CALNAME:Missouri CLEE classes\\, with at least 4 hours of Firearms\r\n" in response.content
    assert [event.summary for event in read(client.get(reverse("training:calendar_ics"), {"fee": "free"}))] == ["Law"]


def test_program_that_has_it_already_is_told_nothing_is_new(today, client):
    held = factories.scheduled_class(factories.provider_course(factories.provider()), at(3, 8))
    url = reverse("training:calendar_ics")
    first = client.get(url)
    assert (first["Content-Type"], first["Cache-Control"]) == ("text/calendar; charset=utf-8", "public, max-age=900")
    for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        again = client.get(url, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
    with time_machine.travel(NOW + dt.timedelta(minutes=5), tick=False):
        ScheduledClass.objects.filter(pk=held.pk).update(place="Gymnasium", sequence=1, changed_at=clock.now())
        for headers in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
            assert client.get(url, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "title", ["é" * 90, "a" * 73 + "é", "\\" * 200, ";" * 150, "x" * 60 + "\\;\\,\n" * 40, "漢字" * 80]
)
def test_long_lines_are_folded_so_that_they_read_the_same(title, today):
    event = ical.Event("a@b", 0, NOW, [(NOW, NOW + dt.timedelta(hours=1))], title)
    (found,) = read(ical.calendar([event], name=title))
    assert found.summary == title


def test_signs_that_no_calendar_may_hold_are_left_out(today):
    event = ical.Event(
        "a@b",
        0,
        NOW,
        [(NOW, NOW + dt.timedelta(hours=1))],
        "One\r\ntwo\x00\x0b",
        organizer='The "Best"\n',
        organizer_email="a@b.example",
    )
    (found,) = read(ical.calendar([event], name="Feed"))
    assert (found.summary, found.organizer.common_name) == ("One\ntwo", "The 'Best' ")


def test_feed_takes_as_many_statements_for_one_class_as_for_many(today, client, django_assert_num_queries):
    course = factories.provider_course(factories.provider(), legal=2, skill=2)
    factories.scheduled_class(course, at(3, 8))
    url = reverse("training:calendar_ics")
    with django_assert_num_queries(PUBLIC):
        client.get(url)
    for day in range(4, 20):
        factories.scheduled_class(course, at(day, 8), meetings=2)
    with django_assert_num_queries(PUBLIC):
        client.get(url)


# The private feed ----------------------------------------------------------------------------------------------------


@pytest.fixture
def seat(today):
    """An officer with an account and a seat in a class."""
    officer = factories.officer(factories.agency())
    held = factories.scheduled_class(
        factories.provider_course(factories.provider(), "Law"), at(3, 8), directions="Door 4"
    )
    return factories.officer_account(officer), factories.registration(held, officer), held


def classes(response) -> list:
    return [event for event in read(response) if not event.uid.startswith("deadline-")]


def test_private_feed_needs_its_address_alone_and_ends_when_it_is_revoked(seat, client):
    account, _, held = seat
    client.force_login(account)
    page = reverse("training:calendar_feed")
    assert client.get(page).context["feed"] is None
    client.post(page, {"act": "make"})
    address = client.get(page).context["address"]
    client.logout()
    path = address.removeprefix("http://localhost:8000")
    response = client.get(path)
    (event,) = classes(response)
    assert (event.uid, event.summary, event.status.value) == (f"seat-{held.uid}@dps.mo.gov", "Law", "CONFIRMED")
    assert event.description.endswith("Door 4")
    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    assert client.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert CalendarFeed.objects.get().last_read_at is not None
    services.revoke(by=account)
    gone, never = client.get(path), client.get(reverse("training:calendar_private", args=["x" * 43]))
    assert (gone.status_code, gone.content) == (never.status_code, never.content)
    assert (gone.status_code, gone.content) == (404, b"There is no calendar at this address.\n")


def test_another_address_takes_the_first_one_away(seat, client):
    account, _, _ = seat
    first = services.make(by=account)
    second = services.make(by=account)
    assert client.get(reverse("training:calendar_private", args=[first.key])).status_code == 404
    assert client.get(reverse("training:calendar_private", args=[second.key])).status_code == 200


def test_feed_of_an_account_that_is_closed_is_gone(seat, client):
    account, _, _ = seat
    path = reverse("training:calendar_private", args=[services.make(by=account).key])
    type(account).objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(path).status_code == 404


def test_states_of_a_registration_follow_each_other(seat, client):
    account, one, held = seat
    path = reverse("training:calendar_private", args=[services.make(by=account).key])
    type(one).objects.filter(pk=one.pk).update(state="waiting", seated_at=None)
    said = []
    for change in (
        {},
        {"state": "offered", "offered_at": NOW, "offered_until": NOW},
        {"state": "registered", "seated_at": NOW},
        {"state": "cancelled", "ended_at": NOW},
    ):
        type(one).objects.filter(pk=one.pk).update(**change)
        (event,) = classes(client.get(path))
        said.append((event.status.value, event.summary, event.sequence))
    factories.registration(held, one.officer)
    (event,) = classes(client.get(path))
    said.append((event.status.value, event.summary, event.sequence))
    ScheduledClass.objects.filter(pk=held.pk).update(
        state="called_off", called_off_at=NOW, called_off_because="Snow", sequence=1
    )
    (event,) = classes(client.get(path))
    said.append((event.status.value, event.summary, event.sequence))
    assert said == [
        ("TENTATIVE", "Wait-list: Law", 0),
        ("TENTATIVE", "A seat is offered to you: Law", 1),
        ("CONFIRMED", "Law", 2),
        ("CANCELLED", "Not registered any more: Law", 3),
        ("CONFIRMED", "Law", 6),
        ("CANCELLED", "Called off: Law", 107),
    ]


def test_agency_is_told_how_many_and_not_who_and_a_provider_its_own_classes(seat, client):
    _, one, held = seat
    agency = one.officer.commissions.get().agency
    factories.registration(held, factories.officer(agency))
    factories.registration(held, factories.officer(factories.agency()))
    chief = services.make(by=factories.ceo(agency))
    response = client.get(reverse("training:calendar_private", args=[chief.key]))
    assert [event.summary for event in classes(response)] == ["Law: 2 officers"]
    assert one.officer.last_name not in response.content.decode()
    staff = services.make(by=factories.provider_staff(held.provider))
    response = client.get(reverse("training:calendar_private", args=[staff.key]))
    assert [(event.uid, event.summary) for event in classes(response)] == [(f"own-{held.uid}@dps.mo.gov", "Law")]
    assert "Door 4" not in response.content.decode()


def test_role_that_ended_shows_nothing_more(seat, client):
    account, _, _ = seat
    path = reverse("training:calendar_private", args=[services.make(by=account).key])
    account.memberships.update(revoked_at=NOW)
    assert read(client.get(path)) == []


def test_private_feed_takes_as_many_statements_for_one_seat_as_for_many(seat, client, django_assert_num_queries):
    account, one, held = seat
    path = reverse("training:calendar_private", args=[services.make(by=account).key])
    client.get(path)
    with django_assert_num_queries(PRIVATE):
        client.get(path)
    for day in range(10, 25):
        factories.registration(factories.scheduled_class(held.course, at(day, 8)), one.officer)
    with django_assert_num_queries(PRIVATE):
        client.get(path)


def test_deadlines_come_from_whoever_knows_them(seat, client, monkeypatch):
    account, one, _ = seat
    deadline = feeds.Deadline("2026-end", dt.date(2026, 12, 31), "Last day", "Look here:", "/standing/", NOW)
    monkeypatch.setattr(feeds, "_deadlines", [lambda officer, now: [deadline] if officer == one.officer_id else []])
    path = reverse("training:calendar_private", args=[services.make(by=account).key])
    (event,) = [event for event in read(client.get(path)) if event.uid.startswith("deadline-")]
    assert (event.dtstart, event.dtend, event.summary) == (dt.date(2026, 12, 31), dt.date(2027, 1, 1), "Last day")
    assert event.transparency == "TRANSPARENT"
