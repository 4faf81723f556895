"""The rules as POST works on them: periods and their sets, one set, a draft begun."""

from functools import cached_property

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView

from clee_portal import clock
from compliance import access, rules
from compliance.forms.rules import BeginForm
from compliance.models import ReportingPeriod, RequirementSet
from compliance.services import rule_drafts
from training.views.one_form import OneFormView


class RulesMixin(UserPassesTestMixin):
    """A page about the rules: the state's people read it. `writes` pages are for POST staff alone."""

    raise_exception = True
    writes = False

    def test_func(self) -> bool:
        """POST staff; to read also the Director and designated agents."""
        may = access.can_write_rules if self.writes else access.can_see_rules
        return may(self.request.user)

    @cached_property
    def may_write(self) -> bool:
        """Whether the person works on drafts."""
        return access.can_write_rules(self.request.user)

    def get_context_data(self, **kwargs):
        """Also what the person may do."""
        return super().get_context_data(may_write=self.may_write, **kwargs)


class RulesView(RulesMixin, TemplateView):
    """Every period with its versions, and the drafts that are worked on."""

    template_name = "compliance/rules.html"

    def get_context_data(self, **kwargs):
        """Periods, the latest first, each with its versions and drafts. A constant number of statements."""
        sets: dict[int, list[RequirementSet]] = {}
        published = RequirementSet.objects.exclude(published_at=None).select_related("published_by")
        for one in published.order_by("-version"):
            sets.setdefault(one.period_id, []).append(one)
        drafts = rules.open_drafts()
        today = clock.today()
        periods = [
            {"period": one, "sets": sets.get(one.pk, []), "draft": next((d for d in drafts if d.period == one), None)}
            for one in ReportingPeriod.objects.order_by("-year")
        ]
        return super().get_context_data(
            periods=periods,
            drafts=[(one, rules.is_author(self.request.user, one)) for one in drafts],
            waiting=[one for one in drafts if one.handed_in_at],
            today=today,
            **kwargs,
        )


class OneSetMixin(RulesMixin):
    """A page about one set."""

    @cached_property
    def object(self) -> RequirementSet:
        """The set of the address."""
        found = RequirementSet.objects.select_related(
            "period", "base__period", "published_by", "handed_in_by", "discarded_by"
        )
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """Also the set, and why it cannot be changed, if it cannot."""
        return super().get_context_data(one=self.object, locked=rules.why_locked(self.object), **kwargs)


class SetView(OneSetMixin, TemplateView):
    """One set: what it asks, how it differs, who worked on it; of a draft also what is still to be done."""

    template_name = "compliance/rule_set.html"

    def get_context_data(self, **kwargs):
        """The set as it stands."""
        one = self.object
        rows = rules.rows_of(one)
        before = rules.compared_with(one)
        differences = rules.differences(rules.rows_of(before), rows) if before else []
        by_code = {found.code: found for found in differences}
        later = rules.later_alike(one.period) if one.is_draft and one.carries_on else []
        return super().get_context_data(
            rows=[(row, by_code.get(row.code), rules.said_to_officers(row)) for row in rows],
            gone=[found for found in differences if found.after is None],
            before=before,
            differences=differences,
            topics=list(one.proposed_topics.select_related("usual_area", "only_area")),
            authors=list(one.authors.select_related("user")),
            is_author=rules.is_author(self.request.user, one),
            later=later,
            cases=one.golden_cases.count(),
            problems=rules.problems(one, rows, clock.today()) if one.is_draft else [],
            to_look_at=rules.to_look_at([row for row in rows if row.code in by_code]) if one.is_draft else [],
            is_stale=one.is_draft and rules.is_stale(one),
            newest=rules.latest(one.period) if one.is_draft else None,
            reminders=list(one.period.reminder_dates.order_by("number")),
            **kwargs,
        )


class BeginView(RulesMixin, OneFormView):
    """Begin a draft: for which period, copied from which set."""

    template_name = "compliance/rule_begin.html"
    form_class = BeginForm
    writes = True

    def get_form_kwargs(self):
        """Every period there is and the one to come; every published set."""
        years = list(ReportingPeriod.objects.order_by("-year").values_list("year", flat=True))
        choices = [(years[0] + 1, f"{years[0] + 1} (a new period)")] + [
            (year, f"{year} (a correction)") for year in years
        ]
        if years[0] > self.today.year:
            choices[1] = (years[0], f"{years[0]}")
        sources = RequirementSet.objects.exclude(published_at=None).select_related("period")
        return super().get_form_kwargs() | {
            "years": choices,
            "sources": sources.order_by("-period__year", "-version"),
        }

    def get_initial(self):
        """The period and the set the link named; else next year's."""
        wanted = self.request.GET.get("year", "")
        year = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) == 4 else self.today.year + 1
        period = ReportingPeriod.objects.filter(year=year).first()
        source = (rules.latest(period) if period else None) or RequirementSet.objects.exclude(
            published_at=None
        ).order_by("-period__year", "-version").first()
        return {"year": year, "source": source} | super().get_initial()

    def act(self, form):
        """Begin it, and go on to it."""
        draft = rule_drafts.begin(by=self.request.user, now=clock.now(), today=self.today, **form.cleaned_data)
        messages.success(
            self.request, f"A draft for {draft.period.year} is begun. Nothing changes until it is published."
        )
        return redirect("compliance:rule_set", pk=draft.pk)


class ChangeSetMixin(OneSetMixin):
    """A page on which a draft is changed: of a set that cannot be, it says why and takes nothing."""

    writes = True

    def post(self, request, *args, **kwargs):
        """What is published, handed in or discarded stays as it is."""
        if rules.why_locked(self.object):
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)
