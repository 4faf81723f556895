"""What a provider's staff are written about: a course of theirs that POST approved or refused."""

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from notifications import outbox
from notifications.occasions import Occasion
from notifications.outbox import Mail
from training.agency_occasions import in_words
from training.models import CourseReview, Membership, TrainingRecord

CODE = "provider_course_decided"


def put(review: CourseReview) -> None:
    """POST decided about a provider's course: its staff are told, in the transaction of the decision."""
    readers = _staff(review.course.provider_id)
    mails = [Mail(f"{review.pk}:{user}", address, user) for user, address in readers]
    if mails:
        outbox.put_many(occasion=CODE, mails=mails)


def _staff(provider: int) -> list[tuple[int, str]]:
    ties = Membership.objects.current(clock.today()).filter(
        role=Membership.Role.PROVIDER_STAFF, provider=provider, user__is_active=True
    )
    return list(ties.order_by("user").values_list("user", "user__email").distinct())


def _due(key: str) -> bool:
    """Whether the decision still is the latest about its course, and the reader still acts for the provider."""
    pk, user = map(int, key.split(":"))
    review = CourseReview.objects.live().select_related("course").filter(pk=pk).first()
    if review is None or user not in dict(_staff(review.course.provider_id)):
        return False
    later = CourseReview.objects.live().filter(course=review.course_id, recorded_at__gt=review.recorded_at)
    return not later.exists()


def _context(key: str) -> dict:
    """The course, the decision with its reason, and how many officers have hours by it."""
    review = CourseReview.objects.select_related("course__provider").get(pk=int(key.split(":")[0]))
    course = review.course
    given = TrainingRecord.objects.live().filter(training_class__course=course)
    return {
        "provider": course.provider.name,
        "course": course.title,
        "is_refused": review.decision == CourseReview.Decision.REFUSED,
        "decided_on": in_words(review.decided_on),
        "reason": review.reason,
        "conditions": review.conditions,
        "control_number": course.control_number,
        "url": settings.PORTAL_URL + reverse("training:catalogue_course", args=[course.pk]),
        **given.aggregate(officers=Count("officer", distinct=True), classes=Count("training_class", distinct=True)),
    }


DECIDED = Occasion(
    code=CODE,
    title=_("Course of a provider decided"),
    context=_context,
    still_due=_due,
    purpose=_(
        "POST approved or refused a course of a provider: why, on what conditions, and what becomes of its hours."
    ),
    audience=_("The provider’s staff who are connected."),
)
