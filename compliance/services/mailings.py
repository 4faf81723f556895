"""Holding a campaign and letting it go, with what goes with it: the digests to agencies of a wave of reminders."""

from django.db import transaction
from django.db.models import QuerySet

from clee_portal import history
from clee_portal.accounts.models import User
from compliance import digests, reminders
from notifications import campaigns, outbox
from notifications.models import Campaign, Message


def with_it(campaign: Campaign) -> QuerySet[Message]:
    """The digests of the wave a campaign is; of any other campaign none."""
    if campaign.occasion != reminders.CODE:
        return Message.objects.none()
    return Message.objects.filter(occasion=digests.CODE, key__contains=digests.part_of_wave(campaign.key))


@transaction.atomic
def hold(*, by: User, campaign: Campaign, reason: str) -> Campaign:
    """POST holds or stops a campaign: see `campaigns.hold`. The digests of a wave stay with it."""
    held = campaigns.hold(by=by, campaign=campaign, reason=reason)
    with history.because(f"Held with its wave: {reason}"):
        outbox.hold(with_it(held))
    return held


@transaction.atomic
def release(*, by: User, campaign: Campaign, reason: str = "") -> Campaign:
    """POST lets a campaign go: see `campaigns.release`. The digests of a wave go with it."""
    released = campaigns.release(by=by, campaign=campaign, reason=reason)
    if released.state == Campaign.State.GOING:
        with history.because("Released with its wave"):
            outbox.release(with_it(released))
    return released
