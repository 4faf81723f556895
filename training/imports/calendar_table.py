"""A calendar kept as a table (CSV or XLSX), read to events: a row for each meeting or class, each error at its row."""

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from clee_portal.refusal import Refused
from training.imports.calendar_events import MOST_EVENTS, MOST_TITLE, Event, each_day, made_uid, mended, short_uid
from training.imports.cells import as_text, is_blank
from training.imports.dates import read_date
from training.imports.headers import Columns, Field, find_columns
from training.imports.problems import Unreadable
from training.imports.reading import Table
from training.models.calendar import MOST_SEATS
from training.places import place_of
from training.repeats import title_key
from training.wrong import Wrong

FIELDS = {
    one.name: one
    for one in (
        Field("title", "the course", ("course", "class", "course title", "name", "event", "subject", "summary")),
        Field("date", "the day", ("dates", "day", "start date", "date text", "dates text", "class date", "starts on")),
        Field("end date", "the last day", ("last day", "ends on", "end day", "end or graduation text")),
        Field("from", "when it begins", ("start time", "begins", "start", "time", "times", "time text")),
        Field("to", "when it ends", ("end time", "ends", "end", "until")),
        Field("place", "the name of the place", ("location", "site", "venue", "building", "room", "where")),
        Field("address", "the street", ("street", "street address")),
        Field("city", "the city", ("town",)),
        Field("zip", "the ZIP code", ("zip code", "zipcode", "postal code")),
        Field("seats", "how many can take part", ("capacity", "max", "maximum", "seat limit", "size")),
        Field("fee", "the fee in dollars", ("cost", "price", "tuition")),
        Field("instructors", "who teaches it", ("instructor", "teacher", "taught by")),
        Field("note", "what else people should know", ("notes", "description", "comments", "remarks")),
        Field("id", "its name in the other calendar", ("uid", "event id", "identifier", "class id", "number")),
        Field("status", "whether it is cancelled", ("state",)),
    )
}
_SPAN = re.compile(r"(?P<from>.+?)\s*(?:-|–|—|\bto\b|\buntil\b)\s*(?P<to>.+)", re.I)
_CANCELLED = {"cancelled", "canceled", "called off"}
# "February 20-24, 2027" and "January 29, 2027 - February 2, 2027"; the year of the last day is the first one's too.
_DAYS_SPAN = re.compile(
    r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<first>\d{1,2})\s*(?:-|–|—|to)\s*(?P<last>\d{1,2})(?:,?\s+(?P<year>\d{4}))?"
)
_DATES_SPAN = re.compile(
    r"(?P<first>.+?\d)\s*(?:-|–|—|\bto\b|\bthrough\b|\bthru\b)\s*(?P<last>[A-Za-z]{3,}.*\d{4})", re.I
)
_TIMES_FIX = "Give from when to when, like 8:00 AM and 5:00 PM."


def read(table: Table, today: dt.date) -> list[Event]:
    """The rows of a table as events. Raises `Unreadable` where no row names columns, or there is no title or date."""
    columns, rows = find_columns(table, FIELDS, mapping={}, settings={})
    for name in ("title", "date"):
        if not columns.has(name):
            known = ", ".join((name, *FIELDS[name].known_as[:4]))
            raise Unreadable(f"No column says {FIELDS[name].about}. Name one of: {known}.")
    found: list[Event] = []
    seen: set[str] = set()
    for number, row in rows:
        if all(is_blank(cell) for cell in row):
            continue
        for one in _read_row(columns, number, row, today, table.epoch):
            if one.uid not in seen:  # a row given twice is one
                seen.add(one.uid)
                found.append(one)
        if len(found) > MOST_EVENTS:
            raise Unreadable(f"The table has more than {MOST_EVENTS} rows. Send a part of it at a time.")
    if not found:
        raise Unreadable("The table has no rows below its column names.")
    return found


def _read_row(columns: Columns, number: int, row: list, today: dt.date, epoch: dt.datetime) -> list[Event]:
    def raw(name: str):
        at = columns.fields.get(name)
        return row[at] if at is not None and at < len(row) and not is_blank(row[at]) else None

    def text(name: str, most: int = 200) -> str:
        return " ".join(as_text(raw(name)).replace("\0", "").split())[:most]

    begins, ends = _times(raw("from"), raw("to"))
    event = Event(
        number=number,
        uid=_uid(text("id"), text("title", MOST_TITLE), text("date"), begins, text("place"), text("zip")),
        title=text("title", MOST_TITLE),
        day=text("date", 60),
        begins=begins[:40],
        ends=ends[:40],
        place=text("place"),
        address=text("address"),
        city=text("city", 100),
        instructors=text("instructors", 300),
        note=as_text(raw("note")).replace("\0", "").strip()[:2000],
        is_cancelled=text("status").casefold() in _CANCELLED,
    )
    event = _with_numbers(event, text("zip"), text("seats"), text("fee"))
    if not event.title:
        event = replace(event, wrong="It names no course.", fix="Give the title of the course.")
    try:
        first, days = _days(raw("date"), raw("end date"), today, epoch)
    except Wrong as wrong:
        return [replace(event, wrong=wrong.wrong, fix=wrong.fix)]
    if days > 1:
        each = each_day(event, first, days, event.wrong, event.fix)
        return [_timed(one, first + dt.timedelta(days=at)) for at, one in enumerate(each)]
    return [_timed(replace(event, day=first.isoformat()), first)]


def _timed(event: Event, day: dt.date) -> Event:
    if event.wrong:
        return event
    if not event.begins or not event.ends:
        return replace(event, wrong="It does not say from when to when.", fix=_TIMES_FIX)
    try:
        begins_at, ends_at = mended(day, event.begins, event.ends)
    except Refused as refusal:
        return replace(event, wrong=refusal.message, fix=_TIMES_FIX)
    return replace(event, begins_at=begins_at, ends_at=ends_at)


def _days(date, end_date, today: dt.date, epoch: dt.datetime) -> tuple[dt.date, int]:
    """The first day and how many. Raises `Wrong`."""
    if date is None:
        raise Wrong("It has no date.", "Give the date, like 2027-03-14.")
    shown = " ".join(as_text(date).split())
    if span := _DAYS_SPAN.fullmatch(shown):
        if not span["year"]:
            raise Wrong(f"“{shown}” has no year.", f"Write it like {shown}, {today.year + 1}.")
        first, last = (
            read_date(f"{span['month']} {span[name]}, {span['year']}", today=today) for name in ("first", "last")
        )
    elif span := _DATES_SPAN.fullmatch(shown):
        last = read_date(span["last"], today=today)
        has_year = re.search(r"\d{4}", span["first"])
        first = read_date(span["first"] if has_year else f"{span['first']}, {last.year}", today=today)
    else:
        first = read_date(date, today=today, epoch=epoch)
        last = read_date(end_date, today=today, epoch=epoch) if end_date is not None else first
    if last < first:
        raise Wrong("It ends before it begins.", "Correct the dates.")
    if (last - first).days >= 60:
        raise Wrong("It lasts more than 60 days.", "Give the days on which it meets one by one.")
    return first, (last - first).days + 1


def _times(begins, ends) -> tuple[str, str]:
    first, last = (
        f"{one:%H:%M}" if isinstance(one, dt.time | dt.datetime) else as_text(one).strip() for one in (begins, ends)
    )
    if first and not last and (span := _SPAN.fullmatch(first)):
        return span["from"], span["to"]
    return first, last


def _with_numbers(event: Event, zip_code: str, seats: str, fee: str) -> Event:
    """Its ZIP code, seats and fee; the first that cannot be read is what is wrong with the row."""
    wrong, fix = event.wrong, event.fix
    zip_code = zip_code.split("-")[0]
    if zip_code and place_of(zip_code) is None:
        wrong, fix, zip_code = f"The post office knows no ZIP code {zip_code[:20]}.", "Correct its five digits.", ""
    capacity = None
    if seats:
        number = int(seats) if seats.isascii() and seats.isdecimal() and len(seats) < 6 else 0
        if 1 <= number <= MOST_SEATS:
            capacity = number
        else:
            wrong, fix = f"“{seats[:20]}” is not a number of seats.", f"Give a number, 1 to {MOST_SEATS:,}."
    money = None
    if fee and fee.casefold() not in ("free", "none", "no charge"):
        try:
            money = Decimal(fee.lstrip("$").replace(",", "").strip()).quantize(Decimal("0.01"))
            if not 0 <= money < 100_000:
                raise InvalidOperation
        except InvalidOperation:
            money, wrong, fix = None, f"“{fee[:20]}” is not a fee.", "Give a number of dollars, like 45."
    elif fee:
        money = Decimal(0)
    city = event.city or (place_of(zip_code).city if zip_code else "")
    return replace(event, zip_code=zip_code, capacity=capacity, fee=money, city=city, wrong=wrong, fix=fix)


def _uid(given: str, title: str, *parts: str) -> str:
    return short_uid(f"id:{given}") if given else made_uid(title_key(title), *parts)
