"""A class set right afterwards: edited, officers added, taken out, moved. Evidence is voided, never changed."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.hours import Line
from training.models import Agency, NotCompleted, Officer, Provider, TrainingClass, TrainingRecord
from training.repeats import title_key
from training.services import classes, duplicates, giving, news
from training.services.classes import Attendance, ClassDraft, Corrected


@transaction.atomic
def correct(
    *,
    by: User | None,
    training_class: TrainingClass,
    reason: str,
    agency: Agency | None = None,
    provider: Provider | None = None,
    submission_key: uuid.UUID,
    today: dt.date,
    **answers,
) -> tuple[TrainingClass, bool]:
    """Record `training_class` anew as the answers (those of `classes.record`) say, and void what it was.

    Returns the class that stands for it, and whether it is new: the same form sent twice is one correction. Entries
    that gave no hours because they repeated it are judged again. Raises `Refused`; then nothing is changed.
    """
    draft = ClassDraft(agency=agency, provider=provider, **{key: _fixed(value) for key, value in answers.items()})
    if before := classes.reported_before(draft.body, submission_key):
        return before, False
    try:
        with transaction.atomic():
            return _correct(by, training_class, draft, reason, submission_key, today), True
    except IntegrityError:
        if before := classes.reported_before(draft.body, submission_key):
            return before, False
        raise


def _fixed(value):
    return tuple(value) if isinstance(value, list) else value


def _correct(by, training_class, draft: ClassDraft, reason: str, submission_key, today: dt.date) -> TrainingClass:
    held = _locked(by, training_class)
    if held.body != draft.body:
        raise Refused("A class is corrected for the agency or the provider that reported it.")
    reason = _said(reason, "Say why the class is corrected.")
    if draft.provider:
        # Before the officers, as `classes.write` takes it: whoever enters another class of the provider waits.
        Provider.objects.select_for_update(no_key=True).get(pk=draft.provider.pk)
    records = {one.officer_id: one for one in held.records.live()}
    _lock({*records, *(one.officer.pk for one in draft.attendances)})
    # What was recorded anew while this waited, such as make-up credit, is what is replaced.
    records = {one.officer_id: one for one in held.records.live()}
    if _stands(held, draft):
        raise Refused("Nothing is changed: the class stands exactly like this.")
    classes.take_away(by=by, held=held, reason=reason)
    corrects = Corrected(held, reason, records)
    made = classes.write(by=by, draft=draft, submission_key=submission_key, today=today, corrects=corrects)
    with history.because(f"{held.reference} was corrected, of which these were repeats"):
        duplicates.count_again(by=by, voided=held)
    return made


@transaction.atomic
def add(
    *, by: User | None, training_class: TrainingClass, attendances: Sequence[Attendance], today: dt.date
) -> list[TrainingRecord]:
    """Credit officers who were forgotten in a class. Whoever was said not to have completed it has completed it now.

    Raises `Refused`; then nothing is changed.
    """
    held = _locked(by, training_class)
    pks = [one.officer.pk for one in attendances]
    _lock(pks)
    if there := held.records.live().filter(officer__in=pks).select_related("officer").first():
        raise Refused(f"{there.officer} is in this class already.", field="officers")
    draft = _draft(held, tuple(attendances))
    if problem := next(classes.problems(draft, today), None):
        raise problem
    with history.because("Officer added to the class"):
        NotCompleted.objects.live().filter(training_class=held, officer__in=pks).update(
            voided_at=Now(), voided_by=by, void_reason="Completed it after all"
        )
        return giving.give(by=by, held=held, attendances=attendances, lines=draft.lines)


@transaction.atomic
def leave_out(*, by: User | None, training_class: TrainingClass, officer: Officer) -> None:
    """Keep with a class that an officer was in it and did not complete it. Raises `Refused` where it gave credit."""
    held = _locked(by, training_class)
    _lock([officer.pk])
    if held.records.live().filter(officer=officer).exists():
        raise Refused(f"{officer} is credited in {held.reference}. Take them out of it first.", field="officers")
    with history.because("Did not complete the class"):
        NotCompleted.objects.get_or_create(
            training_class=held, officer=officer, voided_at=None, defaults={"recorded_by": by}
        )


@transaction.atomic
def take_out(*, by: User | None, training_class: TrainingClass, records: Sequence[TrainingRecord], reason: str) -> None:
    """Take officers out of a class: their records are voided with the reason. Raises `Refused`."""
    held = _locked(by, training_class)
    reason = _said(reason, "Say why they are taken out.")
    _, live = _theirs(held, records)
    if not held.records.live().exclude(pk__in=[one.pk for one in live]).exists():
        raise Refused("Nobody would be left in the class. Undo the class instead.", field="records")
    _void(by, live, reason)
    _let_go(by, held, live)


@transaction.atomic
def move(
    *, by: User | None, records: Sequence[TrainingRecord], to: TrainingClass, reason: str, today: dt.date
) -> list[TrainingRecord]:
    """Move officers of one class to another class of the same agency or provider: voided there, recorded here.

    They get the hours of the class they come to; whoever had a part keeps the own hours, if that class gives as many.
    A class that nobody is left in is undone with the same reason. Raises `Refused`; then nothing is changed.
    """
    if not records:
        raise Refused("Tick at least one officer to move.", field="records")
    both = TrainingClass.objects.filter(pk__in=[records[0].training_class_id, to.pk]).order_by("pk")
    list(both.select_for_update(no_key=True).values_list("pk"))
    held, to = _locked(by, records[0].training_class), _locked(by, to)
    if held.body != to.body or held.pk == to.pk:
        raise Refused("Choose another class of the same agency or provider.", field="to")
    reason = _said(reason, "Say why they are moved.")
    people, live = _theirs(held, records)
    if there := to.records.live().filter(officer__in=people).select_related("officer").first():
        raise Refused(f"{there.officer} is in {to.reference} already. Take them out here instead.", field="records")
    attendances = _carried(held, to, live)
    draft = _draft(to, attendances)
    if problem := next(classes.problems(draft, today), None):
        raise problem
    _void(by, live, f"Moved to {to.reference}: {reason}"[:500])
    with history.because(f"Moved from {held.reference}: {reason}"):
        NotCompleted.objects.live().filter(training_class=to, officer__in=people).update(
            voided_at=Now(), voided_by=by, void_reason=f"Moved from {held.reference}"
        )
        old = {one.officer_id: one for one in live}
        given = giving.give(by=by, held=to, attendances=attendances, lines=draft.lines, old=old)
    _let_go(by, held, live)
    if not held.records.live().exists():
        everybody = f"Everybody was moved to {to.reference}: {reason}"[:500]
        classes.take_away(by=by, held=held, reason=everybody)
        classes.let_go(held=held, reason=everybody)
    return given


def _locked(by: User | None, training_class: TrainingClass) -> TrainingClass:
    """The class, locked, if `by` may correct it and it still stands."""
    held = (
        TrainingClass.objects.select_for_update(of=("self",), no_key=True)
        .select_related("course__provider", "reported_by_agency")
        .get(pk=training_class.pk)
    )
    if not access.can_correct_class(by, held):
        raise Refused("Only the agency or provider whose class this is, or POST, can correct it.")
    if held.voided_at:
        anew = held.replaced_by.first()
        how = f"was corrected meanwhile, as {anew.reference}" if anew else "was undone meanwhile"
        raise Refused(f"{held.reference} {how}. Nothing was changed.")
    return held


def _lock(officers) -> None:
    """Whoever records for one of these officers at the same moment waits."""
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=officers).order_by("pk").values_list("pk"))


def _said(reason: str, otherwise: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(otherwise, field="reason")
    return reason[:500]


def _theirs(held: TrainingClass, records: Sequence[TrainingRecord]) -> tuple[list[int], list[TrainingRecord]]:
    """The officers, locked, and their records, which must be live and of this class."""
    if not records:
        raise Refused("Tick at least one officer.", field="records")
    _lock([one.officer_id for one in records])
    live = list(held.records.live().filter(pk__in=[one.pk for one in records]).select_related("officer").order_by("pk"))
    if len(live) != len({one.pk for one in records}):
        raise Refused("Somebody was changed meanwhile. Look at the class again.", field="records")
    return [one.officer_id for one in live], live


def _void(by: User | None, records: Sequence[TrainingRecord], reason: str) -> None:
    with history.because(reason):
        TrainingRecord.objects.filter(pk__in=[one.pk for one in records]).update(
            voided_at=Now(), voided_by=by, void_reason=reason
        )
        news.changed(one.officer_id for one in records)


def _let_go(by: User | None, held: TrainingClass, records: Sequence[TrainingRecord]) -> None:
    gone = [one.pk for one in records]
    reason = f"An entry of {held.reference} was taken out: this one is judged again"
    with history.because(reason):
        duplicates.let_go(by=by, records=gone, reason=reason)


def _lines(rows) -> tuple[Line, ...]:
    return tuple(Line(one.area, one.topic, one.hours) for one in rows)


def _draft(held: TrainingClass, attendances: tuple[Attendance, ...]) -> ClassDraft:
    """What recording these people in a class would say."""
    return ClassDraft(
        **held.reported,
        course=held.course,
        starts_on=held.starts_on,
        ends_on=held.ends_on,
        delivery=held.delivery,
        place=held.place,
        lines=_lines(held.lines.select_related("area", "topic").order_by("area__order", "topic__order")),
        attendances=attendances,
    )


def _content(lines) -> set[tuple]:
    return {(one.area.pk, one.topic.pk if one.topic else None, one.hours) for one in lines}


def _with_lines(records) -> dict[TrainingRecord, tuple[Line, ...]]:
    """Records with their credit; two statements."""
    rows = records.select_related("officer").prefetch_related("lines__area", "lines__topic").order_by("pk")
    return {one: _lines(one.lines.all()) for one in rows}


def _carried(held: TrainingClass, to: TrainingClass, live: Sequence[TrainingRecord]) -> tuple[Attendance, ...]:
    """The attendance in `to` of those who are moved there."""
    whole, gives = _content(_draft(held, ()).lines), _draft(to, ()).lines
    here = _commissioned(to, [one.officer_id for one in live])
    carried = []
    for one, lines in _with_lines(TrainingRecord.objects.filter(pk__in=[one.pk for one in live])).items():
        part = None if _content(lines) == whole else lines
        if part and not _fits(part, gives):
            raise Refused(
                f"{one.officer} has own hours, and {to.reference} does not give as many of them. Take this officer "
                f"out here, and add them to {to.reference} with the hours they had.",
                field="records",
            )
        carried.append(Attendance(one.officer, one.role, part, by_number=one.officer_id not in here))
    return tuple(carried)


def _fits(part: Sequence[Line], whole: Sequence[Line]) -> bool:
    most = {(one.area.pk, one.topic): one.hours for one in whole}
    return all(one.hours <= most.get((one.area.pk, one.topic), 0) for one in part)


def _commissioned(held: TrainingClass, officers: Sequence[int]) -> set[int]:
    if held.reported_by_agency is None:
        return set()
    there = Officer.objects.commissioned_at(held.reported_by_agency, held.ends_on).filter(pk__in=officers)
    return set(there.values_list("pk", flat=True))


def _stands(held: TrainingClass, draft: ClassDraft) -> bool:
    """Whether a class stands exactly like the draft, now."""
    if (held.starts_on, held.ends_on, held.delivery, held.place) != (
        draft.starts_on,
        draft.ends_on,
        draft.delivery,
        draft.place,
    ) or title_key(held.course.title) != title_key(draft.name):
        return False
    left_out = set(held.not_completed.live().values_list("officer", flat=True))
    if _content(_draft(held, ()).lines) != _content(draft.lines) or left_out != {one.pk for one in draft.left_out}:
        return False
    given = {
        (one.officer_id, one.role): (_content(lines), one.kept_because)
        for one, lines in _with_lines(held.records.filter(Q(voided_at=None))).items()
    }
    asked = {}
    for one in draft.attendances:
        key = (one.officer.pk, one.role)
        content = _content(draft.lines if one.lines is None else one.lines)
        asked[key] = (content, one.kept_because or given.get(key, ((), ""))[1])
    return given == asked
