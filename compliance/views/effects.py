"""Fragments for the pages of the facts: whose standing a class changed, or would change, and the roster's standings."""

import datetime as dt
import uuid
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import selectors, standings, wording
from compliance.verdict import Standing
from compliance.views.asking import asking
from training.access import can_enter_class
from training.forms.class_entry import ClassEntryForm
from training.models import Agency, Officer, TrainingClass, TrainingRecord
from training.services import classes

FEW = 8
# A class and its records are undone in one transaction, one statement after the other.
A_MOMENT = dt.timedelta(minutes=1)


class Change(NamedTuple):
    """What a class changed for one officer."""

    officer: Officer
    year: int
    chip: wording.Chip
    is_changed: bool
    becomes_compliant: bool


class Effect(NamedTuple):
    """What a class changed for the officers open to a person, and how many others it concerns."""

    changes: list[Change]
    others: int

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


def effect_of(user, held: TrainingClass, now: dt.datetime, undoing: bool = False) -> Effect:
    """What `held` changed for the officers in it: the same question with the class and without.

    For a class that was undone: the standing just before, and now. `undoing` tells what undoing it would change.
    """
    at_the_end = Q(voided_at=None) if held.voided_at is None else Q(voided_at__gte=held.voided_at - A_MOMENT)
    records = TrainingRecord.objects.visible_to(user).filter(at_the_end, training_class=held)
    rows = list(records.values_list("officer", "credited_year", "recorded_at", "voided_at"))
    if not rows:
        return Effect([], 0)
    # The database's clock may be ahead of this machine's by a little.
    after = max([now, *(row[2] for row in rows)])
    before = after
    if held.voided_at:
        before = min([held.voided_at, *(row[3] for row in rows)]) - dt.timedelta(microseconds=1)
    years: dict[int, set[int]] = {}
    for officer, year, *_ in rows:
        years.setdefault(year, set()).add(officer)
    visible = Officer.objects.visible_to(user)
    with_it, without = selectors.questions(before, years), selectors.questions(after, years)
    changes, seen, is_undone = [], set(), undoing or held.voided_at is not None
    for year, officers in sorted(years.items()):
        people = visible.filter(pk__in=officers)
        having = standings.of_officers(with_it[year], people)
        lacking = standings.of_officers(without[year]._replace(without_class=held.pk), people)
        for officer in people:
            first, last = having[officer.pk], lacking[officer.pk]
            chip = wording.change_chip(without[year].requirements, last, first, is_undone)
            is_changed = (first.standing, wording.owed(first)) != (last.standing, wording.owed(last))
            becomes = is_changed and first.standing == Standing.COMPLIANT and not is_undone
            changes.append(Change(officer, year, chip, is_changed, becomes))
            seen.add(officer.pk)
    return Effect(changes, len({row[0] for row in rows} - seen))


class ClassEffectView(View):
    """Whose standing a recorded class changed, or what they lost when it was undone."""

    def get(self, request: HttpRequest, reference: str):
        """The fragment; `?undoing=1` tells what undoing it would take away."""
        held = get_object_or_404(TrainingClass.objects.visible_to(request.user).with_reference(reference))
        undoing = held.voided_at is None and "undoing" in request.GET
        effect = effect_of(request.user, held, clock.now(), undoing)
        tense = "undone" if held.voided_at else "undoing" if undoing else "done"
        return render(request, "compliance/_class_effect.html", {"effect": effect, "tense": tense})


class DraftEffectView(View):
    """Whose standing a class would change: it is recorded, looked at, and taken back, all in one transaction."""

    def post(self, request: HttpRequest, code: str):
        """The fragment for the entry form as it stands."""
        agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        if not can_enter_class(request.user, agency):
            raise PermissionDenied
        today = clock.today()
        form = ClassEntryForm(request.POST, agency=agency, today=today)
        if not form.is_valid():
            return render(request, "compliance/_class_effect.html", {"tense": "draft"})
        draft = form.draft
        try:
            with transaction.atomic():
                held, _ = classes.record(
                    by=request.user,
                    agency=agency,
                    course=draft.course,
                    title=draft.title,
                    synopsis=draft.synopsis,
                    starts_on=draft.starts_on,
                    ends_on=draft.ends_on,
                    delivery=draft.delivery,
                    lines=draft.lines,
                    attendances=draft.attendances,
                    left_out=draft.left_out,
                    submission_key=uuid.uuid4(),
                    place=draft.place,
                    today=today,
                )
                effect = effect_of(request.user, held, clock.now())
                transaction.set_rollback(True)
        except Refused as refusal:
            return render(request, "compliance/_class_effect.html", {"tense": "draft", "refusal": refusal.message})
        return render(request, "compliance/_class_effect.html", {"effect": effect, "tense": "draft"})


class RosterStandingView(View):
    """The standing of everyone in an agency's roster, swapped into the roster that is on the page."""

    def get(self, request: HttpRequest, code: str):
        """A chip for each officer commissioned today."""
        agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        asked = asking(request)
        question = selectors.questions(asked.as_of, [asked.year]).get(asked.year)
        officers = Officer.objects.commissioned_at(agency, asked.today)
        findings = standings.of_officers(question, officers) if question else {}
        chips = {id(one): wording.roster_chip(question.requirements, one) for one in findings.values()}
        shown = [(pk, chips[id(finding)]) for pk, finding in findings.items()]
        return render(request, "compliance/_roster_standing.html", {"shown": shown, "year": asked.year})
