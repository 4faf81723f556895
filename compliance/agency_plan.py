"""The facts a plan for an agency rests on: who lacks what once everything registered for is done, which classes of the
calendar could be taken, what an own class may give. A constant number of statements for the classes; the records of
seats are made, judged and taken back as for one officer (decision 6)."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from clee_portal import clock
from compliance import my_plan, selectors, standings, will_be, wording
from compliance.agency_question import Cell, Kind, Open
from compliance.models import Requirement
from compliance.paths import Offered
from compliance.standings import Question
from compliance.verdict import ZERO
from training.models import (
    Agency,
    Area,
    Officer,
    Registration,
    ScheduledClass,
    ScheduledMeeting,
    SourceKind,
    Topic,
    TrainingRecord,
)
from training.places import Place
from training.repeats import title_key
from training.services import bulk

State = Registration.State


class Facts(NamedTuple):
    """What was found: the question about the period, all who serve, kinds of those who lack something, the classes they
    could take, what an hour of an own class may be, and the name of the facts."""

    question: Question
    officers: int
    kinds: tuple[Kind, ...]
    classes: tuple[Open, ...]
    cells: tuple[Cell, ...]
    name: str

    @property
    def lacking(self) -> int:
        """How many lack something."""
        return sum(len(kind.officers) for kind in self.kinds)


def facts_of(agency: Agency, now: dt.datetime, *, hosts: bool, near: Place | None, miles: int | None) -> Facts:
    """Everything a plan needs. Raises `KeyError` where this year is no period yet."""
    year = clock.day_of(now).year
    officers = list(Officer.objects.commissioned_at(agency, clock.day_of(now)).order_by("pk"))
    name = name_of(agency, now)
    question, missing = _missing(officers, year)
    classes, courses = _classes(question, now, near, miles)
    barred = _barred(list(missing), classes, courses, year)
    kinds: dict[tuple, list[int]] = defaultdict(list)
    for pk, lacks in missing.items():
        kinds[lacks, barred.get(pk, frozenset())].append(pk)
    found = tuple(Kind(tuple(who), lacks, bars) for (lacks, bars), who in kinds.items())
    return Facts(question, len(officers), found, classes, cells_of(question.requirements) if hosts else (), name)


def name_of(agency: Agency, now: dt.datetime) -> str:
    """Names what is known of an agency's officers, in 32 letters: who serves, what they have and lack, what they are
    registered for. Three statements beside the judgement's."""
    today = clock.day_of(now)
    question = selectors.questions(max(now, bulk.database_now()), [today.year])[today.year]
    findings = standings.of_officers(question, Officer.objects.commissioned_at(agency, today))
    seats = (
        Registration.objects.live()
        .filter(officer__in=findings, scheduled_class__training_class=None)
        .order_by("pk")
        .values_list("pk", "state")
    )
    known = [(pk, finding.standing.value, tuple(map(str, finding.hours))) for pk, finding in sorted(findings.items())]
    asked = [(one.code, str(one.minimum)) for one in question.requirements]
    return hashlib.sha256(repr((asked, known, list(seats))).encode()).hexdigest()[:32]


def _missing(officers: Sequence[Officer], year: int) -> tuple[Question, dict[int, tuple[Decimal, ...]]]:
    """Officer -> what is missing of each requirement once everything they have a seat in is done; only who lacks."""
    booked: dict[int, list[Officer]] = defaultdict(list)
    by_pk = {one.pk: one for one in officers}
    rows = Registration.objects.seated().filter(
        officer__in=by_pk,
        scheduled_class__state=ScheduledClass.State.PUBLISHED,
        scheduled_class__training_class=None,
        scheduled_class__ends_at__lte=clock.end_of_day(dt.date(year, 12, 31)),
    )
    for held, officer in rows.order_by("pk").values_list("scheduled_class", "officer"):
        booked[held].append(by_pk[officer])
    classes = ScheduledClass.objects.filter(pk__in=booked).select_related("course", "provider")
    classes = list(classes.prefetch_related("lines__area", "lines__topic").order_by("ends_at", "pk"))
    with transaction.atomic():
        for scheduled in classes:
            if clock.last_day(scheduled.ends_at).year == year:
                will_be.give_completed(scheduled, booked[scheduled.pk])
        question = selectors.questions(max(clock.now(), bulk.database_now()), [year])[year]
        findings = standings.of_officers(question, list(by_pk))
        transaction.set_rollback(True)
    missing = {}
    for pk, finding in sorted(findings.items()):
        if owed := wording.owed(finding):
            missing[pk] = tuple(owed.get(one.code, ZERO) for one in question.requirements)
    return question, missing


def _classes(
    question: Question, now: dt.datetime, near: Place | None, miles: int | None
) -> tuple[tuple[Open, ...], dict[int, str]]:
    """The classes of the calendar that give something, and the course of each by title."""
    last = question.period.ends_on
    rows = my_plan.open_classes(now, last).order_by("pk")
    of = ("pk", "provider", "course__title", "ends_at", "delivery", "latitude", "longitude", "capacity", "seats_taken")
    rows = list(rows.values_list(*of))
    keys = [row[0] for row in rows]
    gives, meetings = my_plan.gives_of(question.requirements, keys), my_plan.meetings_of(keys)
    licenses = my_plan.licenses_of({row[1] for row in rows})
    found, courses = [], {}
    for pk, provider, title, ends_at, delivery, latitude, longitude, capacity, taken in rows:
        day = clock.day_of(ends_at)
        if pk not in gives or not any(f <= day and (u is None or day <= u) for f, u in licenses.get(provider, ())):
            continue
        away = my_plan.miles_to(near, delivery, latitude, longitude)
        if near is not None and miles is not None and away > miles:
            continue
        whole, given = gives[pk]
        courses[pk] = title_key(title)
        offered = Offered(pk, courses[pk], given, whole, (day - clock.day_of(now)).days, meetings.get(pk, ()), away)
        found.append(Open(offered, capacity - taken))
    return tuple(found), courses


def _barred(
    officers: Sequence[int], classes: Iterable[Open], courses: dict[int, str], year: int
) -> dict[int, frozenset[int]]:
    """Officer -> the classes they cannot take or that would give nothing: of a course they had or are to have, at hours
    at which they have another, on whose list they are."""
    of_course: dict[str, set[int]] = defaultdict(set)
    for pk, course in courses.items():
        of_course[course].add(pk)
    on_day: dict[dt.date, list[tuple[dt.datetime, dt.datetime, int]]] = defaultdict(list)
    for one in classes:
        for begins_at, ends_at in one.offered.meetings:
            for day in {clock.day_of(begins_at), clock.day_of(ends_at)}:
                on_day[day].append((begins_at, ends_at, one.offered.key))
    barred: dict[int, set[int]] = defaultdict(set)
    recorded = TrainingRecord.objects.live().filter(officer__in=officers, credited_year=year, not_counted="")
    for pk, title in recorded.values_list("officer", "training_class__course__title").distinct():
        barred[pk] |= of_course.get(title_key(title), set())
    listed = Registration.objects.live().filter(officer__in=officers, scheduled_class__training_class=None)
    who: dict[int, list[int]] = defaultdict(list)
    for pk, held, title, state in listed.values_list(
        "officer", "scheduled_class", "scheduled_class__course__title", "scheduled_class__state"
    ):
        barred[pk].add(held)
        if state == ScheduledClass.State.PUBLISHED:
            barred[pk] |= of_course.get(title_key(title), set())
        who[held].append(pk)
    busy = ScheduledMeeting.objects.filter(scheduled_class__in=who)
    for held, begins_at, ends_at in busy.values_list("scheduled_class", "begins_at", "ends_at"):
        for day in {clock.day_of(begins_at), clock.day_of(ends_at)}:
            meets = {key for begins, ends, key in on_day.get(day, ()) if begins < ends_at and begins_at < ends}
            for pk in who[held]:
                barred[pk] |= meets
    offered = set(courses)
    return {pk: frozenset(keys & offered) for pk, keys in barred.items()}


def cells_of(requirements: Sequence[Requirement]) -> tuple[Cell, ...]:
    """What an hour of an agency's own class may be about, held in person: each area, without a topic and with each that
    a requirement asks for. `key` is the area and the topic or None."""
    topics = {one.topic_id: one.topic for one in requirements if one.topic_id}
    cells = []
    for area in Area.objects.order_by("order"):
        for topic in (None, *topics.values()):
            if topic is None or topic.only_area_id in (None, area.pk):
                cells.append(Cell((area, topic), tuple(_serves(one, area, topic) for one in requirements)))
    return tuple(cells)


def _serves(requirement: Requirement, area: Area, topic: Topic | None) -> bool:
    if requirement.source_kinds and SourceKind.IN_SERVICE not in requirement.source_kinds:
        return False
    return requirement.area_id in (None, area.pk) and requirement.topic_id in (None, topic and topic.pk)
