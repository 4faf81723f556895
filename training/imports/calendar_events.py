"""Events of a calendar that is brought in, as they are read: each whole, or with what is wrong and what mends it."""

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal

from clee_portal import clock
from clee_portal.refusal import Refused
from training.class_plan import LONGEST
from training.local_times import meeting_of, moment_of, read_time

MOST_EVENTS = 500
MOST_TITLE = 1000
MOST_UID = 255
# A repeated event is read so far ahead.
AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True)
class Event:
    """One event: `day`, `begins` and `ends` as people write them, the moments where they can be read, else `wrong`."""

    number: int
    uid: str
    title: str = ""
    day: str = ""
    begins: str = ""
    ends: str = ""
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    wrong: str = ""
    fix: str = ""
    repeats: str = ""
    is_joined: bool = False
    place: str = ""
    address: str = ""
    city: str = ""
    zip_code: str = ""
    capacity: int | None = None
    fee: Decimal | None = None
    instructors: str = ""
    note: str = ""
    is_cancelled: bool = False


def short_uid(uid: str) -> str:
    """A name that fits; a longer one keeps its beginning and is told apart by its hash."""
    uid = uid.strip()
    if len(uid) <= MOST_UID:
        return uid
    return f"{uid[:180]}#{hashlib.sha256(uid.encode()).hexdigest()}"


def made_uid(*parts: object) -> str:
    """The name of an event that has none: the same whenever it says the same."""
    return "made:" + hashlib.sha256("\n".join(str(one) for one in parts).encode()).hexdigest()


def with_moments(event: Event, begins_at: dt.datetime, ends_at: dt.datetime | None) -> list[Event]:
    """An event of these moments: itself, or one for each day where it lasts longer than a class meets at a time."""
    first = begins_at.astimezone(clock.CHICAGO)
    if ends_at is None or ends_at <= begins_at:
        shown = replace(event, day=f"{first:%Y-%m-%d}", begins=f"{first:%H:%M}")
        return [replace(shown, wrong="It does not say when it ends.", fix="Give the hour at which it ends.")]
    last = ends_at.astimezone(clock.CHICAGO)
    texts = {"begins": f"{first:%H:%M}", "ends": f"{last:%H:%M}"}
    if ends_at - begins_at <= LONGEST:
        utc = {"begins_at": begins_at.astimezone(dt.UTC), "ends_at": ends_at.astimezone(dt.UTC)}
        return [replace(event, day=f"{first:%Y-%m-%d}", **texts, **utc)]
    days = (last.date() - first.date()).days + (1 if last.time() > dt.time(0) else 0)
    hours = (ends_at - begins_at).total_seconds() / 3600
    return each_day(
        replace(event, **texts),
        first.date(),
        days,
        f"It lasts {hours:g} hours without a break.",
        "It was divided into its days: give the hours of each.",
    )


def each_day(event: Event, first: dt.date, days: int, wrong: str, fix: str) -> list[Event]:
    """An event of whole days: one for each day, the meetings of one class, whose hours are asked for."""
    days = max(1, min(days, 60))
    uids = [event.uid] if days == 1 else [short_uid(f"{event.uid}#day{at + 1}") for at in range(days)]
    return [
        replace(
            event,
            uid=uid,
            day=f"{first + dt.timedelta(days=at):%Y-%m-%d}",
            repeats=event.uid if days > 1 else event.repeats,
            is_joined=days > 1,
            wrong=wrong,
            fix=fix,
        )
        for at, uid in enumerate(uids)
    ]


def floating(moment: dt.datetime) -> dt.datetime:
    """A time without a zone is Missouri's; of an hour that comes twice the first, as calendar programs take it."""
    local = moment.replace(tzinfo=None)
    return moment_of(local.date(), local.time(), "first")


def mended(day: dt.date, begins: str, ends: str, which: str = "") -> tuple[dt.datetime, dt.datetime]:
    """The moments of a day and two hours as typed. Raises `Refused`."""
    times = []
    for typed, name in ((begins, "begins"), (ends, "ends")):
        if not typed.strip():
            raise Refused("Give the hour.", field=name)
        try:
            times.append(read_time(typed))
        except Refused as refusal:
            raise Refused(refusal.message, field=name) from None
    made = meeting_of(day, *times, which)
    return made.begins_at, made.ends_at
