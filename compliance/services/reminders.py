"""Putting reminders into the outbox, each wave as a campaign."""

import datetime as dt

from django.db import transaction

from clee_portal import clock
from compliance import reminders, standings
from compliance.models import ReminderDate, ReportingPeriod
from notifications import campaigns, outbox
from notifications.campaigns import Expectation
from notifications.models import Campaign, Message
from notifications.outbox import Mail

# Waves are laid out so many days ahead, so that POST can look at them and hold them.
DAYS_AHEAD = 45
WEEK = dt.timedelta(days=7)


def put_due(*, day: dt.date) -> int:
    """Put, for every connected officer who is short, the reminders that are due on `day` and not there yet; returns
    how many. Run twice, or a week late, it makes nothing twice: a reminder is due until its time is over."""
    lay_out(day=day)
    return sum(put(period=period, due=due, day=day) for period, due in reminders.due(day).items())


def lay_out(*, day: dt.date) -> None:
    """Lay out the waves that become due in the next weeks."""
    coming = ReminderDate.objects.filter(due_on__range=(day, day + dt.timedelta(days=DAYS_AHEAD)))
    keys = {reminders.wave(year, number) for year, number in coming.values_list("period__year", "number")}
    there = Campaign.objects.filter(occasion=reminders.CODE, key__in=keys).values_list("key", flat=True)
    if left := keys.difference(there):
        campaigns.plan(occasion=reminders.CODE, keys=sorted(left))


@transaction.atomic
def put(*, period: ReportingPeriod, due: list[ReminderDate], day: dt.date) -> int:
    """The same for the reminders `due` of one period."""
    accounts = reminders.connected_officers(day)
    there = _there(period, [one.number for one in due])
    connected = reminders.officers_connected(day)
    short = reminders.short_officers(standings.question(period, clock.now()), connected)
    if clock.today() > day:  # midnight has passed meanwhile: what is due today is not what was due then; look again
        return 0
    mails = []
    for one, wave in _begin(period, due, short, there, connected).items():
        for officer in short:
            user, address = accounts[officer]
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
                        wave.pk,
                    )
                )
    return len(outbox.put_many(occasion=reminders.CODE, mails=mails))


def _begin(period, due, short, there: set[str], connected) -> dict[ReminderDate, Campaign]:
    """Reminder -> its wave, begun or added to, of those that have something to do. Of several waves that are due at
    once only the last one's messages go, so it alone is weighed."""
    keys = {one: reminders.wave(period.year, one.number) for one in due}
    begun = {
        wave.key: wave
        for wave in Campaign.objects.filter(occasion=reminders.CODE, key__in=keys.values(), began_at__isnull=False)
    }
    found = {}
    for one, key in keys.items():
        coming = sum(1 for pk in short if str(reminders.Key(period.year, one.number, pk)) not in there)
        if coming or key not in begun:
            is_last = one is due[-1]
            found[one] = campaigns.begin(
                occasion=reminders.CODE,
                key=key,
                coming=coming if is_last else 0,
                expectations=(lambda number=one.number: _expectations(period, number, connected)) if is_last else None,
            )
    return found


def _expectations(period, number: int, connected) -> list[Expectation]:
    """What says how many there should be: last year's same wave, and who was short a week ago of those connected."""
    found = []
    before = Campaign.objects.filter(occasion=reminders.CODE, key=reminders.wave(period.year - 1, number)).first()
    if before and before.began_at and (size := campaigns.size_of(before)):
        found.append(Expectation(size, f"reminder {number} of {period.year - 1} had so many"))
    week_ago = standings.question(period, clock.now() - WEEK)
    if week_ago.day >= period.starts_on:
        count = len(reminders.short_officers(week_ago, connected))
        found.append(Expectation(count, "so many of those connected were short a week before"))
    return found


def _there(period, numbers) -> set[str]:
    """The keys of these reminders that were put already."""
    put = Message.objects.filter(occasion=reminders.CODE)
    found: set[str] = set()
    for number in numbers:
        found.update(put.filter(key__startswith=f"{period.year}:{number}:").values_list("key", flat=True))
    return found
