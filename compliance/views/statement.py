"""The compliance statement of an agency: a page to read and print, a PDF, and a table."""

import datetime as dt

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from compliance import statement
from compliance.statement import Statement, Whom
from compliance.views.overview import OverviewMixin
from training.models import Officer
from training.models.officers import OfficerQuerySet
from training.tables import file_response


class StatementMixin(OverviewMixin):
    """The statement of the day asked about."""

    def of_the_day(self) -> OfficerQuerySet:
        """Everybody commissioned at the agency on the day it speaks of, by the roster as it is known today."""
        return Officer.objects.commissioned_at(self.agency, self.asked.day)

    def officers(self) -> OfficerQuerySet:
        """Those of them whose record the person may see today: an agency's people see who is still there."""
        return self.of_the_day().visible_to(self.request.user)

    def whom(self) -> Whom:
        """Who is judged, who has left since, and who is named only."""
        today = self.asked.today
        gone = self.of_the_day().exclude(pk__in=Officer.ids_at_agencies([self.agency.pk], today))
        ends = gone.filter(commissions__agency=self.agency).annotate(left_on=Max("commissions__ended_on"))
        judged = {row.pk for row in self.rows}
        people = list(ends)
        return Whom(
            rows=self.rows,
            left={one.pk: one.left_on for one in people},
            unseen=[one for one in people if one.pk not in judged],
        )

    def statement(self) -> Statement:
        """Everything it says."""
        self.read()
        today, day, whom = self.asked.today, self.asked.day, self.whom()
        user = self.request.user
        return Statement(
            agency=str(self.agency),
            period=self.asked.year,
            day=day,
            headline=statement.headline(whom, day, today),
            whom=statement.whom_words(whom, day, today),
            counts=statement.counts(whom.rows, len(whom.unseen)),
            lines=statement.lines(self.question.requirements, whom),
            made_on=today,
            made_by=user.name or user.email,
        )


class StatementView(StatementMixin, TemplateView):
    """The page. Without a day it is the usual one."""

    template_name = "compliance/statement.html"

    def get(self, request, *args, **kwargs):
        """The page of a day; in the weeks of affirmation December 31 is asked about."""
        usual = statement.usual_day(self.asked.today)
        if not request.GET and usual != self.asked.today:
            url = reverse("compliance:statement", args=[self.agency.code])
            return redirect(f"{url}?period={usual.year}&as_of={usual.isoformat()}")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The statement and the days one may ask about."""
        made = self.statement()
        today = self.asked.today
        last = dt.date(today.year - 1, 12, 31)
        return super().get_context_data(
            agency=self.agency,
            asked=self.asked,
            period=self.question.period,
            made=made,
            address=self.address(),
            last=last,
            last_address=f"?period={last.year}&as_of={last.isoformat()}",
            **kwargs,
        )


class StatementPdfView(StatementMixin, View):
    """The statement as a PDF."""

    def get(self, request, *args, **kwargs):
        """The file."""
        made = self.statement()
        name = f"compliance-statement-{self.agency.code}-{made.period}-{made.day.isoformat()}.pdf"
        response = HttpResponse(
            statement.as_pdf(made, self.question.period),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
        response.how_many = len(made.lines)
        return response


class StatementFileView(StatementMixin, View):
    """The lines of the statement as CSV or XLSX."""

    kind = "csv"

    def get(self, request, *args, **kwargs):
        """A row an officer."""
        made = self.statement()
        header = ["license number", "officer", "standing", "hours", "missing", "left on", "period", "as of"]
        rows = ([*line, made.period, made.day] for line in made.lines)
        name = f"compliance-statement-{self.agency.code}-{made.period}-{made.day.isoformat()}"
        return file_response(self.kind, name, header, rows)
