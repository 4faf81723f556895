"""The training calendar of the demonstration: classes from three months back to six ahead, who has a seat, who waits.

Past classes are those of the state that gave credit; the days ahead are drawn. Like the rest it follows from the seed
and the day alone, and is copied into the tables at once.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from functools import cache
from random import Random

import pgtrigger
import yaml
from django.db import connection

from compliance.demonstration.careers import Officer
from compliance.demonstration.copying import NULL, credit, line, reserve
from compliance.demonstration.courses import HERE, Course, Session
from compliance.demonstration.state import State
from training import models
from training.models import Registration, ScheduledClass, ScheduledLine, ScheduledMeeting
from training.models.registrations import CODE_LENGTH, CODE_LETTERS

TABLES = (ScheduledClass, ScheduledMeeting, ScheduledLine, Registration)
BACK, AHEAD = 92, 182
MOST_COURSES, MOST_PAST = 100, 120
NOT_CONFIRMED = 8  # how many of the last days' classes still wait for their provider to say who completed them
HOUR = 60
A_DAY = 800
# Range, track or mat, and how many fit in.
NEEDS_A_RANGE = ("Handgun Skills at Close Distance", "Patrol Rifle Operator", "Low-Light Handgun", "Precision Driving",
                 "Ground Control and Arrest Tactics", "Firearms Instructor Development")  # fmt: skip
AFTER_DUSK = "Low-Light Handgun"  # it passes midnight
WAITS_FOR, HAS_A_SEAT = "Low-Light Handgun", "Legal Update for Missouri Officers"


@cache
def lists() -> dict:
    """The lists of calendar.yaml."""
    return yaml.safe_load((HERE / "calendar.yaml").read_text(encoding="utf-8"))


def about(title: str) -> dict:
    """What the catalogue says of a provider's course; nothing for other titles."""
    return lists()["courses"].get(title, {})


@dataclass(slots=True, eq=False)
class Seat:
    """A registration: `asked` is the day, as an ordinal."""

    officer: Officer
    asked: int
    state: str = "registered"
    by_agency: bool = False


@dataclass(slots=True, eq=False)
class Holding:
    """A class in the calendar. Meetings are (day, first minute, last minute); days are ordinals."""

    course: Course
    meetings: list[tuple[int, int, int]]
    capacity: int
    site: dict | None = None
    state: str = "published"
    published: int = 0
    opens: int | None = None
    closes: int | None = None
    series: uuid.UUID | None = None
    reason: str = ""
    session: Session | None = None
    seats: list[Seat] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The day of the first meeting."""
        return self.meetings[0][0]

    @property
    def taken(self) -> int:
        """How many seats somebody has or is being offered."""
        return sum(seat.state in Registration.TAKES_A_SEAT for seat in self.seats)


class Planner:
    """Draws the calendar of a state."""

    def __init__(self, state: State, seed: int):
        self.state = state
        self.rng = Random(f"{seed} calendar")  # noqa: S311 - believable, not secret
        self.today = state.today.toordinal()
        self.pool = [one for one in state.officers if one.until is None and one.posts and one.posts[-1].end is None]
        self.taken: dict[int, set[int]] = {}
        self.holdings: list[Holding] = []

    def plan(self) -> list[Holding]:
        """Every class, by its first day."""
        courses = [course for course in self.state.courses if course.provider is not None][:MOST_COURSES]
        for course in courses:
            self.ahead(course)
        self.past()
        self.just_held(courses)
        self.called_off()
        self.full()
        self.fill()
        self.accounts()
        self.holdings.sort(key=lambda one: one.meetings[0])
        return self.holdings

    def ahead(self, course: Course) -> None:
        """The classes of a course in the months to come; some as a series of evenings, some at several places."""
        rng, what = self.rng, course.template
        count = rng.randint(2, 3) if what.delivery == "online" else 1 if what.hours > 2 * A_DAY else rng.randint(3, 6)
        series = uuid.UUID(int=rng.getrandbits(128), version=4) if count > 3 and rng.random() < 0.4 else None
        for _ in range(count):
            evenings = what.delivery == "classroom" and 400 <= what.hours <= A_DAY and rng.random() < 0.12
            day = self.a_day(self.today + 2, self.today + AHEAD, whole_week=what.hours > 2 * A_DAY)
            made = self.held(course, day, evenings=evenings)
            made.series = series
            made.published = self.today - rng.randint(3, 70)
            if made.start > self.today + 75 and rng.random() < 0.5:
                made.opens = made.start - 60
            if rng.random() < 0.5:
                made.closes = max(self.today + 1, made.start - rng.choice((2, 3, 7)))
            if what.delivery == "classroom" and rng.random() < 0.04:
                made.state = "draft"
            self.holdings.append(made)

    def a_day(self, lo: int, hi: int, *, whole_week: bool = False) -> int:
        """A working day, Saturdays seldom, none around Christmas; the nearer months have more. Long courses begin on a
        Monday."""
        rng = self.rng
        for _ in range(20):
            day = lo + int((hi - lo) * rng.random() ** 1.1)
            if whole_week:
                day -= (day - 1) % 7
            date = dt.date.fromordinal(day)
            weekday = date.weekday()
            is_holiday = (date.month, date.day) >= (12, 23) or (date.month, date.day) <= (1, 2)
            if day >= lo and not is_holiday and weekday < 6 and (weekday < 5 or rng.random() < 0.15):
                return day
        return lo + (7 - (lo - 1) % 7)  # the next Monday

    def held(self, course: Course, day: int, *, evenings: bool = False) -> Holding:
        """One class that begins on `day`."""
        rng, what = self.rng, course.template
        is_online, needs_range = what.delivery == "online", what.title in NEEDS_A_RANGE
        site = None if is_online else self.site(course, needs_range)
        room = rng.choice((40, 100, 250)) if is_online else rng.randint(8, 16) if needs_range else rng.randint(14, 40)
        begin = rng.choice((18 * HOUR, 18 * HOUR + 30, 12 * HOUR)) if is_online else rng.choice((8, 8, 8, 9)) * HOUR
        if what.title == AFTER_DUSK:
            begin = 21 * HOUR
        elif not is_online and what.hours <= 400 and rng.random() < 0.3:
            begin = 13 * HOUR
        return Holding(
            course, meetings(what.hours, day, begin, evenings=evenings or (is_online and what.hours > 200)), room, site
        )

    def site(self, course: Course, needs_range: bool) -> dict:
        """Every other class is at home, the others go where people are."""
        sites = lists()["sites"]
        if needs_range:
            return lists()["ranges"][(course.provider + self.rng.randint(0, 1)) % len(lists()["ranges"])]
        return sites[course.provider % len(sites)] if self.rng.random() < 0.45 else self.rng.choice(sites)

    def past(self) -> None:
        """The classes of the last months that gave credit: whoever has it was registered, and a few did not come."""
        came: dict[int, list[Officer]] = {}
        for record in self.state.records:
            session = record.session
            is_ours = session.course.provider is not None and session.start >= self.today - BACK and not session.voided
            if is_ours and record.role == "student" and not record.voided and not record.replaces:
                came.setdefault(session.number, []).append(record.officer)
        sessions = [one for one in self.state.sessions if one.number in came][-MOST_PAST:]
        for session in sessions:
            made = self.held(session.course, session.start)
            begin = min(made.meetings[0][1], 18 * HOUR)  # it ended on the day its credit says
            made.meetings = meetings(session.course.template.hours, session.start, begin, evenings=False)
            made.session, made.published = session, session.start - self.rng.randint(30, 80)
            people = list(dict.fromkeys(came[session.number]))
            made.capacity = max(made.capacity, len(people) + 2)
            for officer in people:
                self.busy(officer, made)
            self.seat(made, people)
            if self.rng.random() < 0.5:
                self.seat(made, self.free(made, self.rng.randint(1, 2)))
            self.holdings.append(made)

    def just_held(self, courses: list[Course]) -> None:
        """Classes of the last days, not confirmed yet; the first provider's among them."""
        short = [one for one in courses if one.template.delivery == "classroom" and one.template.hours <= A_DAY]
        first = [one for one in short if one.provider == 0]
        for place, course in enumerate([*first[:2], *short[len(first) :: 7]][:NOT_CONFIRMED]):
            made = self.held(course, self.a_day(self.today - 2 - place, self.today - 1 - place))
            made.published = made.start - 45
            self.seat(made, self.free(made, self.rng.randint(6, min(18, made.capacity))))
            self.holdings.append(made)

    def called_off(self) -> None:
        """One class in thirty to come, and two of the past weeks."""
        coming = [one for one in self.holdings if one.start > self.today and one.state == "published"]
        chosen = self.rng.sample(coming, len(coming) // 30)
        for made in chosen:
            made.state, made.reason = "called_off", self.rng.choice(lists()["called_off"])
            made.series = None
            self.seat(made, self.free(made, self.rng.randint(2, 6)), state="called_off")

    def full(self) -> None:
        """The next classes of what everybody needs are full, with a wait-list; a seat is being offered in one."""
        coming = [one for one in self.open_ones() if one.start <= self.today + 60 and one.site is not None]
        coming.sort(
            key=lambda one: (
                one.course.template.title not in (AFTER_DUSK, "Handgun Skills at Close Distance"),
                one.start,
            )
        )
        for place, made in enumerate(coming[:14]):
            made.opens, made.capacity = None, min(made.capacity, self.rng.randint(8, 14))
            self.seat(made, self.free(made, made.capacity - (place == 3)))
            if place == 3:
                self.seat(made, self.free(made, 1), state="offered")
            if place < 10:
                self.seat(made, self.free(made, self.rng.randint(1, 6)), state="waiting")

    def fill(self) -> None:
        """The nearer a class, the more have registered."""
        for made in self.open_ones():
            days = made.start - self.today
            if made.seats or days > 75:
                continue
            share = (0.8 - days / 110) * self.rng.random()
            people = self.free(made, min(14, int(made.capacity * share)))
            self.seat(made, people)
            if len(people) > 5 and self.rng.random() < 0.3:
                self.seat(made, self.free(made, 1), state="cancelled")

    def accounts(self) -> None:
        """The deputy with no firearms hours waits for a firearms class, and has a seat in another class."""
        deputy = next((one for one in self.pool if one.plot == "near_miss"), None)
        for title, state in ((WAITS_FOR, "waiting"), (HAS_A_SEAT, "registered")):
            for made in sorted(self.open_ones(), key=lambda one: one.start):
                is_full = made.taken >= made.capacity
                fits = made.course.template.title == title and is_full == (state == "waiting") and not made.opens
                if deputy and fits and self.is_free(deputy, made):
                    self.busy(deputy, made)
                    self.seat(made, [deputy], state=state)
                    break

    def open_ones(self) -> list[Holding]:
        """Classes to come that people can register for, or will."""
        return [one for one in self.holdings if one.start > self.today + 1 and one.state == "published"]

    def seat(self, made: Holding, officers: list[Officer], *, state: str = "registered") -> None:
        """Registers officers; those of one agency in a row were registered by it."""
        agencies = [one.posts[-1].agency for one in officers]
        latest = min(self.today - 1, made.start - 1)
        days = sorted(self.rng.randint(min(made.published, latest), latest) for _ in officers)
        for place, (officer, asked) in enumerate(zip(officers, days, strict=True)):
            together = agencies.count(agencies[place]) > 1
            made.seats.append(Seat(officer, asked, state, by_agency=together))
        if state != "called_off":  # whoever waits came after the last seat was given
            made.seats.sort(key=lambda seat: seat.state == "waiting")
        for one, asked in zip(made.seats, sorted(one.asked for one in made.seats), strict=True):
            one.asked = asked  # a turn is never before the one ahead of it

    def free(self, made: Holding, count: int) -> list[Officer]:
        """So many officers with nothing else in the calendar on its days, neighbors in the register together."""
        rng, found = self.rng, []
        for _ in range(count * 4):
            at, run = rng.randrange(len(self.pool)), rng.choice((1, 1, 2, 3, 5))
            for officer in self.pool[at : at + run]:
                if len(found) < count and not officer.plot and self.is_free(officer, made):
                    self.busy(officer, made)
                    found.append(officer)
            if len(found) == count:
                break
        return found

    def is_free(self, officer: Officer, made: Holding) -> bool:
        """Whether nothing else is on the officer's days."""
        taken = self.taken.get(officer.number, ())
        return not any(day in taken for day, _, _ in made.meetings) and all(
            seat.officer is not officer for seat in made.seats
        )

    def busy(self, officer: Officer, made: Holding) -> None:
        """The class is on the officer's days."""
        self.taken.setdefault(officer.number, set()).update(day for day, _, _ in made.meetings)


def meetings(hours: int, day: int, begin: int, *, evenings: bool) -> list[tuple[int, int, int]]:
    """The meetings of a class of `hours` hundredths from `day` on: whole days with an hour for lunch, or two hours a
    week in the evening."""
    made, left = [], hours
    while left > 0:
        part = min(left, 200 if evenings else A_DAY)
        first = 18 * HOUR if evenings else 8 * HOUR if part > 500 else begin
        lunch = HOUR if part > 500 else 0
        made.append((day, first, first + part * HOUR // 100 + lunch))
        left -= part
        day += 7 if evenings else 1
    return made


def lay_out(state: State, writer, seed: int) -> int:
    """Plan the calendar and copy it; how many classes. `writer` (`writing.Writer`) has written the rest. Runs inside
    the transaction that writes the state."""
    planned = Planner(state, seed).plan()
    first = reserve(ScheduledClass, len(planned))
    rng = Random(f"{seed} calendar names")  # noqa: S311 - only to be unique
    classes, meetings, lines, seats = [], [], [], []
    for pk, made in enumerate(planned, first):
        classes.append(_class(made, pk, writer, rng))
        meetings += [f"{pk}\t{_at(writer, day, begin)}\t{_at(writer, day, end)}" for day, begin, end in made.meetings]
        lines += [f"{pk}{tail}" for tail in credit(made.course.template.lines, writer.areas, writer.topics)]
        seats += [_seat(made, seat, turn, pk, writer, rng) for turn, seat in enumerate(made.seats, 1)]
    columns = (
        "id provider_id course_id state delivery place address city zip_code latitude longitude directions capacity "
        "seats_taken fee instructors administrator contact_name contact_email contact_phone note cancel_hours "
        "offer_hours series uid outside_uid sequence called_off_because training_class_id begins_at ends_at opens_at "
        "closes_at changed_at published_at called_off_at"
    )
    writer.put(ScheduledClass, columns, classes, "classes in the calendar")
    writer.put(ScheduledMeeting, "scheduled_class_id begins_at ends_at", meetings)
    writer.put(ScheduledLine, "scheduled_class_id area_id topic_id hours", lines)
    columns = (
        "scheduled_class_id officer_id agency_id state turn code registered_by_id is_walk_in end_reason was_late "
        "asked_at seated_at offered_at offered_until ended_at"
    )
    # The number of seats taken stands in the classes already: to count it row by row would take longer than the rest.
    with pgtrigger.ignore("training.Registration:seats_taken"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the first statement after it tells the database
        writer.put(Registration, columns, seats, "registrations")
    return len(planned)


def _at(writer, day: int | None, minute: int) -> str:
    """A moment of a day in Missouri; minutes after midnight belong to the next day."""
    if day is None:
        return NULL
    return f"{writer.days.text(day + minute // (24 * HOUR))} {minute // HOUR % 24:02d}:{minute % HOUR:02d}"


def _class(made: Holding, pk: int, writer, rng: Random) -> str:
    what, provider, site = made.course.template, made.course.provider, made.site or {}
    north, east = site.get("lies", (None, None))
    is_draft, is_off = made.state == "draft", made.state == "called_off"
    gave = None if made.session is None else writer.first[models.TrainingClass] + made.session.number
    directions = "The link comes by mail the day before." if not site else "Report to the front desk and bring your ID."
    people = lists()["instructors"]
    teacher = people[(provider * 3 + made.course.number) % len(people)]
    administrator = people[(provider * 5 + 1) % len(people)].split(",")[0]
    was_moved = not is_off and made.start > writer.today and rng.random() < 0.06
    values = line(
        pk, writer.first[models.Provider] + provider, writer.first[models.Course] + made.course.number, made.state,
        what.delivery,
        site.get("place", ""), site.get("street", ""), site.get("city", ""), site.get("zip", ""),
        north, east, directions, made.capacity, made.taken, about(what.title).get("fee", 0),
        teacher, administrator, "Registration office",
        f"office{provider}@training.example.org",
        f"(573) 555-{140 + provider:04d}", rng.choice(lists()["notes"]) if site and rng.random() < 0.6 else "",
        24, 24, made.series, uuid.UUID(int=rng.getrandbits(128), version=4), "", int(is_off or was_moved),
        made.reason, gave,
    )  # fmt: skip
    begins, ends = made.meetings[0], made.meetings[-1]
    published = NULL if is_draft else writer.moment(made.published, pk)
    off = writer.moment(min(writer.today - 1, made.start - 2), pk) if is_off else NULL
    changed = off if is_off else writer.moment(writer.today - 2, pk) if was_moved else writer.moment(made.published, pk)
    moments = (
        _at(writer, begins[0], begins[1]), _at(writer, ends[0], ends[2]), _at(writer, made.opens, 8 * HOUR),
        _at(writer, made.closes, 17 * HOUR), changed, published, off,
    )  # fmt: skip
    return "\t".join((values, *moments))


def _seat(made: Holding, seat: Seat, turn: int, pk: int, writer, rng: Random) -> str:
    agency = seat.officer.posts[-1].agency.number
    by_agency = writer.first[models.Agency] + agency if seat.by_agency else None
    minute = 8 * HOUR + turn * 11  # of two on one day the earlier turn asked earlier
    asked = _at(writer, seat.asked, minute)
    ended = _at(writer, writer.today - 1, minute) if seat.state in ("cancelled", "called_off") else NULL
    is_offered = seat.state == "offered"
    values = line(
        pk, writer.first[models.Officer] + seat.officer.number, by_agency, seat.state, turn,
        "".join(rng.choices(CODE_LETTERS, k=CODE_LENGTH)), writer.recorded_by.get(agency) if seat.by_agency else None,
        False, "Called off." if seat.state == "called_off" else "", False,
    )  # fmt: skip
    seated = asked if seat.state in ("registered", "cancelled", "called_off") else NULL
    offered = _at(writer, writer.today - 1, minute) if is_offered else NULL
    until = _at(writer, writer.today + 1, 17 * HOUR) if is_offered else NULL
    return "\t".join((values, asked, seated, offered, until, ended))
