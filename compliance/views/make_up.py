"""Make-up credit decided person by person: for one class, for everything an agency reported, for the whole state."""

import datetime as dt
from abc import ABC, abstractmethod
from functools import cached_property

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from compliance import make_up_cases, wording
from compliance.access import can_decide_make_up, can_decide_make_up_late
from compliance.make_up import Choice
from compliance.make_up_cases import Case
from compliance.overview import plain
from compliance.services import make_up
from training import access
from training.models import Agency, Officer, TrainingClass
from training.views.one_form import AgencyMixin

A_PAGE = 25
OPEN, DECIDED = "open", "decided"
SHOWN = (("", "All"), (OPEN, "To decide"), (DECIDED, "Decided"))


class Row:
    """One record as the page shows it: both choices with what each year is then, and what was answered."""

    def __init__(self, case: Case, is_mine: bool, answer: str = "", error: str = ""):
        self.case, self.record, self.officer = case, case.record, case.record.officer
        self.is_mine, self.answer, self.error = is_mine, answer, error
        self.name = f"year-{case.record.pk}"

    @property
    def until(self) -> dt.date | None:
        """The last day on which whoever reported the class decides; None where it is POST's alone, or has no end."""
        day = self.case.open_until
        return day if self.case.is_open_to_reporter and day < dt.date.max else None

    @property
    def choices(self) -> list[dict]:
        """The earlier year first: its number, a chip for each year, whether it is proposed, chosen, and as it is."""
        return [self._choice(one) for one in self.case.options]

    def _choice(self, one: Choice) -> dict:
        chips = [
            (year, wording.owing_chip(self.case.requirements[year], finding)) for year, finding in one.findings.items()
        ]
        is_chosen = self.answer == str(one.year)
        return {
            "year": one.year,
            "chips": chips,
            "is_better": one is self.case.options.better,
            "is_now": one.is_now,
            "is_chosen": is_chosen,
        }


class MakeUpView(StepUpMixin, View, ABC):
    """Decide for which year hours count. Nothing is chosen beforehand; what is not answered stays as it is.

    An agency is shown the officers whose record is open to it; of officers of other agencies POST decides. `?year=`
    limits it to one earlier year, `?show=` to what is or is not decided.
    """

    template_name = "compliance/make_up.html"

    @abstractmethod
    def found(self) -> list[Case]:
        """What there is to decide, or to take back."""

    @cached_property
    def every(self) -> list[Case]:
        """Those whose officers are open to the person, of any year."""
        return open_to(self.request.user, self.found())

    def cases(self) -> list[Case]:
        """Those of the year asked for."""
        year = self.year()
        return [case for case in self.every if year in (None, case.year)]

    def years(self) -> list[int]:
        """The earlier years one may ask for, the latest first."""
        return sorted({case.year for case in self.every}, reverse=True)

    def year(self) -> int | None:
        """The year asked for; None is all of them."""
        given = self.request.GET.get("year", "")
        return next((year for year in self.years() if str(year) == given), None)

    def show(self) -> str:
        """Which are asked for: `OPEN`, `DECIDED`, or all."""
        given = self.request.GET.get("show", "")
        return given if given in dict(SHOWN) else ""

    def may_decide(self, case: Case) -> bool:
        """Whether the person may decide a case: POST any, others while it is open to whoever reported the class."""
        user = self.request.user
        if not can_decide_make_up(user, case.record):
            return False
        return can_decide_make_up_late(user) or case.is_open_to_reporter

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
        decided = [row for row in mine if row.case.is_decided or not row.case.options.own.is_now]
        return ([] if self.show() == DECIDED else waiting), ([] if self.show() == OPEN else decided)

    def get(self, request: HttpRequest, **kwargs):
        """The page; what was chosen before the session ended, or the second step was asked for, is chosen again."""
        typed = interrupted.take(request)
        return self.page(*self.rows(chosen(typed) if typed else None))

    def post(self, request: HttpRequest, **kwargs):
        """Keep what was answered; what is refused is said at its officer, the rest is kept."""
        answers = chosen(request.POST)
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
            return redirect(request.get_full_path())
        if not errors:
            messages.info(request, "Nothing was chosen, so nothing was changed.")
        del self.every  # some of it was decided just now
        return self.page(*self.rows(answers, errors))

    def page(self, waiting: list[Row], decided: list[Row]):
        """Render one page of them, those to be decided first."""
        page = Paginator([*waiting, *decided], A_PAGE).get_page(self.request.GET.get("page"))
        rows = list(page)
        first = max(len(waiting) - page.start_index() + 1, 0) if rows else 0
        context = {
            "page_obj": page,
            "waiting": rows[:first],
            "decided": rows[first:],
            "how_many": len(waiting),
            "may_decide": any(row.is_mine for row in rows),
            "year": self.year(),
            "years": self.years(),
            "show": self.show(),
            "shown": SHOWN,
            "signed_in_as": interrupted.token(self.request.user),
            **self.about(),
        }
        return render(self.request, self.template_name, context)

    def about(self) -> dict:
        """What the page is about."""
        return {}


def chosen(given: QueryDict) -> dict[int, str]:
    """What a form of the page answers: the number of the record, and the year."""
    return {
        int(key.removeprefix("year-")): value
        for key, value in given.items()
        if key.startswith("year-") and key.removeprefix("year-").isdecimal() and value.isdecimal()
    }


class ClassMakeUpView(MakeUpView):
    """The officers of one class who are short in an earlier year."""

    def dispatch(self, request, *args, reference: str, **kwargs):
        """The class, among those open to the person; only whoever may undo it, and the state's people."""
        self.held = class_of(request, reference)
        return super().dispatch(request, *args, **kwargs)

    def found(self) -> list[Case]:
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

    def found(self) -> list[Case]:
        """Those of its classes."""
        return make_up_cases.of_agency(self.agency, clock.today())

    def about(self) -> dict:
        """The agency."""
        return {"agency": self.agency}


class StateMakeUpView(UserPassesTestMixin, MakeUpView):
    """Everyone in the state who is short in one earlier year, whoever reported the class: for POST.

    `?agency=` limits it to the officers of the agencies of that name or code.
    """

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_course_queue(self.request.user)

    def years(self) -> list[int]:
        """Every year for which hours may be made up."""
        return make_up_cases.years(clock.today())

    def year(self) -> int | None:
        """One year: the one before this if none is asked for."""
        return super().year() or next(iter(self.years()), None)

    def words(self) -> str:
        """What was typed for the agency."""
        return self.request.GET.get("agency", "").strip()[:100]

    def found(self) -> list[Case]:
        """Those of the year, of the officers of the agencies asked for."""
        today, officers = clock.today(), None
        if words := self.words():
            agencies = Agency.objects.filter(Q(code=words.casefold()) | Q(search_name__contains=" ".join(plain(words))))
            officers = Officer.objects.filter(pk__in=Officer.ids_at_agencies(agencies.values("pk"), today))
        year = self.year()
        return make_up_cases.of_state(year, today, officers) if year else []

    def about(self) -> dict:
        """The state."""
        return {"is_of_state": True, "words": self.words()}


class ClassMakeUpNoticeView(View):
    """A fragment for the page of a class: that some of its officers are short in an earlier year."""

    def get(self, request: HttpRequest, reference: str):
        """The names, and the way to decide; empty where nobody is."""
        held = class_of(request, reference)
        open_ones = undecided(request.user, make_up_cases.of_class(held, clock.today()))
        return render(request, "compliance/_make_up_notice.html", {"held": held, "cases": open_ones})


def undecided(user, cases: list[Case]) -> list[Case]:
    """Those the person may see and decide, and nobody has decided."""
    return [
        case
        for case in open_to(user, cases)
        if not case.is_decided
        and case.options.own.is_now
        and (case.is_open_to_reporter or can_decide_make_up_late(user))
    ]


def open_to(user, cases: list[Case]) -> list[Case]:
    """Those of the officers whose record the person may open: that somebody is short is for no other agency to see."""
    people = {case.record.officer_id for case in cases}
    seen = set(Officer.objects.visible_to(user).filter(pk__in=people).values_list("pk", flat=True))
    return [case for case in cases if case.record.officer_id in seen]


def class_of(request: HttpRequest, reference: str) -> TrainingClass:
    """The class if the person may see to its make-up credit: who may undo it, or the state's people."""
    found = TrainingClass.objects.visible_to(request.user).with_reference(reference)
    held = get_object_or_404(found.select_related("course", "reported_by_agency"))
    if not (access.can_void_class(request.user, held) or access.can_see_course_queue(request.user)):
        raise PermissionDenied
    return held
