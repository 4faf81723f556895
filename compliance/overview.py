"""An agency's officers as a chief reads them: sorted, filtered, counted. Pure once its rows are read."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from compliance import gaps, wording
from compliance.models import Requirement
from compliance.verdict import Finding, Standing
from compliance.wording import Chip
from training.licensing import LicenseState, LicenseStatus

# What presses most comes last in this order, so that it leads where the order is reversed.
PRESSING = (
    Standing.NOT_APPLICABLE,
    Standing.EXEMPT,
    Standing.WAIVED,
    Standing.COMPLIANT,
    Standing.IN_PROGRESS,
    Standing.EXTENSION_PENDING,
    Standing.EXTENDED,
    Standing.GRACE,
    Standing.CANDIDATE,
    Standing.INACTIVE,
)


class Row(NamedTuple):
    """One officer of the agency with their finding and license."""

    pk: int
    license_number: str
    name: str
    search_name: str
    finding: Finding
    license: LicenseState
    needed: Decimal
    behind: Finding | None = None
    """The finding for the year before, where hours of it are still missing and owed."""

    @property
    def hours(self) -> Decimal:
        """Hours credited to the period."""
        return self.finding.earned.get("total", Decimal(0))

    @property
    def chip(self) -> Chip:
        """The standing."""
        return wording.standing_chip(self.finding, self.license)

    @property
    def license_chip(self) -> Chip | None:
        """The license, where it is anything but active and no standing's chip beside it says so."""
        if self.license.status is LicenseStatus.ACTIVE:
            return None
        return wording.license_beside(self.license, *(one.standing for one in (self.finding, self.behind) if one))


def behind_chip(row: Row, year: int) -> Chip | None:
    """What a row still owes for `year`, the one before: "2025: Past March 15"."""
    if row.behind is None:
        return None
    chip = wording.standing_chip(row.behind)
    return chip._replace(label=f"{year}: {chip.label}")


def behind_counts(rows: Iterable[Row]) -> list[tuple[Standing, int]]:
    """How many still owe hours for the year before, by standing, what presses most first."""
    tally = Counter(row.behind.standing for row in rows if row.behind)
    return sorted(tally.items(), key=lambda item: PRESSING.index(item[0]), reverse=True)


SORTS = {
    "name": lambda row: row.search_name,
    "license": lambda row: (row.license_number.zfill(12),),
    "hours": lambda row: row.hours,
    "missing": lambda row: row.needed,
    "standing": lambda row: PRESSING.index(row.finding.standing),
}
USUAL_SORT = "-missing"


def needed_by(requirements: Sequence[Requirement], findings: Iterable[Finding]) -> dict[int, Decimal]:
    """Identity of a finding -> fewest hours owed; equal findings are one object, so this is done once for each."""
    distinct = {id(finding): finding for finding in findings}
    return {key: gaps.fewest_hours(requirements, wording.owed(one)) for key, one in distinct.items()}


def sorted_rows(rows: Iterable[Row], sort: str) -> list[Row]:
    """The rows in an order of `SORTS`, reversed by a leading minus; equal ones by name."""
    by_name = sorted(rows, key=lambda row: (row.search_name, row.license_number))
    return sorted(by_name, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))


class Filters(NamedTuple):
    """Which officers are shown: by standing, by a requirement they lack, by words of their name or number."""

    standing: str = ""
    lacks: str = ""
    words: str = ""

    def admit(self, row: Row) -> bool:
        """Whether a row is shown."""
        if self.standing and row.finding.standing != self.standing:
            return False
        if self.lacks and self.lacks not in wording.owed(row.finding):
            return False
        return all(word in row.search_name or row.license_number.startswith(word.upper()) for word in plain(self.words))

    def __bool__(self) -> bool:
        return any(self)


def plain(words: str) -> list[str]:
    """The words of a search without accents and case."""
    decomposed = unicodedata.normalize("NFKD", words.replace("’", "'").casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one)).replace(",", " ").split()


class Lacking(NamedTuple):
    """How many officers lack a requirement, and how many hours of it they lack together and at most."""

    requirement: Requirement
    officers: int
    hours: Decimal
    most: Decimal


def lacking(requirements: Iterable[Requirement], rows: Sequence[Row]) -> list[Lacking]:
    """For each requirement that someone lacks: how many do."""
    found = []
    for requirement in requirements:
        missing = [owed[requirement.code] for row in rows if requirement.code in (owed := wording.owed(row.finding))]
        if missing:
            found.append(Lacking(requirement, len(missing), sum(missing, Decimal(0)), max(missing)))
    return found


def headline(rows: Sequence[Row]) -> str:
    """The first line: "19 of 31 officers are compliant."."""
    compliant = sum(1 for row in rows if row.finding.standing == Standing.COMPLIANT)
    count = len(rows)
    if count == 0:
        return "No officer holds a commission here today."
    if count == 1:
        return f"The one officer here is {'' if compliant else 'not '}compliant."
    if compliant == count:
        return f"All {count:,} officers are compliant."
    if compliant == 0:
        return f"None of {count:,} officers is compliant."
    return f"{compliant:,} of {count:,} officers {'is' if compliant == 1 else 'are'} compliant."


def plan_words(
    requirements: Sequence[Requirement], rows: Sequence[Row], makeup_for: int | None = None
) -> tuple[str, str] | None:
    """Which one class would help most, and how many of those with hours missing; None where none helps anybody.

    `makeup_for` is the year of a period that has ended, to which the class would have to be credited.
    """
    findings = [row.finding for row in rows if row.finding.standing in wording.OWING]
    if (one := gaps.best_class(requirements, findings)) is None:
        return None
    whom = "the one officer who is short" if one.of == 1 else f"{one.helped:,} of the {one.of:,} who are short"
    credited = f", credited to {makeup_for} as make-up," if makeup_for else ""
    return f"{wording.class_words(one)}{credited} would bring", whom
