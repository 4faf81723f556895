"""The outbox."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What is to be sent to whom, and what became of it; knows no rule of the domain."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
