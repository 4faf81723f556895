"""Certificates of completion. Source: 11 CSR 75-15.020(4), rule book section 8."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal.history import evidence
from training.models.memberships import scope_of
from training.models.registrations import CODE_LENGTH, in_groups, new_code


class CertificateQuerySet(models.QuerySet):
    """Certificates."""

    def visible_to(self, user) -> "CertificateQuerySet":
        """Those of records visible to `user`."""
        from training.models.records import TrainingRecord  # the two models refer to each other

        scope = scope_of(user)
        if scope.sees_the_state:
            return self
        return self.filter(issued_record__in=TrainingRecord.objects.visible_to(user))


@evidence()
class Certificate(models.Model):
    """A person's certificate of a class, known by a code anybody can check.

    It belongs to the officer and to the class as it was first recorded, so it outlives every correction of either;
    `issued_record` is the record whose figures the paper shows, and it never changes: what holds today is the record
    that stands for it now.
    """

    officer = models.ForeignKey("training.Officer", on_delete=models.PROTECT, related_name="certificates")
    first_class = models.ForeignKey(
        "training.TrainingClass",
        on_delete=models.PROTECT,
        related_name="certificates",
        help_text="The class as it was first recorded; corrections follow from it.",
    )
    issued_record = models.ForeignKey("training.TrainingRecord", on_delete=models.PROTECT, related_name="certificates")
    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    issued_at = models.DateTimeField(db_default=Now())
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    administrator = models.CharField(max_length=200, blank=True, help_text="The course administrator it names.")
    is_approved_provider = models.BooleanField(
        default=False,
        help_text="Whether it carries the phrase “Approved Provider”: the provider was licensed that day.",
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "first_class"],
                name="certificate_once_per_person_and_class",
                violation_error_message="This officer already has a certificate of this class.",
            ),
            models.CheckConstraint(condition=~Q(code=""), name="certificate_has_its_code"),
        ]

    def __str__(self) -> str:
        return f"Certificate {self.code}"

    @property
    def reference(self) -> str:
        """What its address names it by: the code."""
        return self.code

    @property
    def code_in_groups(self) -> str:
        """The code as people read it: ABCD EFGH JKMN."""
        return in_groups(self.code)
