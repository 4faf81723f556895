"""Courses that POST reviews, with what it said of them, and what was held of them."""

import datetime as dt

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from training.models import Course, CourseLine, CourseReview, SourceKind, TrainingClass, TrainingRecord

_AGAIN = Q(decision=CourseReview.Decision.REFUSED, added_to_at__gt=F("decided_at"))
REVIEWED = (SourceKind.IN_SERVICE, SourceKind.APPROVED_PROVIDER)
TO_REVIEW, APPROVED, REFUSED = "to-review", CourseReview.Decision.APPROVED, CourseReview.Decision.REFUSED


def in_service(moment: dt.datetime) -> QuerySet[Course]:
    """In-service courses as POST's review stands at `moment` (`reviewed`)."""
    return reviewed(moment).filter(source_kind=SourceKind.IN_SERVICE)


def reviewed(moment: dt.datetime) -> QuerySet[Course]:
    """Agencies' and providers' courses with `decision` ("" where not yet reviewed), `decided_on` as known at `moment`.

    `is_again` says that the agency or the provider has added to what it submitted since POST refused it: POST looks at
    it again.
    """
    latest = CourseReview.objects.known(moment).filter(course=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return (
        Course.objects.filter(source_kind__in=REVIEWED)
        .select_related("agency", "provider", "underwrites")
        .annotate(
            is_reviewed=Exists(latest.order_by()),
            decision=Coalesce(Subquery(latest.values("decision")[:1]), Value("")),
            decided_on=Subquery(latest.values("decided_on")[:1]),
            decided_at=Subquery(latest.values("recorded_at")[:1]),
            latest_review=Subquery(latest.values("pk")[:1]),
        )
        .annotate(is_again=Case(When(_AGAIN, then=True), default=False, output_field=BooleanField()))
    )


def with_figures(courses: QuerySet[Course]) -> QuerySet[Course]:
    """Courses with their credit, how many classes were held, the last day of them, and how many officers have hours."""
    lines = CourseLine.objects.filter(course=OuterRef("pk")).order_by().values("course")
    held = TrainingClass.objects.live().filter(course=OuterRef("pk")).order_by().values("course")
    records = (
        TrainingRecord.objects.live()
        .filter(training_class__course=OuterRef("pk"))
        .order_by()
        .values("training_class__course")
    )
    return courses.annotate(
        credit=Subquery(lines.annotate(credit=Sum("hours")).values("credit")),
        classes_held=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n")), 0),
        last_held=Subquery(held.annotate(last=Max("ends_on")).values("last")),
        people=Coalesce(Subquery(records.annotate(n=Count("officer", distinct=True)).values("n")), 0),
    )


def in_state(courses: QuerySet[Course], state: str) -> QuerySet[Course]:
    """Those of one state: to be looked at (also again, after a refusal), approved, or refused.

    POST reviews every in-service course. Of a provider's it looks at those that are underwritten, as long as there is
    no newer version; the others need no approval (11 CSR 75-15.030).
    """
    if state == TO_REVIEW:
        # What was never added to is told apart before the latest review of each is looked up.
        asked = Q(source_kind=SourceKind.IN_SERVICE) | Q(underwrites__isnull=False, replaced_by=None)
        return courses.filter(asked & Q(is_reviewed=False) | Q(added_to_at__isnull=False, is_again=True))
    return courses.filter(decision=state)
