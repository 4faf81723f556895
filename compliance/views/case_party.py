"""A case as the officer and the agency see it: what is missing, until when to answer, and their answer."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.history import accesses
from clee_portal.paging import PagesMixin
from compliance import access, case_page, case_states, documents, wording
from compliance.forms.cases import CaseAnswerForm
from compliance.models import Candidacy, CaseAnswer, CaseDocument
from compliance.services import cases
from compliance.views.handing_out import handed_out
from training.views.one_form import AgencyMixin, OneFormView

GivenBy = CaseAnswer.GivenBy


class PartyCaseView(OneFormView):
    """The case for a party to it, and for POST that writes down an answer: each reads its own answers."""

    template_name = "compliance/case_party.html"
    form_class = CaseAnswerForm

    def setup(self, request, *args, **kwargs):
        """The case, among those open to the person; as whom they answer."""
        super().setup(request, *args, **kwargs)
        found = Candidacy.objects.visible_to(request.user).select_related("officer", "period")
        self.case = get_object_or_404(found, pk=kwargs["pk"])
        self.who = access.answers_as(request.user, self.case, self.today)

    @property
    def is_own(self) -> bool:
        """Whether it is the officer's own."""
        return self.who is not None and self.who.asked_by == GivenBy.OFFICER

    def get_form_kwargs(self) -> dict:
        """POST says whose answer it writes down."""
        return super().get_form_kwargs() | {"is_taken": self.who is None or self.who.asked_by == GivenBy.POST}

    def get_initial(self) -> dict:
        """A key for the form that is opened."""
        return {"submission_key": uuid.uuid4()} | super().get_initial()

    def answers(self) -> list:
        """The officer's to the officer, an agency's to the agency, all to the state."""
        if access.can_see_campaigns(self.request.user):
            return case_page.answers_of(self.case)
        if self.is_own:
            return case_page.answers_of(self.case, given_by=GivenBy.OFFICER)
        if self.who:
            return case_page.answers_of(self.case, given_by=GivenBy.AGENCY, agency=self.who.agency)
        return []

    def get_context_data(self, **kwargs):
        """The case, in the words of the standing page."""
        one = self.case
        if not self.is_own:
            accesses.saw(self.request, one.officer.license_number, f"Case of {one.period.year}")
        person = wording.Person("" if self.is_own else one.officer.full_name)
        why_not = case_states.why_not_answer(one)
        return super().get_context_data(
            case=one,
            period=one.period,
            notice=one.served_notices.live().first(),
            is_own=self.is_own,
            who=self.who,
            answers=self.answers(),
            **case_page.standing(one, person, self.today),
            why_not=why_not,
            may_answer=self.who is not None and not why_not,
            accept=documents.ACCEPT,
            **kwargs,
        )

    def act(self, form):
        """Give the answer; the documents are looked at once the rest is right."""
        given = form.cleaned_data
        papers = documents.check_all(given.pop("documents"))
        cases.answer(by=self.request.user, case=self.case, documents=papers, today=self.today, **given)
        messages.success(self.request, "POST has the answer. It goes with the case, word for word.")
        return redirect(f"{reverse('compliance:case', args=[self.case.pk])}#answers")


class AgencyCasesView(AgencyMixin, PagesMixin, ListView):
    """The notices about an agency's officers, for those who ask for officers there: to be answered first."""

    template_name = "compliance/cases_of_agency.html"
    paginate_by = 50

    @staticmethod
    def right(user, agency) -> bool:
        """Whoever asks for the officers of the agency, and the state's people."""
        return access.asks_for(user, agency) or access.can_see_campaigns(user)

    def get_queryset(self):
        """Those not answered first, the earliest day first."""
        found = case_states.of_agency(self.agency, clock.today())
        return found.order_by("is_answered_here", "answer_by", "officer__search_name", "pk")

    def get_context_data(self, **kwargs):
        """Also the day, and how many wait."""
        today = clock.today()
        waiting = case_states.to_answer(self.agency, today)
        return super().get_context_data(today=today, waiting=waiting, **kwargs)


class CaseDocumentView(View):
    """A document of an answer, as a file to save, to those who may read it; every time is written down."""

    def get(self, request, pk: int):
        """The file, never shown inside the browser; what one may not read does not exist."""
        readable = CaseDocument.objects.live().visible_to(request.user).filter(answer__voided_at=None)
        one = get_object_or_404(readable.select_related("answer__candidacy__officer"), pk=pk)
        number = one.answer.candidacy.officer.license_number
        accesses.saw(request, number, f"Document {one.pk} of a case")
        return handed_out(request, one, name=f"case-{one.pk}", belongs_to="an answer to a notice")
