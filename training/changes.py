"""What was written of a thing, version by version, in words: what changed, when, by whom, and on what it rests."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from clee_portal.accounts.models import User

# Columns that say nothing to a person: computed ones, and those that repeat what stands beside them.
_UNTOLD = {
    "id", "search_name", "recorded_at", "recorded_by", "voided_by", "carried_over_from", "officer", "merge", "user",
    "step", "asked_until",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One version: what it changed, as (name, before, after); the first has everything that was given."""

    at: dt.datetime
    by: str
    why: str
    what: str
    fields: tuple[tuple[str, str, str], ...]
    is_first: bool


def of(*things: Model, limit: int = 50) -> list[Change]:
    """The versions of `things`, all of one story, the latest first. Three statements and one for each kind of thing."""
    versions: dict[tuple[type, Any], list] = {}
    for kind in dict.fromkeys(type(one) for one in things):
        pks = [one.pk for one in things if type(one) is kind]
        for event in kind._meta.get_field("events").related_model.objects.filter(pgh_obj__in=pks).order_by("pgh_id"):
            versions.setdefault((kind, event.pgh_obj_id), []).append(event)
    events = [event for those in versions.values() for event in those]
    writers = {(event.pgh_context or {}).get("user") for event in events} - {None}
    names = {one.pk: str(one) for one in User.objects.filter(pk__in=writers)}
    named = _names_of_ties(versions)
    told = []
    for (kind, _), those in versions.items():
        before = None
        for event in those:
            fields = tuple(_differences(kind, before, event, named))
            note = event.pgh_context or {}
            if before is None or fields:
                told.append(
                    (
                        (event.pgh_created_at, event.pgh_id),
                        Change(
                            at=event.pgh_created_at,
                            by=names.get(note.get("user"), ""),
                            why=note.get("reason") or "",
                            what=str(kind._meta.verbose_name),
                            fields=fields,
                            is_first=before is None,
                        ),
                    )
                )
            before = event
    told.sort(key=lambda one: one[0], reverse=True)
    return [change for _, change in told[:limit]]


def _differences(kind: type[Model], before, after, named: dict):
    for field in kind._meta.concrete_fields:
        if field.name in _UNTOLD or not hasattr(after, field.attname):
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(after, field.attname)
        empty = (None, "", False)
        if old == new or (old in empty and new in empty):
            continue
        yield str(field.verbose_name), _said(field, old, named), _said(field, new, named)


def _said(field, value, named: dict) -> str:
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.remote_field:
        return named.get((field.remote_field.model, value), str(value))
    match value:
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case dt.date():
            return f"{value:%B} {value.day}, {value.year}"
    return str(value)


def _names_of_ties(versions: dict) -> dict:
    """(model, id) -> its name, of what the versions refer to."""
    wanted: dict[type, set] = {}
    for (kind, _), those in versions.items():
        ties = [one for one in kind._meta.concrete_fields if one.remote_field and one.name not in _UNTOLD]
        for tie in ties:
            found = {getattr(event, tie.attname, None) for event in those} - {None}
            if found:
                wanted.setdefault(tie.remote_field.model, set()).update(found)
    return {
        (model, pk): str(one) for model, pks in wanted.items() for pk, one in model._base_manager.in_bulk(pks).items()
    }
