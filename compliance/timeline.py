"""Everything about one officer in the order in which it came to be known: who did what, when and why.

Out of the history's event tables, the messages and the record of access, each a `Source` of `timeline_sources.py`. One
UNION finds the entries of a page; then each source that occurs on it tells its own, in one statement.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_noop

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import access
from training.models import Commission, Officer
from training.models.memberships import scope_of


class Kind(TextChoices):
    """What an entry is about: what the page can be limited to."""

    CREDIT = "credit", gettext_noop("Credit")
    LICENSE = "license", gettext_noop("License")
    COMMISSION = "commission", gettext_noop("Commissions")
    REQUEST = "request", gettext_noop("Requests for more time")
    CASE = "case", gettext_noop("Past the last day, and decisions")
    CONNECTION = "connection", gettext_noop("Account and invitations")
    MESSAGE = "message", gettext_noop("Messages")
    VIEW = "view", gettext_noop("Who looked at the record")
    REGISTER = "register", gettext_noop("The register")


class Told(NamedTuple):
    """What a source says of an entry: a sentence, its particulars, the day it happened on, the reason, where to read
    more, and who did it where the source knows better than the history (the id of an account, or words)."""

    title: str
    detail: str = ""
    on: dt.date | None = None
    reason: str = ""
    url: str = ""
    by: int | None = None
    by_words: str = ""


class Entry(NamedTuple):
    """One line of the timeline."""

    kind: Kind
    at: dt.datetime
    told: Told
    who: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where entries of one kind come from. `rows` gives the rows of an officer with `told_by`, `entry` and `at`; `tell`
    says what rows with these numbers mean, in one statement, with the account or words of who did it."""

    code: str
    kind: Kind
    rows: Callable[[Officer], QuerySet]
    tell: Callable[[Sequence[int], "Reading"], dict[int, Told]]
    limited: Callable[["Reading"], Q] | None = None
    """What of it somebody of an agency may see, beside the days."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads: which kinds are open to them, whether they read who did it and why, in which days."""

    officer: Officer
    kinds: tuple[Kind, ...]
    is_full: bool = False
    days: tuple[tuple[dt.date, dt.date | None], ...] | None = None
    agencies: frozenset[int] = field(default_factory=frozenset)


OWN = (Kind.CREDIT, Kind.LICENSE, Kind.COMMISSION, Kind.REQUEST, Kind.CONNECTION, Kind.VIEW)
OF_AGENCY = (Kind.CREDIT, Kind.LICENSE, Kind.COMMISSION)


def reading(user: User, officer: Officer) -> Reading:
    """What `user` may read of the timeline of an officer whose record is open to them.

    The state's people all of it; an officer what concerns their own record, without the names of those who did it;
    the people of an agency credit, license and its own commissions, in the days of those commissions.
    """
    scope = scope_of(user)
    if scope.sees_the_state:
        return Reading(officer, tuple(Kind), is_full=True)
    if officer in access.own_licenses(user):
        return Reading(officer, OWN)
    held = Commission.objects.filter(officer=officer, agency__in=scope.agency_ids).order_by("started_on")
    days = tuple(held.values_list("started_on", "ended_on"))
    return Reading(officer, OF_AGENCY, days=days, agencies=frozenset(scope.agency_ids))


class Timeline:
    """The entries one may read, latest first: something a Paginator can count and slice."""

    def __init__(self, sources: Iterable[Source], read: Reading, kinds: Sequence[str] = ()):
        self.read = read
        self.sources = {one.code: one for one in sources if one.kind in read.kinds and (not kinds or one.kind in kinds)}
        parts = [self._part(number, one) for number, one in enumerate(self.sources.values())]
        self._rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0] if parts else None

    def _part(self, place: int, source: Source) -> QuerySet:
        found = source.rows(self.read.officer)
        if self.read.days is not None:
            within = Q(pk=None)
            for first, last in self.read.days:
                days = Q(at__gt=clock.end_of_day(first - dt.timedelta(days=1)))
                within |= days & Q(at__lte=clock.end_of_day(last)) if last else days
            found = found.filter(within)
            if source.limited:
                found = found.filter(source.limited(self.read))
        return found.order_by().values_list("told_by", "entry", "at")

    def count(self) -> int:
        """How many entries there are."""
        return 0 if self._rows is None else self._rows.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> list[Entry]:
        if self._rows is None:
            return []
        return self.told(list(self._rows.order_by("-at", "told_by", "-entry")[part]))

    def told(self, rows: Sequence[tuple[str, int, dt.datetime]]) -> list[Entry]:
        """Rows in words, in their order: one statement for each source, and one for the people."""
        told: dict[tuple[str, int], Told] = {}
        for code in dict.fromkeys(code for code, *_ in rows):
            numbers = [number for one, number, _ in rows if one == code]
            for number, words in self.sources[code].tell(numbers, self.read).items():
                told[code, number] = words
        accounts = {one.by for one in told.values() if one.by}
        people = User.objects.in_bulk(accounts) if self.read.is_full and accounts else {}
        entries = []
        for code, number, at in rows:
            words = told[code, number]
            who = str(people[words.by]) if words.by in people else words.by_words
            if not self.read.is_full:
                words = words._replace(reason="", by=None)
            entries.append(Entry(self.sources[code].kind, at, words, who))
        return entries

    def all(self, chunk: int = 500) -> Iterator[Entry]:
        """Every entry, some at a time."""
        start = 0
        while part := self[start : start + chunk]:
            yield from part
            start += chunk
