"""What would become of the events of a calendar that is brought in: planned, changed, called off, mended first.

An event is compared with how it was taken over the last time, not with the class: what was changed here since stays,
unless the event itself was changed there.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from training.class_plan import Meeting
from training.models import CalendarImport, CalendarImportRow, Course, ScheduledClass
from training.repeats import title_key


class Fate(StrEnum):
    """What would become of an event."""

    MEND = "mend"
    NEW = "new"
    CHANGED = "changed"
    CALLED_OFF = "called off"
    SAME = "same"
    OVER = "over"
    LEFT_OUT = "left out"


WORDS = {
    Fate.MEND: "To be mended",
    Fate.NEW: "Would be planned",
    Fate.CHANGED: "Would be changed",
    Fate.CALLED_OFF: "Would be called off",
    Fate.SAME: "As it is",
    Fate.OVER: "Over already",
    Fate.LEFT_OUT: "Left out",
}
# What of an event makes it another one, when it is sent again.
_COMPARED = ("title", "place", "address", "city", "zip_code", "capacity", "fee", "instructors", "note", "is_cancelled")
ACTED_ON = (Fate.NEW, Fate.CHANGED, Fate.CALLED_OFF)


@dataclass
class Holding:
    """One class to be: a row, or the rows that are its meetings."""

    uid: str
    rows: list[CalendarImportRow]
    fate: Fate = Fate.MEND
    wrong: str = ""
    fix: str = ""
    existing: ScheduledClass | None = None
    changes: list[str] = field(default_factory=list)

    @property
    def first(self) -> CalendarImportRow:
        """The row that speaks for it."""
        return self.rows[0]

    @property
    def meetings(self) -> list[Meeting]:
        """When it meets, of the rows that can be read."""
        return sorted(Meeting(one.begins_at, one.ends_at) for one in self.rows if one.begins_at and one.ends_at)

    @property
    def words(self) -> str:
        """What would become of it."""
        return WORDS[self.fate]


def holdings(calendar: CalendarImport, now: dt.datetime) -> list[Holding]:
    """The classes a file would make, in the file's order, each with its fate. A constant number of statements."""
    rows = list(calendar.rows.select_related("course").order_by("number", "day", "pk"))
    made: dict[str, Holding] = {}
    for row in rows:
        uid = row.repeats if row.is_joined and row.repeats else row.uid
        made.setdefault(uid, Holding(uid, [])).rows.append(row)
    existing = {
        one.outside_uid: one
        for one in ScheduledClass.objects.filter(provider=calendar.provider_id, outside_uid__in=made).select_related(
            "course"
        )
    }
    before = _taken_before(calendar, made)
    twins = _twins(calendar, rows)
    for uid, one in made.items():
        one.existing = existing.get(uid)
        _judge(one, calendar, before.get(uid), twins, now)
    return list(made.values())


def state_of(rows: Iterable[CalendarImportRow]) -> list[tuple]:
    """What rows say, as it is compared with what was taken over the last time."""
    return sorted(
        (one.begins_at, one.ends_at, one.course_id, *(getattr(one, name) for name in _COMPARED)) for one in rows
    )


def courses_by_title(provider, *, current: bool = True) -> dict[str, Course]:
    """Title key -> course of the provider's catalogue; of several of one title the latest."""
    courses = provider.courses.current() if current else provider.courses.all()
    return {title_key(one.title): one for one in courses.order_by("pk")}


def _judge(one: Holding, calendar: CalendarImport, before, twins, now: dt.datetime) -> None:
    rows, first = one.rows, one.first
    if all(row.is_left_out for row in rows):
        one.fate = Fate.LEFT_OUT
        return
    if any(row.outcome for row in rows) and not _is_touched(rows):
        one.fate = Fate.SAME
        return
    if first.is_cancelled:
        is_held = one.existing is not None and one.existing.state == ScheduledClass.State.PUBLISHED
        one.fate = Fate.CALLED_OFF if is_held else Fate.LEFT_OUT
        return
    if trouble := next((row for row in rows if row.wrong), None):
        one.wrong, one.fix = trouble.wrong, trouble.fix
        return
    if one.meetings[-1].ends_at <= now:
        one.fate = Fate.OVER
        return
    if first.course_id is None:
        one.wrong, one.fix = "No course of the catalogue has this title.", "Choose the course for this title above."
        return
    if one.existing is None:
        one.existing = twins.get((first.course_id, one.meetings[0].begins_at))
        if one.existing is not None:
            one.fate = Fate.SAME
            return
        if not (first.capacity or calendar.capacity):
            one.wrong, one.fix = "It does not say how many seats there are.", "Give the seats, here or for all above."
            return
        one.fate = Fate.NEW
        return
    if one.existing.state == ScheduledClass.State.CALLED_OFF or one.existing.training_class_id:
        one.fate = Fate.SAME
        return
    one.fate = Fate.SAME if before is not None and state_of(before) == state_of(rows) else Fate.CHANGED


def _is_touched(rows: list[CalendarImportRow]) -> bool:
    return any(not row.outcome for row in rows)


def _taken_before(calendar: CalendarImport, uids) -> dict[str, list[CalendarImportRow]]:
    """Name of a holding -> its rows as they were last taken over, in another file."""
    rows = (
        CalendarImportRow.objects.filter(calendar_import__provider=calendar.provider_id, scheduled_class__isnull=False)
        .filter(scheduled_class__outside_uid__in=uids)
        .exclude(calendar_import=calendar)
        .exclude(outcome="")
        .select_related("scheduled_class")
        .order_by("calendar_import__taken_at", "calendar_import", "number")
    )
    found: dict[str, tuple[int, list]] = {}
    for row in rows:
        uid = row.scheduled_class.outside_uid
        if found.get(uid, (None,))[0] != row.calendar_import_id:
            found[uid] = (row.calendar_import_id, [])
        found[uid][1].append(row)
    return {uid: kept for uid, (_, kept) in found.items()}


def _twins(calendar: CalendarImport, rows: list[CalendarImportRow]) -> dict[tuple, ScheduledClass]:
    """Course and first moment -> a class that was planned here by hand."""
    moments = {row.begins_at for row in rows if row.begins_at}
    found = ScheduledClass.objects.filter(provider=calendar.provider_id, outside_uid="", begins_at__in=moments)
    return {(one.course_id, one.begins_at): one for one in found.exclude(state=ScheduledClass.State.CALLED_OFF)}
