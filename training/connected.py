"""Who is connected: tied to a license, an agency, a provider or the state today. The outbox asks."""

from collections.abc import Collection

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from training.models import Membership


def today(user_ids: Collection[int]) -> set[int]:
    """Those of `user_ids` whose account is open and has a membership or state role in force today."""
    day = clock.today()
    tied = Membership.objects.filter(user__in=user_ids).current(day).values_list("user", flat=True)
    acting = StateRole.objects.filter(user__in=user_ids).current(day).values_list("user", flat=True)
    return set(User.objects.filter(pk__in=tied.union(acting), is_active=True).values_list("pk", flat=True))
