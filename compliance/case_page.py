"""What the page of a case shows: its clocks, what is missing in the words of the standing page, its course.

The same for POST's page, the Director's review and the officer's and agency's own page, each with what is theirs.
"""

import datetime as dt
import json
from decimal import Decimal
from typing import NamedTuple

from clee_portal import clock
from compliance import (
    answers,
    case_facts,
    case_mail,
    case_states,
    relief,
    selectors,
    standings,
    stands,
    wording,
)
from compliance.case_changes import changes, looked_at, why_not
from compliance.models import Candidacy, CaseSubmission
from notifications import messages_said
from training import licensing


class Clock(NamedTuple):
    """One of the days that count in a case."""

    label: str
    day: dt.date | None
    words: str = ""
    is_past: bool = False


def clocks(case: Candidacy, today: dt.date) -> list[Clock]:
    """The days of a case, in their order."""
    listing = case.listings.order_by("-number").first()
    notice = case.served_notices.live().first()
    found = []
    if listing:
        found += [
            Clock("Last day to show the hours", listing.last_day, is_past=True),
            Clock("On the list since", listing.listed_on, is_past=True),
        ]
    if notice:
        number = f", {notice.certified_number}" if notice.certified_number else ""
        to = f", {notice.served_to}" if notice.served_to else ""
        found.append(Clock("Notice served", notice.served_on, f"{notice.get_how_display()}{number}{to}", True))
        found.append(Clock("Answers until", notice.answer_by, is_past=notice.answer_by < today))
    else:
        found.append(Clock("Notice served", None, "Not yet"))
    submission = case.submissions.live().order_by("-recorded_at").select_related("recorded_by").first()
    if submission:
        ended = f"; {submission.get_closed_because_display().lower()}" if submission.closed_at else ""
        on = clock.day_of(submission.as_of)
        found.append(Clock("Put before the Director", on, f"By {submission.recorded_by}{ended}", True))
    return found


def standing(case: Candidacy, person: wording.Person, today: dt.date) -> dict:
    """Where the officer stands, in the words of the standing page."""
    now = clock.now()
    officer = selectors.officers_with_places(today).get(pk=case.officer_id)
    asked = standings.question(case.period, now)
    finding = standings.of_officer(asked, officer)
    events = licensing.events_of(officer, now)
    state = licensing.state_on(events, today)
    said = answers.Case(person, finding, asked.requirements, asked.facts, today, state, events)
    return {
        "officer": officer,
        "answer": answers.answer(said),
        "chip": wording.standing_chip(finding, state),
        "license_chip": wording.license_beside(state, finding.standing),
        "missing": stands.missing(asked, finding),
        "asked": asked,
        "finding": finding,
    }


def course(case: Candidacy) -> dict:
    """Everything that happened in a case, for the state's people."""
    requests = relief.known(relief.as_of_all()).filter(officer=case.officer_id, period=case.period)
    return {
        "mails": [messages_said.row(one) for one in case_mail.messages_of([case])[case.pk]],
        "answers": answers_of(case),
        "requests": [(one, relief.chip(one)) for one in requests.order_by("-requested_on", "-pk")],
        "decisions": list(
            case.decisions.select_related("reverses", "reversal").prefetch_related("appeals").order_by("-pk")
        ),
    }


def answers_of(case: Candidacy, **only) -> list:
    """The answers given, the first first, with their documents."""
    rows = case.answers.live().filter(**only).select_related("agency", "recorded_by")
    return list(rows.prefetch_related("documents").order_by("recorded_at", "pk"))


class Change(NamedTuple):
    """How the facts of a case before the Director are now: their digest, what changed since they were looked at, and
    whether the case may be decided as it is."""

    digest: str
    lines: list[str]
    why_not: str

    @property
    def is_changed(self) -> bool:
        """Whether it has to be looked at again."""
        return bool(self.lines)


def changed(submissions: list[CaseSubmission]) -> dict[int, Change]:
    """Submission id -> how its facts are now. A constant number of statements; second looks are prefetched."""
    now = clock.now()
    facts = case_facts.read([one.candidacy for one in submissions], now)
    found = {}
    for one in submissions:
        current = facts[one.candidacy_id]
        text = case_facts.text(current)
        before, digest = looked_at(one)
        is_same = case_facts.digest(text) == digest
        lines = [] if is_same else changes(json.loads(before), current)
        found[one.pk] = Change(
            case_facts.digest(text),
            lines if is_same or lines else ["A detail of the record changed."],
            why_not(current, bool(one.override_reason)),
        )
    return found


def places_of(officers, today: dt.date) -> dict[int, list[str]]:
    """Officer id -> the names of the agencies of today."""
    found = selectors.officers_with_places(today).in_bulk(list(officers))
    return {pk: [place["name"] for place in one.places] for pk, one in found.items()}


def state(case: Candidacy, today: dt.date) -> case_states.State:
    """Where a case is."""
    return case_states.state_of(case_states.of([case.pk], today)[0], today)


def hours_missing(submission: CaseSubmission) -> str:
    """What was missing when the case was put forward, requirement by requirement: "1 h legal studies"."""
    facts = json.loads(submission.facts)
    counted = facts["finding"]["hours"]
    found = []
    for one in facts["requirements"]["list"]:
        left = Decimal(one["minimum"]) - Decimal(counted[one["code"]])
        if left > 0:
            found.append(f"{case_facts.number(left)} h {wording.first_small(one['name'])}")
    return ", ".join(found)
