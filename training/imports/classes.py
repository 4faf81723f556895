"""Import of training: every row one officer's completed class; rows of one class become one class."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import hours_words
from training import hours, said
from training.bodies import Body
from training.hours import Line
from training.imports import class_places, class_writing
from training.imports.agency_names import Agencies
from training.imports.cells import as_text
from training.imports.class_fields import FIELDS
from training.imports.class_places import Manner, Sources
from training.imports.headers import Columns, Field
from training.imports.officers import LICENSE_FIELD, NAME_FIELDS, read_name
from training.imports.rows import Row, Setting
from training.imports.values import choose, read_license_number, read_text, read_year
from training.models import Area, Delivery, RecognizedSource, SourceKind, Topic, TrainingRecord
from training.names import Name, plain, tidy
from training.wrong import Wrong

Role = TrainingRecord.Role
NOT_COMPLETED = "not completed"


def _words(of: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain(word) or word: meaning for meaning, words in of.items() for word in words}


_MEANS = {said.COMPLETED: Role.STUDENT, said.TAUGHT: Role.INSTRUCTOR, said.LEFT: NOT_COMPLETED}
STATUSES = _words({_MEANS[how]: words for how, words in said.STATUS_WORDS.items()})
ROLES = _words({_MEANS[how]: words for how, words in said.ROLE_WORDS.items()})
DELIVERIES = _words(
    {
        Delivery.CLASSROOM: ("classroom", "in person", "live", "class", "face to face", "on site", "range"),
        Delivery.ONLINE: ("online", "on-line", "web", "virtual", "computer based", "cbt", "e-learning", "webinar",
                          "distance"),
    }
)  # fmt: skip
SOURCES = _words(
    {
        SourceKind.APPROVED_PROVIDER: ("approved provider", "provider", "licensed provider", "academy", "approved"),
        SourceKind.IN_SERVICE: ("in service", "inservice", "in-service training", "agency"),
        SourceKind.INDIVIDUAL_COURSE: ("individual course", "individually approved course", "individual"),
        SourceKind.OUT_OF_STATE: ("out of state", "federal", "recognized out of state or federal course"),
        SourceKind.COLLEGE: ("college", "university", "college course"),
    }
)
_OF_THE_PERSON = {LICENSE_FIELD.name, *(one.name for one in NAME_FIELDS)}
_MOST_KNOWN = 10_000
_HOW_SOURCES = f"Use one of {', '.join(SourceKind.values)}."


@dataclass(slots=True)
class Draft:
    """What one row says of an officer's training."""

    row: Row
    number: str | None
    name: Name | None
    title: str
    control_number: str
    completed_on: dt.date
    starts_on: dt.date
    lines: tuple[Line, ...]
    source: tuple[str, str] | None  # kind, name of the provider, agency or sponsor as given
    approved_by: str
    although: str
    delivery: str
    role: str
    credited_year: int
    place: str
    recorded_on: dt.date | None
    recognized: RecognizedSource | None = None

    @property
    def credit(self) -> Decimal:
        """The hours of the row."""
        return hours.total(self.lines)


class Classes:
    """Training of officers found by license number, or by name inside one agency or a provider's classes."""

    noun = "training"

    writes_only_of: Body | None = None
    is_desk = False  # a command's: the texts name its options
    only_own = False

    def __init__(self, *, body: Body | None = None, carried_over_from: str = "", by: User | None = None):
        self.body = body
        self.by = by
        self.carried_over_from = carried_over_from
        self.areas = {one.code: one for one in Area.objects.all()}
        self.topics = {one.code: one for one in Topic.objects.all()}
        self.fields = {one.name: one for one in (*FIELDS, *self._hour_fields())}
        self._area_words = {
            plain(word): one.code for one in self.areas.values() for word in (one.code, one.name, one.name.split()[0])
        }
        self._lines: dict[tuple, tuple[Line, ...]] = {}
        self._setting: Setting | None = None
        self._of_class: list[int] = []
        self._known: dict[tuple, tuple] = {}
        self._sources = Sources(Agencies.all(), body)
        self._memory = class_places.Memory(body)

    def _hour_fields(self):
        for one in self.areas.values():
            yield Field(one.code, f"hours of {one.name}", (one.name, f"{one.name} hours", f"{one.code} hours"))
        for one in self.topics.values():
            yield Field(one.code, f"of these, hours of {one.name}", (one.name, f"{one.name} hours"))

    def advice(self, columns: Columns) -> list[str]:
        """What the columns lack."""
        found = []
        if not columns.has("license_number"):
            found.append(
                "No column holds the POST license number (--map COLUMN=license_number): "
                + (
                    f"names are looked for among the officers of {self.body}."
                    if self.body
                    else "names are matched only inside an agency, given with --agency CODE."
                )
            )
        if not any(columns.has(code) for code in ("hours", *self.areas)):
            found.append(
                "No column holds hours: give --map COLUMN=hours or --set hours=N, and --set area=legal (or another)."
            )
        elif columns.has("hours") and not any(columns.has(code) for code in ("area", *self.areas)):
            found.append(f"No column holds the area of the hours: give --set area=… ({', '.join(self.areas)}).")
        if not any(columns.has(name) for name in class_places.SOURCE_FIELDS) and not self.body:
            found.append(
                "No column says who gave the training: give --agency CODE (its in-service), --set provider=NAME, or "
                "--set source=out_of_state --set sponsor=NAME."
            )
        return found

    def take(self, rows: list[Row], setting: Setting) -> None:
        """Check the rows and write the good ones."""
        drafts = [draft for row in rows if (draft := self._read(row, setting.today))]
        class_writing.take(
            drafts,
            sources=self._sources,
            memory=self._memory,
            manner=Manner(setting.today, self.by, self.carried_over_from, self.is_desk, self.only_own),
        )

    def _read(self, row: Row, today: dt.date) -> Draft | None:
        number = row.read("license_number", read_license_number)
        name = read_name(row, needed=False, alone=self.is_desk)
        if not number and not name and not row.problems:
            row.refuse("license_number", "There is no license number and no name.", "Fill in the license number.")
        elif not number and not self.body and not row.problems:
            row.refuse(
                "license_number" if row.setting.columns.has("license_number") else "name",
                "A name alone does not say who it is.",
                "Give the license number, or --agency CODE to look among that agency’s officers.",
            )
        told = self._told(row, today)
        if row.problems:
            row.refuse_for_good()
            return None
        return Draft(row, number, name, *told) if row.fate is None else None

    def _told(self, row: Row, today: dt.date) -> tuple:
        """What a row says beside whom it is about. Most rows say what the one above says: that is read once.

        Where something is wrong it is read with each row, whose problem it is.
        """
        if row.setting is not self._setting:
            of_class = [at for name, at in row.setting.columns.fields.items() if name not in _OF_THE_PERSON]
            self._setting, self._of_class, self._known = row.setting, of_class, {}
        cells = tuple(row.cells[at] if at < len(row.cells) else None for at in self._of_class)
        key = cells, tuple(map(type, cells))  # 1 and True are equal, and do not say the same
        if (told := self._known.get(key)) is None:
            told = self._read_told(row, today)
            if row.fate is None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = told
        return told

    def _read_told(self, row: Row, today: dt.date) -> tuple:
        control_number = row.read("control_number", read_text, most=40, default="")
        if control_number:
            title = row.read("title", read_text, most=200, default="")
        else:
            title = row.need("title", read_text, what="course title", most=200) or ""
        known = len(row.problems)
        completed_on = row.past_date("completed_on", "day of completion")
        if not completed_on and len(row.problems) == known:
            row.need("completed_on", tidy, what="day of completion")
        starts_on = row.date("starts_on") or completed_on
        role = self._role(row)
        lines = self._hours(row)
        year = row.read("period", read_year, default=completed_on.year if completed_on else 0)
        delivery = row.read(
            "delivery", choose, DELIVERIES, "a way of holding a class", "Write classroom or online.",
            default=Delivery.CLASSROOM,
        )  # fmt: skip
        source = self._source(row)
        approved_by = row.read("approved_by", read_text, most=200, default="")
        although = row.read("although", read_text, most=300, default="")
        recorded_on = row.past_date("recorded_on", "day it was recorded")
        place = row.read("place", read_text, most=200, default="")
        if row.fate is None or row.problems:
            self._check_days(row, lines, starts_on, completed_on, year, recorded_on)
        return (
            title, control_number, completed_on, starts_on, lines, source, approved_by, although, delivery, role, year,
            place, recorded_on,
        )  # fmt: skip

    def _role(self, row: Row) -> str:
        known = len(row.problems)
        status = row.read(
            "status", choose, STATUSES, "a status known here", "Use Completed, Instructed or Incomplete.", default=""
        )
        if status == NOT_COMPLETED:
            row.refuse(
                "status", "The class was not completed, so it gives no credit.",
                "Take the row out; import it once the class was completed.",
            )  # fmt: skip
            row.gives_nothing = True
        role = row.read("role", choose, ROLES, "a role", "Write student or instructor.", default="")
        if role and status == Role.INSTRUCTOR and role != status and len(row.problems) == known:
            row.refuse("role", "The status says instructor, the role says student.", "Correct one of them.")
        return role or status or Role.STUDENT

    def _hours(self, row: Row) -> tuple[Line, ...]:
        known = len(row.problems)
        by_area = {code: row.read(code, read_hours) for code in self.areas if row.setting.columns.has(code)}
        topics = {code: row.read(code, read_hours) for code in self.topics if row.setting.columns.has(code)}
        whole = row.read("hours", read_hours)
        stated = {code: value for code, value in by_area.items() if value is not None}
        if len(row.problems) > known:
            return ()
        if not stated and whole is None:
            if row.setting.columns.has("hours") or not by_area:
                row.need("hours", tidy, what="number of hours")
            else:
                row.refuse(next(iter(by_area)), "There are no hours in any area.", "Fill in the hours of an area.")
            return ()
        if not any(stated.values()) and not whole:
            row.skip("zero hours: nothing to credit")
            return ()
        given = {code: value for code, value in stated.items() if value}
        if not given:
            area = row.read("area", choose, self._area_words, "an area", f"Use one of {', '.join(self.areas)}.")
            if area is None:
                if len(row.problems) == known:
                    row.refuse(
                        "area", "The area of the hours is not given.",
                        f"Fill it in with one of {', '.join(one.name for one in self.areas.values())}."
                        if self.is_desk
                        else f"Fill it in, or give one for all rows: --set area=… ({', '.join(self.areas)}).",
                    )  # fmt: skip
                return ()
            given = {area: whole}
        elif whole is not None and whole != sum(given.values()):
            row.refuse(
                "hours", f"The areas come to {hours_words(sum(given.values()))}, not {whole.normalize():f}.",
                "Correct the total or the hours by area.",
            )  # fmt: skip
            return ()
        inside = {code: value for code, value in topics.items() if value}
        key = (tuple(given.items()), tuple(inside.items()))
        if key not in self._lines:
            try:
                self._lines[key] = hours.lines_with_topics_anywhere(
                    {self.areas[code]: value for code, value in given.items()},
                    {self.topics[code]: value for code, value in inside.items()},
                )
            except Refused as refusal:
                of = (refusal.field or "hours").rpartition(":")[2]
                row.refuse(of, refusal.message, "Correct the hours of the topic or of the area.")
                return ()
        return self._lines[key]

    def _source(self, row: Row) -> tuple[str, str] | None:
        kind = row.read("source", choose, SOURCES, "a kind of source", _HOW_SOURCES, default="")
        names = {
            name: row.read(name, read_text, most=200, default="") for name in ("provider", "source_agency", "sponsor")
        }
        try:
            if self.only_own:
                return self._sources.own_only(kind, names)
            return self._sources.stated(kind, names, needed=not row.has("control_number"))
        except class_places.Misplaced as wrong:
            row.refuse(wrong.field, wrong.wrong, wrong.fix)
            row.is_for_post = row.is_for_post or wrong.is_for_post
            return None

    def _check_days(self, row: Row, lines, starts_on, completed_on, year: int, recorded_on) -> None:
        if not completed_on:
            return
        if starts_on and starts_on > completed_on:
            row.refuse("starts_on", "The class starts after it was completed.", "Correct one of the dates.")
        elif lines and starts_on:
            try:
                hours.check_days(hours.total(lines), (completed_on - starts_on).days + 1)
            except Refused as refusal:
                row.refuse("hours", refusal.message, "A class of several days needs its first day, starts_on.")
        if year > completed_on.year:
            row.refuse(
                "period", f"Hours of {completed_on.year} cannot count in {year}.", "Hours are never carried forward."
            )
        elif year and year < completed_on.year and not self.carried_over_from:
            row.refuse(
                "period", f"Hours of {completed_on.year} are to count in {year}.",
                "Leave it empty: make-up credit is decided person by person in the portal.",
            )  # fmt: skip
        if recorded_on and not self.carried_over_from:
            row.refuse(
                "recorded_on",
                "Only an older register says when a row was recorded.",
                "Leave it out, or use --carried-over-from NAME.",
            )
        elif recorded_on and recorded_on < completed_on:
            row.refuse("recorded_on", "It was recorded before it was completed.", "Correct one of the dates.")


def read_hours(raw) -> Decimal:
    """Hours in a cell: 1.5, 1,5 or 1.5 hours. Raises `Wrong`."""
    if isinstance(raw, bool) or hasattr(raw, "hour") or hasattr(raw, "days"):
        raise Wrong(f"“{as_text(raw)}” is a time or a date, not a number of hours.", "Write it like 1.5.")
    text = raw if isinstance(raw, int | float) else tidy(as_text(raw)).casefold()
    if isinstance(text, str):
        for unit in ("hours", "hour", "hrs.", "hrs", "hr.", "hr", "h"):
            if text.endswith(unit):
                text = text.removesuffix(unit).strip()
                break
        if not text or any(c not in "0123456789.,+-" for c in text):
            raise Wrong(f"“{as_text(raw)[:40]}” is not a number of hours.", "Write it like 1.5.")
    try:
        return hours.parse_hours(text)
    except Refused as refusal:
        raise Wrong(refusal.message, "Correct the hours.") from None
