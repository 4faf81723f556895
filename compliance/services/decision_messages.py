"""Putting what is told about a decision of the Director into the outbox, in the transaction of the decision."""

import datetime as dt

from compliance import decision_mail
from compliance.decision_mail import Key
from compliance.decision_words import Decided
from notifications import outbox
from notifications.outbox import Mail


def tell(decided: Decided, *, day: dt.date) -> int:
    """Tell the officer and whoever acts for the agencies concerned; returns how many messages were put. Called again
    it makes nothing twice. Decides nothing and touches no license."""
    mails = [
        Mail(str(Key(decided.officer, decided.thing, user)), address, user)
        for user, address in decision_mail.people(decided, day).items()
    ]
    return len(outbox.put_many(occasion=decision_mail.code(decided.what), mails=mails))
