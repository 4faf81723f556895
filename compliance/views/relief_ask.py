"""Asking for an extension or a waiver: one screen, a look at it with the documents, sent."""

import uuid

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from compliance import access, documents, relief, wording
from compliance.forms.relief import AskForm, SendForm
from compliance.models import ReliefRequest
from compliance.services import relief as service
from training.models import Officer

AskedBy = ReliefRequest.AskedBy


class AskReliefView(StepUpMixin, TemplateView):
    """Ask for one officer: as the officer, as their agency, or as POST that writes down what was asked by phone.

    The first step is checked and shown again with room for documents; nothing is kept before it is sent.
    """

    template_name = "compliance/relief_ask.html"

    def setup(self, request, *args, **kwargs):
        """The officer, among those open to the person."""
        super().setup(request, *args, **kwargs)
        self.officer = get_object_or_404(
            Officer.objects.visible_to(request.user), license_number=kwargs["license_number"]
        )
        self.today = clock.today()
        self.who = access.asker(request.user, self.officer, self.today)

    def dispatch(self, request, *args, **kwargs):
        """Only those who may ask."""
        if self.who is None:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def is_the_act(self, request) -> bool:
        """To send it: undecided, a request keeps the officer off the list of candidates."""
        return request.POST.get("step") == "send"

    def get(self, request, *args, **kwargs):
        """The form, with what was typed before the session ended."""
        typed = interrupted.take(request)
        to_choose = typed.getlist(interrupted.FILES) if typed else []
        return self.show(self.form(initial=typed.dict() if typed else None), to_choose=to_choose)

    def post(self, request, *args, **kwargs):
        """On to the next step, back to the form, or sent."""
        form = self.form(request.POST)
        if request.POST.get("step") == "change" or not form.is_valid():
            return self.show(self.form(initial=request.POST.dict()) if request.POST.get("step") == "change" else form)
        if request.POST.get("step") != "send":
            return self.check(form, SendForm(initial={"submission_key": uuid.uuid4()}))
        return self.send(form, SendForm(request.POST, request.FILES))

    def send(self, form: AskForm, last: SendForm):
        """Look at the documents and send it all; what is wrong is said at its place, with nothing lost but the choice
        of files, which no page can keep."""
        if not last.is_valid():
            return self.check(form, last)
        try:
            made, _ = service.ask(
                by=self.request.user,
                officer=self.officer,
                documents=documents.check_all(last.cleaned_data["documents"]),
                submission_key=last.cleaned_data["submission_key"],
                today=self.today,
                **form.cleaned_data,
            )
        except Refused as refusal:
            if refusal.field in form.fields:
                form.add_error(refusal.field, refusal.message)
                return self.show(form)
            last.add_error(refusal.field if refusal.field in last.fields else None, refusal.message)
            return self.check(form, last)
        return redirect(f"{reverse('compliance:relief_request', args=[made.reference])}?sent=1")

    def form(self, data=None, initial=None) -> AskForm:
        """The form with the periods one may ask for."""
        self.asking = relief.periods_to_ask_for(self.officer, self.today)
        periods = [one.period for one in self.asking if not one.why_not]
        is_taken = self.who.asked_by == AskedBy.POST
        return AskForm(data, initial=initial, periods=periods, is_taken=is_taken)

    def show(self, form: AskForm, to_choose=()):
        """The first step."""
        return self.render_to_response(self.get_context_data(form=form, to_choose=to_choose, is_check=False))

    def check(self, form: AskForm, last: SendForm):
        """The look at it, with room for documents."""
        chosen = [documents.plain_name(one.name) for one in self.request.FILES.getlist("documents")]
        return self.render_to_response(
            self.get_context_data(
                form=form, last=last, given=form.cleaned_data, to_choose=chosen if last.is_bound else [], is_check=True
            )
        )

    def get_context_data(self, **kwargs):
        """Whom it is for, who asks, and for which years nothing can be asked."""
        if self.who.asked_by != AskedBy.OFFICER:
            accesses.saw(self.request, self.officer.license_number, "Asking for an extension")
        return super().get_context_data(
            officer=self.officer,
            is_own=self.who.asked_by == AskedBy.OFFICER,
            is_taken=self.who.asked_by == AskedBy.POST,
            agency=self.who.agency,
            asking=[(one, wording.standing_chip(one.finding)) for one in self.asking],
            can_ask=any(not one.why_not for one in self.asking),
            signed_in_as=interrupted.token(self.request.user),
            accept=documents.ACCEPT,
            **kwargs,
        )
