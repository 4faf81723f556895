"""Rows of training set beside what is recorded: each is there already, refused, or recorded, counted or not."""

from clee_portal.templatetags.look import hours_words
from training import licensing, selectors
from training.imports.class_places import Manner, Memory, Person, Source, Sources, people_with
from training.imports.class_records import Held, Records
from training.imports.courses_named import CourseRef, NamedCourses
from training.imports.problems import Fate
from training.licensing import EventFact, LicenseStatus
from training.matching import Candidate, Certainty, People
from training.models import LicenseEvent, Officer, SourceKind, TrainingRecord
from training.repeats import goes_before, is_same_credit, rank, title_key
from training.services import bulk
from training.wrong import Wrong

Role = TrainingRecord.Role
NotCounted = TrainingRecord.NotCounted


def take(drafts: list, *, sources: Sources, memory: Memory, manner: Manner) -> None:
    """Give every draft's row its fate, and write what is new. A constant number of statements for a chunk."""
    people = _matched(drafts, memory.matcher()) if manner.is_desk else _people(drafts, memory)
    # Whoever records for one of these officers at the same moment waits, and then sees these records.
    locked = Officer.objects.select_for_update(no_key=True).filter(pk__in={one.pk for one in people.values()})
    list(locked.order_by("pk").values_list("pk"))
    licensed = _Licenses([one.pk for one in people.values()], memory if manner.is_desk else None)
    drafts = [draft for draft in drafts if id(draft) in people and licensed.allow(draft, people[id(draft)])]
    named = NamedCourses(drafts, manner)
    placed: list[tuple[object, Person, CourseRef]] = []
    for draft in drafts:
        if (course := named.course_of(draft)) and _may_give(draft, course.source, sources, manner):
            placed.append((draft, people[id(draft)], course))
    records = Records(placed)
    for draft, person, course in placed:
        _decide(draft, person, course, records)
        if manner.is_desk and not person.is_here and memory.knows(person.pk) and draft.row.fate is Fate.RECORDED:
            away = f"{person} was not commissioned at {memory.body} on {draft.completed_on}"
            draft.row.recorded("; ".join(filter(None, (draft.row.notice, away))))
    records.write(bulk.database_now(), manner)


def _people(drafts: list, memory: Memory) -> dict[int, Person]:
    """The officer of each draft (by the draft's identity); rows of nobody known are refused."""
    by_number = people_with({draft.number for draft in drafts if draft.number})
    before = selectors.now_known_as({draft.number for draft in drafts if draft.number} - by_number.keys())
    found: dict[int, Person] = {}
    for draft in drafts:
        if not draft.number:
            try:
                found[id(draft)] = memory.named(draft.name, draft.completed_on)
            except Wrong as wrong:
                column = "name" if draft.row.setting.columns.has("name") else "last_name"
                draft.row.refuse(column, wrong.wrong, wrong.fix)
        elif (person := by_number.get(draft.number)) is None:
            draft.row.refuse(
                "license_number",
                f"No officer has the license number {draft.number}.",
                " ".join(map(selectors.formerly, before.get(draft.number, [])))
                or "Correct the number, or import the officer first.",
            )
        elif draft.name and not person.may_be(draft.name):
            draft.row.refuse(
                "license_number",
                f"License number {draft.number} belongs to {person}.",
                "Correct the number or the name: a digit may be wrong.",
            )
        else:
            found[id(draft)] = person
    return found


def _matched(drafts: list, register: People) -> dict[int, Candidate]:
    """As `_people`, at an agency's desk: whoever is meant for certain; others are refused with who may be meant."""
    register.know({draft.number for draft in drafts if draft.number})
    found: dict[int, Candidate] = {}
    for draft in drafts:
        match = register.match(number=draft.number or "", name=draft.name, day=draft.completed_on)
        if match.certainty is Certainty.CERTAIN:
            found[id(draft)] = match.person
            continue
        columns = draft.row.setting.columns
        field = "license_number" if draft.number else "name" if columns.has("name") else "last_name"
        draft.row.refuse(field, match.wrong, match.fix)
        draft.row.is_for_post = match.is_for_post
    return found


class _Licenses:
    """The license events of some officers: whether credit is possible on a day.

    `own`: of officers who never were of this agency no more is said than must be.
    """

    def __init__(self, officers: list[int], own: Memory | None):
        self._own = own
        self._events: dict[int, list[EventFact]] = {}
        live = LicenseEvent.objects.live().filter(officer__in=set(officers))
        for pk, *event in live.order_by("occurred_on", "recorded_at", "pk").values_list(
            "officer", "kind", "occurred_on", "period_year"
        ):
            self._events.setdefault(pk, []).append(EventFact(*event))

    def allow(self, draft, person: Person) -> bool:
        """Whether a license was held on the day; the row is refused where it was not."""
        events = self._events.get(person.pk, [])
        state = licensing.state_on(events, draft.completed_on)
        if state.is_held:
            return True
        issued = min((event.occurred_on for event in events if event.kind == "issued"), default=None)
        if self._own and not self._own.knows(person.pk):
            draft.row.refuse(
                "completed_on",
                f"The license of {person} was not in force on {draft.completed_on}: nothing can be credited.",
                "Correct the day or the officer, or call POST.",
            )
            return False
        if state.status is not LicenseStatus.NONE:
            draft.row.refuse(
                "completed_on",
                f"The license of {person} was {state.status.value} since {state.since}: nothing can be credited.",
                "Correct the day or the officer, or call POST.",
            )
        elif issued:
            draft.row.refuse(
                "completed_on",
                f"A completion before the license: {person} was licensed on {issued}.",
                "Correct the day or the officer; what came before a license gives no credit.",
            )
        else:
            draft.row.refuse(
                "license_number",
                f"The register does not say when {person} was licensed.",
                "Import the officer’s licensed_on first.",
            )
        return False


def _may_give(draft, source: Source, sources: Sources, manner: Manner) -> bool:
    if manner.only_own and not sources.is_own(source):
        draft.row.refuse(
            "control_number" if draft.control_number else "title",
            f"This course is not {sources.own_training}: whoever gives a class reports it.",
            f"Choose a course of your {sources.own_kind}, ask whoever gave it to report it, or leave it to POST.",
        )
        draft.row.is_for_post = sources.own_kind == "agency"
        return False
    if source.kind == SourceKind.OUT_OF_STATE and not manner.carried_over_from:
        return _is_recognized(draft, source, sources)
    if source.kind != SourceKind.APPROVED_PROVIDER or not (
        why := sources.not_licensed(source.provider, draft.completed_on)
    ):
        return True
    draft.row.refuse(
        "provider", why, "Correct the day or the provider; without a valid license it gave no approved hours."
    )
    return False


def _is_recognized(draft, source: Source, sources: Sources) -> bool:
    """Whether the source was on the Director's list that day, or somebody says why it is recorded all the same."""
    named = draft.approved_by or source.sponsor
    draft.recognized = sources.recognized(named, draft.completed_on)
    if draft.recognized:
        draft.although = ""
        return True
    if draft.although:
        return True
    draft.row.refuse(
        "approved_by" if draft.approved_by else "sponsor",
        f"“{named[:60]}” was not on the list of recognized sources in {draft.completed_on.year}.",
        "Name in approved_by the state, agency or organization on the list that approved it, correct the day, or say "
        "in although why it is recorded nevertheless.",
    )
    return False


def _decide(draft, person: Person, course: CourseRef, records: Records) -> None:
    """Already there, refused, counted, or recorded without being counted (a duplicate, or a repeat in one period)."""
    key = title_key(course.title)
    same_day = [
        one for one in records.on(person.pk, draft.completed_on) if one.course is course or one.title_key == key
    ]
    for one in same_day:
        if one.course is course and one.says(draft):
            draft.row.already_there(f"it is row {one.row} again" if one.row else "")
            draft.row.record = one
            return
    held_class = records.class_of(draft, course)
    for one in same_day:
        if one.held_class is held_class:
            where = f"row {one.row}" if one.row else held_class.reference
            draft.row.refuse(
                "license_number" if draft.number else "name",
                f"{person} is already in this class ({where}): {hours_words(one.credit)} as {one.role}.",
                "Leave one of the two. A second part of a class needs a title of its own.",
            )
            return
        if one.course is course and one.role != draft.role:
            where = f"row {one.row}" if one.row else one.reference
            did, does = ("attended", "taught") if draft.role == Role.INSTRUCTOR else ("taught", "attended")
            draft.row.refuse(
                "role" if draft.row.setting.columns.has("role") else "title",
                f"{person} {did} “{course.title}” that day ({where}), and the row says that they {does} it.",
                "Whoever teaches a class is not also a student of it: leave one of the two. "
                "Another session needs a title of its own.",
            )
            return
    if left_out := records.left_out_of(person.pk, course, draft.completed_on):
        draft.row.refuse(
            "license_number" if draft.number else "name",
            f"{person} is recorded as not completed in this class ({left_out}).",
            f"If they completed it after all, correct {left_out} and drop this row. Another session needs a title of "
            "its own.",
        )
        return
    twins = [one for one in same_day if one.is_counted and is_same_credit(one.credit, draft.credit)]
    first = min(twins, key=lambda one: (rank(one.source_kind), one.is_kept), default=None)
    takes_over = first is not None and goes_before(course.source.kind, first.source_kind)
    year = _made_up(draft, person, course, first, records) if takes_over else None
    new = draft.row.record = records.add(draft, person, course, held_class, year)
    if first is not None:
        if takes_over:
            # What was kept as other training is not this one, unless there is nothing else that could be.
            for one in [one for one in twins if not one.is_kept] or [first]:
                records.yield_to(one, new)
            what = SourceKind(course.source.kind).label.lower()
            make_up = f", as make-up credit for {year}" if year else ""
            draft.row.recorded(
                f"counted as the entry of the {what}{make_up}; the other entry of it is kept but not counted"
            )
        else:
            _not_counted(new, NotCounted.DUPLICATE, first, "a duplicate")
    elif draft.role == Role.STUDENT and (again := records.taken(person.pk, course, new.year, besides=new)):
        _not_counted(new, NotCounted.REPEAT, again, "a repeat of a course taken this period")
    else:
        draft.row.recorded()


def _made_up(draft, person: Person, course: CourseRef, first: Held, records: Records) -> int | None:
    """The earlier year that the entry giving way makes up: the hours go on counting there, unless the row says another.

    A course that was taken in that year already counts once in it.
    """
    if first.year == first.day.year or draft.credited_year != draft.completed_on.year:
        return None
    is_repeat = draft.role == Role.STUDENT and records.taken(person.pk, course, first.year)
    return None if is_repeat else first.year


def _not_counted(new: Held, why: NotCounted, twin: Held, words: str) -> None:
    new.not_counted, new.twin = why, twin
    new.draft.row.recorded(f"kept but not counted: {words}, counted on {twin.day}")
