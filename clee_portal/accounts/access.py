"""What a person may do with the sign-in of others."""

from clee_portal.accounts.models import FactorRecovery, User


def can_recover(user: User | None) -> bool:
    """Whether `user` may let others set their second step up anew: POST staff."""
    return bool(user and user.is_authenticated and user.is_active and user.is_post_staff)


def can_see_recoveries(user: User | None) -> bool:
    """Whether `user` may read who was let set their second step up anew: everybody who acts for the state."""
    return bool(user and user.is_authenticated and user.is_active and user.sees_the_state)


def can_approve(user: User | None, recovery: FactorRecovery) -> bool:
    """Whether `user` may approve `recovery`: POST staff, neither who opened it nor whose it is."""
    return can_recover(user) and user.pk not in (recovery.opened_by_id, recovery.user_id)
