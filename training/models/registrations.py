"""Registrations: a seat in a class of the calendar, a turn on its wait-list, or what became of one."""

import secrets

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from training.models.memberships import scope_of

# No 0, O, 1, I, L: it is read aloud and typed at a door.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


def in_groups(code: str) -> str:
    """A code as people read it, aloud too: ABCD EFGH JKMN."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def new_code() -> str:
    """A code nobody can guess: 12 signs of 31, 59 bits."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


# How many seats are taken follows from the registrations, whoever writes them; the check on the class refuses one more
# than there are.
_SEATS = pgtrigger.Trigger(
    name="seats_taken",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "scheduled_class_id") | pgtrigger.Delete,
    declare=[("freed", "bigint"), ("filled", "bigint")],
    func="""
        IF TG_OP <> 'INSERT' AND OLD.state IN ('registered', 'offered') THEN
            freed := OLD.scheduled_class_id;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.state IN ('registered', 'offered') THEN
            filled := NEW.scheduled_class_id;
        END IF;
        IF freed IS DISTINCT FROM filled AND freed IS NOT NULL THEN
            UPDATE training_scheduledclass SET seats_taken = seats_taken - 1 WHERE id = freed;
        END IF;
        IF freed IS DISTINCT FROM filled AND filled IS NOT NULL THEN
            UPDATE training_scheduledclass SET seats_taken = seats_taken + 1 WHERE id = filled;
        END IF;
        RETURN NULL;
    """,
)


class RegistrationQuerySet(models.QuerySet):
    """Registrations."""

    def visible_to(self, user) -> "RegistrationQuerySet":
        """An officer's own, those in classes of `user`'s provider, and for an agency those of its officers of today."""
        from training.models.officers import Officer  # the two models refer to each other

        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(
            Q(officer__in=Officer.objects.visible_to(user)) | Q(scheduled_class__provider__in=scope.provider_ids)
        )

    def with_reference(self, code: str) -> "RegistrationQuerySet":
        """The registration of a code, also where it was typed in small letters or with blanks and dashes."""
        return self.filter(code="".join(one for one in code.upper() if one.isalnum()))

    def live(self) -> "RegistrationQuerySet":
        """Those that stand: a seat, a turn on the wait-list, an offer not yet answered."""
        return self.filter(state__in=Registration.LIVE)

    def seated(self) -> "RegistrationQuerySet":
        """Those with a seat."""
        return self.filter(state=Registration.State.REGISTERED)


@evidence()
class Registration(models.Model):
    """One officer's seat in a class, turn on its wait-list, or what became of either.

    `turn` is the order in which the class's lock was granted, so it is the order of the wait-list too. A seat that is
    offered is held until `offered_until` (inclusive). Nobody has two that stand in one class.
    """

    class State(models.TextChoices):
        """Where it stands."""

        REGISTERED = "registered", _("Registered")
        WAITING = "waiting", _("On the wait-list")
        OFFERED = "offered", _("Seat offered")
        CANCELLED = "cancelled", _("Given back")
        LAPSED = "lapsed", _("Offer not answered")
        CALLED_OFF = "called_off", _("Class called off")

    LIVE = (State.REGISTERED, State.WAITING, State.OFFERED)
    TAKES_A_SEAT = (State.REGISTERED, State.OFFERED)

    scheduled_class = models.ForeignKey(
        "training.ScheduledClass", on_delete=models.PROTECT, related_name="registrations"
    )
    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="registrations")
    agency = models.ForeignKey(
        "training.Agency",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
        help_text="The agency that registered the officer; empty where the officer or the provider did.",
    )
    state = models.CharField(max_length=10, choices=State)
    turn = models.PositiveIntegerField(help_text="Its place in the order in which the class was asked.")
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    asked_at = models.DateTimeField(db_default=Now())
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    group = models.UUIDField(null=True, blank=True, help_text="Registered together, by one request of an agency.")
    waits_together = models.BooleanField(
        default=False, db_default=False, help_text="On the wait-list for as many seats as the group needs, at once."
    )
    submission_key = models.UUIDField(
        null=True, blank=True, help_text="The form it was asked with: the same form sent twice is one registration."
    )
    accepted = models.TextField(
        blank=True, db_default="", default="", help_text="What was warned of and accepted anyway, a line each."
    )
    is_walk_in = models.BooleanField(default=False, help_text="Came to the door without a registration.")
    took_over_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handed_to",
        help_text="The registration of a colleague whose seat this one took over.",
    )
    seated_at = models.DateTimeField(null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    offered_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(max_length=300, blank=True)
    was_late = models.BooleanField(default=False, help_text="Given back after the class's last day for it.")
    paid_on = models.DateField(null=True, blank=True, help_text="The day the fee was paid. Credit never hangs on it.")
    evaluated_on = models.DateField(null=True, blank=True, help_text="The day the officer evaluated the class.")

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["turn"]
        triggers = [_SEATS]
        constraints = [
            models.UniqueConstraint(
                fields=["scheduled_class", "officer"],
                condition=Q(state__in=["registered", "waiting", "offered"]),
                name="registration_once_per_class",
                violation_error_message="This officer is already registered for this class, or on its wait-list.",
            ),
            models.UniqueConstraint(fields=["scheduled_class", "turn"], name="registration_turn_once"),
            models.UniqueConstraint(
                fields=["submission_key", "officer"],
                condition=Q(submission_key__isnull=False),
                name="registration_once_per_form",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                condition=Q(waits_together=False) | Q(group__isnull=False),
                name="registration_together_has_its_group",
                violation_error_message="Only a group waits for seats together.",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offered_until__isnull=False), name="registration_offer_has_its_end"
            ),
            models.CheckConstraint(
                condition=~Q(state="registered") | Q(seated_at__isnull=False), name="registration_seat_has_its_moment"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["registered", "waiting", "offered"], ended_at=None)
                | Q(state__in=["cancelled", "lapsed", "called_off"], ended_at__isnull=False),
                name="registration_ended_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["officer", "state"], name="registration_by_officer"),
            models.Index(fields=["offered_until"], name="registration_offers", condition=Q(state="offered")),
        ]

    def __str__(self) -> str:
        return f"{self.officer}: {self.scheduled_class}"

    @property
    def reference(self) -> str:
        """What names it in an address and at a door: its code."""
        return self.code

    @property
    def code_in_groups(self) -> str:
        """The code as it is read aloud: "7KQ2 M9XC 4TRW"."""
        return in_groups(self.code)

    @property
    def is_live(self) -> bool:
        """Whether it stands."""
        return self.state in self.LIVE
