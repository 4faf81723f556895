"""A nation for benchmarks: 800,000 officers and 8 million credit lines, written in slices so that memory stays small.

Lighter than a state: one commission and one license event for each officer, and training of last year's period only, so
that the whole of it lies in one question. Seasons are dealt from a few hundred drawn ones; some officers are short, a
few inactive.
"""

import datetime as dt
from random import Random

from compliance.demonstration import copying
from compliance.demonstration.careers import DIRECTOR, REGISTER
from compliance.demonstration.copying import NULL, copy, credit, line, reserve
from compliance.demonstration.courses import A_DAY, CODES, Template, catalog
from compliance.demonstration.names import People, counties, towns
from training.models import (
    Agency,
    Area,
    Commission,
    Course,
    CreditLine,
    LicenseClass,
    LicenseEvent,
    Officer,
    Topic,
    TrainingClass,
    TrainingRecord,
)

OFFICERS = 800_000
AGENCIES = 18_000
SLICE = 20_000
CLASSES_OF_A_COURSE = 400
SEASONS = 600
MINIMUMS = (2400, 800, 200, 200, 200, 200, 100, 100, 100)
COMMON = "recorded_at voided_at void_reason carried_over_from"
FIRST_LICENSE = 2_000_000


def write(seed: int, today: dt.date, say) -> None:
    """Write the nation, slice by slice, each in a transaction of its own."""
    rng = Random(f"{seed} nation")  # noqa: S311 - believable, not secret
    people = People(rng)
    names = [people.name() for _ in range(SLICE)]
    with copying.in_missouri_time():
        agencies = _agencies(rng, AGENCIES)
        training = _Training(rng, today.year - 1, agencies)
    say("agencies", AGENCIES)
    weights = [rng.lognormvariate(0, 1.26) for _ in range(AGENCIES)]
    places = range(agencies, agencies + AGENCIES)
    for begin in range(0, OFFICERS, SLICE):
        count = min(SLICE, OFFICERS - begin)
        with copying.in_missouri_time():
            first = _officers(rng, begin, rng.choices(places, weights, k=count), names, today)
            training.of(first, count)
        if (begin // SLICE) % 5 == 4:
            say("officers so far", begin + count)
    say("officers", OFFICERS)
    say("training records", training.records)
    say("credit lines", training.lines)


def _officers(rng: Random, begin: int, agencies: list[int], names: list, today: dt.date) -> int:
    """A slice of officers with their licenses and commissions; the first id."""
    license_class = LicenseClass.objects.get(code="A").pk
    first = reserve(Officer, len(agencies))
    decided = dt.date(today.year, 3, 16)
    rows, events, posts = [], [], []
    for i, agency in enumerate(agencies):
        pk, name = first + i, names[rng.randrange(SLICE)]
        licensed = today - dt.timedelta(days=rng.randint(20, 11_000))
        number = FIRST_LICENSE + begin + i
        rows.append(line(pk, number, name.first, name.middle, name.last, name.suffix, license_class, "", ""))
        events.append(f"{pk}\tissued\t{licensed}\t{NULL}\t\t\t{licensed} 12:00\t{NULL}\t\t")
        if decided < today and licensed.year < today.year and rng.random() < 0.002:
            values = line(pk, "made_inactive", decided, today.year - 1, DIRECTOR, f"POST-{number}")
            events.append(f"{values}\t{decided} 12:00\t{NULL}\t\t{REGISTER}")
        posts.append(f"{pk}\t{agency}\t{licensed}\t{NULL}\tOfficer\tf")
    columns = "id license_number first_name middle_name last_name suffix license_class_id email postal_address"
    _copy(Officer, columns, rows)
    _copy(LicenseEvent, f"officer_id kind occurred_on period_year decided_by reference {COMMON}", events)
    _copy(Commission, "officer_id agency_id started_on ended_on rank is_reserve", posts)
    return first


def _copy(model, columns: str, rows: list[str]) -> None:
    copy(model, columns.split(), rows)


def _agencies(rng: Random, count: int) -> int:
    first = reserve(Agency, count)
    places, of = towns(rng), counties(rng, 115)
    rows = []
    for i in range(count):
        town = places[i % len(places)]
        name = f"{town} Police Department {i // len(places) + 1}"
        rows.append(line(first + i, f"pd-{i:05d}", name, "city", of[i % len(of)], town, "", "", ""))
    _copy(Agency, "id code name kind county city address phone email", rows)
    return first


class _Training:
    """The courses and classes of the nation, and the seasons dealt to its officers."""

    def __init__(self, rng: Random, year: int, agency: int):
        self.rng, self.year = rng, year
        self.records = self.lines = 0
        self.templates = [t for group in catalog()["in_service"].values() for t in group] + catalog()["online"]
        self.templates += [t for t in catalog()["classroom"] if t.hours <= A_DAY]
        self.held = self._classes(agency)
        self.seasons = [self._season() for _ in range(SEASONS)]
        areas = {area.code: area.pk for area in Area.objects.all()}
        topics = {topic.code: topic.pk for topic in Topic.objects.all()} | {None: NULL}
        self.tails = {template: credit(template.lines, areas, topics) for template in self.templates}

    def _classes(self, agency: int) -> dict[Template, list[tuple]]:
        """Template -> its classes as (id, day, recorded, kind of source)."""
        course = reserve(Course, len(self.templates))
        first = reserve(TrainingClass, len(self.templates) * CLASSES_OF_A_COURSE)
        courses, classes, held = [], [], {}
        for number, template in enumerate(self.templates):
            is_own = template.kind == "in_service"
            kind = "in_service" if is_own else "out_of_state"
            by, sponsor = (agency, "") if is_own else (None, "National Training Council")
            submitted = f"{self.year - 1}-06-01 12:00"
            courses.append(line(course + number, template.title, kind, by, sponsor, "", template.delivery, submitted))
            held[template] = of = []
            for _ in range(CLASSES_OF_A_COURSE):
                pk = first + len(classes)
                day = dt.date(self.year, 1, 2) + dt.timedelta(days=self.rng.randint(0, 350))
                recorded = f"{day + dt.timedelta(days=self.rng.randint(0, 12))} 12:00"
                of.append((pk, day.isoformat(), recorded, kind))
                key = f"{self.rng.getrandbits(128):032x}"
                values = line(pk, course + number, template.delivery, "", by, key, day, day, recorded)
                classes.append(f"{values}\t{NULL}\t\t")
        _copy(Course, "id title source_kind agency_id sponsor synopsis delivery submitted_at", courses)
        columns = "id course_id delivery place reported_by_agency_id submission_key starts_on ends_on"
        _copy(TrainingClass, f"{columns} {COMMON}", classes)
        return held

    def _season(self) -> list[Template]:
        """Courses until every requirement is met, or (one in five) only some of them."""
        wanted = [need if self.rng.random() > 0.03 else 0 for need in MINIMUMS]
        if self.rng.random() < 0.12:
            wanted[0] = self.rng.randint(0, 20) * 100
        taken: list[Template] = []
        hours = [0] * len(CODES)
        for code in (5, 8, 6, 7, 2, 3, 4, 1, 0):
            while hours[code] < wanted[code]:
                free = [t for t in self.templates if t.gives[code] and t not in taken]
                course = max(self.rng.choices(free, k=4), key=lambda t: t.hours)
                taken.append(course)
                hours = [have + more for have, more in zip(hours, course.gives, strict=True)]
        return taken

    def of(self, first: int, count: int) -> None:
        """Write the records and credit lines of a slice of officers."""
        rng, records, lines = self.rng, [], []
        dealt = [self.seasons[rng.randrange(SEASONS)] for _ in range(count)]
        pk = reserve(TrainingRecord, sum(map(len, dealt)))
        for officer, season in enumerate(dealt, first):
            for template in season:
                number, day, recorded, kind = self.held[template][rng.randrange(CLASSES_OF_A_COURSE)]
                records.append(
                    f"{pk}\t{officer}\t{number}\t{day}\t{self.year}\tstudent\t{kind}\t{template.delivery}\t\t"
                    f"\t{recorded}\t{NULL}\t\t"
                )
                lines += [f"{pk}{tail}" for tail in self.tails[template]]
                pk += 1
        columns = "id officer_id training_class_id completed_on credited_year role source_kind delivery"
        _copy(TrainingRecord, f"{columns} not_counted not_counted_note {COMMON}", records)
        _copy(CreditLine, "record_id area_id topic_id hours", lines)
        self.records += len(records)
        self.lines += len(lines)
