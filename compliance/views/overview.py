"""An agency's overview: who is short of what, and the same as a spreadsheet."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView, View

from compliance import overview, selectors, standings, wording
from compliance.verdict import ZERO, Standing
from compliance.views.asking import asking
from training.access import can_enter_class, can_see_classes
from training.models import Agency, Officer
from training.models.officers import OfficerQuerySet
from training.tables import file_response

A_PAGE = 50


class OverviewMixin:
    """The agency asked about and its officers' standings on the day asked about."""

    looks_back = False
    """Whether this year's rows also carry what is still owed for last year."""

    def setup(self, request, *args, **kwargs):
        """The agency, among those open to the person."""
        super().setup(request, *args, **kwargs)
        self.asked = asking(request)
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), code=kwargs["code"])

    def officers(self) -> OfficerQuerySet:
        """Who is judged: the officers commissioned at the agency today."""
        return Officer.objects.commissioned_at(self.agency, self.asked.today)

    def read(self) -> None:
        """Every officer's row, and which of them are shown in which order."""
        asked, given = self.asked, self.request.GET
        before = asked.year - 1 if self.looks_back and asked.year == asked.day.year else None
        questions = selectors.questions(asked.as_of, [asked.year, *([before] if before else [])])
        if asked.year not in questions:
            raise Http404
        self.question = questions[asked.year]
        officers = self.officers()
        found = standings.of_periods(list(questions.values()), officers)
        findings, earlier = found[asked.year], found.get(before, {})
        self.year_before = before if before in questions else None
        licenses = selectors.license_states(officers, asked.as_of, asked.day)
        needed = overview.needed_by(self.question.requirements, findings.values())
        self.rows = [
            overview.Row(
                one.pk,
                one.license_number,
                one.sorted_name,
                one.search_name,
                findings[one.pk],
                licenses.get(one.pk, selectors.ACTIVE),
                needed.get(id(findings[one.pk]), ZERO),
                last if (last := earlier.get(one.pk)) and last.standing in wording.OWING else None,
            )
            for one in officers.only(*selectors.NAME)
        ]
        codes = {requirement.code for requirement in self.question.requirements}
        standing, lacks = given.get("standing", ""), given.get("lacks", "")
        self.filters = overview.Filters(
            standing if standing in Standing.values else "",
            lacks if lacks in codes else "",
            given.get("q", "").strip()[:100],
        )
        sort = given.get("sort", "")
        self.sort = sort if sort.removeprefix("-") in overview.SORTS else overview.USUAL_SORT
        self.shown = overview.sorted_rows(filter(self.filters.admit, self.rows), self.sort)

    def address(self, **parts) -> str:
        """The page's own address with other parts; period and day stay."""
        kept = {name: self.request.GET[name] for name in ("period", "as_of") if self.request.GET.get(name)}
        return f"?{urlencode({name: value for name, value in {**kept, **parts}.items() if value})}"


class OverviewView(OverviewMixin, TemplateView):
    """Every officer of the agency: standing, hours, what is missing, this year and still for last year."""

    looks_back = True

    template_name = "compliance/agency_overview.html"

    def get_context_data(self, **kwargs):
        """Counts and plots of all, the table of those shown."""
        self.read()
        asked, question = self.asked, self.question
        counts = standings.counts(row.finding for row in self.rows)
        user = self.request.user
        page = Paginator(self.shown, A_PAGE).get_page(self.request.GET.get("page"))
        requirements = question.requirements
        return super().get_context_data(
            **kwargs,
            agency=self.agency,
            asked=asked,
            period=question.period,
            headline=overview.headline(self.rows),
            rows=self.rows,
            page_obj=page,
            shown=[
                (row, wording.missing_chips(requirements, row.finding), overview.behind_chip(row, asked.year - 1))
                for row in page
            ],
            behind=self.behind(),
            segments=self.segments(counts),
            lacking=[
                (one, self.address(lacks=one.requirement.code)) for one in overview.lacking(requirements, self.rows)
            ],
            owing=sum(1 for row in self.rows if row.finding.standing in wording.OWING),
            plan=overview.plan_words(
                requirements, self.rows, asked.year if asked.day > question.period.ends_on else None
            ),
            days_to_end=(question.period.ends_on - asked.day).days,
            days_to_show=(question.period.show_by - asked.day).days,
            filters=self.filters,
            filters_on=self.filters_on(),
            standing_choices=[(one, wording.standing_label(one).label) for one in counts],
            requirements=requirements,
            columns=self.columns(),
            periods=self.periods(),
            suffix=self.address() if self.address() != "?" else "",
            clear=self.address(sort=self.request.GET.get("sort")),
            may_enter=can_enter_class(user, self.agency),
            may_list=can_see_classes(user, self.agency),
        )

    def behind(self) -> dict | None:
        """Who still owes hours for last year: how many, and each standing of theirs with last year's list of them."""
        counts = overview.behind_counts(self.rows)
        if not counts:
            return None
        year = self.year_before
        return {
            "year": year,
            "officers": sum(count for _, count in counts),
            "tone": wording.standing_label(counts[0][0]).tone,
            "standings": [
                (wording.standing_label(one).label, count, self.address(period=year, standing=one.value))
                for one, count in counts
            ],
        }

    def segments(self, counts):
        """The shares of the bar, each leading to its officers."""
        return [
            (chip.tone, chip.label, counts[one], chip.icon, self.address(standing=one.value))
            for one in reversed_by_tone(counts)
            if (chip := wording.standing_label(one))
        ]

    def filters_on(self) -> list[tuple[str, str]]:
        """Each filter that holds, in words, with the address without it."""
        given = {
            "standing": self.filters.standing,
            "lacks": self.filters.lacks,
            "q": self.filters.words,
            "sort": self.request.GET.get("sort"),
        }
        names = {one.code: one.name for one in self.question.requirements}
        words = {
            "standing": self.filters.standing and wording.standing_label(Standing(self.filters.standing)).label,
            "lacks": self.filters.lacks and f"Lacks {names[self.filters.lacks]}",
            "q": self.filters.words and f"“{self.filters.words}”",
        }
        return [(text, self.address(**{**given, name: ""})) for name, text in words.items() if text]

    def columns(self) -> list[dict]:
        """The heads of the table, each with the address that sorts by it."""
        heads = [("name", "Officer"), ("license", "License"), ("hours", "Hours"), ("missing", "Missing")]
        current, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        filters = {"standing": self.filters.standing, "lacks": self.filters.lacks, "q": self.filters.words}
        columns = []
        for code, label in [*heads, ("standing", "Standing")]:
            first = "-" if code in ("missing", "standing") else ""
            flipped = ("" if down else "-") if code == current else first
            columns.append(
                {
                    "label": label,
                    "code": code,
                    "order": ("descending" if down else "ascending") if code == current else "",
                    "url": self.address(**filters, sort=f"{flipped}{code}"),
                }
            )
        return columns

    def periods(self) -> list[tuple[int, str, bool]]:
        """This year, last year and the year shown: year, address, whether it is shown."""
        year = self.asked.year
        years = sorted({self.asked.day.year, self.asked.day.year - 1, year}, reverse=True)
        return [(one, self.address(period=one), one == year) for one in years]


def reversed_by_tone(counts) -> list[Standing]:
    """The standings that occur, those of one tone beside each other: done, in time, excused, pressing."""
    tones = ("met", "due", "held", "short", "quiet")
    return sorted(counts, key=lambda one: tones.index(wording.standing_label(one).tone))


class OverviewFileView(OverviewMixin, View):
    """What the overview shows, as CSV or XLSX: the same filters and order, every page."""

    kind = "csv"
    looks_back = True

    def get(self, request, *args, **kwargs):
        """The file."""
        self.read()
        requirements = self.question.requirements
        header = ["license number", "name", "license", "standing", "hours", "hours needed"]
        header += [f"missing: {requirement.name}" for requirement in requirements]
        header += [f"still owed for {self.year_before}"] if self.year_before else []
        name = f"{self.agency.code}-{self.asked.year}-{self.asked.day.isoformat()}"
        return file_response(self.kind, name, [*header, "period", "as of"], self.lines(requirements))

    def lines(self, requirements):
        """One line an officer; hours missing stand under their requirement."""
        for row in self.shown:
            owed = wording.owed(row.finding)
            yield [
                row.license_number,
                row.name,
                row.license.status.value,
                row.chip.label,
                row.hours,
                row.needed,
                *(owed.get(one.code) for one in requirements),
                *([row.behind and wording.standing_chip(row.behind).label] if self.year_before else []),
                self.asked.year,
                self.asked.day,
            ]
