"""Whose standing an act changes: one that was done, or one that is tried and taken back before anybody confirms it."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import ExtractYear

from clee_portal import clock
from compliance import selectors, standings, wording
from compliance.make_up_cases import Case
from compliance.verdict import Finding, Standing
from training.models import CourseReview, Officer, TrainingClass, TrainingRecord
from training.services import bulk

FEW = 8
# A class and its records are undone in one transaction, one statement after the other.
A_MOMENT = dt.timedelta(minutes=1)


class Change(NamedTuple):
    """What an act changed for one officer in one period."""

    officer: Officer
    year: int
    chip: wording.Chip
    is_changed: bool
    becomes_compliant: bool


class LostMakeUp(NamedTuple):
    """Hours that do not make up the year any more to which they were credited, and count in another."""

    officer: Officer
    year: int
    completed_on: dt.date
    counts_in: int


class Effect(NamedTuple):
    """What an act changed for the officers open to a person, and how many others it concerns."""

    changes: list[Change]
    others: int
    lost_make_up: Sequence[LostMakeUp] = ()
    make_up: Sequence[Case] = ()
    """Hours of it that may be credited to an earlier year."""

    @property
    def changed(self) -> list[Change]:
        """Those whose finding is another."""
        return [one for one in self.changes if one.is_changed]

    @property
    def unchanged(self) -> list[Change]:
        """Those for whom nothing is changed."""
        return [one for one in self.changes if not one.is_changed]

    @property
    def compliant(self) -> int:
        """How many become compliant."""
        return sum(1 for one in self.changes if one.becomes_compliant)

    @property
    def several_years(self) -> bool:
        """Whether more than one reporting period is concerned."""
        return len({one.year for one in self.changes}) > 1

    @property
    def many(self) -> bool:
        """Whether the list is folded to begin with."""
        return len(self.changes) > FEW


def rehearse(
    user, act: Callable[[], object], *, is_loss: bool = False, make_up: Callable[[object], Sequence[Case]] | None = None
) -> Effect:
    """What `act` would change: it is done, looked at, and taken back, and then it is looked at what is without it, all
    in one transaction. Raises what `act` raises.

    Concerned is whoever has a record that `act` records or voids, or one of a course it reviews, each in the year of
    the record. `is_loss` words the changes as hours taken away; `make_up` finds in what `act` returned the hours that
    may be make-up credit.
    """
    with transaction.atomic():
        moment, latest = bulk.database_now(), _latest()
        with transaction.atomic():
            made = act()
            years = _touched(moment, latest)
            as_of, lost = _as_of(), _lost_make_up(user, moment)
            cases = make_up(made) if make_up else ()
            after = _findings(years, as_of)
            transaction.set_rollback(True)
        people = Officer.objects.visible_to(user).filter(pk__in=set().union(*years.values()))
        visible = {one.pk: one for one in people}
        before = _findings(years, as_of)
    changes = _changes(selectors.questions(as_of, years), years, visible, before, after, is_loss)
    return Effect(changes, len(set().union(*years.values()) - visible.keys()), lost, cases)


def between(user, years: dict[int, set[int]], before: dt.datetime, after: dt.datetime, *, is_loss=False) -> Effect:
    """What changed from one moment to another for the officers in `years` (year -> ids), as each was known then."""
    concerned = set().union(*years.values())
    visible = {one.pk: one for one in Officer.objects.visible_to(user).filter(pk__in=concerned)}
    first, last = _findings(years, before), _findings(years, after)
    changes = _changes(selectors.questions(after, years), years, visible, first, last, is_loss)
    return Effect(changes, len(concerned - visible.keys()))


def _as_of() -> dt.datetime:
    """Now; the database's clock stamps facts and may be ahead of this machine's by a little."""
    return max(clock.now(), bulk.database_now())


class Latest(NamedTuple):
    """The ids of the last record and review there are: whatever is made from now on has a higher one."""

    record: int
    review: int


def _latest() -> Latest:
    made = (TrainingRecord.objects.order_by("-pk"), CourseReview.objects.order_by("-pk"))
    return Latest(*(rows.values_list("pk", flat=True).first() or 0 for rows in made))


def _touched(moment: dt.datetime, latest: Latest) -> dict[int, set[int]]:
    """Year -> officers with a record that was made, voided or reviewed since `moment`. Two statements, each part of
    which has its index: the others' records are not read."""
    reviewed = CourseReview.objects.filter(Q(pk__gt=latest.review) | Q(voided_at__gte=moment))
    courses = set(reviewed.values_list("course", flat=True))
    parts = [Q(pk__gt=latest.record), Q(voided_at__gte=moment)]
    if courses:
        parts.append(Q(course__in=courses, voided_at=None))
    found = [TrainingRecord.objects.filter(part).order_by().values_list("officer", "credited_year") for part in parts]
    years: dict[int, set[int]] = {}
    for officer, year in found[0].union(*found[1:]):
        years.setdefault(year, set()).add(officer)
    return years


def _lost_make_up(user, moment: dt.datetime) -> list[LostMakeUp]:
    """Make-up credit of entries voided since `moment` that those in their place, in another class, do not have."""
    corrected = (
        TrainingRecord.objects.visible_to(user)
        .live()
        .filter(replaces__voided_at__gte=moment, replaces__not_counted="", not_counted="")
        .exclude(training_class=F("replaces__training_class"))
        .filter(replaces__credited_year__lt=ExtractYear("replaces__completed_on"))
        .exclude(credited_year=F("replaces__credited_year"))
        .select_related("officer", "replaces")
        .order_by("officer__search_name", "pk")
    )
    return [
        LostMakeUp(one.officer, one.replaces.credited_year, one.completed_on, one.credited_year) for one in corrected
    ]


def _findings(years: dict[int, set[int]], as_of: dt.datetime) -> dict[int, dict[int, Finding]]:
    asked = selectors.questions(as_of, years)
    return {year: standings.of_officers(question, years[year]) for year, question in asked.items()}


def _changes(questions, years, visible, before, after, is_loss: bool) -> list[Change]:
    changes = []
    for year in sorted(before):
        for pk in sorted(years[year] & visible.keys(), key=lambda pk: (visible[pk].search_name, pk)):
            first, last = before[year][pk], after[year][pk]
            changes.append(_change(questions[year], visible[pk], year, first, last, is_loss))
    return changes


def _change(question, officer: Officer, year: int, first: Finding, last: Finding, is_loss: bool) -> Change:
    """The change from `first` to `last`."""
    without, with_it = (last, first) if is_loss else (first, last)
    chip = wording.change_chip(question.requirements, without, with_it, is_loss)
    is_changed = (first.standing, wording.owed(first)) != (last.standing, wording.owed(last))
    becomes = is_changed and last.standing == Standing.COMPLIANT and not is_loss
    return Change(officer, year, chip, is_changed, becomes)


def of_class(user, held: TrainingClass, now: dt.datetime) -> Effect:
    """What `held` changed for the officers in it: the same question with the class and without.

    For a class that was undone: the standing just before, and now.
    """
    is_undone = held.voided_at is not None
    at_the_end = Q(voided_at__gte=held.voided_at - A_MOMENT) if is_undone else Q(voided_at=None)
    records = TrainingRecord.objects.visible_to(user).filter(at_the_end, training_class=held)
    rows = list(records.values_list("officer", "credited_year", "recorded_at", "voided_at"))
    if not rows:
        return Effect([], 0)
    # The database's clock may be ahead of this machine's by a little.
    after = max([now, *(row[2] for row in rows)])
    before = after
    if is_undone:
        before = min([held.voided_at, *(row[3] for row in rows)]) - dt.timedelta(microseconds=1)
    years: dict[int, set[int]] = {}
    for officer, year, *_ in rows:
        years.setdefault(year, set()).add(officer)
    visible = Officer.objects.visible_to(user)
    with_it, without = selectors.questions(before, years), selectors.questions(after, years)
    changes, seen = [], set()
    for year, officers in sorted(years.items()):
        people = list(visible.filter(pk__in=officers))
        ids = [one.pk for one in people]
        having = standings.of_officers(with_it[year], ids)
        lacking = standings.of_officers(without[year]._replace(without_class=held.pk), ids)
        for officer in people:
            first, last = having[officer.pk], lacking[officer.pk]
            first, last = (first, last) if is_undone else (last, first)
            changes.append(_change(without[year], officer, year, first, last, is_undone))
            seen.add(officer.pk)
    return Effect(changes, len({row[0] for row in rows} - seen))
