"""Reminders: to every connected officer who is short, once each, the latest of several, and never when it is over."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from compliance import reminders
from compliance.models import ReminderDate, ReportingPeriod
from compliance.services.reminders import put_due
from compliance.tasks import put_reminders
from compliance.tests.people import academy_course, complete, credit, relief
from notifications import sending
from notifications.models import Message
from training.models import Membership
from training.tests import factories

pytestmark = pytest.mark.django_db

State = Message.State
YEAR = 2025


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police", phone="(555) 0100", email="desk@cedar.example")


@pytest.fixture
def short(agency):
    """An officer short of one hour of legal studies, connected."""
    one = factories.officer(agency, name="Renee O'Dell")
    complete(one, agency, YEAR, legal=1)
    factories.officer_account(one, "renee@example.org")
    return one


@pytest.fixture
def others(agency):
    """A compliant one who is connected, and a short one who is not."""
    done, unconnected = factories.officer(agency, name="Dana Done"), factories.officer(agency, name="Una Nobody")
    complete(done, agency, YEAR)
    factories.officer_account(done, "dana@example.org")
    return done, unconnected


def on(day: str, hour: int = 9):
    moment = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), clock.CHICAGO)
    return time_machine.travel(moment, tick=True)


def look(day: str) -> None:
    """What beat brings about on a day."""
    with on(day, 10):
        put_reminders()
        sending.send_waiting(20, ahead=False)


def rows() -> dict[str, str]:
    """Number of the reminder -> state."""
    return {key.split(":")[1]: state for key, state in Message.objects.values_list("key", "state")}


def test_every_period_has_the_usual_days():
    days = ReminderDate.objects.filter(period__year=YEAR).values_list("number", "due_on")
    assert [(number, str(day)) for number, day in days] == [
        (1, "2025-10-01"),
        (2, "2025-11-15"),
        (3, "2025-12-01"),
        (4, "2025-12-15"),
        (5, "2026-01-05"),
        (6, "2026-02-15"),
        (7, "2026-03-08"),
    ]
    assert ReportingPeriod.objects.filter(reminder_dates=None).count() == 0


def test_only_who_is_short_and_connected_is_written_to(short, others):
    look("2025-10-01")
    (message,) = Message.objects.all()
    assert (message.key, message.address, message.state) == (f"2025:1:{short.pk}", "renee@example.org", State.SENT)
    assert [one.to for one in mail.outbox] == [["renee@example.org"]]


def test_not_a_day_before(short):
    look("2025-09-30")
    assert rows() == {}


WHAT = "in legal studies and from an approved provider"


def test_what_the_mail_says(short, settings):
    settings.PORTAL_URL = "https://clee.example"
    look("2025-12-01")
    (sent,) = mail.outbox
    assert sent.subject == "1 hour of CLEE still missing for 2025, due December 31, 2025"
    lines = sent.body.splitlines()
    assert lines[0] == "Renee O'Dell,"
    assert f"You need 1 more hour, {WHAT}, by December 31." in lines
    assert "- Legal studies: 1 hour (1 of 2 done)" in lines
    page = f"https://clee.example/officers/{short.license_number}/standing/?period=2025"
    assert page in lines
    assert "- Cedar Hollow Police, (555) 0100, desk@cedar.example" in lines
    html = sent.alternatives[0].content
    assert f"<h1>You need 1 more hour, {WHAT}, by December 31.</h1>" in html
    assert f'<a href="{page}">See what would close the gap</a>' in html


def test_looking_again_and_again_writes_once(short):
    for _ in range(3):
        look("2025-10-01")
    look("2025-11-14")
    assert rows() == {"1": State.SENT}
    look("2025-11-15")
    assert rows() == {"1": State.SENT, "2": State.SENT}


def test_weeks_without_a_worker_lose_nothing_and_double_nothing(short):
    look("2025-12-20")
    superseded = State.SUPERSEDED
    assert rows() == {"1": superseded, "2": superseded, "3": superseded, "4": State.SENT}
    look("2026-01-20")
    assert rows()["5"] == State.SENT
    assert len(mail.outbox) == 2


def test_put_and_not_sent_for_weeks_only_the_latest_goes(short):
    for day in ("2025-10-01", "2025-11-15", "2025-12-01"):
        with on(day):
            put_reminders()
    look("2025-12-02")
    assert rows() == {"1": State.SUPERSEDED, "2": State.SUPERSEDED, "3": State.SENT}


def test_one_for_before_the_deadline_lapses_after_it(short):
    with on("2025-12-31"):
        put_reminders()
    look("2026-01-01")
    assert rows()["4"] == State.LAPSED
    assert mail.outbox == []


def test_after_march_15_nobody_is_reminded(short):
    look("2026-03-16")
    assert rows() == {}


def test_compliant_in_time_is_not_written_to(short):
    with on("2025-10-01"):
        put_reminders()
    credit(short, dt.date(2025, 9, 1), academy_course(), legal=1)
    look("2025-10-01")
    assert (rows(), mail.outbox) == ({"1": State.OVERTAKEN}, [])


def test_whoever_is_connected_late_gets_the_latest_that_is_due(others):
    _, late = others
    look("2025-11-20")
    assert rows() == {}
    factories.officer_account(late, "una@example.org")
    look("2025-11-20")
    assert rows() == {"1": State.SUPERSEDED, "2": State.SENT}


def test_a_license_connected_to_another_account_is_not_written_about_to_the_first(short, agency):
    with on("2025-10-01"):
        put_reminders()
    tie = Membership.objects.get(officer=short)
    Membership.objects.create(user=tie.user, role="delegate", agency=agency, starts_on=dt.date(2020, 1, 1))
    Membership.objects.filter(pk=tie.pk).update(revoked_at=clock.now())
    look("2025-10-01")
    assert (rows(), mail.outbox) == ({"1": State.OVERTAKEN}, [])


def test_a_day_that_was_moved_sends_nothing_twice(short):
    look("2025-10-01")
    ReminderDate.objects.filter(period__year=YEAR, number=1).update(due_on=dt.date(2025, 10, 8))
    look("2025-10-08")
    assert rows() == {"1": State.SENT}
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("decision", "count"), [("granted", 1), (None, 1)])
def test_more_time_asked_or_granted_still_has_hours_to_show(short, decision, count):
    due_on = dt.date(2026, 6, 30) if decision else None
    relief(short, YEAR, decision=decision, due_on=due_on, requested_on=dt.date(2026, 1, 10))
    look("2026-02-15")
    assert len(mail.outbox) == count
    if decision:
        assert mail.outbox[0].subject == "1 hour of CLEE still missing for 2025, due June 30, 2026"


def test_a_waiver_ends_reminders(short):
    relief(short, YEAR, "waiver", decision="granted", requested_on=dt.date(2026, 1, 10))
    look("2026-02-15")
    assert mail.outbox == []


def test_in_january_the_old_year_and_not_the_new_one(short):
    look("2026-01-05")
    assert [one.subject for one in mail.outbox] == ["1 hour of CLEE short for 2025: make up and show by March 15, 2026"]


def statements(day: str) -> int:
    with (
        on(day),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        put_due(day=clock.today())
    return len(queries)


def test_the_same_number_of_statements_for_one_and_for_many(short, agency):
    statements("2025-10-01")
    factories.officer_account(factories.officer(agency), "one@example.org")
    one = statements("2025-10-01")
    for number in range(20):
        factories.officer_account(factories.officer(agency), f"more{number}@example.org")
    assert statements("2025-10-01") == one
    with on("2025-10-01"):
        keys = list(Message.objects.values_list("key", flat=True))
        assert len(keys) == 22
        with CaptureQueriesContext(connection) as few:
            assert len(reminders.contexts(keys[:1])) == 1
        with CaptureQueriesContext(connection) as many:
            assert len(reminders.contexts(keys)) == 22
    assert len(few) == len(many)
