"""Which credit lines count: the one definition, as named conditions.

A requirement's conditions make the conditional aggregate that tallies a state in one statement *and* the list of lines
of one officer that counted or did not, with the reason. Each condition is a `Q` over `CreditLine`.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import Q

from training.models import Course, Delivery, TrainingClass


class Condition(NamedTuple):
    """One named condition on a credit line; `code` says which reason applies where it does not hold."""

    code: str
    q: Q


class Selector(NamedTuple):
    """What a requirement selects; it is read here as the requirement itself is (`standings.selected_by`)."""

    area_id: int | None
    topic_id: int | None
    source_kinds: tuple[str, ...]
    in_person_only: bool


def record_conditions(year: int, as_of: dt.datetime, officer: int | None = None) -> tuple[Condition, ...]:
    """What must hold of the record a line belongs to, whatever the requirement, in the order reasons are given.

    Where only the records of one `officer` (an id) are asked about, none but their classes are looked at for refusals.
    """
    classes = TrainingClass.objects.all() if officer is None else TrainingClass.objects.filter(records__officer=officer)
    refused = classes.filter(course__in=Course.objects.refused_as_of(as_of)).values("pk")
    return (
        Condition("recorded", Q(record__recorded_at__lte=as_of)),
        Condition("not_voided", Q(record__voided_at=None) | Q(record__voided_at__gt=as_of)),
        Condition("credited_here", Q(record__credited_year=year)),
        Condition("counted_once", Q(record__not_counted="")),
        Condition("course_not_refused", ~Q(record__training_class__in=refused)),
    )


def subject(requirement) -> Q:
    """The lines a requirement speaks of at all: those of its area and topic."""
    q = Q()
    if requirement.area_id:
        q &= Q(area=requirement.area_id)
    if requirement.topic_id:
        q &= Q(topic=requirement.topic_id)
    return q


def line_conditions(requirement) -> tuple[Condition, ...]:
    """What else a requirement asks of a line it speaks of: the kinds of source, and that it was in person."""
    conditions = []
    if requirement.source_kinds:
        conditions.append(Condition("source", Q(record__source_kind__in=requirement.source_kinds)))
    if requirement.in_person_only:
        conditions.append(Condition("in_person", Q(record__delivery=Delivery.CLASSROOM)))
    return tuple(conditions)


def all_of(conditions) -> Q:
    """All of the conditions together."""
    q = Q()
    for condition in conditions:
        q &= condition.q
    return q


def counts_to(requirement) -> Q:
    """The lines that count to a requirement, given that their record counts at all."""
    return subject(requirement) & all_of(line_conditions(requirement))


def offered_to(requirement) -> Q:
    """The lines of classes in the calendar (`ScheduledLine`) that would count to a requirement, were they completed."""
    q = subject(requirement)
    if requirement.source_kinds:
        q &= Q(scheduled_class__course__source_kind__in=requirement.source_kinds)
    if requirement.in_person_only:
        q &= Q(scheduled_class__delivery=Delivery.CLASSROOM)
    return q
