"""Requirement sets: what a period asks, as published data. Source: 11 CSR 75-15.010 and POST's yearly list.

A requirement is *at least N hours among the credit lines that match a selector*. Next year's requirement is a row.
"""

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from clee_portal.history import evidence
from training.models import Area, SourceKind, Topic

# More hours than anybody can complete in a year (52 weeks of 40 hours are 2,080): asking for more asks the impossible.
MOST_ASKED = Decimal(2000)
_REFUSE = "RAISE EXCEPTION 'a published requirement set never changes: publish a new version instead';"


def locked_with_its_set(name: str) -> pgtrigger.Trigger:
    """The trigger that keeps the rows of a published set (`requirement_set`) from being added, changed or removed."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("touched", "bigint[]")],
        func=f"""
                    touched := ARRAY(SELECT DISTINCT unnest(ARRAY[
                        CASE WHEN TG_OP <> 'DELETE' THEN NEW.requirement_set_id END,
                        CASE WHEN TG_OP <> 'INSERT' THEN OLD.requirement_set_id END]));
                    IF EXISTS (SELECT FROM compliance_requirementset
                               WHERE id = ANY(touched) AND published_at IS NOT NULL) THEN
                        {_REFUSE}
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,  # noqa: S608 - a constant put together, no value from outside  # nosec B608
    )


@evidence()
class RequirementSet(models.Model):
    """A version of what a period asks. Once published it never changes; a correction is a new version.

    A draft (`drafted_at`) is worked on in the portal by its authors (`RuleAuthor`), handed in, and published by
    somebody who is none of them. A set without `drafted_at` was seeded, published from a file, or carried on from the
    period before.
    """

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="requirement_sets")
    version = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Given when it is published; a draft has none."
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who approved it; empty for a set that was seeded or published from a file.",
    )
    note = models.TextField(blank=True, help_text="What changed against the version before, and on what ground.")
    drafted_at = models.DateTimeField(null=True, blank=True, help_text="When the draft was begun in the portal.")
    base = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The version of its period that the draft is to follow.",
    )
    carries_on = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether it is published for the following periods too, as long as they ask what this one asked.",
    )
    ends_on = models.DateField(null=True, blank=True, help_text="The last day of the period, where it is moved.")
    show_by = models.DateField(null=True, blank=True, help_text="The last day to show hours, where it is moved.")
    handed_in_at = models.DateTimeField(null=True, blank=True)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_back = models.TextField(blank=True, default="", db_default="", help_text="Why it was last sent back.")
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["period", "version"]
        constraints = [
            models.UniqueConstraint(fields=["period", "version"], name="requirement_set_version_once"),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(drafted_at__isnull=False, published_at=None, discarded_at=None),
                name="requirement_set_one_draft",
                violation_error_message="This period has a draft already.",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(version__isnull=False),
                name="requirement_set_published_has_version",
                violation_error_message="A published set has a version.",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(drafted_at=None) | Q(published_by__isnull=False),
                name="requirement_set_approved_by_somebody",
                violation_error_message="A draft is published by somebody.",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(discarded_at=None),
                name="requirement_set_discarded_or_published",
                violation_error_message="A draft that was discarded is not published.",
            ),
            models.CheckConstraint(
                condition=Q(handed_in_at=None, handed_in_by=None)
                | Q(handed_in_at__isnull=False, handed_in_by__isnull=False),
                name="requirement_set_handed_in_by_somebody",
                violation_error_message="A draft is handed in by somebody, at a moment.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_set_is_locked",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False),
                func=_REFUSE,
            ),
            pgtrigger.Trigger(
                name="set_approved_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=True, new__published_at__isnull=False),
                func="""
                    IF EXISTS (SELECT FROM compliance_ruleauthor
                               WHERE requirement_set_id = NEW.id AND user_id = NEW.published_by_id) THEN
                        RAISE EXCEPTION 'whoever worked on a draft may not approve it';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} · {f'version {self.version}' if self.version else 'draft'}"

    @property
    def short_title(self) -> str:
        """As it stands in a path: 2026, version 2."""
        return f"{self.period.year}, {f'version {self.version}' if self.version else 'draft'}"

    @property
    def is_draft(self) -> bool:
        """Whether it may still become something."""
        return self.published_at is None and self.discarded_at is None


@evidence(deletable=True)
class Requirement(models.Model):
    """At least `minimum` hours among the lines that match area, topic, source kinds and delivery; empty is any."""

    requirement_set = models.ForeignKey(RequirementSet, on_delete=models.PROTECT, related_name="requirements")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=30, help_text="As it stands in a list: legal, approved, firearms.")
    order = models.PositiveSmallIntegerField()
    minimum = models.DecimalField(
        "minimum hours",
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MOST_ASKED)],
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposed_topic = models.ForeignKey(
        "compliance.ProposedTopic",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requirements",
        help_text="In a draft: a topic that comes into being when it is published.",
    )
    source_kinds = ArrayField(
        models.CharField(max_length=20, choices=SourceKind),
        default=list,
        blank=True,
        help_text="The kinds of source that count; none chosen means every kind.",
    )
    in_person_only = models.BooleanField(default=False)
    wording = models.TextField(help_text="The rule in plain words, as people read it.")
    citation = models.CharField(max_length=200)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["requirement_set", "code"], name="requirement_code_once"),
            models.CheckConstraint(
                condition=Q(minimum__gt=0),
                name="requirement_minimum_positive",
                violation_error_message="A requirement asks for more than 0 hours.",
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=MOST_ASKED),
                name="requirement_minimum_can_be_met",
                violation_error_message="Nobody can complete more than 2,000 hours in a year.",
            ),
            models.CheckConstraint(
                condition=Q(topic=None) | Q(proposed_topic=None),
                name="requirement_one_topic",
                violation_error_message="A requirement is about one topic.",
            ),
        ]
        triggers = [locked_with_its_set("published_requirement_is_locked")]

    def __str__(self) -> str:
        return f"{self.name}: {self.minimum} h"

    @property
    def source_words(self) -> str:
        """The kinds of source that count, in words."""
        return ", ".join(str(SourceKind(kind).label) for kind in self.source_kinds)
