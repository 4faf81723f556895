"""What keeps a class from being published, and what is wrong with one that was: licenses, refusals, approvals.

A course of a licensed provider needs no prior approval, but one that it underwrites for an agency is approved by POST
30 days ahead; and POST can refuse any course. Rulebook sections 4 and 8.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal

from clee_portal import clock
from clee_portal.templatetags.look import hours_words
from training.models import Course, CourseReview, Delivery, ScheduledClass
from training.provider_standing import in_words, licenses_of, why_not_valid

# An underwritten course is submitted so long before its first class.
AHEAD = dt.timedelta(days=30)
# One hour of credit is 50 minutes of instruction.
MINUTES_AN_HOUR = 50


def hindrances(held: ScheduledClass, now: dt.datetime, *, is_moved: bool = False) -> list[str]:
    """Why a class cannot stand in the public calendar, each with what would mend it; none where it can.

    `is_moved`: it stands there already, and is changed.
    """
    found = []
    if held.ends_at <= now or (not is_moved and held.begins_at <= now):
        found.append("Its first meeting is over. Move it, or enter it under “Enter a class” if it was held.")
    if why := why_not_valid(licenses_of([held.provider_id])[held.provider_id], clock.last_day(held.ends_at)):
        found.append(why)
    if why := why_refused(held.course) or why_not_approved(held.course, clock.day_of(now)):
        found.append(why)
    if not held.lines.exists():
        found.append("Its course gives no hours yet.")
    if held.delivery == Delivery.CLASSROOM and not (held.zip_code and held.city):
        found.append("Give the city and the ZIP code of the place: people search by distance.")
    if not held.administrator:
        found.append("Name the course administrator: the name stands on the certificates.")
    return found


def troubles(classes: Collection[ScheduledClass]) -> Mapping[int, list[str]]:
    """Id -> what is wrong with a class that is to be held: its license, its course. A constant number of statements."""
    open_ones = [one for one in classes if one.state != ScheduledClass.State.CALLED_OFF and not one.training_class_id]
    licenses = licenses_of({one.provider_id for one in open_ones})
    courses = {one.course_id for one in open_ones}
    refusals = _refusals(courses)
    waiting = _without_approval(courses)
    found = defaultdict(list)
    for one in open_ones:
        if why := why_not_valid(licenses.get(one.provider_id, ()), clock.last_day(one.ends_at)):
            found[one.pk].append(why)
        if one.course_id in refusals:
            found[one.pk].append(_refused_words(one.course, refusals[one.course_id]))
        elif one.course_id in waiting:
            found[one.pk].append("POST has not approved this underwritten course yet.")
    return found


def touched(classes, today: dt.date) -> list[ScheduledClass]:
    """Published classes of a QuerySet, not over yet, that would give no hours as licenses and courses stand."""
    ahead = classes.filter(
        state=ScheduledClass.State.PUBLISHED, training_class=None, ends_at__gt=clock.midday(today) - dt.timedelta(1)
    )
    ahead = list(ahead.select_related("course", "provider").order_by("begins_at", "pk"))
    wrong = troubles(ahead)
    for one in ahead:
        one.troubles = wrong.get(one.pk, [])
    return [one for one in ahead if one.troubles]


def why_refused(course: Course) -> str:
    """Why a course gives no hours: POST's refusal, where that is its latest word. Empty otherwise."""
    refusals = _refusals({course.pk})
    return _refused_words(course, refusals[course.pk]) if refusals else ""


def why_not_approved(course: Course, today: dt.date) -> str:
    """Why no class of an underwritten course can be published yet; empty where it is approved, or needs no approval."""
    if course.underwrites_id is None or not _without_approval({course.pk}):
        return ""
    submitted = clock.day_of(course.submitted_at)
    first = submitted + AHEAD
    wait = f"no class of it begins before {in_words(first)}" if first > today else "call POST if it has not answered"
    return (
        f"POST has to approve an underwritten course 30 days ahead. This one was submitted on {in_words(submitted)}: "
        f"unless POST approves it sooner, {wait}. Keep the class as a draft until then."
    )


def too_short(held: ScheduledClass, hours: Decimal) -> str:
    """What is to be noted where the meetings are shorter than the credit (50 minutes an hour); empty otherwise."""
    minutes = sum(int((one.ends_at - one.begins_at).total_seconds()) // 60 for one in held.meetings.all())
    needed = int(hours * MINUTES_AN_HOUR)
    if held.delivery != Delivery.CLASSROOM or minutes >= needed:
        return ""
    return (
        f"Its meetings last {_span(minutes)} in all. {hours_words(hours)} of credit need {_span(needed)} of "
        "instruction, at 50 minutes an hour."
    )


def _span(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if rest else f"{whole} h"


def _refusals(courses: Collection[int]) -> dict[int, CourseReview]:
    latest = {one.course_id: one for one in _reviews(courses)}
    return {pk: one for pk, one in latest.items() if one.decision == CourseReview.Decision.REFUSED}


def _without_approval(courses: Collection[int]) -> set[int]:
    asked = set(Course.objects.filter(pk__in=courses, underwrites__isnull=False).values_list("pk", flat=True))
    if not asked:
        return asked
    latest = {one.course_id: one.decision for one in _reviews(asked)}
    return {pk for pk in asked if latest.get(pk) != CourseReview.Decision.APPROVED}


def _reviews(courses: Collection[int]):
    return CourseReview.objects.live().filter(course__in=courses).order_by("recorded_at", "pk")


def _refused_words(course: Course, review: CourseReview) -> str:
    return (
        f"POST refused “{course}” on {in_words(review.decided_on)} ({review.reason.rstrip('.')}). "
        "It gives no hours until POST approves it."
    )
