"""The courses of the demonstration, the classes they are held in, and who has room for one more."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import yaml

HERE = Path(__file__).parent
CODES = (
    "total",
    "approved_provider",
    "legal",
    "technical",
    "interpersonal",
    "firearms",
    "racial_profiling",
    "implicit_bias",
    "de_escalation",
)
TOTAL, APPROVED, LEGAL, TECHNICAL, INTERPERSONAL, FIREARMS, PROFILING, BIAS, DE_ESCALATION = range(9)
AREAS = {"L": "legal", "T": "technical", "I": "interpersonal", "S": "skill"}
TOPICS = {"F": "firearms", "RP": "racial_profiling", "IB": "implicit_bias", "DE": "de_escalation"}
COUNT_AS_APPROVED = ("approved_provider", "individual_course", "out_of_state")
A_DAY = 800  # hours are whole numbers of hundredths here: a day of training is 8.00 hours


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A course as the list has it: its lines are (area, topic or None, hundredths of an hour)."""

    title: str
    kind: str
    delivery: str
    sponsor: str
    lines: tuple[tuple[str, str | None, int], ...]
    hours: int
    gives: tuple[int, ...]

    @property
    def days(self) -> int:
        """How many days it takes: 8 hours each, and a term for a college course."""
        if self.kind == "college":
            return 105
        return 1 if self.delivery == "online" else -(-self.hours // A_DAY)


def template(row: dict, kind: str, delivery: str = "classroom") -> Template:
    """A row of courses.yaml."""
    lines = []
    for part in row["gives"].split(","):
        where, hours = part.split()
        area, _, topic = where.partition("/")
        lines.append((AREAS[area], TOPICS[topic] if topic else None, round(float(hours) * 100)))
    gives = [0] * len(CODES)
    for area, topic, hours in lines:
        gives[TOTAL] += hours
        if kind in COUNT_AS_APPROVED:
            gives[APPROVED] += hours
        if area in CODES:
            gives[CODES.index(area)] += hours
        if topic and not (topic == "firearms" and delivery == "online"):
            gives[CODES.index(topic)] += hours
    return Template(row["title"], kind, delivery, row.get("sponsor", ""), tuple(lines), gives[TOTAL], tuple(gives))


@cache
def catalog() -> dict:
    """Templates: `in_service` by group, `classroom` and `online` of providers, `elsewhere`; and the `providers`."""
    raw = yaml.safe_load((HERE / "courses.yaml").read_text(encoding="utf-8"))
    approved = raw["approved_provider"]
    return {
        "in_service": {
            group: [template(row, "in_service") for row in rows] for group, rows in raw["in_service"].items()
        },
        "classroom": [template(row, "approved_provider") for row in approved["classroom"]],
        "online": [template(row, "approved_provider", "online") for row in approved["online"]],
        "elsewhere": [template(row, row["source"]) for row in raw["elsewhere"]],
        "providers": raw["providers"],
    }


@dataclass(slots=True, eq=False)
class Session:
    """A class: a holding of a course. Days are ordinals; `recorded` is the day its roster was entered."""

    course: "Course"
    start: int
    end: int
    recorded: int
    room: int
    number: int = -1
    place: str = ""
    voided: int | None = None


class Course:
    """A course of one provider, agency or sponsor, with the classes in which it is held.

    `open` has, by year, the classes with room that are offered to all, and spare ones for those bound to certain weeks.
    """

    __slots__ = ("agency", "calendar", "held", "number", "open", "provider", "refused", "submitted", "template", "used")

    def __init__(self, what: Template, calendar: "Calendar", *, agency=None, provider: int | None = None):
        self.template = what
        self.calendar = calendar
        self.agency = agency
        self.provider = provider
        self.number = -1
        self.submitted: int | None = None
        self.refused: int | None = None
        self.open: dict[int, tuple[list[Session], list[Session]]] = {}
        self.held: dict[int, list[Session]] = {}
        self.used = 0

    @property
    def kind(self) -> str:
        """The kind of source: what an agency gives is in-service, whatever its title."""
        return "in_service" if self.agency is not None else self.template.kind

    def session(self, officer, year: int, lo: int, hi: int) -> Session | None:
        """A class in `year`, between two days, that this officer can attend; None where there is none.

        An agency holds its classes when it holds them; a provider adds another class when there is demand.
        """
        if self.agency is not None:
            return self._of_the_agency(officer, year, lo, hi)
        waiting, spare = self.open.setdefault(year, ([], []))
        has_all_year = lo <= dt.date(year, 1, 4).toordinal()
        for offered in (waiting,) if has_all_year else (waiting, spare):
            for session in offered:
                if lo <= session.start and session.end <= hi and self.fits(officer, session):
                    session.room -= 1
                    if not session.room:
                        offered.remove(session)
                    return session
        for _ in range(6):
            session = self.calendar.draw(self, year, lo, hi)
            if session is None:
                return None
            if self.fits(officer, session):
                session.room -= 1
                if session.room:
                    # One held for somebody's last weeks is not offered to all: Decembers would be too busy.
                    (waiting if has_all_year else spare).insert(0, session)
                    spare[:0] = waiting[6:]
                    del waiting[6:], spare[40:]
                return session
        return None

    def session_at_once(self, officer, year: int, lo: int, hi: int) -> Session | None:
        """A new class between two days, its roster entered two days later; others may join it."""
        for _ in range(12):
            session = self.calendar.draw(self, year, lo, hi)
            if session is None:
                return None
            if self.fits(officer, session):
                session.recorded = session.end + 2
                if session.room > 1:
                    session.room -= 1
                    self.open.setdefault(year, ([], []))[0].insert(0, session)
                return session
        return None

    def _of_the_agency(self, officer, year: int, lo: int, hi: int) -> Session | None:
        sessions = self.held.get(year)
        if sessions is None:
            sessions = self.held[year] = self.calendar.of_agency(self, year)
        count = len(sessions)
        for step in range(count):
            session = sessions[(officer.number + step) % count]
            if lo <= session.start and session.end <= hi and self.fits(officer, session):
                return session
        return None

    def fits(self, officer, session: Session) -> bool:
        """Whether the officer's days have room for it: at most eight hours a day."""
        if (self.template.title, session.start) in officer.attended:
            return False
        if self.template.delivery == "online" or self.template.kind == "college":
            return True
        a_day = min(self.template.hours, A_DAY)
        return all(officer.busy.get(day, 0) + a_day <= A_DAY for day in range(session.start, session.end + 1))


@dataclass
class Calendar:
    """Draws the days of classes: few at week-ends, busy in spring and fall, and rosters that come in late."""

    rng: Random
    today: int
    months: dict[str, list[float]] = field(
        default_factory=lambda: {
            "even": [7, 9, 8.5, 8, 10, 7, 7.5, 8, 9, 10, 8.5, 10],
            "spring": [14, 20, 18, 14, 12, 4, 3, 3, 4, 4, 3, 1],
            "fall": [3, 4, 5, 6, 8, 6, 6, 9, 15, 17, 13, 11],
        }
    )

    def day(self, lo: int, hi: int, season: str | None = None) -> int:
        """A day from `lo` to `hi`, in the months of a season within one year or evenly; few Saturdays and Sundays."""
        rng = self.rng
        year = dt.date.fromordinal(lo).year
        for _ in range(8):
            if season is None:
                found = rng.randint(lo, hi)
            else:
                month = rng.choices(range(1, 13), self.months[season])[0]
                found = dt.date(year, month, rng.randint(1, 28)).toordinal() + rng.randint(0, 3)
                if not lo <= found <= hi:
                    continue
            weekday = (found - 1) % 7  # ordinal 1 was a Monday
            if rng.random() < (0.75, 0.95, 1, 0.97, 1, 0.3, 0.22)[weekday]:
                return found
        return min(hi, max(lo, rng.randint(lo, hi)))

    def draw(self, course: Course, year: int, lo: int, hi: int) -> Session | None:
        """A new class of a provider, or elsewhere, between two days: a classroom of 7 to 36, on-line up to hundreds."""
        days = course.template.days
        first, last = dt.date(year, 1, 2).toordinal(), dt.date(year, 12, 31).toordinal()
        whole_year = lo <= first and hi >= last
        lo, hi = max(lo, first), min(hi, last) - days + 1
        if hi < lo:
            return None
        start = self.day(lo, hi, "even" if whole_year and days < 30 else None)
        if 1 < days < 30:  # several days in a row begin on a Monday, or on a day that leaves them in the week
            start = max(lo, start - (start - 1) % 7)
        room = self.rng.choice((40, 120, 400)) if course.template.delivery == "online" else self.rng.randint(7, 36)
        end = start + days - 1
        return Session(course, start, end, self.recorded(end, agency=False), room)

    def of_agency(self, course: Course, year: int) -> list[Session]:
        """The classes an agency holds of one of its courses in a year: whole-agency days, or several smaller ones."""
        agency, rng = course.agency, self.rng
        first, last = dt.date(year, 1, 4).toordinal(), dt.date(year, 12, 30).toordinal()
        days = course.template.days
        starts: list[int] = []
        if agency.pattern == "block":
            weeks = agency.weeks.get(year)
            if weeks is None:
                count = max(1, min(10, agency.trained // 15))
                season = "spring" if agency.number % 3 else "fall"
                drawn = (self.day(first + 7, last - 7, season) for _ in range(count))
                weeks = agency.weeks[year] = sorted({day - (day - 1) % 7 for day in drawn})
            offset = list(agency.own).index(course.template.title) % 3
            starts = [week + offset for week in weeks]
        else:
            whole = rng.random() < 0.3
            count = max(1, agency.trained // (60 if whole else 20))
            starts = [self.day(first, last - days, agency.pattern) for _ in range(min(count, 40))]
        made = []
        for start in sorted(starts):
            end = start + days - 1
            made.append(Session(course, start, end, self.recorded(end, agency=True), 0, place=agency.training_place))
        return made

    def recorded(self, end: int, *, agency: bool) -> int:
        """The day on which a roster is entered: most within two weeks, one in 40 after one to four months."""
        rng = self.rng
        dice = rng.random()
        if dice < 0.025:
            return end + rng.randint(35, 125)
        if dice < 0.1:
            return end + rng.randint(12, 30)
        return end + (rng.randint(0, 7) if agency else rng.randint(1, 10))
