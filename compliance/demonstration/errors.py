"""Recording errors planted in the ripe period: officers who were trained, and of whom the record does not show it.

One of each kind for a thousand officers. Only those are chosen whose other hours do not suffice, so that each planted
error is a false listing that somebody ought to find. What was planted is known to whoever plans the state again from
its seed and day; the database does not hold it.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from compliance.demonstration import silence
from compliance.demonstration.agencies import SHERIFF, SMALL_CITY, Agency
from compliance.demonstration.careers import Officer
from compliance.demonstration.courses import Course, Session
from compliance.demonstration.names import Name
from compliance.demonstration.seasons import DUPLICATE_NOTE, Planner, Record, Season

A_THOUSAND = 1_000
# Of the people of an agency, so many attended a class that somebody was left off.
NEARLY_ALL = 0.8
OTHER_ROOM = ", range"
VOIDED_BECAUSE = "Undone: the roster belonged to another class. To be entered anew."
# Days: younger classes stand in the calendar of the demonstration itself.
IN_THE_CALENDAR = 100
WHOLE_DAY, A_MORNING = (8, 17), (8, 10)


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """An officer, the period, and the kind of error (a `RecordingGap.Kind`)."""

    kind: str
    officer: Officer
    year: int


@dataclass(frozen=True, slots=True, eq=False)
class HeldRow:
    """A row an agency sent in that is held: the officer meant, the class, and what stands in the row."""

    agency: Agency
    officer: Officer
    session: Session
    number: str
    day: str
    column: str
    wrong: str
    fix: str


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """An officer registered for a class of a provider, and when they came and left: hours of the clock of each day they
    were there, none where they never came."""

    officer: Officer
    session: Session
    hours: tuple[int, int] | None


@dataclass
class Errors:
    """Plants them; `records` of the planner are changed in place when it is done."""

    rng: Random
    planner: Planner
    year: int
    minimums: tuple[int, ...]
    seasons: Mapping[int, Season]
    officers: list[Officer]
    asked_relief: set[int]
    agencies: list[Agency]
    planted: list[Planted] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    providers: list[dict] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)

    def __post_init__(self):
        self.count = max(1, len(self.officers) // A_THOUSAND)
        self.licenses = {officer.license for officer in self.officers}
        self.of: dict[int, list[Record]] = defaultdict(list)
        self.by_session: dict[int, list[Record]] = defaultdict(list)
        self.before: dict[int, list[Record]] = defaultdict(list)
        for record in self.planner.records:
            if record.year == self.year:
                self.of[record.officer.number].append(record)
            elif record.year == self.year - 1:
                self.before[record.officer.number].append(record)
            self.by_session[id(record.session)].append(record)
        self.others = [officer for officer in self.officers if self.is_ordinary(officer)]
        self.rng.shuffle(self.others)
        self.others.sort(key=lambda officer: officer.home.number != SHERIFF)

    def is_ordinary(self, officer: Officer) -> bool:
        """Whether nothing in the plan makes the officer another case."""
        return (
            not officer.part
            and not officer.plot
            and officer.trains
            and len(officer.events) == 1
            and officer.number in self.seasons
            and officer.number not in self.asked_relief
        )

    def plant(self, of_providers: int) -> None:
        """Every kind but the refused courses, which are chosen when the reviews are known."""
        kinds: tuple[tuple[str, Callable[[], Iterator[Officer]]], ...] = (
            ("taken_back", self._taken_back),
            ("left_off", self._left_off),
            ("counted_once", self._counted_once),
            ("make_up", self._make_up),
            ("number_slip", self._number_slip),
            ("held_row", self._held_row),
            ("namesake", self._namesake),
            ("transfer", self._transfer),
            ("checked_in", self._checked_in),
        )
        for kind, errors in kinds:
            self._take(kind, errors())
            if kind == "left_off":  # the sheriff has one of each so far; the accounts' agencies are to stay as they are
                self.others = [one for one in self.others if one.home.number not in (SMALL_CITY, SHERIFF)]
        silence.of_agencies(self)
        silence.of_a_provider(self, of_providers)
        self._rightly_without_credit()
        self.planner.records[:] = [one for one in self.planner.records if id(one) not in self.removed]

    def _take(self, kind: str, errors: Iterator[Officer]) -> None:
        for _, officer in zip(range(self.count), errors, strict=False):
            self.note(kind, officer)

    def note(self, kind: str, officer: Officer) -> None:
        """Remember what was planted."""
        self.planted.append(Planted(kind, officer, self.year))

    # What is on record, and what would be missing ---------------------------------------------------------------------

    def hours(self, officer: Officer, without=()) -> list[int]:
        """Hundredths by requirement that the record shows."""
        left = {id(one) for one in without}
        total = [0] * len(self.minimums)
        for one in self.of[officer.number]:
            if one.voided is None and not one.not_counted and id(one) not in left and id(one) not in self.removed:
                for at, given in enumerate(one.session.course.template.gives):
                    total[at] += given
        return total

    def is_short(self, officer: Officer, without=()) -> bool:
        """Whether hours are missing."""
        return any(have < need for have, need in zip(self.hours(officer, without), self.minimums, strict=True))

    def plain(self, officer: Officer) -> Iterator[Record]:
        """Records with nothing odd about them."""
        titles = Counter(one.session.course.template.title for one in self.of[officer.number])
        for one in self.of[officer.number]:
            is_odd = one.voided or one.not_counted or one.replaces or one.role != "student" or id(one) in self.removed
            if not is_odd and titles[one.session.course.template.title] == 1:
                yield one

    def needed(self, of_agency: bool | None = True) -> Iterator[tuple[Officer, Record]]:
        """Officers who are compliant by one record, with it, each officer once at most; of an agency's class or any."""
        for officer in self.others:
            if officer.number in self.touched or len(officer.posts) > 1 or self.is_short(officer):
                continue
            for record in self.plain(officer):
                is_own = record.session.course.agency is not None
                is_here = dt.date.fromordinal(record.session.end).year == self.year
                if (of_agency is None or is_own == of_agency) and is_here and self.is_short(officer, [record]):
                    yield officer, record
                    break

    def at(self, agency: Agency, day: int) -> list[Officer]:
        """Who held a commission at an agency on a day."""
        if not hasattr(self, "_posts"):
            self._posts = defaultdict(list)
            for officer in self.officers:
                for post in officer.posts:
                    self._posts[post.agency.number].append((post.start, post.end, officer))
        return [o for start, end, o in self._posts[agency.number] if start <= day and (end is None or day <= end)]

    # The kinds --------------------------------------------------------------------------------------------------------

    def _taken_back(self) -> Iterator[Officer]:
        for officer, record in self.needed():
            record.voided = record.recorded + self.rng.randint(1, 20)
            record.void_reason = VOIDED_BECAUSE
            self.touched.add(officer.number)
            yield officer

    def _left_off(self) -> Iterator[Officer]:
        for officer in self.others:
            if officer.number in self.touched or len(officer.posts) > 1 or self.is_short(officer):
                continue
            for record in self.plain(officer):
                session = record.session
                if session.course.agency is not officer.home or not self.is_short(officer, [record]):
                    continue
                here = {one.number for one in self.at(officer.home, session.end)}
                went = {one.officer.number for one in self.by_session[id(session)] if id(one) not in self.removed}
                if len(here) >= 6 and len(here & went) >= NEARLY_ALL * len(here):
                    self.removed.add(id(record))
                    self.touched.add(officer.number)
                    yield officer
                    break

    def _counted_once(self) -> Iterator[Officer]:
        """Two sittings of one class on one day, in two rooms: the second was taken for a duplicate."""
        for officer in self.others:
            if officer.number in self.touched or len(officer.posts) > 1 or self.is_short(officer):
                continue
            own = [one for one in self.plain(officer) if one.session.course.agency is officer.home]
            pairs = ((one, other) for one in own for other in own if one is not other)
            for one, other in pairs:
                course = one.session.course
                if course.template.hours > 400 or not self.is_short(officer, [other]):
                    continue
                given = zip(self.hours(officer, [other]), course.template.gives, strict=True)
                if any(have + more < need for (have, more), need in zip(given, self.minimums, strict=True)):
                    continue
                first = one.session
                again = Session(course, first.start, first.end, first.recorded, 0, place=officer.home.name + OTHER_ROOM)
                moved = zip(other.session.course.template.gives, course.template.gives, strict=True)
                for at, (less, more) in enumerate(moved):
                    self.seasons[officer.number].hours[at] += more - less
                other.session, other.recorded = again, again.recorded
                other.not_counted, other.note = "duplicate", DUPLICATE_NOTE
                self.touched.add(officer.number)
                yield officer
                break

    def _make_up(self) -> Iterator[Officer]:
        """Hours made up in time, and never said to be for the year that was short."""
        for officer in self.others:
            later = [
                one
                for one in self.of[officer.number]
                if dt.date.fromordinal(one.session.end).year > self.year
                and one.session.end <= dt.date(self.year + 1, 3, 15).toordinal()
                and not (one.voided or one.not_counted or one.replaces)
            ]
            if officer.number in self.touched or not later or self.is_short(officer):
                continue
            if self.is_short(officer, later):
                for one in later:
                    one.year = self.year + 1
                    self.of[officer.number].remove(one)
                self.touched.add(officer.number)
                yield officer

    def _number_slip(self) -> Iterator[Officer]:
        for officer, record in self._of_the_own_agency():
            slips = [
                slip
                for at in range(len(officer.license))
                for digit in "0123456789"
                if (slip := f"{officer.license[:at]}{digit}{officer.license[at + 1 :]}") not in self.licenses
            ]
            if not slips:
                continue
            wrong = "No officer has this license number."
            self._hold(officer, record, self.rng.choice(slips), "", "license_number", wrong)
            yield officer

    def _held_row(self) -> Iterator[Officer]:
        for officer, record in self._of_the_own_agency():
            day = dt.date.fromordinal(record.session.end)
            written = f"{day.month}/3{day.day % 2 + 2}/{day.year}"
            self._hold(officer, record, officer.license, written, "completed_on", f"“{written}” is not a date.")
            yield officer

    def _of_the_own_agency(self) -> Iterator[tuple[Officer, Record]]:
        for officer, record in self.needed():
            if record.session.course.agency is officer.home:
                yield officer, record

    def _hold(self, officer: Officer, record: Record, number: str, day: str, column: str, wrong: str) -> None:
        held = dt.date.fromordinal(record.session.end)
        written = day or f"{held.month}/{held.day}/{held.year}"
        fix = "Correct it and send the row again."
        self.held.append(HeldRow(officer.home, officer, record.session, number, written, column, wrong, fix))
        self.removed.add(id(record))
        self.touched.add(officer.number)

    def _namesake(self) -> Iterator[Officer]:
        """The hours went to the license of somebody else of the same name, who works elsewhere."""
        names = Counter((one.name.first, one.name.last) for one in self.officers)
        spare = [
            one for one in reversed(self.others) if len(one.posts) == 1 and names[one.name.first, one.name.last] == 1
        ]
        for officer, record in self.needed():
            if names[officer.name.first, officer.name.last] > 1:
                continue
            other = next(
                (
                    one
                    for one in spare
                    if one.home is not officer.home
                    and one.home.trainer is not officer.home.trainer
                    and one.home.number > SHERIFF
                    and one.number not in self.touched
                    and record.session.end > one.licensed
                ),
                None,
            )
            if other is None:
                return
            other.name = Name(officer.name.first, other.name.middle, officer.name.last)
            record.officer = other
            self.of[officer.number].remove(record)
            self.of[other.number].append(record)
            self.touched |= {officer.number, other.number}
            yield officer

    def _transfer(self) -> Iterator[Officer]:
        """Nothing came from the agency of the first months."""
        lo, hi = dt.date(self.year, 4, 1).toordinal(), dt.date(self.year, 10, 31).toordinal()
        for officer in self.others:
            if officer.number in self.touched or len(officer.posts) != 2 or self.is_short(officer):
                continue
            moved = officer.posts[0].end
            if moved is None or not lo <= moved <= hi:
                continue
            before = [one for one in self.of[officer.number] if one.session.end <= moved]
            if before and self.is_short(officer, before) and any(self.hours(officer, before)):
                self.removed |= {id(one) for one in before}
                self.touched.add(officer.number)
                yield officer

    def _checked_in(self) -> Iterator[Officer]:
        """Had a seat, came to the door, stayed, and was left out when the provider named who completed the class."""
        for officer, record in self.needed(of_agency=False):
            if self._is_in_a_calendar(record):
                self.seats.append(Seat(officer, record.session, WHOLE_DAY))
                self.removed.add(id(record))
                self.touched.add(officer.number)
                yield officer

    def _is_in_a_calendar(self, record: Record) -> bool:
        what = record.session.course.template
        is_held = sum(1 for one in self.by_session[id(record.session)] if id(one) not in self.removed) > 2
        is_over = record.session.end < self.planner.today - IN_THE_CALENDAR
        return what.kind == "approved_provider" and what.delivery == "classroom" and is_held and is_over

    def _rightly_without_credit(self) -> None:
        """Others who are short had seats too: some never came, some left in the middle of the morning."""
        sessions = [
            records[0].session
            for records in list(self.by_session.values())
            if dt.date.fromordinal(records[0].session.end).year == self.year and self._is_in_a_calendar(records[0])
        ]
        short = [one for one in self.others if one.number not in self.touched and self.is_short(one)]
        for officer, hours in zip(short[: 2 * self.count], (None, A_MORNING) * self.count, strict=False):
            went = {one.session.course for one in self.of[officer.number]}
            session = self.rng.choice([one for one in sessions if one.course not in went])
            self.seats.append(Seat(officer, session, hours))

    def refused(self, courses: list[Course], decided: set[int]) -> list[Course]:
        """Small courses that POST refused for want of a lesson plan, of which somebody needs the hours."""
        chosen: list[Course] = []
        for officer, record in self.needed():
            course = record.session.course
            if course.number in decided or course.used > 12 or course.agency.number <= SHERIFF:
                continue
            decided.add(course.number)
            chosen.append(course)
            self.touched.add(officer.number)
            self.planted.append(Planted("refused", officer, self.year))
            if len(chosen) >= self.count:
                break
        return chosen
