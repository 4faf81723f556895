"""What a search of the calendar says of itself: one sentence, and each of its limits with the way to do without it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.formats import date_format

from clee_portal.templatetags.look import count_words, hours, hours_words
from training import class_words
from training.calendar_search import Wanted
from training.models.sources import Delivery


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing a search is limited by: in words, what of the address says it, and the search without it."""

    words: str
    names: tuple[str, ...]
    without: Wanted


def limits(wanted: Wanted, today: dt.date) -> list[Limit]:
    """The limits of a search, in the order in which they are said."""
    return list(_limits(wanted, today))


def _limits(wanted: Wanted, today: dt.date) -> Iterator[Limit]:
    if days := _days(wanted, today):
        yield Limit(days, ("since", "until"), replace(wanted, since=today, until=None))
    if wanted.words:
        yield Limit(f"about “{' '.join(wanted.words)}”", ("words",), replace(wanted, words=()))
    if wanted.gives is not None:
        said = f"with at least {hours_words(wanted.least)} of {wanted.gives.name}"
        yield Limit(said, ("gives", "least"), replace(wanted, gives=None, least=Decimal(1)))
    if wanted.hours_from is not None or wanted.hours_to is not None:
        yield Limit(_hours(wanted), ("hours_from", "hours_to"), replace(wanted, hours_from=None, hours_to=None))
    if wanted.delivery:
        said = "online" if wanted.delivery == Delivery.ONLINE else "in person"
        yield Limit(said, ("delivery",), replace(wanted, delivery=""))
    if wanted.limits_place:
        near = f"{wanted.zip_code} ({wanted.near.city})"
        yield Limit(f"within {wanted.miles} miles of {near}", ("zip", "miles"), replace(wanted, zip_code="", near=None))
    if wanted.fee_to is not None:
        said = f"for at most {class_words.fee(wanted.fee_to)}" if wanted.fee_to else "free"
        yield Limit(said, ("fee",), replace(wanted, fee_to=None))
    if wanted.has_seats:
        yield Limit("with seats left", ("seats",), replace(wanted, has_seats=False))
    if wanted.provider is not None:
        yield Limit(f"by {wanted.provider.name}", ("provider",), replace(wanted, provider=None))


def sentence(wanted: Wanted, today: dt.date, count: int, month: dt.date | None = None) -> str:
    """What was found, and by what it is limited: "12 classes to come, with seats left, free"; in a month, if one is
    looked at."""
    found = limits(wanted, today)
    when = "" if found and found[0].names[0] == "since" else " to come"
    if month:
        when = f" in {date_format(month, 'F Y')}"
    many = count_words(count, "class", "classes") if count else "No class"
    return ", ".join([f"{many}{when}", *(one.words for one in found)])


def name(wanted: Wanted, today: dt.date) -> str:
    """The name of the feed of a search, in calendar programs."""
    found = [one.words for one in limits(wanted, today)]
    return ", ".join(["Missouri CLEE classes", *found])


def _day(day: dt.date) -> str:
    return date_format(day, "M j, Y")


def _days(wanted: Wanted, today: dt.date) -> str:
    since = wanted.since if wanted.since != today else None
    if wanted.until and wanted.until == wanted.since:
        return f"on {_day(wanted.until)}"
    if since and wanted.until:
        return f"from {_day(since)} to {_day(wanted.until)}"
    if wanted.until:
        return f"until {_day(wanted.until)}"
    return f"from {_day(since)} on" if since else ""


def _hours(wanted: Wanted) -> str:
    if wanted.hours_from is None:
        return f"of at most {hours_words(wanted.hours_to)}"
    if wanted.hours_to is None:
        return f"of {hours_words(wanted.hours_from)} or more"
    if wanted.hours_from == wanted.hours_to:
        return f"of {hours_words(wanted.hours_to)}"
    return f"of {hours(wanted.hours_from)} to {hours_words(wanted.hours_to)}"
