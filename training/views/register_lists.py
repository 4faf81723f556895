"""Lists of the register: licenses near their end, and the sources recognized in a period."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView

from clee_portal import clock
from clee_portal.paging import PagesMixin
from training import access, expiring
from training.forms import register as forms
from training.models import RecognizedSource
from training.services import sources
from training.views.listing import FileMixin
from training.views.register import ChangeView, SeesRegisterMixin


class ExpiringListView(SeesRegisterMixin, PagesMixin, ListView):
    """Licenses whose five years without a commission end soon, or have ended."""

    template_name = "training/register_expiring.html"
    paginate_by = 50

    def get_queryset(self):
        """The soonest first."""
        asked = self.request.GET.get("months", "")
        self.months = int(asked) if asked in map(str, expiring.AHEAD) else expiring.USUAL
        self.today = clock.today()
        return expiring.found(self.request.user, self.today, self.months)

    def get_context_data(self, **kwargs):
        """How many are over already, how far ahead it looks."""
        return super().get_context_data(
            months=self.months,
            choices=expiring.AHEAD,
            over=sum(one.ends_on < self.today for one in self.object_list),
            today=self.today,
            may_keep=access.can_keep_register(self.request.user),
            **kwargs,
        )


class ExpiringFileView(FileMixin, ExpiringListView):
    """The same as CSV or XLSX."""

    header = ("License number", "Name", "Status", "Last agency", "Last day there", "Five years end on")

    def file_name(self) -> str:
        """As of today."""
        return f"expiring-licenses-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (one.officer.license_number, one.officer.sorted_name, one.status, one.agency, one.last_on, one.ends_on)
            for one in self.get_queryset()
        ]


class SourceListView(SeesRegisterMixin, ListView):
    """The Director's list of recognized sources, as it is for one period."""

    template_name = "training/register_sources.html"

    def get_queryset(self):
        """Of the period that is asked for."""
        this_year = clock.today().year
        asked = self.request.GET.get("period", "")
        self.year = int(asked) if asked.isdecimal() and 2015 <= int(asked) <= this_year + 1 else this_year
        return RecognizedSource.objects.live().in_year(self.year).order_by("kind", "search_name")

    def get_context_data(self, **kwargs):
        """The periods too."""
        this_year = clock.today().year
        return super().get_context_data(
            year=self.year,
            years=range(this_year + 1, 2014, -1),
            this_year=this_year,
            may_keep=access.can_keep_register(self.request.user),
            **kwargs,
        )


class SourceListFileView(FileMixin, SourceListView):
    """The same as CSV or XLSX."""

    header = ("Source", "Kind", "First period", "Last period", "Decided on", "Conditions")

    def file_name(self) -> str:
        """Of which period."""
        return f"recognized-sources-{self.year}"

    def get(self, request, *args, **kwargs):
        """The period first."""
        self.rows = list(self.get_queryset())
        return super().get(request, *args, **kwargs)

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [
            (one.name, one.get_kind_display(), one.first_year, one.last_year, one.decided_on, one.conditions)
            for one in self.rows
        ]


class _SourceChangeView(ChangeView):
    """A change of the list."""

    def crumbs(self) -> list[tuple[str, str]]:
        """The list."""
        return [("Recognized sources", reverse("training:source_list"))]

    def found(self) -> RecognizedSource:
        """One that stands on it."""
        if not access.can_see_register(self.request.user):
            raise Http404
        # What was changed since the page was made is told to whoever sends it.
        found = RecognizedSource.objects.all() if self.request.method == "POST" else RecognizedSource.objects.live()
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @property
    def eyebrow(self) -> str:
        """Which."""
        one = self.object
        return f"{one}, from {one.first_year}{f' to {one.last_year}' if one.last_year else ' on'}" if one else ""


class SourceAddView(_SourceChangeView):
    """Put a source on the list."""

    form_class = forms.RecognizedSourceForm
    heading = "Put a source on the list."
    intro = (
        "The Director settles before each period whose courses are recognized (11 CSR 75-15.050). A source stays on "
        "the list until a last period is given."
    )
    button = "Put it on the list"

    def found(self):
        """None yet."""
        return None

    def before(self) -> dict:
        """The next period."""
        return {"first_year": clock.today().year + 1}

    def act(self, form):
        """Add it."""
        made = sources.add(by=self.request.user, today=self.today, **form.cleaned_data)
        return f"{made} is recognized from {made.first_year}{f' to {made.last_year}' if made.last_year else ' on'}."


class SourceEndView(_SourceChangeView):
    """Take a source off after a period, or prolong it."""

    form_class = forms.SourceEndForm
    heading = "After which period does it leave the list?"
    intro = "Training of that period and those before stays recognized."
    button = "Save the last period"

    def before(self) -> dict:
        """This period."""
        return {"last_year": self.object.last_year or self.today.year}

    def act(self, form):
        """Take it off."""
        made = sources.end(by=self.request.user, recognized=self.object, **form.cleaned_data)
        return f"{made} is recognized until {made.last_year}."


class SourceVoidView(_SourceChangeView):
    """Take back an entry that never belonged there."""

    form_class = forms.SourceForm
    heading = "Take this entry back?"
    intro = "As if it had never been decided. To end it after a period, give its last one instead."
    button = "Take it back"
    is_grave = True

    def act(self, form):
        """Take it back."""
        sources.void(by=self.request.user, recognized=self.object, **form.cleaned_data)
        return f"{self.object}: taken back."
