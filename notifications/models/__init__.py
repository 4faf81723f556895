"""The outbox's own tables: what is to be sent to whom, what became of it, and what mail servers reported back."""

from notifications.models.campaigns import Campaign
from notifications.models.demonstration import DemonstrationMessage
from notifications.models.messages import Message, MessageText, Pace
from notifications.models.preferences import Preference
from notifications.models.reports import DeliveryReport, FailingAddress

__all__ = [
    "Campaign",
    "DeliveryReport",
    "DemonstrationMessage",
    "FailingAddress",
    "Message",
    "MessageText",
    "Pace",
    "Preference",
]
