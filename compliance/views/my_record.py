"""The officer's own record: every class of every period, its certificate, and what was reported about it."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.views.generic import ListView

from clee_portal import clock
from clee_portal.history.models import Access
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from compliance import access, my_data, record, record_reports
from compliance.models import RecordReport
from training import accesses
from training.models import Certificate, Officer, TrainingRecord
from training.services import certificates
from training.views.listing import FileMixin

A_PAGE = 50
# So many reports stand on the page, the open ones first.
MOST_REPORTS = 20


class MyRecordView(PagesMixin, ListView):
    """Every entry of one's record, the latest period first, with what it counts; a certificate by one click."""

    template_name = "compliance/my_record.html"
    paginate_by = A_PAGE

    @cached_property
    def own(self) -> list[Officer]:
        """The licenses the account is connected to."""
        return access.own_licenses(self.request.user)

    @cached_property
    def officer(self) -> Officer | None:
        """The license shown: the first, or the one asked for among one's own; None without any."""
        wanted = self.request.GET.get("license", "")
        return next((one for one in self.own if one.license_number == wanted), self.own[0] if self.own else None)

    def get_queryset(self):
        """All of it, those taken back too: the ids."""
        return record.keys(self.officer) if self.officer else []

    def paginate_queryset(self, queryset, page_size):
        """The page's entries with their facts."""
        paginator, page, _, is_paginated = super().paginate_queryset(queryset, page_size)
        page.object_list = record.entries(page.object_list)
        return paginator, page, page.object_list, is_paginated

    def get(self, request, *args, **kwargs):
        """The page; an account without a license is told how to get it connected."""
        if self.officer is None:
            return render(request, "compliance/no_license.html")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The entries by period, the totals of each, and the reports."""
        context = super().get_context_data(**kwargs)
        years = record.years(self.officer)
        rows = record.rows(self.officer, context["object_list"])
        reports = RecordReport.objects.filter(officer=self.officer).with_names()
        reports = reports.order_by("settled_at", "-reported_at", "-pk")[: MOST_REPORTS + 1]
        shown = [(one, record_reports.chip(one), record_reports.headline(one)) for one in reports]
        return context | {
            "officer": self.officer,
            "own_licenses": self.own if len(self.own) > 1 else [],
            "years": [
                (year, years[year], list(found)) for year, found in groupby(rows, lambda row: row.one.credited_year)
            ],
            "periods": len(years),
            "entries": sum(year.entries for year in years.values()),
            "this_year": clock.today().year,
            "now": years.get(clock.today().year),
            "reports": shown[:MOST_REPORTS],
            "more_reports": len(shown) > MOST_REPORTS,
        }

    def post(self, request, *args, **kwargs):
        """The certificate of one class, given where there is none yet, and on to it."""
        given = request.POST.get("certificate", "")
        if not given:
            return self.get(request, *args, **kwargs)
        found = TrainingRecord.objects.live().filter(officer__in=self.own, pk=given if is_number(given) else 0)
        one = get_object_or_404(found.select_related("training_class__course__provider", "training_class__replaces"))
        try:
            certificates.give(by=request.user, training_class=one.training_class, records=[one])
        except Refused as refusal:
            messages.error(request, refusal.message)
            return redirect("compliance:my_record")
        made = Certificate.objects.get(officer=one.officer_id, first_class=certificates.first_of(one.training_class))
        return redirect("training:certificate_pdf", made.code)


class MyRecordFileView(FileMixin, MyRecordView):
    """The same as a file, all of it."""

    header = my_data.RECORD

    def file_name(self) -> str:
        """Whose, as of today."""
        number = f"-{self.officer.license_number}" if self.officer else ""
        return f"my-record{number}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each entry."""
        return my_data.record_rows(self.officer) if self.officer else []


class WhoLookedView(MyRecordView):
    """Who looked at one's record: when, in which capacity, at what."""

    template_name = "compliance/who_looked.html"
    http_method_names = ("get", "head", "options")

    def get_queryset(self):
        """The latest first; one's own looks are not kept."""
        return accesses.accesses_of(self.officer) if self.officer else Access.objects.none()

    def paginate_queryset(self, queryset, page_size):
        """The page's looks."""
        return PagesMixin.paginate_queryset(self, queryset, page_size)

    def get_context_data(self, **kwargs):
        """The looks."""
        context = ListView.get_context_data(self, **kwargs)
        return context | {"officer": self.officer, "own_licenses": self.own if len(self.own) > 1 else []}


class MyDataView(MyRecordView):
    """Everything the portal keeps of the officer, as one download."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """The ZIP; that it was taken goes into the record of access."""
        if self.officer is None:
            return render(request, "compliance/no_license.html")
        content, rows = my_data.as_zip(self.officer, request.user)
        response = HttpResponse(content, content_type="application/zip")
        name = f"my-data-{self.officer.license_number}-{clock.today():%Y-%m-%d}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response.how_many = rows
        return response
