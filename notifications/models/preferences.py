"""Which optional kinds of mail a person does not want."""

from django.conf import settings
from django.db import models

from clee_portal import clock
from clee_portal.history import evidence


@evidence()
class Preference(models.Model):
    """A person's word on one optional kind of mail. Without a row they get it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_preferences")
    occasion = models.CharField(max_length=60, help_text="The code of the occasion.")
    wanted = models.BooleanField()
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["occasion"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "occasion"],
                name="preference_once",
                violation_error_message="There is a choice for this kind of mail already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.occasion} {'on' if self.wanted else 'off'}"
