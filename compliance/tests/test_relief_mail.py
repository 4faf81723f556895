"""What is told about extensions: true when it is sent, without medical facts for an agency, once, and in time."""

import datetime as dt

import pytest
import time_machine
from django.core import mail

from clee_portal import clock
from compliance import seed
from compliance.services import relief_decisions as deciding
from compliance.tasks import put_relief_endings
from compliance.tests.people import complete
from compliance.tests.relief_people import ask
from notifications import occasions, sending
from notifications.models import Message
from training.tests import factories

pytestmark = pytest.mark.django_db
YEAR = 2030
CODES = ("received", "more_asked", "granted", "denied", "ended", "about_to_end")
DAY = dt.date(2031, 4, 20)
UNTIL = dt.date(2031, 6, 30)


def on(day: dt.date, hour: int = 9):
    return time_machine.travel(dt.datetime.combine(day, dt.time(hour), clock.CHICAGO), tick=True)


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    with on(DAY):
        seed.load()
        one = factories.officer(agency, name="Renee Abbott")
        complete(one, agency, YEAR, legal=1)
    factories.officer_account(one, "renee@example.org")
    factories.ceo(agency, "chief@example.org", "Chief Cedar")
    return one


@pytest.fixture
def post():
    return factories.post_staff("petra@example.org", "Petra Post")


def own(officer):
    return officer.memberships.get().user


def sent(day: dt.date) -> dict[str, mail.EmailMessage]:
    with on(day, 10):
        sending.send_waiting(20)
    found = {one.to[0]: one for one in mail.outbox}
    mail.outbox.clear()
    return found


def test_every_occasion_is_registered_and_cannot_be_switched_off():
    assert [occasions.get(f"relief_{code}").is_optional for code in CODES] == [False] * 6


def test_the_agency_reads_no_reason(officer, post):
    with on(DAY):
        one = ask(own(officer), officer, reason="medical", words="Surgery on the knee", today=DAY)
    mails = sent(DAY)
    assert set(mails) == {"renee@example.org", "chief@example.org"}
    assert mails["chief@example.org"].body.splitlines()[2] == (
        f"POST has a request for Renee Abbott: an extension for {YEAR}."
    )
    assert f"POST has a request of yours: an extension for {YEAR}." in mails["renee@example.org"].body
    with on(DAY):
        deciding.ask_more(by=post, request=one, words="How is the knee?", seen=0, today=DAY)
    mails = sent(DAY)
    assert set(mails) == {"renee@example.org"}
    assert "POST wrote: How is the knee?" in mails["renee@example.org"].body
    with on(DAY):
        deciding.deny(by=post, request=one, reason="The knee is well again", seen=0, today=DAY)
    mails = sent(DAY)
    assert "knee" in mails["renee@example.org"].body
    told = mails["chief@example.org"]
    everything = told.subject + told.body + told.alternatives[0].content
    assert ("knee" in everything, "edical" in everything, "denied" in everything) == (False, False, True)


def test_what_the_mail_of_a_grant_says(officer, post, settings):
    settings.PORTAL_URL = "https://clee.example"
    with on(DAY):
        one = ask(own(officer), officer, today=DAY)
        deciding.grant(by=post, request=one, due_on=UNTIL, reason="Orders seen", seen=0, today=DAY)
    mails = sent(DAY)
    body = mails["renee@example.org"].body
    assert mails["renee@example.org"].subject == f"Request {one.reference} for {YEAR} was granted"
    assert f"You have until June 30, 2031 to complete and show the hours of {YEAR}." in body
    assert "POST wrote: Orders seen" in body
    assert f"https://clee.example/officers/{officer.license_number}/standing/?period={YEAR}" in body
    assert f"Renee Abbott has until June 30, 2031 to complete and show the hours of {YEAR}." in (
        mails["chief@example.org"].body
    )


def test_what_is_no_longer_true_is_not_sent(officer, post):
    with on(DAY):
        one = ask(own(officer), officer, today=DAY)
        granted = deciding.grant(by=post, request=one, due_on=UNTIL, reason="", seen=0, today=DAY)
        deciding.end(by=post, request=one, reason="By mistake", seen=granted.pk, today=DAY)
    sent(DAY)
    states = dict(Message.objects.filter(address="renee@example.org").values_list("occasion", "state"))
    assert (states["relief_granted"], states["relief_ended"]) == ("overtaken", "sent")


def endings() -> list[tuple[str, str, str]]:
    found = Message.objects.filter(occasion="relief_about_to_end", address="renee@example.org").order_by("pk")
    return [(key.split(":")[1], state) for key, state in found.values_list("key", "state")]


@pytest.fixture
def extended(officer, post):
    with on(DAY):
        one = ask(own(officer), officer, today=DAY)
        deciding.grant(by=post, request=one, due_on=UNTIL, reason="", seen=0, today=DAY)
    sent(DAY)
    return one


def look(day: dt.date) -> dict[str, mail.EmailMessage]:
    with on(day):
        put_relief_endings()
        put_relief_endings()
    return sent(day)


def test_told_14_and_3_days_before_once_each(extended):
    assert look(UNTIL - dt.timedelta(days=15)) == {}
    mails = look(UNTIL - dt.timedelta(days=14))
    assert set(mails) == {"renee@example.org", "chief@example.org"}
    body = mails["renee@example.org"].body
    assert f"Your extension for {YEAR} ends on June 30, 2031, and hours are missing." in body
    assert "- Legal studies: 1 hour (1 of 2 done)" in body
    assert look(UNTIL - dt.timedelta(days=4)) == {}
    assert set(look(UNTIL - dt.timedelta(days=3))) == {"renee@example.org", "chief@example.org"}
    assert look(UNTIL) == {}
    assert endings() == [("14", "sent"), ("3", "sent")]


def test_days_missed_are_caught_up_by_the_latest_only(extended):
    assert set(look(UNTIL)) == {"renee@example.org", "chief@example.org"}
    assert endings() == [("14", "superseded"), ("3", "sent")]
    assert look(UNTIL + dt.timedelta(days=1)) == {}


def test_nobody_is_told_where_nothing_is_missing_or_the_extension_was_prolonged(extended, officer, agency, post):
    with on(DAY):
        held = extended.decisions.get()
        deciding.grant(
            by=post, request=extended, due_on=UNTIL + dt.timedelta(days=90), reason="", seen=held.pk, today=DAY
        )
    sent(DAY)
    assert look(UNTIL - dt.timedelta(days=3)) == {}
    complete(officer, agency, YEAR)
    assert look(UNTIL + dt.timedelta(days=80)) == {}


def test_post_reads_each_mail_before_it_goes(officer, post):
    def keys() -> dict[str, str | None]:
        return {code: occasions.get(f"relief_{code}").sample(officer.pk) for code in CODES}

    user = own(officer).pk
    with on(DAY):
        assert set(keys().values()) == {None}
        one = ask(own(officer), officer, reason="medical", words="Surgery", today=DAY)
        received = f"{one.pk}:{user}"
        assert keys() == dict.fromkeys(CODES) | {"received": received}
        deciding.ask_more(by=post, request=one, words="How is the knee?", seen=0, today=DAY)
        assert keys()["more_asked"] == f"{one.questions.get().pk}:{user}"
    with on(DAY + dt.timedelta(days=1)):
        deciding.grant(by=post, request=one, due_on=UNTIL, reason="The papers say so.", seen=0, today=clock.today())
        granted = one.decisions.get().pk
        assert keys() == dict.fromkeys(CODES) | {
            "received": received,
            "granted": f"{granted}:{user}",
            "about_to_end": f"{granted}:3:{user}",
        }
        said = occasions.get("relief_about_to_end").contexts_of([f"{granted}:3:{user}"])[f"{granted}:3:{user}"]
        assert said["headline"] == f"Your extension for {YEAR} ends on June 30, 2031, and hours are missing."
        assert [one.agency for one in said["contacts"]] == ["Cedar Hollow Police"]
    for code in CODES:
        kind = occasions.get(f"relief_{code}")
        assert (kind.about, bool(kind.purpose), bool(kind.audience)) == ("officer", True, True)
