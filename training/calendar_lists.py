"""The classes of a provider's calendar as its own list shows them: by what is to be done with them."""

import datetime as dt

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from training.models import Provider, Registration, ScheduledClass, ScheduledLine

UPCOMING, DRAFTS, PAST, CALLED_OFF = "upcoming", "drafts", "past", "called-off"
KINDS = {UPCOMING: "To come", DRAFTS: "Drafts", PAST: "Past", CALLED_OFF: "Called off"}
State = ScheduledClass.State


def of_kind(kind: str, now: dt.datetime) -> Q:
    """Classes of one kind: drafts and called-off ones whenever they are, the others until and after they end."""
    match kind:
        case "drafts":
            return Q(state=State.DRAFT)
        case "called-off":
            return Q(state=State.CALLED_OFF)
        case "past":
            return Q(state=State.PUBLISHED, ends_at__lte=now)
        case _:
            return Q(state=State.PUBLISHED, ends_at__gt=now)


def counts(provider: Provider, now: dt.datetime) -> dict[str, int]:
    """Kind -> how many; one statement."""
    return provider.scheduled_classes.aggregate(
        **{kind.replace("-", "_"): Count("pk", filter=of_kind(kind, now)) for kind in KINDS}
    )


def listed(classes: QuerySet[ScheduledClass]) -> QuerySet[ScheduledClass]:
    """Classes with their course, `credit` in hours, `waiting` on the wait-list and `of_series` planned together."""
    lines = ScheduledLine.objects.filter(scheduled_class=OuterRef("pk")).order_by().values("scheduled_class")
    waiting = (
        Registration.objects.filter(scheduled_class=OuterRef("pk"), state=Registration.State.WAITING)
        .order_by()
        .values("scheduled_class")
    )
    series = ScheduledClass.objects.filter(provider=OuterRef("provider"), series=OuterRef("series"))
    of_series = series.order_by().values("series").annotate(n=Count("pk")).values("n")
    return classes.select_related("course", "provider", "training_class").annotate(
        credit=Subquery(lines.annotate(credit=Sum("hours")).values("credit")),
        waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        of_series=Coalesce(Subquery(of_series, output_field=IntegerField()), 1),
    )


def others_of_series(held: ScheduledClass, now: dt.datetime) -> QuerySet[ScheduledClass]:
    """The other classes planned together with this one that are still to be held."""
    if held.series is None:
        return ScheduledClass.objects.none()
    return (
        ScheduledClass.objects.filter(provider=held.provider_id, series=held.series, ends_at__gt=now)
        .exclude(pk=held.pk)
        .exclude(state=State.CALLED_OFF)
        .select_related("course")
        .order_by("begins_at", "pk")
    )
