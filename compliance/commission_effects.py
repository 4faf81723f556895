"""What a change of a commission does: nobody's standing, but whom the agency sees and counts. Tried, then taken back.

The duty to complete hours lies with the license, so that no commission begun or ended changes it (11 CSR 75-15.010).
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction

from clee_portal import clock
from compliance import selectors, standings, wording
from compliance.verdict import Standing
from training.models import Agency, Commission, Officer

# A period before this one is told of while something of it is still owed.
STILL_OWED = (Standing.GRACE, Standing.CANDIDATE, Standing.EXTENDED, Standing.EXTENSION_PENDING, Standing.INACTIVE)


class Counted(NamedTuple):
    """How many officers an agency has, and how many of them are compliant."""

    officers: int
    compliant: int


class CommissionEffect(NamedTuple):
    """The standings of the officer, which stay, each with its year; and the agency's count on `day` without and with.

    `standings` is empty where the person who asks may not see the officer's record.
    """

    standings: list[tuple[int, wording.Chip]]
    day: dt.date
    before: Counted
    after: Counted

    @property
    def counts_change(self) -> bool:
        """Whether the agency's figures are others afterwards."""
        return self.before != self.after


def of_change(user, held: Commission, act: Callable[[], Commission], *, today: dt.date) -> CommissionEffect:
    """What `act`, which changes the commission `held`, would do. Raises what `act` raises, and leaves nothing behind.

    An end that lies ahead is looked at on the day after it.
    """
    asked = selectors.questions(clock.now(), [today.year - 1, today.year])
    seen = Officer.objects.visible_to(user).filter(pk=held.officer_id)
    told = []
    for year, question in sorted(asked.items()):
        for finding in standings.of_officers(question, seen).values():
            if year == today.year or finding.standing in STILL_OWED:
                told.append((year, wording.roster_chip(question.requirements, finding)))
    with transaction.atomic():
        day = today
        with transaction.atomic():
            changed = act()
            if changed.ended_on and changed.ended_on >= today:
                day = changed.ended_on + dt.timedelta(days=1)
            after = _counted(asked.get(today.year), held.agency, day)
            transaction.set_rollback(True)
        before = _counted(asked.get(today.year), held.agency, day)
    return CommissionEffect(told, day, before, after)


def _counted(question, agency: Agency, day: dt.date) -> Counted:
    people = Officer.objects.commissioned_at(agency, day)
    if question is None:
        return Counted(people.count(), 0)
    findings = standings.of_officers(question, people)
    return Counted(len(findings), sum(1 for one in findings.values() if one.standing == Standing.COMPLIANT))
