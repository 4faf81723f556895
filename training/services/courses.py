"""In-service courses of agencies, submitted to POST. Source: 11 CSR 75-15.060."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.hours import Line
from training.models import Agency, Course, CourseLine, Delivery, SourceKind


def check_not_refused(course: Course, today: dt.date) -> None:
    """Refuse a course that POST has refused: it gives no hours."""
    if not Course.objects.refused_as_of(clock.end_of_day(today)).filter(pk=course.pk).exists():
        return
    review = course.reviews.live().filter(decision="refused").order_by("-recorded_at", "-pk").first()
    raise Refused(
        f"POST refused “{course}” on {review.decided_on:%B} {review.decided_on.day}, {review.decided_on.year} "
        f"({review.reason.rstrip('.')}). It gives no hours. Choose another course, or call POST.",
        field="course",
    )


@transaction.atomic
def submit(
    *,
    by: User | None,
    agency: Agency,
    title: str,
    lines: Sequence[Line],
    delivery: str = Delivery.CLASSROOM,
    synopsis: str = "",
    today: dt.date,
) -> Course:
    """Submit an in-service course of `agency` to POST and return it. It counts from now, not yet reviewed.

    A course of the agency with this title is returned as it is: one title is one course. Raises `Refused` where that
    one was refused by POST, or `by` may not act for the agency.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_enter_class(by, agency):
        raise Refused("You cannot submit courses for this agency.")
    title = " ".join(title.split())
    if not title:
        raise Refused("Give the course a title.", field="course")
    same = Course.objects.filter(agency=agency, source_kind=SourceKind.IN_SERVICE, title__iexact=title)
    if course := same.order_by("pk").last():
        check_not_refused(course, today)
        return course
    with history.because("In-service course submitted to POST"):
        course = Course.objects.create(
            title=title, source_kind=SourceKind.IN_SERVICE, agency=agency, synopsis=synopsis, delivery=delivery
        )
        CourseLine.objects.bulk_create(
            CourseLine(course=course, area=line.area, topic=line.topic, hours=line.hours) for line in lines
        )
    return course
