"""Import of officers: register entries, license dates, commissions. Identified by license number, never by name."""

import datetime as dt

from training import names
from training.imports.agency_names import Agencies
from training.imports.cells import as_text
from training.imports.headers import Columns, Field
from training.imports.officer_rows import Draft, KnownOfficers, write
from training.imports.rows import Row, Setting
from training.imports.values import choose, read_email, read_license_number, read_text, read_yes_no
from training.models import Agency, LicenseClass
from training.names import Name, plain
from training.wrong import Wrong

YOUNGEST = 16  # years between a birth date and anything in the file
_STARTS = {
    "hired",
    "hire",
    "commissioned",
    "commission",
    "appointed",
    "started",
    "start",
    "active",
    "rehired",
    "employed",
}


def read_name(row: Row, *, needed: bool, alone: bool = False) -> Name | None:
    """The name in a row, from one column or from columns of its parts; what is wrong is noted.

    `alone`: a last name will do, beside a license number or to offer whom it may mean.
    """
    try:
        if alone and (name := _lone_name(row)):
            return name
        if row.has("last_name", "first_name"):
            text = {part: as_text(row.raw(part)) for part in ("first_name", "middle_name", "last_name", "suffix")}
            if not text["first_name"] and "," in text["last_name"]:
                return names.read_full_name(text["last_name"])
            return names.read_parts(*text.values())
        if row.has("name"):
            name = names.read_full_name(as_text(row.raw("name")))
            return name._replace(suffix=names.read_suffix(as_text(row.raw("suffix"))) or name.suffix)
    except Wrong as wrong:
        at = next((one for one in ("name", "last_name", "first_name") if row.setting.columns.has(one)), "")
        row.refuse(at, wrong.wrong, wrong.fix)
        return None
    if needed:
        row.refuse("name", "There is no name.", "Give it with --map COLUMN=name, or first_name and last_name.")
    return None


def _lone_name(row: Row) -> Name | None:
    given = [name for name in ("name", "last_name", "first_name") if row.has(name)]
    return names.read_lone(as_text(row.raw(given[0]))) if len(given) == 1 else None


NAME_FIELDS = (
    Field(
        "name",
        "whole name",
        ("full name", "officer name", "officer", "employee name", "employee", "trainee", "student name"),
    ),
    Field("last_name", "last name", ("last", "surname", "lname", "family name")),
    Field("first_name", "first name", ("first", "fname", "given name")),
    Field("middle_name", "middle name or initial", ("middle", "mi", "middle initial", "mname")),
    Field("suffix", "Jr., Sr., II, III, IV", ("name suffix", "sfx")),
)
LICENSE_FIELD = Field(
    "license_number",
    "POST license number",
    (
        "post license number",
        "license",
        "license no",
        "license #",
        "post license",
        "post number",
        "post id",
        "post no",
        "licence number",
        "license num",
        "lic no",
        "post license no",
        "post #",
        "mo post number",
        "mo post license number",
        "post lic no",
        "lic #",
        "officer license number",
    ),
)


class Officers:
    """Officers with their license dates and commissions."""

    noun = "officers"
    writes_only_of = None
    fields = {
        one.name: one
        for one in (
            LICENSE_FIELD,
            *NAME_FIELDS,
            Field("license_class", "class of the license (A, B, …)", ("class", "lic class")),
            Field(
                "licensed_on",
                "day the license was issued",
                ("licensed", "license date", "date licensed", "issued", "issue date", "license issued"),
            ),
            Field("email", "e-mail", ("e-mail", "email address", "mail")),
            Field("address", "address of record", ("postal address", "mailing address", "home address")),
            Field("birth_date", "birth date; POST alone sees it", ("dob", "date of birth", "born", "birthdate")),
            Field(
                "agency",
                "commissioning agency: code or name",
                ("agency code", "agency name", "employer", "department name"),
            ),
            Field(
                "commission_start",
                "first day of the commission",
                (
                    "commissioned on",
                    "commission date",
                    "start date",
                    "hire date",
                    "date hired",
                    "hired",
                    "commissioned",
                    "appointed",
                    "date of hire",
                ),
            ),
            Field(
                "commission_end",
                "last day of the commission",
                ("end date", "separated", "separation date", "termination date"),
            ),
            Field("action", "what an employment row reports: hired, commissioned, …"),
            Field("rank", "rank", ("title", "position", "job title")),
            Field("reserve", "reserve officer: yes or no", ("is reserve", "reserve officer")),
        )
    }

    def __init__(self, *, agency: Agency | None = None, carried_over_from: str = ""):
        self.agency = agency
        self.carried_over_from = carried_over_from
        self._agencies = Agencies.all()
        self._classes = {plain(one.code): one for one in LicenseClass.objects.all()}

    def advice(self, columns: Columns) -> list[str]:
        """What the columns lack."""
        found = []
        if not columns.has("license_number"):
            found.append(
                "No column holds the POST license number: give it with --map COLUMN=license_number. Without it "
                "no row can go in: officers are never told apart by name or badge, and numbers are never made up."
            )
        if not columns.has("licensed_on"):
            found.append(
                "No column holds licensed_on: new officers get no license date, and no hours can be recorded yet."
            )
        if (self.agency or columns.has("agency")) and not columns.has("commission_start"):
            found.append(
                "No column holds the commission’s first day: map commission_start, or --set commission_start=DATE."
            )
        return found

    def take(self, rows: list[Row], setting: Setting) -> None:
        """Check the rows and write the good ones."""
        drafts = [self._read(row, setting.today) for row in rows]
        known = KnownOfficers([draft.number for draft in drafts if draft.number])
        for draft in drafts:
            if not draft.row.problems:
                known.place(draft)
        write(known, self.carried_over_from)

    def _read(self, row: Row, today: dt.date) -> Draft:
        number = row.need("license_number", read_license_number, what="POST license number")
        name = read_name(row, needed=True)
        how = f"The classes are {', '.join(one.code for one in self._classes.values())}."
        agency = row.read("agency", self._agencies.read) if row.has("agency") else self.agency
        draft = Draft(
            row=row,
            number=number,
            name=name,
            license_class=row.read("license_class", choose, self._classes, "a class of license", how),
            licensed_on=row.past_date("licensed_on", "license date"),
            email=row.read("email", read_email, default=""),
            address=row.read("address", read_text, most=500, default=""),
            born_on=row.past_date("birth_date", "birth date"),
            agency=agency,
            started_on=row.past_date("commission_start", "commission’s first day"),
            ended_on=row.date("commission_end"),
            rank=row.read("rank", read_text, most=60, default=""),
            is_reserve=row.read("reserve", read_yes_no, default=False),
        )
        _check(draft, today)
        return draft


def _check(draft: Draft, today: dt.date) -> None:
    row = draft.row
    if draft.born_on and draft.born_on.year > min(today, draft.licensed_on or today).year - YOUNGEST:
        row.refuse("birth_date", f"Born on {draft.born_on}, the officer would be too young.", "Correct the birth date.")
    if draft.agency and not draft.started_on and not row.problems:
        row.refuse(
            "commission_start",
            f"There is no first day of the commission at {draft.agency}.",
            "Fill it in, or give one for all rows with --set commission_start=DATE.",
        )
    if draft.started_on and not draft.agency and not row.problems:
        row.refuse("agency", "There is a commission but no agency.", "Fill in the agency, or use --agency CODE.")
    if draft.started_on and draft.ended_on and draft.ended_on < draft.started_on:
        row.refuse("commission_end", "The commission ends before it starts.", "Correct one of the dates.")
    action = row.read("action", read_text, most=80, default="")
    if action and plain(action) not in _STARTS:
        row.refuse(
            "action",
            f"“{action}” is not the start of a commission.",
            "Put its last day into the row that starts it (commission_end), or take the row out.",
        )
