"""What of an officer's name is shown to whom: officers who work undercover are named to themselves, their agency and
the state, and to nobody else."""

from collections.abc import Collection

from training import access
from training.models import Officer

CLOSED = "Name closed"


def name_for(user, officer: Officer) -> str:
    """The name as lists sort it, or that it is closed."""
    return CLOSED if closed_to(user, [officer]) else officer.sorted_name


def full_name_for(user, officer: Officer) -> str:
    """The name as a sentence has it: an officer, where it is closed."""
    return "an officer" if closed_to(user, [officer]) else officer.full_name


def number_for(user, officer: Officer) -> str:
    """The license number; nothing where the name is closed."""
    return "" if closed_to(user, [officer]) else officer.license_number


def closed_to(user, officers: Collection[Officer]) -> set[int]:
    """The ids of those whose name is closed to `user`: one statement where any name is closed at all."""
    closed = {one.pk for one in officers if one.is_name_closed}
    if not closed or access.can_find_officers(user):
        return set()
    return closed - set(Officer.objects.visible_to(user).filter(pk__in=closed).values_list("pk", flat=True))
