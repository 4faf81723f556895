"""A season: what one officer does in one reporting period, and how much of it is on record by today.

Each officer has a plan for the whole year, drawn from a mix: most are comfortably over, some just over, some short,
some miss one requirement only, some do nothing. Its classes lie on days of the whole year; of the year in progress only
those are written that have ended and whose rosters have come in. So whatever day it is, the state is mid-season: in
January almost nobody has begun, in November many have what they need. Nothing lies in the future.
"""

import datetime as dt
from dataclasses import dataclass
from random import Random

from compliance.demonstration.careers import Officer
from compliance.demonstration.courses import APPROVED, CODES, FIREARMS, TOTAL, Course, Session

COMFORTABLE, NEAR, SHORT, MISSING_ONE, NOTHING = "comfortable", "near", "short", "missing_one", "nothing"
MIX = ((COMFORTABLE, 55), (NEAR, 25), (SHORT, 12), (MISSING_ONE, 5), (NOTHING, 3))
ORDER = (FIREARMS, 8, 6, 7, 2, 3, 4)  # topics before areas: their classes also give hours of an area
UNMET_OF_ONE = (FIREARMS, FIREARMS, APPROVED, APPROVED, 6, 7, 8, 2, 3)
HOUR = 100
DUPLICATE_NOTE = "Same day and course as the approved provider's entry, which is counted."
REPEAT_NOTE = "The same course is already credited in this period."


@dataclass(slots=True, eq=False)
class Record:
    """A training record to be; days are ordinals, `lines` are (area, topic, hundredths)."""

    officer: Officer
    session: Session
    year: int
    recorded: int
    role: str = "student"
    not_counted: str = ""
    note: str = ""
    replaces: "Record | None" = None
    voided: int | None = None
    void_reason: str = ""
    lines: tuple | None = None
    number: int = -1


@dataclass(slots=True, eq=False)
class Season:
    """What an officer took in one period: hundredths by requirement, and the titles."""

    hours: list[int]
    titles: set[str]
    profile: str = ""

    def missing(self, minimums: tuple[int, ...]) -> list[int]:
        """Hundredths missing by requirement."""
        return [max(0, need - have) for need, have in zip(minimums, self.hours, strict=True)]


class Planner:
    """Plans seasons and keeps the records they leave by today."""

    def __init__(self, rng: Random, today: int, licensed: list[list[Course]], void_reasons: list[str]):
        self.rng, self.today, self.licensed, self.void_reasons = rng, today, licensed, void_reasons
        self.records: list[Record] = []
        by_requirement = range(len(CODES))
        self.licensed_for = [
            [[c for c in region if c.template.gives[i]] for i in by_requirement] for region in licensed
        ]
        self.own_for: dict[int, list[list[Course]]] = {}

    def own(self, officer: Officer, year: int) -> list[list[Course]]:
        """In-service courses by requirement, of the agency that trained the officer in the middle of the year."""
        middle = dt.date(year, 7, 1).toordinal()
        agency = next((p.agency for p in reversed(officer.posts) if p.start <= middle), officer.posts[0].agency).trainer
        found = self.own_for.get(agency.number)
        if found is None:
            courses = list(agency.own.values())
            found = self.own_for[agency.number] = [
                [c for c in courses if c.template.gives[i]] for i in range(len(CODES))
            ]
        return found

    def draw(self, officer: Officer, year: int, minimums: tuple[int, ...], lo: int, hi: int) -> Season:
        """A year of training after the mix, between two days of it."""
        rng = self.rng
        profile = rng.choices([name for name, _ in MIX], [weight for _, weight in MIX])[0]
        total = minimums[TOTAL]
        season = Season([0] * len(CODES), set(), profile)
        if profile == NOTHING:
            return season
        if officer.is_instructor:
            self.teach(season, officer, year, lo, hi)
        wanted = list(minimums)
        if profile == COMFORTABLE:
            wanted[TOTAL] = total + rng.choices((5, 7, 9, 12, 16, 24, 40), (26, 24, 20, 14, 9, 5, 2))[0] * HOUR
            wanted[TOTAL] += rng.choice((0, 0, 0, 50, 100))
        elif profile == NEAR:
            wanted[TOTAL] = total + rng.choice((0, 0, 1, 1, 2, 2, 3, 4)) * HOUR
        elif profile == SHORT:
            wanted[TOTAL] = rng.choice((6, 8, 10, 12, 14, 16, 16, 18, 18, 20, 20, 20, 21, 22, 22, 23)) * HOUR
        else:
            wanted[TOTAL] = total + rng.randint(0, 8) * HOUR
        without = rng.choice(UNMET_OF_ONE) if profile == MISSING_ONE else None
        self.cover(season, officer, year, wanted, lo, hi, own=True, without=without, exact=profile == SHORT)
        return season

    def plotted(self, officer: Officer, year: int, minimums: tuple[int, ...], *, ripe: int) -> Season:
        """The season of an officer behind a demonstration account, who is to show something on any day.

        In the first weeks of a year nothing can be shown of it yet, and the near miss is last year's.
        """
        season = Season([0] * len(CODES), set(), officer.plot)
        first, last = dt.date(year, 1, 2).toordinal(), dt.date(year, 12, 31).toordinal()
        this_year = dt.date.fromordinal(self.today).year
        is_early = self.today < dt.date(this_year, 3, 16).toordinal()
        ends = last if year < this_year else self.today - 6
        wanted, without = list(minimums), None
        if officer.plot == "near_miss" and year == this_year - is_early:
            wanted[TOTAL] += 2 * HOUR
            without = FIREARMS
        elif officer.plot == "candidate" and year == ripe:
            wanted[TOTAL] -= 6 * HOUR
        elif year < this_year:
            wanted[TOTAL] += 4 * HOUR
        if year == this_year and (is_early or officer.plot not in ("near_miss", "compliant")):
            self.cover(season, officer, year, wanted, first, last, own=True)
            return season
        self.cover(season, officer, year, wanted, first, ends, without=without, prompt=True)
        if without is not None:  # firearms on-line, which do not count to firearms
            for course in self.licensed[officer.home.region]:
                is_firearms = any(topic == "firearms" for _, topic, _ in course.template.lines)
                if is_firearms and course.template.delivery == "online":
                    self.attend(season, officer, course.session_at_once(officer, year, first, ends), year, plain=True)
        return season

    def cover(
        self,
        season: Season,
        officer: Officer,
        year: int,
        wanted: list[int],
        lo: int,
        hi: int,
        *,
        credited: int | None = None,
        own: bool = False,
        without: int | None = None,
        exact: bool = False,
        prompt: bool = False,
    ) -> None:
        """Take classes until `wanted` (hundredths by requirement) is met; `without` stays unmet; `exact` never exceeds.
        With `prompt` the classes are new ones whose rosters came in at once."""
        courses = self.own(officer, year) if own and officer.trains else None
        licensed = self.licensed_for[officer.posts[-1].agency.region]
        most = 600 if without == APPROVED else None
        for requirement in (*ORDER, APPROVED, TOTAL):
            if requirement == without:
                continue
            tries = 0
            while season.hours[requirement] < wanted[requirement] and tries < 25:
                tries += 1
                room = wanted[TOTAL] - season.hours[TOTAL]
                prefer_own = courses is not None and requirement != APPROVED and self.rng.random() < 0.62
                lists = (courses, licensed) if prefer_own else (licensed, courses)
                course = None
                for candidates in lists:
                    if candidates is not None and course is None:
                        course = self.pick(season, candidates[requirement], room, without, most, exact)
                if course is None:
                    break
                season.titles.add(course.template.title)
                session = (course.session_at_once if prompt else course.session)(officer, year, lo, hi)
                if session is not None:
                    self.attend(season, officer, session, credited or year, plain=prompt)

    def pick(self, season: Season, candidates, room: int, without: int | None, most: int | None, exact: bool):
        """One of the courses not taken yet that fits into the hours wanted; the shortest where none fits."""
        titles = season.titles
        free = [c for c in candidates if c.template.title not in titles]
        if without is not None and without != APPROVED:
            free = [c for c in free if not c.template.gives[without]]
        elif most is not None:
            free = [c for c in free if season.hours[APPROVED] + c.template.gives[APPROVED] <= most]
        fitting = [c for c in free if c.template.hours <= room]
        if fitting:  # of two drawn, the longer: fewer and longer classes
            one, other = self.rng.choice(fitting), self.rng.choice(fitting)
            return one if one.template.hours >= other.template.hours else other
        if exact or not free:
            return None
        return min(free, key=lambda c: c.template.hours)

    def teach(self, season: Season, officer: Officer, year: int, lo: int, hi: int) -> None:
        """An instructor teaches classes of the agency, and is credited hour for hour each time."""
        courses = list(officer.home.trainer.own.values())
        course = courses[officer.number % len(courses)]
        season.titles.add(course.template.title)
        for session in course.held.get(year) or course.held.setdefault(year, course.calendar.of_agency(course, year)):
            if lo <= session.start and session.end <= hi and course.fits(officer, session) and self.rng.random() < 0.6:
                self.attend(season, officer, session, year, role="instructor")

    def attend(
        self, season: Season, officer: Officer, session: Session, credited: int, *, role="student", plain=False
    ) -> None:
        """Count the class to the season, and keep the record if its roster is in by today.

        Unless it is to be `plain`, something may be odd about it: left off the roster, corrected, entered twice.
        """
        template = session.course.template
        for i, hours in enumerate(template.gives):
            season.hours[i] += hours
        officer.attended.add((template.title, session.start))
        if template.delivery == "classroom" and template.kind != "college":
            a_day = min(template.hours, 800)
            for day in range(session.start, session.end + 1):
                officer.busy[day] = officer.busy.get(day, 0) + a_day
        if session.recorded >= self.today:
            return
        rng = self.rng
        recorded = session.recorded
        if plain:
            self.records.append(Record(officer, session, credited, recorded, role))
            return
        if rng.random() < 0.01:  # left off the roster and added later
            recorded += rng.randint(8, 60)
            if recorded >= self.today:
                return
        record = Record(officer, session, credited, recorded, role)
        self.records.append(record)
        if rng.random() < 0.008:
            self.corrected(record)
        elif rng.random() < 0.012 and role == "student" and template.kind == "approved_provider":
            self.entered_twice(record)
        elif rng.random() < 0.004 and role == "student" and template.delivery == "online":
            self.repeated(record)

    def corrected(self, right: Record) -> None:
        """The first entry was wrong: it was voided, with the reason, and the right one recorded in its place."""
        voided = right.recorded + self.rng.randint(1, 30)
        if voided >= self.today:
            return
        session = right.session
        plain: dict[str, int] = {}
        for area, _, hours in session.course.template.lines:
            plain[area] = plain.get(area, 0) + hours
        wrong = Record(
            right.officer,
            session,
            right.year,
            right.recorded,
            right.role,
            voided=voided,
            void_reason=self.rng.choice(self.void_reasons),
            lines=tuple((area, None, hours) for area, hours in plain.items()),
        )
        right.replaces, right.recorded = wrong, voided
        self.records.insert(len(self.records) - 1, wrong)

    def entered_twice(self, record: Record) -> None:
        """The agency entered the provider's class as well: kept, but not counted (same day, same title, same hours)."""
        session, agency = record.session, record.officer.home
        template = session.course.template
        course = agency.extra.get(template.title)
        if course is None:
            course = agency.extra[template.title] = Course(template, session.course.calendar, agency=agency)
        same_day = course.held.setdefault(session.end, [])
        if not same_day:
            same_day.append(
                Session(
                    course, session.start, session.end, record.recorded + self.rng.randint(1, 9), 0, place=session.place
                )
            )
        if (copy := same_day[0]).recorded < self.today:
            self.records.append(
                Record(
                    record.officer, copy, record.year, max(copy.recorded, record.recorded),
                    not_counted="duplicate", note=DUPLICATE_NOTE,
                )
            )  # fmt: skip

    def repeated(self, record: Record) -> None:
        """An on-line course taken again in the period."""
        first = record.session
        again = first.course.calendar.draw(first.course, record.year, first.end + 20, first.end + 200)
        if again is not None and first.course.fits(record.officer, again) and again.recorded < self.today:
            self.records.append(
                Record(record.officer, again, record.year, again.recorded, not_counted="repeat", note=REPEAT_NOTE)
            )
