"""A draft with the topics it proposes in being: judged like any other list, and taken back (decision 6)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from clee_portal.refusal import Refused
from compliance import rules
from compliance.models import Requirement, RequirementSet
from training.models import Topic


def make_topics(draft: RequirementSet) -> dict[int, Topic]:
    """Make the topics a draft proposes: id of the proposal -> topic. Raises `Refused` where a code is taken by now."""
    made = {}
    for one in draft.proposed_topics.select_related("usual_area", "only_area"):
        if Topic.objects.filter(code=one.code).exists():
            raise Refused(f"There is a topic “{one.code}” by now. Remove it from the draft, and use the one there is.")
        order = Topic.objects.count() + 1
        made[one.pk] = Topic.objects.create(
            code=one.code, name=one.name, order=order, usual_area=one.usual_area, only_area=one.only_area
        )
    return made


@contextmanager
def in_being(one: RequirementSet) -> Iterator[tuple[Requirement, ...]]:
    """The requirements of a set, the topics it proposes being there inside the block and nowhere after it.

    Everything written inside is taken back with them, if there are any.
    """
    rows = rules.rows_of(one)
    if one.published_at or not one.proposed_topics.exists():
        yield tuple(rows)
        return
    with transaction.atomic():
        made = make_topics(one)
        for row in rows:
            if row.proposed_topic_id:
                row.topic, row.proposed_topic = made[row.proposed_topic_id], None
        try:
            yield tuple(rows)
        finally:
            transaction.set_rollback(True)
