"""Finding an officer in the register."""

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.generic import View

from clee_portal import clock
from training import access, selectors
from training.forms.officer_search import OfficerSearchForm
from training.views.listing import FileMixin

A_PAGE = 50


def found(q: str, agency: str):
    """The officers who are like what was typed; where nobody is, those who are a little less alike.

    Inside a transaction, as `selectors.find_officers` asks.
    """
    those = selectors.find_officers(q, agency, clock.today())
    return those if those.exists() else selectors.find_officers(q, agency, clock.today(), selectors.LESS_ALIKE)


class OfficerFindView(UserPassesTestMixin, View):
    """By license number, name (accents and typos forgiven) or agency; a full number goes straight to the officer."""

    raise_exception = True

    def test_func(self) -> bool:
        """The whole register is for the state's people."""
        return access.can_find_officers(self.request.user)

    @transaction.atomic
    def get(self, request):
        """The search, and what it found."""
        form = OfficerSearchForm(request.GET or None)
        context = {"form": form, "page": None, "may_keep": access.can_keep_register(request.user)}
        if form.is_valid() and (form.cleaned_data["q"] or form.cleaned_data["agency"]):
            q, agency = form.cleaned_data["q"].strip(), form.cleaned_data["agency"].strip()
            number = q.upper().lstrip("#")
            if q and not agency and number in selectors.by_license_number([number]):
                return redirect("compliance:officer_standing", license_number=number)
            pages = Paginator(found(q, agency), A_PAGE)
            context |= {"page": pages.get_page(request.GET.get("page")), "q": q, "agency": agency}
            # The rows are read here, while the likeness asked for still holds.
            context["officers"] = list(context["page"])
        return render(request, "training/officer_find.html", context)


class OfficerFindFileView(FileMixin, OfficerFindView):
    """What a search found, as CSV or XLSX."""

    header = ("License number", "Former numbers", "Last name", "First name", "Middle name", "Suffix", "Class",
              "Agencies today")  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"officers-found-{clock.today():%Y-%m-%d}"

    @transaction.atomic
    def file_rows(self) -> list[tuple]:
        """A row for each officer; none where nothing was looked for."""
        form = OfficerSearchForm(self.request.GET)
        if not form.is_valid() or not (form.cleaned_data["q"] or form.cleaned_data["agency"]):
            return []
        return [
            (
                one.license_number, "; ".join(number.license_number for number in one.numbers_before), one.last_name,
                one.first_name, one.middle_name, one.suffix, str(one.license_class or ""),
                "; ".join(str(commission.agency) for commission in one.commissions_today),
            )
            for one in found(form.cleaned_data["q"].strip(), form.cleaned_data["agency"].strip())
        ]  # fmt: skip
