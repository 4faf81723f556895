"""A provider's existing calendar brought in: read, mended, taken over as drafts, followed when it is sent again."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access, bringing_in
from training.bringing_in import Fate, Holding
from training.class_plan import Site, Terms
from training.imports import calendar_events, calendar_table, ics
from training.imports.calendar_events import Event
from training.imports.problems import Unreadable
from training.imports.reading import open_bytes
from training.models import CalendarImport, CalendarImportRow, Course, Provider, ScheduledClass
from training.places import place_of
from training.repeats import title_key
from training.services import scheduling

Kind, Outcome = CalendarImport.Kind, CalendarImportRow.Outcome
_ROW = tuple(Event.__dataclass_fields__)


@dataclass
class Taken:
    """What was taken over: the classes planned, changed, called off, and for each that was refused why."""

    planned: int = 0
    changed: int = 0
    called_off: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def read(*, by: User | None, provider: Provider, name: str, data: bytes) -> CalendarImport:
    """Read a file of a calendar (ICS, CSV or XLSX), and keep its events for the person to look at. Nothing is planned.

    Titles are matched with courses of the catalogue, however spelled. Raises `Refused` (field `file`) where the file
    cannot be read at all.
    """
    if not access.can_keep_calendar(by, provider):
        raise Refused("You cannot bring in a calendar of this provider.")
    now = clock.now()
    try:
        if ics.looks_like(data):
            kind, events = Kind.ICS, ics.read(data, now)
        else:
            kind, events = Kind.CSV, calendar_table.read(open_bytes(data, name=name), clock.day_of(now))
    except Unreadable as unreadable:
        raise Refused(str(unreadable), field="file") from unreadable
    return _keep(by, provider, name, kind, events)


@transaction.atomic
def _keep(by: User | None, provider: Provider, name: str, kind: str, events: list[Event]) -> CalendarImport:
    courses = bringing_in.courses_by_title(provider)
    last = provider.calendar_imports.exclude(capacity=None).first()
    made = CalendarImport.objects.create(
        provider=provider,
        name=name[-255:] or "calendar",
        kind=kind,
        uploaded_by=by,
        capacity=last.capacity if last else None,
        place=last.place if last else "",
        zip_code=last.zip_code if last else "",
    )
    seen: set[str] = set()
    rows = []
    for one in events:
        if one.uid in seen:
            continue
        seen.add(one.uid)
        course = courses.get(title_key(one.title))
        rows.append(CalendarImportRow(calendar_import=made, course=course, **{n: getattr(one, n) for n in _ROW}))
    CalendarImportRow.objects.bulk_create(rows)
    return made


@transaction.atomic
def settle(
    *,
    by: User | None,
    calendar: CalendarImport,
    courses: Mapping[str, Course | None],
    capacity: int | None,
    place: str,
    zip_code: str,
    joined: Mapping[str, bool] | None = None,
) -> CalendarImport:
    """Say once for all what the file leaves open: the course of each title, and seats and place where none stands.

    `joined`: name of a repeated event -> whether its dates are the meetings of one class. Raises `Refused`.
    """
    calendar = _locked(by, calendar)
    if zip_code and place_of(zip_code) is None:
        raise Refused(f"The post office knows no ZIP code {zip_code}. Check its five digits.", field="zip_code")
    calendar.capacity, calendar.place, calendar.zip_code = capacity, place, zip_code
    calendar.save(update_fields=["capacity", "place", "zip_code"])
    changed = []
    for row in calendar.rows.all():
        course = courses.get(row.title, row.course) if row.title in courses else row.course
        is_joined = (joined or {}).get(row.repeats, row.is_joined) if row.repeats else False
        if (row.course_id, row.is_joined) != (course and course.pk, is_joined):
            row.course, row.is_joined, row.outcome = course, is_joined, ""
            changed.append(row)
    CalendarImportRow.objects.bulk_update(changed, ["course", "is_joined", "outcome"])
    return calendar


@transaction.atomic
def mend(
    *,
    by: User | None,
    row: CalendarImportRow,
    day: dt.date,
    begins: str,
    ends: str,
    which: str = "",
    course: Course | None,
    place: str,
    address: str,
    city: str,
    zip_code: str,
    capacity: int | None,
    fee: Decimal | None,
    is_left_out: bool,
    to_all: bool = False,
    seen: str | None = None,
) -> CalendarImportRow:
    """Mend one event: its day and hours, course, place, seats, fee. `to_all`: the hours hold for all dates of a
    repeated event. Left out, it may stay as it is. `seen` is the mark of the page (`clee_portal.history.seen`). Raises
    `Refused`, with the field."""
    calendar = _locked(by, row.calendar_import)
    row = calendar.rows.get(pk=row.pk)
    given = {"is_left_out": is_left_out}
    if not is_left_out:
        given |= {"day": day.isoformat(), "begins": begins, "ends": ends, "course": course, "place": place}
        given |= {"address": address, "city": city, "zip_code": zip_code, "capacity": capacity, "fee": fee}
    pages.check(seen=seen, now=stands(row), given=given)
    row.is_left_out = is_left_out
    if not is_left_out:
        if zip_code and place_of(zip_code) is None:
            raise Refused(f"The post office knows no ZIP code {zip_code}. Check its five digits.", field="zip_code")
        _set_hours(row, day, begins, ends, which)
        row.course, row.capacity, row.fee = course, capacity, fee
        row.place, row.address, row.city, row.zip_code = place, address, city, zip_code
    row.outcome = ""
    row.save()
    if to_all and row.repeats and not is_left_out:
        for other in calendar.rows.filter(repeats=row.repeats).exclude(pk=row.pk):
            try:
                _set_hours(other, dt.date.fromisoformat(other.day), begins, ends, which)
            except (Refused, ValueError):
                continue  # its own date is wrong: it stays to be mended
            other.outcome = ""
            other.save()
    return row


def stands(row: CalendarImportRow) -> dict:
    """What `mend` changes, as it stands."""
    names = (
        "day",
        "begins",
        "ends",
        "course",
        "place",
        "address",
        "zip_code",
        "city",
        "capacity",
        "fee",
        "is_left_out",
    )
    return {name: getattr(row, name) for name in names}


def take(*, by: User | None, calendar: CalendarImport) -> Taken:
    """Take over what can be: new events become drafts, changed ones change their class (who registered is told), and
    cancelled ones call it off. What cannot be is named, and stays to be mended. Taken over twice nothing happens."""
    if not access.can_keep_calendar(by, calendar.provider):
        raise Refused("You cannot bring in a calendar of this provider.")
    taken = Taken()
    for one in bringing_in.holdings(calendar, clock.now()):
        if one.fate not in (*bringing_in.ACTED_ON, Fate.SAME):
            continue
        try:
            with transaction.atomic():
                _locked(by, calendar)  # whoever mends an event waits, or is through
                if (one := _as_it_is(calendar, one)) is not None:
                    _take(by, calendar, one, taken)
        except Refused as refusal:
            taken.refused.append((f"{one.first.title[:80]}, {one.first.day}", refusal.message))
            row = one.first
            row.wrong, row.fix = refusal.message[:400], "Mend it, and take over again."
            row.save(update_fields=["wrong", "fix"])
    CalendarImport.objects.filter(pk=calendar.pk).update(taken_at=clock.now())
    return taken


def _as_it_is(calendar: CalendarImport, read: Holding) -> Holding | None:
    """What was read, where its rows and its class are as they were; else as it is since somebody mended a row or threw
    the class away, if it can be taken over."""
    names = [field.attname for field in CalendarImportRow._meta.concrete_fields]
    pks = {row.pk for row in read.rows}
    is_there = read.existing is None or bool(
        ScheduledClass.objects.select_for_update(no_key=True).filter(pk=read.existing.pk).values_list("pk")
    )
    rows = {row.pk: row for row in calendar.rows.filter(pk__in=pks)}
    if is_there and all(
        row.pk in rows and all(getattr(row, name) == getattr(rows[row.pk], name) for name in names) for row in read.rows
    ):
        return read
    anew = bringing_in.holdings(calendar, clock.now())
    return next(
        (one for one in anew if pks & {row.pk for row in one.rows} and one.fate in (*bringing_in.ACTED_ON, Fate.SAME)),
        None,
    )


def _take(by: User | None, calendar: CalendarImport, one: Holding, taken: Taken) -> None:
    held, outcome = one.existing, Outcome.SAME
    match one.fate:
        case Fate.NEW:
            held, outcome = _plan(by, calendar, one), Outcome.NEW
            taken.planned += 1
        case Fate.CHANGED:
            _change(by, calendar, one)
            outcome = Outcome.CHANGED
            taken.changed += 1
        case Fate.CALLED_OFF:
            scheduling.call_off(by=by, held=held, reason=f"Cancelled in the calendar of {calendar.provider}")
            outcome = Outcome.CALLED_OFF
            taken.called_off += 1
        case Fate.SAME if held is not None and not held.outside_uid:
            # Planned here by hand before: from now on it follows the other calendar.
            ScheduledClass.objects.filter(pk=held.pk, outside_uid="").update(outside_uid=one.uid)
    for row in one.rows:
        row.outcome, row.scheduled_class = row.outcome or outcome, held or row.scheduled_class
    CalendarImportRow.objects.bulk_update(one.rows, ["outcome", "scheduled_class"])


def _plan(by: User | None, calendar: CalendarImport, one: Holding) -> ScheduledClass:
    row, provider = one.first, calendar.provider
    terms = Terms(
        delivery=row.course.delivery,
        fee=row.course.fee if row.fee is None else row.fee,
        instructors=row.instructors or row.course.instructors,
        administrator=row.course.administrator,
        contact_email=provider.email,
        contact_phone=provider.phone,
        note=row.note,
    )
    series = uuid.uuid5(uuid.NAMESPACE_URL, f"calendar:{provider.pk}:{row.repeats or one.uid}")
    [held] = scheduling.plan(
        by=by,
        course=row.course,
        meetings=one.meetings,
        sites=[_site(calendar, row, row.capacity or calendar.capacity)],
        terms=terms,
        key=series,
        outside_uid=one.uid,
    )
    return held


def _change(by: User | None, calendar: CalendarImport, one: Holding) -> None:
    """Its hours and place move the class; seats and fee change where the event itself says them."""
    row, held = one.first, one.existing
    site = _site(calendar, row, held.capacity) if row.place or row.zip_code else None
    held = scheduling.move(by=by, held=held, meetings=one.meetings, site=site)
    terms = Terms.of(held)
    given = {"fee": row.fee, "instructors": row.instructors or None, "note": row.note or None}
    changed = {name: value for name, value in given.items() if value is not None}
    values = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    scheduling.edit(by=by, held=held, terms=Terms(**values | changed), capacity=row.capacity or held.capacity)


def _site(calendar: CalendarImport, row: CalendarImportRow, capacity: int) -> Site:
    if row.place or row.zip_code or row.city:
        return Site(capacity, row.place, row.address, row.city, row.zip_code or calendar.zip_code)
    return Site(capacity, calendar.place, "", "", calendar.zip_code)


def _set_hours(row: CalendarImportRow, day: dt.date, begins: str, ends: str, which: str) -> None:
    row.begins_at, row.ends_at = calendar_events.mended(day, begins, ends, which)
    row.day, row.begins, row.ends, row.wrong, row.fix = day.isoformat(), begins, ends, "", ""


def _locked(by: User | None, calendar: CalendarImport) -> CalendarImport:
    locked = CalendarImport.objects.select_for_update(of=("self",)).select_related("provider").get(pk=calendar.pk)
    if not access.can_keep_calendar(by, locked.provider):
        raise Refused("You cannot bring in a calendar of this provider.")
    return locked
