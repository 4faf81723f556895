"""Classes in a provider's calendar: planned, published, changed, moved, called off, thrown away. 11 CSR 75-15.030.

Whoever changes a class holds its row, as whoever takes a seat does (`seats.lock`): nobody registers for hours that are
being changed. Registered people are told by `seats`, in the same transaction.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access, publishing
from training.class_plan import (
    SHOWN,
    WHERE,
    Meeting,
    Site,
    Terms,
    check_capacity,
    in_order,
    in_words,
    meetings_of,
)
from training.models import CalendarImportRow, Course, Provider, ScheduledClass, ScheduledLine, ScheduledMeeting
from training.services import seats

State = ScheduledClass.State
MOST_AT_ONCE = 60


@dataclass(frozen=True)
class Outcome:
    """What became of an act on several classes: those it was done to, and for each of the others why it was not."""

    done: list[ScheduledClass] = field(default_factory=list)
    refused: list[tuple[ScheduledClass, str]] = field(default_factory=list)


@transaction.atomic
def plan(
    *,
    by: User | None,
    course: Course,
    meetings: Sequence[Meeting],
    sites: Sequence[Site],
    terms: Terms,
    key: uuid.UUID,
    each: bool = False,
    outside_uid: str = "",
) -> list[ScheduledClass]:
    """Plan a class of a course at each of `sites`, as drafts, and return them. `each`: every meeting is its own class.

    `key` is of the form, and of the series that several become: the same form sent twice makes nothing anew, nor does
    the same `outside_uid` of another calendar. The hours are those of the course as it stands. Raises `Refused`,
    `field` naming what is to be mended.
    """
    provider = Provider.objects.select_for_update(no_key=True).get(pk=course.provider_id)
    if not access.can_keep_calendar(by, provider):
        raise Refused("You cannot plan classes of this provider.")
    before = {"outside_uid": outside_uid} if outside_uid else {"series": key}
    if before := list(ScheduledClass.objects.filter(provider=provider, **before).order_by("pk")):
        return before
    course = Course.objects.get(pk=course.pk)
    check_may_be_planned(course)
    meetings = in_order(meetings, clock.now())
    holdings = [[one] for one in meetings] if each else [meetings]
    if not sites:
        raise Refused("Give at least one place.", field="place")
    if len(holdings) * len(sites) > MOST_AT_ONCE:
        raise Refused(f"That would be {len(holdings) * len(sites)} classes. Plan at most {MOST_AT_ONCE} at once.")
    lines = list(course.lines.all())
    made = []
    with history.because("Planned"):
        for site in sites:
            columns = site.columns | terms.columns | {"capacity": check_capacity(site.capacity)}
            for holding in holdings:
                one = ScheduledClass.objects.create(
                    provider=provider,
                    course=course,
                    begins_at=holding[0].begins_at,
                    ends_at=holding[-1].ends_at,
                    series=key,
                    outside_uid=outside_uid,
                    **columns,
                )
                _write_meetings(one, holding)
                write_lines(one, lines)
                made.append(one)
    return made


def check_may_be_planned(course: Course) -> None:
    """Refuse a course of which no class is planned any more: withdrawn, replaced by a newer one, refused by POST."""
    if course.withdrawn_at:
        raise Refused(f"“{course}” was withdrawn from the catalogue. Bring it back, or choose another.", field="course")
    if Course.objects.filter(replaces=course).exists():
        raise Refused(f"There is a newer version of “{course}”. Choose that one.", field="course")
    if why := publishing.why_refused(course):
        raise Refused(why, field="course")


@transaction.atomic
def publish(*, by: User | None, held: ScheduledClass) -> ScheduledClass:
    """Put a draft into the public calendar and open its registration. Published twice is once.

    Raises `Refused` where the license is not valid on its last day, POST has not approved a course that needs it, or
    the class lacks what people must know (`publishing.hindrances`).
    """
    held = _locked(by, held)
    if held.state == State.PUBLISHED:
        return held
    if held.state == State.CALLED_OFF:
        raise Refused("This class was called off. Copy it to plan another.")
    if hindrances := publishing.hindrances(held, clock.now()):
        raise Refused(" ".join(hindrances))
    held.state, held.published_at = State.PUBLISHED, clock.now()
    with history.because("Published"):
        held.save(update_fields=["state", "published_at"])
        _changed(held, raises=False)
    return held


def publish_many(*, by: User | None, classes: Collection[ScheduledClass]) -> Outcome:
    """Publish each of several drafts that can be; the others are named with what they lack."""
    return _each(classes, lambda one: publish(by=by, held=one))


@transaction.atomic
def move(
    *,
    by: User | None,
    held: ScheduledClass,
    meetings: Sequence[Meeting],
    site: Site | None = None,
    seen: str | None = None,
) -> ScheduledClass:
    """Move a class to other hours or another place, and tell everybody registered. Meetings that have begun stay.

    `seen` is the mark of the page (`clee_portal.history.seen`). Raises `Refused`.
    """
    held = _locked(by, held)
    check_is_open(held)
    now = clock.now()
    meetings = in_order(meetings, now)
    before = meetings_of(held)
    columns = {}
    if site is not None:
        columns = {name: value for name, value in site.columns.items() if getattr(held, name) != value}
    if meetings == before and not columns:
        return held
    given = {"meetings": in_words(meetings)} | ({name: site.columns[name] for name in WHERE} if site else {})
    written = {"meetings": pages.events_about(ScheduledMeeting, scheduled_class=held.pk)}
    pages.check(seen=seen, now=where_it_stands(held), given=given, rows=[held], written=written)
    if held.state == State.PUBLISHED:
        begun = [one for one in before if one.begins_at <= now]
        if [one for one in meetings if one.begins_at <= now] != begun:
            raise Refused("A meeting that has begun stays as it was, and a new one has to lie ahead.", field="meetings")
    for name, value in columns.items():
        setattr(held, name, value)
    held.begins_at, held.ends_at = meetings[0].begins_at, meetings[-1].ends_at
    if held.state == State.PUBLISHED and (hindrances := publishing.hindrances(held, now, is_moved=True)):
        raise Refused(" ".join(hindrances))
    if held.closes_at and held.closes_at > held.ends_at:
        held.closes_at = None
        columns["closes_at"] = None
    with history.because("Moved"):
        held.save(update_fields=["begins_at", "ends_at", *columns])
        _write_meetings(held, meetings)
        _changed(held)
        if held.state == State.PUBLISHED:
            seats.tell_moved(held)
    return held


@transaction.atomic
def edit(
    *, by: User | None, held: ScheduledClass, terms: Terms, capacity: int, seen: str | None = None
) -> ScheduledClass:
    """Change what a class says beside its hours and place. `seen` is the mark of the page
    (`clee_portal.history.seen`). Raises `Refused`; see `change_capacity` for the seats."""
    held = _locked(by, held)
    check_is_open(held)
    pages.check(seen=seen, now=what_it_says(held), given=terms.columns | {"capacity": capacity}, rows=[held])
    changed = [name for name, value in terms.columns.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, getattr(terms, name))
    if held.state == State.PUBLISHED and (hindrances := publishing.hindrances(held, clock.now(), is_moved=True)):
        raise Refused(" ".join(hindrances))
    with history.because("Changed"):
        if changed:
            held.save(update_fields=changed)
            _changed(held, raises=bool(SHOWN.intersection(changed)))
        _set_capacity(held, capacity)
    return held


def what_it_says(held: ScheduledClass) -> dict:
    """What `edit` changes, as it stands."""
    return Terms.of(held).columns | {"capacity": held.capacity}


def where_it_stands(held: ScheduledClass) -> dict:
    """What `move` changes, as it stands."""
    return {"meetings": in_words(meetings_of(held))} | {name: getattr(held, name) for name in WHERE}


@transaction.atomic
def change_capacity(*, by: User | None, held: ScheduledClass, capacity: int) -> ScheduledClass:
    """Give a class more seats, which are offered to whoever waits, or fewer. Raises `Refused` (field `capacity`) below
    the seats that are taken: nobody loses one without a person having decided whose it is."""
    held = _locked(by, held)
    check_is_open(held)
    with history.because("Seats changed"):
        _set_capacity(held, capacity)
    return held


@transaction.atomic
def call_off(*, by: User | None, held: ScheduledClass, reason: str) -> ScheduledClass:
    """Call a published class off: every registration ends, and everybody is told, with the reason. Called off twice is
    once. Raises `Refused` for a draft, a class whose credit was given, and one to which people came."""
    held = _locked(by, held)
    reason = " ".join(reason.split())
    if held.state == State.CALLED_OFF:
        return held
    if held.state == State.DRAFT:
        raise Refused("A draft is not called off: throw it away.")
    if not reason:
        raise Refused("Say why the class is called off. Everybody registered reads it.", field="reason")
    if held.training_class_id:
        raise Refused("Its credit was given. Undo that first, where the class was not held.")
    if waiting := held.held_classes.waiting().first():
        raise Refused(
            f"Who completed it is kept as {waiting.reference}, until the provider’s license is mended. Drop that "
            "first, where the class was not held."
        )
    if held.registrations.filter(marks__voided_at=None, marks__isnull=False).exists():
        raise Refused("People were marked as present. Take those marks back first, where the class was not held.")
    held.state, held.called_off_at, held.called_off_because = State.CALLED_OFF, clock.now(), reason[:500]
    with history.because(f"Called off: {reason}"):
        held.save(update_fields=["state", "called_off_at", "called_off_because"])
        _changed(held)
        seats.call_off_all(by=by, held=held)
    return held


def call_off_many(*, by: User | None, classes: Collection[ScheduledClass], reason: str) -> Outcome:
    """Call off each of several classes that can be; the others are named with why not."""
    return _each(classes, lambda one: call_off(by=by, held=one, reason=reason))


@transaction.atomic
def discard(*, by: User | None, held: ScheduledClass) -> None:
    """Throw a draft away. Raises `Refused` where it was published: that stays, and is called off."""
    held = _locked(by, held)
    if held.state != State.DRAFT:
        raise Refused(f"{held.reference} was published, so it stays. Call it off instead.")
    with history.because("Draft thrown away"):
        CalendarImportRow.objects.filter(scheduled_class=held).update(scheduled_class=None)
        held.meetings.all().delete()
        held.lines.all().delete()
        held.delete()


def discard_many(*, by: User | None, classes: Collection[ScheduledClass]) -> Outcome:
    """Throw away each of several classes that is a draft; the others are named with why not."""
    return _each(classes, lambda one: discard(by=by, held=one))


def check_is_open(held: ScheduledClass) -> None:
    """Refuse to change a class that was called off, or whose credit was given."""
    if held.state == State.CALLED_OFF:
        raise Refused("This class was called off. Copy it to plan another.")
    if held.training_class_id:
        raise Refused("The credit of this class was given, so it stays as it was held.")


def write_lines(held: ScheduledClass, lines) -> None:
    """The hours a class gives, as those of a course stand."""
    held.lines.all().delete()
    ScheduledLine.objects.bulk_create(
        ScheduledLine(scheduled_class=held, area_id=one.area_id, topic_id=one.topic_id, hours=one.hours)
        for one in lines
    )


def note_change(held: ScheduledClass) -> None:
    """Something that calendar programs must follow was changed in a locked class."""
    _changed(held)


def _locked(by: User | None, held: ScheduledClass) -> ScheduledClass:
    locked = seats.lock(held)
    if not access.can_keep_calendar(by, locked.provider):
        raise Refused("You cannot change classes of this provider.")
    return locked


def _changed(held: ScheduledClass, *, raises: bool = True) -> None:
    held.sequence += raises and held.state != State.DRAFT
    held.changed_at = Now()
    held.save(update_fields=["sequence", "changed_at"])
    held.refresh_from_db(fields=["changed_at"])


def _set_capacity(held: ScheduledClass, capacity: int) -> None:
    capacity = check_capacity(capacity)
    held.refresh_from_db(fields=["seats_taken", "capacity"])
    if capacity == held.capacity:
        return
    if capacity < held.seats_taken:
        offered = held.registrations.filter(state="offered").count()
        waits = f", {offered} of them offered and not answered yet" if offered else ""
        raise Refused(
            f"{held.seats_taken} seats are taken{waits}. Give at least {held.seats_taken}, or free seats under "
            "Registrations first: the portal takes no one’s seat away by itself.",
            field="capacity",
        )
    more = capacity > held.capacity
    held.capacity = capacity
    held.save(update_fields=["capacity"])
    if more and held.state == State.PUBLISHED:
        seats.changed(held)


def _write_meetings(held: ScheduledClass, meetings: Sequence[Meeting]) -> None:
    """Those that stay keep their rows, and what was marked at them."""
    wanted = set(meetings)
    gone = [one.pk for one in held.meetings.all() if Meeting(one.begins_at, one.ends_at) not in wanted]
    if held.meetings.filter(pk__in=gone, marks__isnull=False).exists():
        raise Refused("People were marked as present at a meeting that would move. It stays.", field="meetings")
    ScheduledMeeting.objects.filter(pk__in=gone).delete()
    there = set(held.meetings.values_list("begins_at", "ends_at"))
    ScheduledMeeting.objects.bulk_create(
        ScheduledMeeting(scheduled_class=held, begins_at=one.begins_at, ends_at=one.ends_at)
        for one in meetings
        if tuple(one) not in there
    )


def _each(classes: Collection[ScheduledClass], act) -> Outcome:
    outcome = Outcome()
    for one in sorted(classes, key=lambda held: (held.begins_at, held.pk)):
        try:
            act(one)
            outcome.done.append(one)
        except Refused as refusal:
            outcome.refused.append((one, refusal.message))
    return outcome
