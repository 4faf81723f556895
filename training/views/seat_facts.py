"""What every page about a seat shows of its class."""

from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404

from clee_portal import compiled
from training import class_words, seats_said
from training.models import ScheduledClass

OF_A_CLASS = ("lines__area", "lines__topic", "meetings")


def published(reference: str) -> ScheduledClass:
    """The class of a reference number, among those anybody may read; else 404."""
    number = ScheduledClass.number_of(reference)
    found = published_one(number) if number is not None else None
    if found is None:
        raise Http404
    return found


def published_one(number: int) -> ScheduledClass | None:
    """The class of this number with its course and provider; None where there is none, or it is a draft."""
    return next(iter(_published().objects(number=number)), None)


@compiled.written(number=compiled.NUMBER)
def _published(number) -> QuerySet:
    return ScheduledClass.objects.published().filter(pk=number).select_related("course", "provider")


def facts_of(held: ScheduledClass) -> dict:
    """What every page about a seat shows of its class."""
    prefetch_related_objects([held], *OF_A_CLASS)
    return {
        "held": held,
        "where": seats_said.where(held),
        "gives": seats_said.gives(held),
        "contact": seats_said.contact(held),
        "fee": class_words.fee(held.fee),
        "meetings": list(held.meetings.all()),
    }
