"""A list of license numbers and e-mail addresses, pasted or as a file: who can be invited, and what is wrong with rows.

Columns are found by their names; a list without names is read by what stands in it, a cell with an @ being the address.
"""

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from training import licensing, selectors
from training.imports.cells import as_text
from training.imports.headers import Field, find_columns
from training.imports.officers import LICENSE_FIELD
from training.imports.problems import Problem, Unreadable
from training.imports.reading import Table, open_bytes
from training.imports.values import read_email, read_license_number
from training.models import Invitation, Membership, Officer
from training.wrong import Wrong

MOST_ROWS = 50_000
FIELDS = {
    one.name: one
    for one in (
        LICENSE_FIELD,
        Field(
            "email",
            "e-mail address",
            ("e-mail", "email address", "e-mail address", "mail", "work email", "department email", "address"),
        ),
    )
}


class Given(NamedTuple):
    """One row as it was given."""

    row: int
    license_number: str
    email: str


class Invitee(NamedTuple):
    """An officer who can be invited; `note` says what else happens by it."""

    row: int
    officer: Officer
    email: str
    note: str


class Checked(NamedTuple):
    """A list, checked: who can be invited, and the problems of all other rows."""

    invitees: list[Invitee]
    problems: list[Problem]

    @property
    def rows(self) -> int:
        """How many rows were given."""
        return len(self.invitees) + len(self.problems)

    @property
    def again(self) -> int:
        """How many have an invitation that still stands, and ends by this one."""
        return sum(bool(one.note) for one in self.invitees)


def read(data: bytes, name: str) -> list[Given]:
    """The rows of a file or of what was pasted. Raises `Unreadable`."""
    given = _by_names(open_bytes(data, name=name))
    if given is None:
        given = _by_content(open_bytes(data, name=name))
    if not given:
        raise Unreadable("There is no row with a license number and an e-mail address.")
    if len(given) > MOST_ROWS:
        raise Unreadable(f"There are more than {MOST_ROWS:,} rows. Divide the list.")
    return given


def as_lines(given: Iterable[Given]) -> str:
    """The rows as text that `read` takes again, for a page that shows them before they are sent."""
    return "\n".join(
        ["row\tlicense_number\temail", *(f"{one.row}\t{one.license_number}\t{one.email}" for one in given)]
    )


def of_lines(text: str) -> list[Given]:
    """The rows of `as_lines`; anything else is left out."""
    parts = [line.rstrip("\r").split("\t") for line in text.split("\n")[1:]]
    return [Given(int(row), number, email) for row, number, email in _threes(parts)][:MOST_ROWS]


def _threes(parts):
    return (one for one in parts if len(one) == 3 and one[0].isascii() and one[0].isdigit())


def _by_names(table: Table) -> list[Given] | None:
    """None where no row names both columns."""
    try:
        columns, rows = find_columns(table, FIELDS, mapping={}, settings={})
    except Unreadable:
        return None
    if not (columns.has("license_number") and columns.has("email")):
        return None
    at = columns.fields
    return [
        Given(number, _cell(row, at["license_number"]), _cell(row, at["email"]))
        for number, row in rows
        if _cell(row, at["license_number"]) or _cell(row, at["email"])
    ]


def _by_content(table: Table) -> list[Given]:
    found = []
    for number, row in table.rows:
        cells = [cell for cell in (as_text(raw).strip() for raw in row) if cell]
        words = [word for cell in cells for word in (cell.split() if "@" in cell else [cell])]
        mails = [word.strip("<>,;()") for word in words if "@" in word]
        others = [word for word in words if "@" not in word]
        if words and not (number == 1 and not mails and not any(map(str.isdigit, " ".join(others)))):
            numbers = [one for one in others if re.search(r"\d", one)]
            found.append(Given(number, (numbers or others or [""])[0], mails[0] if mails else ""))
    return found


def _cell(row: list, at: int) -> str:
    return as_text(row[at]).strip() if at < len(row) else ""


def check(given: Iterable[Given], today: dt.date, as_of: dt.datetime) -> Checked:
    """Who of a list can be invited on `today`. A constant number of statements, however long the list is."""
    problems, read_ones = [], []
    for one in given:
        number = _read(one, "license_number", one.license_number, read_license_number, problems)
        email = _read(one, "email", one.email, read_email, problems) if number else None
        if number and email == "":
            problems.append(Problem(one.row, "email", "", "There is no e-mail address.", "Give the officer’s own."))
        elif number and email:
            read_ones.append(Given(one.row, number, email.lower()))
    officers = {
        one.license_number: one
        for one in Officer.objects.filter(license_number__in={one.license_number for one in read_ones})
    }
    known = _Known(officers.values(), today, as_of)
    known.before = selectors.now_known_as({one.license_number for one in read_ones} - officers.keys())
    invitees, of_number, of_email = [], {}, {}
    for one in read_ones:
        officer = officers.get(one.license_number)
        if why := known.against(one, officer, of_number, of_email):
            problems.append(why)
            continue
        of_number[one.license_number] = of_email[one.email] = one.row
        invitees.append(Invitee(one.row, officer, one.email, known.note(officer, one.email)))
    return Checked(invitees, sorted(problems, key=lambda problem: problem.row))


def _read(one: Given, column: str, raw: str, reader, problems: list[Problem]) -> str | None:
    try:
        return reader(raw)
    except Wrong as wrong:
        problems.append(Problem(one.row, column, raw, wrong.wrong, wrong.fix.replace(", or leave it empty", "")))
        return None


class _Known:
    """What is known of the officers of a list; `before` says who had a number that nobody has now."""

    before: dict[str, list[Officer]] = {}

    def __init__(self, officers: Iterable[Officer], today: dt.date, as_of: dt.datetime):
        ids = [one.pk for one in officers]
        self.licenses = licensing.states_of(ids, today, as_of)
        members = Membership.objects.filter(role=Membership.Role.OFFICER, officer__in=ids).current(today)
        self.connected = set(members.values_list("officer", flat=True))
        self.standing = dict(
            Invitation.objects.standing()
            .filter(role=Invitation.Role.OFFICER, officer__in=ids)
            .values_list("officer", "email")
        )

    def against(self, one: Given, officer: Officer | None, of_number: dict, of_email: dict) -> Problem | None:
        """Why a row cannot be invited."""

        def problem(column, wrong, fix):
            return Problem(one.row, column, getattr(one, column), wrong, fix)

        if officer is None:
            had_it = " ".join(map(selectors.formerly, self.before.get(one.license_number, [])))
            return problem(
                "license_number",
                "No officer in the register has this license number.",
                had_it or "Check it against the license.",
            )
        if one.license_number in of_number:
            first = of_number[one.license_number]
            return problem("license_number", f"It stands in row {first} already.", "Keep the row that is right.")
        if officer.pk in self.connected:
            return problem("license_number", "It is connected to an account already.", "Nothing has to be sent.")
        if not self.licenses[officer.pk].is_held:
            status = self.licenses[officer.pk].status
            words = "was never issued" if status == licensing.LicenseStatus.NONE else f"is {status} today"
            return problem("license_number", f"The license {words}.", "Leave the row out, or correct the register.")
        if one.email in of_email:
            first = of_email[one.email]
            return problem(
                "email", f"The same address stands in row {first}.", "Give each officer’s own, not a shared mailbox."
            )
        return None

    def note(self, officer: Officer, email: str) -> str:
        """What else the invitation does."""
        if (before := self.standing.get(officer.pk)) is None:
            return ""
        return "invited already: the old link ends" + (f" (it went to {before})" if before.lower() != email else "")
