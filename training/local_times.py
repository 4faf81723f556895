"""Days and hours as people give them, made moments of Missouri: also on the two days when the clocks change.

In spring an hour does not exist, in fall one comes twice; a meeting that ends at or before the hour at which it begins
passes midnight. Each is said in words, never guessed.
"""

import datetime as dt
import re

from clee_portal import clock
from clee_portal.refusal import Refused
from training.class_plan import LONGEST, Meeting
from training.moments import day_words, hour_words

FIRST, SECOND = "first", "second"
HOW = "Write it like 8:00 AM, or 14:30."
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h]?(?P<minute>\d{2}))?(?::\d{2})?\s*(?P<half>[ap])?\.?(?:m\.?)?", re.I | re.A
)
_WORDS = {"noon": dt.time(12), "midnight": dt.time(0), "12 noon": dt.time(12), "12 midnight": dt.time(0)}


def read_time(text: str) -> dt.time:
    """The hour that was typed. Raises `Refused` where it is none."""
    tidy = " ".join(text.replace("\u202f", " ").split()).casefold().rstrip(".")
    if tidy in _WORDS:
        return _WORDS[tidy]
    match = _TIME.fullmatch(tidy)
    if not match:
        raise Refused(f"“{text[:40]}” is not a time. {HOW}")
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    if half and not 1 <= hour <= 12:
        raise Refused(f"“{text[:40]}” is not a time: {hour} is no hour before or after noon. {HOW}")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        raise Refused(f"“{text[:40]}” is not a time. {HOW}")
    return dt.time(hour, minute)


def moment_of(day: dt.date, time: dt.time, which: str = "") -> dt.datetime:
    """The moment of a day and an hour in Missouri; `which` of the two where the hour comes twice.

    Raises `Refused` (field `which`) where it comes twice and nobody said which, and where it does not exist.
    """
    local = dt.datetime.combine(day, time, tzinfo=clock.CHICAGO)
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before == after:
        return local
    if before < after:  # the earlier reading is of the offset before the gap
        raise Refused(
            f"On {_date(day)} the clocks go forward an hour at 2:00 AM, so {hour_words(local)} does not exist. "
            "Give an hour before 2:00 AM, or 3:00 AM or later."
        )
    if which not in (FIRST, SECOND):
        raise Refused(
            f"On {_date(day)} the clocks go back an hour at 2:00 AM, so {hour_words(local)} comes twice. "
            "Say which is meant.",
            field="which",
        )
    return local.replace(fold=int(which == SECOND))


def meeting_of(day: dt.date, begins: dt.time, ends: dt.time, which: str = "") -> Meeting:
    """A meeting that begins on `day`. One that ends at or before its first hour ends the next day. Raises `Refused`."""
    first = moment_of(day, begins, which)
    last = moment_of(day if ends > begins else day + dt.timedelta(days=1), ends, which)
    made = Meeting(first, last)
    # By the clock of the world: an hour is lost or won in the night of the change.
    length = made.ends_at.astimezone(dt.UTC) - made.begins_at.astimezone(dt.UTC)
    if length > LONGEST:
        raise Refused(
            f"From {hour_words(first)} to {hour_words(last)} the next day is {_hours(length)} hours. "
            "Check “AM” and “PM”; give a meeting for each day.",
            field="ends",
        )
    if length <= dt.timedelta(0):
        raise Refused("It ends before it begins: the clocks change in between.", field="ends")
    return Meeting(first.astimezone(dt.UTC), last.astimezone(dt.UTC))


def clock_change(meeting: Meeting) -> str:
    """What is to be noted of a meeting during which the clocks change; empty otherwise."""
    begins, ends = (one.astimezone(clock.CHICAGO) for one in meeting)
    if begins.utcoffset() == ends.utcoffset():
        return ""
    length = _hours(meeting.ends_at - meeting.begins_at)
    direction = "forward" if ends.utcoffset() > begins.utcoffset() else "back"
    return f"The clocks go {direction} an hour in that night: it lasts {length} hours. ({day_words(begins)})"


def _hours(length: dt.timedelta) -> str:
    return f"{length.total_seconds() / 3600:.2f}".rstrip("0").rstrip(".")


def _date(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
