"""An officer two agencies claim: one asks, the other answers, POST sees and settles; and the notices POST was given."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.db.models.functions import Greatest
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, claims, notices, roster
from training.forms.commissions import AnswerForm, AskForm
from training.models import Agency, Commission, CommissionQuestion
from training.services import commissions
from training.views.commission_pages import open_to
from training.views.listing import FileMixin
from training.views.one_form import OneFormView

A_PAGE = 50


class _ActView(View):
    """A button on the page of a commission: does one thing and comes back to it."""

    right = staticmethod(access.can_keep_roster)

    def post(self, request, pk: int):
        """Do it; what is refused is said on the page."""
        self.object, self.today = open_to(request.user, pk), clock.today()
        if not self.right(request.user, self.object.agency):
            raise PermissionDenied
        try:
            messages.success(request, self.act())
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:commission_detail", pk=pk)


class CommissionAskView(_ActView):
    """Ask the other agency whether the officer is still there."""

    def act(self) -> str:
        """Ask it."""
        form = AskForm(self.request.POST)
        others = Commission.objects.filter(officer=self.object.officer_id).exclude(agency=self.object.agency_id)
        about = others.filter(pk=form.cleaned_data["about"]).first() if form.is_valid() else None
        if about is None:
            raise Refused("Say about which other commission you ask.")
        commissions.ask(
            by=self.request.user,
            commission=self.object,
            about=about,
            note=form.cleaned_data["note"],
            today=self.today,
        )
        return f"{about.agency} was asked. It sees the question on its roster; the answer is shown here."


class CommissionSettleView(_ActView):
    """POST settles that each commission of the officer is right."""

    right = staticmethod(lambda user, agency: access.can_settle_claims(user))

    def act(self) -> str:
        """Settle it."""
        commissions.settle(by=self.request.user, commission=self.object, today=self.today)
        return f"Settled: {self.object.officer} holds each of these commissions."


class QuestionAnswerView(OneFormView):
    """What another agency asks: answered with one button, or by ending the commission."""

    template_name = "training/commission_answer.html"
    form_class = AnswerForm

    def setup(self, request, *args, **kwargs):
        """The question, among those put to agencies open to the person."""
        super().setup(request, *args, **kwargs)
        found = CommissionQuestion.objects.filter(commission__agency__in=Agency.objects.visible_to(request.user))
        found = found.select_related("commission__officer", "commission__agency", "asked_by_agency")
        self.object = get_object_or_404(found, pk=kwargs["pk"])

    def dispatch(self, request, *args, **kwargs):
        """Only those who keep the roster."""
        if not access.can_keep_roster(request.user, self.object.commission.agency):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also the question."""
        held = self.object.commission
        return super().get_context_data(question=self.object, held=held, agency=held.agency, **kwargs)

    def act(self, form):
        """Still here."""
        commissions.still_here(by=self.request.user, question=self.object, today=self.today)
        return redirect("training:question_answer", pk=self.object.pk)


class _StateMixin(UserPassesTestMixin):
    """For POST and the Director."""

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_claims(self.request.user)


class _ClaimsMixin(_StateMixin):
    """Officers whom two agencies claim and of whom not both have said that it is right."""

    def get_queryset(self):
        """Their commissions, by officer."""
        self.today = clock.today()
        found = claims.claimed_twice(self.today).select_related("officer", "agency")
        return found.order_by("officer__search_name", "officer__license_number", "started_on", "pk")

    @staticmethod
    def with_questions(shown) -> list[tuple[Commission, list[CommissionQuestion]]]:
        """Each commission with what was asked of it and is not answered."""
        shown, open_ones = list(shown), {}
        asked = CommissionQuestion.objects.filter(commission__in=[one.pk for one in shown], answered_at=None)
        for one in asked.select_related("asked_by_agency").order_by("asked_at", "pk"):
            open_ones.setdefault(one.commission_id, []).append(one)
        return [(one, open_ones.get(one.pk, [])) for one in shown]


class ClaimListView(_ClaimsMixin, PagesMixin, ListView):
    """Officers claimed twice, and the agencies that have not confirmed their roster this year."""

    template_name = "training/commission_claims.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """With what was asked, and the agencies."""
        context = super().get_context_data(**kwargs)
        unconfirmed = roster.unconfirmed(self.today.year, self.today)
        return context | {
            "rows": self.with_questions(context["object_list"]),
            "people": claims.claimed_twice(self.today).values("officer").distinct().count(),
            "may_settle": access.can_settle_claims(self.request.user),
            "unconfirmed": list(unconfirmed[:A_PAGE]),
            "unconfirmed_in_all": unconfirmed.count(),
            "year": self.today.year,
        }


class ClaimFileView(_ClaimsMixin, FileMixin, View):
    """Officers claimed twice, as CSV or XLSX."""

    header = (
        "License number", "Last name", "First name", "Agency", "First day", "Rank", "Reserve", "Confirmed on",
        "Asked by", "Asked on",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"claimed-twice-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each commission."""
        return [
            (
                one.officer.license_number, one.officer.last_name, one.officer.first_name, one.agency.name,
                one.started_on, one.rank, one.is_reserve, one.held_elsewhere_confirmed_on,
                "; ".join(question.asked_by_agency.name for question in asked), asked[0].asked_at if asked else None,
            )
            for one, asked in self.with_questions(self.get_queryset())
        ]  # fmt: skip


class UnconfirmedFileView(_StateMixin, FileMixin, View):
    """The agencies that have not confirmed their roster this year, with how to reach them, as CSV or XLSX."""

    header = ("Code", "Agency", "City", "County", "Phone", "E-mail", "Officers", "Confirmed last for")

    def file_name(self) -> str:
        """Of this year, as of today."""
        return f"rosters-not-confirmed-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each agency."""
        today = clock.today()
        return [
            (one.code, one.name, one.city, one.county, one.phone, one.email, one.officers, one.confirmed_for)
            for one in roster.unconfirmed(today.year, today)
        ]


class _NoticesMixin(_StateMixin):
    """Commissions of which POST was given a notice that was late, or any."""

    def get_queryset(self):
        """Newest notice first."""
        self.everything = self.request.GET.get("show") == "all"
        self.words = self.request.GET.get("agency", "").replace("\0", "").strip()
        found = Commission.objects.filter(notices.told() if self.everything else notices.late())
        if self.words:
            found = found.filter(Q(agency__code=self.words.lower()) | Q(agency__name__icontains=self.words))
        newest = Greatest("started_reported_on", "ended_reported_on")
        return found.select_related("officer", "agency").order_by(newest.desc(nulls_last=True), "-pk")

    def with_notices(self, shown) -> list[tuple[Commission, notices.Notice]]:
        """Each notice with its commission."""
        return [(one, told) for one in shown for told in notices.of(one) if self.everything or told.is_late]


class NoticeListView(_NoticesMixin, PagesMixin, ListView):
    """The notices of commissions POST was given: the late ones, or all."""

    template_name = "training/commission_notices.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """Each with its notices."""
        context = super().get_context_data(**kwargs)
        rows = self.with_notices(context["object_list"])
        return context | {"rows": rows, "everything": self.everything, "words": self.words, "days": notices.DAYS}


class NoticeFileView(_NoticesMixin, FileMixin, View):
    """The notices as CSV or XLSX."""

    header = ("License number", "Last name", "First name", "Agency", "What", "Day", "Told on", "Days after", "Late")

    def file_name(self) -> str:
        """As of today."""
        return f"notices-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each notice."""
        return [
            (
                one.officer.license_number, one.officer.last_name, one.officer.first_name, one.agency.name,
                told.what, told.day, told.told_on, told.days, told.is_late,
            )
            for one, told in self.with_notices(self.get_queryset())
        ]  # fmt: skip
