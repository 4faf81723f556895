"""Training of another state, a federal agency or an organization, recorded by POST for one officer.

Source: 11 CSR 75-15.050: the source stands on the Director's list of the period, and the officer proves that the course
was approved there and completed.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, hours, licensing
from training.hours import Line
from training.models import ClassLine, Course, Officer, RecognizedSource, SourceKind, TrainingClass, TrainingRecord
from training.names import plain
from training.repeats import title_key
from training.services import giving
from training.services.class_drafts import Attendance, in_words
from training.services.register_lock import one_course_elsewhere_at_a_time

LONGEST_REASON = 300


@transaction.atomic
def record(
    *,
    by: User,
    officer: Officer,
    title: str,
    sponsor: str,
    recognized: RecognizedSource | None,
    although: str = "",
    starts_on: dt.date,
    ends_on: dt.date,
    delivery: str,
    lines: Sequence[Line],
    submission_key: uuid.UUID,
    today: dt.date,
) -> TrainingRecord:
    """Record it with its credit; returns the record. The same `submission_key` is one class.

    `recognized` is the entry of the Director's list that approved the course; without one, `although` says why it is
    recorded nevertheless. Raises `Refused`; then nothing is recorded.
    """
    if not access.can_record_for_others(by):
        raise Refused("Only POST records training of other states and federal agencies.")
    list(Officer.objects.select_for_update(no_key=True).filter(pk=officer.pk).values_list("pk"))
    before = TrainingRecord.objects.filter(training_class__submission_key=submission_key, officer=officer).first()
    if before:
        return before
    although = " ".join(although.split())
    _check(officer, starts_on, ends_on, lines, today)
    _check_source(recognized, although, ends_on.year)
    with history.because("Training elsewhere recorded by POST"):
        held = TrainingClass.objects.create(
            course=_course(" ".join(title.split()), " ".join(sponsor.split()), delivery),
            starts_on=starts_on,
            ends_on=ends_on,
            delivery=delivery,
            submission_key=submission_key,
            recognized_source=recognized,
            recorded_although="" if recognized else although,
            recorded_by=by,
        )
        ClassLine.objects.bulk_create(
            ClassLine(training_class=held, area=line.area, topic=line.topic, hours=line.hours) for line in lines
        )
        return giving.give(by=by, held=held, attendances=[Attendance(officer, by_number=True)], lines=lines)[0]


def _check(officer: Officer, starts_on: dt.date, ends_on: dt.date, lines: Sequence[Line], today: dt.date) -> None:
    if not lines:
        raise Refused("Give the hours of at least one area.", field="hours")
    if starts_on > ends_on:
        raise Refused("The first day is after the day it was completed.", field="starts_on")
    if ends_on > today:
        raise Refused(f"{in_words(ends_on)} is in the future.", field="ends_on")
    for line in lines:
        if line.topic and line.topic.only_area_id not in (None, line.area.pk):
            raise Refused(f"{line.topic} can only lie in {line.topic.only_area}.", field=f"topic:{line.topic.code}")
    hours.check_days(hours.total(lines), (ends_on - starts_on).days + 1)
    state = licensing.states_of([officer.pk], ends_on, clock.END_OF_TIME)[officer.pk]
    if not state.is_held:
        raise Refused(f"No license of {officer} was in force on {in_words(ends_on)}. Nothing can be credited.")


def _check_source(recognized: RecognizedSource | None, although: str, year: int) -> None:
    if recognized is None:
        if not although:
            raise Refused(
                f"Choose who of the list of {year} approved it, or say why it is recorded although nobody of the list "
                "did.",
                field="recognized",
            )
        if len(although) > LONGEST_REASON:
            raise Refused(f"At most {LONGEST_REASON} characters; these are {len(although)}.", field="although")
        return
    held = RecognizedSource.objects.live().in_year(year).filter(pk=recognized.pk)
    if not held.exists():
        raise Refused(f"{recognized} is not on the list of recognized sources of {year}.", field="recognized")


def _course(title: str, sponsor: str, delivery: str) -> Course:
    """The course of this title and sponsor, however spelled; made where there is none."""
    if not title:
        raise Refused("Give the course a title.", field="title")
    if not sponsor:
        raise Refused("Say who gave it.", field="sponsor")
    one_course_elsewhere_at_a_time()
    wanted = title_key(title), plain(sponsor)
    there = Course.objects.filter(source_kind=SourceKind.OUT_OF_STATE).defer("synopsis").order_by("-pk")
    for one in there:
        if (title_key(one.title), plain(one.sponsor)) == wanted:
            return one
    return Course.objects.create(title=title, sponsor=sponsor, source_kind=SourceKind.OUT_OF_STATE, delivery=delivery)
