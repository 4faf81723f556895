"""Putting what is told about relief into the outbox, in the transaction of its cause."""

import datetime as dt

from django.db import transaction

from clee_portal import clock
from compliance import relief, relief_mail, standings
from compliance.models import ReliefDecision, ReliefRequest
from notifications import outbox
from notifications.outbox import Mail
from training.models import Officer


def tell(occasion: str, request: ReliefRequest, *, thing: int, today: dt.date) -> None:
    """Tell everybody whom it concerns; `thing` is the number of the request, question or decision it is about."""
    people = relief_mail.people(request, today, only_who_asked=occasion == "relief_more_asked")
    mails = [Mail(str(relief_mail.Key(thing, pk)), address, pk) for pk, address in people.items()]
    outbox.put_many(occasion=occasion, mails=mails)


@transaction.atomic
def put_endings(*, day: dt.date) -> int:
    """Tell of extensions that end soon, 14 and 3 days before their last day, to those with hours still missing; returns
    how many messages were put. Run twice, or days late, it makes nothing twice: of both the later one goes."""
    made = 0
    for request in relief.known(relief.as_of_all()).filter(
        kind=ReliefRequest.Kind.EXTENSION,
        latest="granted",
        latest_due_on__gte=day,
        latest_due_on__lte=day + dt.timedelta(days=max(relief_mail.DAYS_BEFORE)),
    ):
        asked = standings.question(request.period, relief.as_of_all())
        finding = standings.of_officers(asked, Officer.objects.filter(pk=request.officer_id))[request.officer_id]
        if not relief_mail.ends_with_hours_missing(finding, request.latest_due_on):
            continue
        decision = ReliefDecision.objects.live().filter(request=request).order_by("recorded_at", "pk").last()
        mails = [
            Mail(
                str(relief_mail.EndingKey(decision.pk, before, pk)),
                address,
                pk,
                f"relief_about_to_end:{decision.pk}:{pk}",
                -before,
                clock.end_of_day(request.latest_due_on),
            )
            for pk, address in relief_mail.people(request, day).items()
            for before in relief_mail.DAYS_BEFORE
            if day >= request.latest_due_on - dt.timedelta(days=before)
        ]
        made += len(outbox.put_many(occasion="relief_about_to_end", mails=mails))
    return made
