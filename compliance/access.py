"""Who may open which page of the judgement. Which rows one sees is `visible_to` on every QuerySet."""

from clee_portal.accounts.models import User
from training.models import Membership, Officer
from training.models.memberships import memberships_of


def own_license_ids(user: User) -> list[int]:
    """Ids of the officers this account is connected to today; usually one, none for most people of an agency."""
    return [m.officer_id for m in memberships_of(user) if m.role == Membership.Role.OFFICER and m.officer_id]


def is_own(user: User, officer: Officer) -> bool:
    """Whether `user` reads about themself."""
    return officer.pk in own_license_ids(user)
