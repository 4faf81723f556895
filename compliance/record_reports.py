"""Where a report about an officer's record stands, in words: one text for the officer, whoever was asked, and POST."""

import datetime as dt
from enum import StrEnum

from django.utils.translation import gettext

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
            return Chip("due", gettext("Waits for an answer"), "hourglass-split")
        case Stage.COMING:
            return Chip("held", gettext("Will be mended"), "clock-history")
        case Stage.POST:
            return Chip("due", gettext("With POST"), "hourglass-split")
    good = report.outcome in (Outcome.RECORDED, Outcome.CORRECTED)
    return Chip("met" if good else "quiet", report.get_outcome_display(), "check-lg" if good else "dash-lg")


def headline(report: RecordReport) -> str:
    """Where it stands, in a sentence."""
    body = report.body
    match stage(report):
        case Stage.ASKED:
            return gettext("Waits for %(body)s.") % {"body": body}
        case Stage.COMING:
            return gettext("%(body)s says it will be mended.") % {"body": body}
        case Stage.POST:
            return gettext("POST has it.")
    return {
        Outcome.RECORDED: gettext("The class is on the record now."),
        Outcome.CORRECTED: gettext("The entry was corrected or taken back."),
        Outcome.THERE: gettext("%(body)s says the record is right as it is.") % {"body": body or "POST"},
        Outcome.REFUSED: gettext("POST closed it without a change."),
        Outcome.WITHDRAWN: gettext("Withdrawn by the officer."),
    }[report.outcome]


def due(report: RecordReport) -> str:
    """By when whoever was asked has to mend it, as their own list says it; empty where it does not wait for them."""
    if stage(report) not in (Stage.ASKED, Stage.COMING):
        return ""
    return gettext("By %(day)s; then POST takes it up.") % {"day": full_date(report.asked_on + ANSWER_WITHIN)}


def sentences(report: RecordReport, *, is_own: bool = False) -> list[str]:
    """What was said, and what follows; to the officer whose report it is (`is_own`), or to others."""
    body, told = report.body, []
    if report.answer_words:
        told.append(f"{body or gettext('The answer')}: {report.answer_words}")
    if report.disagrees:
        told.append(gettext("The officer: %(words)s") % {"words": report.disagrees})
    match stage(report):
        case Stage.ASKED | Stage.COMING:
            last = full_date(report.asked_on + ANSWER_WITHIN)
            told.append(gettext("If it is not mended by %(last)s, it comes to POST by itself.") % {"last": last})
        case Stage.POST:
            told.append(
                {
                    Why.NOBODY: gettext("The officer does not know who has to report it, so POST finds out."),
                    Why.OUTSIDE: gettext(
                        "POST looks at both proofs, and records it or says why not (11 CSR 75-15.050)."
                    ),
                    Why.SILENT: gettext("%(body)s did not mend it in %(days)s days.")
                    % {"body": body, "days": ANSWER_WITHIN.days},
                    Why.NOT_OURS: gettext("%(body)s says that it is not theirs to mend.") % {"body": body},
                    Why.DISAGREES: gettext("The officer says that it is not settled."),
                }[report.escalated_why]
            )
    if report.outcome_words and report.outcome_words != report.answer_words:
        told.append(
            gettext("POST: %(words)s") % {"words": report.outcome_words}
            if report.outcome == Outcome.REFUSED
            else report.outcome_words
        )
    if report.made:
        held = report.made.training_class
        told.append(
            gettext("It is %(reference)s, %(course)s, %(day)s.")
            % {"reference": held.reference, "course": held.course, "day": full_date(report.made.completed_on)}
        )
    if report.outcome in (Outcome.THERE, Outcome.RECORDED, Outcome.CORRECTED):
        if is_own:
            told.append(gettext("If that is not right, say so here; then POST looks at it."))
        else:
            told.append(
                gettext(
                    "If that is not right, the officer can say so on the page of this report; then POST looks at it."
                )
            )
    return told
