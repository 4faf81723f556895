"""Why an officer stands where they stand: for each requirement the lines that counted, and those that did not, with the
reason. The reasons come from the very conditions that make the tallies (`compliance.counting`)."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext

from clee_portal import clock
from compliance import explained_lines, standings
from compliance.models import Requirement
from compliance.standings import Question
from compliance.verdict import Finding
from training.models import Officer, TrainingRecord


@dataclass
class Entry:
    """One class as it bears on one requirement: the hours on the lines of that requirement, and why not, if not."""

    record: TrainingRecord
    hours: Decimal
    counts: bool
    reason: str = ""
    reason_code: str = ""


@dataclass
class RequirementExplained:
    """One requirement: hours that count, hours missing, and every line it speaks of exactly once."""

    requirement: Requirement
    hours: Decimal
    missing: Decimal
    counted: list[Entry] = field(default_factory=list)
    not_counted: list[Entry] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def hours_not_counted(self) -> Decimal:
        """Hours of its area or topic that did not count."""
        return sum((entry.hours for entry in self.not_counted), Decimal(0))


@dataclass
class Explanation:
    """The finding of one officer with its grounds, requirement by requirement."""

    officer: Officer
    question: Question
    finding: Finding
    requirements: list[RequirementExplained]

    @property
    def met(self) -> int:
        """How many requirements are met."""
        return sum(1 for requirement in self.requirements if requirement.is_met)


def explain(asked: Question, officer: Officer, finding: Finding | None = None) -> Explanation:
    """The standing of `officer` with every line of the period, or made up for or from it, counted or not.

    `finding` spares the statements that find it, where it is known already.
    """
    finding = finding or standings.of_officer(asked, officer)
    lines = explained_lines.of_officer(asked, officer)
    explained = []
    for index, requirement in enumerate(asked.requirements):
        one = RequirementExplained(requirement, finding.hours[index], finding.short.get(requirement.code, Decimal(0)))
        entries: dict[tuple, Entry] = {}
        for line in lines:
            if (code := line.failing[index]) is None:
                continue
            key = (line.record.pk, code)
            if key not in entries:
                reason = reason_text(code, line.record, requirement, asked) if code else ""
                entries[key] = Entry(line.record, Decimal(0), not code, reason, code)
            entries[key].hours += line.hours
        one.counted = [entry for entry in entries.values() if entry.counts]
        one.not_counted = [entry for entry in entries.values() if not entry.counts]
        explained.append(one)
    return Explanation(officer, asked, finding, explained)


def _date(day: dt.date) -> str:
    return date_format(day, "DATE_FORMAT")


def reason_text(code: str, record: TrainingRecord, requirement: Requirement, asked: Question) -> str:
    """In words, why the hours of a record do not count to a requirement."""
    match code:
        case "recorded":
            said = {"day": _date(clock.day_of(record.recorded_at)), "asked": _date(asked.day)}
            return gettext("Entered on %(day)s, after %(asked)s.") % said
        case "not_voided":
            said = {"day": _date(clock.day_of(record.voided_at)), "reason": record.void_reason}
            return gettext("Withdrawn on %(day)s: %(reason)s") % said
        case "credited_here":
            said = {"year": record.credited_year}
            return gettext("Credited to %(year)s as make-up hours; an hour never counts twice.") % said
        case "counted_once":
            said = {"what": gettext(record.get_not_counted_display()), "note": record.not_counted_note}
            text = gettext("%(what)s: counted once. %(note)s") if said["note"] else gettext("%(what)s: counted once.")
            return text % said
        case "course_not_refused":
            refusal = [r for r in record.training_class.course.known_reviews if r.decision == "refused"][-1]
            said = {"day": _date(refusal.decided_on), "reason": refusal.reason}
            return gettext("POST refused this course on %(day)s: %(reason)s") % said
        case "source":
            said = {
                "kind": gettext(record.get_source_kind_display()),
                "requirement": gettext(requirement.name),
                "year": asked.period.year,
            }
            text = gettext(
                "%(kind)s: these hours count to the total and their area, not to “%(requirement)s” (%(year)s)."
            )
            return text % said
        case "in_person":
            said = {"requirement": gettext(requirement.name)}
            return gettext("Taken online: hours for “%(requirement)s” must be in person.") % said
    raise ValueError(f"no words for {code}")
