"""The fact somebody confirms before an invitation connects them: one that POST holds and the mail did not say.

It keeps a mail that went to the wrong mailbox from opening a record; it is no proof of identity, which the sign-in is.
"""

import datetime as dt
import re
from typing import NamedTuple

from django.utils.crypto import constant_time_compare

from training.models import Invitation, LicenseEvent, OfficerBirthDate

MOST_WRONG = 5


class Fact(NamedTuple):
    """What is asked: its kind ("date", "text"), the words, what helps to answer, and the answer."""

    kind: str
    label: str
    help: str
    answer: str

    def is_answered_by(self, given: str | dt.date | None) -> bool:
        """Whether an answer is right: a date as a date; digits alone of what has digits."""
        said = given.isoformat() if isinstance(given, dt.date) else _plain(given or "")
        return bool(said) and constant_time_compare(said, self.answer)


def fact_of(invitation: Invitation) -> Fact | None:
    """What is asked of whoever holds `invitation`. Of an officer there is always something; None where POST holds
    nothing of the agency or provider that the mail did not say: then the sign-in and the mail have to do."""
    if invitation.officer_id:
        return _of_officer(invitation)
    body = invitation.agency or invitation.provider
    digits = re.sub(r"\D", "", body.phone) if body else ""
    if len(digits) < 4:
        return None
    return Fact(
        "text",
        f"Last four digits of the phone number of {body}",
        "As POST’s register has it: the number people call.",
        digits[-4:],
    )


def _of_officer(invitation: Invitation) -> Fact:
    born_on = OfficerBirthDate.objects.filter(officer=invitation.officer_id).values_list("born_on", flat=True).first()
    if born_on:
        return Fact("date", "Your date of birth", "As POST’s register has it.", born_on.isoformat())
    issued = LicenseEvent.objects.live().filter(officer=invitation.officer_id, kind=LicenseEvent.Kind.ISSUED)
    day = issued.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    if day:
        return Fact("date", "The day your license was issued", "It stands on the license itself.", day.isoformat())
    number = _plain(invitation.officer.license_number)
    return Fact("text", "Your POST license number, whole", "It stands on the license itself.", number)


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())
