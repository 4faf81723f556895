"""When officers who are short are reminded."""

from django.db import models

from clee_portal.history import evidence


@evidence()
class ReminderDate(models.Model):
    """One reminder of a reporting period, and its day. POST may move the day; its number stays, and nobody gets the
    same number twice."""

    period = models.ForeignKey("compliance.ReportingPeriod", on_delete=models.PROTECT, related_name="reminder_dates")
    number = models.PositiveSmallIntegerField(help_text="Which reminder of its period; part of a message's key.")
    due_on = models.DateField(help_text="The first day on which it may go.")

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "number"],
                name="reminder_number_once",
                violation_error_message="This period has a reminder of that number.",
            ),
            models.UniqueConstraint(
                fields=["period", "due_on"],
                name="reminder_day_once",
                violation_error_message="This period has a reminder on that day already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Reminder {self.number} of {self.period.year}, {self.due_on}"
