"""Golden cases of a set: read and run by the state's people, written and copied by POST staff while it is a draft."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from compliance import rules
from compliance.cases import writing
from compliance.forms.rules import CaseForm
from compliance.models import GoldenCase, RequirementSet
from compliance.services import rule_cases
from compliance.views.rules import ChangeSetMixin, OneSetMixin
from training.views.one_form import OneFormView


class CasesView(OneSetMixin, TemplateView):
    """Every case of a set, run as the page is made."""

    template_name = "compliance/rule_cases.html"

    def get_context_data(self, wrong="", **kwargs):
        """The cases with what came of them."""
        ran = rule_cases.outcomes(self.object)
        has = self.object.is_draft and self.may_write
        return super().get_context_data(
            ran=ran,
            passed=sum(1 for one in ran if one.passed),
            failed=sum(1 for one in ran if not one.passed),
            sources=rule_cases.sources_of(self.object) if has else [],
            wrong=wrong,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Copy the cases of a published set."""
        if not self.may_write:
            raise PermissionDenied
        given = request.POST.get("source", "")
        source = next((one for one in rule_cases.sources_of(self.object) if str(one.pk) == given), None)
        try:
            if why := rules.why_locked(self.object):
                raise Refused(why)
            if source is None:
                raise Refused("Choose the set whose cases are copied.")
            count = rule_cases.copy(by=request.user, draft=self.object, source=source)
        except Refused as refusal:
            return self.render_to_response(self.get_context_data(wrong=refusal.message))
        messages.success(request, f"{count_words(count, 'case')} copied from {source}.")
        return redirect("compliance:rule_set_cases", pk=self.object.pk)


class CasesFileView(OneSetMixin, View):
    """The cases of a set as one file of golden cases, for `bin/manage check_cases`."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """The file."""
        text = "\n".join(self.object.golden_cases.values_list("text", flat=True)) or "[]\n"
        name = f"cases-{self.object.period.year}-{self.object.version or 'draft'}.yaml"
        response = HttpResponse(
            text,
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        response.how_many = self.object.golden_cases.count()  # for the record of access
        return response


class CaseNewView(ChangeSetMixin, OneFormView):
    """Write a case of a draft."""

    template_name = "compliance/rule_case.html"
    form_class = CaseForm
    case: GoldenCase | None = None

    def get_initial(self):
        """A case as it stands, or a new one that is right as it stands, to change."""
        one = self.object
        text = self.case.text if self.case else writing.to_begin_with(one.period.year, rules.rows_of(one))
        return {"text": text} | super().get_initial()

    def get_context_data(self, **kwargs):
        """Also what can be written, and the codes there are."""
        rows = rules.rows_of(self.object)
        topics = [
            *{row.topic.code for row in rows if row.topic},
            *self.object.proposed_topics.values_list("code", flat=True),
        ]
        return super().get_context_data(
            case=self.case, codes=[row.code for row in rows], topics=sorted(topics), **kwargs
        )

    def stands(self) -> dict | None:
        """A case as it stands."""
        return rule_cases.stands(self.case) if self.case else None

    def act(self, form):
        """Keep it."""
        kept = rule_cases.write(
            by=self.request.user,
            draft=self.object,
            text=form.cleaned_data["text"],
            case=self.case,
            seen=self.seen,
        )
        messages.success(self.request, f"Kept: {kept.name}")
        return redirect("compliance:rule_set_cases", pk=self.object.pk)


class CaseView(CaseNewView):
    """Change a case of a draft, or take it out."""

    @cached_property
    def case(self) -> GoldenCase:
        """The case of the address."""
        found = GoldenCase.objects.select_related("requirement_set__period", "requirement_set__base__period")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @cached_property
    def object(self) -> RequirementSet:
        """Its set."""
        return self.case.requirement_set

    def post(self, request, *args, **kwargs):
        """Taking it out needs nothing of the form."""
        if request.POST.get("act") != "remove" or rules.why_locked(self.object):
            return super().post(request, *args, **kwargs)
        rule_cases.remove(by=request.user, case=self.case)
        messages.success(request, f"Taken out: {self.case.name}")
        return redirect("compliance:rule_set_cases", pk=self.object.pk)
