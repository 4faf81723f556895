"""Moments as people read them, in Missouri's time and the language of the page.

"Wednesday, November 18, 2026, 8:00 AM to 5:00 PM".
"""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext

from clee_portal import clock


def span_words(begins_at: dt.datetime, ends_at: dt.datetime) -> str:
    """From when to when; the day once, unless it ends on another."""
    if begins_at.astimezone(clock.CHICAGO).date() == ends_at.astimezone(clock.CHICAGO).date():
        said = gettext("%(day)s, %(first)s to %(last)s")
        return said % {"day": day_words(begins_at), "first": hour_words(begins_at), "last": hour_words(ends_at)}
    return gettext("%(first)s, to %(last)s") % {"first": moment_words(begins_at), "last": moment_words(ends_at)}


def moment_words(moment: dt.datetime) -> str:
    """The day and the hour."""
    return gettext("%(day)s, %(hour)s") % {"day": day_words(moment), "hour": hour_words(moment)}


def day_words(moment: dt.datetime) -> str:
    """The day on which a moment falls."""
    return date_format(moment.astimezone(clock.CHICAGO), gettext("l, F j, Y"))


def short_words(moment: dt.datetime) -> str:
    """The day without its year and the hour, where there is little room: "Nov 18, noon"."""
    day = date_format(moment.astimezone(clock.CHICAGO), gettext("M j"))
    return gettext("%(day)s, %(hour)s") % {"day": day, "hour": hour_words(moment)}


def hour_words(moment: dt.datetime) -> str:
    """The hour: "8:00 AM", "noon"."""
    local = moment.astimezone(clock.CHICAGO)
    if (local.hour, local.minute) == (12, 0):
        return gettext("noon")
    return date_format(local, gettext("g:i A"))


def second_words(moment: dt.datetime) -> str:
    """The hour to the second, where the order of two people hangs on it: "9:14:03 AM"."""
    return date_format(moment.astimezone(clock.CHICAGO), gettext("g:i:s A"))
