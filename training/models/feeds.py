"""Private calendar feeds: an address only its owner knows, until it is revoked."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


def new_key() -> str:
    """A key nobody can guess: 32 bytes, as an address carries it."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """The private feed of one account: its own registrations and deadlines, or its agency's. Revoked, it is gone for
    good: the next one has another address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds")
    key = models.CharField(max_length=60, unique=True, default=new_key, editable=False)
    made_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_that_works")
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.user}"
