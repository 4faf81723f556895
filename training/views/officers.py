"""Finding an officer in the register."""

from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.generic import View

from clee_portal import clock
from training import access, selectors
from training.forms.officer_search import OfficerSearchForm

A_PAGE = 50


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
            pages = Paginator(selectors.find_officers(q, agency, clock.today()), A_PAGE)
            if not pages.count:
                pages = Paginator(selectors.find_officers(q, agency, clock.today(), selectors.LESS_ALIKE), A_PAGE)
            context |= {"page": pages.get_page(request.GET.get("page")), "q": q, "agency": agency}
            # The rows are read here, while the likeness asked for still holds.
            context["officers"] = list(context["page"])
        return render(request, "training/officer_find.html", context)
