"""Classes of the calendar of which nobody was told who completed them: shown to the provider, later to POST."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training import late_rosters
from training.models import HeldClass, ScheduledClass
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 16)  # a Monday
FRIDAY = dt.date(2026, 3, 6)


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy")


def ended(provider, day: dt.date, **more) -> ScheduledClass:
    """A class of four hours that ended on `day`."""
    begins_at = dt.datetime.combine(day, dt.time(8), clock.CHICAGO)
    return make.scheduled_class(make.provider_course(provider), begins_at, **more)


@pytest.mark.parametrize(
    ("day", "due_on"),
    [
        (FRIDAY, dt.date(2026, 3, 13)),
        (dt.date(2026, 3, 7), dt.date(2026, 3, 13)),  # a Saturday
        (dt.date(2026, 3, 8), dt.date(2026, 3, 13)),
        (dt.date(2026, 3, 9), TODAY),  # a Monday
    ],
)
def test_a_roster_is_due_five_working_days_after_the_class_ended(day, due_on):
    assert late_rosters.due_on(day) == due_on


def test_what_is_late_today_was_due_before_today():
    for today in (TODAY + dt.timedelta(days=ahead) for ahead in range(14)):
        for back in range(25):
            day = today - dt.timedelta(days=back)
            assert (day <= late_rosters.late_since(today)) == (late_rosters.due_on(day) < today)


def test_late_are_those_that_ended_were_held_and_are_not_confirmed(academy):
    late = ended(academy, FRIDAY)
    older = ended(academy, dt.date(2026, 2, 2), meetings=3)
    ended(academy, dt.date(2026, 3, 9))
    ended(academy, dt.date(2026, 2, 2), state="draft")
    called_off = ended(academy, dt.date(2026, 2, 3))
    ScheduledClass.objects.filter(pk=called_off.pk).update(
        state="called_off", called_off_at=clock.now(), called_off_because="Snow"
    )
    confirmed = ended(academy, dt.date(2026, 2, 4))
    record = make.record(make.officer(make.agency()), dt.date(2026, 2, 4), course=confirmed.course)
    ScheduledClass.objects.filter(pk=confirmed.pk).update(training_class=record.training_class)
    held = ended(academy, dt.date(2026, 2, 5))
    day = dt.date(2026, 2, 5)
    HeldClass.objects.create(
        provider=academy, course=held.course, scheduled_class=held, starts_on=day, ends_on=day, because="Suspended"
    )
    assert list(late_rosters.late(TODAY)) == [older, late]


def test_post_is_shown_what_ended_more_than_thirty_days_ago(academy):
    at, over = ended(academy, dt.date(2026, 2, 14)), ended(academy, dt.date(2026, 2, 13))
    assert list(late_rosters.late_for_post(TODAY)) == [over]
    assert list(late_rosters.late_for_post(TODAY + dt.timedelta(days=1))) == [over, at]


def test_how_many_had_a_seat(academy):
    held, officers = ended(academy, FRIDAY), make.roster(make.agency(), 3)
    make.registration(held, officers[0])
    make.registration(held, officers[1])
    make.registration(held, officers[2], state="waiting")
    assert [one.registered for one in late_rosters.late(TODAY)] == [2]


def days_ago(number: int) -> dt.date:
    return clock.today() - dt.timedelta(days=number)


def test_the_provider_sees_its_own_oldest_first(client, academy):
    first, second = ended(academy, days_ago(40)), ended(academy, days_ago(20))
    ended(make.provider(), days_ago(30))
    client.force_login(make.provider_staff(academy))
    shown = client.get(reverse("training:provider_late_list", args=[academy.pk]))
    assert [one["held"] for one in shown.context["late"]] == [first, second]
    csv = client.get(reverse("training:provider_late_list_csv", args=[academy.pk]))
    lines = b"".join(csv).decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [first.reference, second.reference]


def test_post_sees_the_states_and_whom_to_ask(client, academy):
    late = ended(academy, days_ago(40), contact_email="ask@lakeland.example")
    ended(academy, days_ago(20))
    other = ended(make.provider("Ozark School", phone="(573) 555-0142"), days_ago(50))
    client.force_login(make.post_staff())
    shown = client.get(reverse("training:late_rosters"))
    assert [one["held"] for one in shown.context["late"]] == [other, late]
    text = shown.content.decode()
    assert "ask@lakeland.example" in text
    assert "(573) 555-0142" in text
    shown = client.get(reverse("training:late_rosters"), {"provider": "ozark"})
    assert [one["held"] for one in shown.context["late"]] == [other]
    assert "Late rosters" in client.get(reverse("compliance:workbench")).content.decode()


@pytest.mark.parametrize("name", ["provider_late_list", "late_rosters"])
def test_as_many_statements_for_one_as_for_many(client, academy, name):
    client.force_login(make.post_staff())
    where = reverse(f"training:{name}", args=[academy.pk] if name == "provider_late_list" else [])

    def statements(number: int) -> int:
        for _ in range(number):
            ended(academy, days_ago(60))
        client.get(where)
        with CaptureQueriesContext(connection) as asked:
            client.get(where)
        return len(asked)

    assert statements(1) == statements(20)


def test_home_tells_the_staff_what_waits(client, academy):
    ended(academy, days_ago(20))
    client.force_login(make.provider_staff(academy))
    shown = client.get("/")
    assert shown.context["waits"] == [
        ("1 roster is late: say who completed the class", reverse("training:provider_late_list", args=[academy.pk]))
    ]
    client.force_login(make.provider_staff(make.provider()))
    assert client.get("/").context["waits"] == []
