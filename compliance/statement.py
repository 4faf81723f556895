"""The compliance statement of an agency: every officer's standing as of a day, to be printed, kept and shown.

What the affirmation once was that agencies mailed after December 31. It states what the portal knew at the end of that
day; it decides nothing.
"""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import typst

from compliance import overview, wording
from compliance.models import ReportingPeriod, Requirement
from compliance.verdict import Standing

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "statement.typ"


class Line(NamedTuple):
    """One officer of the statement."""

    license_number: str
    name: str
    standing: str
    hours: str
    missing: str


class Statement(NamedTuple):
    """The statement: whose, of which period, as of which day, and every line of it."""

    agency: str
    period: int
    day: dt.date
    headline: str
    counts: list[tuple[str, int]]
    lines: list[Line]
    left: list[str]
    made_on: dt.date
    made_by: str

    @property
    def title(self) -> str:
        """What it is called."""
        return f"CLEE compliance statement {self.period}: {self.agency}"


def usual_day(today: dt.date) -> dt.date:
    """The day a chief asks about: December 31 in the weeks in which it is affirmed, until March 15; today after."""
    return dt.date(today.year - 1, 12, 31) if (today.month, today.day) <= (3, 15) else today


def lines(requirements: Sequence[Requirement], rows: Sequence[overview.Row]) -> list[Line]:
    """A line an officer, by name."""
    found = []
    for row in overview.sorted_rows(rows, "name"):
        owed = wording.owed(row.finding)
        missing = [f"{wording.hours_number(owed[r.code])} h {r.short_name}" for r in requirements if r.code in owed]
        hours = wording.hours_number(row.hours)
        found.append(Line(row.license_number, row.name, row.chip.label, hours, ", ".join(missing)))
    return found


def counts(rows: Sequence[overview.Row]) -> list[tuple[str, int]]:
    """How many stand where, those that occur."""
    tally = dict.fromkeys(Standing, 0)
    for row in rows:
        tally[row.finding.standing] += 1
    return [(wording.standing_label(one).label, many) for one, many in tally.items() if many]


def as_pdf(statement: Statement, period: ReportingPeriod) -> bytes:
    """The statement as an accessible PDF (PDF/UA-1): tagged, with a title, its table's heads repeated on every page."""
    data = {
        "title": statement.title,
        "agency": statement.agency,
        "period": str(statement.period),
        "day": wording.full_date(statement.day),
        "headline": statement.headline,
        "ends_on": wording.full_date(period.ends_on),
        "show_by": wording.full_date(period.show_by),
        "counts": [[label, f"{many:,}"] for label, many in statement.counts],
        "lines": [list(line) for line in statement.lines],
        "left": statement.left,
        "made": f"Made on {wording.full_date(statement.made_on)} by {statement.made_by}.",
    }
    return typst.compile(str(TEMPLATE), sys_inputs={"data": json.dumps(data)}, format="pdf", pdf_standards=["ua-1"])
