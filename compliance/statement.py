"""The compliance statement of an agency: every officer's standing as of a day, to be printed, kept and shown.

What the affirmation once was that agencies mailed after December 31. It names everybody commissioned at the agency on
that day and states what the portal knew at the end of it; it decides nothing. The standing of an officer who has left
since is the agency's to see no more: it is shown to POST and the Director, and to the agency of today on its own pages.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from clee_portal import typeset
from compliance import overview, wording
from compliance.models import ReportingPeriod, Requirement
from compliance.verdict import Standing
from training.models import Officer

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "statement.typ"


# What stands for the standing of somebody who has left and whom the reader may see no more.
NOT_SHOWN = "Not shown: left since"
# Standings in which a period asks for no hours.
OWES_NONE = (Standing.NOT_APPLICABLE, Standing.EXEMPT, Standing.WAIVED)


class Line(NamedTuple):
    """One officer of the statement; `left_on` is the last day at the agency of one who has left since."""

    license_number: str
    name: str
    standing: str
    hours: str
    missing: str
    left_on: dt.date | None = None


class Whom(NamedTuple):
    """The officers commissioned on the day: whose standing is shown, who has left since, and whose is not shown."""

    rows: Sequence[overview.Row]
    left: Mapping[int, dt.date | None]
    unseen: Sequence[Officer]

    @property
    def count(self) -> int:
        """Everybody commissioned here on the day."""
        return len(self.rows) + len(self.unseen)

    @property
    def left_and_shown(self) -> int:
        """How many have left since and are judged here all the same."""
        return len(self.left) - len(self.unseen)


class Statement(NamedTuple):
    """The statement: whose, of which period, as of which day, and every line of it."""

    agency: str
    period: int
    day: dt.date
    headline: str
    whom: str
    counts: list[tuple[str, int]]
    lines: list[Line]
    made_on: dt.date
    made_by: str

    @property
    def title(self) -> str:
        """What it is called."""
        return f"CLEE compliance statement {self.period}: {self.agency}"


def usual_day(today: dt.date) -> dt.date:
    """The day a chief asks about: December 31 in the weeks in which it is affirmed, until March 15; today after."""
    return dt.date(today.year - 1, 12, 31) if (today.month, today.day) <= (3, 15) else today


def headline(whom: Whom, day: dt.date, today: dt.date) -> str:
    """The first line: "9 of 12 officers were compliant; 1 owed no hours."."""
    past = day != today
    standings = [row.finding.standing for row in whom.rows]
    done = standings.count(Standing.COMPLIANT)
    free = sum(1 for one in standings if one in OWES_NONE)
    many = len(standings)
    if not whom.count:
        on = f"was commissioned here on {wording.full_date(day)}" if past else "holds a commission here today"
        return f"No officer {on}."
    if not many:
        return f"Nobody commissioned here on {wording.full_date(day)} is still here."
    which = (" still here" if not whom.left_and_shown else " shown here") if whom.unseen else ""
    owes_none = "owed no hours" if past else "owe no hours"
    if many == 1:
        is_ = "was" if past else "is"
        said = owes_none.replace("owe ", "owes ") if free else f"{is_}{'' if done else ' not'} compliant"
        return f"The one officer{which} {said}."
    are = "were" if past else "are"
    if done == many:
        return f"All {many:,} officers{which} {are} compliant."
    if free == many:
        return f"All {many:,} officers{which} {owes_none}."
    rest = f"; {free:,} {owes_none if past or free > 1 else 'owes no hours'}" if free else ""
    verb = ("was" if past else "is") if done < 2 else are
    those = f"{'the ' if which else ''}{many:,} officers{which}"
    return f"{f'{done:,}' if done else 'None'} of {those} {verb} compliant{rest}."


def whom_words(whom: Whom, day: dt.date, today: dt.date) -> str:
    """Whom the statement speaks of: how many were commissioned that day, how many left since, what is not shown."""
    many, unseen, shown = whom.count, len(whom.unseen), whom.left_and_shown
    here = many - unseen - shown
    if not many:
        return ""
    if day == today:
        return f"{_officers(many)} {_be(many, 'is')} commissioned here today."
    words = [f"{_officers(many)} {_be(many, 'was')} commissioned here on {wording.full_date(day)}"]
    if here == many:
        return f"{words[0]}, and {_be(many, 'is')} still here."
    words.append(f"{here:,} {_be(here, 'is')} still here." if here else "nobody of them is still here.")
    said = "; ".join(words)
    if shown:
        said += f" {shown:,} {_be(shown, 'has')} left since; they are marked, and judged like the rest."
    if unseen:
        said += (
            f" {unseen:,} {_be(unseen, 'has')} left since and {_be(unseen, 'is')} named without a standing: an agency"
            " sees an officer’s record only while it commissions the officer. POST can show it, and so can their agency"
            " of today, if they have one."
        )
    return said


_PLURAL = {"is": "are", "was": "were", "has": "have"}


def _be(many: int, verb: str) -> str:
    """The verb in the number of its subject."""
    return verb if many == 1 else _PLURAL[verb]


def _officers(many: int) -> str:
    return f"{many:,} officer{'' if many == 1 else 's'}"


def lines(requirements: Sequence[Requirement], whom: Whom) -> list[Line]:
    """A line an officer, everybody commissioned on the day, by name."""
    found = []
    for row in whom.rows:
        owed = wording.owed(row.finding)
        missing = [f"{wording.hours_number(owed[r.code])} h {r.short_name}" for r in requirements if r.code in owed]
        hours = wording.hours_number(row.hours)
        line = Line(row.license_number, row.name, row.chip.label, hours, ", ".join(missing), whom.left.get(row.pk))
        found.append((row.search_name, line))
    for one in whom.unseen:
        found.append(
            (one.search_name, Line(one.license_number, one.sorted_name, NOT_SHOWN, "", "", whom.left.get(one.pk)))
        )
    return [line for _, line in sorted(found, key=lambda pair: (pair[0], pair[1].license_number))]


def counts(rows: Iterable[overview.Row], unseen: int = 0) -> list[tuple[str, int]]:
    """How many stand where, those that occur; at the end how many are not shown. Together everybody of the day."""
    tally = dict.fromkeys(Standing, 0)
    for row in rows:
        tally[row.finding.standing] += 1
    found = [(wording.standing_label(one).label, many) for one, many in tally.items() if many]
    return [*found, (NOT_SHOWN, unseen)] if unseen else found


def as_pdf(statement: Statement, period: ReportingPeriod) -> bytes:
    """The statement as an accessible PDF (PDF/UA-1): tagged, with a title, its table's heads repeated on every page."""
    data = {
        "title": statement.title,
        "agency": statement.agency,
        "period": str(statement.period),
        "day": wording.full_date(statement.day),
        "headline": statement.headline,
        "whom": statement.whom,
        "ends_on": wording.full_date(period.ends_on),
        "show_by": wording.full_date(period.show_by),
        "counts": [[label, f"{many:,}"] for label, many in statement.counts],
        "lines": [
            [
                line.license_number,
                f"{line.name} (left {wording.full_date(line.left_on)})" if line.left_on else line.name,
                line.standing,
                line.hours,
                line.missing,
            ]
            for line in statement.lines
        ],
        "made": f"Made on {wording.full_date(statement.made_on)} by {statement.made_by}.",
    }
    return typeset.pdf(TEMPLATE, data)
