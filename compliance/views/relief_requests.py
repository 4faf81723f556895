"""One request for relief: how it stands, what was said and sent, answered, added to, withdrawn; its documents."""

import abc

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.paging import OnwardMixin
from compliance import access, documents, relief, relief_effects
from compliance.forms.relief import AnswerForm, DocumentsForm, WithdrawForm
from compliance.models import ReliefDocument
from compliance.relief import State
from compliance.services import relief as service
from compliance.views.handing_out import handed_out
from training.views.one_form import OneFormView


class OneRequestMixin(OnwardMixin):
    """One request, among those open to the person, with what the person may read of it."""

    def setup(self, request, *args, **kwargs):
        """The request; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = relief.known(relief.as_of_all()).visible_to(request.user).with_reference(kwargs["reference"])
        self.object = get_object_or_404(found.select_related("officer", "period", "agency", "recorded_by"))

    def get_context_data(self, **kwargs):
        """The request as it stands, its story, and what the person may do."""
        user, one = self.request.user, self.object
        if one.officer not in access.own_licenses(user):
            accesses.saw(self.request, one.officer.license_number, f"Request {one.reference}")
        state = relief.state_of(one)
        may_read_leave, may_read_words = access.can_see_leave(user, one), access.can_read_words(user, one)
        questions = list(one.questions.live().select_related("recorded_by", "answered_by")) if may_read_leave else []
        is_open, is_requester = one.latest is None, access.is_requester(user, one)
        sent = one.documents.live().count() if may_read_leave else 0
        readable = list(access.documents_open_to(user, one).select_related("recorded_by", "agency"))
        decisions = relief.decisions_of(one)
        return super().get_context_data(
            one=one,
            is_own=one.officer in access.own_licenses(user),
            state=state,
            chip=relief.chip(one),
            decisions=decisions,
            decision=decisions[-1] if decisions else None,
            questions=questions,
            question=next((q for q in questions if q.answered_at is None), None),
            documents=readable,
            hidden=max(sent - len(readable), 0),
            may_read_leave=may_read_leave,
            may_read_words=may_read_words,
            may_answer=is_open and state == State.ASKED and is_requester,
            may_add=is_open and access.can_add_documents(user, one),
            may_withdraw=is_open and access.can_withdraw_request(user, one),
            may_decide=access.can_decide_relief(user),
            is_undecided=is_open,
            standing=relief_effects.now(one),
            **kwargs,
        )


class RequestView(OneRequestMixin, TemplateView):
    """A request as it stands, for the officer, the agency and POST, each with what they may read."""

    template_name = "compliance/relief_request.html"

    def get_context_data(self, **kwargs):
        """For POST also the other requests of the officer; right after it was sent, that it has arrived."""
        one, others = self.object, []
        if access.can_decide_relief(self.request.user):
            all_of = relief.known(relief.as_of_all()).filter(officer=one.officer).exclude(pk=one.pk)
            others = [(other, relief.chip(other)) for other in all_of.order_by("-requested_on", "-pk")]
        return super().get_context_data(others=others, was_sent=self.request.GET.get("sent") == "1", **kwargs)


class _PartyView(OneRequestMixin, OneFormView, abc.ABC):
    """A page on which a party does one thing with a request."""

    @abc.abstractmethod
    def may(self) -> bool:
        """Whether the person may."""

    @abc.abstractmethod
    def act(self, form):
        """Do it, and say where to go on."""

    def dispatch(self, request, *args, **kwargs):
        """Only whoever may; a request that has been decided meanwhile is shown as it is."""
        if not self.may():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def back(self, words: str):
        """To the request, with what happened."""
        messages.success(self.request, words)
        return redirect("compliance:relief_request", self.object.reference)


class AnswerView(_PartyView):
    """Answer what POST asked for, in words, with documents, or both."""

    template_name = "compliance/relief_answer.html"
    form_class = AnswerForm

    def may(self) -> bool:
        """Whoever asked, and POST for them."""
        return access.can_answer_question(self.request.user, self.object)

    def act(self, form):
        """Send it."""
        service.answer(
            by=self.request.user,
            request=self.object,
            words=form.cleaned_data["words"],
            documents=documents.check_all(form.cleaned_data["documents"], there_are=self.object.documents.count()),
            today=self.today,
        )
        return self.back("Sent. The request is with POST again.")


class AddDocumentsView(_PartyView):
    """Add documents to a request that is not decided."""

    template_name = "compliance/relief_add.html"
    form_class = DocumentsForm

    def may(self) -> bool:
        """Whoever asked, the officer, POST."""
        return access.can_add_documents(self.request.user, self.object)

    def act(self, form):
        """Keep them."""
        many = service.add_documents(
            by=self.request.user,
            request=self.object,
            documents=documents.check_all(form.cleaned_data["documents"], there_are=self.object.documents.count()),
            today=self.today,
        )
        return self.back("The document was added." if many == 1 else f"{many} documents were added.")


class WithdrawView(StepUpMixin, _PartyView):
    """Take a request back that is not decided: what that means, and one button."""

    template_name = "compliance/relief_withdraw.html"
    form_class = WithdrawForm

    def may(self) -> bool:
        """Whoever asked."""
        return access.can_withdraw_request(self.request.user, self.object)

    def post(self, request, *args, **kwargs):
        """By the button only."""
        if request.POST.get("step") != "withdraw":
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also what it changes."""
        context = super().get_context_data(**kwargs)
        if context["is_undecided"]:
            context["effect"] = relief_effects.rehearse(
                self.object,
                lambda: service.withdraw(by=self.request.user, request=self.object, today=self.today),
            )
        return context

    def act(self, form):
        """Withdraw it."""
        service.withdraw(by=self.request.user, request=self.object, today=self.today, **form.cleaned_data)
        return self.back("The request is withdrawn.")


class DocumentView(View):
    """A document, as a file to save, to those who may read it. Every time is written down (`history.accesses`)."""

    def get(self, request, pk: int):
        """The file, never shown inside the browser; what one may not read does not exist."""
        readable = ReliefDocument.objects.live().visible_to(request.user).filter(request__voided_at=None)
        one = get_object_or_404(readable.select_related("request__officer"), pk=pk)
        reference = one.request.reference
        accesses.saw(request, one.request.officer.license_number, f"Document {one.pk} of {reference}")
        return handed_out(request, one, name=f"{reference}-{one.pk}", belongs_to=f"request {reference}")
