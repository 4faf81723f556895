"""Letters to print for officers who are short and not connected: of one officer, of an agency, where in the state."""

import re
from functools import cached_property

from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView, View

from clee_portal import clock
from compliance import digests, letters, selectors
from training.access import can_find_officers
from training.models import Agency, Officer
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin

YEAR = re.compile(r"[0-9]{4}")


def _pdf(made, name: str, title: str) -> HttpResponse:
    response = HttpResponse(
        letters.as_pdf(made, clock.today(), title),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
    response.how_many = len(made)  # for the record of access
    return response


class OfficerLetterView(View):
    """The letter of one officer; 404 where no hours are missing, or an account is connected. `?period=` names a year
    before, for those past its last day."""

    def get(self, request, license_number: str):
        """The file."""
        officer = get_object_or_404(Officer.objects.visible_to(request.user), license_number=license_number)
        now = clock.now()
        asked = request.GET.get("period", "")
        year = int(asked) if YEAR.fullmatch(asked) else letters.season(clock.day_of(now))
        made = letters.letters([officer.pk], year, now)
        if not made:
            raise Http404
        title = f"Hours missing for {made[0].stand.year}: {officer.full_name}"
        return _pdf(made, f"letter-{officer.license_number}", title)


class OfYearMixin:
    """Letters of the year asked about; `?period=` names one past its last day. Any other year is 404."""

    @cached_property
    def years(self) -> list[int]:
        """The years there are letters of."""
        return letters.years(clock.today())

    @cached_property
    def year(self) -> int:
        """The year of the letters."""
        asked = self.request.GET.get("period", "")
        if not asked:
            return self.years[0]
        if not YEAR.fullmatch(asked) or int(asked) not in self.years:
            raise Http404
        return int(asked)


class AgencyLettersMixin(OfYearMixin, AgencyMixin):
    """The letters of an agency's officers."""

    def letters(self) -> list[letters.Letter]:
        """Of those commissioned at the agency today who are short and not connected."""
        now = clock.now()
        day = clock.day_of(now)
        here = Officer.objects.commissioned_at(self.agency, day).values_list("pk", flat=True)
        return letters.letters(list(here), self.year, now)


class AgencyLettersView(AgencyLettersMixin, TemplateView):
    """Who is short and gets no mail, with the letter of each and all of them as one file."""

    template_name = "compliance/agency_letters.html"

    def get_context_data(self, **kwargs):
        """The letters."""
        made = self.letters()
        return super().get_context_data(letters=made, year=self.year, years=self.years, **kwargs)


class AgencyLettersPdfView(AgencyLettersMixin, View):
    """All letters of an agency as one PDF, each on a page of its own; 404 where there is none."""

    def get(self, request, *args, **kwargs):
        """The file."""
        if not (made := self.letters()):
            raise Http404
        return _pdf(made, f"letters-{self.agency.code}-{self.year}", f"Hours missing for {self.year}: {self.agency}")


class StateLettersView(OfYearMixin, UserPassesTestMixin, TemplateView):
    """At which agencies somebody is short and not connected."""

    template_name = "compliance/letters_of_state.html"
    raise_exception = True

    def test_func(self) -> bool:
        """For the state's people."""
        return can_find_officers(self.request.user)

    def rows(self) -> list[tuple[Agency, digests.Digest]]:
        """Agencies, each with who is short there."""
        asked = selectors.questions(clock.now(), [self.year])[self.year]
        told = {pk: one for pk, one in digests.agencies_with_somebody_short(asked).items() if one.short_unconnected}
        return [(agency, told[agency.pk]) for agency in Agency.objects.filter(pk__in=told)]

    def get_context_data(self, **kwargs):
        """Agencies with how many letters there are to print."""
        rows = self.rows()
        return super().get_context_data(
            year=self.year,
            years=self.years,
            rows=rows,
            letters=sum(one.short_unconnected for _, one in rows),
            **kwargs,
        )


class StateLettersFileView(FileMixin, StateLettersView):
    """The same as a file."""

    header = ("Code", "Agency", "Officers", "Not connected", "Of them short")

    def file_name(self) -> str:
        """Of which year."""
        return f"letters-{self.year}"

    def file_rows(self) -> list[tuple]:
        """A row for each agency."""
        return [
            (one.code, one.name, told.officers, told.unconnected, told.short_unconnected) for one, told in self.rows()
        ]


class AgencyLettersFileView(FileMixin, AgencyLettersMixin, View):
    """Who of an agency is short and gets no mail, as a file."""

    header = ("License number", "Name", "Standing", "Missing")

    def file_name(self) -> str:
        """Whose, and of which year."""
        return f"letters-{self.agency.code}-{self.year}"

    def file_rows(self) -> list[tuple]:
        """A row for each officer."""
        return [
            (
                one.officer.license_number,
                one.officer.sorted_name,
                one.stand.chip.label,
                "; ".join(f"{missing.name}: {missing.missing}" for missing in one.stand.missing),
            )
            for one in self.letters()
        ]
