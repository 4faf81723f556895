"""The mail of the demonstration, which is shown on a page instead of being sent."""

from django.db import models


class DemonstrationMessage(models.Model):
    """A mail of the demonstration: kept and shown on a page, never sent anywhere."""

    sent_at = models.DateTimeField(auto_now_add=True)
    sender = models.CharField(max_length=320)
    recipients = models.TextField(help_text="One address a line.")
    subject = models.CharField(max_length=998)
    text = models.TextField()
    html = models.TextField(blank=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return self.subject

    @property
    def readable(self) -> str:
        """The text of the mail; where it has only HTML, the HTML as it stands."""
        return self.text.strip() or self.html
