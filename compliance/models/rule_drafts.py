"""What belongs to a draft of what a period asks: who worked on it, topics it proposes, golden cases it has to pass."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from clee_portal.history import evidence
from compliance.models.requirements import RequirementSet, locked_with_its_set
from training.models import Area


@evidence()
class RuleAuthor(models.Model):
    """Somebody who worked on a draft: they do not approve it (a trigger on the set)."""

    requirement_set = models.ForeignKey(RequirementSet, on_delete=models.PROTECT, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["since", "pk"]
        constraints = [models.UniqueConstraint(fields=["requirement_set", "user"], name="rule_author_once")]

    def __str__(self) -> str:
        return f"{self.user} on {self.requirement_set}"


@evidence(deletable=True)
class ProposedTopic(models.Model):
    """A topic that a draft adds. It comes into being when the draft is published; until then no class can carry it."""

    requirement_set = models.ForeignKey(RequirementSet, on_delete=models.PROTECT, related_name="proposed_topics")
    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=60)
    usual_area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    only_area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement_set", "code"],
                name="proposed_topic_code_once",
                violation_error_message="This draft adds a topic of that code already.",
            )
        ]
        triggers = [locked_with_its_set("published_topics_are_locked")]

    def __str__(self) -> str:
        return self.name


@evidence(deletable=True)
class GoldenCase(models.Model):
    """Facts about one officer and the standing a set gives, in the words of golden cases (`compliance.cases`): policy
    people can read and sign it. All cases of a draft have to agree before it is published; then they are kept."""

    requirement_set = models.ForeignKey(RequirementSet, on_delete=models.PROTECT, related_name="golden_cases")
    name = models.CharField(max_length=200)
    text = models.TextField(max_length=8000, help_text="One case, as in a file of golden cases.")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement_set", "name"],
                name="golden_case_name_once",
                violation_error_message="This set has a case of that name already.",
            )
        ]
        triggers = [locked_with_its_set("published_cases_are_locked")]

    def __str__(self) -> str:
        return self.name
