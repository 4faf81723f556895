"""Runs the statements for everybody short in a period, and weighs what they find. Reads only."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from clee_portal import clock
from compliance import counting, gaps, standings, wording
from compliance.models import RecordingGap
from compliance.models.recording_gaps import SOURCES
from compliance.recording_errors import statements
from compliance.recording_errors.scoring import score
from compliance.standings import Question
from compliance.verdict import ZERO, Finding
from training.imports.dates import read_date
from training.models import Course, CreditLine, Officer, ScheduledLine
from training.wrong import Wrong

Kind = RecordingGap.Kind
# Of the people somebody trains with, so many are credited.
NEARLY_ALL = 0.8
# In an agency of up to so many people everybody trains with everybody.
SMALL = 25
# So few hours missing are often one class that was never reported.
NEAR = 2
# A person who lacks so many classes that nearly all others have was away.
MANY = 4
# More of one kind than these say nothing more.
MOST_OF_A_KIND = 3
# A roster comes in within so many days: while a period lasts, the latest classes are not missed yet.
USUAL_DELAY = 30
NOT_THERE = re.compile(
    r"not (?:there|present|attend)|did ?n.t attend|absent|no.?show|never (?:came|attended)|left early", re.I
)
AGAIN = re.compile(r"\b(?:anew|again|re-?ent|other (?:class|session)|another|wrong class|roster)\b", re.I)


class Found(NamedTuple):
    """One thing that was found: of whom, what it rests on, whom to ask, and how probable it is."""

    officer: int
    kind: str
    training_class: int | None = None
    import_row: int | None = None
    record: int | None = None
    source_agency: int | None = None
    provider: int | None = None
    registration: int | None = None
    agency: int | None = None
    part: int = 0
    whole: int = 0
    day: dt.date | None = None
    hours: Decimal | None = None
    closes: bool = False
    score: int = 0


class Sign(NamedTuple):
    """Something found, before it is weighed: `sample` is a record whose hours it would give, `promised` a class of the
    calendar."""

    found: Found
    signs: tuple[str, ...] = ()
    sample: int | None = None
    promised: int | None = None


def short_in(findings: Mapping[int, Finding]) -> dict[int, Finding]:
    """Officer id -> finding, of those who owe hours of the period."""
    return {pk: one for pk, one in findings.items() if one.standing in wording.OWING and one.short}


def search(asked: Question, officers: Iterable[int] | None = None) -> tuple[dict[int, Finding], list[Found]]:
    """Everybody (or of `officers`) who is short, and what may be an error in their record. A constant number of
    statements, however many people."""
    people = None if officers is None else Officer.objects.filter(pk__in=list(officers))
    short = short_in(standings.of_officers(asked, people))
    return short, _Search(asked, short).found() if short else []


def _likeliest(one: Found) -> tuple:
    source = next((pk for name in SOURCES if (pk := getattr(one, name))), 0)
    return -one.score, one.day or dt.date.min, source


class _Search:
    """One look at the record of everybody who is short."""

    def __init__(self, asked: Question, short: Mapping[int, Finding]):
        self.asked, self.short = asked, short
        self.needed = self._needed()
        # What the period asks in all: the requirement that selects nothing.
        self.total = max((one.minimum for one in asked.requirements if not gaps.is_of_content(one)), default=ZERO)
        period, today = asked.period, asked.day
        is_over = today > period.ends_on
        until = period.ends_on if is_over else today - dt.timedelta(days=USUAL_DELAY)
        ids = sorted(short)
        self.parameters = {
            "ids": ids,
            "days": [short[pk].due_on or period.show_by for pk in ids],
            "year": period.year,
            "starts": period.starts_on,
            "ends": period.ends_on,
            "until": until,
            "show_by": period.show_by,
            "today": today,
            "nearly": NEARLY_ALL,
            "small": SMALL,
            "refused": list(Course.objects.refused_as_of(clock.END_OF_TIME).values_list("pk", flat=True)),
        }
        self.agencies: dict[int, list[int]] = defaultdict(list)
        for officer, agency in self.rows(statements.AGENCIES):
            self.agencies[officer].append(agency)

    def _needed(self) -> dict[int, Decimal]:
        known: dict[int, Decimal] = {}  # equal findings are one object
        for one in self.short.values():
            if id(one) not in known:
                known[id(one)] = gaps.fewest_hours(self.asked.requirements, one.short)
        return {pk: known[id(one)] for pk, one in self.short.items()}

    def rows(self, statement: str) -> list[tuple]:
        """What a statement finds."""
        with connection.cursor() as cursor:
            cursor.execute(statement, self.parameters)
            return cursor.fetchall()

    def found(self) -> list[Found]:
        """Everything, weighed; the likeliest few of each kind of a person."""
        noticed = [
            *self.left_off(),
            *self.held_rows(),
            *self.namesakes(),
            *self.transfers(),
            *self.silent(),
            *self.checked_in(),
            *self.refused(),
            *self.make_up(),
            *self.counted_once(),
            *self.taken_back(),
            *self.without_source(),
        ]
        return self._weighed(noticed)

    def asks(self, officer: int, *agencies: int | None) -> int | None:
        """Of the agencies that can say, one at which the officer is commissioned today; none other is asked."""
        return next((one for one in agencies if one in self.agencies[officer]), None)

    def own(self, officer: int) -> int | None:
        """The first agency of the officer today."""
        return next(iter(self.agencies[officer]), None)

    # The kinds --------------------------------------------------------------------------------------------------------

    def left_off(self):
        """Credited to nearly all others, and not to this person."""
        for officer, held, agency, part, whole, record, day, is_own, missed in self.rows(statements.LEFT_OFF):
            signs = ["all"] * (part == whole) + ["only_one"] * (missed == 1) + ["many"] * (missed >= MANY)
            signs += ["of_agency"] * is_own
            one = Found(officer, Kind.LEFT_OFF, training_class=held, agency=self.asks(officer, agency), part=part,
                        whole=whole, day=day)  # fmt: skip
            yield Sign(one, tuple(signs), record)

    def held_rows(self):
        """Rows that are held and mean this person."""
        for officer, row, agency, how, day, class_day, sent_at, hours, is_named, is_here in self.rows(
            statements.HELD_ROWS
        ):
            on = class_day or self._day(day)
            if not self._is_in_period(on, day, clock.day_of(sent_at)):
                continue
            kind = Kind.NUMBER_SLIP if how == "slip" else Kind.HELD_ROW
            signs = ["here" if is_here else "elsewhere"]
            signs += ["named"] * (is_named and how == "slip") + ["name_only"] * (how == "name")
            signs += ["enough"] * (self._hours(hours) >= self.needed[officer])
            one = Found(officer, kind, import_row=row, agency=self.asks(officer, agency), day=on)
            yield Sign(one, tuple(signs))

    def _day(self, text: str) -> dt.date | None:
        try:
            return read_date(text, today=self.asked.day)
        except Wrong:
            return None

    def _is_in_period(self, day: dt.date | None, text: str, sent_on: dt.date) -> bool:
        """Whether a row is of the period: by its day, by the year that can be read in it, by when it was sent."""
        period = self.asked.period
        if day is not None:
            return period.starts_on <= day <= period.ends_on
        if years := re.findall(r"(?:19|20)\d{2}", text):
            return str(period.year) in years
        return period.starts_on <= sent_on <= period.show_by

    @staticmethod
    def _hours(text: str) -> Decimal:
        try:
            return Decimal(text.strip() or 0)
        except InvalidOperation:
            return ZERO

    def namesakes(self):
        """Hours under a license of the same name."""
        for officer, record, agency, day, is_own in self.rows(statements.NAMESAKE):
            one = Found(officer, Kind.NAMESAKE, record=record, agency=self.asks(officer, agency), day=day)
            yield Sign(one, ("of_agency",) if is_own else (), record)

    def transfers(self):
        """Empty months before a move. The new agency cannot say, and the former has no right any more: POST asks."""
        for officer, agency, day, months, with_hours, people in self.rows(statements.TRANSFER):
            if people and 2 * with_hours >= people:
                one = Found(officer, Kind.TRANSFER, source_agency=agency, part=months, whole=months, day=day)
                signs = ["peers"] * (5 * with_hours >= 4 * people) + ["steady"] * self._is_steady(officer, months)
                yield Sign(one, tuple(signs))

    def _is_steady(self, officer: int, months: int) -> bool:
        """Whether the other months of the year have their share of the hours."""
        earned = max(self.short[officer].hours, default=ZERO)
        return earned * 12 * 4 >= self.total * (12 - months) * 3

    def silent(self):
        """Agencies and providers that told nothing since a day."""
        for officer, agency, last_on, classes, are_short, people, is_short in self.rows(statements.SILENT_AGENCY):
            if is_short and 4 * are_short >= people:
                one = Found(officer, Kind.SILENT_AGENCY, source_agency=agency, agency=self.asks(officer, agency),
                            whole=classes, day=last_on)  # fmt: skip
                signs = (
                    ("most_short",) if 2 * are_short >= people else ("many_short",) if 3 * are_short >= people else ()
                )
                yield Sign(one, signs if are_short >= 2 else ())
        for officer, provider, now, before, record in self.rows(statements.SILENT_PROVIDER):
            one = Found(officer, Kind.SILENT_PROVIDER, provider=provider, part=now, whole=before)
            yield Sign(one, ("provider_nothing",) if not now else (), record)

    def checked_in(self):
        """Had a seat in a class of a provider, came to the door, and is not credited."""
        for officer, seat, agency, held, day, is_confirmed, left_early, missed in self.rows(statements.CHECKED_IN):
            one = Found(officer, Kind.CHECKED_IN, registration=seat, agency=self.asks(officer, agency), day=day)
            one = one._replace(agency=one.agency or self.own(officer))
            signs = ["left_early"] * bool(left_early) + ["missed_days"] * missed + ["unconfirmed"] * (not is_confirmed)
            yield Sign(one, tuple(signs), promised=held)

    def refused(self):
        """Hours in a course that POST refused."""
        for officer, record, agency, day in self.rows(statements.REFUSED):
            one = Found(officer, Kind.REFUSED, record=record, agency=self.asks(officer, agency), day=day)
            yield Sign(one, (), record)

    def make_up(self):
        """Hours of the next year that could serve this one."""
        rows = self.rows(statements.MAKE_UP)
        given = self._given({row[1] for row in rows})
        made_up: dict[int, Decimal] = defaultdict(Decimal)
        for officer, record, *_ in rows:
            made_up[officer] += given[record][0] if record in given else ZERO
        for officer, record, agency, day, later in rows:
            one = Found(officer, Kind.MAKE_UP, record=record, agency=self.asks(officer, agency), day=day)
            is_spare = (later or ZERO) - made_up[officer] >= self.total
            yield Sign(one, ("spare",) if is_spare else (), record)

    def counted_once(self):
        """Kept as a duplicate; perhaps two sittings."""
        for officer, record, agency, day, is_same_reporter, is_elsewhere in self.rows(statements.COUNTED_ONCE):
            signs = (["same_reporter"] + ["other_room"] * is_elsewhere) if is_same_reporter else []
            one = Found(officer, Kind.COUNTED_ONCE, record=record, agency=self.asks(officer, agency), day=day)
            yield Sign(one, tuple(signs), record)

    def taken_back(self):
        """Voided, and nothing in its place."""
        for officer, record, agency, day, why in self.rows(statements.TAKEN_BACK):
            signs = ("not_there",) if NOT_THERE.search(why) else ("again",) if AGAIN.search(why) else ()
            one = Found(officer, Kind.TAKEN_BACK, record=record, agency=self.asks(officer, agency), day=day)
            yield Sign(one, signs, record)

    def without_source(self):
        """Very little missing; nothing at all."""
        for officer, needed in self.needed.items():
            if needed <= NEAR:
                yield Sign(Found(officer, Kind.LITTLE, agency=self.own(officer), hours=needed))
        for (officer,) in self.rows(statements.NOTHING):
            yield Sign(Found(officer, Kind.NOTHING, agency=self.own(officer)))

    # Weighing ---------------------------------------------------------------------------------------------------------

    def _weighed(self, noticed: list[Sign]) -> list[Found]:
        given = self._given({one.sample for one in noticed if one.sample})
        promised = self._promised({one.promised for one in noticed if one.promised})
        together: dict[tuple[int, str], list[Decimal]] = {}
        for one in noticed:
            if one.sample in given and one.found.kind in (Kind.MAKE_UP, Kind.REFUSED):
                sums = together.setdefault((one.found.officer, one.found.kind), [ZERO] * len(self.asked.requirements))
                for at, hours in enumerate(given[one.sample][1]):
                    sums[at] += hours
        kinds: dict[tuple[int, str], list[Found]] = defaultdict(list)
        for found, signs, sample, held in noticed:
            total, by_requirement = promised.get(held) or given.get(sample, (found.hours, None))
            closes = by_requirement is not None and self._closes(found.officer, by_requirement)
            more = [*signs, *["closes"] * closes, *["little"] * (self.needed[found.officer] <= NEAR)]
            all_of_them = together.get((found.officer, found.kind))
            if not closes and all_of_them and self._closes(found.officer, all_of_them):
                more.append("closes_together")
            weighed = found._replace(hours=total, closes=closes, score=score(found.kind, more))
            kinds[found.officer, found.kind].append(weighed)
        return [one for same in kinds.values() for one in sorted(same, key=_likeliest)[:MOST_OF_A_KIND]]

    def _given(self, records: set[int]) -> dict[int, tuple[Decimal, list[Decimal]]]:
        """Record id -> the hours it gives in all, and to each requirement were it to count."""
        return self._sums(CreditLine.objects.filter(record__in=records), "record", counting.counts_to)

    def _promised(self, classes: set[int]) -> dict[int, tuple[Decimal, list[Decimal]]]:
        """Class of the calendar -> the same of the hours it gives to whoever completes it."""
        lines = ScheduledLine.objects.filter(scheduled_class__in=classes)
        return self._sums(lines, "scheduled_class", counting.offered_to)

    def _sums(self, lines: QuerySet, of: str, serves: Callable) -> dict[int, tuple[Decimal, list[Decimal]]]:
        sums = {
            f"r{at}": Sum("hours", filter=q) if (q := serves(one)) else Sum("hours")
            for at, one in enumerate(self.asked.requirements)
        }
        rows = lines.order_by().values(of).annotate(all=Sum("hours"), **sums).values_list(of, "all", *sums)
        return {pk: (total, [one or ZERO for one in totals]) for pk, total, *totals in rows}

    def _closes(self, officer: int, given: list[Decimal]) -> bool:
        """Whether these hours are all that is missing."""
        short = self.short[officer].short
        return all(
            hours >= short.get(one.code, ZERO) for one, hours in zip(self.asked.requirements, given, strict=True)
        )
