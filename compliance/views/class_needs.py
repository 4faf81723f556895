"""Seats against need: what officers in reach lack, beside the seats to come: what a provider could plan."""

from django.utils.text import slugify
from django.views.generic import TemplateView

from compliance import class_needs
from compliance.class_needs import Row
from compliance.forms.class_needs import NeedForm
from training.places import place_of, zip_in
from training.views.listing import FileMixin
from training.views.of_provider import CalendarMixin

# The chart: pixels down, percent across. Words stand above and behind the bars, so that they keep their size.
A_ROW, BAR, WIDEST = 66, 13, 74
USUAL_MILES = 50


class ProviderNeedView(CalendarMixin, TemplateView):
    """The page: `?zip=&miles=`; without either around the provider's own address, if it names a ZIP code."""

    template_name = "compliance/provider_need.html"

    def look(self) -> list[Row]:
        """What is asked for, and what is found."""
        asked = {"zip": zip_in(self.provider.address), "miles": USUAL_MILES} | self.request.GET.dict()
        self.form = NeedForm(asked, label_suffix="")
        self.form.is_valid()
        self.zip = self.form.cleaned_data.get("zip", "")
        self.miles = self.form.cleaned_data.get("miles", USUAL_MILES)
        self.near = place_of(self.zip) if self.zip else None
        self.reach, rows = class_needs.rows(self.provider, self.near, self.miles, self.now)
        return rows

    def get_context_data(self, **kwargs):
        """Everything it shows."""
        rows = self.look()
        tally = self.reach.tally
        lacking = tally.owing - tally.compliant if tally else 0
        return super().get_context_data(
            form=self.form,
            near=self.near,
            zip=self.zip,
            miles=self.miles,
            reach=self.reach,
            rows=rows,
            plot=plot(rows) if tally else None,
            lacking=class_needs.rounded(lacking),
            year=self.today.year,
            fewest=class_needs.STEP,
            fewest_agencies=class_needs.FEWEST_AGENCIES,
            **kwargs,
        )


def plot(rows: list[Row]) -> dict:
    """A pair of bars for each requirement: officers short, seats to come."""
    most = max((max(row.short or 0, row.offer.seats) for row in rows), default=0) or 1
    drawn = []
    for at, row in enumerate(rows):
        top = at * A_ROW
        bars = []
        for kind, count, y in (("short", row.short, top + 22), ("offer", row.offer.seats, top + 22 + BAR + 3)):
            width = WIDEST * (count or 0) / most
            told = "fewer than 5 short" if count is None else f"{count:,} {'short' if kind == 'short' else 'seats'}"
            bars.append({"kind": kind, "width": f"{width:.2f}%", "y": y, "told": told, "text_y": y + BAR - 2})
        drawn.append({"name": row.requirement.name, "y": top + 14, "bars": bars})
    return {"rows": drawn, "height": len(rows) * A_ROW, "bar": BAR}


class ProviderNeedFileView(FileMixin, ProviderNeedView):
    """The table as a file."""

    header = (
        "Requirement", "Hours asked", "Officers short, rounded down to fives", "Hours missing, rounded down to fives",
        "Classes to come", "Seats left", "Hours on offer", "Own course for it",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which provider, as of today."""
        return f"need-{slugify(self.provider.name)}-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each requirement."""
        return [
            (
                row.requirement.name, row.requirement.minimum, row.short, row.missing, row.offer.classes,
                row.offer.seats, row.offer.hours, row.own.title if row.own else "",
            )
            for row in self.look()
        ]  # fmt: skip
