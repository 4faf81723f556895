"""Mail of the demonstration: with no mail server set, every mail ends on a page of its own."""

from django.core.mail.backends.base import BaseEmailBackend

from notifications.models import DemonstrationMessage


class DemonstrationBackend(BaseEmailBackend):
    """Keeps each mail as a `DemonstrationMessage`; nothing leaves the machine."""

    def send_messages(self, email_messages) -> int:
        """Store the messages and say how many there were."""
        rows = [
            DemonstrationMessage(
                sender=message.from_email,
                recipients="\n".join(message.recipients()),
                subject=message.subject,
                text=message.body,
                html=next((part[0] for part in getattr(message, "alternatives", []) if part[1] == "text/html"), ""),
            )
            for message in email_messages
            if message.recipients()
        ]
        DemonstrationMessage.objects.bulk_create(rows)
        return len(rows)
