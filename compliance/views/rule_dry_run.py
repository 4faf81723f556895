"""The dry run of a set: who changes standing, in which agencies, by which requirement; their list, and its file."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.core.paginator import Paginator
from django.views.generic import TemplateView

from clee_portal import clock
from compliance import dry_run, gaps, rules, selectors, wording
from compliance.dry_run import DryRun, Move
from compliance.models import ReportingPeriod
from compliance.views.rules import OneSetMixin
from training.models import Officer
from training.views.listing import FileMixin

A_PAGE = 50
CHUNK = 1000
MOST_AGENCIES = 10
# The plot: a row is two bars high under its name; the longest bar takes the room its number leaves.
ROW, BAR, NAME, WIDEST = 58, 14, 20, 58


class DryRunMixin(OneSetMixin):
    """One dry run as asked for in the address."""

    @cached_property
    def periods(self) -> list[ReportingPeriod]:
        """The periods whose records it can be tried on."""
        return dry_run.periods_to_try(self.object, clock.today())

    @cached_property
    def period(self) -> ReportingPeriod:
        """The one asked for; else its own, or the latest."""
        given = self.request.GET.get("year", "")
        return next((one for one in self.periods if str(one.year) == given), self.periods[0])

    @cached_property
    def run(self) -> DryRun | None:
        """What comes of it, as of now."""
        return dry_run.run(self.object, self.period, clock.end_of_day(clock.today()))

    @cached_property
    def asked(self) -> dict[str, str]:
        """What the list is limited to. Where nobody changes standing, it begins with everything that changes."""
        given = self.request.GET
        usual = "standing" if self.run and self.run.counts["standing"] else "all"
        show = given.get("show", "")
        requirement = given.get("requirement", "")
        return {
            "show": show if show in dict(dry_run.SHOWN) else usual,
            "requirement": requirement if self.run and requirement in self.run.names else "",
            "agency": given.get("agency", "").strip()[:60],
        }

    def chosen(self) -> list[int]:
        """The officers of the list, by name."""
        if self.run is None:
            return []
        return self.run.in_order(self.run.chosen(self.asked["show"], self.asked["requirement"], self.asked["agency"]))

    def rows(self, ids: Sequence[int]) -> list[dict]:
        """Officers of the list as the page shows them, in the order of `ids`."""
        people = selectors.officers_with_places(clock.today()).in_bulk(ids)
        return [self.row(people[pk], self.run.moves[pk]) for pk in ids if pk in people]

    def row(self, officer: Officer, move: Move) -> dict:
        """One officer: before and after."""
        return {
            "officer": officer,
            "before": wording.standing_chip(move.before),
            "after": wording.standing_chip(move.after),
            "needs_before": gaps.fewest_hours(self.run.before, wording.owed(move.before)),
            "needs_after": gaps.fewest_hours(self.run.after, wording.owed(move.after)),
            "more": [(self.run.names[code], hours) for code, hours in move.more.items()],
            "less": [self.run.names[code] for code in move.less if code not in move.more],
        }


class DryRunView(DryRunMixin, TemplateView):
    """The page."""

    template_name = "compliance/rule_dry_run.html"

    def get_context_data(self, **kwargs):
        """One page of the list, and everything above it."""
        run, before = self.run, rules.compared_with(self.object)
        page = Paginator(self.chosen(), A_PAGE).get_page(self.request.GET.get("page"))
        by_requirement = run.by_requirement if run else []
        return super().get_context_data(
            run=run,
            before=before,
            period=self.period,
            periods=self.periods,
            **self.asked,
            shown=[(code, words, run.counts[code]) for code, words in dry_run.SHOWN] if run else [],
            between=[(wording.standing_label(a), wording.standing_label(b), n) for a, b, n in run.between]
            if run
            else [],
            by_requirement=by_requirement,
            plot=bars(by_requirement),
            agencies=run.by_agency[:MOST_AGENCIES] if run else [],
            agencies_left=max(0, len(run.by_agency) - MOST_AGENCIES) if run else 0,
            all_agencies=sorted({(one.name, one.code) for one in run.by_agency}) if run else [],
            page_obj=page,
            rows=self.rows(page.object_list) if run else [],
            today=clock.today(),
            **kwargs,
        )


def bars(rows: Sequence[dry_run.ByRequirement]) -> dict:
    """The plot: for each requirement how many lack more, and how many less; percent across, pixels down."""
    most = max((max(one.more, one.less) for one in rows), default=0)
    found = []
    for at, one in enumerate(rows):
        top = at * ROW
        parts = []
        for place, (kind, count, words) in enumerate(
            (("more", one.more, "lack more"), ("less", one.less, "lack less"))
        ):
            if count:
                width = max(0.4, count / most * WIDEST)
                parts.append(
                    {
                        "kind": kind,
                        "y": top + NAME + place * (BAR + 2),
                        "words_y": top + NAME + place * (BAR + 2) + BAR - 2,
                        "width": f"{width:.2f}%",
                        "after": f"{width + 1:.2f}%",
                        "count": f"{count:,} {words}",
                    }
                )
        found.append({"name": one.name, "y": top + 14, "parts": parts})
    return {"rows": found, "height": len(rows) * ROW, "bar": BAR}


class DryRunFileView(FileMixin, DryRunMixin, TemplateView):
    """The list as asked for, as a file: a row an officer, before and after."""

    @cached_property
    def header(self) -> list[str]:
        """With a column for each requirement."""
        names = list(self.run.names.values()) if self.run else []
        told = ["license number", "name", "agencies", "standing before", "standing after", "hours needed before"]
        return [*told, "hours needed after", *(f"missing after: {name}" for name in names)]

    def file_name(self) -> str:
        """By the set, the records it was tried on and the day."""
        one = self.object
        what = f"version-{one.version}" if one.version else "draft"
        return f"dry-run-{one.period.year}-{what}-on-{self.period.year}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> Iterable[tuple]:
        """A row an officer."""
        ids = self.chosen()
        for start in range(0, len(ids), CHUNK):
            people = selectors.officers_with_places(clock.today()).in_bulk(ids[start : start + CHUNK])
            for pk in ids[start : start + CHUNK]:
                if pk in people:
                    yield self._told(people[pk], self.run.moves[pk])

    def _told(self, officer: Officer, move: Move) -> tuple:
        row, owed = self.row(officer, move), wording.owed(move.after)
        return (
            officer.license_number,
            officer.sorted_name,
            "; ".join(place["name"] for place in officer.places),
            row["before"].label,
            row["after"].label,
            row["needs_before"],
            row["needs_after"],
            *(owed.get(code) for code in self.run.names),
        )


class AgenciesFileView(FileMixin, DryRunMixin, TemplateView):
    """The agencies of a dry run as a file: a row an agency."""

    header = ("agency", "code", "change standing", "no longer compliant", "become compliant", "lack more hours")

    def file_name(self) -> str:
        """As that of the officers."""
        return f"dry-run-{self.object.period.year}-agencies-on-{self.period.year}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """Every agency with somebody for whom something is different."""
        rows = self.run.by_agency if self.run else []
        return [(one.name, one.code, one.standing, one.loses, one.gains, one.more) for one in rows]
