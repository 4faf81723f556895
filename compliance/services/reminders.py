"""Putting reminders into the outbox."""

import datetime as dt

from django.db import transaction

from clee_portal import clock
from compliance import reminders, standings
from compliance.models import ReminderDate, ReportingPeriod
from notifications import outbox
from notifications.models import Message
from notifications.outbox import Mail


def put_due(*, day: dt.date) -> int:
    """Put, for every connected officer who is short, the reminders that are due on `day` and not there yet; returns
    how many. Run twice, or a week late, it makes nothing twice: a reminder is due until its time is over."""
    return sum(put(period=period, due=due, day=day) for period, due in reminders.due(day).items())


@transaction.atomic
def put(*, period: ReportingPeriod, due: list[ReminderDate], day: dt.date) -> int:
    """The same for the reminders `due` of one period."""
    accounts = reminders.connected_officers(day)
    there = _there(period, [one.number for one in due])
    short = reminders.short_officers(standings.question(period, clock.now()), reminders.officers_connected(day))
    mails = []
    for officer in short:
        user, address = accounts[officer]
        for one in due:
            key = str(reminders.Key(period.year, one.number, officer))
            if key not in there:
                mails.append(
                    Mail(
                        key,
                        address,
                        user,
                        reminders.series(period.year, officer),
                        one.due_on.toordinal(),
                        clock.end_of_day(reminders.last_day(one, period)),
                    )
                )
    return len(outbox.put_many(occasion=reminders.CODE, mails=mails))


def _there(period, numbers) -> set[str]:
    """The keys of these reminders that were put already."""
    put = Message.objects.filter(occasion=reminders.CODE)
    found: set[str] = set()
    for number in numbers:
        found.update(put.filter(key__startswith=f"{period.year}:{number}:").values_list("key", flat=True))
    return found
