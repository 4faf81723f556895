"""What a person may do with messages to many people, and with one that did not arrive."""

from clee_portal.accounts.models import User


def can_decide_campaigns(user: User) -> bool:
    """Whether `user` may hold, let go and stop messages to many people: POST staff."""
    return bool(user.is_authenticated and user.is_active and user.is_post_staff)


def can_send_again(user: User) -> bool:
    """Whether `user` may send a message again that was refused or given up: POST staff."""
    return can_decide_campaigns(user)
