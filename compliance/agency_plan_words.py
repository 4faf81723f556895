"""A plan for an agency as its people read it: in the first line what it comes to, whether it is proved, whether it
still holds, who goes where."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from clee_portal import clock
from clee_portal.templatetags.look import count_words, hours_words
from compliance import agency_plan, wording
from compliance.models import AgencyPlan, AgencyPlanClass, AgencyPlanLack
from training import class_words
from training.models import Officer, Registration, ScheduledClass
from training.services.registrations import MOST_AT_ONCE

State = AgencyPlan.State


class Taken(NamedTuple):
    """A class of a plan with its officers by name; `registered` of them are on its list already. `of_calendar` is None
    for a class to host, which gives `gives`."""

    row: AgencyPlanClass
    of_calendar: ScheduledClass | None
    gives: str
    officers: list[Officer]
    registered: set[int]

    @property
    def to_register(self) -> list[Officer]:
        """Those who are not on its list."""
        return [one for one in self.officers if one.pk not in self.registered]

    @property
    def ticks(self) -> str:
        """The address part that ticks them, as many as are registered at once."""
        return "&".join(f"officers={one.pk}" for one in self.to_register[:MOST_AT_ONCE])


class Lacking(NamedTuple):
    """An officer for whom hours stay missing, and which."""

    officer: Officer
    missing: str


def classes_of(plan: AgencyPlan) -> list[Taken]:
    """The classes of a plan, those of the calendar by date and then those to host. A constant number of statements."""
    rows = list(
        plan.classes.select_related("scheduled_class__course", "scheduled_class__provider").prefetch_related(
            "lines__area",
            "lines__topic",
            "seats__officer",
            "scheduled_class__lines__area",
            "scheduled_class__lines__topic",
        )
    )
    held = [row.scheduled_class_id for row in rows if row.scheduled_class_id]
    listed: dict[int, set[int]] = defaultdict(set)
    live = Registration.objects.live().filter(scheduled_class__in=held)
    for pk, officer in live.filter(officer__in=_officers_of(plan)).values_list("scheduled_class", "officer"):
        listed[pk].add(officer)
    found = []
    for row in rows:
        officers = sorted((seat.officer for seat in row.seats.all()), key=lambda one: (one.search_name, one.pk))
        lines = sorted(
            (row.scheduled_class or row).lines.all(),
            key=lambda one: (one.area.order, one.topic.order if one.topic else -1),
        )
        gives = class_words.gives((one.area.name, one.topic and one.topic.name, one.hours) for one in lines)
        here = {one.pk for one in officers}
        found.append(Taken(row, row.scheduled_class, gives, officers, listed.get(row.scheduled_class_id, set()) & here))
    taken = sorted((one for one in found if one.of_calendar), key=lambda one: (one.of_calendar.begins_at, one.row.pk))
    return taken + sorted(
        (one for one in found if not one.of_calendar), key=lambda one: (-len(one.officers), one.row.pk)
    )


def _officers_of(plan: AgencyPlan):
    return Officer.objects.filter(pk__in=plan.classes.values("seats__officer")).order_by().values("pk")


def lacking_of(plan: AgencyPlan) -> list[Lacking]:
    """For whom hours stay missing, by name."""
    of: dict[Officer, list[AgencyPlanLack]] = defaultdict(list)
    rows = plan.lacks.select_related("officer", "requirement__area", "requirement__topic")
    for one in rows.order_by("officer__search_name", "officer", "requirement__order"):
        of[one.officer].append(one)
    return [
        Lacking(
            officer,
            wording.list_words([f"{hours_words(one.hours)} ({one.requirement.short_name})" for one in lacks]),
        )
        for officer, lacks in of.items()
    ]


def headline(plan: AgencyPlan, lacking: int) -> str:
    """The first line."""
    if plan.state == State.FAILED:
        return "No plan was found in time"
    if plan.class_hours is None:
        return "The best classes are being looked for"
    if not plan.lacking:
        return f"Nobody here is missing hours for {plan.year}"
    hours = hours_words(plan.class_hours)
    if not lacking:
        whom = count_words(plan.lacking, "officer who is short", "officers who are short")
        every = "the one officer who is short" if plan.lacking == 1 else f"all {whom}"
        return f"{hours} of class would bring {every} to compliance for {plan.year}"
    if lacking == plan.lacking:
        return f"The calendar cannot bring anybody to compliance for {plan.year}"
    return (
        f"{hours} of class would bring {plan.lacking - lacking:,} of the {plan.lacking:,} who are short to compliance"
    )


def proof(plan: AgencyPlan) -> tuple[str, str, str, str] | None:
    """A chip (tone, label, icon) and a sentence that say what is proved."""
    if plan.class_hours is None or not plan.lacking:
        return None
    if plan.is_proved:
        return (
            "met",
            "Nothing better exists",
            "check-lg",
            "It is proved that no other choice of classes needs fewer hours.",
        )
    gap = plan.class_hours - plan.least_hours
    if not gap:
        return "due", "Fewest hours, as far as is known", "clock-history", (
            "No plan needs fewer class hours; whether fewer hours could stay missing is not proved."
        )  # fmt: skip
    share = round(100 * gap / plan.class_hours)
    return "due", "Perhaps not the best", "clock-history", (
        f"At least {hours_words(plan.least_hours)} are needed whatever is chosen. So this plan is at most "
        f"{hours_words(gap)} ({share} %) from the best there is."
    )  # fmt: skip


def stale(plan: AgencyPlan, classes: Iterable[Taken], now: dt.datetime) -> list[str]:
    """Why a plan may not hold any more, in sentences; none while it does."""
    if plan.class_hours is None or plan.state == State.FAILED:
        return []
    if plan.year != clock.day_of(now).year:
        return [f"It is of {plan.year}."]
    told = []
    if plan.facts != agency_plan.name_of(plan.agency, now):
        told.append("Hours, commissions or registrations of your officers have changed since.")
    for one in classes:
        held, need = one.of_calendar, len(one.to_register)
        if held is None or not need:
            continue
        if held.state != ScheduledClass.State.PUBLISHED:
            told.append(f"“{held.course.title}” was called off.")
        elif held.begins_at <= now:
            told.append(f"“{held.course.title}” has begun.")
        elif held.seats_left < need:
            left = count_words(held.seats_left, "seat", "seats") if held.seats_left else "no seat"
            told.append(f"“{held.course.title}” has {left} left, and the plan needs {need}.")
    return told


def file_rows(classes: Sequence[Taken], lacking: Sequence[Lacking]) -> list[tuple]:
    """A row for each officer in each class, and for each officer for whom hours stay missing."""
    rows = []
    for one in classes:
        held = one.of_calendar
        what = (
            (held.reference, held.course.title, held.provider.name, held.begins_at, held.ends_at, held.city)
            if held
            else (None, "To host: in-service class", None, None, None, None)
        )
        for officer in one.officers:
            is_listed = ("yes" if officer.pk in one.registered else "no") if held else None
            rows.append((officer.sorted_name, officer.license_number, *what, one.row.hours, one.gives, is_listed, None))
    rows += [(one.officer.sorted_name, one.officer.license_number, *[None] * 9, one.missing) for one in lacking]
    return rows
