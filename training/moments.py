"""Moments as people read them, in Missouri's time: "Wednesday, November 18, 2026, 8:00 AM to 5:00 PM"."""

import datetime as dt

from clee_portal import clock


def span_words(begins_at: dt.datetime, ends_at: dt.datetime) -> str:
    """From when to when; the day once, unless it ends on another."""
    if begins_at.astimezone(clock.CHICAGO).date() == ends_at.astimezone(clock.CHICAGO).date():
        return f"{day_words(begins_at)}, {hour_words(begins_at)} to {hour_words(ends_at)}"
    return f"{moment_words(begins_at)}, to {moment_words(ends_at)}"


def moment_words(moment: dt.datetime) -> str:
    """The day and the hour."""
    return f"{day_words(moment)}, {hour_words(moment)}"


def day_words(moment: dt.datetime) -> str:
    """The day on which a moment falls."""
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%A}, {local:%B} {local.day}, {local.year}"


def short_words(moment: dt.datetime) -> str:
    """The day without its year and the hour, where there is little room: "Nov 18, noon"."""
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%b} {local.day}, {hour_words(moment)}"


def hour_words(moment: dt.datetime) -> str:
    """The hour: "8:00 AM", "noon"."""
    local = moment.astimezone(clock.CHICAGO)
    if (local.hour, local.minute) == (12, 0):
        return "noon"
    return f"{local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def second_words(moment: dt.datetime) -> str:
    """The hour to the second, where the order of two people hangs on it: "9:14:03 AM"."""
    local = moment.astimezone(clock.CHICAGO)
    return f"{local.hour % 12 or 12}:{local:%M:%S} {'AM' if local.hour < 12 else 'PM'}"
