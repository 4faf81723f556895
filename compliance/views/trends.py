"""Over the year: how an agency comes to compliance, against last year; what would help most; what is at stake."""

import datetime as dt

from django.http import Http404
from django.views.generic import TemplateView, View

from clee_portal import clock
from compliance import gaps, selectors, standings, trends, wording
from compliance.trends import AtStake, Best, Curve, Met
from compliance.views.overview import OverviewMixin
from training.access import can_enter_class
from training.models import Officer
from training.tables import file_response
from training.views.listing import FileMixin

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

    def judge(self) -> None:
        """Everybody commissioned here today and where they stand this year."""
        today = self.asked.today
        self.question = selectors.questions(clock.end_of_day(today), [today.year]).get(today.year)
        if self.question is None:
            raise Http404
        self.officers = Officer.objects.commissioned_at(self.agency, today)
        self.findings = standings.of_officers(self.question, self.officers)

    def met(self) -> list[Met]:
        """Who has met what, beside a year ago: of those who were here then, as was known then."""
        then = selectors.questions(clock.end_of_day(self.before), [self.before.year]).get(self.before.year)
        if then is None:
            return trends.met(self.question.requirements, self.findings.values())
        earlier = standings.of_officers(then, Officer.objects.commissioned_at(self.agency, self.before))
        return trends.met(self.question.requirements, self.findings.values(), then.requirements, earlier.values())

    def best(self, kinds=gaps.ANY) -> Best | None:
        """The class that would help most, and whom."""
        return trends.best(self.question, list(self.officers), self.findings, kinds)

    def stake(self) -> list[AtStake]:
        """Whose hours hang on POST's review of which course."""
        return trends.at_stake(self.question, self.officers, self.findings)


class TrendsView(TrendsMixin, TemplateView):
    """The page."""

    template_name = "compliance/trends.html"

    def get_context_data(self, **kwargs):
        """Everything it shows."""
        now, last = self.curves()
        self.judge()
        best, stake = self.best(), self.stake()
        own = self.best(gaps.OWN) if best and best.one.source else None
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
            met=(met := self.met()),
            met_last=next((one.last_owing for one in met if one.last_met is not None), None),
            best=best,
            best_words=wording.class_words(best.one, in_full=False) if best else "",
            best_parts=wording.part_words(best.one) if best else [],
            own=own,
            own_words=own and wording.first_small(wording.class_words(own.one)),
            stake=[
                (one, [(who, wording.roster_chip(requirements, finding)) for who, finding in one.losing])
                for one in stake
            ],
            harmless=[one for one in stake if not one.losing],
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


class MetFileView(FileMixin, TrendsMixin, View):
    """Who has met what, today and a year ago."""

    header = ("requirement", "hours required", "met", "of officers who owe hours", "met a year ago", "of officers then")

    def file_name(self) -> str:
        """Of which agency, as of today."""
        return f"{self.agency.code}-by-requirement-{self.asked.today.isoformat()}"

    def file_rows(self) -> list[tuple]:
        """A row a requirement."""
        self.judge()
        return [
            (one.requirement.name, one.requirement.minimum, one.met, one.owing, one.last_met,
             None if one.last_met is None else one.last_owing)
            for one in self.met()
        ]  # fmt: skip


class BestFileView(FileMixin, TrendsMixin, View):
    """Whom the class that would help most brings to compliance, with what each lacks."""

    def setup(self, request, *args, **kwargs):
        """Also where everybody stands."""
        super().setup(request, *args, **kwargs)
        self.judge()
        self.header = ["license number", "name", "class", *(f"missing: {r.name}" for r in self.question.requirements)]

    def file_name(self) -> str:
        """Of which agency, as of today."""
        return f"{self.agency.code}-class-that-helps-most-{self.asked.today.isoformat()}"

    def file_rows(self) -> list[list]:
        """A row an officer."""
        best = self.best()
        words = wording.class_words(best.one) if best else ""
        return [
            [who.license_number, who.sorted_name, words]
            + [self.findings[who.pk].short.get(one.code) for one in self.question.requirements]
            for who in (best.officers if best else ())
        ]


class StakeFileView(FileMixin, TrendsMixin, View):
    """The courses POST has not reviewed, and who would be short, or shorter, if one were refused."""

    header = (
        "course", "given by", "submitted", "officers with hours", "hours in all", "license number", "would be short",
        "standing then", "hours needed then",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which agency, as of today."""
        return f"{self.agency.code}-not-yet-reviewed-{self.asked.today.isoformat()}"

    def file_rows(self) -> list[tuple]:
        """A row for each officer who would lose; one without for a course that would hurt nobody."""
        self.judge()
        rows = []
        for one in self.stake():
            course = one.course
            of = (course.title, course.source_name, course.submitted_at, one.officers, one.hours)
            for who, then in one.losing:
                needed = gaps.fewest_hours(self.question.requirements, wording.owed(then))
                rows.append((*of, who.license_number, who.sorted_name, wording.standing_chip(then).label, needed))
            if not one.losing:
                rows.append((*of, None, None, None, None))
        return rows
