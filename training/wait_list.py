"""The wait-list of a class: who is next, in which place somebody is, and why. Order is the order in which the class's
lock was granted (`Registration.turn`); nobody is named to anybody."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.humanize.templatetags import humanize
from django.db.models import Count, Max, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from training.models import Registration, ScheduledClass
from training.moments import day_words, second_words

WAITING = Registration.State.WAITING


class Place(NamedTuple):
    """Somebody's place on a wait-list."""

    number: int
    why: str

    @property
    def ordinal(self) -> str:
        """1st, 2nd, 3rd, 11th."""
        return ordinal(self.number)


def ordinal(number: int) -> str:
    """A number as a place: 1st, 2nd, 3rd, 11th, 22nd."""
    return str(humanize.ordinal(number))


def place_of(one: Registration) -> Place:
    """The place of a registration that waits, and why it is that: who asked before, by how many and when."""
    before = Registration.objects.filter(
        scheduled_class=one.scheduled_class_id, state=WAITING, turn__lt=one.turn
    ).aggregate(how_many=Count("pk"), first=Min("asked_at"), last=Max("asked_at"))
    return Place(before["how_many"] + 1, _why(before["how_many"], before["first"], before["last"], one))


def _why(how_many: int, first, last, one: Registration) -> str:
    own = gettext("Asked at %(hour)s on %(day)s") % {"hour": second_words(one.asked_at), "day": day_words(one.asked_at)}
    if not how_many:
        return gettext("%(own)s; nobody who waits asked before.") % {"own": own}
    if how_many == 1:
        return gettext("%(own)s; one person asked before, at %(at)s.") % {"own": own, "at": _at(first, one)}
    said = ngettext(
        "%(own)s; %(number)s person asked before, the first at %(first)s, the last at %(last)s.",
        "%(own)s; %(number)s people asked before, the first at %(first)s, the last at %(last)s.",
        how_many,
    )
    return said % {"own": own, "number": how_many, "first": _at(first, one), "last": _at(last, one)}


def _at(moment, one: Registration) -> str:
    same_day = day_words(moment) == day_words(one.asked_at)
    return (
        second_words(moment)
        if same_day
        else gettext("%(hour)s on %(day)s") % {"hour": second_words(moment), "day": day_words(moment)}
    )


def with_places(registrations):
    """A QuerySet of registrations, each with `place`: its number on the wait-list, where it waits."""
    before = (
        Registration.objects.filter(
            scheduled_class=OuterRef("scheduled_class"), state=WAITING, turn__lte=OuterRef("turn")
        )
        .order_by()
        .values("scheduled_class")
        .annotate(how_many=Count("pk"))
        .values("how_many")
    )
    return registrations.annotate(place=Coalesce(Subquery(before), 0))


def in_order(held: ScheduledClass) -> list[list[Registration]]:
    """Who waits, in order; those of a group that waits together stand where its first stands."""
    waiting = held.registrations.filter(state=WAITING).select_related("officer").order_by("turn")
    return groups_of(waiting)


def groups_of(waiting: Iterable[Registration]) -> list[list[Registration]]:
    """Registrations in their order, those of a group that waits together in one list."""
    found: dict[object, list[Registration]] = {}
    for one in waiting:
        found.setdefault(one.group if one.waits_together else one.pk, []).append(one)
    return list(found.values())


def how_many_wait(held: ScheduledClass) -> int:
    """How many stand on the wait-list."""
    return held.registrations.filter(state=WAITING).count()
