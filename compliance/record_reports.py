"""Where a report about an officer's record stands, in words: one text for the officer, whoever was asked, and POST."""

import datetime as dt
from enum import StrEnum

from compliance.models import RecordReport
from compliance.wording import Chip, full_date

# So long whoever was asked may take to mend a record, or to say that it will; then it comes to POST.
ANSWER_WITHIN = dt.timedelta(days=14)

Answer, Why, Outcome = RecordReport.Answer, RecordReport.Why, RecordReport.Outcome


class Stage(StrEnum):
    """How far a report is."""

    ASKED = "asked"
    COMING = "coming"
    POST = "post"
    SETTLED = "settled"


def stage(report: RecordReport) -> Stage:
    """How far it is."""
    if not report.is_open:
        return Stage.SETTLED
    if report.escalated_at:
        return Stage.POST
    return Stage.COMING if report.answer == Answer.COMING else Stage.ASKED


def chip(report: RecordReport) -> Chip:
    """How far it is, as a chip."""
    match stage(report):
        case Stage.ASKED:
            return Chip("due", "Waits for an answer", "hourglass-split")
        case Stage.COMING:
            return Chip("held", "Will be mended", "clock-history")
        case Stage.POST:
            return Chip("due", "With POST", "hourglass-split")
    good = report.outcome in (Outcome.RECORDED, Outcome.CORRECTED)
    return Chip("met" if good else "quiet", report.get_outcome_display(), "check-lg" if good else "dash-lg")


def headline(report: RecordReport) -> str:
    """Where it stands, in a sentence."""
    body = report.body
    match stage(report):
        case Stage.ASKED:
            return f"Waits for {body}."
        case Stage.COMING:
            return f"{body} says it will be mended."
        case Stage.POST:
            return "POST has it."
    return {
        Outcome.RECORDED: "The class is on the record now.",
        Outcome.CORRECTED: "The entry was corrected or taken back.",
        Outcome.THERE: f"{body or 'POST'} says the record is right as it is.",
        Outcome.REFUSED: "POST closed it without a change.",
        Outcome.WITHDRAWN: "Withdrawn by the officer.",
    }[report.outcome]


def sentences(report: RecordReport) -> list[str]:
    """What was said, and what follows."""
    body, told = report.body, []
    if report.answer_words:
        told.append(f"{body or 'The answer'}: {report.answer_words}")
    if report.disagrees:
        told.append(f"The officer: {report.disagrees}")
    match stage(report):
        case Stage.ASKED | Stage.COMING:
            last = full_date(report.asked_on + ANSWER_WITHIN)
            told.append(f"If it is not mended by {last}, it comes to POST by itself.")
        case Stage.POST:
            told.append(
                {
                    Why.NOBODY: "The officer does not know who has to report it, so POST finds out.",
                    Why.OUTSIDE: "POST looks at both proofs, and records it or says why not (11 CSR 75-15.050).",
                    Why.SILENT: f"{body} did not mend it in {ANSWER_WITHIN.days} days.",
                    Why.NOT_OURS: f"{body} says that it is not theirs to mend.",
                    Why.DISAGREES: "The officer says that it is not settled.",
                }[report.escalated_why]
            )
    if report.outcome_words and report.outcome_words != report.answer_words:
        told.append(f"POST: {report.outcome_words}" if report.outcome == Outcome.REFUSED else report.outcome_words)
    if report.made:
        held = report.made.training_class
        told.append(f"It is {held.reference}, {held.course}, {full_date(report.made.completed_on)}.")
    if report.outcome in (Outcome.THERE, Outcome.RECORDED, Outcome.CORRECTED):
        told.append("If that is not right, the officer can say so on the page of this report; then POST looks at it.")
    return told
