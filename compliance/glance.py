"""The state at a glance: who stands where this year, by agency, and how it came there over the season.

What the page shows is counted from the facts and kept under their version (`clee_portal.history.versions`): a change of
anything makes another version, so what is shown is no older than the facts by more than `STATE_COUNTED_EVERY` seconds,
which keep a busy hour from counting the state again for everybody who looks. Where the version cannot be told, because
somebody is writing at that very moment, it is kept for a minute only.
"""

import datetime as dt
import operator
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cache as once
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.db.models import Avg, Count, DateField, DurationField, ExpressionWrapper, F, Max, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from clee_portal import clock
from clee_portal.history import versions
from compliance import reminders, standings, wording
from compliance.models import ReportingPeriod, SeasonCount, SeasonDay
from compliance.standings import Question
from compliance.trends import FREE
from compliance.verdict import ZERO, Finding, Standing
from training.models import Agency, Commission, TrainingClass

# A roster that comes later after the class than this is late (days). Missouri sets no term; Texas asks for 30 days.
LATE_AFTER = 30
# Agencies by how many officers are commissioned there: from, to (inclusive).
SIZES = {"1-9": (1, 9), "10-24": (10, 24), "25-99": (25, 99), "100-": (100, None)}
_OWING = frozenset(wording.OWING)
_FORM = 2  # raised when what is kept changes its form


class Need(NamedTuple):
    """Of one requirement: how many officers lack it, the hours they lack, and the hours given so far."""

    short: int = 0
    missing: Decimal = ZERO
    given: Decimal = ZERO


class Tally(NamedTuple):
    """Where a number of officers stand, how many are connected to an account, and what they lack by requirement."""

    standings: dict[str, int]
    connected: int
    officers: int
    needs: dict[str, Need]

    @property
    def owing(self) -> int:
        """Those who owe hours."""
        return sum(many for standing, many in self.standings.items() if standing not in FREE)

    @property
    def compliant(self) -> int:
        """Those who have shown them."""
        return self.standings.get(Standing.COMPLIANT, 0)

    @property
    def share(self) -> int | None:
        """How many of those who owe hours have shown them, in percent; None where nobody owes any."""
        return self.compliant * 100 // self.owing if self.owing else None


class Place(NamedTuple):
    """An agency and its officers."""

    pk: int
    code: str
    name: str
    county: str
    tally: Tally

    @property
    def size(self) -> str:
        """Its size, a key of `SIZES`; empty where nobody is commissioned."""
        many = self.tally.officers
        return next((key for key, (low, high) in SIZES.items() if low <= many and (high is None or many <= high)), "")


class Late(NamedTuple):
    """The rosters of a provider since the year began: how many, how many late, usual and longest delay (days)."""

    pk: int
    name: str
    classes: int
    late: int
    usual: int
    longest: int


class Glance(NamedTuple):
    """Everything that is kept: of the period, as of the moment it was counted."""

    year: int
    counted_at: dt.datetime
    requirements: list[tuple[str, str, Decimal]]
    whole: Tally
    unplaced: Tally
    places: list[Place]
    late: list[Late]


def state(today: dt.date) -> Glance:
    """The state as of today; from what is kept where nothing has changed since it was counted."""
    return versions.kept(
        f"glance:{_FORM}:{today.isoformat()}", watched(), lambda: count(today), every=settings.STATE_COUNTED_EVERY
    )


@once
def watched() -> tuple[type, ...]:
    """Everything the count rests on: the evidence of the facts and of the judgement."""
    return tuple(
        model
        for model in apps.get_models()
        if getattr(model, "is_evidence", False) and model._meta.app_label in ("training", "compliance")
    )


def count(today: dt.date) -> Glance:
    """Count it from the facts. A constant number of statements."""
    period = ReportingPeriod.objects.get(year=today.year)
    asked = standings.question(period, clock.end_of_day(today))
    findings = standings.of_officers(asked)
    connected = set(reminders.officers_connected(today).values_list("pk", flat=True))
    serving = _agencies_of_officers(today)
    groups: dict[tuple[int, ...], _Sum] = {}
    for officer, finding in findings.items():
        agencies = serving.get(officer, ())
        if finding.standing is Standing.NOT_APPLICABLE and not agencies:
            continue
        if (one := groups.get(agencies)) is None:
            one = groups[agencies] = _Sum()
        one.add(finding, officer in connected)
    # Each officer is in one group, so that the state is the groups together.
    tallies = {agencies: one.tally(asked) for agencies, one in groups.items()}
    of_agency: dict[int, list[Tally]] = defaultdict(list)
    for agencies, tally in tallies.items():
        for agency in agencies:
            of_agency[agency].append(tally)
    rows = Agency.objects.order_by("search_name", "pk").values_list("pk", "code", "name", "county")
    return Glance(
        year=period.year,
        counted_at=clock.now(),
        requirements=[(one.code, one.name, one.minimum) for one in asked.requirements],
        whole=together(tallies.values()) if tallies else _Sum().tally(asked),
        unplaced=tallies[()] if () in tallies else _Sum().tally(asked),
        places=[Place(pk, *told, together(of_agency[pk])) for pk, *told in rows if pk in of_agency],
        late=late_rosters(today),
    )


def _agencies_of_officers(today: dt.date) -> dict[int, tuple[int, ...]]:
    """Officer id -> the agencies of today's commissions, in order. Those of one agency alone share one tuple: the
    garbage collector would walk thousands of lists."""
    found: dict[int, tuple[int, ...]] = {}
    alone: dict[int, tuple[int]] = {}
    here = Commission.objects.in_force(today).order_by("agency").values_list("officer", "agency").distinct()
    for officer, agency in here.iterator(chunk_size=20_000):
        held = found.get(officer)
        found[officer] = alone.setdefault(agency, (agency,)) if held is None else (*held, agency)
    return found


class _Sum:
    """The findings of those who serve at the same agencies."""

    def __init__(self):
        self.standings: Counter = Counter()
        self.connected = 0
        self.hours: list[tuple[Decimal, ...]] = []
        self.owing: list[tuple[Decimal, ...]] = []

    def add(self, finding: Finding, is_connected: bool) -> None:
        """One officer."""
        self.standings[finding.standing] += 1
        self.connected += is_connected
        self.hours.append(finding.hours)
        if finding.standing in _OWING:
            self.owing.append(finding.hours)

    def tally(self, asked: Question) -> Tally:
        """Added up, column by column: tens of thousands of hours are added by `sum` alone."""
        needs = {}
        for at, one in enumerate(asked.requirements):
            lacking = [one.minimum - hours[at] for hours in self.owing if hours[at] < one.minimum]
            needs[one.code] = Need(len(lacking), sum(lacking, ZERO), sum([hours[at] for hours in self.hours], ZERO))
        standings_ = {standing.value: many for standing, many in self.standings.items()}
        return Tally(standings_, self.connected, len(self.hours), needs)


def together(tallies: Iterable[Tally]) -> Tally:
    """The officers of several agencies. One with commissions at two of them is in it twice."""
    standings_, connected, officers = Counter(), 0, 0
    needs: dict[str, Need] = {}
    for one in tallies:
        standings_.update(one.standings)
        connected += one.connected
        officers += one.officers
        for code, need in one.needs.items():
            needs[code] = Need(*map(operator.add, needs.get(code, Need()), need))
    return Tally(dict(standings_), connected, officers, needs)


def late_rosters(today: dt.date) -> list[Late]:
    """The providers' classes that ended this year, by provider: how long after the class each came. One statement.

    A corrected class came when it was first reported.
    """
    reported = TruncDate(Coalesce("replaces__recorded_at", "recorded_at"), tzinfo=clock.CHICAGO)
    after = ExpressionWrapper(
        ExpressionWrapper(reported, output_field=DateField()) - F("ends_on"), output_field=DurationField()
    )
    rows = (
        TrainingClass.objects.live()
        .filter(course__provider__isnull=False, ends_on__gte=dt.date(today.year, 1, 1), ends_on__lte=today)
        .annotate(after=after)
        .order_by()
        .values("course__provider", "course__provider__name")
        .annotate(
            classes=Count("pk"),
            late=Count("pk", filter=Q(after__gt=dt.timedelta(days=LATE_AFTER))),
            usual=Avg("after"),
            longest=Max("after"),
        )
    )
    found = [
        Late(
            row["course__provider"], row["course__provider__name"], row["classes"], row["late"],
            max(round(row["usual"] / dt.timedelta(days=1)), 0), max(row["longest"].days, 0),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.late, -one.usual, one.name))


class Week(NamedTuple):
    """The standings at the end of a day of the season."""

    day: dt.date
    owing: int
    compliant: int

    @property
    def share(self) -> int | None:
        """Compliant among those who owe hours, in percent."""
        return self.compliant * 100 // self.owing if self.owing else None


def season(year: int, agencies: Iterable[int] | None = None) -> list[Week]:
    """The counted days of a period, of the state or of some agencies together. One statement."""
    days = SeasonDay.objects.filter(period__year=year)
    counts = SeasonCount.objects.filter(season_day__in=days)
    counts = counts.filter(agency=None) if agencies is None else counts.filter(agency__in=list(agencies))
    rows = (
        counts.exclude(standing__in=FREE)
        .values("season_day__day")
        .annotate(owing=Sum("officers"), compliant=Sum("officers", filter=Q(standing=Standing.COMPLIANT)))
        .order_by("season_day__day")
    )
    return [Week(row["season_day__day"], row["owing"], row["compliant"] or 0) for row in rows]
