"""Letters of cases to print: the notice that is served, and what the Director decided; many as one PDF."""

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from django.conf import settings

from clee_portal import clock, typeset
from compliance import case_mail, case_states, stands, wording
from compliance.decision_words import WORDS, About
from compliance.models import Candidacy, CaseDecision
from training import licensing
from training.models import Officer

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "case_letter.typ"
# As many as one file holds; a longer list is printed agency by agency, or page by page.
MOST = 500


def of_notices(cases: Collection[Candidacy], today: dt.date) -> list[dict]:
    """The letter of notice of each case: what is missing, until when to answer, and that only the Director decides."""
    said = stands.said({one.period.year for one in cases}, {one.officer_id for one in cases}, clock.now())
    days = {period: case_states.response_days(period) for period in {one.period for one in cases}}
    found = []
    for one in cases:
        words = said[one.period.year, one.officer_id]
        found.append(
            _head(one.officer)
            | {
                "headline": f"Notice: hours of {one.period.year} are missing.",
                "paragraphs": [
                    f"{words.answer.headline} {words.answer.grounds}",
                    f"You may answer within {days[one.period]} days after this notice is served, in words and with "
                    f"documents: in the CLEE Portal ({_portal()}), or by letter to the address above. Your agency may "
                    "answer too. After that POST may put the case before the Director.",
                    "Hours that are completed and credited meanwhile still count. If a class is missing, ask whoever "
                    "held it to report it now.",
                    "Only the Director, or a designated agent, can make a license inactive (11 CSR 75-15.080). It "
                    "never happens by itself.",
                ],
                "missing": _missing(words),
                "year": str(one.period.year),
            }
        )
    return found


def of_decisions(decisions: Sequence[CaseDecision]) -> list[dict]:
    """The letter of each decision to the officer, in the words of the mail."""
    now = clock.now()
    today = clock.day_of(now)
    officers = {one.candidacy.officer_id for one in decisions}
    states = licensing.states_of(officers, today, now)
    said = stands.said({one.candidacy.period.year for one in decisions}, officers, now)
    found = []
    for one in decisions:
        case = one.candidacy
        about = About(case_mail.as_told(one), case.officer, states[case.officer_id], True)
        words = WORDS[about.decided.what](about)
        found.append(
            _head(case.officer)
            | {
                "headline": f"{words.headline}.",
                "paragraphs": [*filter(None, words.sentences), *words.to_do],
                "missing": _missing(said[case.period.year, case.officer_id]) if words.owes else [],
                "year": str(case.period.year),
            }
        )
    return found


def as_pdf(letters: Sequence[dict], day: dt.date, title: str) -> bytes:
    """The letters as one accessible PDF (PDF/UA-1), each on a page of its own."""
    data = {"title": title, "day": wording.full_date(day), "letters": list(letters)}
    return typeset.pdf(TEMPLATE, data)


def _portal() -> str:
    return settings.PORTAL_URL.split("://")[-1]


def _head(officer: Officer) -> dict:
    return {
        "name": officer.full_name,
        "license": officer.license_number,
        "address": [line.strip() for line in officer.postal_address.splitlines() if line.strip()],
    }


def _missing(words: stands.Said) -> list[list[str]]:
    return [[one.name, one.missing, f"{one.earned} of {one.minimum}"] for one in words.missing]
