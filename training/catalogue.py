"""A provider's courses as its catalogue shows them: with POST's word, the classes planned and held, the versions."""

import datetime as dt

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from training.models import Course, CourseLine, CourseReview, ScheduledClass, TrainingClass


def with_figures(courses: QuerySet[Course], now: dt.datetime) -> QuerySet[Course]:
    """Courses with `decision` and `decided_on` of POST, `credit` in hours, `ahead` classes to come, `held` classes."""
    latest = CourseReview.objects.live().filter(course=OuterRef("pk")).order_by("-recorded_at", "-pk")
    lines = CourseLine.objects.filter(course=OuterRef("pk")).order_by().values("course")
    ahead = ScheduledClass.objects.filter(course=OuterRef("pk"), ends_at__gt=now)
    ahead = ahead.exclude(state=ScheduledClass.State.CALLED_OFF).order_by().values("course")
    held = TrainingClass.objects.live().filter(course=OuterRef("pk")).order_by().values("course")
    return courses.select_related("underwrites").annotate(
        decision=Coalesce(Subquery(latest.values("decision")[:1]), Value("")),
        decided_on=Subquery(latest.values("decided_on")[:1]),
        credit=Subquery(lines.annotate(credit=Sum("hours")).values("credit")),
        ahead=Coalesce(Subquery(ahead.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        held=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
    )


def in_catalogue(courses: QuerySet[Course], *, withdrawn: bool = False) -> QuerySet[Course]:
    """The latest version of each course: those that are taught, or those withdrawn."""
    newer = Course.objects.filter(replaces=OuterRef("pk"))
    return courses.filter(~Exists(newer), withdrawn_at__isnull=not withdrawn)


def versions_of(course: Course) -> list[Course]:
    """The versions before a course, the latest first. They are few: one after the other is followed."""
    found, seen = [], {course.pk}
    while course.replaces_id and course.replaces_id not in seen:
        course = Course.objects.get(pk=course.replaces_id)
        seen.add(course.pk)
        found.append(course)
    return found
