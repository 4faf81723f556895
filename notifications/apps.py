"""The outbox."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What is to be sent to whom, and what became of it; knows no rule of the domain."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Whoever signs in with an address whose mail comes back is told on every page."""
        from django.contrib.auth.signals import user_logged_in  # models must be loaded first

        from notifications import addresses  # as above

        user_logged_in.connect(addresses.note_at_sign_in, dispatch_uid="notifications.addresses")
