"""Requirement sets: what a period asks, as published data. Source: 11 CSR 75-15.010 and POST's yearly list.

A requirement is *at least N hours among the credit lines that match a selector*. Next year's requirement is a row.
"""

from decimal import Decimal

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from clee_portal.history import evidence
from training.models import Area, SourceKind, Topic

_REFUSE = "RAISE EXCEPTION 'a published requirement set never changes: publish a new version instead';"


@evidence()
class RequirementSet(models.Model):
    """A version of what a period asks. Once published it never changes; a correction is a new version."""

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="requirement_sets")
    version = models.PositiveSmallIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True, help_text="What changed against the version before, and on what ground.")

    class Meta:
        ordering = ["period", "version"]
        constraints = [models.UniqueConstraint(fields=["period", "version"], name="requirement_set_version_once")]
        triggers = [
            pgtrigger.Trigger(
                name="published_set_is_locked",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False),
                func=_REFUSE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.period} · version {self.version}"


@evidence(deletable=True)
class Requirement(models.Model):
    """At least `minimum` hours among the lines that match area, topic, source kinds and delivery; empty is any."""

    requirement_set = models.ForeignKey(RequirementSet, on_delete=models.PROTECT, related_name="requirements")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=30, help_text="As it stands in a list: legal, approved, firearms.")
    order = models.PositiveSmallIntegerField()
    minimum = models.DecimalField(
        "minimum hours", max_digits=6, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
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
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_requirement_is_locked",
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
                """,  # noqa: S608 - a constant put together, no value from outside
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.minimum} h"
