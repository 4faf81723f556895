"""Who sees how an officer is reached: POST all of it, an agency what was opened to it; of undercover ones nothing."""

from dataclasses import dataclass

from clee_portal import clock
from clee_portal.accounts.models import ContactDetails, User
from training import access
from training.models import Membership, Officer


@dataclass(frozen=True, slots=True)
class Reached:
    """How an officer is reached, as far as one person may see it; empty where nothing is known or open."""

    email: str = ""
    phone: str = ""


def kept_by(officer: Officer) -> list[ContactDetails]:
    """The contact details of the accounts connected to the license today."""
    ties = Membership.objects.current(clock.today()).filter(role=Membership.Role.OFFICER, officer=officer)
    return list(ContactDetails.objects.filter(user__in=ties.values("user"), user__is_active=True).order_by("user"))


def shown_to(user: User, officer: Officer) -> list[Reached]:
    """What `user` may see of it, of an officer whose record is open to them: the state's people and the officer all,
    an agency what was opened to it. Empty tells nothing of why. Always the same statements."""
    kept = kept_by(officer)
    if not access.can_see_contact(user, officer):
        kept = [one for one in kept if one.is_open_to_agency and not officer.is_name_closed]
    return [Reached(one.email, one.phone) for one in kept if one.email or one.phone]
