"""What the marks of the door say of who was there: from when to when at each meeting, and what that suggests.

A suggestion gives nobody credit: the provider confirms each person (`services.confirming`). Hours are rounded down to
quarters, so that a suggestion never gives more than the time somebody was there.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from clee_portal import clock
from training.hours import Line
from training.models import AttendanceMark, ScheduledMeeting

# Whoever misses no more than this of a meeting was there for all of it.
GRACE = dt.timedelta(minutes=10)
QUARTER = Decimal("0.25")
# A mark belongs to a meeting from so long before it begins to so long after it ends.
BEFORE, AFTER = dt.timedelta(hours=6), dt.timedelta(hours=12)
IN, OUT = AttendanceMark.Kind.IN, AttendanceMark.Kind.OUT


class Suggested(StrEnum):
    """What the marks of one person suggest."""

    COMPLETED = "completed"
    PART = "part"
    LEFT = "left"  # was there, and too short for a quarter of an hour
    ABSENT = "absent"


class Span(NamedTuple):
    """From when to when somebody was in; without an end they never signed out."""

    begins_at: dt.datetime
    ends_at: dt.datetime | None


class Presence(NamedTuple):
    """One person at all meetings of a class: by meeting, the spans they were in, and what that suggests."""

    spans: dict[int, list[Span]]
    suggested: Suggested
    lines: tuple[Line, ...] | None = None  # own hours, where they were there for a part
    notes: tuple[str, ...] = ()

    @property
    def was_there(self) -> bool:
        """Whether anything was marked."""
        return any(self.spans.values())


def spans(marks: Iterable[AttendanceMark]) -> list[Span]:
    """The spans that the live marks of one person at one meeting make. Of marks of one kind after another the first
    counts for coming in, the last for leaving; leaving without having come in makes none."""
    found: list[Span] = []
    # In UTC: in the night in which clocks are set back, local times do not tell how long something took.
    moments = sorted((mark.at.astimezone(dt.UTC), mark.pk, mark.kind) for mark in marks)
    for at, _, kind in moments:
        if kind == IN:
            if not found or found[-1].ends_at is not None:
                found.append(Span(at, None))
        elif found:
            found[-1] = Span(found[-1].begins_at, at)
    return found


def missed(meeting: ScheduledMeeting, there: Sequence[Span]) -> dt.timedelta:
    """How much of a meeting somebody missed; whoever never signed out stayed to its end."""
    present = dt.timedelta()
    reached = meeting.begins_at
    for one in there:
        begins = max(one.begins_at, reached)
        ends = min(one.ends_at or meeting.ends_at, meeting.ends_at)
        if ends > begins:
            present += ends - begins
            reached = ends
    return meeting.ends_at - meeting.begins_at - present


def of(meetings: Sequence[ScheduledMeeting], marks: Iterable[AttendanceMark], lines: Sequence[Line]) -> Presence:
    """What the live marks of one person say of a class of these meetings that gives `lines`."""
    by_meeting: dict[int, list[AttendanceMark]] = {one.pk: [] for one in meetings}
    for mark in marks:
        if (
            meeting := mark.meeting_id
            if mark.meeting_id in by_meeting
            else getattr(near(meetings, mark.at), "pk", None)
        ):
            by_meeting[meeting].append(mark)
    there = {pk: spans(found) for pk, found in by_meeting.items()}
    if not any(there.values()):
        return Presence(there, Suggested.ABSENT)
    gaps = {one: missed(one, there[one.pk]) for one in meetings}
    notes = tuple(_notes(gaps, there))
    if all(gap <= GRACE for gap in gaps.values()):
        return Presence(there, Suggested.COMPLETED, notes=notes)
    whole = sum((one.ends_at - one.begins_at for one in meetings), dt.timedelta())
    lost = sum((gap for gap in gaps.values() if gap > GRACE), dt.timedelta())
    share = Decimal((whole - lost) / dt.timedelta(seconds=1)) / Decimal(whole / dt.timedelta(seconds=1))
    own = tuple(
        Line(one.area, one.topic, hours)
        for one in lines
        if (hours := (one.hours * share / QUARTER).to_integral_value(ROUND_DOWN) * QUARTER)
    )
    return Presence(there, Suggested.PART if own else Suggested.LEFT, own or None, notes)


def _notes(gaps: dict[ScheduledMeeting, dt.timedelta], there: dict[int, list[Span]]) -> Iterable[str]:
    many = len(gaps) > 1
    for meeting, gap in gaps.items():
        found, day = there[meeting.pk], f" on {_day(meeting.begins_at)}" if many else ""
        if not found:
            yield f"Not there{day}."
            continue
        if found[0].begins_at - meeting.begins_at > GRACE:
            yield f"Came at {clock_words(found[0].begins_at)}{day}."
        for one, following in pairwise(found):
            if one.ends_at and following.begins_at - one.ends_at > GRACE:
                yield f"Out from {clock_words(one.ends_at)} to {clock_words(following.begins_at)}{day}."
        if found[-1].ends_at is None:
            yield f"Did not sign out{day}: counted to the end."
        elif meeting.ends_at - found[-1].ends_at > GRACE:
            yield f"Left at {clock_words(found[-1].ends_at)}{day}."
        if gap > GRACE:
            yield f"Missed {_length(gap)}{day}."


def near(meetings: Sequence[ScheduledMeeting], at: dt.datetime) -> ScheduledMeeting | None:
    """The meeting a moment belongs to: the one it lies in, else the nearest it may belong to; None far from all."""

    def distance(one: ScheduledMeeting) -> dt.timedelta:
        return max(one.begins_at - at, at - one.ends_at, dt.timedelta())

    may = [one for one in meetings if belongs(one, at)]
    return min(may, key=distance, default=None)


def belongs(meeting: ScheduledMeeting, at: dt.datetime) -> bool:
    """Whether a mark of a moment can be one of a meeting."""
    return meeting.begins_at - BEFORE <= at <= meeting.ends_at + AFTER


def clock_words(moment: dt.datetime) -> str:
    """A time of day in Missouri: 8:02 AM."""
    local = moment.astimezone(clock.CHICAGO)
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def _day(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%B} {local.day}"


def _length(gap: dt.timedelta) -> str:
    minutes = round(gap / dt.timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    said = [f"{hours} h"] if hours else []
    return " ".join([*said, f"{rest} min"] if rest or not said else said)
