"""An officer reports a class that is missing or wrong, and submits training elsewhere."""

import abc
import uuid

from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property

from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from compliance import access, documents
from compliance.documents import Checked
from compliance.forms.record_reports import MissingForm, OutsideForm, WrongForm
from compliance.services import record_reports as service
from training.bodies import Body
from training.models import Agency, Officer, Provider, TrainingRecord
from training.views.one_form import OneFormView


class OwnRecordView(OneFormView, abc.ABC):
    """A form about the license of the person; several licenses are told apart by `?license=`."""

    @cached_property
    def officer(self) -> Officer | None:
        """The license it is about: the one asked for among one's own, else the first."""
        own = access.own_licenses(self.request.user)
        wanted = self.request.GET.get("license", "")
        return next((one for one in own if one.license_number == wanted), own[0] if own else None)

    def dispatch(self, request, *args, **kwargs):
        """An account without a license is told how to get it connected."""
        if self.officer is None:
            return render(request, "compliance/no_license.html")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """With the key that makes the same form sent twice one report."""
        initial = super().get_initial()
        self.to_choose = initial.pop(interrupted.FILES, [])
        return {"submission_key": uuid.uuid4(), **initial}

    def get_context_data(self, **kwargs):
        """Also whose record, and which files are to be chosen again."""
        return super().get_context_data(
            officer=self.officer,
            accept=documents.ACCEPT,
            to_choose=getattr(self, "to_choose", []),
            most_megabytes=documents.MOST_BYTES // 1024 // 1024,
            most_at_once=documents.MOST_AT_ONCE,
            **kwargs,
        )

    @abc.abstractmethod
    def act(self, form):
        """Send it, and say where to go on."""

    def sent(self, report):
        """On to the page of the report."""
        return redirect(f"{reverse('compliance:record_report', args=[report.reference])}?sent=1")


def checked(files, field: str) -> list[Checked]:
    """The files, looked at. Raises `Refused` at the field they were chosen in."""
    try:
        return documents.check_all(files)
    except Refused as refusal:
        raise Refused(refusal.message, field=field) from None


class ReportRecordView(OwnRecordView):
    """A class that is missing; with `?record=` one that is wrong."""

    @cached_property
    def record(self) -> TrainingRecord | None:
        """What is wrong, among the live entries of the own record; None where something is missing."""
        given = self.request.GET.get("record", "")
        if not given:
            return None
        own = TrainingRecord.objects.live().filter(officer__in=access.own_licenses(self.request.user))
        found = own.filter(pk=given if is_number(given) else 0)
        return get_object_or_404(
            found.select_related(
                "officer", "training_class__course__provider", "training_class__course__agency",
                "training_class__reported_by_agency",
            )
        )  # fmt: skip

    @cached_property
    def officer(self) -> Officer | None:
        """Whose record the wrong entry is of; else as everywhere."""
        if self.record is not None:
            return self.record.officer
        return super().officer

    @cached_property
    def bodies(self) -> dict[str, Body]:
        """Those the officer knows: agencies of their commissions, and whoever reported a class of theirs."""
        entries = TrainingRecord.objects.filter(officer=self.officer)
        agencies = Agency.objects.filter(
            Q(commissions__officer=self.officer)
            | Q(pk__in=entries.order_by().values("training_class__reported_by_agency"))
        )
        providers = Provider.objects.filter(pk__in=entries.order_by().values("training_class__course__provider"))
        found = {f"agency-{one.pk}": one for one in agencies.distinct().order_by("name")}
        return found | {f"provider-{one.pk}": one for one in providers.order_by("name")}

    def get_template_names(self) -> list[str]:
        """One for each."""
        return ["compliance/report_wrong.html" if self.record else "compliance/report_missing.html"]

    def get_form_class(self):
        """One for each."""
        return WrongForm if self.record else MissingForm

    def get_form_kwargs(self) -> dict:
        """Of what is missing also whom it can be put to."""
        kwargs = super().get_form_kwargs()
        return kwargs if self.record else kwargs | {"bodies": self.bodies}

    def get_context_data(self, **kwargs):
        """Also the entry."""
        return super().get_context_data(record=self.record, **kwargs)

    def act(self, form):
        """Send it."""
        given = form.cleaned_data
        facts = {"record": self.record}
        if self.record is None:
            facts = {name: given[name] for name in ("title", "completed_on", "hours", "body")}
        made, _ = service.report(
            by=self.request.user,
            officer=self.officer,
            words=given["words"],
            documents=checked(given["documents"], "documents"),
            submission_key=given["submission_key"],
            today=self.today,
            **facts,
        )
        return self.sent(made)


class OutsideTrainingView(OwnRecordView):
    """Training of another state, a federal agency or an organization: what it was, and both proofs."""

    template_name = "compliance/outside_training.html"
    form_class = OutsideForm

    def act(self, form):
        """Send it to POST."""
        given = form.cleaned_data
        proofs = {name: checked(given[name], name) for name in ("approved", "completed")}
        facts = {name: given[name] for name in form.fields if name not in proofs}
        made, _ = service.submit_outside(
            by=self.request.user, officer=self.officer, today=self.today, **facts, **proofs
        )
        return self.sent(made)
