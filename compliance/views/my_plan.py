"""The shortest way to compliant, for the officer: the best sets of classes of the calendar, and one button for all of a
set. A fragment of a class's page says what that class alone would change."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.generic import View

from clee_portal import clock, compiled
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import hours_words
from clee_portal.ticked import is_number
from compliance import access, my_plan, paths, will_be, wording
from compliance.forms.my_plan import PlanForm, TakeForm
from compliance.models import PlanRequest
from compliance.my_plan import Gap, Plan
from compliance.path_solver import SolverFailed
from compliance.paths import Path, Step
from compliance.services import plans
from training import class_words
from training.models import Agency, Commission, Officer, ScheduledClass
from training.registering import Look, NeedsAccepting
from training.views.calendar import lines_in_order

NOTHING = Look({}, {})
# So long an officer reads what the agency said of a plan.
TOLD_FOR = dt.timedelta(days=21)


class Row(NamedTuple):
    """A class of a set as it is shown: what it gives, and why it is in the set."""

    held: ScheduledClass
    gives: str
    fee: str
    miles: int
    reason: str


class Option(NamedTuple):
    """A set as it is shown; `classes` and `shown` are what its button sends."""

    path: Path
    rows: list[Row]
    over: str
    fee: str
    classes: str
    shown: str
    warnings: Sequence[str] = ()


class MyPlanView(View):
    """The page: what matters and what will not do are in the address."""

    def dispatch(self, request, *args, **kwargs):
        """Only for an account with a license; of several licenses the first, unless another is asked for."""
        self.licenses = access.own_licenses(request.user)
        if not self.licenses:
            return render(request, "compliance/no_license.html")
        return super().dispatch(request, *args, **kwargs)

    def chosen(self, given: str) -> Officer:
        """One's own license of a number."""
        for one in self.licenses:
            if not given or one.license_number == given:
                return one
        raise Http404

    def get(self, request):
        """What is missing, and the best ways to it."""
        return self.page(self.chosen(request.GET.get("license", "")))

    def post(self, request):
        """Register for all classes of a set, or say why not and show the plan as it is now."""
        form = TakeForm(request.POST)
        officer = self.chosen(request.POST.get("license", ""))
        try:
            if request.POST.get("step") == "withdraw":
                return self.withdraw(officer)
            if not form.is_valid():
                raise Refused(gettext("There is no such plan. %(NOTHING)s") % {"NOTHING": plans.NOTHING})
            return self.ask(officer, form) if form.cleaned_data["step"] == form.ASK else self.take(officer, form)
        except NeedsAccepting as needed:
            shown = form.cleaned_data["shown"]
            return self.page(officer, refusal=needed.message, look=needed.found, shown=shown, form=form)
        except Refused as refusal:
            return self.page(officer, refusal=refusal.message)

    def take(self, officer: Officer, form: TakeForm):
        """A seat in every class of the set."""
        given = form.cleaned_data
        made = plans.take(by=self.request.user, officer=officer, accepts=given["accepts"], **_shown(given))
        titles = wording.list_words([f"“{one.scheduled_class.course.title}”" for one in made])
        messages.success(
            self.request,
            gettext("You have a seat in %(titles)s. The hours count once you completed them.") % {"titles": titles},
        )
        return redirect("training:my_classes")

    def ask(self, officer: Officer, form: TakeForm):
        """The set to the agency, for approval."""
        here = {one.code: one for one in agencies_of(officer)}
        if (agency := here.get(form.cleaned_data["agency"])) is None:
            raise Refused(gettext("Choose the agency it goes to."))
        plans.ask(by=self.request.user, officer=officer, agency=agency, **_shown(form.cleaned_data))
        messages.success(
            self.request,
            gettext("%(name)s was asked to approve it. You have no seat until it does: seats may be gone.")
            % {"name": agency.name},
        )
        return redirect(self.own_address(officer))

    def withdraw(self, officer: Officer):
        """Take back what was sent."""
        given = self.request.POST.get("request", "")
        sent = PlanRequest.objects.visible_to(self.request.user).filter(officer=officer)
        found = sent.filter(pk=int(given)).first() if is_number(given) else None
        if found is None:
            raise Refused(gettext("There is no such request."))
        plans.withdraw(by=self.request.user, request=found)
        messages.success(self.request, gettext("The plan was taken back. Your agency is not asked any more."))
        return redirect(self.own_address(officer))

    def own_address(self, officer: Officer) -> str:
        """The page, for the license it was about."""
        own = f"?license={officer.license_number}" if len(self.licenses) > 1 else ""
        return f"{reverse('compliance:my_plan')}{own}"

    def page(self, officer: Officer, *, refusal="", look: Look = NOTHING, shown="", form: TakeForm | None = None):
        """The page with the best set, which is asked for first; the other ways are a fragment of it, which a browser
        without scripts has by a link. After a refusal everything, with what was refused."""
        with_others = "others" in self.request.GET or self.request.method == "POST"
        now = clock.now()
        wishes = PlanForm(self.request.GET)
        home_name, home = my_plan.home_of(officer, clock.day_of(now))
        limits = wishes.limits(home)
        query = self.request.GET.copy()
        query.pop("others", None)
        context = {
            "officer": officer,
            "licenses": self.licenses,
            "form": wishes,
            "take": form or TakeForm(),
            "refusal": refusal,
            "look": look,
            "limits": limits,
            "home": home_name if not wishes.cleaned_data.get("zip") else "",
            "year": clock.day_of(now).year,
            "query": query.urlencode(),
            "sent": (sent := sent_of(officer, now)),
            "waits": bool(sent and sent.state == PlanRequest.State.WAITING),
            "agencies": agencies_of(officer),
        }
        try:
            plan = my_plan.plan(officer, wishes.weights, limits, now, paths.OPTIONS if with_others else 1)
        except KeyError as missing:
            raise Http404 from missing
        except SolverFailed:
            if self.is_fragment:
                return HttpResponse(status=204)
            return render(self.request, "compliance/my_plan.html", context | {"has_failed": True})
        context |= {
            "plan": plan,
            "gap": plan.gap,
            "missing": my_plan.lack_words(plan.gap, plan.gap.lacks) if plan.gap.lacks else "",
            "left": my_plan.lack_words(plan.gap, plan.found.left) if plan.found.left else "",
            "options": options(plan, officer, look, shown),
            "has_others": with_others,
            "chip": wording.standing_chip(plan.gap.finding),
        }
        template = "compliance/_my_plan_ways.html" if self.is_fragment else "compliance/my_plan.html"
        return render(self.request, template, context | {"are_others": self.is_fragment})

    @property
    def is_fragment(self) -> bool:
        """Whether only the other ways are asked for, by the page itself."""
        return bool(self.request.htmx) and self.request.method == "GET" and "others" in self.request.GET


def _shown(given: dict) -> dict:
    """What a button sent of the set it stands under."""
    return {
        "classes": [int(one) for one in given["classes"].split(",")],
        "shown": given["shown"],
        "submission_key": given["submission_key"],
    }


def agencies_of(officer: Officer) -> list[Agency]:
    """The agencies an officer serves at today, by name."""
    serving = Commission.objects.in_force(clock.today()).filter(officer=officer)
    return list(Agency.objects.filter(pk__in=serving.values("agency")).order_by("name", "pk"))


def sent_of(officer: Officer, now: dt.datetime) -> PlanRequest | None:
    """The plan that waits for approval, else the last that was decided in the last weeks."""
    found = PlanRequest.objects.filter(officer=officer).exclude(state=PlanRequest.State.WITHDRAWN)
    last = found.select_related("agency").order_by("-asked_at", "-pk").first()
    is_told = last and (last.decided_at is None or last.decided_at > now - TOLD_FOR)
    return last if is_told else None


def options(plan: Plan, officer: Officer, look: Look = NOTHING, accepting: str = "") -> list[Option]:
    """The sets of a plan with the classes themselves; two statements for all of them."""
    keys = {key for path in plan.found.paths for key in path.keys}
    classes = ScheduledClass.objects.select_related("course", "provider").prefetch_related(lines_in_order())
    held = classes.in_bulk(keys)
    found = []
    for path in plan.found.paths:
        shown = my_plan.shown(plan.gap.lacks, [step.offered for step in path.steps])
        found.append(
            Option(
                path,
                [_row(plan.gap, held[step.offered.key], step) for step in path.steps],
                hours_words(over) if (over := my_plan.over(plan.gap, path)) else "",
                class_words.fee(path.fee),
                ",".join(str(step.offered.key) for step in path.steps),
                shown,
                look.warned.get(officer.pk, ()) if shown == accepting else (),
            )
        )
    return found


def _row(gap: Gap, held: ScheduledClass, step: Step) -> Row:
    lines = held.lines.all()
    return Row(
        held,
        class_words.gives((line.area.name, line.topic and line.topic.name, line.hours) for line in lines),
        class_words.fee(held.fee),
        round(step.offered.miles),
        my_plan.lack_words(gap, step.needed_for),
    )


@compiled.written(number=compiled.NUMBER, today=compiled.FIRST_DAY, now=compiled.MOMENT)
def _to_come(number, today, now) -> QuerySet:
    found = ScheduledClass.objects.open_to_all(today).filter(pk=number, ends_at__gt=now)
    return found.select_related("course", "provider").prefetch_related(lines_in_order())


class WhatIfView(View):
    """A fragment of a class's page: what completing it would change for the officer who reads it."""

    def get(self, request, reference: str):
        """The fragment, for each license of the reader; nothing for who has none."""
        now = clock.now()
        number = ScheduledClass.number_of(reference)
        found = _to_come().objects(number=number, today=clock.day_of(now), now=now) if number else []
        if not found:
            raise Http404
        held = found[0]
        found = [(one, will_be.what_if(one, held)) for one in access.own_licenses(request.user)]
        told = [(officer, what) for officer, what in found if what]
        return render(request, "compliance/_what_if.html", {"found": told, "held": held, "several": len(told) > 1})
