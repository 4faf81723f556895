"""What became of registrations is put into the outbox, in the transaction in which it happened; what the mail says is
read when its turn comes (`seats_said`). A constant number of statements, however many registrations."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F

from clee_portal import clock
from training import seats_said
from training.class_mail import CALLED_OFF, ENDED, MOVED, OFFER, REMINDER, SEATED, UNLICENSED, WAITS
from training.models import ProviderLicense, Registration, ScheduledClass
from training.services import class_messages

# So many days before a class begins whoever is registered is reminded, unless they registered later than that.
REMIND_DAYS = 3


def seated(registrations: Iterable[Registration]) -> int:
    """These have a seat."""
    return _put(SEATED, registrations)


def waits(registrations: Iterable[Registration]) -> int:
    """These are on the wait-list."""
    return _put(WAITS, registrations)


def offered(registrations: Iterable[Registration]) -> int:
    """These are offered a seat."""
    return _put(OFFER, registrations)


def ended(registrations: Iterable[Registration]) -> int:
    """These gave their seat or turn back, handed it over, or did not answer in time."""
    return _put(ENDED, registrations)


def called_off(registrations: Iterable[Registration]) -> int:
    """The class of these was called off."""
    return _put(CALLED_OFF, registrations)


def moved(held: ScheduledClass, registrations: Iterable[Registration]) -> int:
    """The class of these was moved; told once for each `sequence` of it."""
    return _put(MOVED, registrations, lambda one: held.sequence)


def unlicensed(license: ProviderLicense) -> int:
    """A provider's license was suspended or revoked: everybody with a seat, an offer or a turn in a class of its days
    is told that it may give no credit. Inside the transaction of its cause."""
    if license.standing not in (ProviderLicense.Standing.SUSPENDED, ProviderLicense.Standing.REVOKED):
        return 0
    concerned = Registration.objects.live().filter(
        scheduled_class__provider=license.provider_id,
        scheduled_class__state=ScheduledClass.State.PUBLISHED,
        scheduled_class__begins_at__gt=clock.now(),
        scheduled_class__ends_at__gt=clock.midnight_after(license.valid_from - dt.timedelta(days=1)),
    )
    if license.valid_until:
        concerned = concerned.filter(scheduled_class__ends_at__lte=clock.midnight_after(license.valid_until))
    return _put(UNLICENSED, concerned.select_related("scheduled_class"), lambda one: license.pk)


def remind() -> int:
    """Remind everybody registered of classes that begin in three days or sooner. Run twice, or late, nobody is reminded
    twice; who registered shortly before has just read it all."""
    now = clock.now()
    soon = Registration.objects.seated().filter(
        scheduled_class__state=ScheduledClass.State.PUBLISHED,
        scheduled_class__begins_at__gt=now,
        scheduled_class__begins_at__lte=seats_said.reminder_day(now, REMIND_DAYS),
        seated_at__lt=F("scheduled_class__begins_at") - dt.timedelta(days=REMIND_DAYS + 1),
    )
    return _put(REMINDER, soon.select_related("scheduled_class"), lambda one: seats_said.day_of(one.scheduled_class))


def _put(occasion: str, registrations: Iterable[Registration], of=lambda one: "") -> int:
    seats = [seats_said.brief(one, of(one)) for one in registrations]
    return class_messages.put(occasion, seats, day=clock.today()) if seats else 0
