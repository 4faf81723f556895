"""Registrations as pages show them: chips, sentences, the picture of the code, and what stands in a row."""

from typing import NamedTuple

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from training import names_shown, wait_list
from training.models import Registration
from training.moments import short_words

State = Registration.State


class Chip(NamedTuple):
    """Tone, words and icon."""

    tone: str
    label: str
    icon: str


def chip(one: Registration) -> Chip:
    """Where a registration stands; `place` is annotated (`wait_list.with_places`)."""
    match one.state:
        case State.REGISTERED:
            return Chip("met", gettext("Has a seat"), "check-lg")
        case State.WAITING:
            return Chip(
                "due", gettext("%(ordinal)s on the wait-list") % {"ordinal": wait_list.ordinal(one.place)}, "clock"
            )
        case State.OFFERED:
            return Chip(
                "due",
                gettext("Offered until %(moment)s") % {"moment": short_words(one.offered_until)},
                "hourglass-split",
            )
        case State.CANCELLED if one.was_late:
            return Chip("short", gettext("Given back late"), "arrow-counterclockwise")
        case State.CANCELLED:
            return Chip("quiet", gettext("Given back"), "arrow-counterclockwise")
        case State.LAPSED:
            return Chip("quiet", gettext("Offer not answered"), "dash-circle")
    return Chip("short", gettext("Class called off"), "slash-circle")


def picture(one: Registration) -> SafeString:
    """The code of a registration as a QR code: the address of its page, so that any camera opens it too."""
    address = f"{settings.PORTAL_URL}{reverse('training:registration', args=[one.code])}"
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=3, omitsize=True, svgclass="qr")
    return mark_safe(drawn)  # noqa: S308 - drawn from an address of our own  # nosec B703 B308


class Row(NamedTuple):
    """A registration in a list, as one person sees it."""

    one: Registration
    chip: Chip
    name: str
    number: str
    by: str


def rows(user, registrations) -> list[Row]:
    """Registrations as `user` sees them."""
    found = list(registrations)
    closed = names_shown.closed_to(user, [one.officer for one in found])
    return [
        Row(
            one,
            chip(one),
            names_shown.CLOSED if one.officer_id in closed else one.officer.sorted_name,
            "" if one.officer_id in closed else one.officer.license_number,
            registered_by(one),
        )
        for one in found
    ]


def registered_by(one: Registration, own: int | None = None) -> str:
    """Who registered the officer; `own` is the agency that reads it, to which another is not named."""
    if one.agency_id is None:
        return gettext("At the door") if one.is_walk_in else gettext("The officer or the provider")
    return one.agency.name if own in (None, one.agency_id) else gettext("Another agency")
