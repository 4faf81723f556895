"""Whoever changes a draft: their right, the lock of its row, and that they are one of its authors from then on."""

from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import access, rules
from compliance.models import RequirementSet, RuleAuthor

CHANGED = "This page was changed by somebody else since you opened it. Look at it again; nothing was changed by you."


def must_write(*, by: User) -> None:
    """Raise `Refused` for whoever is not POST staff."""
    if not access.can_write_rules(by):
        raise Refused("Only POST staff can work on the rules.")


def locked(draft: RequirementSet) -> RequirementSet:
    """The set, its row locked until the transaction ends."""
    held = RequirementSet.objects.select_for_update(of=("self",), no_key=True).select_related("period")
    return held.get(pk=draft.pk)


def to_change(*, by: User, draft: RequirementSet) -> RequirementSet:
    """The draft, locked, `by` being an author of it from now on. Raises `Refused` where it cannot be changed."""
    must_write(by=by)
    held = locked(draft)
    if why := rules.why_locked(held):
        raise Refused(why)
    RuleAuthor.objects.get_or_create(requirement_set=held, user=by)
    return held
