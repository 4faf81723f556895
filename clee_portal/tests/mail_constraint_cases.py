"""What the database must refuse of the outbox and of reminders (constraint_cases.py says how)."""

import datetime as dt

from django.db.models.functions import Now

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import Candidacy, CandidacyCheck, Listing, ListMade, ReminderDate, ReportingPeriod
from notifications.models import Campaign, DeliveryReport, FailingAddress, Message, MessageText, Pace, Preference
from training.tests import factories

MAIL = {"occasion": "news", "key": "1", "address": "renee@example.org", "priority": 1}


@refused("message_once")
def _():
    insert(Message, **MAIL)
    insert(Message, **MAIL)


@refused("message_address_is_plain")
def _():
    insert(Message, **MAIL | {"address": "renee@example.org\nBcc: all@example.org"})


@refused("message_is_tried_again_or_settled")
def _():
    insert(Message, **MAIL, state="waiting", next_try_at=None)


@refused("message_text_has_a_subject")
def _():
    insert(MessageText, message=insert(Message, **MAIL), subject="")


@refused("pace_is_one_row")
def _():
    insert(Pace, id=2, next_at=Now())


@refused("delivery_report_once")
def _():
    for _ in range(2):
        insert(DeliveryReport, kind="failed", address="renee@example.org", fingerprint="0" * 64)


@refused("failing_address_once")
def _():
    insert(FailingAddress, address="renee@example.org", reason="No such person")
    insert(FailingAddress, address="Renee@Example.org", reason="No such person")


@refused("preference_once")
def _():
    person = insert(User, email="renee@example.org", name="Renee")
    for _ in range(2):
        insert(Preference, user=person, occasion="hours_credited", wanted=False)


@refused("reminder_number_once")
def _():
    insert(ReminderDate, period=ReportingPeriod.objects.get(year=2025), number=1, due_on=DAY)


@refused("reminder_day_once")
def _():
    usual = ReminderDate.objects.filter(period__year=2025).first()
    insert(ReminderDate, period=usual.period, number=99, due_on=usual.due_on)


@refused("campaign_once")
def _():
    insert(Campaign, occasion="news", key="2025:1")
    insert(Campaign, occasion="news", key="2025:1")


@refused("campaign_held_for_a_reason")
def _():
    insert(Campaign, occasion="news", key="2025:1", state="held", held_at=clock.now())


@refused("campaign_released_by_somebody")
def _():
    insert(Campaign, occasion="news", key="2025:1", released_at=clock.now())


@refused("campaign_that_goes_has_begun")
def _():
    insert(Campaign, occasion="news", key="2025:1", state="going")


def a_case():
    return Candidacy.objects.create(officer=factories.officer(), period=ReportingPeriod.objects.get(year=2024))


def a_listing(case=None, **more):
    given = {"number": 1, "last_day": dt.date(2025, 3, 15), "listed_on": dt.date(2025, 3, 16), "listed_at": clock.now()}
    return insert(Listing, candidacy=case or a_case(), **given | more)


LEFT = {"left_on": dt.date(2025, 4, 1), "left_because": "compliant"}


@refused("candidacy_once")
def _():
    case = a_case()
    insert(Candidacy, officer=case.officer, period=case.period)


@refused("listing_number_once")
def _():
    case = a_case()
    a_listing(case, **LEFT, left_at=clock.now() + dt.timedelta(days=1))
    a_listing(case)


@refused("listing_lasts_once")
def _():
    case = a_case()
    a_listing(case)
    a_listing(case, number=2)


@refused("listing_after_the_last_day")
def _():
    a_listing(last_day=dt.date(2025, 3, 16))


@refused("listing_left_for_a_reason")
def _():
    a_listing(**LEFT | {"left_because": ""}, left_at=clock.now() + dt.timedelta(days=1))


@refused("candidacy_check_says_the_error")
def _():
    insert(CandidacyCheck, listing=a_listing(), found="error", checked_by=factories.post_staff())


@refused("list_made_once_a_day")
def _():
    period = ReportingPeriod.objects.get(year=2024)
    for _ in range(2):
        insert(ListMade, period=period, day=DAY, as_of=clock.now(), count=0)
