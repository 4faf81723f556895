"""Make-up credit decided person by person: for one class, or for everything an agency reported."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from compliance import make_up_cases, wording
from compliance.make_up import Choice
from compliance.make_up_cases import Case
from compliance.services import make_up
from training import access
from training.models import TrainingClass
from training.views.one_form import AgencyMixin

MOST = 100


class Row:
    """One record as the page shows it: both choices with what each year is then, and what was answered."""

    def __init__(self, case: Case, is_mine: bool, answer: str = "", error: str = ""):
        self.case, self.record, self.officer = case, case.record, case.record.officer
        self.is_mine, self.answer, self.error = is_mine, answer, error
        self.name = f"year-{case.record.pk}"

    @property
    def choices(self) -> list[dict]:
        """The earlier year first: its number, a chip for each year, whether it is proposed, chosen, and as it is."""
        return [self._choice(one) for one in self.case.options]

    def _choice(self, one: Choice) -> dict:
        chips = [
            (year, wording.roster_chip(self.case.requirements[year], finding)) for year, finding in one.findings.items()
        ]
        is_chosen = self.answer == str(one.year)
        return {
            "year": one.year,
            "chips": chips,
            "is_better": one is self.case.options.better,
            "is_now": one.is_now,
            "is_chosen": is_chosen,
        }


class MakeUpView(View):
    """Decide for which year hours count. Nothing is chosen beforehand; what is not answered stays as it is."""

    template_name = "compliance/make_up.html"

    def cases(self) -> list[Case]:
        """What may be decided here."""
        raise PermissionDenied

    def may_decide(self, case: Case) -> bool:
        """Whether the person may decide a case: POST any, others while it is open to whoever reported the class."""
        user = self.request.user
        if not access.can_void_class(user, case.record.training_class):
            return False
        return user.is_post_staff or case.is_open_to_reporter

    def rows(self, answers=None, errors=None) -> tuple[list[Row], list[Row]]:
        """Those to be decided, and those decided already that may still be changed."""
        found = [
            Row(
                case,
                self.may_decide(case),
                (answers or {}).get(case.record.pk, ""),
                (errors or {}).get(case.record.pk, ""),
            )
            for case in self.cases()
        ]
        mine = [row for row in found if row.is_mine or access.can_see_course_queue(self.request.user)]
        waiting = [row for row in mine if not row.case.is_decided and row.case.options.own.is_now]
        return waiting, [row for row in mine if row not in waiting]

    def get(self, request: HttpRequest, **kwargs):
        """The page."""
        return self.page(*self.rows())

    def post(self, request: HttpRequest, **kwargs):
        """Keep what was answered; what is refused is said at its officer, the rest is kept."""
        answers = {
            int(key.removeprefix("year-")): value
            for key, value in request.POST.items()
            if key.startswith("year-") and key.removeprefix("year-").isdecimal() and value.isdecimal()
        }
        kept, errors = 0, {}
        for case in self.cases():
            year = answers.get(case.record.pk)
            if year is None or case.record.pk in errors:
                continue
            try:
                make_up.assign(by=request.user, record=case.record, year=int(year), today=clock.today())
                kept += 1
                answers.pop(case.record.pk)
            except Refused as refusal:
                errors[case.record.pk] = refusal.message
        if kept:
            messages.success(request, f"{kept} decision{'' if kept == 1 else 's'} kept.")
        if not errors and kept:
            return redirect(request.path)
        if not errors:
            messages.info(request, "Nothing was chosen, so nothing was changed.")
        return self.page(*self.rows(answers, errors))

    def page(self, waiting: list[Row], decided: list[Row]):
        """Render it."""
        context = {
            "waiting": waiting[:MOST],
            "more": max(len(waiting) - MOST, 0),
            "decided": decided[:MOST],
            "how_many": len(waiting),
            "may_decide": any(row.is_mine for row in (*waiting, *decided)),
            "signed_in_as": interrupted.token(self.request.user),
            **self.about(),
        }
        return render(self.request, self.template_name, context)

    def about(self) -> dict:
        """What the page is about."""
        return {}


class ClassMakeUpView(MakeUpView):
    """The officers of one class who are short in an earlier year."""

    def dispatch(self, request, *args, reference: str, **kwargs):
        """The class, among those open to the person; only whoever may undo it, and the state's people."""
        self.held = class_of(request, reference)
        return super().dispatch(request, *args, **kwargs)

    def cases(self) -> list[Case]:
        """Those of the class."""
        return make_up_cases.of_class(self.held, clock.today())

    def about(self) -> dict:
        """The class."""
        agency = self.held.reported_by_agency
        return {
            "held": self.held,
            "agency": agency,
            "back": reverse("training:class_detail", args=[self.held.reference]),
        }


class AgencyMakeUpView(AgencyMixin, MakeUpView):
    """Everyone in the classes of an agency who is short in an earlier year."""

    def cases(self) -> list[Case]:
        """Those of its classes."""
        return make_up_cases.of_agency(self.agency, clock.today())

    def about(self) -> dict:
        """The agency."""
        return {"agency": self.agency}


class ClassMakeUpNoticeView(View):
    """A fragment for the page of a class: that some of its officers are short in an earlier year."""

    def get(self, request: HttpRequest, reference: str):
        """The names, and the way to decide; empty where nobody is."""
        held = class_of(request, reference)
        user = request.user
        open_ones = [
            case
            for case in make_up_cases.of_class(held, clock.today())
            if not case.is_decided and case.options.own.is_now and (case.is_open_to_reporter or user.is_post_staff)
        ]
        return render(request, "compliance/_make_up_notice.html", {"held": held, "cases": open_ones})


def class_of(request: HttpRequest, reference: str) -> TrainingClass:
    """The class if the person may see to its make-up credit: who may undo it, or the state's people."""
    found = TrainingClass.objects.visible_to(request.user).with_reference(reference)
    held = get_object_or_404(found.select_related("course", "reported_by_agency"))
    if not (access.can_void_class(request.user, held) or access.can_see_course_queue(request.user)):
        raise PermissionDenied
    return held
