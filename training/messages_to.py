"""The messages that were written to an officer."""

from django.db.models import Q, QuerySet

from notifications.models import Message
from training.models import Membership, Officer


def officer(one: Officer) -> QuerySet[Message]:
    """Every message to the accounts that are or were connected to the license, in the time they were."""
    within = Q(pk=None)
    for tie in Membership.objects.filter(role=Membership.Role.OFFICER, officer=one):
        since = Q(user=tie.user_id, put_at__date__gte=tie.starts_on)
        if tie.ends_on:
            since &= Q(put_at__date__lte=tie.ends_on)
        if tie.revoked_at:
            since &= Q(put_at__lte=tie.revoked_at)
        within |= since
    return Message.objects.filter(within)
