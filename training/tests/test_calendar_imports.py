"""A provider's calendar brought in: looked at, mended, taken over, and followed when it is sent again."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from training import bringing_in
from training.models import CalendarImport, ScheduledClass
from training.services import calendar_imports, scheduling
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.provider("Academy of the Ozarks")


@pytest.fixture
def staff(school):
    return factories.provider_staff(school)


@pytest.fixture
def course(school):
    return factories.provider_course(school, "Traffic stops", more={"administrator": "Dana Whitlock"})


def day(days: int) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def calendar(*events: tuple) -> bytes:
    """Events of (uid, days ahead, title, more lines), from 8 to noon in Missouri."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:made up"]
    for uid, days, title, *more in events:
        lines += [
            "BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART:{day(days):%Y%m%d}T080000",
            f"DTEND:{day(days):%Y%m%d}T120000", *more, "END:VEVENT",
        ]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def sent(by, school, data: bytes, *, seats: int | None = 20, zip_code: str = "65201") -> CalendarImport:
    made = calendar_imports.read(by=by, provider=school, name="our.ics", data=data)
    return calendar_imports.settle(
        by=by, calendar=made, courses={}, capacity=seats, place="Main hall", zip_code=zip_code
    )


def fates(calendar: CalendarImport) -> dict[str, str]:
    return {one.uid: str(one.fate) for one in bringing_in.holdings(calendar, clock.now())}


def test_new_events_become_drafts_and_the_same_file_changes_nothing(school, staff, course):
    data = calendar(("a", 30, "traffic  STOPS"), ("b", 31, "Traffic stops", "LOCATION:Annex\\, Saint Louis 63101"))
    first = sent(staff, school, data)
    assert fates(first) == {"a": "new", "b": "new"}
    taken = calendar_imports.take(by=staff, calendar=first)
    assert (taken.planned, taken.changed, taken.refused) == (2, 0, [])
    made = list(ScheduledClass.objects.order_by("begins_at"))
    assert [(one.outside_uid, one.state, one.capacity, one.place, one.city, one.course) for one in made] == [
        ("a", "draft", 20, "Main hall", "Columbia", course),
        ("b", "draft", 20, "Annex", "Saint Louis", course),
    ]
    assert made[0].administrator == "Dana Whitlock"
    assert fates(first) == {"a": "same", "b": "same"}
    assert calendar_imports.take(by=staff, calendar=first).planned == 0
    again = sent(staff, school, data)
    assert fates(again) == {"a": "same", "b": "same"}
    calendar_imports.take(by=staff, calendar=again)
    assert ScheduledClass.objects.count() == 2


def test_a_changed_event_moves_its_class_and_what_was_changed_here_stays(school, staff, course):
    calendar_imports.take(
        by=staff, calendar=sent(staff, school, calendar(("a", 30, "Traffic stops"), ("b", 31, "Traffic stops")))
    )
    a, b = ScheduledClass.objects.order_by("begins_at")
    for one in (a, b):
        scheduling.publish(by=staff, held=one)
    factories.registration(a, factories.officer(factories.agency()))
    scheduling.change_capacity(by=staff, held=b, capacity=9)
    again = sent(staff, school, calendar(("a", 33, "Traffic stops"), ("b", 31, "Traffic stops")))
    assert fates(again) == {"a": "changed", "b": "same"}
    taken = calendar_imports.take(by=staff, calendar=again)
    a.refresh_from_db(), b.refresh_from_db()
    assert (taken.changed, clock.day_of(a.begins_at), a.sequence, a.capacity) == (1, day(33), 1, 20)
    assert (b.sequence, b.capacity) == (0, 9)


def test_an_event_cancelled_there_calls_its_class_off(school, staff, course):
    calendar_imports.take(by=staff, calendar=sent(staff, school, calendar(("a", 30, "Traffic stops"))))
    held = scheduling.publish(by=staff, held=ScheduledClass.objects.get())
    again = sent(
        staff,
        school,
        calendar(("a", 30, "Traffic stops", "STATUS:CANCELLED"), ("z", 30, "Traffic stops", "STATUS:CANCELLED")),
    )
    assert fates(again) == {"a": "called off", "z": "left out"}
    assert calendar_imports.take(by=staff, calendar=again).called_off == 1
    held.refresh_from_db()
    assert held.called_off_because == "Cancelled in the calendar of Academy of the Ozarks"


def test_titles_are_matched_once_for_all_events_of_them(school, staff, course):
    made = sent(staff, school, calendar(("a", 30, "TS 101"), ("b", 31, "TS 101"), ("c", 32, "Open house")))
    assert fates(made) == {"a": "mend", "b": "mend", "c": "mend"}
    calendar_imports.settle(
        by=staff, calendar=made, courses={"TS 101": course}, capacity=20, place="", zip_code="65201"
    )
    assert fates(made) == {"a": "new", "b": "new", "c": "mend"}
    assert calendar_imports.take(by=staff, calendar=made).planned == 2


def test_seats_are_asked_for_where_neither_event_nor_file_says_them(school, staff, course):
    made = sent(staff, school, calendar(("a", 30, "Traffic stops")), seats=None)
    [one] = bringing_in.holdings(made, clock.now())
    assert one.wrong == "It does not say how many seats there are."


def test_a_class_planned_here_by_hand_is_not_planned_again(school, staff, course):
    begins = dt.datetime.combine(day(30), dt.time(8), clock.CHICAGO)
    held = factories.scheduled_class(course, begins)
    made = sent(staff, school, calendar(("a", 30, "Traffic stops")))
    assert fates(made) == {"a": "same"}
    calendar_imports.take(by=staff, calendar=made)
    held.refresh_from_db()
    assert (held.outside_uid, ScheduledClass.objects.count()) == ("a", 1)


def test_dates_of_a_repeated_event_are_classes_or_the_meetings_of_one(school, staff, course):
    data = calendar(("r", 30, "Traffic stops", "RRULE:FREQ=WEEKLY;COUNT=3"))
    made = sent(staff, school, data)
    assert list(fates(made).values()) == ["new"] * 3
    calendar_imports.settle(
        by=staff, calendar=made, courses={}, capacity=20, place="", zip_code="65201", joined={"r": True}
    )
    assert fates(made) == {"r": "new"}
    calendar_imports.take(by=staff, calendar=made)
    assert [one.meetings.count() for one in ScheduledClass.objects.all()] == [3]


def test_a_whole_day_is_mended_for_all_its_dates(school, staff, course):
    lines = (f"DTSTART;VALUE=DATE:{day(30):%Y%m%d}", f"DTEND;VALUE=DATE:{day(32):%Y%m%d}")
    data = "\r\n".join(
        ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:d", "SUMMARY:Traffic stops", *lines, "END:VEVENT", "END:VCALENDAR"]
    )
    made = sent(staff, school, data.encode())
    assert fates(made) == {"d": "mend"}
    row = made.rows.first()
    more = {
        "course": course, "place": "", "address": "", "city": "", "zip_code": "", "capacity": None, "fee": None,
        "is_left_out": False,
    }  # fmt: skip
    with pytest.raises(Refused, match="is not a time") as refusal:
        calendar_imports.mend(by=staff, row=row, day=day(30), begins="early", ends="noon", **more)
    assert refusal.value.field == "begins"
    calendar_imports.mend(by=staff, row=row, day=day(30), begins="8 am", ends="5 pm", to_all=True, **more)
    assert fates(made) == {"d": "new"}
    calendar_imports.take(by=staff, calendar=made)
    assert [one.meetings.count() for one in ScheduledClass.objects.all()] == [2]


def test_what_cannot_be_taken_over_stays_to_be_mended_and_stops_nothing(school, staff, course):
    made = sent(staff, school, calendar(("a", 30, "Traffic stops"), ("b", 2000, "Traffic stops")))
    taken = calendar_imports.take(by=staff, calendar=made)
    assert (taken.planned, len(taken.refused)) == (1, 1)
    assert "Check the year" in taken.refused[0][1]
    assert fates(made) == {"a": "same", "b": "mend"}


def test_only_staff_and_post_bring_in_a_calendar(school, staff, course):
    data = calendar(("a", 30, "Traffic stops"))
    other = factories.provider_staff(factories.provider())
    made = sent(staff, school, data)
    for act in (
        lambda: calendar_imports.read(by=other, provider=school, name="x", data=data),
        lambda: calendar_imports.settle(by=other, calendar=made, courses={}, capacity=1, place="", zip_code=""),
        lambda: calendar_imports.take(by=other, calendar=made),
    ):
        with pytest.raises(Refused, match="You cannot bring in"):
            act()
    assert calendar_imports.take(by=factories.post_staff(), calendar=made).planned == 1


def test_the_pages_lead_from_the_file_to_drafts(client, school, staff, course):
    client.force_login(staff)
    address = reverse("training:provider_calendar_imports", args=[school.pk])
    assert (
        "holds no event"
        in client.post(address, {"file": SimpleUploadedFile("x.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR")}).text
    )
    file = SimpleUploadedFile("our.ics", calendar(("a", 30, "TS 101"), ("b", 31, "Traffic stops", "DURATION:P9W")))
    page = client.post(address, {"file": file}, follow=True)
    assert "has to be mended" in page.text or "have to be mended" in page.text
    made = CalendarImport.objects.get()
    here = reverse("training:brought_calendar", args=[made.reference])
    titles = [row.label for row in page.context["form"].title_rows]
    data = {"capacity": "20", "place": "Hall", "zip_code": "65999"}
    data |= {f"title-{at}": course.pk for at in range(len(titles))}
    page = client.post(here, data | {"step": "settle"})
    assert (page.status_code, "knows no ZIP code 65999" in page.text) == (200, True)
    assert page.context["form"]["place"].value() == "Hall"
    client.post(here, data | {"zip_code": "65201", "step": "take"})
    row = made.rows.filter(wrong__gt="").first()
    if row is not None:
        mend = reverse("training:brought_event", args=[row.pk])
        given = {"course": course.pk, "day": day(31).isoformat(), "begins": "08:00", "ends": "noon", "step": "next"}
        given["seen"] = client.get(mend).context["seen"]
        assert "is not a time" in client.post(mend, given | {"begins": "x"}).text
        client.post(mend, given)
        client.post(here, data | {"zip_code": "65201", "step": "take"})
    assert ScheduledClass.objects.filter(state="draft").count() == 2


def test_the_page_asks_as_many_statements_for_one_event_as_for_forty(client, school, staff, course):
    client.force_login(staff)
    counts = []
    for size in (1, 40):
        made = sent(staff, school, calendar(*((f"{size}-{at}", 30 + at, "Traffic stops") for at in range(size))))
        address = reverse("training:brought_calendar", args=[made.reference])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
