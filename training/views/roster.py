"""The roster of an agency: who is and was commissioned there; adding an officer; the yearly confirmation."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from training import access, claims, licensing, notices, roster, selectors
from training.forms.commissions import AddForm, ConfirmForm, RosterSearchForm, officer_of
from training.models import Commission
from training.services import commissions
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin, OneFormView

A_PAGE = 50
FEW = 12


class _RosterMixin(AgencyMixin):
    """The commissions of an agency as they are asked for: search words, and who is shown."""

    def get_queryset(self):
        """Commissions as they are asked for."""
        self.today = clock.today()
        form = RosterSearchForm(self.request.GET)
        form.is_valid()  # what cannot be read is not asked for
        self.words, self.which = form.cleaned_data.get("q", ""), form.cleaned_data.get("show") or roster.NOW
        return roster.commissions(self.agency, self.today, which=self.which, words=self.words)


class RosterView(_RosterMixin, PagesMixin, ListView):
    """Everyone commissioned at an agency, or who was, with search; what waits for an answer stands above."""

    template_name = "training/roster.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """Rows with where else the officer is commissioned and the notices given, and what waits."""
        context = super().get_context_data(**kwargs)
        shown = list(context["object_list"])
        elsewhere = claims.elsewhere(shown, self.today)
        here = Commission.objects.in_force(self.today).filter(agency=self.agency)
        claimed = claims.claimed_twice(self.today).filter(agency=self.agency).select_related("officer")
        claimed = claimed.order_by("officer__search_name", "officer__license_number", "pk")
        licenses = _licenses(shown, self.today)
        return context | {
            "rows": [(one, elsewhere.get(one.pk, []), _late(one), licenses.get(one.pk)) for one in shown],
            "size": here.count(),
            "words": self.words,
            "which": self.which,
            "choices": RosterSearchForm.WHICH,
            "questions": list(claims.questions_to(self.agency)),
            "claimed": list(claimed[:FEW]),
            "claimed_in_all": claimed.count(),
            "confirmation": roster.confirmation(self.agency, self.today.year),
            "today": self.today,
            "year": self.today.year,
        }


def _licenses(shown: list[Commission], today) -> dict[int, licensing.LicenseState]:
    """The id of a commission in force -> the license, where it may hold no commission today (11 CSR 75-15.080)."""
    here = [one for one in shown if claims.is_in_force(one, today)]
    states = licensing.states_of([one.officer_id for one in here], today, clock.END_OF_TIME)
    return {one.pk: states[one.officer_id] for one in here if not states[one.officer_id].may_hold_commission}


def _late(commission: Commission):
    return next((one for one in notices.of(commission) if one.is_late), None)


class RosterFileView(_RosterMixin, FileMixin, View):
    """The roster as it is shown, every page of it, as CSV or XLSX."""

    header = (
        "License number", "Last name", "Suffix", "First name", "Middle name", "Rank", "Reserve", "First day",
        "Last day", "Why it ended", "POST told of the beginning", "POST told of the end", "Also commissioned at",
        "License today",
    )  # fmt: skip

    def file_name(self) -> str:
        """Whose roster, and of which day."""
        return f"roster-{self.agency.code}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each commission."""
        rows = list(self.get_queryset())
        elsewhere = claims.elsewhere(rows, self.today)
        licenses = licensing.states_of([one.officer_id for one in rows], self.today, clock.END_OF_TIME)
        return [
            (
                one.officer.license_number, one.officer.last_name, one.officer.suffix, one.officer.first_name,
                one.officer.middle_name, one.rank, one.is_reserve, one.started_on, one.ended_on, one.end_reason,
                one.started_reported_on, one.ended_reported_on,
                "; ".join(other.agency.name for other in elsewhere.get(one.pk, [])),
                str(licenses[one.officer_id].status) if claims.is_in_force(one, self.today) else "",
            )
            for one in rows
        ]  # fmt: skip


class RosterAddView(AgencyMixin, OneFormView):
    """Add an officer: first the full license number, then, with the name and agency shown, the commission."""

    template_name = "training/roster_add.html"
    form_class = AddForm
    right = staticmethod(access.can_keep_roster)

    def get_context_data(self, **kwargs):
        """Whom the number names, and whether the license may hold a commission today."""
        form = kwargs.get("form") or self.get_form()
        asked = self.request.POST.get("number") or form.initial.get("number") or self.request.GET.get("number", "")
        form.initial.setdefault("number", asked)
        officer = officer_of(asked)
        context = {"asked": asked, "officer": officer, "days": notices.DAYS}
        if officer:
            state = licensing.state_on(licensing.events_of(officer, clock.END_OF_TIME), self.today)
            context["agencies"] = selectors.agencies_today([officer.pk], self.today).get(officer.pk, [])
            context["may_hold"] = state.may_hold_commission
            here = Commission.objects.in_force(self.today).filter(agency=self.agency, officer=officer)
            context["already"] = here.first()
        return super().get_context_data(**{**kwargs, **context, "form": form})

    def act(self, form):
        """Add the commission and show it."""
        given = form.cleaned_data
        made, _ = commissions.add(
            by=self.request.user,
            agency=self.agency,
            officer=form.officer,
            started_on=given["started_on"],
            rank=given["rank"],
            is_reserve=given["is_reserve"],
            today=self.today,
        )
        return redirect(reverse("training:commission_detail", args=[made.pk]) + "?told=began")


class RosterConfirmView(AgencyMixin, OneFormView):
    """The yearly word that the roster is right: the whole roster to read, and one button."""

    template_name = "training/roster_confirm.html"
    form_class = ConfirmForm
    right = staticmethod(access.can_keep_roster)

    def get_context_data(self, **kwargs):
        """Everyone on the roster, and the word where it was given."""
        people = list(roster.commissions(self.agency, self.today))
        return super().get_context_data(
            people=people, confirmation=roster.confirmation(self.agency, self.today.year), **kwargs
        )

    def act(self, form):
        """Confirm it; the page then says so."""
        commissions.confirm(
            by=self.request.user,
            agency=self.agency,
            year=self.today.year,
            officers=form.cleaned_data["officers"],
            today=self.today,
        )
        return redirect("training:roster_confirm", code=self.agency.code)


class RosterReminderView(AgencyMixin, View):
    """A fragment for other pages: that the roster is to be confirmed, or that somebody asks; else nothing."""

    def get(self, request, code: str):
        """The sentence, where there is one."""
        today = clock.today()
        context = {
            "agency": self.agency,
            "year": today.year,
            "may_keep": access.can_keep_roster(request.user, self.agency),
            "is_due": roster.confirmation(self.agency, today.year) is None,
            "questions": claims.questions_to(self.agency).count(),
        }
        return render(request, "training/_roster_reminder.html", context)
