"""What is told about decisions of the Director: to whom, in which words, and what is no longer told."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from clee_portal import clock
from compliance import decision_mail
from compliance.decision_words import Decided, What
from compliance.services import decision_messages
from compliance.tests.people import complete, event
from notifications import sending
from notifications.models import Message
from training.models import Commission
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
DAY = dt.date(2026, 5, 4)


@pytest.fixture
def kept(monkeypatch):
    """The decisions that stand, by their `thing`, as whoever keeps them would say."""
    standing: dict[str, Decided] = {}
    monkeypatch.setattr(decision_mail, "_found", [])
    decision_mail.read_from(lambda things: {thing: standing[thing] for thing in things if thing in standing})
    with time_machine.travel(dt.datetime.combine(DAY, dt.time(14), clock.CHICAGO), tick=True):
        yield standing


@pytest.fixture
def agency():
    made = factories.agency("cedar-hollow", "Cedar Hollow Police", phone="(555) 0100", email="desk@cedar.example")
    factories.ceo(made, "chief@cedar.example", "Ann Chief")
    return made


@pytest.fixture
def officer(agency):
    """Short of one hour of legal studies in 2025, connected."""
    one = factories.officer(agency, name="Renee O'Dell", license_number="70001")
    complete(one, agency, YEAR, legal=1)
    factories.officer_account(one, "renee@example.org")
    return one


def decided(officer, what: What, **more) -> Decided:
    given = {"decided_by": "Jordan Hale", "reference": "DIR-2026-14", "reason": "No answer came."}
    return Decided("D-14", what, officer.pk, YEAR, DAY, **(given | more))


def tell(kept, one: Decided) -> dict[str, object]:
    """Told and sent: address -> mail."""
    kept[one.thing] = one
    decision_messages.tell(one, day=clock.today())
    sending.send_waiting(20, ahead=False)
    return {letter.to[0]: letter for letter in mail.outbox}


def said(letter) -> str:
    return letter.body.split("\n--\n")[0]


def test_the_officer_reads_what_an_inactive_license_means_what_is_missing_and_the_way_back(kept, officer):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    letter = tell(kept, decided(officer, What.MADE_INACTIVE))["renee@example.org"]
    assert letter.subject == "Your peace officer license was made inactive on May 4, 2026"
    assert said(letter) == (
        "Renee O'Dell,\n"
        "\n"
        "Your peace officer license was made inactive on May 4, 2026\n"
        "\n"
        "Hours of continuing education for 2025 were not shown in time (11 CSR 75-15.080).\n"
        "\n"
        "While it is inactive you may not hold a commission.\n"
        "\n"
        "Jordan Hale decided this on May 4, 2026. The number of the decision is DIR-2026-14; the license number is "
        "70001.\n"
        "\n"
        "The reason given: No answer came.\n"
        "\n"
        "Still missing for 2025:\n"
        "- Total: 1 hour (23 of 24 done)\n"
        "- Approved provider: 1 hour (7 of 8 done)\n"
        "- Legal studies: 1 hour (1 of 2 done)\n"
        "\n"
        "See what is missing:\n"
        "http://localhost:8000/officers/70001/standing/?period=2025\n"
        "\n"
        "What to do:\n"
        "- Complete the missing hours. Whoever holds the class reports it; tell them that it is for 2025.\n"
        "- Once the hours show on your page, ask POST to have the license reinstated.\n"
        "- If you think this is wrong, call POST at (573) 751-3409 and give the number of the decision.\n"
        "\n"
        "A class you completed is missing? Whoever held it reports it. For a class of your agency, ask:\n"
        "- Cedar Hollow Police (Ann Chief), (555) 0100, desk@cedar.example\n"
    )


def test_the_agency_is_told_that_no_commission_may_be_held_and_not_the_reason(kept, officer):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    letter = tell(kept, decided(officer, What.MADE_INACTIVE))["chief@cedar.example"]
    assert letter.subject == "Renee O'Dell may not hold a commission: the license is inactive"
    assert "While it is inactive Renee O'Dell may not hold a commission." in letter.body
    assert "You are told when the license is active again." in letter.body
    assert "No answer came" not in letter.body + letter.alternatives[0][0]


def test_who_was_told_before_is_told_that_a_commission_may_be_held_again_without_the_record(kept, officer, agency):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    event(officer, "reinstated", DAY, period_year=YEAR)
    Commission.objects.filter(officer=officer).update(ended_on=DAY - dt.timedelta(days=1))
    letters = tell(kept, decided(officer, What.REINSTATED, agencies=(agency.pk,)))
    assert letters["renee@example.org"].subject == "Your peace officer license is active again"
    chief = letters["chief@cedar.example"]
    assert chief.subject == "Renee O'Dell’s peace officer license is active again"
    assert "The license is active: the officer may hold a commission." in chief.body
    assert "/officers/70001/" not in chief.body


def test_without_a_commission_and_not_told_before_an_agency_hears_nothing(kept, officer):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    Commission.objects.filter(officer=officer).update(ended_on=DAY - dt.timedelta(days=1))
    assert list(tell(kept, decided(officer, What.MADE_INACTIVE))) == ["renee@example.org"]


def test_a_license_inactive_for_another_year_too_is_not_said_to_be_active(kept, officer):
    event(officer, "made_inactive", DAY, period_year=2024)
    event(officer, "made_inactive", DAY, period_year=YEAR)
    event(officer, "reinstated", DAY, period_year=YEAR)
    letter = tell(kept, decided(officer, What.REINSTATED))["renee@example.org"]
    assert letter.subject == "Your license was reinstated for 2025"
    assert "Your license is inactive for 2024, so no commission may be held." in letter.body
    assert "active again" not in letter.body


@pytest.mark.parametrize(
    ("what", "more", "subject", "sentence"),
    [
        (
            What.LEFT_ACTIVE,
            {"until": dt.date(2026, 7, 1)},
            "Your license was not made inactive over the hours of 2025",
            "The case is not brought before the Director again before July 1, 2026.",
        ),
        (
            What.REFERRED_BACK,
            {},
            "POST looks again at your record for 2025",
            "The Director has not decided about the hours of 2025 and sent the case back to POST.",
        ),
        (
            What.REVERSED,
            {},
            "The decision about your license for 2025 was taken back",
            "Your license is active: you may hold a commission.",
        ),
    ],
)
def test_what_leaves_the_license_active_says_so(kept, officer, what, more, subject, sentence):
    letter = tell(kept, decided(officer, what, **more))["renee@example.org"]
    assert letter.subject == subject
    assert sentence in letter.body
    assert "Legal studies" in letter.body


@pytest.mark.parametrize("what", [What.MADE_INACTIVE, What.REINSTATED])
def test_a_mail_that_contradicts_the_license_is_not_sent(kept, officer, what):
    if what == What.REINSTATED:
        event(officer, "made_inactive", DAY, period_year=YEAR)
    assert tell(kept, decided(officer, what)) == {}
    assert set(Message.objects.values_list("state", flat=True)) == {"overtaken"}


def test_a_decision_that_no_longer_stands_is_not_told(kept, officer):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    one = decided(officer, What.MADE_INACTIVE)
    decision_messages.tell(one, day=DAY)
    sending.send_waiting(20, ahead=False)
    assert (mail.outbox, set(Message.objects.values_list("state", flat=True))) == ([], {"overtaken"})


def test_told_twice_puts_nothing_twice_and_nobody_not_connected(kept, agency):
    one = factories.officer(agency, name="Quincy Brandt")
    told = decided(one, What.REFERRED_BACK)
    assert [decision_messages.tell(told, day=DAY) for _ in range(2)] == [1, 0]
    assert list(Message.objects.values_list("address", flat=True)) == ["chief@cedar.example"]


@pytest.mark.parametrize("what", list(What))
def test_post_reads_each_with_a_real_officers_data_before_any_was_decided(client, kept, officer, what):
    event(officer, "made_inactive", DAY, period_year=YEAR)
    client.force_login(factories.post_staff())
    asked = {"occasion": decision_mail.code(what), "about": "70001", "width": "text"}
    text = client.get(reverse("compliance:mail_preview"), asked).content.decode()
    assert "Renee O&#x27;Dell" in text
    assert "(its number)" in text
