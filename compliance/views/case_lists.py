"""Cases of officers without a commission, a list of their own; and the lists of the March 15 process as files."""

from functools import cached_property

from django.db.models import OuterRef, Subquery

from clee_portal import clock
from compliance import case_page, case_states, reinstatements
from compliance.forms.cases import CasesForm
from compliance.views.case_director import CaseQueueView, ReinstatementListView
from compliance.views.case_party import AgencyCasesView
from compliance.views.cases import CaseListView
from training.models import Commission
from training.views.listing import FileMixin


class UncommissionedView(CaseListView):
    """Those past the last day who hold no commission today: no agency answers for them, and POST decides whether they
    are pursued at all (RSMo 590.030: such a license expires by itself after five years)."""

    template_name = "compliance/case_uncommissioned.html"

    @cached_property
    def form(self) -> CasesForm:
        """What the list is limited to; that they hold no commission is said already."""
        form = CasesForm(self.request.GET)
        del form.fields["commission"]
        return form

    def cases(self):
        """Of them those on the list, with where they served last, and until when."""
        last = Commission.objects.filter(officer=OuterRef("officer")).order_by("-ended_on", "-pk")
        found = super().cases().filter(has_commission=False, is_listed=True)
        return found.annotate(
            last_agency=Subquery(last.values("agency__name")[:1]), last_on=Subquery(last.values("ended_on")[:1])
        )


class _CasesFileMixin(FileMixin):
    """The cases shown, all of them, as a file."""

    what = "cases"
    header = (
        "License number", "Name", "Year", "Where it is", "Until", "Notice to be answered by", "Answered", "Commission",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which year, as of today."""
        year = f"{self.period.year}-" if self.period else ""
        return f"{self.what}-{year}as-of-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each case."""
        today = clock.today()
        return [self.row(one, case_states.state_of(one, today)) for one in (self.cases() if self.period else ())]

    def row(self, one, state: case_states.State) -> tuple:
        """One case."""
        return (
            one.officer.license_number, one.officer.sorted_name, one.period.year, state.stage.label, state.day,
            one.answer_by, one.is_answered, one.has_commission,
        )  # fmt: skip


class CaseListFileView(_CasesFileMixin, CaseListView):
    """Cases as a file, as the page is limited."""


class UncommissionedFileView(_CasesFileMixin, UncommissionedView):
    """Those without a commission, with where they served last."""

    what = "without-a-commission"
    header = (*_CasesFileMixin.header[:-1], "Last agency", "Until which day")

    def row(self, one, state: case_states.State) -> tuple:
        """One case."""
        return *super().row(one, state)[:-1], one.last_agency, one.last_on


class CaseQueueFileView(FileMixin, CaseQueueView):
    """What waits for the Director, as a file."""

    header = (
        "License number",
        "Name",
        "Year",
        "Agencies",
        "Missing",
        "Put forward",
        "By",
        "In spite of a likely error",
    )

    def file_name(self) -> str:
        """As of today."""
        return f"before-the-director-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each case."""
        rows = list(self.submissions())
        places = case_page.places_of({one.candidacy.officer_id for one in rows}, clock.today())
        return [
            (
                one.candidacy.officer.license_number, one.candidacy.officer.sorted_name, one.candidacy.period.year,
                "; ".join(places[one.candidacy.officer_id]), case_page.hours_missing(one), one.as_of,
                str(one.recorded_by or ""), one.override_reason,
            )
            for one in rows
        ]  # fmt: skip


class ReinstatementFileView(FileMixin, ReinstatementListView):
    """Licenses that can be reinstated, as a file."""

    header = ("License number", "Name", "Year", "Inactive since", "Decision", "Later years short")

    def file_name(self) -> str:
        """As of today."""
        return f"to-be-reinstated-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each license."""
        return [
            (
                one.officer.license_number, one.officer.sorted_name, one.year, one.since,
                one.decision.reference if one.decision else "carried over", "; ".join(one.others),
            )
            for one in reinstatements.rows(reinstatements.find().proposed, clock.today())
        ]  # fmt: skip


class AgencyCasesFileView(FileMixin, AgencyCasesView):
    """The notices about an agency's officers, as a file."""

    header = ("License number", "Name", "Year", "Served", "Answer until", "Answered by the agency")

    def file_name(self) -> str:
        """Whose, as of today."""
        return f"notices-{self.agency.code}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each notice."""
        return [
            (
                one.officer.license_number, one.officer.sorted_name, one.period.year, one.served_on, one.answer_by,
                one.is_answered_here,
            )
            for one in self.get_queryset()
        ]  # fmt: skip
