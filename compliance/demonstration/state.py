"""The whole state, planned in memory from a seed and a day alone: the same seed and day give the same state."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from compliance.demonstration.agencies import SHERIFF, Agency, Scale, give_courses, licensed_courses, make
from compliance.demonstration.careers import Officer, Register
from compliance.demonstration.courses import Calendar, Course, Session, catalog
from compliance.demonstration.errors import Errors, HeldRow, Planted, Seat
from compliance.demonstration.names import lists
from compliance.demonstration.outcomes import Outcomes, Request
from compliance.demonstration.seasons import Planner, Record, Season

REFUSED_BECAUSE = "The synopsis does not show how the hours are taught; no lesson plan was sent when asked."


@dataclass(slots=True, eq=False)
class Review:
    """POST's decision on an in-service course; days are ordinals."""

    course: Course
    decision: str
    day: int
    reason: str = ""


@dataclass(slots=True, eq=False)
class State:
    """Everything that is to be written, in the order of its numbers."""

    today: dt.date
    years: range
    agencies: list[Agency]
    providers: list[dict]
    officers: list[Officer]
    courses: list[Course]
    sessions: list[Session]
    records: list[Record]
    reviews: list[Review]
    requests: list[Request]
    seasons: dict[int, dict[int, Season]]
    planted: list[Planted]
    held: list[HeldRow]
    seats: list[Seat]


def years_of(today: dt.date) -> range:
    """The periods with records: this year's and the two before."""
    return range(today.year - 2, today.year + 1)


def build(seed: int, today: dt.date, scale: Scale, minimums: Mapping[int, tuple[int, ...]]) -> State:
    """Plan a state. `minimums` are the hundredths each period asks by requirement, in the order of `courses.CODES`."""
    rng = Random(f"{seed} {scale.name}")  # noqa: S311 - believable, not secret
    day = today.toordinal()
    years = years_of(today)
    calendar = Calendar(rng, day)
    agencies = make(rng, scale)
    give_courses(rng, agencies, calendar)
    licensed = licensed_courses(scale, calendar)
    register = Register(rng, day, years[0], scale, agencies)
    officers = register.make()
    planner = Planner(rng, day, licensed, lists()["void_reasons"])
    outcomes = Outcomes(rng, today, planner, register)
    seasons: dict[int, dict[int, Season]] = {}
    for year in years:
        drawn = seasons[year] = {}
        for officer in officers:
            if (season := _season(planner, officer, year, minimums[year], outcomes.ripe)) is not None:
                drawn[officer.number] = season
        if year < today.year:
            outcomes.settle(year, minimums[year], drawn, officers)
    outcomes.this_year(officers)
    errors = Errors(
        Random(f"{seed} {scale.name} errors"),  # noqa: S311 - as above
        planner, outcomes.ripe, minimums[outcomes.ripe], seasons[outcomes.ripe], officers,
        {request.officer.number for request in outcomes.requests}, agencies,
    )  # fmt: skip
    errors.plant(len(catalog()["providers"]))
    records = _numbered(planner.records)
    sessions, courses = _used(records)
    reviews = _reviews(rng, day, courses)
    for course in errors.refused(courses, {review.course.number for review in reviews}):
        reviews.append(Review(course, "refused", min(day - 30, course.submitted + 90), REFUSED_BECAUSE))
    return State(
        today, years, agencies, [*catalog()["providers"], *errors.providers], officers, courses, sessions, records,
        reviews, outcomes.requests, seasons, errors.planted, errors.held, errors.seats,
    )  # fmt: skip


def _season(planner: Planner, officer: Officer, year: int, minimums: tuple[int, ...], ripe: int) -> Season | None:
    """The season of an officer who held a license in the period; None for the others."""
    first, last = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal()
    lo = max(first, officer.licensed + 10)
    hi = min(last, officer.until - 1) if officer.until else last
    if lo > last or hi < first:
        return None
    if officer.plot in ("near_miss", "compliant", "candidate", "hats"):
        return planner.plotted(officer, year, minimums, ripe=ripe)
    if not officer.trains:
        return Season([0] * len(minimums), set(), "nothing")
    return planner.draw(officer, year, minimums, lo, hi)


def _numbered(records: list[Record]) -> list[Record]:
    for number, record in enumerate(records):
        record.number = number
    return records


def _used(records: list[Record]) -> tuple[list[Session], list[Course]]:
    """The classes that have records, and their courses, numbered in order of their days."""
    found: dict[int, Session] = {id(record.session): record.session for record in records}
    sessions = sorted(found.values(), key=lambda session: session.end)
    courses: list[Course] = []
    for number, session in enumerate(sessions):
        session.number = number
        course = session.course
        if course.number < 0:
            course.number = len(courses)
            courses.append(course)
            course.submitted = session.start - 20
        course.used += 1
    return sessions, courses


def _reviews(rng: Random, today: int, courses: list[Course]) -> list[Review]:
    """A fifth of the in-service courses is reviewed; a few are refused, one of them approved again later."""
    in_service = [
        c
        for c in courses
        if c.agency is not None and c.agency.number > SHERIFF and not c.agency.extra.get(c.template.title)
    ]
    rng.shuffle(in_service)
    reviews = []
    some = max(3, len(in_service) // 5)
    for place, course in enumerate(in_service[:some]):
        day = min(today - 30, course.submitted + rng.randint(15, 200))
        if place < max(3, some // 12) and course.used <= 6:
            reviews.append(Review(course, "refused", day, REFUSED_BECAUSE))
            if place % 3 == 0:
                reviews.append(Review(course, "approved", day + 20))
        elif course.submitted < day:
            reviews.append(Review(course, "approved", day))
    return reviews
