"""Transcripts: an officer's standings and classes as they were at a moment, on a signed paper.

What a transcript says is kept as rows, and the two files as they were handed out, byte for byte. Neither ever changes:
what holds today is asked anew, and compared (`compliance.transcript_figures`).
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from clee_portal.history import evidence
from compliance.models.documents import document_storage, unguessable_name
from training.models import Officer
from training.models.memberships import scope_of
from training.models.registrations import CODE_LENGTH, in_groups, new_code

_DIGEST = "^[0-9a-f]{64}$"
_SIGNATURE = "^[A-Za-z0-9+/]{86}==$"


def _stays(name: str, what: str, but_for: tuple[str, ...] = ()) -> pgtrigger.Trigger:
    """The trigger that keeps a row as it was written, but for some columns."""
    left_out = "".join(f" - '{column}'" for column in but_for)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
IF to_jsonb(OLD){left_out} = to_jsonb(NEW){left_out} THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION '{what} never changes' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
""",
    )


@evidence()
class SigningKey(models.Model):
    """The public half of a key the portal signs papers with, published from its first signature on.

    The secret half is in the environment (`SIGNING_KEYS`) and never in the database. A key that another took the place
    of stays here, so that what it signed can be checked for ever; one that is revoked proves nothing any more.
    """

    key_id = models.CharField(max_length=16, unique=True, help_text="The first 16 signs of the key's SHA-256.")
    public_key = models.CharField(max_length=44, unique=True, help_text="32 bytes of Ed25519, in base64.")
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True, blank=True, help_text="When another key took its place.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        ordering = ["valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key_id__regex="^[0-9a-f]{16}$", public_key__regex="^[A-Za-z0-9+/]{43}=$"),
                name="signing_key_is_whole",
                violation_error_message="A key is 32 bytes, and is named by its digest.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="signing_key_ends_after_it_begins",
                violation_error_message="A key does not end before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoke_reason="") | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
                name="signing_key_revoked_for_a_reason",
                violation_error_message="Say why the key is revoked.",
            ),
        ]
        triggers = [_stays("signing_key_stays", "a key", ("valid_until", "revoked_at", "revoke_reason"))]

    def __str__(self) -> str:
        return self.key_id


class TranscriptQuerySet(models.QuerySet):
    """Transcripts."""

    def visible_to(self, user) -> "TranscriptQuerySet":
        """An officer's own, whoever had them made; of an agency those it had made, while it commissions the officer;
        all for the state's people. What an officer has made for an application is not the agency's to know."""
        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        theirs = Q(agency__in=scope.agency_ids, officer__in=Officer.objects.visible_to(user))
        return self.filter(Q(officer__in=scope.officer_ids) | theirs)


@evidence()
class Transcript(models.Model):
    """An officer's standings and classes of some periods as of a moment, signed, known by a code anybody can check."""

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="transcripts")
    agency = models.ForeignKey(
        "training.Agency",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The agency that had it made; empty where the officer or POST did.",
    )
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    as_of = models.DateTimeField(help_text="The moment its figures are of.")
    issued_at = models.DateTimeField(db_default=Now())
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submission_key = models.UUIDField(
        null=True, blank=True, help_text="The form it was asked with: the same form sent twice is one transcript."
    )
    name = models.CharField(max_length=400, help_text="The officer's name, as issued.")
    license_number = models.CharField(max_length=40, help_text="As issued.")
    license_words = models.CharField(max_length=200, help_text="The state of the license, as issued.")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="transcripts")
    pdf = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    pdf_sha256 = models.CharField(max_length=64)
    pdf_signature = models.CharField(max_length=88, help_text="Ed25519 over the file's bytes, in base64.")
    data = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    data_sha256 = models.CharField(max_length=64)
    data_signature = models.CharField(max_length=88)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(pdf="")
                & ~Q(data="")
                & ~Q(code="")
                & ~Q(name="")
                & Q(pdf_sha256__regex=_DIGEST, data_sha256__regex=_DIGEST)
                & Q(pdf_signature__regex=_SIGNATURE, data_signature__regex=_SIGNATURE),
                name="transcript_is_whole",
                violation_error_message="A transcript is a PDF and its data, each with digest and signature.",
            ),
            models.UniqueConstraint(
                fields=["pdf_sha256"], name="transcript_pdf_once", violation_error_message="One file, one transcript."
            ),
            models.UniqueConstraint(
                fields=["data_sha256"], name="transcript_data_once", violation_error_message="One file, one transcript."
            ),
            models.UniqueConstraint(
                fields=["submission_key"],
                name="transcript_once_per_form",
                violation_error_message="This form was sent before.",
            ),
        ]
        # Two records of one person may be joined: then it goes along.
        triggers = [_stays("transcript_stays", "a transcript", ("officer_id",))]

    def __str__(self) -> str:
        return f"Transcript {self.code}"

    @property
    def reference(self) -> str:
        """What its address names it by: the code."""
        return self.code

    @property
    def code_in_groups(self) -> str:
        """The code as people read it: ABCD EFGH JKMN."""
        return in_groups(self.code)


@evidence()
class TranscriptPeriod(models.Model):
    """Where the officer stood in one period, in the words of the standing page."""

    transcript = models.ForeignKey(Transcript, on_delete=models.PROTECT, related_name="periods")
    year = models.PositiveSmallIntegerField()
    requirement_set = models.ForeignKey("compliance.RequirementSet", on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(max_length=20, help_text="One of the ten (`compliance.verdict`).")
    words = models.CharField(max_length=100, help_text="The standing in a word or two.")
    headline = models.TextField()
    grounds = models.TextField(blank=True)
    deadline = models.TextField(blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "year"],
                name="transcript_period_once",
                violation_error_message="A transcript speaks of a period once.",
            )
        ]
        triggers = [_stays("transcript_period_stays", "a transcript")]

    def __str__(self) -> str:
        return f"{self.transcript}, {self.year}"


@evidence()
class TranscriptNeed(models.Model):
    """One requirement of a period: hours asked and hours that counted."""

    period = models.ForeignKey(TranscriptPeriod, on_delete=models.PROTECT, related_name="needs")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    minimum = models.DecimalField(max_digits=8, decimal_places=2)
    hours = models.DecimalField(max_digits=8, decimal_places=2)
    words = models.CharField(max_length=100, help_text="Met, or how many hours are missing.")
    citation = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "code"],
                name="transcript_need_once",
                violation_error_message="A requirement stands once in its period.",
            )
        ]
        triggers = [_stays("transcript_need_stays", "a transcript")]

    def __str__(self) -> str:
        return f"{self.name}: {self.hours} of {self.minimum} h"


@evidence()
class TranscriptClass(models.Model):
    """One class of a period: whether it counted, and why not."""

    period = models.ForeignKey(TranscriptPeriod, on_delete=models.PROTECT, related_name="classes")
    order = models.PositiveSmallIntegerField()
    reference = models.CharField(max_length=20, help_text="The number of the class, as issued.")
    completed_on = models.DateField()
    course = models.TextField()
    source = models.TextField()
    delivery = models.CharField(max_length=40)
    role = models.CharField(max_length=40)
    counts = models.BooleanField()
    why_not = models.TextField(
        blank=True, help_text="Why it did not count; of one that counted, to which requirement it did not."
    )

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(counts=True) | ~Q(why_not=""),
                name="transcript_class_says_why_not",
                violation_error_message="A class that did not count says why.",
            )
        ]
        triggers = [_stays("transcript_class_stays", "a transcript")]

    def __str__(self) -> str:
        return f"{self.course}, {self.completed_on}"


@evidence()
class TranscriptHours(models.Model):
    """Hours of a class in one area, or in one topic of it."""

    held = models.ForeignKey(TranscriptClass, on_delete=models.PROTECT, related_name="hours")
    order = models.PositiveSmallIntegerField()
    area = models.CharField(max_length=200)
    topic = models.CharField(max_length=200, blank=True)
    hours = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gt=0),
                name="transcript_hours_are_some",
                violation_error_message="Hours are more than none.",
            )
        ]
        triggers = [_stays("transcript_hours_stays", "a transcript")]

    def __str__(self) -> str:
        return f"{self.hours} h {self.topic or self.area}"


class TranscriptLook(models.Model):
    """Somebody who is not the officer looked at the public page of a transcript: when, and whether by its code or with
    a file. Who it was is not known, or stands in the record of access."""

    class How(models.TextChoices):
        """By what the page was found."""

        CODE = "code", _("By its code")
        FILE = "file", _("With a file")

    transcript = models.ForeignKey(Transcript, on_delete=models.PROTECT, related_name="looks")
    at = models.DateTimeField(db_default=Now())
    how = models.CharField(max_length=4, choices=How)

    is_append_only = True

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=["code", "file"]),
                name="transcript_look_by_code_or_file",
                violation_error_message="A look is by code or with a file.",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="transcript_look_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the record of looks is never emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transcript}, {self.at:%Y-%m-%d}"
