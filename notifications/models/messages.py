"""Messages: one row for each recipient and occasion, from the moment it is due to whatever became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import clock
from clee_portal.history import evidence


class MessageQuerySet(models.QuerySet):
    """Messages."""

    def to_look_at(self, moment) -> "MessageQuerySet":
        """Those whose turn has come by `moment`, in the order in which they go."""
        return self.filter(next_try_at__lte=moment).order_by("priority", "next_try_at", "pk")

    def unsettled(self) -> "MessageQuerySet":
        """Those with which the worker is not done, those held left out."""
        return self.filter(Q(next_try_at__isnull=False) | Q(state=Message.State.SENDING))


@evidence(exclude=("claimed_by", "claimed_until"))
class Message(models.Model):
    """One mail to one person about one thing. `(occasion, key)` is unique and holds no date: whoever asks for it again,
    a day late or twice at once, gets the same row.

    `claimed_by` and `claimed_until` say which worker has it just now, by the database's clock; the history leaves them
    out. All other moments are by `clee_portal.clock`.
    """

    class State(models.TextChoices):
        """What became of it. Only `waiting`, `failed` and a first `unknown` are taken up again."""

        WAITING = "waiting", "Waiting"
        HELD = "held", "Held back"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed, will be tried again"
        UNKNOWN = "unknown", "Not known whether it arrived"
        REFUSED = "refused", "Refused by the mail server"
        GAVE_UP = "gave_up", "Given up"
        OVERTAKEN = "overtaken", "Overtaken: no longer true when its turn came"
        SUPERSEDED = "superseded", "Superseded by a later one"
        LAPSED = "lapsed", "Lapsed: its time was over"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    occasion = models.CharField(max_length=60, help_text="The code of the occasion, as its app registered it.")
    key = models.CharField(max_length=150, help_text="What it is about, in the words of the occasion; holds no date.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="messages_to"
    )
    address = models.CharField(max_length=254)
    campaign = models.ForeignKey(
        "notifications.Campaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
        help_text="The campaign it goes with, if it is one of many.",
    )
    priority = models.PositiveSmallIntegerField(help_text="Lower goes first: 0 security, 1 personal, 2 in bulk.")
    series = models.CharField(
        max_length=150, blank=True, default="", db_default="", help_text="Of one series only the last due one goes."
    )
    series_order = models.IntegerField(default=0, db_default=0, help_text="The place in the series.")
    put_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True, blank=True, help_text="Not sent after this moment.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_default=State.WAITING)
    next_try_at = models.DateTimeField(
        null=True, blank=True, default=clock.now, help_text="When it may next be taken up; empty once it is settled."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often it was handed to the mail server, or tried to."
    )
    times_unknown = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often the worker or the connection was lost while it was sent: it may have arrived.",
    )
    first_tried_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When its last state was reached.")
    note = models.TextField(blank=True, default="", db_default="", help_text="The mail server's answer, or the reason.")
    claimed_by = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-put_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "key"],
                name="message_once",
                violation_error_message="There is a message about this already.",
            ),
            models.CheckConstraint(
                condition=Q(state="refused")
                | Q(address__regex=r"^[^[:cntrl:][:space:]<>,;:@]+@[^[:cntrl:][:space:]<>,;:@]+$"),
                name="message_address_is_plain",
                violation_error_message="An e-mail address is one name, an @ and one host.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "failed"], next_try_at__isnull=False)
                | Q(state="unknown")
                | (~Q(state__in=["waiting", "failed", "unknown"]) & Q(next_try_at=None)),
                name="message_is_tried_again_or_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "next_try_at", "id"],
                condition=Q(next_try_at__isnull=False),
                name="message_to_look_at",
            ),
            models.Index(fields=["claimed_until"], condition=Q(state="sending"), name="message_being_sent"),
            models.Index(fields=["series", "series_order"], condition=~Q(series=""), name="message_in_series"),
            models.Index(fields=["user", "-put_at"], name="message_by_user"),
            models.Index(fields=["occasion", "state"], name="message_by_occasion"),
            models.Index(fields=["campaign", "state"], condition=Q(campaign__isnull=False), name="message_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.key} to {self.address}"

    @property
    def message_id(self) -> str:
        """The Message-ID it carries however often it is sent."""
        return f"<{self.uuid}@{settings.MAIL_DOMAIN}>"

    @property
    def may_be_a_second_copy(self) -> bool:
        """Whether it was sent again because nobody knows whether the first copy arrived."""
        return self.times_unknown > 0


@evidence(exclude=("body",))
class MessageText(models.Model):
    """What was written: subject and plain text as they were last handed to the mail server. Mail with a link that lets
    somebody in (invitations, passwords) keeps its subject alone. The text is removed after MAIL_TEXT_DAYS, so no copy
    of it is in the history."""

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="text", primary_key=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    template = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="The version of the templates: code of the occasion, language, fingerprint.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(subject=""), name="message_text_has_a_subject"),
        ]

    def __str__(self) -> str:
        return self.subject


class Pace(models.Model):
    """The one row in which all workers agree on the pace of sending: when the next message may go, by the database's
    clock. `waits_until` is set when the mail server takes nothing: nobody knocks before then."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_at = models.DateTimeField(db_default=Now())
    waits_until = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="Why nobody knocks.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pace_is_one_row")]

    def __str__(self) -> str:
        return f"next at {self.next_at}"
