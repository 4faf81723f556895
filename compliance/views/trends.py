"""Over the year: how an agency comes to compliance, against last year; what would help most; what is at stake."""

import datetime as dt

from django.http import Http404
from django.views.generic import TemplateView, View

from clee_portal import clock
from compliance import selectors, standings, trends, wording
from compliance.trends import Curve
from compliance.views.overview import OverviewMixin
from training.access import can_enter_class
from training.models import Officer
from training.tables import file_response

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The plot: percent of its width across, so that words keep their size on a phone; pixels down from the top.
COLUMN = 100 / len(MONTHS)
MARGIN, BAR, GAP = COLUMN * 0.13, COLUMN * 0.36, COLUMN * 0.03
HEIGHT, TOP, BASE = 190, 20, 150


class TrendsMixin(OverviewMixin):
    """Both curves, as of today."""

    @property
    def before(self) -> dt.date:
        """A year ago: who was here then is whom last year is about."""
        today = self.asked.today
        leap_day = (today.month, today.day) == (2, 29)
        return today.replace(year=today.year - 1, day=28 if leap_day else today.day)

    def curves(self) -> tuple[Curve, Curve | None]:
        """This year's, and last year's of those who were here a year ago."""
        today = self.asked.today
        questions = selectors.questions(clock.end_of_day(today), [today.year, today.year - 1])
        if today.year not in questions:
            raise Http404
        self.question = questions[today.year]
        now = trends.curve(self.question, Officer.objects.commissioned_at(self.agency, today), today)
        if today.year - 1 not in questions:
            return now, None
        then = Officer.objects.commissioned_at(self.agency, self.before)
        return now, trends.curve(questions[today.year - 1], then, dt.date(today.year, 1, 1))


class TrendsView(TrendsMixin, TemplateView):
    """The page."""

    template_name = "compliance/trends.html"

    def get_context_data(self, **kwargs):
        """Everything it shows."""
        now, last = self.curves()
        officers = Officer.objects.commissioned_at(self.agency, self.asked.today)
        people = list(officers)
        findings = standings.of_officers(self.question, officers)
        best = trends.best(self.question, people, findings)
        stake = trends.at_stake(self.question, officers, findings)
        requirements = self.question.requirements
        return super().get_context_data(
            agency=self.agency,
            asked=self.asked,
            now=now,
            last=last,
            months=months(now, last),
            bars=bars(now, last),
            plot={"height": HEIGHT, "top": TOP, "base": BASE},
            before=self.before,
            best=best,
            best_words=wording.class_words(best.one) if best else "",
            stake=[
                (one, [(who, wording.roster_chip(requirements, finding)) for who, finding in one.losing])
                for one in stake
            ],
            may_enter=can_enter_class(self.request.user, self.agency),
            **kwargs,
        )


def months(now: Curve, last: Curve | None) -> list[dict]:
    """The table behind the plot: a row a month."""
    found = []
    for at, name in enumerate(MONTHS):
        found.append(
            {
                "name": name,
                "now": now.compliant[at] if at < len(now.compliant) else None,
                "now_share": now.shares[at] if at < len(now.compliant) else None,
                "last": last.compliant[at] if last and at < len(last.compliant) else None,
                "last_share": last.shares[at] if last and at < len(last.compliant) else None,
            }
        )
    return found


def bars(now: Curve, last: Curve | None) -> list[dict]:
    """The bars of the plot: where each stands, how high, of which year, and what it says; and the months' names."""
    found = []
    for at, name in enumerate(MONTHS):
        left = at * COLUMN + MARGIN
        for shift, one, kind in ((0, last, "last"), (BAR + GAP, now, "now")):
            if one and at < len(one.shares):
                height = round(one.shares[at] * (BASE - TOP) / 100) or 1
                words = f"{name} {one.year}: {one.compliant[at]:,} of {one.owing:,}, {one.shares[at]} %"
                found.append(
                    {
                        "x": f"{left + shift:.2f}%",
                        "width": f"{BAR:.2f}%",
                        "y": BASE - height,
                        "height": height,
                        "kind": kind,
                        "words": words,
                    }
                )
        found.append({"x": f"{(at + 0.5) * COLUMN:.2f}%", "label": name, "is_extra": at % 2 == 1})
    return found


class TrendsFileView(TrendsMixin, View):
    """The table behind the plot as a file."""

    kind = "csv"

    def get(self, request, *args, **kwargs):
        """A row a month."""
        now, last = self.curves()
        header = ["month", f"compliant {now.year}", f"owing {now.year}"]
        whom = f"(of those here on {self.before.isoformat()})"
        header += [f"compliant {last.year} {whom}", f"owing {last.year} {whom}"] if last else []
        rows = [
            [row["name"], row["now"], now.owing if row["now"] is not None else None]
            + ([row["last"], last.owing] if last else [])
            for row in months(now, last)
        ]
        return file_response(self.kind, f"{self.agency.code}-over-the-year-{now.year}", header, rows)
