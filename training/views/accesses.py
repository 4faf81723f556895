"""The record of access, for POST: who signed in, who looked at whose record, what left as a file."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from training import access, accesses
from training.forms.accesses import AccessSearchForm
from training.views.listing import FileMixin

A_PAGE = 50
# A file of more is cut off by nobody's spreadsheet, but by their patience; the search is narrowed first.
MOST_ROWS = 50_000


class _AccessesMixin(UserPassesTestMixin):
    """Accesses as they are asked for in the address; without a first day, those of the last thirty days."""

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_accesses(self.request.user)

    def get_queryset(self):
        """The latest first; what cannot be read in the form is said there and not asked for."""
        self.today = clock.today()
        self.form = AccessSearchForm(self.request.GET)
        self.form.is_valid()
        given = self.form.cleaned_data
        self.is_usual = not given.get("since") and "since" not in self.form.errors
        since = given.get("since") or self.today - dt.timedelta(days=accesses.USUAL_DAYS)
        words = {name: given.get(name, "") for name in ("person", "officer", "kind")}
        return accesses.found(accesses.Asked(since=since, until=given.get("until"), **words))


class AccessListView(_AccessesMixin, PagesMixin, ListView):
    """The search, and what it found."""

    template_name = "training/accesses.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """Each access with the officer it is about."""
        context = super().get_context_data(**kwargs)
        rows = list(context["object_list"])
        officers = accesses.officers_of(rows)
        return context | {
            "form": self.form,
            "is_usual": self.is_usual,
            "days": accesses.USUAL_DAYS,
            "is_asked": any(self.request.GET.get(name) for name in self.form.fields),
            "rows": [(row, officers.get(row.license_number)) for row in rows],
        }


class AccessFileView(_AccessesMixin, FileMixin, View):
    """What was found as CSV or XLSX; taking it is itself recorded, with what it was limited to."""

    header = (
        "When",
        "What",
        "Account",
        "Name",
        "Acting as",
        "License number",
        "Details",
        "Limited to",
        "Rows",
        "Address",
    )

    def get(self, request, *args, **kwargs):
        """The file; of too much, back to the search."""
        self.rows = self.get_queryset()
        if self.rows.count() > MOST_ROWS:
            messages.error(
                request, f"That is more than {MOST_ROWS:,} rows. Choose fewer days, a person or a kind, and try again."
            )
            return redirect(f"{reverse('training:accesses')}?{request.GET.urlencode()}")
        return super().get(request, *args, **kwargs)

    def file_name(self) -> str:
        """As of today."""
        return f"record-of-access-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each access."""
        return [
            (
                one.at, one.get_kind_display(), one.by.email if one.by else None, one.by.name if one.by else None,
                one.acting_as, one.license_number, one.what, one.filters, one.rows, one.address,
            )
            for one in self.rows
        ]  # fmt: skip
