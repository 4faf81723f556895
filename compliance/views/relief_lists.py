"""Requests for relief in lists: POST's queue, and those of an agency's officers."""

from urllib.parse import urlencode

from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import Case, Q, When
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import ListView

from clee_portal import clock
from clee_portal.paging import PagesMixin, QueueMixin
from compliance import access, relief
from compliance.forms.relief import QueueForm
from compliance.models import ReliefRequest
from compliance.relief import State
from training.models import Officer
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin

A_PAGE = 25


class Row:
    """A request in a list: what became of it, and what of it the person is told."""

    def __init__(self, one: ReliefRequest, user):
        self.one, self.chip = one, relief.chip(one)
        self.may_read_leave = access.can_see_leave(user, one)
        self.days = (clock.today() - one.requested_on).days


class QueueView(UserPassesTestMixin, QueueMixin, ListView):
    """What waits for POST's decision, the oldest first; the address holds what it is limited to."""

    template_name = "compliance/relief_queue.html"
    paginate_by = A_PAGE
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_relief_queue(self.request.user)

    def get_queryset(self):
        """The requests that are asked for; what cannot be read in the form is said there and not asked for."""
        self.form = QueueForm(self.request.GET, label_suffix="")
        self.form.is_valid()
        given = self.form.cleaned_data
        found = relief.known(relief.as_of_all()).visible_to(self.request.user)
        found = _in_state(found, given.get("state", ""))
        for field in ("kind", "reason"):
            if given.get(field):
                found = found.filter(**{field: given[field]})
        if given.get("year"):
            found = found.filter(period__year=given["year"])
        if given.get("repeated"):
            found = found.filter(is_repeated=True)
        if words := given.get("officer", "").split():
            named = Q()
            for word in words:
                named &= Q(officer__search_name__icontains=word) | Q(officer__license_number__iexact=word)
            found = found.filter(named)
        if given.get("state", "") in ("", State.ASKED):
            return relief.undecided(found)
        return found.order_by("-requested_on", "-recorded_at", "-pk")

    def item_url(self, item) -> str:
        """The request with what can be decided."""
        return reverse("compliance:relief_request", args=[item.reference])

    def rows(self, requests) -> list[Row]:
        """Each request with its chip."""
        return [Row(one, self.request.user) for one in requests]

    def get_context_data(self, **kwargs):
        """The rows, how many wait in all, and the address a request's page leads back to."""
        context = super().get_context_data(**kwargs)
        given = {name: value for name, value in self.request.GET.items() if value and name in self.form.fields}
        return context | {
            "form": self.form,
            "rows": self.rows(context["object_list"]),
            "waiting": relief.waiting_count(),
            "is_limited": bool(given),
            "shown": self.form.cleaned_data.get("state", ""),
            "query": urlencode(given),
        }


def _in_state(found, state: str):
    if state in ("", "all"):
        return found if state else found.filter(latest=None)
    if state == State.ASKED:
        return found.filter(latest=None, is_asked=True)
    return found.filter(latest=state)


class QueueFileView(FileMixin, QueueView):
    """The queue as a file, as it is limited."""

    header = (
        "Reference", "License number", "Name", "Year", "Asked for", "Leave", "First day", "Last day", "Requested on",
        "Asked by", "Agency", "Repeated", "State", "Last day to show",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"extensions-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each request."""
        return [
            (
                one.reference, one.officer.license_number, one.officer.sorted_name, one.period.year,
                one.get_kind_display(), one.get_reason_display(), one.leave_from, one.leave_to, one.requested_on,
                one.get_asked_by_display(), one.agency.name if one.agency else None, one.is_repeated,
                relief.state_of(one).label, one.latest_due_on,
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class AgencyReliefView(AgencyMixin, PagesMixin, ListView):
    """The requests for an agency's officers, the undecided first; those the officers made themselves without the
    leave (rulebook 8)."""

    template_name = "compliance/relief_agency.html"
    paginate_by = A_PAGE

    def get(self, request, *args, **kwargs):
        """The list; with an officer chosen (`?for=`), on to asking for them."""
        if number := request.GET.get("for", "").strip():
            if "/" in number:  # of no license, and no address leads there
                raise Http404
            return redirect("compliance:relief_ask", number)
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        """Of the officers commissioned there today."""
        here = Officer.objects.commissioned_at(self.agency, clock.today()).order_by().values("pk")
        found = relief.known(relief.as_of_all()).visible_to(self.request.user).filter(officer__in=here)
        is_decided = Case(When(latest=None, then=0), default=1)
        return found.order_by(is_decided, "-requested_on", "-pk")

    def get_context_data(self, **kwargs):
        """The rows, and whom one may ask for."""
        context = super().get_context_data(**kwargs)
        user = self.request.user
        may_ask = access.can_ask_relief(user, self.agency)
        officers = Officer.objects.commissioned_at(self.agency, clock.today()).order_by("search_name", "pk")
        return context | {
            "rows": [Row(one, user) for one in context["object_list"]],
            "undecided": self.get_queryset().filter(latest=None).count(),
            "officers": list(officers) if may_ask else [],
            "may_ask": may_ask,
        }


class AgencyReliefFileView(FileMixin, AgencyReliefView):
    """The same as a file; the leave of those the person may read it of."""

    header = (
        "Reference", "License number", "Name", "Year", "Asked for", "Leave", "Requested on", "State",
        "Last day to show",
    )  # fmt: skip

    def file_name(self) -> str:
        """Whose, as of today."""
        return f"extensions-{self.agency.code}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each request."""
        return [
            (
                one.reference, one.officer.license_number, one.officer.sorted_name, one.period.year,
                one.get_kind_display(),
                one.get_reason_display() if access.can_see_leave(self.request.user, one) else "",
                one.requested_on, relief.state_of(one).label, one.latest_due_on if one.latest == "granted" else None,
            )
            for one in self.get_queryset()
        ]  # fmt: skip
