"""The pages of the door: by plain forms, by what the script sends, and what is kept for when the connection is gone."""

import datetime as dt
import json
import re
import uuid
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from clee_portal import clock
from training import door
from training.models import AttendanceMark, Registration
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)


def at(hour: int, minute: int = 0) -> dt.datetime:
    """A time of that day in Missouri."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), clock.CHICAGO)


@pytest.fixture(autouse=True)
def _half_past_eight():
    with time_machine.travel(at(8, 30), tick=False):
        yield


@pytest.fixture
def academy():
    return make.provider("Boone Academy")


@pytest.fixture
def held(academy):
    """A class from 8 to noon, of two seats."""
    return make.scheduled_class(make.provider_course(academy, "Winter driving", skill=4), at(8), capacity=2)


@pytest.fixture
def staff(client, academy):
    user = make.provider_staff(academy)
    client.force_login(user)
    return user


def url(held, name="door", *more) -> str:
    return reverse(f"training:{name}", args=[held.reference, *more])


def send(client, held, *marks, **headers):
    body = json.dumps({"marks": list(marks)})
    return client.post(url(held, "door_send"), body, content_type="application/json", headers=headers)


def a_mark(**more) -> dict:
    """A mark as the page sends it."""
    return {"key": str(uuid.uuid4()), "kind": "in", "at": at(8, 2).isoformat(), "ahead": 0, "meeting": "", **more}


def test_the_list_is_shown_with_times_and_without_codes(client, held, staff):
    seat = make.registration(held, make.officer(name="Dana Whitlock"))
    AttendanceMark.objects.create(registration=seat, meeting=held.meetings.get(), kind="in", at=at(8, 2))
    response = client.get(url(held))
    page = response.content.decode()
    assert "Whitlock, Dana" in page
    assert "in 8:02 AM" in page
    assert seat.code not in page
    assert "camera=(self)" in response["Permissions-Policy"]
    assert "worker-src 'self'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_a_button_marks_and_says_so_and_pressed_again_nothing_new(client, held, staff):
    seat = make.registration(held, make.officer())
    for words in ("in at 8:30 AM", "already in since 8:30 AM"):
        page = client.post(url(held), {"in": seat.pk, "key": str(uuid.uuid4())}, follow=True).content.decode()
        assert words in page
    client.post(url(held), {"out": seat.pk, "time": "08:29", "key": str(uuid.uuid4())})
    assert AttendanceMark.objects.filter(kind="out").count() == 1


def test_a_time_to_come_is_refused_at_its_field(client, held, staff):
    seat = make.registration(held, make.officer())
    page = client.post(url(held), {"in": seat.pk, "time": "09:00"}).content.decode()
    assert "9:00 AM is in the future" in page
    assert not AttendanceMark.objects.exists()


def test_a_code_a_license_number_and_a_walk_in_are_typed_into_one_field(client, held, staff):
    seat, walks = make.registration(held, make.officer()), make.officer()
    client.post(url(held), {"found": f"{seat.code[:6]} {seat.code[6:]}".lower(), "step": "in"})
    assert AttendanceMark.objects.get().by_code
    page = client.post(url(held), {"found": walks.license_number, "step": "in"}, follow=True).content.decode()
    assert "Walk-in: registered now." in page
    page = client.post(url(held), {"found": "2222", "step": "in"}).content.decode()
    assert "No officer has the license number 2222." in page


def test_a_full_class_offers_a_chair_in_the_same_step(client, held, staff):
    for _ in range(2):
        make.registration(held, make.officer())
    number = make.officer().license_number
    page = client.post(url(held), {"found": number, "step": "in"}).content.decode()
    assert "Add a chair and let them in" in page
    fields = dict(re.findall(r'<input type="hidden" name="(found|step|add_chair)" value="([^"]*)">', page))
    assert fields == {"found": number, "step": "in", "add_chair": "on"}
    client.post(url(held), fields)
    held.refresh_from_db()
    assert (held.capacity, held.seats_taken) == (3, 3)


def test_marks_sent_twice_are_taken_once(client, held, staff):
    seat = make.registration(held, make.officer())
    mark = a_mark(registration=str(seat.pk))
    first, again = send(client, held, mark).json(), send(client, held, mark).json()
    assert [one["results"][0]["became"] for one in (first, again)] == ["taken", "taken"]
    assert AttendanceMark.objects.get().at == at(8, 2)
    assert first["state"]["people"][0]["marks"][0]["at"] == at(8, 2).astimezone(dt.UTC).isoformat()


def test_marks_are_taken_each_for_itself_and_answered_in_words(client, held, staff):
    seat, no_license = make.registration(held, make.officer()), make.officer(issued_on=None)
    answer = send(
        client,
        held,
        a_mark(registration=str(seat.pk)),
        a_mark(registration=str(seat.pk), at=at(8, 3).isoformat()),
        a_mark(number=no_license.license_number),
        a_mark(code="ABCDEFGHJKMN"),
        a_mark(registration="999999999999"),
    ).json()
    assert [one["became"] for one in answer["results"]] == ["taken", "already", "refused", "refused", "refused"]
    assert answer["results"][1]["words"].endswith("already in since 8:02 AM.")


def test_a_mark_of_a_device_whose_clock_is_wrong_is_set_right(client, held, staff):
    seat = make.registration(held, make.officer())
    send(client, held, a_mark(registration=str(seat.pk), at=at(9, 2).isoformat(), ahead=3600))
    mark = AttendanceMark.objects.get()
    assert (mark.at, mark.ahead) == (at(8, 2), 3600)


def test_a_mark_with_a_typed_time_is_of_the_meeting(client, held, staff):
    seat = make.registration(held, make.officer())
    send(client, held, a_mark(registration=str(seat.pk), time="08:10", meeting=str(held.meetings.get().pk)))
    assert AttendanceMark.objects.get().at == at(8, 10)


def test_whoever_waits_is_answered_full_until_a_chair_is_added(client, held, staff):
    for _ in range(2):
        make.registration(held, make.officer())
    waits = make.registration(held, make.officer(), state="waiting")
    mark = a_mark(registration=str(waits.pk))
    assert send(client, held, mark).json()["results"][0]["became"] == "full"
    assert send(client, held, mark | {"chair": True}).json()["results"][0]["became"] == "taken"
    waits.refresh_from_db()
    assert waits.state == Registration.State.REGISTERED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"marks": 1}',
        b'{"marks": [1]}',
        b'{"marks": [{"key": "x", "kind": "in", "at": "2026-11-18T08:00:00Z"}]}',
        b"\xff",
        b'{"marks": [' + b" " * 300_000 + b"]}",
        json.dumps({"marks": [a_mark(kind="up")]}).encode(),
        json.dumps({"marks": [a_mark(at="2026-11-18T08:00:00")]}).encode(),
        json.dumps({"marks": [a_mark(ahead=1e300)]}).encode(),
        json.dumps({"marks": [a_mark(ahead="nan")]}).encode(),
        json.dumps({"marks": [a_mark(time="25:00")]}).encode(),
        json.dumps({"marks": [a_mark()] * 301}).encode(),
        b'{"marks": ' + b"[" * 100_000,
    ],
)
def test_what_is_not_sent_by_the_page_is_refused_whole(client, held, staff, body):
    response = client.post(url(held, "door_send"), body, content_type="application/json")
    assert response.status_code == 400


def test_a_null_byte_names_nobody(client, held, staff):
    answer = send(client, held, a_mark(number="\x001\x00"), a_mark(registration="²"), a_mark(code="\x00"))
    assert [one["became"] for one in answer.json()["results"]] == ["refused"] * 3


def test_half_a_letter_names_nobody(client, held, staff):
    half = "\ud83d"
    answer = send(client, held, a_mark(number=half), a_mark(code=half * 9), a_mark(registration=half, meeting=half))
    assert [one["became"] for one in answer.json()["results"]] == ["refused"] * 3


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("ahead", [0, 3e8, -3e8])
def test_mark_at_the_end_of_the_calendar_is_no_mark(client, held, staff, when, ahead):
    seat = make.registration(held, make.officer())
    answer = send(client, held, a_mark(registration=str(seat.pk), at=when, ahead=ahead))
    refused = answer.status_code == 400 or [one["became"] for one in answer.json()["results"]] == ["refused"]
    assert (refused, AttendanceMark.objects.exists()) == (True, False)


def test_after_the_session_has_ended_the_door_is_told_and_keeps_its_marks(client, held):
    response = send(client, held, a_mark(), **{"HX-Request": "true"})
    assert response.status_code == 401


def test_the_worker_is_of_this_door_alone(client, held, staff):
    response = client.get(url(held, "door_worker"))
    assert response["Content-Type"].startswith("text/javascript")
    code = response.content.decode()
    assert f'const PAGE = "{url(held)}"'.replace("-", "\\u002D") in code or f'const PAGE = "{url(held)}"' in code
    assert "vendor/qr/index.js" in code
    assert "Service-Worker-Allowed" not in response


def test_another_providers_door_does_not_exist(client, held):
    client.force_login(make.provider_staff(make.provider()))
    seat = make.registration(held, make.officer())
    for name in ("door", "door_state", "door_worker", "sign_in_sheet", "class_confirm"):
        assert client.get(url(held, name)).status_code == 404
    assert send(client, held, a_mark(registration=str(seat.pk))).status_code == 404


def test_the_registration_of_another_class_is_not_in_this_one(client, academy, held, staff):
    other = make.registration(make.scheduled_class(make.provider_course(academy), at(8)), make.officer())
    assert client.post(url(held), {"in": other.pk}).status_code == 404
    assert send(client, held, a_mark(registration=str(other.pk))).json()["results"][0]["became"] == "refused"


def test_a_time_is_corrected_with_the_reason(client, held, staff):
    seat = make.registration(held, make.officer())
    send(client, held, a_mark(registration=str(seat.pk)))
    mark = AttendanceMark.objects.get()
    page = reverse("training:door_mark", args=[mark.pk])
    assert 'value="08:02"' in client.get(page).content.decode()
    sent = {"time": "08:20", "reason": "", "key": str(uuid.uuid4())}
    assert "Say why the mark is wrong" in client.post(page, sent).content.decode()
    for _ in range(2):
        client.post(page, sent | {"reason": "Pressed too early"})
    assert [(one.at, one.voided_at is None) for one in AttendanceMark.objects.order_by("pk")] == [
        (at(8, 2), False),
        (at(8, 20), True),
    ]
    assert "Pressed too early" in client.get(page).content.decode()


def test_the_list_takes_as_many_statements_for_a_hundred(client, held, staff):
    counts = []
    for size in (1, 99):
        held.capacity += size
        held.save(update_fields=["capacity"])
        for one in make.roster(make.agency(), size, first_number=60000 + size * 1000):
            make.registration(held, one)
        with CaptureQueriesContext(connection) as captured:
            client.get(url(held))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_sign_in_sheet_names_everybody_with_a_line(client, held, staff):
    seat = make.registration(held, make.officer(name="Dana Whitlock"))
    make.registration(held, make.officer(name="Marcus Waiting"), state="waiting")
    response = client.get(url(held, "sign_in_sheet"))
    assert response["Content-Type"] == "application/pdf"
    read = PdfReader(BytesIO(response.content))
    text = " ".join(page.extract_text() for page in read.pages)
    assert "Whitlock, Dana" in text
    assert seat.officer.license_number in text
    assert "Waiting" not in text
    assert "Wednesday, November 18, 2026, 8:00 AM to 12:00 PM" in text
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own boolean


def test_a_confirmed_class_says_so_at_the_door(client, academy, held, staff):
    make.registration(held, make.officer())
    meeting = held.meetings.get()
    assert door.state(held, meeting, staff, at(8))["capacity"] == 2
    assert "Confirm who completed it" in client.get(url(held)).content.decode()


def test_a_name_that_is_closed_is_shown_to_nobody_at_the_door(client, held, staff):
    secret = make.officer(make.agency(), name="Sylvia Shade", is_name_closed=True)
    seat, number = make.registration(held, secret), secret.license_number
    pages = [client.get(url(held)).content.decode(), str(client.get(url(held, "door_state")).json())]
    pages.append(client.post(url(held), {"in": seat.pk}, follow=True).content.decode())
    pages.append(str(send(client, held, a_mark(number=number)).json()))
    mark = AttendanceMark.objects.first()
    pages.append(client.get(reverse("training:door_mark", args=[mark.pk])).content.decode())
    pages.append(client.get(url(held, "class_confirm")).content.decode())
    for page in pages:
        assert "Shade" not in page
        assert number not in page
        assert "Name closed" in page
    sheet = PdfReader(BytesIO(client.get(url(held, "sign_in_sheet")).content)).pages[0].extract_text()
    assert "Shade" not in sheet
