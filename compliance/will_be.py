"""Where an officer will stand who completes what they are registered for: their records are made, judged like any
others, and taken back (decision 6). Nothing of it is computed a second way."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clee_portal import clock, compiled
from clee_portal.templatetags.look import hours_words
from compliance import gaps, selectors, standings, wording
from compliance.models import Requirement
from compliance.verdict import Finding, Standing
from training import hours
from training.hours import Line
from training.models import Officer, Registration, ScheduledClass, TrainingClass, TrainingRecord
from training.services import bulk, giving
from training.services.classes import Attendance


class Booked(NamedTuple):
    """A class somebody has a seat in, the hours it will give, and why it will give none, if so."""

    one: Registration
    hours: Decimal
    nothing: str


class Need(NamedTuple):
    """A requirement as it is and as it will be."""

    requirement: Requirement
    now: Decimal
    more: Decimal
    chip: wording.Chip

    @property
    def then(self) -> Decimal:
        """The hours there will be."""
        return self.now + self.more


class WillBe(NamedTuple):
    """A period with classes to come: what they are, and what will be of each requirement."""

    year: int
    headline: str
    chip: wording.Chip
    needs: list[Need]
    booked: list[Booked]


def of_officer(officer: Officer, *, is_own: bool) -> list[WillBe]:
    """The periods in which the officer has seats in classes that nobody confirmed yet, the earliest first."""
    booked = booked_by(officer)
    years = sorted({_year(one) for one in booked})
    before = _findings(officer, years)
    after, nothing = _rehearsed(officer, booked, years)
    return [
        _will_be(year, before[year], after[year], [one for one in booked if _year(one) == year], nothing, is_own)
        for year in years
        if year in before
    ]


def booked_by(officer: Officer) -> list[Registration]:
    """The officer's seats in classes that nobody confirmed yet, in the order in which these end."""
    return _seats().objects(officer=officer.pk)


@compiled.written(officer=compiled.NUMBER)
def _seats(officer) -> QuerySet:
    return (
        Registration.objects.seated()
        .filter(
            officer=officer,
            scheduled_class__state=ScheduledClass.State.PUBLISHED,
            scheduled_class__training_class=None,
        )
        .select_related("scheduled_class__course", "scheduled_class__provider")
        .prefetch_related("scheduled_class__lines__area", "scheduled_class__lines__topic", "scheduled_class__meetings")
        .order_by("scheduled_class__ends_at", "pk")
    )


def finding_then(officer: Officer, booked: Sequence[Registration], year: int) -> tuple[standings.Question, Finding]:
    """Where the officer will stand for a period who completes these classes. Raises `KeyError` where there is none."""
    if not booked:
        return _findings(officer, [year])[year]
    after, _nothing = _rehearsed(officer, booked, [year])
    return after[year]


class WhatIf(NamedTuple):
    """What one class more would change: how it stands with all that is registered, and then with this one too.

    `nothing` is why it would give no hours, if so; `needs` are the requirements it changes.
    """

    year: int
    headline: str
    chip: wording.Chip
    needs: list[Need]
    hours: Decimal
    nothing: str
    was_compliant: bool


def what_if(officer: Officer, held: ScheduledClass, *, is_own: bool = True) -> WhatIf | None:
    """What the officer's standing for the year of a class would be, with it beside all seats they have; None where
    that year is no period yet."""
    year = clock.day_of(held.ends_at).year
    booked = [one for one in booked_by(officer) if one.scheduled_class_id != held.pk]
    this = Registration(scheduled_class=held, officer=officer)
    with transaction.atomic():
        _complete(officer, booked)
        question, first = _findings(officer, [year]).get(year, (None, None))
        if question is not None:
            why = _complete(officer, [this]).get(this.pk, "")
            last = standings.of_officer(question._replace(as_of=_now()), officer)
        transaction.set_rollback(True)
    if question is None:
        return None
    needs = [
        Need(requirement, now, then - now, wording.requirement_chip(last, requirement.code))
        for requirement, now, then in zip(question.requirements, first.hours, last.hours, strict=True)
        if then != now
    ]
    many = 1 + sum(_year(one) == year for one in booked)
    return WhatIf(
        year,
        _headline(year, question.requirements, last, many, is_own),
        wording.standing_chip(last),
        needs,
        Decimal(0) if why else hours.total(held.lines.all()),
        why,
        first.standing == Standing.COMPLIANT,
    )


def _year(one: Registration) -> int:
    return clock.last_day(one.scheduled_class.ends_at).year


def _findings(officer: Officer, years: Sequence[int]) -> dict[int, tuple[standings.Question, Finding]]:
    asked = selectors.questions(_now(), years)
    return {year: (question, standings.of_officer(question, officer)) for year, question in asked.items()}


def _now() -> dt.datetime:
    """What was tried a moment ago is known by then: the database's clock may be ahead of this machine's by a little."""
    return max(clock.now(), bulk.database_now())


def give_completed(scheduled: ScheduledClass, officers: Sequence[Officer]) -> list[TrainingRecord]:
    """The records these officers will have of a class of the calendar they complete; none where its provider holds no
    valid license on its last day. The caller takes them back with the transaction."""
    last = clock.last_day(scheduled.ends_at)
    if not scheduled.provider.is_licensed_on(last, clock.END_OF_TIME):
        return []
    held = TrainingClass.objects.create(
        course=scheduled.course,
        starts_on=clock.day_of(scheduled.begins_at),
        ends_on=last,
        delivery=scheduled.delivery,
    )
    lines = [Line(each.area, each.topic, each.hours) for each in scheduled.lines.all()]
    attendances = [Attendance(one) for one in officers]
    return giving.give(by=None, held=held, attendances=attendances, lines=lines, is_told=False)


def _rehearsed(officer: Officer, booked: Sequence[Registration], years: Sequence[int]):
    """What is found once every class was completed, and id of a registration -> why its record gives nothing."""
    with transaction.atomic():
        nothing = _complete(officer, booked)
        after = _findings(officer, years)
        transaction.set_rollback(True)
    return after, nothing


def _complete(officer: Officer, booked: Sequence[Registration]) -> dict[int, str]:
    """The officer completes every class, until the transaction is taken back; id of a registration -> why its record
    gives nothing."""
    nothing: dict[int, str] = {}
    for one in booked:
        given = give_completed(one.scheduled_class, [officer])
        if not given:
            nothing[one.pk] = _("The provider holds no valid license on that day.")
        elif given[0].not_counted:
            nothing[one.pk] = _("The same course is on the record already. It counts once.")
    return nothing


def _will_be(year, before, after, booked: Sequence[Registration], nothing: dict[int, str], is_own: bool) -> WillBe:
    (question, first), (_asked, last) = before, after
    needs = [
        Need(requirement, now, then - now, wording.requirement_chip(last, requirement.code))
        for requirement, now, then in zip(question.requirements, first.hours, last.hours, strict=True)
    ]
    classes = [
        Booked(
            one,
            Decimal(0) if one.pk in nothing else hours.total(one.scheduled_class.lines.all()),
            nothing.get(one.pk, ""),
        )
        for one in booked
    ]
    chip = wording.standing_chip(last)
    return WillBe(year, _headline(year, question.requirements, last, len(booked), is_own), chip, needs, classes)


def _headline(year: int, requirements, last: Finding, how_many: int, is_own: bool) -> str:
    said = {"year": year, "standing": wording.standing_chip(last).label}
    is_one = how_many == 1
    if last.standing == Standing.COMPLIANT:
        own = (
            _("You will be compliant for %(year)s if you complete it."),
            _("You will be compliant for %(year)s if you complete all of it."),
        )
        other = (
            _("The officer will be compliant for %(year)s if the officer completes it."),
            _("The officer will be compliant for %(year)s if the officer completes all of it."),
        )
    elif not wording.owed(last):
        own = (
            _("%(standing)s for %(year)s, also if you complete it."),
            _("%(standing)s for %(year)s, also if you complete all of it."),
        )
        other = (
            _("%(standing)s for %(year)s, also if the officer completes it."),
            _("%(standing)s for %(year)s, also if the officer completes all of it."),
        )
    else:
        said["hours"] = hours_words(gaps.fewest_hours(requirements, last.short))
        own = (
            _("You will still need %(hours)s for %(year)s if you complete it."),
            _("You will still need %(hours)s for %(year)s if you complete all of it."),
        )
        other = (
            _("The officer will still need %(hours)s for %(year)s if the officer completes it."),
            _("The officer will still need %(hours)s for %(year)s if the officer completes all of it."),
        )
    return (own if is_own else other)[0 if is_one else 1] % said
