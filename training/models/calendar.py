"""The training calendar: classes of licensed providers to come, their meetings, and the hours they will give.

A scheduled class is a promise, not evidence of training: when the provider confirms who completed it, a `TrainingClass`
with its records is made from it (11 CSR 75-15.020), and `training_class` names it.
"""

import re
import uuid

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from training.models.curriculum import HoursLine
from training.models.memberships import scope_of
from training.models.sources import Delivery

MOST_SEATS = 5000
# The course named must be the provider's: two columns of two tables, which no check constraint can compare.
_COURSE_OF_PROVIDER = pgtrigger.Trigger(
    name="class_of_own_course",
    level=pgtrigger.Row,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("course_id", "provider_id"),
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM training_course WHERE id = NEW.course_id AND provider_id = NEW.provider_id
        ) THEN
            RAISE EXCEPTION 'a class in the calendar is of a course of its provider'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'class_of_own_course';
        END IF;
        RETURN NEW;
    """,
)


class ScheduledClassQuerySet(models.QuerySet):
    """Classes in the calendar."""

    def visible_to(self, user) -> "ScheduledClassQuerySet":
        """Those whose working pages `user` may open: the state's people all, provider staff their own.

        What the public sees of them is `published`.
        """
        scope = scope_of(user)
        return self if scope.sees_the_state else self.filter(provider__in=scope.provider_ids)

    def with_reference(self, reference: str) -> "ScheduledClassQuerySet":
        """The class a reference number such as S-000123 names; none where it is no reference."""
        number = self.model.number_of(reference)
        return self.none() if number is None else self.filter(pk=number)

    def published(self) -> "ScheduledClassQuerySet":
        """Those anybody may read, also where they were called off since."""
        return self.exclude(state=ScheduledClass.State.DRAFT)

    def of_licensed(self, today) -> "ScheduledClassQuerySet":
        """Those of providers whose license is valid on `today`."""
        from training.models.providers import ProviderLicense  # providers refer to nothing of the calendar

        valid = ProviderLicense.objects.live().filter(
            Q(valid_until=None) | Q(valid_until__gte=today),
            valid_from__lte=today,
            standing__in=[ProviderLicense.Standing.VALID, ProviderLicense.Standing.PROBATION],
        )
        return self.filter(provider__in=valid.values("provider"))

    def open_to_all(self, today) -> "ScheduledClassQuerySet":
        """Those that are to be held, of providers whose license is valid on `today`."""
        return self.of_licensed(today).filter(state=ScheduledClass.State.PUBLISHED)


@evidence(exclude=("seats_taken",), deletable=True)
class ScheduledClass(models.Model):
    """A class a provider will hold, or held, from its first meeting to its last. Moments are UTC; days are Chicago's.

    What it says of hours, fee and place is its own, written when it is made: a later version of the course changes
    nothing of it. A draft may be thrown away; what was once published stays. `seats_taken` is kept by the database from
    the registrations, and never exceeds `capacity`.
    """

    class State(models.TextChoices):
        """Where it is between an idea and a class that is held."""

        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CALLED_OFF = "called_off", _("Called off")

    provider = models.ForeignKey("training.Provider", on_delete=models.PROTECT, related_name="scheduled_classes")
    course = models.ForeignKey("training.Course", on_delete=models.PROTECT, related_name="scheduled_classes")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    begins_at = models.DateTimeField(help_text="When the first meeting begins.")
    ends_at = models.DateTimeField(help_text="When the last meeting ends.")
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.CLASSROOM)
    place = models.CharField("name of the place", max_length=200, blank=True)
    address = models.CharField("street", max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    zip_code = models.CharField("ZIP code", max_length=5, blank=True)
    latitude = models.FloatField(null=True, blank=True, help_text="Of its ZIP code's middle, in degrees north.")
    longitude = models.FloatField(null=True, blank=True, help_text="Of its ZIP code's middle, in degrees east.")
    directions = models.TextField(
        blank=True, help_text="How to get in, what to bring, a link to the on-line room. Shown to those with a seat."
    )
    capacity = models.PositiveIntegerField(
        "seats", validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)], help_text="How many can take part."
    )
    seats_taken = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    fee = models.DecimalField(
        "fee in dollars", max_digits=7, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    instructors = models.CharField(max_length=300, blank=True)
    administrator = models.CharField(
        "course administrator", max_length=200, blank=True, help_text="Whose name stands on the certificates."
    )
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True, help_text="What else people should know, shown to everybody.")
    opens_at = models.DateTimeField(
        "registration opens", null=True, blank=True, help_text="Empty: as soon as it is published."
    )
    closes_at = models.DateTimeField(
        "registration closes", null=True, blank=True, help_text="Empty: when the class begins."
    )
    cancel_hours = models.PositiveSmallIntegerField(
        default=24, help_text="A seat given back later than so many hours before the class is a late cancellation."
    )
    offer_hours = models.PositiveSmallIntegerField(
        default=24,
        validators=[MinValueValidator(1)],
        help_text="How many hours a seat is kept for the next on the wait-list before the one after is asked.",
    )
    series = models.UUIDField(null=True, blank=True, db_index=True, help_text="Classes planned together.")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="Its name in calendar programs.")
    outside_uid = models.CharField(
        max_length=255, blank=True, default="", help_text="Its name in the calendar it was brought in from."
    )
    sequence = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Raised with every change that calendar programs must follow."
    )
    changed_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_because = models.CharField(max_length=500, blank=True)
    training_class = models.OneToOneField(
        "training.TrainingClass",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="scheduled",
        help_text="The class with its credit, once who completed it was confirmed.",
    )

    objects = ScheduledClassQuerySet.as_manager()

    class Meta:
        verbose_name = "class in the calendar"
        verbose_name_plural = "classes in the calendar"
        ordering = ["begins_at", "pk"]
        triggers = [
            _COURSE_OF_PROVIDER,
            pgtrigger.Protect(
                name="only_drafts_go",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")),
                name="scheduled_class_ends_after_it_begins",
                violation_error_message="A class cannot end before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity")),
                name="scheduled_class_seats_within_capacity",
                violation_error_message="There are more people registered than seats.",
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1, capacity__lte=MOST_SEATS), name="scheduled_class_has_seats"
            ),
            models.CheckConstraint(condition=Q(fee__gte=0), name="scheduled_class_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="scheduled_class_published_has_its_moment",
            ),
            models.CheckConstraint(
                condition=(Q(state="called_off", called_off_at__isnull=False) & ~Q(called_off_because=""))
                | (~Q(state="called_off") & Q(called_off_at=None, called_off_because="")),
                name="scheduled_class_called_off_says_why",
                violation_error_message="Say why the class is called off.",
            ),
            models.CheckConstraint(
                condition=Q(training_class=None) | Q(state="published"),
                name="scheduled_class_held_was_published",
                violation_error_message="Only a class that was published, and not called off, gives credit.",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="scheduled_class_lies_somewhere",
            ),
            models.UniqueConstraint(
                fields=["provider", "outside_uid"],
                condition=~Q(outside_uid=""),
                name="scheduled_class_brought_in_once",
                violation_error_message="This class was brought in from that calendar before.",
            ),
        ]
        indexes = [
            models.Index(fields=["begins_at"], name="scheduled_by_day", condition=Q(state="published")),
            models.Index(fields=["provider", "-begins_at"], name="scheduled_by_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.course}"

    @staticmethod
    def number_of(reference: str) -> int | None:
        """The number a reference such as S-000123 names; None where it is no reference."""
        match = re.fullmatch(r"S-0*([0-9]{1,15})", reference.strip().upper())
        return int(match[1]) if match else None

    @property
    def reference(self) -> str:
        """The reference number people quote: S-000123."""
        return f"S-{self.pk:06d}"

    @property
    def seats_left(self) -> int:
        """How many seats nobody has, nor is being offered."""
        return self.capacity - self.seats_taken


@evidence(deletable=True)
class ScheduledMeeting(models.Model):
    """One meeting of a class: it may pass midnight, and a class of weekly evenings has several."""

    scheduled_class = models.ForeignKey(ScheduledClass, on_delete=models.PROTECT, related_name="meetings")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["begins_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")),
                name="scheduled_meeting_ends_after_it_begins",
                violation_error_message="A meeting cannot end before it begins.",
            ),
            models.UniqueConstraint(fields=["scheduled_class", "begins_at"], name="scheduled_meeting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.begins_at:%Y-%m-%d %H:%M}"


@evidence(deletable=True)
class ScheduledLine(HoursLine):
    """The hours a class in the calendar will give to whoever completes all of it."""

    scheduled_class = models.ForeignKey(ScheduledClass, on_delete=models.PROTECT, related_name="lines")

    class Meta(HoursLine.Meta):
        constraints = [
            *HoursLine.Meta.constraints,
            models.UniqueConstraint(
                fields=["scheduled_class", "area", "topic"], name="scheduled_line_once", nulls_distinct=False
            ),
        ]
