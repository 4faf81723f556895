"""The answer a standing page gives in its first line, with its grounds and what happens next: a finding in words."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from compliance import gaps, wording
from compliance.models import Requirement
from compliance.verdict import EXEMPTING, Finding, PeriodFacts, Standing
from compliance.wording import Person, date_words, full_date, hours_words
from training.licensing import ENDINGS, EventFact, Kind, LicenseState, LicenseStatus


class Answer(NamedTuple):
    """The first line, what is missing or why, and what happens next."""

    headline: str
    grounds: str
    deadline: str
    tone: str


class Case(NamedTuple):
    """Everything an answer rests on: one person's finding for a period on a day, and the license beside it."""

    person: Person
    finding: Finding
    requirements: Sequence[Requirement]
    period: PeriodFacts
    day: dt.date
    license: LicenseState
    events: Sequence[EventFact]

    @property
    def needed(self) -> Decimal:
        """The fewest hours that would close the gap."""
        return gaps.fewest_hours(self.requirements, self.finding.short)

    @property
    def missing(self) -> str:
        """The sentence that says what the missing hours must be."""
        return wording.missing_words(self.requirements, self.finding)

    def date(self, day: dt.date) -> str:
        """A date as it reads on the day asked about."""
        return date_words(day, self.day)


def answer(case: Case) -> Answer:
    """The answer of a finding in words: the same text for officer, chief and POST."""
    said = _ANSWERS[case.finding.standing](case)
    beside = _license_beside(case)
    return said._replace(grounds=f"{said.grounds} {beside}") if beside else said


def _license_beside(case: Case) -> str:
    """What the license says, where the standing does not say it already."""
    state, standing = case.license, case.finding.standing
    if standing == Standing.INACTIVE or wording.awaits_reinstatement(case.finding, state):
        return ""
    if state.status is LicenseStatus.SUSPENDED:
        return f"{case.person.license} has been suspended since {full_date(state.since)}; hours are owed all the same."
    if state.inactive_for:
        years = wording.list_words([str(year) for year in state.inactive_for])
        return f"{case.person.license} is inactive for {years}: no commission may be held."
    return ""


_ENDED = {
    LicenseStatus.EXPIRED: "expired",
    LicenseStatus.REVOKED: "was revoked",
    LicenseStatus.SURRENDERED: "was surrendered",
}


def _not_applicable(case: Case) -> Answer:
    person, state = case.person, case.license
    issued = [e.occurred_on for e in case.events if e.kind == Kind.ISSUED and e.occurred_on <= case.day]
    after = [on for on in issued if on > case.period.ends_on]
    if state.status in ENDINGS.values():
        why = f"{person.license} {_ENDED[state.status]} on {full_date(state.since)}."
    elif after:
        how = "issued again" if min(issued) <= case.period.ends_on else "first issued"
        why = f"{person.license} was {how} on {full_date(min(after))}, after the period."
    else:
        why = f"{person.does('held', 'held')} no license on {full_date(case.day)}."
    return Answer(f"Nothing is asked of {person.name or 'you'} for {case.period.year}.", why, "", "quiet")


_EXEMPTIONS = {
    Kind.ISSUED: "The license was issued",
    Kind.UPGRADED: "The license was upgraded",
    Kind.BASIC_TRAINING_COMPLETED: "A whole Missouri basic training course was completed",
}


def _exempt(case: Case) -> Answer:
    last = min(case.period.ends_on, case.day)
    ground = next(e for e in case.events if e.kind in EXEMPTING and case.period.starts_on <= e.occurred_on <= last)
    return Answer(
        f"{case.person.does('are', 'is')} exempt for {case.period.year}.",
        f"{_EXEMPTIONS[Kind(ground.kind)]} on {full_date(ground.occurred_on)}, so no hours are owed for that year.",
        f"Hours are owed again from January 1, {case.period.year + 1}. Hours of {case.period.year} do not carry over.",
        "held",
    )


def _waived(case: Case) -> Answer:
    return Answer(
        f"{case.person.does('are', 'is')} excused for {case.period.year}.",
        "POST granted a waiver, so no hours are owed for that year.",
        f"Hours are owed again from January 1, {case.period.year + 1}.",
        "held",
    )


def _compliant(case: Case) -> Answer:
    count = len(case.requirements)
    met = f"All {count} requirements are met." if count > 1 else "The requirement is met."
    if wording.awaits_reinstatement(case.finding, case.license):
        years = wording.list_words([str(year) for year in case.license.inactive_for])
        who = case.person.name or "you"
        return Answer(
            f"Hours shown for {case.period.year}, awaiting reinstatement: {who} may not hold a commission.",
            f"{met} {case.person.license} is still inactive for {years}.",
            "The Director reinstates a license once the missing hours are shown. POST can say where it stands.",
            "held",
        )
    return Answer(
        f"{case.person.does('are', 'is')} compliant for {case.period.year}.",
        met,
        "Hours beyond the requirements do not carry over to the next year.",
        "met",
    )


def _in_progress(case: Case) -> Answer:
    person, period, more = case.person, case.period, hours_words(case.needed)
    end, last = case.date(period.ends_on), case.date(period.show_by)
    makeup = (
        f"After {end} missing hours can still be made up until {last}. After that the Director may make a license "
        "inactive; it never happens by itself."
    )
    if case.day < period.starts_on:
        first = case.date(period.starts_on)
        return Answer(f"The {period.year} period begins on {first}.", f"It will ask {more}.", makeup, "quiet")
    number = more.replace(" hour", " more hour")
    left = wording.days_left(period.ends_on, case.day, person)
    grounds = f"{case.missing} {left}"
    if case.finding.situation.is_extended:
        grounds += f" {_extension(case)}"
    elif case.finding.situation.is_pending:
        grounds += " A request for an extension or a waiver is undecided."
    return Answer(f"{person.does('need', 'needs')} {number} by {end}.", grounds, makeup, "due")


def _extension(case: Case) -> str:
    due = case.finding.due_on
    return f"POST has extended the time to {full_date(due)}." if due else "POST has granted more time."


def _extended(case: Case) -> Answer:
    due, more = case.finding.due_on, hours_words(case.needed)
    have = case.person.does("have", "has")
    until = f"until {case.date(due)}" if due else "more time"
    grounds = f"POST granted an extension. {case.missing}"
    if due:
        grounds += f" {wording.days_left(due, case.day, case.person)}"
    after = f"After {full_date(due)} the" if due else "POST has set no last day. Without an extension the"
    return Answer(
        f"{have} {until} to complete {more} for {case.period.year}.",
        grounds,
        f"While the extension lasts nothing can happen to the license over these hours. {after} Director may make a "
        "license inactive; it never happens by itself.",
        "held",
    )


def _grace(case: Case) -> Answer:
    last = case.date(case.period.show_by)
    may = "you may make them up" if not case.person.name else "they may be made up"
    pending = " A request for an extension or a waiver is undecided." if case.finding.situation.is_pending else ""
    return Answer(
        f"{case.person.does('are', 'is')} {hours_words(case.needed)} short for {case.period.year}; {may} until {last}.",
        f"{case.missing} {wording.days_left(case.period.show_by, case.day, case.person)}{pending}",
        f"A class completed after {full_date(case.period.ends_on)} counts to the year it was completed, unless it is "
        f"credited to {case.period.year} as make-up; it never counts to both. After {last} the Director may make a "
        "license inactive; it never happens by itself.",
        "short",
    )


def _extension_pending(case: Case) -> Answer:
    return Answer(
        f"{case.person.does('are', 'is')} {hours_words(case.needed)} short for {case.period.year}; a request for more "
        "time is undecided.",
        f"Nothing happens to the license before POST has decided. {case.missing}",
        "If the request is granted, there is a new last day or the year is excused. If it is denied, the Director may "
        "make the license inactive; it never happens by itself.",
        "held",
    )


def _candidate(case: Case) -> Answer:
    return Answer(
        f"Past {case.date(case.period.show_by)}, {hours_words(case.needed)} still missing for {case.period.year}; POST "
        "is checking the record.",
        f"{case.missing} If a class is missing here, it can be reported now: it still counts.",
        "POST looks for recording errors first. Only the Director can make a license inactive, after a decision of its "
        "own; it never happens by itself.",
        "short",
    )


def _inactive(case: Case) -> Answer:
    are = "is" if case.needed == 1 else "are"
    return Answer(
        f"{case.person.license} is inactive: {hours_words(case.needed)} of {case.period.year} {are} still missing.",
        f"{case.missing} While it is inactive no commission may be held.",
        f"Once the hours are completed and credited to {case.period.year}, the Director reinstates the license.",
        "short",
    )


_ANSWERS = {
    Standing.NOT_APPLICABLE: _not_applicable,
    Standing.EXEMPT: _exempt,
    Standing.WAIVED: _waived,
    Standing.COMPLIANT: _compliant,
    Standing.INACTIVE: _inactive,
    Standing.IN_PROGRESS: _in_progress,
    Standing.EXTENDED: _extended,
    Standing.GRACE: _grace,
    Standing.EXTENSION_PENDING: _extension_pending,
    Standing.CANDIDATE: _candidate,
}
