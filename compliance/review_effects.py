"""What POST's decision on a course changed, asked again as of the moments before and after it."""

import datetime as dt

from django.db.models import Max

from compliance import effects
from training.models import CourseReview, TrainingRecord
from training.services.courses import consequence


def of_review(user, review: CourseReview) -> effects.Effect:
    """Whose standing `review` changed, among the officers open to `user`."""
    before = review.recorded_at - dt.timedelta(microseconds=1)
    # Entries that repeated one of this course are judged again in the same transaction, a little later.
    followed = TrainingRecord.objects.filter(
        recorded_at__range=(review.recorded_at, review.recorded_at + effects.A_MOMENT),
        replaces__void_reason=consequence(review.course, review.decision),
    )
    after = followed.aggregate(last=Max("recorded_at"))["last"] or review.recorded_at
    concerned = TrainingRecord.objects.known(before).filter(training_class__course=review.course)
    years: dict[int, set[int]] = {}
    for records in (concerned, followed):
        for officer, year in records.values_list("officer", "credited_year").distinct():
            years.setdefault(year, set()).add(officer)
    is_loss = review.decision == CourseReview.Decision.REFUSED
    return effects.between(user, years, before, after, is_loss=is_loss)
