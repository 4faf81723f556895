"""Officers whom two agencies claim at once, and what the agencies said of it. Constant numbers of statements."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from training.models import Agency, Commission, CommissionQuestion


class Elsewhere(NamedTuple):
    """A commission of the same officer at another agency, and what was asked of that agency about it."""

    commission: Commission
    question: CommissionQuestion | None
    is_settled: bool

    @property
    def agency(self) -> Agency:
        """The other agency."""
        return self.commission.agency


def claimed_twice(day: dt.date) -> QuerySet[Commission]:
    """Commissions in force on `day` of officers with another one elsewhere, of whom not all are confirmed."""
    others = Commission.objects.in_force(day).filter(officer=OuterRef("officer")).exclude(agency=OuterRef("agency"))
    return Commission.objects.in_force(day).filter(
        Exists(others), Q(held_elsewhere_confirmed_on=None) | Exists(others.filter(held_elsewhere_confirmed_on=None))
    )


def elsewhere(commissions: Iterable[Commission], day: dt.date) -> dict[int, list[Elsewhere]]:
    """The id of a commission -> the commissions of its officer at other agencies in force on `day`."""
    here = list(commissions)
    others = list(
        Commission.objects.in_force(day)
        .filter(officer__in=[one.officer_id for one in here])
        .select_related("agency")
        .order_by("started_on", "pk")
    )
    asked = {
        (one.commission_id, one.asked_by_agency_id): one
        for one in CommissionQuestion.objects.filter(commission__in=[one.pk for one in others]).order_by(
            "asked_at", "pk"
        )
    }
    held_by: dict[int, list[Commission]] = {}
    for other in others:
        held_by.setdefault(other.officer_id, []).append(other)
    found: dict[int, list[Elsewhere]] = {}
    for one in here:
        if not is_in_force(one, day):
            continue
        for other in held_by.get(one.officer_id, ()):
            if other.agency_id != one.agency_id:
                settled = None not in (one.held_elsewhere_confirmed_on, other.held_elsewhere_confirmed_on)
                question = asked.get((other.pk, one.agency_id))
                found.setdefault(one.pk, []).append(Elsewhere(other, question, settled))
    return found


def is_in_force(commission: Commission, day: dt.date) -> bool:
    """Whether a commission is in force on `day`, first and last day inclusive."""
    return commission.started_on <= day and (commission.ended_on is None or commission.ended_on >= day)


def questions_to(agency: Agency) -> QuerySet[CommissionQuestion]:
    """What other agencies asked `agency` and it has not answered."""
    return (
        CommissionQuestion.objects.filter(commission__agency=agency, answered_at=None)
        .select_related("commission__officer", "asked_by_agency")
        .order_by("asked_at", "pk")
    )
