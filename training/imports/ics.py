"""Calendars of other makers (iCalendar, RFC 5545), read to events: repeated ones by date, errors at their event."""

import datetime as dt
import re
from dataclasses import replace

import icalendar
import recurring_ical_events

from clee_portal import clock
from clee_portal.refusal import Refused
from training.imports import limits
from training.imports.calendar_events import (
    AHEAD,
    MOST_EVENTS,
    MOST_TITLE,
    Event,
    each_day,
    floating,
    made_uid,
    short_uid,
    with_moments,
)
from training.imports.problems import Unreadable
from training.places import place_of

_EVENT = re.compile(r"^BEGIN:VEVENT\r?$.*?^END:VEVENT\r?$", re.M | re.S)
_ZIP = re.compile(r"(?<!\d)(\d{5})(?:-\d{4})?(?!\d)")
_UNREADABLE = "This is no calendar that can be read. Export it again as iCalendar (ICS)."
_ASK = "Give the date and the hours."


def looks_like(data: bytes) -> bool:
    """Whether this is a calendar, whatever the file is called."""
    return b"BEGIN:VCALENDAR" in data[:2000].upper()


def read(data: bytes, now: dt.datetime) -> list[Event]:
    """The events of a calendar that are not over, the first first; a repeated one for a year ahead.

    Events that cannot be read are among them, with what is wrong. Raises `Unreadable` where it is no calendar at all,
    or holds nothing.
    """
    if len(data) > limits.MOST_BYTES:
        raise Unreadable(f"The file is larger than {limits.in_megabytes(limits.MOST_BYTES)}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    found = []
    for number, group in enumerate(_by_uid(_components(text)), start=1):
        found += _read_group(group, number, now)
        if len(found) > 10 * MOST_EVENTS:
            break
    how_many, today = len(found), clock.day_of(now)
    found = [one for one in found if not _is_over(one, now, today)]
    if not found:
        words = "The only event of the calendar is" if how_many == 1 else f"All {how_many} events of the calendar are"
        raise Unreadable(f"{words} over. There is nothing to bring in.")
    if len(found) > MOST_EVENTS:
        raise Unreadable(
            f"The calendar holds more than {MOST_EVENTS} classes to come. Send a part at a time, such as a quarter."
        )
    return sorted(found, key=lambda one: (one.begins_at is None, one.begins_at or now, one.number))


def _is_over(event: Event, now: dt.datetime, today: dt.date) -> bool:
    if event.ends_at is not None:
        return event.ends_at <= now
    return bool(event.day) and event.day < today.isoformat()


def _components(text: str) -> list[icalendar.Event]:
    """The events of all calendars in the text; where one breaks the reading, each is read for itself."""
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
        found = [one for calendar in calendars for one in calendar.walk("VEVENT")]
        if not calendars:
            raise Unreadable(_UNREADABLE)
    except Unreadable:
        raise
    except Exception:  # a damaged file makes the library stumble over whatever it meets
        found = _one_by_one(text)
    if not found:
        raise Unreadable("The calendar holds no event.")
    return found


def _one_by_one(text: str) -> list[icalendar.Event]:
    blocks = _EVENT.findall(text)
    frame = _EVENT.sub("", text)
    if not blocks or "END:VCALENDAR" not in frame.upper():
        raise Unreadable(_UNREADABLE)
    end = frame.upper().rindex("END:VCALENDAR")
    found = []
    for block in blocks[: 4 * MOST_EVENTS]:
        try:
            calendar = icalendar.Calendar.from_ical(f"{frame[:end]}{block}\r\n{frame[end:]}")
            found += calendar.walk("VEVENT")
        except Exception:  # as above
            broken = icalendar.Event()
            title = re.search(r"^SUMMARY[^:\r\n]*:([^\r\n]*)", block, re.M)
            broken.add("SUMMARY", title[1].strip() if title else "")
            found.append(broken)
    return found


def _by_uid(events: list[icalendar.Event]) -> list[list[icalendar.Event]]:
    """Events of one UID belong together: a repeated one, and the dates of it that were changed."""
    groups: dict[str, list[icalendar.Event]] = {}
    for one in events:
        uid = str(one.get("UID", "")).strip() or made_uid(one.get("SUMMARY", ""), one.get("DTSTART", ""))
        groups.setdefault(uid, []).append(one)
    return list(groups.values())


def _read_group(group: list[icalendar.Event], number: int, now: dt.datetime) -> list[Event]:
    repeats = [one for one in group if any(name in one for name in ("RRULE", "RDATE"))]
    uid = str(group[0].get("UID", "")).strip() or made_uid(group[0].get("SUMMARY", ""), group[0].get("DTSTART", ""))
    if not repeats:
        changed = [one for one in group if "RECURRENCE-ID" in one]
        plain = [one for one in group if "RECURRENCE-ID" not in one]
        latest = sorted(plain, key=_sequence)[-1:]  # sent twice in one file, the later one holds
        named = [(one, uid) for one in latest] + [(one, f"{uid}#{_moment_of(one, 'RECURRENCE-ID')}") for one in changed]
        return [event for one, name in named for event in _read(one, short_uid(name), number)]
    if any(name in ("RRULE", "RDATE", "EXDATE", "DTSTART") for one in group for name, _ in one.errors):
        base = _about(repeats[0], uid, number)
        return [_wrong(base, "How it is repeated cannot be read.", "Give the dates one by one, or export it again.")]
    calendar = icalendar.Calendar()
    for one in group:
        calendar.add_component(one)
    try:
        dates = recurring_ical_events.of(calendar).between(now - dt.timedelta(days=1), now + AHEAD)
    except Exception:  # a rule that contradicts itself
        return [_wrong(_about(repeats[0], uid, number), "How it is repeated cannot be read.", _ASK)]
    found = []
    for one in dates[: 2 * MOST_EVENTS]:
        name = short_uid(f"{uid}#{_moment_of(one, 'RECURRENCE-ID') or _moment_of(one, 'DTSTART')}")
        found += [_of_series(event, uid, len(dates)) for event in _read(one, name, number)]
    return found


def _of_series(event: Event, uid: str, how_many: int) -> Event:
    return replace(event, repeats=event.repeats or (short_uid(uid) if how_many > 1 else ""))


def _sequence(event: icalendar.Event) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _moment_of(event: icalendar.Event, name: str) -> str:
    value = event.get(name)
    moment = getattr(value, "dt", None)
    if isinstance(moment, dt.datetime) and moment.tzinfo:
        moment = moment.astimezone(dt.UTC)
    return moment.isoformat() if moment else ""


def _read(event: icalendar.Event, uid: str, number: int) -> list[Event]:
    base = _about(event, uid, number)
    broken = {str(name).upper(): str(why) for name, why in event.errors}
    start = getattr(event.get("DTSTART"), "dt", None) if "DTSTART" not in broken else None
    if start is None:
        given = f" (“{str(event.get('DTSTART'))[:60]}”)" if "DTSTART" in broken else ""
        return [_wrong(base, f"When it begins cannot be read{given}.", _ASK)]
    if not isinstance(start, dt.datetime):
        return _whole_days(base, event, start, broken)
    try:
        begins_at = floating(start) if start.tzinfo is None else start
        end = None if {"DTEND", "DURATION"} & broken.keys() else event.end
        ends_at = end if end is None or end.tzinfo else floating(end)
        made = with_moments(base, begins_at, ends_at)
    except Refused as refusal:
        return [_wrong(base, refusal.message, _ASK)]
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return [_wrong(base, "When it begins and ends cannot be read.", _ASK)]
    if {"DTEND", "DURATION"} & broken.keys():
        return [_wrong(one, "How long it lasts cannot be read.", "Give the hour at which it ends.") for one in made]
    return made


def _whole_days(base: Event, event: icalendar.Event, start: dt.date, broken: dict) -> list[Event]:
    days = 1
    try:
        if not {"DTEND", "DURATION"} & broken.keys():
            days = (event.end - start).days
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        pass
    return each_day(base, start, days, "It is of the whole day: a class has hours.", "Give from when to when.")


def _wrong(event: Event, wrong: str, fix: str) -> Event:
    return replace(event, begins_at=None, ends_at=None, wrong=wrong[:400], fix=fix)


def _about(event: icalendar.Event, uid: str, number: int) -> Event:
    """What it says beside its hours."""
    where = " ".join(_text(event, "LOCATION").replace("\n", ", ").split())
    found = _ZIP.findall(where)
    zip_code = next((one for one in reversed(found) if place_of(one)), "")
    place, _, address = where.partition(", ")
    return Event(
        number=number,
        uid=uid,
        title=" ".join(_text(event, "SUMMARY").split())[:MOST_TITLE],
        place=place[:200],
        address=address[:200],
        city=place_of(zip_code).city if zip_code else "",
        zip_code=zip_code,
        note=_text(event, "DESCRIPTION").strip()[:2000],
        is_cancelled=_text(event, "STATUS").strip().upper() == "CANCELLED",
    )


def _text(event: icalendar.Event, name: str) -> str:
    value = event.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value).replace("\0", "")
