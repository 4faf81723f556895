"""Groups of officers an agency keeps for entering classes: saved, renamed, deleted. No evidence, only saved ticks."""

from collections.abc import Iterable

from django.db import transaction

from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, Officer, OfficerGroup

_LONGEST = 60


@transaction.atomic
def save(*, by: User | None, agency: Agency, name: str, officers: Iterable[int]) -> tuple[OfficerGroup, bool]:
    """Keep these officers of the agency as a group. One of this name gets them instead of those it had.

    Returns the group, and whether it is new. Raises `Refused`.
    """
    _check(by, agency)
    name = _named(name)
    theirs = Officer.objects.filter(pk__in=list(officers), commissions__agency=agency).distinct()
    chosen = list(theirs.values_list("pk", flat=True))
    if not chosen:
        raise Refused("Tick the officers of the group first.", field="group_name")
    # Two people who save one name at once: the later one waits here.
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    group = OfficerGroup.objects.filter(agency=agency, name__iexact=name).first()
    is_new = group is None
    group = group or OfficerGroup.objects.create(agency=agency, name=name)
    group.officers.set(chosen)
    return group, is_new


@transaction.atomic
def rename(*, by: User | None, group: OfficerGroup, name: str, seen: str | None = None) -> OfficerGroup:
    """Give a group another name. `seen` is the name the person saw: where it has another one since, they look at that
    first. Raises `Refused`."""
    held = _locked(by, group)
    name = _named(name)
    if seen is not None and held.name not in (seen, name):
        raise Refused(
            f"Somebody has called this group “{held.name}” meanwhile. Yours is not kept. Send it again to put it in "
            "its place.",
            field="name",
        )
    held.name = name
    if OfficerGroup.objects.filter(agency=held.agency_id, name__iexact=held.name).exclude(pk=held.pk).exists():
        raise Refused(f"The agency has a group “{held.name}” already.", field="name")
    held.save(update_fields=["name"])
    return held


@transaction.atomic
def delete(*, by: User | None, group: OfficerGroup) -> None:
    """Delete a group. The officers and their classes stay as they are."""
    held = _locked(by, group)
    held.officers.clear()
    held.delete()


def _locked(by: User | None, group: OfficerGroup) -> OfficerGroup:
    """The group as it is now; whoever changes groups of the agency at the same moment waits."""
    _check(by, group.agency)
    Agency.objects.select_for_update(no_key=True).get(pk=group.agency_id)
    held = OfficerGroup.objects.filter(pk=group.pk).first()
    if held is None:
        raise Refused(f"The group “{group.name}” was deleted meanwhile.")
    return held


def _check(by: User | None, agency: Agency) -> None:
    if not access.can_enter_class(by, agency):
        raise Refused("Only the agency, or POST, keeps these groups.")


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("Give the group a name.", field="group_name")
    if len(name) > _LONGEST:
        raise Refused(f"The name is longer than {_LONGEST} characters.", field="group_name")
    return name
