"""Courses of agencies and providers, submitted to POST. Source: 11 CSR 75-15.060 (in-service), 75-15.030."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from clee_portal import clock, compiled, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access, course_states, pairs
from training.bodies import Body, field_of, is_provider, named, source_kind_of
from training.hours import Line
from training.models import (
    Course,
    CourseLine,
    CourseReview,
    Delivery,
    Officer,
    SourceKind,
    TrainingRecord,
)
from training.repeats import title_key
from training.services import duplicates, news


def check_not_refused(course: Course, today: dt.date) -> None:
    """Refuse a course that POST has refused: it gives no hours."""
    if not _refused().rows(course=course.pk, moment=clock.end_of_day(today)):
        return
    review = course.reviews.live().filter(decision="refused").order_by("-recorded_at", "-pk").first()
    raise Refused(
        f"POST refused “{course}” on {review.decided_on:%B} {review.decided_on.day}, {review.decided_on.year} "
        f"({review.reason.rstrip('.')}). It gives no hours. Choose another course, or call POST.",
        field="course",
    )


@compiled.written(course=compiled.NUMBER, moment=compiled.MOMENT)
def _refused(course, moment) -> QuerySet:
    return Course.objects.refused_as_of(moment).filter(pk=course).values_list("pk")


def titled(body: Body, title: str) -> Course | None:
    """The course of an agency or a provider with this title, however spelled (`title_key`); the latest of several.

    Refused courses too: a refused one does not pass under another spelling.
    """
    key = title_key(title)
    own = Course.objects.filter(**named(body), source_kind=source_kind_of(body))
    held = own.defer("synopsis").order_by("-pk")
    return next((one for one in held if title_key(one.title) == key), None)


@transaction.atomic
def submit(
    *,
    by: User | None,
    body: Body,
    title: str,
    lines: Sequence[Line],
    delivery: str = Delivery.CLASSROOM,
    synopsis: str = "",
    instructors: str = "",
    today: dt.date,
) -> Course:
    """Submit a course of an agency (in-service) or a provider to POST and return it. It counts from now, not yet
    reviewed.

    A course of the body with this title, however spelled, is returned as it is: one title is one course. Raises
    `Refused` where that one was refused by POST, or `by` may not act for it.
    """
    type(body).objects.select_for_update(no_key=True).get(pk=body.pk)
    if not access.may_report_class(by, body):
        raise Refused(f"You cannot submit courses for this {field_of(body)}.")
    title = " ".join(title.split())
    if not title:
        raise Refused("Give the course a title.", field="course")
    if course := titled(body, title):
        check_not_refused(course, today)
        return course
    what = "Course of a provider" if is_provider(body) else "In-service course"
    with history.because(f"{what} submitted to POST"):
        course = Course.objects.create(
            title=title,
            source_kind=source_kind_of(body),
            **named(body),
            synopsis=synopsis,
            instructors=" ".join(instructors.split()),
            delivery=delivery,
        )
        CourseLine.objects.bulk_create(
            CourseLine(course=course, area=line.area, topic=line.topic, hours=line.hours) for line in lines
        )
    return course


@transaction.atomic
def add_to_submission(*, by: User | None, course: Course, synopsis: str, instructors: str) -> Course:
    """Say more of an in-service course that was submitted: synopsis and instructors, as 11 CSR 75-15.060 asks.

    For a course that came in with a file, and for one that POST refused for what it lacked: it then waits for POST
    again, and gives no hours before POST approves it. Raises `Refused` where POST approved the course as it stands.
    """
    one = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    if one.source_kind != SourceKind.IN_SERVICE or not access.can_enter_class(by, one.agency):
        raise Refused("Only the agency whose course it is, or POST, can add to what was submitted.")
    latest = one.reviews.live().order_by("recorded_at", "pk").last()
    if latest and latest.decision == CourseReview.Decision.APPROVED:
        raise Refused("POST approved this course as it was submitted. Call POST where something is to be changed.")
    synopsis, instructors = synopsis.strip(), " ".join(instructors.split())
    if not synopsis:
        raise Refused("Say what is taught, in a few sentences.", field="synopsis")
    if (one.synopsis, one.instructors) == (synopsis, instructors):
        return one
    one.synopsis, one.instructors, one.added_to_at = synopsis, instructors, Now()
    with history.because("Added to what was submitted to POST"):
        one.save(update_fields=["synopsis", "instructors", "added_to_at"])
    one.refresh_from_db(fields=["added_to_at"])
    return one


@transaction.atomic
def review(
    *,
    by: User | None,
    course: Course,
    decision: str,
    reason: str = "",
    conditions: str = "",
    control_number: str = "",
    seen: str | None = None,
    today: dt.date,
) -> CourseReview:
    """POST approves or refuses an in-service course (11 CSR 75-15.060) or a provider's. Returns the review.

    A refusal takes its hours out from `today` on; entries that gave no hours only because they repeated one of this
    course count then. A later approval gives the hours back, and what counted meanwhile is counted once again. An
    approval may give the control number. `seen` is the id of the last decision that the person saw ("" for none): where
    another was made since, they look at it first. Raises `Refused`; the same decision sent twice is one review.
    """
    one = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    if not access.can_review_courses(by):
        raise Refused("Only POST reviews courses.")
    if one.source_kind not in course_states.REVIEWED:
        raise Refused("Only courses of agencies and providers are reviewed here.")
    reason, conditions = reason.strip(), conditions.strip()
    control_number = " ".join(control_number.split()).upper()
    is_refusal = decision == CourseReview.Decision.REFUSED
    if is_refusal and not reason:
        raise Refused("Say why the course is refused. Whoever submitted it reads it.", field="reason")
    before = one.reviews.live().order_by("recorded_at", "pk").last()
    if before and _says(before, decision, reason, conditions) and control_number in ("", one.control_number or ""):
        return before
    if seen is not None and before and seen != str(before.pk):
        who = before.recorded_by or "Somebody else"
        said = before.get_decision_display().lower() + (f" ({before.reason})" if before.reason else "")
        raise Refused(
            f"{who} has decided meanwhile: {said}. Yours is not kept. Send it again to put it in their place."
        )
    if control_number and not is_refusal:
        taken = (
            Course.objects.filter(control_number=control_number)
            .exclude(pk=one.pk)
            .select_related("agency", "provider")
            .first()
        )
        if taken:
            raise Refused(
                f"{control_number} is the number of “{taken}” of {taken.source_name}. Give another.",
                field="control_number",
            )
    # Whoever records for one of these officers just now waits, and is then judged with the decision.
    people = Officer.objects.filter(records__training_class__course=one, records__voided_at=None).order_by("pk")
    list(Officer.objects.select_for_update(no_key=True).filter(pk__in=people.values("pk")).order_by("pk").values("pk"))
    kind = "In-service course" if one.source_kind == SourceKind.IN_SERVICE else "Course of a provider"
    with history.because(f"{kind} {'refused' if is_refusal else 'approved'} by POST"):
        if control_number and not is_refusal and control_number != one.control_number:
            one.control_number = control_number
            one.save(update_fields=["control_number"])
        made = CourseReview.objects.create(
            course=one, decision=decision, decided_on=today, reason=reason, conditions=conditions, recorded_by=by
        )
        was_refused = before is not None and before.decision == CourseReview.Decision.REFUSED
        if is_refusal:
            waiting = TrainingRecord.objects.filter(twin__training_class__course=one)
            waiting = waiting.exclude(training_class__course=one)
            duplicates.judge_again(by=by, records=waiting, reason=consequence(one, decision))
        elif was_refused:
            both = pairs.both_counted(of_course=one)
            seconds = TrainingRecord.objects.filter(pk__in=[pair.second.pk for pair in both])
            duplicates.judge_again(by=by, records=seconds, reason=consequence(one, decision))
        news.course_decided(made)
    return made


def consequence(course: Course, decision: str) -> str:
    """The reason kept with entries that are judged again because of a decision on `course`."""
    if decision == CourseReview.Decision.REFUSED:
        return f"POST refused “{course}”, which this entry repeated"
    return f"POST approved “{course}”, which was refused before: one training is counted once"


def _says(review: CourseReview, decision: str, reason: str, conditions: str) -> bool:
    return (review.decision, review.reason, review.conditions) == (decision, reason, conditions)
