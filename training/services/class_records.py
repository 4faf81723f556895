"""The record set of a class as one file: what a provider keeps for six years. 11 CSR 75-15.020(5), rulebook section 8.

Tables are CSV, the course is text, certificates one PDF; a list of SHA-256 sums says whether a file was changed since.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Prefetch

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import hours_words
from training import access, names_shown, registration_words, tables
from training.models import (
    AttendanceMark,
    Certificate,
    CreditLine,
    NotCompleted,
    Officer,
    Registration,
    ScheduledClass,
    TrainingClass,
    TrainingRecord,
)
from training.services import certificate_paper, certificates

SUMS = "SHA256SUMS.txt"


class RecordSet(NamedTuple):
    """The file, what it is called, and how many officers are in it."""

    name: str
    content: bytes
    how_many: int


class _Names:
    """Names as `user` may read them: of whoever's name is closed neither name nor license number."""

    def __init__(self, user: User, officers: Iterable[Officer]):
        self.closed = names_shown.closed_to(user, list(officers))

    def of(self, officer: Officer) -> tuple[str, str]:
        """License number and name."""
        if officer.pk in self.closed:
            return "", names_shown.CLOSED
        return officer.license_number, officer.sorted_name


def make(*, by: User, training_class: TrainingClass) -> RecordSet:
    """The record set of a class as it stands now, for the people of the body that reported it and the state's.

    A constant number of statements, beside one for each correction. Raises `Refused`.
    """
    if not access.can_take_class_records(by, training_class):
        raise Refused("The records of a class are kept by whoever reported it.")
    held = training_class
    chain = _chain(held)
    lines = Prefetch(
        "lines", CreditLine.objects.select_related("area", "topic").order_by("area__order", "topic__order")
    )
    # After an undoing what had been given is still the record of it.
    records = list(
        TrainingRecord.objects.filter(training_class__in=chain)
        .select_related("officer", "training_class")
        .prefetch_related(lines)
        .order_by("officer__search_name", "officer__license_number", "pk")
    )
    left = list(
        NotCompleted.objects.filter(training_class__in=chain)
        .select_related("officer", "training_class")
        .order_by("officer__search_name", "officer__license_number", "pk")
    )
    scheduled = ScheduledClass.objects.filter(training_class=held).select_related("course", "provider").first()
    seats = _seats(scheduled)
    marks = _marks(scheduled)
    names = _Names(by, {one.officer for one in (*records, *left, *seats)})
    given = list(Certificate.objects.filter(first_class=chain[0]).select_related("officer"))
    given = [one for one in given if one.officer_id not in names.closed]
    files = {
        "course.txt": _course(held, scheduled).encode(),
        "completed.csv": _completed(held, records, names),
        "not-completed.csv": _not_completed(held, left, names),
    }
    if scheduled:
        files["registrations.csv"] = _registrations(seats, names)
        files["attendance.csv"] = _attendance(marks, names)
    if given:
        files["certificates.pdf"] = certificate_paper.as_pdf(certificates.standings(given))
    files["corrections.csv"] = _corrections(chain, records, left, names)
    files["README.txt"] = _readme(held, files, given).encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    files[SUMS] = sums.encode()
    people = {one.officer_id for one in (*records, *left, *seats)}
    return RecordSet(f"{held.reference}-records.zip", _zipped(held.reference, files), len(people))


def _chain(held: TrainingClass) -> list[TrainingClass]:
    """The class as it was first recorded, each correction, and the class."""
    found = [held]
    while found[0].replaces_id:
        found.insert(0, found[0].replaces)
    return found


def _seats(scheduled: ScheduledClass | None) -> list[Registration]:
    if scheduled is None:
        return []
    return list(scheduled.registrations.select_related("officer", "agency").order_by("turn"))


def _marks(scheduled: ScheduledClass | None) -> list[AttendanceMark]:
    if scheduled is None:
        return []
    found = AttendanceMark.objects.filter(registration__scheduled_class=scheduled)
    return list(found.select_related("registration__officer", "meeting").order_by("at", "pk"))


def _csv(header: tuple[str, ...], rows: list[tuple]) -> bytes:
    return "".join(tables.csv_lines(header, rows)).encode()


def _completed(held: TrainingClass, records: list[TrainingRecord], names: _Names) -> bytes:
    """Whoever has credit of the class as it stands; after an undoing whoever had it until then."""
    last = [one for one in records if one.training_class_id == held.pk and _stood(one, held)]
    columns = list(dict.fromkeys((line.area, line.topic) for one in last for line in one.lines.all()))
    columns.sort(key=lambda column: (column[0].order, column[1].order if column[1] else 0))
    header = ("License number", "Name", "Took part", "Hours in all")
    header += tuple(f"{area}, {topic}" if topic else str(area) for area, topic in columns)
    header += ("Completed on", "Credited to", "Gives credit", "Why not")
    rows = []
    for one in last:
        by_column = {(line.area, line.topic): line.hours for line in one.lines.all()}
        rows.append(
            (
                *names.of(one.officer), one.get_role_display(), sum(by_column.values()),
                *(by_column.get(column) for column in columns), one.completed_on, one.credited_year,
                not one.not_counted and one.voided_at is None,
                one.void_reason or one.not_counted_note or (one.get_not_counted_display() if one.not_counted else ""),
            )
        )  # fmt: skip
    return _csv(header, rows)


def _stood(one: TrainingRecord | NotCompleted, held: TrainingClass) -> bool:
    return one.voided_at is None or (held.voided_at is not None and one.voided_at >= held.voided_at)


def _not_completed(held: TrainingClass, left: list[NotCompleted], names: _Names) -> bytes:
    last = [one for one in left if one.training_class_id == held.pk and _stood(one, held)]
    rows = [(*names.of(one.officer), one.recorded_at, one.void_reason) for one in last]
    return _csv(("License number", "Name", "Recorded", "Voided because"), rows)


def _registrations(seats: list[Registration], names: _Names) -> bytes:
    header = (
        "Turn", "License number", "Name", "Registered by", "State", "Asked", "Seat since", "Ended", "Why it ended",
        "Given back late", "Came without a registration", "Paid on",
    )  # fmt: skip
    rows = [
        (
            one.turn, *names.of(one.officer), registration_words.registered_by(one), one.get_state_display(),
            one.asked_at, one.seated_at, one.ended_at, one.end_reason, one.was_late, one.is_walk_in, one.paid_on,
        )
        for one in seats
    ]  # fmt: skip
    return _csv(header, rows)


def _attendance(marks: list[AttendanceMark], names: _Names) -> bytes:
    header = (
        "License number", "Name", "Meeting", "What", "At", "By code", "Arrived here", "Taken back",
        "Why it was taken back",
    )  # fmt: skip
    rows = [
        (
            *names.of(one.registration.officer), one.meeting.begins_at if one.meeting else None,
            one.get_kind_display(), one.at, one.by_code, one.recorded_at, one.voided_at, one.void_reason,
        )
        for one in marks
    ]  # fmt: skip
    return _csv(header, rows)


def _corrections(chain, records, left, names: _Names) -> bytes:
    """Everything that was voided on the way to the class as it stands: what, when and why."""
    rows = [(one.reference, "The class", "", "", one.recorded_at, one.voided_at, one.void_reason) for one in chain]
    rows += [
        (
            one.training_class.reference,
            "Credit",
            *names.of(one.officer),
            one.recorded_at,
            one.voided_at,
            one.void_reason,
        )
        for one in records
    ]
    rows += [
        (
            one.training_class.reference, "Not completed", *names.of(one.officer), one.recorded_at, one.voided_at,
            one.void_reason,
        )
        for one in left
    ]  # fmt: skip
    voided = sorted((row for row in rows if row[5]), key=lambda row: (row[5], row[0], row[2]))
    return _csv(("Reference", "What", "License number", "Name", "Recorded", "Voided", "Why"), voided)


def _course(held: TrainingClass, scheduled: ScheduledClass | None) -> str:
    """The course and the class in words."""
    return "\n".join(_course_lines(held, scheduled)) + "\n"


def _course_lines(held: TrainingClass, scheduled: ScheduledClass | None) -> Iterator[str]:
    course = held.course
    yield f"{held.reference}  {course.title}"
    yield f"Given by: {course.source_name}"
    if course.control_number:
        yield f"Control number of POST: {course.control_number}"
    if scheduled:
        yield f"In the calendar: {scheduled.reference}"
    yield f"From {held.starts_on.isoformat()} to {held.ends_on.isoformat()}, {held.get_delivery_display().lower()}"
    if held.place:
        yield f"Place: {held.place}"
    lines = list(held.lines.select_related("area", "topic").order_by("area__order", "topic__order"))
    yield f"Hours: {hours_words(sum(one.hours for one in lines))}"
    for one in lines:
        yield f"  {hours_words(one.hours)} {one.area}{f' ({one.topic})' if one.topic else ''}"
    instructors = (scheduled.instructors if scheduled else "") or course.instructors
    yield f"Instructors: {instructors or 'not given'}"
    yield f"Course administrator: {certificates.administrator_of(held) or 'not given'}"
    if scheduled:
        for meeting in scheduled.meetings.all():
            begins, ends = (one.astimezone(clock.CHICAGO) for one in (meeting.begins_at, meeting.ends_at))
            yield f"Meeting: {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"
    for title, text in (
        ("Synopsis", course.synopsis),
        ("Objectives", course.objectives),
        ("Prerequisites", course.prerequisites),
        ("Who should attend", course.audience),
    ):
        yield f"\n{title}\n{text.strip() or 'not given'}"


_WHAT = {
    "course.txt": "what was taught: synopsis, objectives, instructors, meetings, hours by area and topic",
    "completed.csv": "who completed the class or taught it, with the hours each was credited",
    "not-completed.csv": "who was in the class and did not complete it",
    "registrations.csv": "who asked for a seat, in which order, and what became of it",
    "attendance.csv": "who came in and left when, as marked at the door; marks taken back stay, with the reason",
    "certificates.pdf": "the certificates that were made, with the figures that stand today",
    "corrections.csv": "everything that was voided, when and why; empty where nothing was",
}


def _readme(held: TrainingClass, files: dict[str, bytes], given: list[Certificate]) -> str:
    now = clock.now().astimezone(clock.CHICAGO)
    told = [f"{name:20}{_WHAT[name]}" for name in files]
    if not given:
        told.append("There is no certificates.pdf: none was made in the portal.")
    undone = f"The class was undone: {held.void_reason}\n" if held.voided_at else ""
    return (
        f"Records of {held.reference}, {held.course.title}, completed on {held.ends_on.isoformat()}.\n"
        f"Given by {held.course.source_name}. Taken from the CLEE Portal on {now:%Y-%m-%d} at {now:%H:%M} (Missouri).\n"
        f"{undone}\n"
        "A provider keeps the records of a course for six years after it (11 CSR 75-15.020(5)).\n\n"
        + "\n".join(told)
        + f"\n{SUMS:20}the SHA-256 sum of each file: sha256sum -c {SUMS} says whether one was changed\n\n"
        "Times are Missouri's. CSV files are UTF-8 and open in any spreadsheet. Where a name is closed, POST can say "
        "whose it is.\n"
    )


def _zipped(folder: str, files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    now = clock.now().astimezone(clock.CHICAGO).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            one = zipfile.ZipInfo(f"{folder}/{name}", now)
            one.compress_type, one.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(one, content)
    return out.getvalue()
