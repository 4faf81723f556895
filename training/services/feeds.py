"""The private calendar feed of an account: made, given another address, revoked."""

from django.db import transaction
from django.db.models.functions import Now

from clee_portal.accounts.models import User
from training.models import CalendarFeed


@transaction.atomic
def make(*, by: User) -> CalendarFeed:
    """Give `by` a feed of their own; whatever address they had before works no more."""
    revoke(by=by)
    return CalendarFeed.objects.create(user=by)


@transaction.atomic
def revoke(*, by: User) -> bool:
    """The address of `by`'s feed works no more, for good; whether there was one."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two tabs: the later one waits here
    return bool(CalendarFeed.objects.filter(user=by, revoked_at=None).update(revoked_at=Now()))


def was_read(*, feed: CalendarFeed) -> None:
    """Note that a program asked for the feed, so that its owner sees whether anybody still does."""
    CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=Now())
