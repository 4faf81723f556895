"""Two open pages of one thing: whoever saves later is told what was written since their page was made.

The page of a form that changes what stands carries `mark(facts)` as its hidden field `seen`: a digest of each fact as
the page showed it. The service, which holds the row, asks `check`. A page costs no statement by it, nor does a save
that nobody came before; only where somebody did, the history is asked who, when and why.
"""

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext

from clee_portal.accounts.models import User
from clee_portal.history import events_of
from clee_portal.refusal import Refused

FIELD = "seen"
# So many versions of one row are looked through for the one that changed something.
MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that somebody changed since the page was made: what stands, and what this person gave for it.

    `is_touched`: this person had changed it too, or it cannot be told. `by`, `at` and `why` are of the change that
    stands; None and empty where no history is kept of it.
    """

    name: str
    now: Any
    given: Any
    is_touched: bool
    by: User | None = None
    at: dt.datetime | None = None
    why: str = ""


class ChangedMeanwhile(Refused):
    """A save on a page older than what stands. `seen` is the mark of what stands, by which it can be sent again."""

    def __init__(self, differences: Iterable[Difference], seen: str):
        self.differences, self.seen = tuple(differences), seen
        super().__init__(
            gettext(
                "Somebody changed this after you opened the page. Nothing of yours is saved yet. Look at what stands "
                "now beside what you typed, then save again."
            )
        )


def mark(facts: Mapping[str, Any]) -> str:
    """The hidden field `seen` of a page that shows `facts`."""
    return ",".join(f"{name}:{_digest(value)}" for name, value in facts.items())


def check(
    *,
    seen: str | None,
    now: Mapping[str, Any],
    given: Mapping[str, Any],
    rows: Iterable[Model] = (),
    written: Mapping[str, QuerySet] | None = None,
) -> None:
    """Raise `ChangedMeanwhile` where a fact of `now` was changed since the page that is `seen`, to something else than
    what is `given`. Whoever has no page (`seen` is None: a program) is asked nothing; a mark that cannot be read is of
    a page that showed something else.

    `rows` are what the facts are columns of; `written` has the events of facts that lie in rows beside them.
    """
    if seen is None:
        return
    known = dict(one.split(":", 1) for one in seen.split(",") if ":" in one)
    changed = [
        name
        for name, value in given.items()
        if _plain(value) != _plain(now[name]) and known.get(name) != _digest(now[name])
    ]
    if not changed:
        return
    events = _changes_of(changed, rows) | {
        name: one for name, events in (written or {}).items() if name in changed and (one := events.last())
    }
    notes = {name: one.pgh_context or {} for name, one in events.items()}
    people = User.objects.in_bulk({note.get("user") for note in notes.values()} - {None})
    raise ChangedMeanwhile(
        (
            Difference(
                name=name,
                now=now[name],
                given=given[name],
                is_touched=known.get(name) != _digest(given[name]),
                by=people.get(notes.get(name, {}).get("user")),
                at=events[name].pgh_created_at if name in events else None,
                why=notes.get(name, {}).get("reason") or "",
            )
            for name in changed
        ),
        mark(now),
    )


def events_about(model: type[Model], **of) -> QuerySet:
    """The versions of rows of `model`, the first first: what `check` takes as `written`."""
    return events_of(model).objects.filter(**of).order_by("pgh_id")


def _changes_of(names: Iterable[str], rows: Iterable[Model]) -> dict:
    """Name of a column -> the version of a row that gave it the value that stands."""
    found = {}
    for row in rows:
        kind = type(row)
        if not getattr(kind, "is_evidence", False):
            continue
        columns = {field.name: field.attname for field in kind._meta.concrete_fields}
        versions = list(events_of(kind).objects.filter(pgh_obj=row.pk).order_by("-pgh_id")[:MOST_VERSIONS])
        for name in names:
            if (column := columns.get(name)) is None or not versions or not hasattr(versions[0], column):
                continue
            pairs = itertools.pairwise(versions)
            found[name] = next(
                (after for after, before in pairs if getattr(after, column) != getattr(before, column)), versions[-1]
            )
    return found


def _digest(value: Any) -> str:
    return hashlib.blake2b(_plain(value).encode(errors="surrogatepass"), digest_size=6).hexdigest()


def _plain(value: Any) -> str:
    """A value as text that is the same whether it comes from the database or from a form."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case Decimal():
            return f"{value.normalize():f}"
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat()
        case dt.date():
            return value.isoformat()
        case Model():
            return str(value.pk)
        case list() | tuple():
            return "\n".join(_plain(one) for one in value)
    return str(value).replace("\r\n", "\n")
