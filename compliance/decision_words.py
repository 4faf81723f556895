"""Decisions of the Director or a designated agent in the words of mail. Pure: what was decided and what the license
is now in, sentences out. An agency is not told the reason, which may speak of a leave."""

import datetime as dt
from enum import StrEnum
from typing import NamedTuple

from compliance.wording import full_date, list_words
from training.licensing import LicenseState
from training.models import Officer


class What(StrEnum):
    """What was decided."""

    MADE_INACTIVE = "made_inactive"
    LEFT_ACTIVE = "left_active"
    REFERRED_BACK = "referred_back"
    REVERSED = "reversed"
    REINSTATED = "reinstated"


class Decided(NamedTuple):
    """One decision as it is told.

    `thing` names it among all decisions and reinstatements and holds no colon, "D-12" for instance. `until`: of a
    license left active, the day before which the case is not brought again. `agencies`: those to be told besides the
    ones where the officer is commissioned today, for instance those once told that the license is inactive.
    """

    thing: str
    what: What
    officer: int
    year: int
    decided_on: dt.date
    decided_by: str
    reference: str
    reason: str = ""
    until: dt.date | None = None
    agencies: tuple[int, ...] = ()


class Words(NamedTuple):
    """A message in words: the first line, sentences, what to do, the step."""

    headline: str
    sentences: list[str]
    to_do: list[str]
    step: str = "See what is missing"
    owes: bool = True


class About(NamedTuple):
    """A decision with what has to be known to tell of it."""

    decided: Decided
    officer: Officer
    license: LicenseState
    is_own: bool

    @property
    def may_serve(self) -> bool:
        """Whether a commission may be held."""
        return self.license.may_hold_commission

    @property
    def now(self) -> str:
        """The license as it is, in a sentence."""
        whose = "your license" if self.is_own else "the license"
        if self.may_serve:
            return f"{whose.capitalize()} is active: {self.you('you', 'the officer')} may hold a commission."
        years = self.license.inactive_for
        also = f" for {list_words([str(year) for year in years])}" if years else ""
        what = f"is {self.license.status}{also}" if self.license.is_held else "has ended"
        return f"{whose.capitalize()} {what}, so no commission may be held."

    def you(self, own: str, other: str) -> str:
        """Words to the officer, or to an agency."""
        return own if self.is_own else other

    @property
    def by(self) -> str:
        """Who decided, when, with which number, about which license."""
        one = self.decided
        return (
            f"{one.decided_by} decided this on {full_date(one.decided_on)}. The number of the decision is "
            f"{one.reference}; the license number is {self.officer.license_number}."
        )

    @property
    def why(self) -> list[str]:
        """The reason, for the officer alone."""
        return [f"The reason given: {self.decided.reason}"] if self.decided.reason and self.is_own else []


_WRONG = "If you think this is wrong, call POST at (573) 751-3409 and give the number of the decision."


def _made_inactive(about: About) -> Words:
    year, name = about.decided.year, about.officer.full_name
    because = f"Hours of continuing education for {year} were not shown in time (11 CSR 75-15.080)."
    if about.is_own:
        return Words(
            f"Your peace officer license was made inactive on {full_date(about.decided.decided_on)}",
            [because, "While it is inactive you may not hold a commission.", about.by, *about.why],
            [
                f"Complete the missing hours. Whoever holds the class reports it; tell them that it is for {year}.",
                "Once the hours show on your page, ask POST to have the license reinstated.",
                _WRONG,
            ],
        )
    return Words(
        f"{name} may not hold a commission: the license is inactive",
        [
            because,
            f"The license was made inactive on {full_date(about.decided.decided_on)}. While it is inactive {name} may "
            "not hold a commission.",
            about.by,
        ],
        [
            "If the commission has ended, enter that on your roster within 30 days.",
            f"If your agency has hours of {year} that were not reported, report them now.",
            "You are told when the license is active again.",
        ],
        "See the standing",
    )


def _left_active(about: About) -> Words:
    year, until = about.decided.year, about.decided.until
    before = f" before {full_date(until)}" if until else ""
    return Words(
        f"{about.you('Your', f'{about.officer.full_name}’s')} license was not made inactive over the hours of {year}",
        [
            f"The case is not brought before the Director again{before}." if until else "",
            f"The hours of {year} are still owed. {about.now}",
            about.by,
            *about.why,
        ],
        [
            f"Complete the missing hours{before} and have them reported for {year}.",
            about.you("If you cannot, call POST at (573) 751-3409.", "Questions: POST, (573) 751-3409."),
        ],
        about.you("See what is missing", "See the standing"),
    )


def _referred_back(about: About) -> Words:
    year = about.decided.year
    return Words(
        f"POST looks again at {about.you('your record', f'the record of {about.officer.full_name}')} for {year}",
        [
            f"The Director has not decided about the hours of {year} and sent the case back to POST. {about.now}",
            about.by.replace("decided this", "sent it back"),
            *about.why,
        ],
        [
            about.you(
                "If a class you completed is missing, ask whoever held it to report it now. It still counts.",
                f"If your agency has hours of {year} that were not reported, report them now. They still count.",
            ),
        ],
        about.you("See which classes counted", "See the standing"),
    )


def _reversed(about: About) -> Words:
    return Words(
        f"The decision about {about.you('your', f'{about.officer.full_name}’s')} license for {about.decided.year} was "
        "taken back",
        [about.now, about.by, *about.why],
        [_WRONG] if about.is_own else [],
        "See the standing",
    )


def _reinstated(about: About) -> Words:
    whose = about.you("Your", f"{about.officer.full_name}’s")
    if about.may_serve:
        head = f"{whose} peace officer license is active again"
    else:
        head = f"{whose} license was reinstated for {about.decided.year}"
    return Words(
        head,
        [f"The hours of {about.decided.year} were shown. {about.now}", about.by, *about.why],
        [
            about.you(
                "If you take up a commission again, your agency enters it on its roster.",
                "If the officer takes up a commission again, enter it on your roster within 30 days.",
            )
        ]
        if about.may_serve
        else [],
        "See the standing",
        owes=False,
    )


WORDS = {
    What.MADE_INACTIVE: _made_inactive,
    What.LEFT_ACTIVE: _left_active,
    What.REFERRED_BACK: _referred_back,
    What.REVERSED: _reversed,
    What.REINSTATED: _reinstated,
}
