"""Cases before the Director, and what the Director or a designated agent decided. Source: 11 CSR 75-15.080.

The program decides nothing: each row of `CaseDecision` names a person who held the role that day, which the database
tests itself, and no license is made inactive or reinstated here without one (migration `only_the_director`).
"""

import re

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal.history import evidence
from compliance.models.candidacies import Candidacy
from compliance.models.documents import document_storage, unguessable_name
from training.models.recorded import Recorded


@evidence()
class CaseSubmission(Recorded):
    """A case was put before the Director, with the digest of the facts as they were. `recorded_by` put it there."""

    class Closed(models.TextChoices):
        """How it ended."""

        DECIDED = "decided", "Decided"
        REFERRED = "referred", "Referred back"
        WITHDRAWN = "withdrawn", "Taken back by POST"

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="submissions")
    words = models.TextField(max_length=2000, blank=True, default="", db_default="", help_text="What POST says to it.")
    override_reason = models.TextField(
        max_length=2000,
        blank=True,
        default="",
        db_default="",
        help_text="Why it is put forward although a recording error is likely.",
    )
    as_of = models.DateTimeField(help_text="The moment as of which the facts were read.")
    facts = models.TextField(help_text="The facts as they were, as text: what later ones are compared with.")
    facts_sha256 = models.CharField(max_length=64, help_text="The digest of that text (`compliance.case_facts`).")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=10, choices=Closed, blank=True, default="", db_default="")

    class Meta(Recorded.Meta):
        ordering = ["recorded_at", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_because="") | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
                name="case_submission_closed_for_a_reason",
                violation_error_message="A case leaves the Director’s desk for a reason.",
            ),
            models.UniqueConstraint(
                fields=["candidacy"],
                condition=Q(closed_at=None, voided_at=None),
                name="case_submission_once",
                violation_error_message="This case is before the Director already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidacy}, before the Director"


@evidence()
class CaseSecondLook(models.Model):
    """The facts of a case changed while it lay before the Director, and somebody looked at what changed."""

    submission = models.ForeignKey(CaseSubmission, on_delete=models.PROTECT, related_name="second_looks")
    as_of = models.DateTimeField()
    facts = models.TextField(help_text="The facts that were looked at.")
    facts_sha256 = models.CharField(max_length=64)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["as_of", "pk"]

    def __str__(self) -> str:
        return f"{self.submission}, looked at again"


class CaseDecisionQuerySet(models.QuerySet):
    """Decisions."""

    def with_reference(self, reference: str) -> "CaseDecisionQuerySet":
        """The decision a number such as D-000123 names; none where it is no such number."""
        match = re.fullmatch(r"D-0*([0-9]{1,15})", reference.strip().upper())
        return self.filter(pk=match[1]) if match else self.none()


_HELD_THE_ROLE = """
IF NOT EXISTS (
    SELECT FROM accounts_staterole r WHERE r.user_id = NEW.decided_by_id
    AND r.role IN ('director', 'director_agent') AND r.starts_on <= NEW.decided_on
    AND (r.ends_on IS NULL OR r.ends_on >= NEW.decided_on) AND (r.revoked_at IS NULL OR r.revoked_at > NEW.decided_at)
) THEN
    RAISE EXCEPTION 'only the Director or a designated agent decides, on a day of the role'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'case_decision_by_the_director';
END IF;
RETURN NEW;
"""
_BY_ANOTHER = """
IF EXISTS (
    SELECT FROM compliance_casesubmission s WHERE s.id = NEW.submission_id AND s.recorded_by_id = NEW.decided_by_id
) THEN
    RAISE EXCEPTION 'whoever put a case forward does not decide it'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'case_decision_by_another';
END IF;
RETURN NEW;
"""
_STAYS = """
IF OLD.event_id IS NULL AND to_jsonb(OLD) - 'event_id' = to_jsonb(NEW) - 'event_id' THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION 'a decision is never changed; it is reversed by another'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'case_decision_stays';
"""


@evidence()
class CaseDecision(models.Model):
    """What the Director or a designated agent decided in a case. It is never changed: another one reverses it."""

    class Kind(models.TextChoices):
        """What was decided."""

        MAKE_INACTIVE = "make_inactive", "License made inactive"
        LEAVE_ACTIVE = "leave_active", "License left active"
        REFER_BACK = "refer_back", "Referred back to POST"
        REINSTATE = "reinstate", "License reinstated"
        REVERSE = "reverse", "Decision reversed"

    candidacy = models.ForeignKey(Candidacy, on_delete=models.PROTECT, related_name="decisions")
    submission = models.OneToOneField(
        CaseSubmission, on_delete=models.PROTECT, null=True, blank=True, related_name="decision"
    )
    kind = models.CharField(max_length=15, choices=Kind)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_as = models.CharField(max_length=150, help_text="Name and role as they were that day.")
    decided_on = models.DateField()
    decided_at = models.DateTimeField(help_text="The moment as of which the facts were read.")
    recorded_at = models.DateTimeField(db_default=Now())
    until = models.DateField(
        null=True, blank=True, help_text="Left active: last day on which it is not put forward again."
    )
    reason = models.TextField(max_length=4000, blank=True, default="", db_default="")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    event = models.OneToOneField(
        "training.LicenseEvent",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What it brought about: the license made inactive, or reinstated.",
    )
    standing = models.CharField(max_length=20, help_text="Where the officer stood, as decided upon.")
    requirement_set = models.ForeignKey("compliance.RequirementSet", on_delete=models.PROTECT, related_name="+")
    facts_sha256 = models.CharField(max_length=64)
    batch = models.UUIDField(null=True, blank=True, help_text="Those decided together.")

    objects = CaseDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="leave_active", until__isnull=False) | (~Q(kind="leave_active") & Q(until=None)),
                name="case_decision_left_active_until_a_day",
                violation_error_message="A license is left active until a day.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["make_inactive", "reinstate"]) | ~Q(reason=""),
                name="case_decision_says_why",
                violation_error_message="Say why.",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False) | (~Q(kind="reverse") & Q(reverses=None)),
                name="case_decision_reverses_another",
                violation_error_message="A reversal names what it reverses.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["make_inactive", "leave_active", "refer_back"], submission__isnull=False)
                | Q(kind__in=["reinstate", "reverse"], submission=None),
                name="case_decision_on_what_was_put_forward",
                violation_error_message="What is decided was put before the Director.",
            ),
            models.CheckConstraint(
                condition=Q(event=None) | Q(kind__in=["make_inactive", "reinstate"]),
                name="case_decision_event_fits",
                violation_error_message="Only making inactive and reinstating change a license.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="case_decision_by_the_director",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_HELD_THE_ROLE,
            ),
            pgtrigger.Trigger(
                name="case_decision_by_another", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BY_ANOTHER
            ),
            pgtrigger.Trigger(
                name="case_decision_stays", when=pgtrigger.Before, operation=pgtrigger.Update, func=_STAYS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.get_kind_display()}"

    @property
    def reference(self) -> str:
        """The number people quote: D-000123. The license event carries it too."""
        return f"D-{self.pk:06d}"


@evidence()
class CasePacket(models.Model):
    """All that a decision rested on, frozen: a PDF to read and the same as data, from which it is judged again."""

    decision = models.OneToOneField(CaseDecision, on_delete=models.PROTECT, related_name="packet")
    data = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    data_sha256 = models.CharField(max_length=64)
    pdf = models.FileField(storage=document_storage, upload_to=unguessable_name, max_length=80)
    pdf_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(data="")
                & ~Q(pdf="")
                & Q(data_sha256__regex="^[0-9a-f]{64}$", pdf_sha256__regex="^[0-9a-f]{64}$"),
                name="case_packet_is_whole",
                violation_error_message="A packet is a PDF and its data, each with its digest.",
            ),
            models.UniqueConstraint(
                fields=["data"], name="case_packet_data_once", violation_error_message="One file, one packet."
            ),
            models.UniqueConstraint(
                fields=["pdf"], name="case_packet_pdf_once", violation_error_message="One file, one packet."
            ),
        ]

    def __str__(self) -> str:
        return f"Packet of {self.decision.reference}"


@evidence()
class CaseAppeal(Recorded):
    """An appeal against a decision, and what became of it, as POST notes it. It changes nothing by itself."""

    class Noted(models.TextChoices):
        """What is noted."""

        FILED = "filed", "Appeal filed"
        DECIDED = "decided", "Appeal decided"
        WITHDRAWN = "withdrawn", "Appeal withdrawn"

    decision = models.ForeignKey(CaseDecision, on_delete=models.PROTECT, related_name="appeals")
    noted = models.CharField(max_length=10, choices=Noted)
    happened_on = models.DateField()
    before = models.CharField(max_length=200, help_text="The body or court, and its number.")
    words = models.TextField(max_length=2000, blank=True, default="", db_default="")

    class Meta(Recorded.Meta):
        ordering = ["happened_on", "pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(before=""),
                name="case_appeal_says_where",
                violation_error_message="Say before whom, and its number.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_noted_display()}, {self.decision.reference}"
