"""What every page about a seat shows of its class."""

from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404

from training import class_words, seats_said
from training.models import ScheduledClass

OF_A_CLASS = ("lines__area", "lines__topic", "meetings")


def published(reference: str) -> ScheduledClass:
    """The class of a reference number, among those anybody may read; else 404."""
    found = ScheduledClass.objects.published().with_reference(reference)
    return get_object_or_404(found.select_related("course", "provider"))


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
