"""Who may open which page of the judgement. Which rows one sees is `visible_to` on every QuerySet."""

from clee_portal.accounts.models import User
from training.models import Membership, Officer
from training.models.memberships import memberships_of


def own_licenses(user: User) -> list[Officer]:
    """The officers this account is connected to today, by license number; usually one, none for most of an agency."""
    own = {m.officer for m in memberships_of(user) if m.role == Membership.Role.OFFICER and m.officer_id}
    return sorted(own, key=lambda officer: (len(officer.license_number), officer.license_number))
