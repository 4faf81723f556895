"""The notice of a commission: an agency tells POST within 30 days of commissioning or of the loss of a commission.

Source: RSMo 590.070, 11 CSR 75-13.100. Pure, but for the condition that finds late ones.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import F, Q

from training.models import Commission

DAYS = 30


class Notice(NamedTuple):
    """What POST was told of: a commission that began or ended on `day`, told on `told_on`."""

    what: str  # "began" or "ended"
    day: dt.date
    told_on: dt.date

    @property
    def days(self) -> int:
        """Days from the event to the notice; none where it was told ahead."""
        return max((self.told_on - self.day).days, 0)

    @property
    def is_late(self) -> bool:
        """Whether the thirty days were over."""
        return self.days > DAYS


def due_on(day: dt.date) -> dt.date:
    """The last day on which the notice of something that happened on `day` is in time."""
    return day + dt.timedelta(days=DAYS)


def of(commission: Commission) -> list[Notice]:
    """The notices given of a commission; none of what came with POST's register."""
    given = []
    if commission.started_reported_on:
        given.append(Notice("began", commission.started_on, commission.started_reported_on))
    if commission.ended_on and commission.ended_reported_on:
        given.append(Notice("ended", commission.ended_on, commission.ended_reported_on))
    return given


def late() -> Q:
    """Commissions of which a notice was late."""
    month = dt.timedelta(days=DAYS)
    return Q(started_reported_on__gt=F("started_on") + month) | Q(
        ended_on__isnull=False, ended_reported_on__gt=F("ended_on") + month
    )


def told() -> Q:
    """Commissions of which any notice was given here."""
    return Q(started_reported_on__isnull=False) | Q(ended_reported_on__isnull=False)
