"""Putting what is told about a case into the outbox, in the transaction of its cause."""

import datetime as dt
from collections.abc import Iterable

from compliance import case_mail
from compliance.models import CaseDecision, CaseNotice
from compliance.services import decision_messages
from notifications import outbox
from notifications.outbox import Mail


def notice_served(notice: CaseNotice, *, today: dt.date) -> None:
    """Tell officer and agencies that notice was served, and until when they may answer."""
    people = case_mail.readers(notice, today)
    mails = [Mail(f"{notice.pk}:{user}", address, user) for user, address in people.items()]
    outbox.put_many(occasion=case_mail.NOTICE, mails=mails)


def decided(decisions: Iterable[CaseDecision], *, today: dt.date) -> None:
    """Tell officers and agencies what was decided; that no commission may be held, and when one may again."""
    for one in decisions:
        decision_messages.tell(case_mail.as_told(one), day=today)
