"""Putting the digests of agencies into the outbox. While the wave of reminders they go with is held, none are put: what
made it look wrong would stand in the digests too."""

import datetime as dt

from django.db import transaction

from clee_portal import clock
from compliance import digests, reminders, standings
from compliance.digests import Key
from notifications import outbox
from notifications.models import Campaign, Message
from notifications.outbox import Mail
from training import telling
from training.models import Agency


def put_due(*, day: dt.date) -> int:
    """Put, for the people of every agency with somebody short or not connected, the digests that are due on `day` and
    not there yet; returns how many. Run twice, or a week late, it makes nothing twice. Put the reminders first, so that
    the wave has been weighed."""
    return sum(_put(period, due, day) for period, due in reminders.due(day).items())


@transaction.atomic
def _put(period, due, day: dt.date) -> int:
    latest = Campaign.objects.filter(occasion=reminders.CODE, key=reminders.wave(period.year, due[-1].number))
    if latest.select_for_update(no_key=True).filter(state=Campaign.State.HELD).exists():
        return 0
    there = set(
        Message.objects.filter(occasion=digests.CODE, key__contains=f":{period.year}-").values_list("key", flat=True)
    )
    if not _somebody_waits(period, due, day, there):
        return 0
    told = digests.agencies_with_somebody_short(standings.question(period, clock.now()))
    mails = []
    for agency, readers in telling.people_of(told, day).items():
        for reader in readers:
            for one in due:
                key = Key(agency, period.year, one.number, reader.user)
                if str(key) not in there:
                    mails.append(
                        Mail(
                            str(key),
                            reader.address,
                            reader.user,
                            digests.series(key),
                            one.due_on.toordinal(),
                            clock.end_of_day(reminders.last_day(one, period)),
                        )
                    )
    return len(outbox.put_many(occasion=digests.CODE, mails=mails))


def _somebody_waits(period, due, day: dt.date, there: set[str]) -> bool:
    """Whether any reader lacks a digest that is due: asked first, since judging the whole state is dear."""
    agencies = Agency.objects.filter(closed_on=None).values_list("pk", flat=True)
    readers = telling.people_of(list(agencies), day)
    return any(
        str(Key(agency, period.year, one.number, reader.user)) not in there
        for agency, together in readers.items()
        for reader in together
        for one in due
    )
