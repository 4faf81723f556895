"""The officer's shortest way to compliant: what is missing once all that is registered is done, what the calendar has
to offer for it, and the best sets of it (`paths`). A constant number of statements, however many classes there are."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils.translation import gettext

from clee_portal import clock
from clee_portal.templatetags.look import hours_words
from compliance import counting, gaps, paths, will_be, wording
from compliance.models import Requirement
from compliance.paths import Found, Lack, Offered, Path, Weights
from compliance.standings import Question
from compliance.verdict import Finding
from training.models import (
    Agency,
    Commission,
    Course,
    Delivery,
    Officer,
    ProviderLicense,
    Registration,
    ScheduledClass,
    ScheduledLine,
    ScheduledMeeting,
    TrainingRecord,
)
from training.places import Place, miles_between, place_in, place_of_city
from training.repeats import title_key

# How long the best set, and then each other one, is looked for; what is not proved by then says so.
SECONDS = 4
# A class in person that says no place lies somewhere, not next door.
UNKNOWN_MILES = 50.0


class Limits(NamedTuple):
    """What a set has to be like: from where one goes and how far at most; online or not; weekdays one is off (Monday
    is 0); a fee. Whatever is empty limits nothing."""

    near: Place | None = None
    miles: int | None = None
    delivery: str = ""
    days_off: frozenset[int] = frozenset()
    is_free: bool = False

    @property
    def are_any(self) -> bool:
        """Whether anything is left out by them."""
        return bool(self.miles or self.delivery or self.days_off or self.is_free)


class Gap(NamedTuple):
    """What will be missing of a period once everything registered for is completed."""

    question: Question
    finding: Finding
    booked: int
    lacks: tuple[Lack, ...]

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements of which hours are missing, in the order of `lacks`."""
        codes = {one.code for one in self.lacks}
        return tuple(one for one in self.question.requirements if one.code in codes)

    @property
    def fewest(self) -> Decimal:
        """The fewest hours any class could close it with."""
        return gaps.fewest_hours(self.question.requirements, {one.code: one.missing for one in self.lacks})


class Plan(NamedTuple):
    """The gap, how many classes were looked through, and what was found. `without_limits`: where the limits leave no
    set that is enough, whether the whole calendar has one."""

    gap: Gap
    looked_at: int
    found: Found
    without_limits: bool = False


def gap_of(officer: Officer, now: dt.datetime) -> Gap:
    """What the officer will still lack of this year's period."""
    year = clock.day_of(now).year
    booked = [one for one in will_be.booked_by(officer) if clock.day_of(one.scheduled_class.ends_at).year == year]
    question, finding = will_be.finding_then(officer, booked, year)
    owed = wording.owed(finding)
    lacks = tuple(Lack(one.code, owed[one.code]) for one in question.requirements if one.code in owed)
    return Gap(question, finding, len(booked), lacks)


def plan(officer: Officer, weights: Weights, limits: Limits, now: dt.datetime, options: int = paths.OPTIONS) -> Plan:
    """The best sets for the officer, so many. Raises `SolverFailed` where none could be found in time."""
    gap = gap_of(officer, now)
    if not gap.lacks:
        return Plan(gap, 0, Found())
    every = offers(officer, gap, now, limits)
    inside = [one for one in every if one.is_inside]
    found = paths.find(gap.lacks, [one.offered for one in inside], weights, options=options, seconds=SECONDS)
    without_limits = False
    if found.left and len(inside) < len(every):
        whole = paths.find(gap.lacks, [one.offered for one in every], weights, options=1, seconds=SECONDS)
        without_limits = not whole.left
    return Plan(gap, len(inside), found, without_limits)


class Offer(NamedTuple):
    """A class that could be taken, and whether it is inside the limits."""

    offered: Offered
    is_inside: bool


def offers(
    officer: Officer, gap: Gap, now: dt.datetime, limits: Limits, only: Collection[int] | None = None
) -> list[Offer]:
    """The classes the officer could take: with a seat nobody waits for, over before the period ends, of a provider
    whose license is valid on their last day, at no hours at which the officer has another class, of no course that is
    on the record of the year already or that the officer is registered for. `only` looks at some of them."""
    today, last = clock.day_of(now), gap.question.period.ends_on
    taken = _courses_taken(officer, last)
    busy = list(
        ScheduledMeeting.objects.filter(
            scheduled_class__registrations__in=Registration.objects.live().filter(officer=officer)
        ).values_list("begins_at", "ends_at")
    )
    rows = open_classes(now, last).exclude(
        pk__in=Registration.objects.live().filter(officer=officer).values("scheduled_class")
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    rows = list(
        rows.values_list(
            "pk", "provider", "course__title", "ends_at", "delivery", "fee", "latitude", "longitude"
        ).order_by("pk")
    )
    keys = [row[0] for row in rows]
    gives, meetings, licenses = (
        gives_of(gap.requirements, keys),
        meetings_of(keys),
        licenses_of({row[1] for row in rows}),
    )
    found = []
    for pk, provider, title, ends_at, delivery, fee, latitude, longitude in rows:
        course, day = title_key(title), clock.day_of(ends_at)
        meets = meetings.get(pk, ())
        if course in taken or pk not in gives or any(a < d and c < b for a, b in meets for c, d in busy):
            continue
        if not any(first <= day and (until is None or day <= until) for first, until in licenses.get(provider, ())):
            continue
        miles = miles_to(limits.near, delivery, latitude, longitude)
        whole, given = gives[pk]
        one = Offered(pk, course, given, whole, (day - today).days, meets, miles, fee)
        found.append(Offer(one, _is_inside(one, delivery, limits)))
    return found


def open_classes(now: dt.datetime, last: dt.date):
    """The classes anybody could register for at a moment: with a seat nobody waits for, over by `last`."""
    waited_for = Registration.objects.filter(scheduled_class=OuterRef("pk"), state=Registration.State.WAITING)
    return (
        ScheduledClass.objects.open_to_all(clock.day_of(now))
        .filter(
            Q(opens_at=None) | Q(opens_at__lte=now),
            Q(closes_at=None) | Q(closes_at__gt=now),
            begins_at__gt=now,
            ends_at__lte=clock.end_of_day(last),
            seats_taken__lt=F("capacity"),
        )
        .exclude(Exists(waited_for))
        .exclude(course__in=Course.objects.refused_as_of(now).values("pk"))
    )


def gives_of(requirements: Sequence[Requirement], keys: list[int]) -> dict[int, tuple[Decimal, tuple[Decimal, ...]]]:
    """Class -> all its hours, and those that count to each requirement, by the one definition of what counts."""
    sums = {
        f"r{at}": Sum("hours", filter=q) if (q := counting.offered_to(one)) else Sum("hours")
        for at, one in enumerate(requirements)
    }
    rows = (
        ScheduledLine.objects.filter(scheduled_class__in=keys)
        .order_by()
        .values("scheduled_class")
        .annotate(whole=Sum("hours"), **sums)
        .values_list("scheduled_class", "whole", *sums)
    )
    return {pk: (whole, tuple(hours or Decimal(0) for hours in given)) for pk, whole, *given in rows}


def meetings_of(keys: list[int]) -> dict[int, tuple[tuple[dt.datetime, dt.datetime], ...]]:
    """Class -> its meetings, from and to, in their order."""
    found: dict[int, tuple] = defaultdict(tuple)
    rows = ScheduledMeeting.objects.filter(scheduled_class__in=keys).order_by("begins_at")
    for pk, begins_at, ends_at in rows.values_list("scheduled_class", "begins_at", "ends_at"):
        found[pk] = (*found[pk], (begins_at, ends_at))
    return found


def licenses_of(providers: set[int]) -> dict[int, list[tuple[dt.date, dt.date | None]]]:
    """Provider -> the spans of days in which its hours are approved."""
    found: dict[int, list] = defaultdict(list)
    rows = ProviderLicense.objects.live().filter(
        provider__in=providers, standing__in=[ProviderLicense.Standing.VALID, ProviderLicense.Standing.PROBATION]
    )
    for pk, *span in rows.values_list("provider", "valid_from", "valid_until"):
        found[pk].append(tuple(span))
    return found


def _courses_taken(officer: Officer, last: dt.date) -> set[str]:
    """The courses that would give nothing more in the year of `last`, by title as entries are (rulebook 20)."""
    recorded = TrainingRecord.objects.live().filter(officer=officer, credited_year=last.year, not_counted="")
    booked = Registration.objects.live().filter(
        officer=officer,
        scheduled_class__state=ScheduledClass.State.PUBLISHED,
        scheduled_class__training_class=None,
        scheduled_class__ends_at__lte=clock.end_of_day(last),
    )
    titles = [
        *recorded.values_list("training_class__course__title", flat=True),
        *booked.values_list("scheduled_class__course__title", flat=True),
    ]
    return {title_key(title) for title in titles}


def miles_to(near: Place | None, delivery: str, latitude: float | None, longitude: float | None) -> float:
    """How far a class is from a place, in a straight line; 0 online, or where nobody says from where."""
    if near is None or delivery == Delivery.ONLINE:
        return 0
    if latitude is None or longitude is None:
        return UNKNOWN_MILES
    return miles_between(near, Place(latitude, longitude, ""))


def _is_inside(one: Offered, delivery: str, limits: Limits) -> bool:
    days = {moment.astimezone(clock.CHICAGO).weekday() for meeting in one.meetings for moment in meeting}
    return not (
        (limits.miles is not None and one.miles > limits.miles)
        or (limits.delivery and delivery != limits.delivery)
        or (limits.is_free and one.fee)
        or days & limits.days_off
    )


def home_of(officer: Officer, today: dt.date) -> tuple[str, Place | None]:
    """Where an officer starts from unless they say: the address of an agency they serve at, and what it is called."""
    serving = Commission.objects.in_force(today).filter(officer=officer).order_by("pk").values("agency")
    for agency in Agency.objects.filter(pk__in=serving).order_by("pk"):
        if place := place_of_agency(agency):
            return agency.name, place
    return "", None


def place_of_agency(agency: Agency) -> Place | None:
    """Where an agency lies, if that is known."""
    return place_in(agency.address) or place_of_city(agency.city)


def shown(lacks: Sequence[Lack], taken: Sequence[Offered]) -> str:
    """Names exactly what was shown of a gap and a set, in 16 letters: whoever registers does it to what they saw."""
    gap = [(one.code, str(one.missing.normalize())) for one in lacks]
    classes = [
        (one.key, str(one.hours.normalize()), [str(hours.normalize()) for hours in one.gives], str(one.fee), [
            (begins_at.timestamp(), ends_at.timestamp()) for begins_at, ends_at in one.meetings
        ])
        for one in sorted(taken, key=lambda one: one.key)
    ]  # fmt: skip
    return hashlib.sha256(repr((gap, classes)).encode()).hexdigest()[:16]


def lack_words(gap: Gap, lacks: Sequence[Lack]) -> str:
    """Missing hours in a row: "2 hours of legal studies, 1 hour from an approved provider and 3 hours in all"."""
    by_code = {one.code: one for one in gap.question.requirements}
    return wording.list_words([_words(by_code[one.code], one.missing) for one in lacks])


def _words(requirement: Requirement, missing: Decimal) -> str:
    parts = [hours_words(missing)]
    if gaps.is_of_content(requirement):
        parts.append(wording.content_words(requirement))
    elif gaps.is_of_source(requirement):
        parts.append(wording.source_words(requirement))
    else:
        parts.append(gettext("in all"))
    return " ".join(parts)


def over(gap: Gap, path: Path) -> Decimal:
    """The hours of a path beyond the fewest any classes could have."""
    return max(Decimal(0), path.hours - gap.fewest)
