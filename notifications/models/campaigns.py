"""Campaigns: many messages about one thing that go together, and that a person can hold back, let go and stop."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clee_portal import clock
from clee_portal.history import evidence


@evidence()
class Campaign(models.Model):
    """A wave of reminders, the notices released at once. Its messages point at it.

    `expected` is how many messages were to be expected when it began, and `expected_because` says from what; a
    campaign whose size is far from it is held by the portal itself (`notifications/campaigns.py`). Once POST has let
    it go, the size it was let go with is what is expected.
    """

    class State(models.TextChoices):
        """Where it stands. Whether one that goes is finished follows from its messages."""

        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        GOING = "going", "Released"

    occasion = models.CharField(max_length=60, help_text="The code of the occasion its messages are about.")
    key = models.CharField(max_length=100, help_text="Which of its occasion, in the occasion's words; holds no date.")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED, db_default=State.PLANNED)
    made_at = models.DateTimeField(default=clock.now)
    began_at = models.DateTimeField(null=True, blank=True, help_text="When its first messages were due.")
    expected = models.PositiveIntegerField(null=True, blank=True, help_text="Messages to be expected; empty: unknown.")
    expected_because = models.CharField(max_length=300, blank=True, default="", db_default="")
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty where the safety catch held it, or where its kind never goes by itself.",
    )
    held_because = models.TextField(blank=True, default="", db_default="", help_text="Why it was last held.")
    released_at = models.DateTimeField(null=True, blank=True, help_text="When a person last let it go.")
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_because = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "key"],
                name="campaign_once",
                violation_error_message="There is such a campaign already.",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_at__isnull=False) & ~Q(held_because="")),
                name="campaign_held_for_a_reason",
                violation_error_message="A campaign is held at a moment and for a reason.",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="campaign_released_by_somebody",
                violation_error_message="A campaign is let go by a person, at a moment.",
            ),
            models.CheckConstraint(
                condition=~Q(state="going") | Q(began_at__isnull=False),
                name="campaign_that_goes_has_begun",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.key}"
