"""How the history of a model of evidence becomes entries of a timeline (`compliance.timeline`)."""

from collections.abc import Callable, Sequence

from django.db.models import Case, CharField, F, Model, Q, QuerySet, Value, When

from clee_portal import history
from compliance.timeline import Kind, Reading, Source, Told
from training.models import Officer

INSERT = "insert"
NEW = Q(pgh_label=INSERT)


def events(
    code: str,
    kind: Kind,
    model: type[Model],
    officer: str,
    words: Callable[[Model, Reading], Told],
    *,
    related: Sequence[str] = (),
    only: Q | None = None,
    of: Q | None = None,
    more: Callable[[], dict] | None = None,
    limited: Callable[[Reading], Q] | None = None,
) -> Source:
    """The versions of a model of evidence whose `officer` (a path) is the officer: those that are `only`, of rows that
    are `of`. `words` tells one, given `related` and `more` (annotations)."""
    kept = history.events_of(model)
    is_recorded = {"recorded_at", "voided_at"} <= {one.name for one in model._meta.get_fields()}

    def rows(one: Officer) -> QuerySet:
        found = kept.objects.filter(**{officer: one.pk})
        for condition in (only, of):
            found = found if condition is None else found.filter(condition)
        return found.annotate(told_by=code_of(code), entry=F("pgh_id"), at=_at(is_recorded))

    def tell(numbers: Sequence[int], read: Reading) -> dict[int, Told]:
        found = kept.objects.filter(pgh_id__in=numbers).select_related(*related)
        found = found.annotate(**more()) if more else found
        return {one.pgh_id: by_history(words(one, read), one.pgh_context or {}) for one in found}

    return Source(code, kind, rows, tell, limited)


def code_of(code: str) -> Value:
    """The code of a source as a column of the UNION."""
    return Value(code, output_field=CharField())


def _at(is_recorded: bool):
    """When an event came to be known: what was carried over says so itself."""
    if not is_recorded:
        return F("pgh_created_at")
    return Case(
        When(pgh_label=INSERT, then=F("recorded_at")),
        When(voided_at__isnull=False, then=F("voided_at")),
        default=F("pgh_created_at"),
    )


def by_history(told: Told, note: dict) -> Told:
    """With who the history says it was, and why."""
    machine = note.get("command") or note.get("task") or ""
    return told._replace(
        by=told.by or note.get("user"),
        by_words=told.by_words or (f"the portal ({machine})" if machine else ""),
        reason=told.reason or note.get("reason", ""),
    )


def is_new(event) -> bool:
    """Whether it is the first version of its row."""
    return event.pgh_label == INSERT
