"""What is said of a class in the calendar, to people and to calendar programs: its hours, its place, its fee."""

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.formats import number_format
from django.utils.translation import gettext

from clee_portal.templatetags.look import hours, hours_words
from training.models.sources import Delivery


def gives(lines: Iterable[tuple[str, str | None, Decimal]]) -> str:
    """Hours of (area, topic or none, hours) in words: "4 hours: 2 Legal Studies, 2 Skill Development (Firearms)"."""
    parts = list(lines)
    told = [f"{hours(given)} {gettext(area)}{f' ({gettext(topic)})' if topic else ''}" for area, topic, given in parts]
    whole = hours_words(sum((given for *_, given in parts), Decimal(0)))
    return f"{whole}: {', '.join(told)}" if told else whole


def where(place: str, address: str, city: str, zip_code: str) -> str:
    """A place on one line: "Main hall, 12 Oak Street, Columbia, MO 65201". Empty for a class on-line."""
    town = ", ".join(part for part in (city, f"MO {zip_code}" if zip_code else "") if part)
    return ", ".join(part for part in (place, address, town) if part)


def fee(amount: Decimal) -> str:
    """A fee in words: "free", "$45", "$12.50"."""
    if not amount:
        return gettext("free")
    return f"${number_format(amount, 0 if amount == amount.to_integral_value() else 2, force_grouping=True)}"


def map_of(held) -> str:
    """An address outside on which the place of a class can be looked up; empty for one on-line or without a street."""
    if held.delivery == Delivery.ONLINE or not (held.address and held.city):
        return ""
    asked = ", ".join(part for part in (held.address, held.city, f"MO {held.zip_code}".strip()) if part)
    return f"https://www.openstreetmap.org/search?{urlencode({'query': asked})}"
