"""Fragments for the pages of the facts: whose standing an act changed, or would change, and the roster's standings."""

import uuid
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import effects, make_up_cases, selectors, standings, wording
from compliance.make_up_cases import Case
from compliance.views.asking import asking
from compliance.views.make_up import Row, undecided
from training import access
from training.forms.class_entry import ClassEntryForm
from training.models import Agency, Officer, TrainingClass
from training.services import classes


class NotYet(Exception):
    """What was filled in is not complete: nothing can be said of standings."""


class RehearsalView(View):
    """What an act would change, told before it is confirmed: a page posts its form here and shows the fragment.

    A subclass gives `act`: it finds the rows, checks the right (404, 403), and returns what would be done.
    """

    is_loss = False

    def act(self, request: HttpRequest, **kwargs) -> Callable[[], object]:
        """What would be done. Raises `NotYet` where the form is not complete."""
        raise NotYet

    make_up: Callable[[object], list[Case]] | None = None
    """What may be make-up credit in what was done, where the page asks."""

    def post(self, request: HttpRequest, **kwargs):
        """The fragment."""
        context = {}
        try:
            act = self.act(request, **kwargs)
            context["tense"] = "undoing" if self.is_loss else "draft"
            context["effect"] = effects.rehearse(request.user, act, is_loss=self.is_loss, make_up=self.make_up)
            context["make_up"] = [Row(case, is_mine=False) for case in context["effect"].make_up]
        except NotYet:
            pass
        except Refused as refusal:
            context["refusal"] = refusal.message
        return render(request, "compliance/_class_effect.html", context)


class DraftEffectView(RehearsalView):
    """Whose standing a class would change if it were recorded as the entry form stands."""

    def act(self, request: HttpRequest, code: str):
        """Record it."""
        agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        if not access.can_enter_class(request.user, agency):
            raise PermissionDenied
        today = clock.today()
        form = ClassEntryForm(request.POST, body=agency, today=today)
        if not form.is_valid():
            raise NotYet
        return lambda: classes.record(
            by=request.user, agency=agency, submission_key=uuid.uuid4(), today=today, **form.draft.answers
        )

    def make_up(self, made: tuple[TrainingClass, bool]) -> list[Case]:
        """Who in the class is short in an earlier year: named before it is recorded, decided once it is."""
        return undecided(self.request.user, make_up_cases.of_class(made[0], clock.today()))


class ClassEffectView(View):
    """Whose standing a recorded class changed, what they lost when it was undone, or would lose if it were."""

    def get(self, request: HttpRequest, reference: str):
        """The fragment; `?undoing=1` tells what undoing it would take away."""
        held = get_object_or_404(TrainingClass.objects.visible_to(request.user).with_reference(reference))
        if held.voided_at is None and "undoing" in request.GET and access.can_void_class(request.user, held):

            def undo():
                classes.void(by=request.user, training_class=held, reason="Rehearsal")

            effect, tense = effects.rehearse(request.user, undo, is_loss=True), "undoing"
        else:
            effect = effects.of_class(request.user, held, clock.now())
            tense = "undone" if held.voided_at else "done"
        return render(request, "compliance/_class_effect.html", {"effect": effect, "tense": tense})


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
