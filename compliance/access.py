"""Who may open which page of the judgement. Which rows one sees is `visible_to` on every QuerySet."""

from clee_portal.accounts.models import User
from training.models import Membership, Officer
from training.models.memberships import memberships_of, scope_of


def own_licenses(user: User) -> list[Officer]:
    """The officers this account is connected to today, by license number; usually one, none for most of an agency."""
    own = {m.officer for m in memberships_of(user) if m.role == Membership.Role.OFFICER and m.officer_id}
    return sorted(own, key=lambda officer: (len(officer.license_number), officer.license_number))


def can_see_campaigns(user: User) -> bool:
    """Whether `user` may see the messages to many people, and the list of those short after the last day: the state's
    people. What an agency or officer may know of it stands on the standing page."""
    return scope_of(user).sees_the_state


def can_look_at_candidates(user: User) -> bool:
    """Whether `user` may mark records as looked at and lay notices ready: POST staff. The Director may see."""
    return scope_of(user).sees_the_state and user.is_post_staff


def can_decide_campaigns(user: User) -> bool:
    """Whether `user` may hold, let go and stop messages to many people: POST staff."""
    return scope_of(user).sees_the_state and user.is_post_staff
