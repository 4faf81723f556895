"""Where a class in the calendar stands for somebody who would take it: open, full, not open yet, over, called off."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_noop as _

from training.models import ScheduledClass


class Stage(models.TextChoices):
    """What can be done about a class, and its word."""

    OPEN = "open", _("Open")
    FULL = "full", _("Full")
    NOT_OPEN = "not_open", _("Not open yet")
    CLOSED = "closed", _("Registration closed")
    BEGUN = "begun", _("Under way")
    OVER = "over", _("Over")
    SUSPENDED = "suspended", _("Provider not licensed")
    CALLED_OFF = "called_off", _("Called off")


def stage_of(held: ScheduledClass, now: dt.datetime, *, is_licensed: bool = True) -> Stage:
    """Where a published class stands at `now`; `is_licensed`: whether its provider's license is valid that day."""
    if held.state == ScheduledClass.State.CALLED_OFF:
        return Stage.CALLED_OFF
    if held.ends_at <= now:
        return Stage.OVER
    if not is_licensed:
        return Stage.SUSPENDED
    if held.begins_at <= now:
        return Stage.BEGUN
    if held.closes_at is not None and held.closes_at <= now:
        return Stage.CLOSED
    if held.opens_at is not None and held.opens_at > now:
        return Stage.NOT_OPEN
    return Stage.FULL if held.seats_left <= 0 else Stage.OPEN
