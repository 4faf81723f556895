"""What a search of the calendar says of itself: one sentence, and each of its limits with the way to do without it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext

from clee_portal.templatetags.look import hours, hours_words
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
        yield Limit(
            gettext("about “%(words)s”") % {"words": " ".join(wanted.words)}, ("words",), replace(wanted, words=())
        )
    if wanted.gives is not None:
        said = gettext("with at least %(hours)s of %(what)s")
        said %= {"hours": hours_words(wanted.least), "what": gettext(wanted.gives.name)}
        yield Limit(said, ("gives", "least"), replace(wanted, gives=None, least=Decimal(1)))
    if wanted.hours_from is not None or wanted.hours_to is not None:
        yield Limit(_hours(wanted), ("hours_from", "hours_to"), replace(wanted, hours_from=None, hours_to=None))
    if wanted.delivery:
        said = gettext("online") if wanted.delivery == Delivery.ONLINE else gettext("in person")
        yield Limit(said, ("delivery",), replace(wanted, delivery=""))
    if wanted.limits_place:
        near = f"{wanted.zip_code} ({wanted.near.city})"
        said = gettext("within %(miles)s miles of %(place)s") % {"miles": wanted.miles, "place": near}
        yield Limit(said, ("zip", "miles"), replace(wanted, zip_code="", near=None))
    if wanted.fee_to is not None:
        said = gettext("free")
        if wanted.fee_to:
            said = gettext("for at most %(fee)s") % {"fee": class_words.fee(wanted.fee_to)}
        yield Limit(said, ("fee",), replace(wanted, fee_to=None))
    if wanted.has_seats:
        yield Limit(gettext("with seats left"), ("seats",), replace(wanted, has_seats=False))
    if wanted.provider is not None:
        yield Limit(
            gettext("by %(name)s") % {"name": wanted.provider.name}, ("provider",), replace(wanted, provider=None)
        )


def sentence(wanted: Wanted, today: dt.date, count: int, month: dt.date | None = None) -> str:
    """What was found, and by what it is limited: "12 classes to come, with seats left, free"; in a month, if one is
    looked at."""
    found = limits(wanted, today)
    if month:
        said = ngettext("%(count)s class in %(month)s", "%(count)s classes in %(month)s", count)
        said = said if count else gettext("No class in %(month)s")
    elif found and found[0].names[0] == "since":
        said = ngettext("%(count)s class", "%(count)s classes", count) if count else gettext("No class")
    else:
        said = ngettext("%(count)s class to come", "%(count)s classes to come", count)
        said = said if count else gettext("No class to come")
    shown = {"count": number_format(count, force_grouping=True), "month": month and date_format(month, gettext("F Y"))}
    return ", ".join([said % shown, *(one.words for one in found)])


def name(wanted: Wanted, today: dt.date) -> str:
    """The name of the feed of a search, in calendar programs."""
    found = [one.words for one in limits(wanted, today)]
    return ", ".join([gettext("Missouri CLEE classes"), *found])


def _day(day: dt.date) -> str:
    return date_format(day, gettext("M j, Y"))


def _days(wanted: Wanted, today: dt.date) -> str:
    since = wanted.since if wanted.since != today else None
    if wanted.until and wanted.until == wanted.since:
        return gettext("on %(day)s") % {"day": _day(wanted.until)}
    if since and wanted.until:
        return gettext("from %(first)s to %(last)s") % {"first": _day(since), "last": _day(wanted.until)}
    if wanted.until:
        return gettext("until %(day)s") % {"day": _day(wanted.until)}
    return gettext("from %(day)s on") % {"day": _day(since)} if since else ""


def _hours(wanted: Wanted) -> str:
    if wanted.hours_from is None:
        return gettext("of at most %(hours)s") % {"hours": hours_words(wanted.hours_to)}
    if wanted.hours_to is None:
        return gettext("of %(hours)s or more") % {"hours": hours_words(wanted.hours_from)}
    if wanted.hours_from == wanted.hours_to:
        return gettext("of %(hours)s") % {"hours": hours_words(wanted.hours_to)}
    return gettext("of %(least)s to %(most)s") % {
        "least": hours(wanted.hours_from),
        "most": hours_words(wanted.hours_to),
    }
