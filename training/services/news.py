"""What happened is put into the outbox, in the transaction in which it happened. What the mail then says is read from
the facts when its turn comes.

Changes of an officer's hours are told once for each day, the next morning: what was entered and mended on one day is
told as it stood at its end, and nobody gets thirty mails for a file.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from clee_portal import clock
from notifications import outbox
from notifications.outbox import Mail
from training import provider_occasions, telling
from training.models import CommissionQuestion, CourseReview, ImportRow, TrainingRecord
from training.telling import CLAIM_ANSWERED, CLAIM_ASKED, COURSE_DECIDED, HOURS_CHANGED, HOURS_CREDITED, ROWS_SETTLED

MORNING = dt.time(7)


def credited(officers: Iterable[int]) -> int:
    """Hours were credited to these officers. How many mails were put."""
    return _of_the_day(HOURS_CREDITED, officers)


def changed(officers: Iterable[int]) -> int:
    """Hours of these officers were taken out, changed, or do not count. How many mails were put."""
    return _of_the_day(HOURS_CHANGED, officers)


def recorded(records: Collection[TrainingRecord]) -> None:
    """New records: those that count are told as credited, those that do not as such."""
    credited(one.officer_id for one in records if not one.not_counted)
    changed(one.officer_id for one in records if one.not_counted)


def _of_the_day(code: str, officers: Iterable[int]) -> int:
    if not (ids := set(officers)):
        return 0
    now = clock.now()
    day = clock.day_of(now)
    morning = dt.datetime.combine(day + dt.timedelta(days=1), MORNING, clock.CHICAGO)
    mails = [
        Mail(f"{officer}:{reader.user}:{day.isoformat()}", reader.address, reader.user, not_before=morning)
        for officer, readers in telling.accounts_of(ids, day).items()
        for reader in readers
    ]
    return len(outbox.put_many(occasion=code, mails=mails)) if mails else 0


def course_decided(review: CourseReview) -> None:
    """POST decided about a course: its agency or provider is told, and the officers whose hours that changes."""
    if review.course.provider_id:
        provider_occasions.put(review)
    else:
        _to_agency(COURSE_DECIDED, review.course.agency_id, str(review.pk))
    given = TrainingRecord.objects.live().filter(training_class__course=review.course_id)
    changed(given.values_list("officer", flat=True))


def rows_settled(rows: Iterable[ImportRow]) -> None:
    """POST placed or dropped rows that waited with an agency: it is told the next morning, once for the day.

    A provider reads it on its pages.
    """
    now = clock.now()
    day = clock.day_of(now)
    morning = dt.datetime.combine(day + dt.timedelta(days=1), MORNING, clock.CHICAGO)
    for agency in {row.training_import.agency_id for row in rows} - {None}:
        _to_agency(ROWS_SETTLED, agency, day.isoformat(), not_before=morning)


def claim_asked(question: CommissionQuestion) -> None:
    """Another agency asks whether an officer both claim is still there."""
    _to_agency(CLAIM_ASKED, question.commission.agency_id, str(question.pk))


def claims_answered(questions: Iterable[CommissionQuestion]) -> None:
    """What agencies asked is answered, by the other agency or by POST."""
    for one in questions:
        _to_agency(CLAIM_ANSWERED, one.asked_by_agency_id, str(one.pk))


def _to_agency(code: str, agency: int, about: str, not_before: dt.datetime | None = None) -> None:
    day = clock.day_of(clock.now())
    mails = [
        Mail(f"{agency}:{about}:{reader.user}", reader.address, reader.user, not_before=not_before)
        for reader in telling.people_of([agency], day).get(agency, ())
    ]
    if mails:
        outbox.put_many(occasion=code, mails=mails)
