"""Finding classes in the statewide calendar: by words, days, place, what they give, fee and seats.

Only classes that are to be held, of providers whose license is valid, are found; one that was called off is shown where
it is linked. Distances are straight lines, in miles, between the middles of ZIP codes.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import models
from django.db.models import Count, F, FloatField, Func, OuterRef, Q, Subquery, Sum, Value, Window
from django.db.models.functions import ACos, Cos, Greatest, Least, Lower, Radians, RowNumber, Sin, TruncDate
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from training.models import Area, Course, Provider, ScheduledClass, ScheduledLine, Topic
from training.models.names import ImmutableUnaccent
from training.models.sources import Delivery
from training.places import Place

EARTH_MILES = 3958.8
MILES_A_DEGREE = 69.0  # of latitude; only to look at fewer rows
MOST_WORDS = 8
A_DAY_SHOWS = 4
_REFERENCE = re.compile(r"[sS]-([0-9]{1,15})")


class Sort(models.TextChoices):
    """In what order classes are listed."""

    SOONEST = "", _("Soonest first")
    NEAREST = "nearest", _("Nearest first")
    FEE = "fee", _("Lowest fee first")
    LONGEST = "longest", _("Most hours first")
    TITLE = "title", _("By title")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; whatever is empty limits nothing. Days are inclusive, in Missouri."""

    words: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    zip_code: str = ""
    near: Place | None = None
    miles: int = 50
    gives: Area | Topic | None = None
    least: Decimal = Decimal(1)
    hours_from: Decimal | None = None
    hours_to: Decimal | None = None
    delivery: str = ""
    fee_to: Decimal | None = None
    has_seats: bool = False
    provider: Provider | None = None
    sort: str = Sort.SOONEST

    @property
    def limits_place(self) -> bool:
        """Whether the distance counts: a class on-line lies nowhere."""
        return self.near is not None and self.delivery != Delivery.ONLINE


def replace_days(wanted: Wanted, since: dt.date | None, until: dt.date | None) -> Wanted:
    """The same search over other days."""
    return replace(wanted, since=since, until=until)


def find(wanted: Wanted, today: dt.date, *, with_called_off: bool = False):
    """The classes that are wanted, in their order. A feed asks for those called off too, so that programs follow."""
    licensed = ScheduledClass.objects.open_to_all(today)
    if with_called_off:
        licensed = ScheduledClass.objects.of_licensed(today).published()
    if wanted.words:
        licensed = licensed.alias(said=_plain("place", "city"))
    found = licensed.filter(*_days(wanted), *_words(wanted.words), **_columns(wanted))
    if wanted.gives is not None:
        found = found.filter(pk__in=_giving(wanted.gives, wanted.least))
    if wanted.hours_from is not None or wanted.hours_to is not None:
        found = found.filter(pk__in=_of_hours(wanted.hours_from, wanted.hours_to))
    if wanted.has_seats:
        found = found.filter(seats_taken__lt=F("capacity"))
    if wanted.limits_place:
        found = found.filter(*_box(wanted)).annotate(miles=distance(wanted.near)).filter(miles__lte=wanted.miles)
    return found.order_by(*_order(wanted))


def _days(wanted: Wanted) -> Iterable[Q]:
    """Whole days in Missouri, by when a class begins."""
    if wanted.since:
        yield Q(begins_at__gte=dt.datetime.combine(wanted.since, dt.time(), clock.CHICAGO))
    if wanted.until:
        yield Q(begins_at__lte=clock.end_of_day(wanted.until))


def _columns(wanted: Wanted) -> dict:
    """What columns of the class decide."""
    limits = {}
    if wanted.limits_place or wanted.delivery:
        limits["delivery"] = wanted.delivery or Delivery.CLASSROOM
    if wanted.fee_to is not None:
        limits["fee__lte"] = wanted.fee_to
    if wanted.provider is not None:
        limits["provider"] = wanted.provider
    return limits


def _plain(*names: str):
    """Columns as one text, in small letters without accents."""
    parts = [part for name in names for part in (F(name), Value(" "))][:-1]
    whole = Func(*parts, function="concat", output_field=models.TextField()) if len(parts) > 1 else parts[0]
    return Lower(ImmutableUnaccent(whole))


def _words(words: tuple[str, ...]) -> Iterable[Q]:
    """Each word is in the course's title or synopsis, the provider's name, the town or place; or is the number."""
    if not words:
        return
    courses = Course.objects.exclude(provider=None).alias(said=_plain("title", "synopsis"))
    for word in words[:MOST_WORDS]:
        plain = Lower(ImmutableUnaccent(Value(word)))
        wanted = Q(course__in=courses.filter(said__contains=plain).values("pk"))
        wanted |= Q(provider__in=Provider.objects.filter(search_name__contains=plain).values("pk"))
        wanted |= Q(said__contains=plain)
        if number := _REFERENCE.fullmatch(word):
            wanted |= Q(pk=int(number[1]))
        yield wanted


def _giving(what: Area | Topic, least: Decimal):
    """Classes with so many hours of an area or a topic."""
    of = {"area": what} if isinstance(what, Area) else {"topic": what}
    lines = ScheduledLine.objects.filter(**of).order_by().values("scheduled_class")
    return lines.annotate(whole=Sum("hours")).filter(whole__gte=least).values("scheduled_class")


def _of_hours(least: Decimal | None, most: Decimal | None):
    """Classes whose hours together lie between two numbers, both inclusive."""
    lines = ScheduledLine.objects.order_by().values("scheduled_class").annotate(whole=Sum("hours"))
    if least is not None:
        lines = lines.filter(whole__gte=least)
    if most is not None:
        lines = lines.filter(whole__lte=most)
    return lines.values("scheduled_class")


def _box(wanted: Wanted) -> Iterable[Q]:
    """No class farther north or south is near enough: cheaper to ask than the distance."""
    degrees = wanted.miles / MILES_A_DEGREE * 1.01
    yield Q(latitude__range=(wanted.near.latitude - degrees, wanted.near.latitude + degrees))


def distance(place: Place):
    """Miles from a place to a class, in a straight line over the globe; null for a class that lies nowhere."""
    latitude, longitude = Value(place.latitude, FloatField()), Value(place.longitude, FloatField())
    cosine = Sin(Radians(latitude)) * Sin(Radians(F("latitude"))) + Cos(Radians(latitude)) * Cos(
        Radians(F("latitude"))
    ) * Cos(Radians(F("longitude") - longitude))
    return ACos(Least(Greatest(cosine, Value(-1.0)), Value(1.0))) * Value(EARTH_MILES, FloatField())


def _order(wanted: Wanted) -> tuple:
    first = ()
    if wanted.sort == Sort.NEAREST and wanted.limits_place:
        first = ("miles",)
    elif wanted.sort == Sort.FEE:
        first = ("fee",)
    elif wanted.sort == Sort.TITLE:
        first = (Lower(ImmutableUnaccent("course__title")),)
    elif wanted.sort == Sort.LONGEST:
        lines = ScheduledLine.objects.filter(scheduled_class=OuterRef("pk")).order_by().values("scheduled_class")
        first = (Subquery(lines.annotate(whole=Sum("hours")).values("whole")).desc(),)
    return (*first, "begins_at", "pk")


def by_day(found, first: dt.date, last: dt.date) -> dict[dt.date, tuple[list[ScheduledClass], int]]:
    """Day -> its first few classes and how many there are in all, of the days a class begins on. One statement."""
    day = TruncDate("begins_at", tzinfo=clock.CHICAGO)
    span = (dt.datetime.combine(first, dt.time(), clock.CHICAGO), clock.end_of_day(last))
    rows = (
        found.filter(begins_at__range=span)
        .order_by("begins_at", "pk")
        .annotate(
            day=day,
            place_of_day=Window(RowNumber(), partition_by=[day], order_by=["begins_at", "pk"]),
            of_day=Window(Count("pk"), partition_by=[day]),
        )
        .filter(place_of_day__lte=A_DAY_SHOWS)
        .select_related("course", "provider")
    )
    days: dict[dt.date, tuple[list[ScheduledClass], int]] = {}
    for one in rows:
        days.setdefault(one.day, ([], one.of_day))[0].append(one)
    return days
