"""The people of a provider's classes: whom it may tick, and whom it may name by name alone. Constant statements.

A provider has no roster of commissions. Whoever was in one of its classes, or had a seat in a class of its calendar, it
knows already, also where that was undone since; of the rest of the register it is told nothing (`matching`).
"""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from training import names_shown
from training.models import NotCompleted, Officer, Provider, Registration, TrainingClass, TrainingRecord
from training.selectors import RosterRow

# Of so many of its latest classes the people are offered to be ticked.
RECENT_CLASSES = 10


def of(provider: Provider) -> QuerySet[Officer]:
    """Everybody who was in a class of `provider`, or had a seat in one of its calendar."""
    credited = TrainingRecord.objects.filter(course__provider=provider).order_by().values("officer")
    left = NotCompleted.objects.filter(training_class__course__provider=provider).order_by().values("officer")
    seated = Registration.objects.seated().filter(scheduled_class__provider=provider).order_by().values("officer")
    return Officer.objects.filter(Q(pk__in=credited) | Q(pk__in=left) | Q(pk__in=seated), merged_into=None)


def roster(provider: Provider, also: Collection[int] = ()) -> list[RosterRow]:
    """The people of its latest classes, and those of `also` whom it knows, by name. Two statements.

    Whoever's name is closed is not offered, and stands among those of `also` without it.
    """
    latest = TrainingClass.objects.live().filter(course__provider=provider).order_by("-ends_on", "-pk")
    classes = list(latest.values_list("pk", flat=True)[:RECENT_CLASSES])
    recent = TrainingRecord.objects.live().filter(training_class__in=classes).order_by().values("officer")
    shown = Q(pk__in=recent, is_name_closed=False)
    if also:
        shown |= Q(pk__in=list(also)) & Q(pk__in=of(provider).values("pk"))
    return [
        RosterRow(one.pk, "", names_shown.CLOSED, "")
        if one.is_name_closed
        else RosterRow(one.pk, one.license_number, one.sorted_name, "")
        for one in Officer.objects.filter(shown, merged_into=None).order_by("search_name", "license_number")
    ]
