"""Mail about seats in classes to come: to whom, what it says, and that a seat given back is not written about."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from clee_portal import clock
from notifications import sending
from notifications.models import Message
from training import class_mail
from training.class_mail import Seat
from training.services import class_messages
from training.tests import factories

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 5, 4)


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 5, day, hour, tzinfo=clock.CHICAGO)


@pytest.fixture
def kept(monkeypatch):
    """The seats that stand."""
    standing: dict[str, Seat] = {}
    monkeypatch.setattr(class_mail, "_found", [])
    class_mail.read_from(lambda occasion, things: {one: standing[one] for one in things if one in standing})
    with time_machine.travel(at(4, 10), tick=True):
        yield standing


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    one = factories.officer(agency, name="Renee O'Dell", license_number="70001")
    factories.officer_account(one, "renee@example.org")
    return one


def seat(officer, **more) -> Seat:
    return Seat(
        **{
            "thing": "R-7",
            "officer": officer.pk,
            "course": "Search and seizure update",
            "begins_at": at(7, 8),
            "ends_at": at(7, 17),
            "place": "Ozark Bluffs, room 2",
            "held_by": "Ozark Bluffs Academy",
            "gives": "8 hours of legal studies",
            "contact": "(555) 0190",
            "path": "/calendar/12/",
        }
        | more
    )


def said(letter) -> str:
    return letter.body.split("\n--\n")[0]


def test_a_reminder_says_when_where_and_how_to_give_the_seat_back(kept, officer):
    kept["R-7"] = seat(officer)
    assert [class_messages.remind(kept.values(), day=DAY) for _ in range(2)] == [1, 0]
    sending.send_waiting(20, ahead=False)
    assert mail.outbox[0].subject == "Your class on Thursday, May 7, 2026: Search and seizure update"
    assert said(mail.outbox[0]) == (
        "Renee O'Dell,\n"
        "\n"
        "You are registered for this class under license 70001:\n"
        "\n"
        "Search and seizure update\n"
        "- When: Thursday, May 7, 2026, 8:00 AM to 5:00 PM\n"
        "- Where: Ozark Bluffs, room 2\n"
        "- Held by: Ozark Bluffs Academy\n"
        "- Gives: 8 hours of legal studies\n"
        "\n"
        "See the class, or give the seat back:\n"
        "http://localhost:8000/calendar/12/\n"
        "\n"
        "If you cannot come, give the seat back: somebody on the wait-list gets it.\n"
        "Questions about the class: (555) 0190.\n"
    )


def test_an_offer_says_until_when_and_lapses_then(kept, officer):
    kept["R-7"] = seat(officer, answer_by=at(5, 12))
    class_messages.offer(kept["R-7"], day=DAY)
    assert list(Message.objects.values_list("lapses_at", flat=True)) == [at(5, 12)]
    with time_machine.travel(at(5, 13)):
        sending.send_waiting(20, ahead=False)
    assert (mail.outbox, Message.objects.get().state) == ([], "lapsed")


def test_an_offer_in_time_is_kept_for_the_reader(kept, officer):
    kept["R-7"] = seat(officer, answer_by=at(5, 12))
    class_messages.offer(kept["R-7"], day=DAY)
    sending.send_waiting(20, ahead=False)
    assert (
        mail.outbox[0].subject == "A seat is kept for you until Tuesday, May 5, 2026, noon: Search and seizure update"
    )
    assert (
        "\nAnswer by Tuesday, May 5, 2026, noon. After that the seat goes to the next person.\n" in mail.outbox[0].body
    )


def test_a_seat_given_back_is_not_written_about(kept, officer):
    class_messages.remind([seat(officer)], day=DAY)
    sending.send_waiting(20, ahead=False)
    assert (mail.outbox, Message.objects.get().state) == ([], "overtaken")


def test_whoever_registered_an_officer_is_told_while_acting_for_the_agency(kept, agency):
    one = factories.officer(agency, name="Quincy Brandt", license_number="70002")
    desk = factories.delegate(agency, "desk@example.org")
    stranger = factories.delegate(factories.agency(), "stranger@example.org")
    kept["R-7"] = seat(one, registered_by=desk.pk)
    kept["R-8"] = seat(one, thing="R-8", registered_by=stranger.pk)
    assert class_messages.remind(kept.values(), day=DAY) == 1
    sending.send_waiting(20, ahead=False)
    assert [letter.to for letter in mail.outbox] == [["desk@example.org"]]
    assert "Quincy Brandt (license 70002) is registered for this class:" in mail.outbox[0].body


@pytest.mark.parametrize("occasion", [class_mail.REMINDER, class_mail.OFFER])
def test_post_reads_each_with_a_real_officers_data(client, kept, agency, officer, occasion):
    factories.record(officer, dt.date(2026, 3, 3), course=factories.course(agency), legal=4)
    client.force_login(factories.post_staff())
    asked = {"occasion": occasion, "about": "70001", "width": "text"}
    text = client.get(reverse("compliance:mail_preview"), asked).content.decode()
    assert "Renee O&#x27;Dell" in text
    assert "Thursday, May 7, 2026, 8:00 AM to 5:00 PM" in text
