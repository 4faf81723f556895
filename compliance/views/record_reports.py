"""What officers reported: one report with what can be done, its documents, and the lists of whoever mends records."""

import abc

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.generic import ListView, TemplateView

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.paging import OnwardMixin, QueueMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from compliance import access, record_reports
from compliance.forms.record_reports import AnswerForm, DecideForm, DisagreeForm, OutsideDecideForm
from compliance.models import RecordReport
from compliance.services import record_reports as service
from training import selectors
from training.access import can_see_provider_classes
from training.bodies import is_provider
from training.forms.hours import HoursForm
from training.models import Provider, TrainingClass, TrainingRecord
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin, OneFormView

A_PAGE = 25
Answer, Kind, Outcome = RecordReport.Answer, RecordReport.Kind, RecordReport.Outcome


class OneReportMixin(OnwardMixin):
    """One report, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The report; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = RecordReport.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.object = get_object_or_404(found.with_names())
        self.is_own = access.can_report_record(request.user, self.object.officer)

    def get_context_data(self, **kwargs):
        """Where it stands, and what the person may do."""
        one, user = self.object, self.request.user
        if not self.is_own:
            accesses.saw(self.request, one.officer.license_number, f"Report {one.reference}")
        disputable = one.outcome in (Outcome.RECORDED, Outcome.CORRECTED, Outcome.THERE)
        is_gone = one.kind == Kind.WRONG and one.record.voided_at is not None  # what stands now is another entry
        return super().get_context_data(
            one=one,
            is_own=self.is_own,
            chip=record_reports.chip(one),
            headline=record_reports.headline(one),
            sentences=record_reports.sentences(one, is_own=self.is_own),
            papers=list(one.documents.all()),
            may_answer=one.is_open and access.can_answer_report(user, one),
            may_decide=one.is_open and one.escalated_at is not None and access.can_decide_reports(user),
            may_withdraw=one.is_open and self.is_own,
            may_disagree=disputable and not is_gone and self.is_own,
            stands_now=one.made if disputable and is_gone and self.is_own else None,
            **kwargs,
        )


class ReportView(OneReportMixin, TemplateView):
    """A report as it stands, for the officer, whoever was asked, and POST."""

    template_name = "compliance/record_report.html"

    def get_context_data(self, **kwargs):
        """Also that it was just sent."""
        return super().get_context_data(was_sent=self.request.GET.get("sent") == "1", **kwargs)

    def post(self, request, *args, **kwargs):
        """The officer withdraws it, by the button."""
        if not self.is_own:
            raise PermissionDenied
        seen = request.POST.get("seen", "")
        if request.POST.get("step") != "withdraw":
            return self.get(request, *args, **kwargs)
        try:
            service.withdraw(
                by=request.user,
                report=self.object,
                seen=int(seen) if is_number(seen) else -1,
                today=clock.today(),
            )
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, gettext("Withdrawn."))
        return redirect("compliance:record_report", self.object.reference)


class _ActView(OneReportMixin, OneFormView, abc.ABC):
    """A page on which one thing is done with a report; one that is not to be done any more leads back to it."""

    @abc.abstractmethod
    def may(self) -> bool:
        """Whether the person may at all."""

    @abc.abstractmethod
    def is_time(self) -> bool:
        """Whether the report is where this can be done."""

    def dispatch(self, request, *args, **kwargs):
        """Only whoever may, and while it is time."""
        if not self.may():
            raise PermissionDenied
        if not self.is_time() and not request.POST.get("words"):  # what was typed is kept, and told why it is late
            return redirect("compliance:record_report", self.object.reference)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """How far the report is."""
        return {"seen": self.object.step, **super().get_initial()}

    def done(self, words: str):
        """On to the next of the queue, or to the report, with what happened."""
        messages.success(self.request, words)
        return self.go_on("compliance:record_report", self.object.reference)


class AnswerReportView(StepUpMixin, _ActView):
    """Whoever was asked answers: it will be mended, here it is, or not ours."""

    template_name = "compliance/record_report_answer.html"
    form_class = AnswerForm

    def may(self) -> bool:
        """Those who may enter classes there, POST."""
        return access.can_answer_report(self.request.user, self.object)

    def is_time(self) -> bool:
        """While it is open."""
        return self.object.is_open

    def get_form_kwargs(self) -> dict:
        """With the classes and entries the answer may name."""
        one, body = self.object, self.object.body
        classes = TrainingClass.objects.live().reported_by(body).filter(ends_on=one.completed_on)
        classes = classes.exclude(records__in=TrainingRecord.objects.live().filter(officer=one.officer))
        held = {"training_class__course__provider" if is_provider(body) else "training_class__reported_by_agency": body}
        records = TrainingRecord.objects.live().filter(officer=one.officer, **held)
        return super().get_form_kwargs() | {
            "report": one,
            "classes": classes.select_related("course", "reported_by_agency").order_by("pk"),
            "records": records.select_related("training_class__course").order_by("-completed_on", "-pk"),
        }

    def get_context_data(self, **kwargs):
        """Also where it is mended."""
        one, body = self.object, self.object.body
        if one.kind == Kind.WRONG:
            held = one.record.training_class.reference
            place = reverse("training:class_correct", args=[held]), gettext("Correct the class")
        elif is_provider(body):
            place = reverse("training:provider_class_enter", args=[body.pk]), gettext("Enter the class")
        else:
            place = reverse("training:class_enter", args=[body.code]), gettext("Enter the class")
        return super().get_context_data(place=place, within=record_reports.ANSWER_WITHIN.days, **kwargs)

    def act(self, form):
        """Keep the answer."""
        one = service.answer(by=self.request.user, report=self.object, today=self.today, **form.cleaned_data)
        if one.outcome == Outcome.RECORDED:
            return self.done(
                gettext("%(full_name)s is in %(reference)s now.")
                % {"full_name": one.officer.full_name, "reference": one.made.training_class.reference}
            )
        return self.done(gettext("Your answer is kept, and the officer is told."))


class DisagreeView(_ActView):
    """The officer says that it is not settled."""

    template_name = "compliance/record_report_disagree.html"
    form_class = DisagreeForm

    def may(self) -> bool:
        """The officer."""
        return self.is_own

    def is_time(self) -> bool:
        """While it is settled by somebody else than POST."""
        return self.object.outcome in (Outcome.RECORDED, Outcome.CORRECTED, Outcome.THERE)

    def act(self, form):
        """On to POST."""
        service.disagree(by=self.request.user, report=self.object, today=self.today, **form.cleaned_data)
        return self.done(gettext("POST has it now."))


class DecideReportView(StepUpMixin, _ActView):
    """POST settles what came to it: training elsewhere is recorded in the same step."""

    template_name = "compliance/record_report_decide.html"

    def may(self) -> bool:
        """POST staff."""
        return access.can_decide_reports(self.request.user)

    def is_time(self) -> bool:
        """While it is open and with POST."""
        return self.object.is_open and self.object.escalated_at is not None

    def get_form_class(self):
        """One for training elsewhere, one for what is missing or wrong."""
        return OutsideDecideForm if self.object.is_outside else DecideForm

    def get_form_kwargs(self) -> dict:
        """Of which report."""
        return super().get_form_kwargs() | {"report": self.object}

    def get_initial(self) -> dict:
        """What was typed before the session ended, hours too."""
        initial = super().get_initial()
        self.typed_hours = {
            name.removeprefix("hours-"): value for name, value in initial.items() if name.startswith("hours-")
        }
        return initial

    def hours_form(self) -> HoursForm | None:
        """The hours by area, of training elsewhere."""
        if not self.object.is_outside:
            return None
        data = self.request.POST if self.request.method == "POST" else None
        return HoursForm(
            data, curriculum=selectors.curriculum(), prefix="hours", anchor="hours", least=self.typed_hours
        )

    def get_context_data(self, hours_form=None, **kwargs):
        """Also the hours."""
        context = super().get_context_data(**kwargs)
        return context | {"hours_form": hours_form or self.hours_form()}

    def form_invalid(self, form, hours_form=None):
        """Shown again, the hours as they were typed."""
        return self.render_to_response(self.get_context_data(form=form, hours_form=hours_form))

    def act(self, form):
        """Do it."""
        given, told = form.cleaned_data, {"by": self.request.user, "report": self.object, "today": self.today}
        told["seen"] = given["seen"]
        if given["act"] == DecideForm.REFUSE:
            service.refuse(words=given["words"], **told)
            return self.done(gettext("Closed. The officer is told why."))
        if given["act"] == DecideForm.HAND_ON:
            service.hand_on(body=given["body"], words=given["words"], **told)
            return self.done(gettext("Put to %(body)s.") % {"body": given["body"]})
        hours_form = self.hours_form()
        if not hours_form.is_valid():
            return self.form_invalid(form, hours_form)
        made = service.record_outside(
            recognized=given["recognized"], although=given["although"], lines=hours_form.lines, **told
        )
        return self.done(
            gettext("Recorded as %(reference)s. The officer is told.")
            % {"reference": made.made.training_class.reference}
        )


class _ReportsView(QueueMixin, ListView, abc.ABC):
    """Reports in a list: those that wait first, the longest waiting on top; `?show=settled` the others."""

    template_name = "compliance/record_reports.html"
    paginate_by = A_PAGE

    @abc.abstractmethod
    def found(self):
        """All that the list is of."""

    def waiting(self):
        """Those that wait here."""
        return self.found().open()

    def get_queryset(self):
        """Those asked for."""
        if self.request.GET.get("show") == "settled":
            return self.found().exclude(settled_at=None).with_names().order_by("-settled_at", "-pk")
        return self.waiting().with_names().order_by("asked_on", "pk")

    def item_url(self, item) -> str:
        """The page of the report."""
        return reverse("compliance:record_report", args=[item.reference])

    def get_context_data(self, **kwargs):
        """The rows with how they stand."""
        context = super().get_context_data(**kwargs)
        rows = [
            (one, record_reports.chip(one), record_reports.due(one) or record_reports.headline(one))
            for one in context["object_list"]
        ]
        return context | {
            "rows": rows,
            "waiting": self.waiting().count(),
            "is_settled": self.request.GET.get("show") == "settled",
            "within": record_reports.ANSWER_WITHIN.days,
        }


class AgencyReportsView(AgencyMixin, _ReportsView):
    """What officers reported to an agency."""

    def found(self):
        """Those put to it."""
        return RecordReport.objects.visible_to(self.request.user).filter(agency=self.agency)

    def get_context_data(self, **kwargs):
        """Whose list it is."""
        return super().get_context_data(whose=self.agency.name, **kwargs)


class ProviderReportsView(_ReportsView):
    """What officers reported to a provider."""

    def setup(self, request, *args, **kwargs):
        """The provider; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.provider = get_object_or_404(Provider.objects.visible_to(request.user), pk=kwargs["pk"])

    def dispatch(self, request, *args, **kwargs):
        """Its staff, the state's people."""
        if not can_see_provider_classes(request.user, self.provider):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def found(self):
        """Those put to it."""
        return RecordReport.objects.visible_to(self.request.user).filter(provider=self.provider)

    def get_context_data(self, **kwargs):
        """Whose list it is."""
        return super().get_context_data(whose=self.provider.name, provider=self.provider, **kwargs)


class ReportQueueView(UserPassesTestMixin, _ReportsView):
    """What waits for POST: what nobody mended in time, and training elsewhere."""

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_reports(self.request.user)

    def found(self):
        """All of the state."""
        return RecordReport.objects.visible_to(self.request.user)

    def waiting(self):
        """Those that came to POST."""
        return self.found().with_post()

    def get_queryset(self):
        """Those that wait for POST longest first."""
        found = super().get_queryset()
        return found if self.request.GET.get("show") == "settled" else found.order_by("escalated_at", "pk")

    def get_context_data(self, **kwargs):
        """It is POST's."""
        return super().get_context_data(is_post=True, **kwargs)


class ReportQueueFileView(FileMixin, ReportQueueView):
    """POST's queue as a file."""

    header = (
        "Reference", "License number", "Name", "What", "Class", "Completed on", "Hours", "Put to", "Reported on",
        "With POST since", "Why", "Answer", "State",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"reported-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (
                one.reference, one.officer.license_number, one.officer.sorted_name, one.get_kind_display(), one.title,
                one.completed_on, one.hours, str(one.body or ""), one.reported_at, one.escalated_at,
                one.get_escalated_why_display(), one.answer_words, record_reports.chip(one).label,
            )
            for one in self.get_queryset()
        ]  # fmt: skip
