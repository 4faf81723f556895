"""The state at a glance, for POST and the Director: a page and files over one count (`compliance.glance`)."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.core.paginator import Paginator
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.templatetags.look import STANDINGS
from compliance import glance, periods, seats, standings
from compliance.forms.glance import GlanceForm
from compliance.glance import Glance, Place, Tally, Week
from compliance.seats import Offer
from compliance.verdict import ZERO, Standing
from compliance.views.workbench import WorkbenchMixin
from training.views.listing import FileMixin

A_PAGE = 25
# The plot of the season: pixels down, percent across.
HEIGHT, TOP, BASE, RIGHT = 240, 16, 208, 84
DAYS = 440  # from January 1 to the March 15 after, with room for a leap day
SIZE_WORDS = {"1-9": "1 to 9 officers", "10-24": "10 to 24", "25-99": "25 to 99", "100-": "100 and more"}


class Row(NamedTuple):
    """A line of a breakdown: what it is about, its filter in the address, and its officers."""

    label: str
    query: str
    tally: Tally
    agencies: int = 1


class Line(NamedTuple):
    """A line of the season's plot."""

    kind: str
    points: str
    label: str
    y: int


class GlanceMixin(WorkbenchMixin):
    """What is asked of the count: one county, one size, some agencies by name; all of it in the address."""

    @cached_property
    def today(self) -> dt.date:
        """The day it is about."""
        return clock.today()

    @cached_property
    def state(self) -> Glance:
        """The count."""
        return glance.state(self.today)

    @cached_property
    def form(self) -> GlanceForm:
        """The filters."""
        counties = sorted({place.county for place in self.state.places if place.county})
        form = GlanceForm(self.request.GET, counties=counties, sizes=SIZE_WORDS, label_suffix="")
        form.is_valid()
        return form

    @cached_property
    def asked(self) -> dict:
        """What of the filters can be read."""
        return {name: self.form.cleaned_data.get(name, "") for name in self.form.fields}

    @property
    def is_limited(self) -> bool:
        """Whether it is about a part of the state."""
        return any(self.asked[name] for name in ("county", "size", "agency"))

    @cached_property
    def places(self) -> list[Place]:
        """The agencies asked for."""
        county, size, words = self.asked["county"], self.asked["size"], self.asked["agency"].lower()
        return [
            place
            for place in self.state.places
            if (not county or place.county == county)
            and (not size or place.size == size)
            and (not words or words in place.name.lower() or words == place.code)
        ]

    @cached_property
    def tally(self) -> Tally:
        """The officers asked for: each once where it is the whole state."""
        return glance.together(place.tally for place in self.places) if self.is_limited else self.state.whole

    @cached_property
    def seasons(self) -> tuple[list[Week], list[Week]]:
        """This year's weeks, up to now, and last year's."""
        agencies = [place.pk for place in self.places] if self.is_limited else None
        now = [week for week in glance.season(self.state.year, agencies) if week.day < self.today]
        now.append(Week(self.today, self.tally.owing, self.tally.compliant))
        return now, glance.season(self.state.year - 1, agencies)

    def rows(self) -> list[Row]:
        """The breakdown asked for."""
        by = self.asked["by"] or "size"
        if by == "agency":
            rows = [Row(place.name, place.code, place.tally) for place in self.places]
            order = {
                "name": lambda row: row.label.lower(),
                "short": lambda row: row.tally.compliant - row.tally.owing,
                "connected": lambda row: row.tally.connected / (row.tally.officers or 1),
            }.get(self.asked["sort"])
            return sorted(rows, key=order or (lambda row: (row.tally.share is None, row.tally.share)))
        groups: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            groups[place.county if by == "county" else place.size].append(place)
        keys = sorted(groups) if by == "county" else [key for key in glance.SIZES if key in groups]
        named = SIZE_WORDS if by == "size" else {}
        return [
            Row(
                named.get(key, key) or "No county given",
                key,
                glance.together(place.tally for place in groups[key]),
                len(groups[key]),
            )
            for key in keys
        ]

    @cached_property
    def offers(self) -> dict[str, Offer]:
        """What seats of classes to come would give, by requirement; of the whole state."""
        now = clock.now()
        asked = standings.question(periods.by_year(self.state.year), now)
        return seats.on_offer(asked.requirements, now, asked.period.ends_on)

    def needs(self) -> list[dict]:
        """For each requirement how many lack it, the hours they lack, what is on offer, and the hours given so far."""
        most = max((need.missing for need in self.tally.needs.values()), default=ZERO)
        return [
            {
                "code": code,
                "name": name,
                "minimum": minimum,
                "need": need,
                "most": most,
                "per_head": _per_head(need),
                "offer": self.offers[code],
                "is_too_little": self.offers[code].hours < need.missing,
            }
            for code, name, minimum in self.state.requirements
            if (need := self.tally.needs.get(code)) is not None
        ]


def _told(need: glance.Need, offer: Offer) -> tuple:
    return need.short, need.missing, need.given, offer.classes, offer.seats, offer.hours


def _per_head(need: glance.Need) -> Decimal:
    return round(need.missing / need.short, 1) if need.short else ZERO


class GlanceView(GlanceMixin, TemplateView):
    """The page."""

    template_name = "compliance/glance.html"

    def get_context_data(self, **kwargs):
        """Everything it shows."""
        tally, (now, last) = self.tally, self.seasons
        rows = self.rows()
        page = Paginator(rows, A_PAGE if self.asked["by"] == "agency" else len(rows) or 1).get_page(
            self.request.GET.get("page")
        )
        return super().get_context_data(
            state=self.state,
            form=self.form,
            asked=self.asked,
            is_limited=self.is_limited,
            places=len(self.places),
            tally=tally,
            segments=segments(tally),
            links=[
                ("met", "Connected to an account", tally.connected, "person-check"),
                ("quiet", "Not connected", tally.officers - tally.connected, "dash-circle"),
            ],
            plot=plot(now, last, self.state.year),
            weeks=weeks(now, last),
            before=_then(now[-1].day, last, self.state.year),
            needs=self.needs(),
            grouped_by=self.asked["by"] or "size",
            kinds=GlanceForm.BY,
            page_obj=page,
            late_after=glance.LATE_AFTER,
            late_in_all=sum(one.late for one in self.state.late),
            **kwargs,
        )


def segments(tally: Tally) -> list[tuple]:
    """The standings as shares of a bar, those that matter first."""
    order = [
        Standing.COMPLIANT, Standing.IN_PROGRESS, Standing.GRACE, Standing.CANDIDATE, Standing.EXTENSION_PENDING,
        Standing.EXTENDED, Standing.INACTIVE, Standing.WAIVED, Standing.EXEMPT, Standing.NOT_APPLICABLE,
    ]  # fmt: skip
    shown = []
    for one in order:
        tone, words, icon = STANDINGS[one.value]
        shown.append((tone, str(words), tally.standings.get(one.value, 0), icon))
    return shown


def _then(day: dt.date, last: list[Week], year: int) -> Week | None:
    """Last year's counted day nearest before the same place of the season."""
    at = (day - dt.date(year, 1, 1)).days
    return next((week for week in reversed(last) if (week.day - dt.date(year - 1, 1, 1)).days <= at), None)


def plot(now: list[Week], last: list[Week], year: int) -> dict | None:
    """Both years as lines: percent compliant of those who owe hours, by the day of the season."""
    lines = []
    for kind, of, found in (("last", year - 1, last), ("now", year, now)):
        told = [((week.day - dt.date(of, 1, 1)).days, week.share) for week in found if week.share is not None]
        if len(told) > 1:
            points = " ".join(f"{100 * at / DAYS:.2f},{100 - share}" for at, share in told)
            ends_at = BASE - (BASE - TOP) * told[-1][1] / 100
            lines.append(Line(kind, points, f"{of}: {told[-1][1]} %", round(ends_at)))
    if not lines:
        return None
    if len(lines) == 2 and abs(lines[0].y - lines[1].y) < 17:
        upper = 0 if lines[0].y <= lines[1].y else 1
        lines[upper] = lines[upper]._replace(y=min(lines[0].y, lines[1].y) - 9)
        lines[1 - upper] = lines[1 - upper]._replace(y=lines[upper].y + 18)
    marks = [
        {"x": f"{RIGHT * (dt.date(2001, month, 1) - dt.date(2001, 1, 1)).days / DAYS:.2f}%", "label": label}
        for month, label in ((1, "Jan"), (4, "Apr"), (7, "Jul"), (10, "Oct"))
    ] + [{"x": f"{RIGHT * 438 / DAYS:.2f}%", "label": "Mar 15", "is_end": True}]
    return {
        "lines": lines, "marks": marks, "height": HEIGHT, "top": TOP, "base": BASE, "span": BASE - TOP, "right": RIGHT,
    }  # fmt: skip


def weeks(now: list[Week], last: list[Week]) -> list[dict]:
    """The table behind the plot: a row a counted day, both years side by side by their place in the season."""
    at: dict[int, dict] = {}
    for kind, found in (("now", now), ("last", last)):
        for week in found:
            place = (week.day - dt.date(found[0].day.year, 1, 1)).days // 7
            at.setdefault(place, {})[kind] = week
    return [{"week": place + 1, **told} for place, told in sorted(at.items())]


class SeasonFileView(FileMixin, GlanceMixin, View):
    """The season's table as a file."""

    header = ("Day", "Year", "Owing hours", "Compliant", "Percent")

    def file_name(self) -> str:
        """As of today."""
        return f"season-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each counted day."""
        now, last = self.seasons
        return [
            (week.day, year, week.owing, week.compliant, week.share)
            for year, found in ((self.state.year - 1, last), (self.state.year, now))
            for week in found
        ]


class NeedsFileView(FileMixin, GlanceMixin, View):
    """What is lacking by requirement, as a file."""

    header = (
        "Requirement", "Hours asked", "Officers short", "Hours missing", "Hours credited", "Classes to come",
        "Seats left", "Hours on offer",
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"hours-needed-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each requirement."""
        return [(row["name"], row["minimum"], *_told(row["need"], row["offer"])) for row in self.needs()]


class PlacesFileView(FileMixin, GlanceMixin, View):
    """Every agency asked for, as a file, with its county and size."""

    header = (
        "Code", "Agency", "County", "Officers", "Owing hours", "Compliant", "Percent", "Connected",
        *(Standing(one).label for one in Standing.values),
    )  # fmt: skip

    def file_name(self) -> str:
        """As of today."""
        return f"agencies-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each agency."""
        return [
            (
                place.code, place.name, place.county, place.tally.officers, place.tally.owing, place.tally.compliant,
                place.tally.share, place.tally.connected,
                *(place.tally.standings.get(one, 0) for one in Standing.values),
            )
            for place in self.places
        ]  # fmt: skip


class LateFileView(FileMixin, GlanceMixin, View):
    """Late rosters by provider, as a file."""

    header = ("Provider", "Classes this year", "Late", "Days after the class, on average", "Days at most")

    def file_name(self) -> str:
        """As of today."""
        return f"late-rosters-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each provider."""
        return [(one.name, one.classes, one.late, one.usual, one.longest) for one in self.state.late]
