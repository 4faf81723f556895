"""Putting what is told about a case into the outbox, in the transaction of its cause."""

import datetime as dt
from collections.abc import Iterable

from compliance import case_mail
from compliance.models import CaseDecision, CaseNotice
from notifications import outbox
from notifications.outbox import Mail


def notice_served(notice: CaseNotice, *, today: dt.date) -> None:
    """Tell officer and agencies that notice was served, and until when they may answer."""
    people = case_mail.readers(notice.candidacy, None, today)
    mails = [Mail(f"{notice.pk}:{user}", address, user) for user, address in people.items()]
    outbox.put_many(occasion=case_mail.NOTICE, mails=mails)


def decided(decisions: Iterable[CaseDecision], *, today: dt.date) -> None:
    """Tell whoever has to know what was decided; POST reads a case referred back on its own list."""
    mails = [
        Mail(f"{one.pk}:{user}", address, user)
        for one in decisions
        if one.kind != CaseDecision.Kind.REFER_BACK
        for user, address in case_mail.readers(one.candidacy, one, today).items()
    ]
    outbox.put_many(occasion=case_mail.DECIDED, mails=mails)
