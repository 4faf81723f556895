"""What the database must refuse of the outbox and of reminders (constraint_cases.py says how)."""

from django.db.models.functions import Now

from clee_portal.accounts.models import User
from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import ReminderDate, ReportingPeriod
from notifications.models import DeliveryReport, FailingAddress, Message, MessageText, Pace, Preference

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
