"""iCalendar text (RFC 5545), as calendar programs subscribe to it.

Written line by line: a feed holds thousands of events and is asked for by every program that follows it, several times
a day. What is written here is read by another library in the tests.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clee_portal import clock

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Missouri POST Program//CLEE Portal//EN"
REFRESH = "PT4H"  # how often programs are asked to look again
MOST_OCTETS = 75  # of a line, its ending not counted (RFC 5545, 3.1)
# Since 2007: from the second Sunday of March to the first of November.
TIME_ZONE = """BEGIN:VTIMEZONE
TZID:America/Chicago
BEGIN:DAYLIGHT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
TZNAME:CDT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
TZNAME:CST
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE""".replace("\n", "\r\n")
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"
# Control characters may not occur at all, but for the end of a line and a tabulator.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r"[\\;,\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing of a calendar, with the `times` at which it takes place: (begin, end) as moments, or the first and the
    last day (inclusive) of what lasts whole days. Each of the times becomes an event of its own, since programs that
    subscribe know no list of days. By `uid` and `sequence` they tell a change from another event; `stamp` is when it
    changed last."""

    uid: str
    sequence: int
    stamp: dt.datetime
    times: Sequence[tuple[dt.datetime, dt.datetime] | tuple[dt.date, dt.date]]
    summary: str
    status: str = CONFIRMED
    location: str = ""
    description: str = ""
    url: str = ""
    latitude: float | None = None
    longitude: float | None = None
    organizer: str = ""
    organizer_email: str = ""
    is_busy: bool = True


def text(value: str) -> str:
    """A text as a property's value: what ends it or means something in it is escaped (3.3.11)."""
    if not _ESCAPED.search(value):
        return value
    value = _CONTROL.sub("", value).replace("\\", r"\\")
    return value.replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def _parameter(value: str) -> str:
    """A text as a parameter's value, in which a quotation mark or the end of a line cannot be written."""
    return _CONTROL.sub("", value).replace('"', "'").replace("\n", " ").replace("\t", " ")


def fold(line: str) -> str:
    """A line in pieces of at most 75 octets, never inside a character or between a backslash and what it escapes."""
    octets = line.encode()
    if len(octets) <= MOST_OCTETS:
        return line
    pieces, start, room = [], 0, MOST_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        before = octets[start:end]
        end -= (len(before) - len(before.rstrip(b"\\"))) % 2
        pieces.append(octets[start:end])
        start, room = end, MOST_OCTETS - 1  # the blank that begins the next piece is one octet
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode()


def utc(moment: dt.datetime) -> str:
    """A moment in UTC: 20261125T140000Z."""
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _when(name: str, moment: dt.datetime) -> str:
    """A moment in Missouri's time; the second of two equal hours in November can only be said in UTC."""
    local = moment.astimezone(clock.CHICAGO)
    if local.fold:
        return f"{name}:{utc(moment)}"
    return (
        f"{name};TZID=America/Chicago:{local.year:04}{local.month:02}{local.day:02}"
        f"T{local.hour:02}{local.minute:02}{local.second:02}"
    )


def _times(event: Event) -> Iterable[tuple[str, str]]:
    """When an event takes place, as its lines say it."""
    for begins, ends in event.times:
        if isinstance(begins, dt.datetime):
            yield _when("DTSTART", begins), _when("DTEND", ends)
        else:  # the end of whole days is the day after the last
            yield f"DTSTART;VALUE=DATE:{begins:%Y%m%d}", f"DTEND;VALUE=DATE:{ends + dt.timedelta(days=1):%Y%m%d}"


def _lines(event: Event) -> Iterable[str]:
    """The lines of an event, once for each of its times: what they have in common is written once."""
    stamp = utc(event.stamp)
    first = [f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}", f"SEQUENCE:{event.sequence}", f"STATUS:{event.status}"]
    rest = []
    if event.location:
        rest.append(fold(f"LOCATION:{text(event.location)}"))
    if event.latitude is not None and event.longitude is not None:
        rest.append(f"GEO:{event.latitude:.4f};{event.longitude:.4f}")
    if event.description:
        rest.append(fold(f"DESCRIPTION:{text(event.description)}"))
    if event.url:
        rest.append(fold(f"URL:{event.url}"))
    if event.organizer_email:
        rest.append(fold(f'ORGANIZER;CN="{_parameter(event.organizer)}":mailto:{_parameter(event.organizer_email)}'))
    rest.append("TRANSP:OPAQUE" if event.is_busy and event.status != CANCELLED else "TRANSP:TRANSPARENT")
    rest.append("END:VEVENT")
    common, tail = "\r\n".join(first), "\r\n".join(rest)
    summary, of = text(event.summary), len(event.times)
    name, _, host = event.uid.partition("@")
    for number, (begins, ends) in enumerate(_times(event), 1):
        yield "BEGIN:VEVENT"
        yield f"UID:{event.uid}" if number == 1 else f"UID:{name}-{number}@{host}"
        yield common
        yield begins
        yield ends
        yield fold(f"SUMMARY:{summary}" if of == 1 else f"SUMMARY:{summary} ({number} of {of})")
        yield tail


def calendar(events: Iterable[Event], *, name: str, about: str = "") -> bytes:
    """The whole calendar. The same events give the same bytes, so that programs can be told "nothing new"."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
             fold(f"NAME:{text(name)}"), fold(f"X-WR-CALNAME:{text(name)}"), "X-WR-TIMEZONE:America/Chicago",
             f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]  # fmt: skip
    if about:
        lines += [fold(f"DESCRIPTION:{text(about)}"), fold(f"X-WR-CALDESC:{text(about)}")]
    lines.append(TIME_ZONE)
    for event in events:
        lines += _lines(event)
    lines.append("END:VCALENDAR\r\n")
    return "\r\n".join(lines).encode()
