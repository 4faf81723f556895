"""What officers report about their own record: put to whoever should mend it, answered, escalated, settled.

Nothing here changes hours but by the services that record classes. Source: 11 CSR 75-15.050; rulebook 7.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access
from compliance.documents import MOST_IN_ALL, Checked
from compliance.models import RecordReport, RecordReportDocument
from compliance.record_reports import ANSWER_WITHIN
from compliance.services import record_report_messages
from compliance.services.documents import files
from compliance.services.record_report_papers import keep_papers
from training.bodies import Body, is_provider
from training.hours import Line
from training.models import Delivery, Officer, RecognizedSource, TrainingClass, TrainingRecord
from training.services import corrections, outside_training
from training.services.classes import Attendance

Kind, Answer, Why, Outcome = RecordReport.Kind, RecordReport.Answer, RecordReport.Why, RecordReport.Outcome
Proof = RecordReportDocument.Proof
MOST_OPEN = 30
LONGEST = 1000


def report(
    *,
    by: User,
    officer: Officer,
    title: str = "",
    completed_on: dt.date | None = None,
    hours: Decimal | None = None,
    record: TrainingRecord | None = None,
    body: Body | None = None,
    words: str = "",
    documents: Sequence[Checked] = (),
    submission_key: uuid.UUID,
    today: dt.date,
) -> tuple[RecordReport, bool]:
    """The officer reports a class that is missing, or `record` as wrong; returns it, and whether it is new.

    It goes to `body`, of a wrong one to whoever reported it; to POST where the officer does not know. Raises `Refused`.
    """
    words = words.strip()
    if record is not None:
        if record.officer_id != officer.pk:
            raise Refused(gettext("This class is not on your record."))
        if record.voided_at:
            raise Refused(gettext("This entry was taken back meanwhile. Look at your record again."))
        if not words:
            raise Refused(gettext("Say what is wrong, for example the day or the hours."), field="words")
        held = record.training_class
        body, title, completed_on = held.body, held.course.title, held.ends_on
    if completed_on is None or completed_on > today:
        raise Refused(
            gettext("Give the day on which the class ended. It cannot be in the future."), field="completed_on"
        )
    facts = {
        "kind": Kind.WRONG if record else Kind.MISSING,
        "record": record,
        "title": " ".join(title.split()),
        "starts_on": completed_on,
        "completed_on": completed_on,
        "hours": hours,
        "words": words,
    }
    if body is not None:
        facts["provider" if is_provider(body) else "agency"] = body
    why = "" if body else Why.NOBODY
    return _keep(by, officer, facts, [(one, "") for one in documents], why, submission_key, today)


def submit_outside(
    *,
    by: User,
    officer: Officer,
    title: str,
    source: str,
    approved_by: str,
    starts_on: dt.date | None,
    completed_on: dt.date,
    delivery: str = Delivery.CLASSROOM,
    hours: Decimal,
    words: str = "",
    approved: Sequence[Checked],
    completed: Sequence[Checked],
    submission_key: uuid.UUID,
    today: dt.date,
) -> tuple[RecordReport, bool]:
    """The officer submits training elsewhere with both proofs the rule asks for: that that state or agency approved it
    and that it was completed (11 CSR 75-15.050). Raises `Refused`."""
    starts_on = starts_on or completed_on
    if not approved:
        raise Refused(gettext("Add the proof that it was approved there."), field="approved")
    if not completed:
        raise Refused(gettext("Add the proof that you completed it, for example the certificate."), field="completed")
    if completed_on > today:
        raise Refused(
            gettext("This day is in the future. Send it once the training is completed."), field="completed_on"
        )
    if starts_on > completed_on:
        raise Refused(gettext("The first day is after the day it was completed."), field="starts_on")
    facts = {
        "kind": Kind.OUTSIDE,
        "title": " ".join(title.split()),
        "source": " ".join(source.split()),
        "approved_by": " ".join(approved_by.split()),
        "starts_on": starts_on,
        "completed_on": completed_on,
        "delivery": delivery,
        "hours": hours,
        "words": words.strip(),
    }
    papers = [(one, Proof.APPROVED) for one in approved] + [(one, Proof.COMPLETED) for one in completed]
    return _keep(by, officer, facts, papers, Why.OUTSIDE, submission_key, today)


def _keep(by, officer, facts: dict, papers, why: str, submission_key, today: dt.date) -> tuple[RecordReport, bool]:
    if len(papers) > MOST_IN_ALL:
        raise Refused(
            gettext("At most %(most)s documents go with a report.") % {"most": MOST_IN_ALL}, field="documents"
        )
    with files() as kept, transaction.atomic(), history.because("Reported by the officer"):
        locked = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if not access.can_report_record(by, locked):
            raise Refused(gettext("Only the officer whose record it is can report this."))
        if same := RecordReport.objects.filter(submission_key=submission_key, officer=locked).first():
            return same, False
        there = RecordReport.objects.open().filter(officer=locked)
        if facts.get("record") and (same := there.filter(record=facts["record"]).first()):
            raise Refused(
                gettext("This is reported already, as %(reference)s, and not settled yet.")
                % {"reference": same.reference}
            )
        if there.count() >= MOST_OPEN:
            raise Refused(
                gettext("%(most)s of your reports are open. Call POST, (573) 751-3409.") % {"most": MOST_OPEN}
            )
        made = RecordReport.objects.create(
            officer=locked,
            submission_key=submission_key,
            reported_by=by,
            asked_on=today,
            escalated_at=clock.now() if why else None,
            escalated_why=why,
            **facts,
        )
        keep_papers(by=by, report=made, papers=papers, kept=kept)
        record_report_messages.ask(made, today=today)
    made.refresh_from_db(fields=["reported_at"])
    return made, True


@transaction.atomic
def answer(
    *,
    by: User,
    report: RecordReport,
    said: str,
    words: str = "",
    training_class: TrainingClass | None = None,
    record: TrainingRecord | None = None,
    seen: int,
    today: dt.date,
) -> RecordReport:
    """The agency or provider answers. With `training_class` the officer is added to it at once; "coming" without one
    stays open until the record appears; "there" names `record`; "not ours" says why, and goes to POST.

    Raises `Refused` without the right, where it was settled or changed meanwhile, and where the class cannot be
    credited; then nothing is changed.
    """
    one = _locked(report, seen)
    if not access.can_answer_report(by, one):
        raise Refused(gettext("Only the agency or provider that was asked can answer this, or POST for it."))
    words = _said(words)
    if said not in Answer:
        raise Refused(gettext("Choose an answer."), field="said")
    if said == Answer.NOT_OURS and not words:
        raise Refused(gettext("Say why it is not yours to mend, and whose it is if you know."), field="words")
    if said == Answer.THERE and one.kind == Kind.WRONG and not words:
        raise Refused(gettext("Say why the record is right. The officer reads it."), field="words")
    now = clock.now()
    if one.answer != Answer.COMING:  # said twice, it gives no more time
        one.asked_on = today
    one.answer, one.answer_words, one.answered_at, one.answered_by = said, words, now, by
    with history.because(f"Answered: {Answer(said).label}"):
        if said == Answer.NOT_OURS:
            one.escalated_at, one.escalated_why = now, Why.NOT_OURS
        elif said == Answer.THERE:
            _settle(one, Outcome.THERE, by, words, record if one.kind == Kind.MISSING else one.record)
        elif training_class and one.kind == Kind.MISSING:
            _settle(one, Outcome.RECORDED, by, words, _added(by, one, training_class, today))
        return _save(one, today)


def _added(by: User, one: RecordReport, training_class: TrainingClass, today: dt.date) -> TrainingRecord:
    if training_class.body != one.body:
        raise Refused(gettext("This is not a class of whoever was asked."), field="training_class")
    attended = [Attendance(one.officer, by_number=True)]
    try:
        return corrections.add(by=by, training_class=training_class, attendances=attended, today=today)[0]
    except Refused as refusal:
        raise Refused(refusal.message, field="training_class") from None


def _settle(one: RecordReport, outcome: str, by: User | None, words: str, made: TrainingRecord | None) -> None:
    if outcome in (Outcome.THERE, Outcome.RECORDED) and (made is None or made.officer_id != one.officer_id):
        raise Refused(gettext("Name the entry of the record that it is."), field="record")
    one.outcome, one.outcome_words, one.made = outcome, words, made
    one.settled_at, one.settled_by = clock.now(), by


@transaction.atomic
def disagree(*, by: User, report: RecordReport, words: str, seen: int, today: dt.date) -> RecordReport:
    """The officer says that it is not settled, and why: it goes to POST. Raises `Refused` where POST settled it."""
    one = _locked(report, seen, is_settled=True)
    if not access.can_report_record(by, one.officer):
        raise Refused(gettext("Only the officer whose record it is can say that."))
    if one.outcome in (Outcome.REFUSED, Outcome.WITHDRAWN):
        raise Refused(gettext("POST decided on this. Call POST, (573) 751-3409."))
    words = _said(words)
    if not words:
        raise Refused(gettext("Say what is still not right."), field="words")
    one.outcome, one.outcome_words, one.made, one.settled_at, one.settled_by = "", "", None, None, None
    one.disagrees, one.escalated_at, one.escalated_why = words, clock.now(), Why.DISAGREES
    if one.kind == Kind.WRONG and one.record.voided_at:
        raise Refused(gettext("The entry was corrected. Report the new one from your record."))
    with history.because("The officer says it is not settled"):
        return _save(one, today, tells=False)


@transaction.atomic
def withdraw(*, by: User, report: RecordReport, seen: int, today: dt.date) -> RecordReport:
    """The officer takes an open report back. Raises `Refused`."""
    one = _locked(report, seen)
    if not access.can_report_record(by, one.officer):
        raise Refused(gettext("Only the officer whose record it is can withdraw this."))
    _settle(one, Outcome.WITHDRAWN, by, "", None)
    with history.because("Withdrawn by the officer"):
        return _save(one, today, tells=False)


@transaction.atomic
def hand_on(*, by: User, report: RecordReport, body: Body, words: str = "", seen: int, today: dt.date) -> RecordReport:
    """POST puts a report to (another) agency or provider, which then has its time to answer. Raises `Refused`."""
    one = _decided_by_post(by, report, seen)
    if one.kind != Kind.MISSING:
        raise Refused(gettext("Only a missing class is put to somebody else."))
    one.agency, one.provider = (None, body) if is_provider(body) else (body, None)
    one.answer, one.answer_words, one.answered_at, one.answered_by = "", "", None, None
    one.escalated_at, one.escalated_why, one.asked_on = None, "", today
    with history.because(_said(words) or "POST put it to whoever can mend it"):
        return _save(one, today, asks=True)


@transaction.atomic
def refuse(*, by: User, report: RecordReport, words: str, seen: int, today: dt.date) -> RecordReport:
    """POST closes a report without any change of the record, and says why. Raises `Refused`."""
    one = _decided_by_post(by, report, seen)
    words = _said(words)
    if not words:
        raise Refused(gettext("Say why. The officer reads it."), field="words")
    _settle(one, Outcome.REFUSED, by, words, None)
    with history.because("Refused by POST"):
        return _save(one, today)


@transaction.atomic
def record_outside(
    *,
    by: User,
    report: RecordReport,
    recognized: RecognizedSource | None,
    although: str = "",
    lines: Sequence[Line],
    seen: int,
    today: dt.date,
) -> RecordReport:
    """POST accepts training elsewhere and records it in the same step. Raises `Refused`; then nothing is changed."""
    one = _decided_by_post(by, report, seen)
    if not one.is_outside:
        raise Refused(gettext("Only training elsewhere is recorded here."))
    made = outside_training.record(
        by=by,
        officer=one.officer,
        title=one.title,
        sponsor=one.source,
        recognized=recognized,
        although=although,
        starts_on=one.starts_on,
        ends_on=one.completed_on,
        delivery=one.delivery,
        lines=lines,
        submission_key=one.submission_key,
        today=today,
    )
    _settle(one, Outcome.RECORDED, by, "", made)
    with history.because("Training elsewhere recorded by POST"):
        return _save(one, today)


def _decided_by_post(by: User, report: RecordReport, seen: int) -> RecordReport:
    if not access.can_decide_reports(by):
        raise Refused(gettext("Only POST staff decide on this."))
    one = _locked(report, seen)
    if one.escalated_at is None:
        raise Refused(
            gettext("%(body)s has until %(until)s to mend it. POST may answer for it meanwhile.")
            % {"body": one.body, "until": _until(one)}
        )
    return one


def _until(one: RecordReport) -> str:
    day = one.asked_on + ANSWER_WITHIN
    return date_format(day, "DATE_FORMAT")


@transaction.atomic
def look(*, now: dt.datetime) -> tuple[int, int]:
    """Settle the reports whose record appeared or was corrected, and bring to POST those nobody mended in time; returns
    how many of each. Safe to run twice and days late, and several at once."""
    today, settled, escalated = clock.day_of(now), 0, 0
    waiting = RecordReport.objects.open().select_for_update(no_key=True, of=("self",), skip_locked=True)
    for one in waiting.appeared():
        if one.kind == Kind.WRONG:
            anew = one.record.replaced_by.live().first()
            _settle(one, Outcome.CORRECTED, None, "", anew)
        else:
            _settle(one, Outcome.RECORDED, None, "", TrainingRecord.objects.get(pk=one.appeared_as))
        with history.because("The record appeared"):
            _save(one, today)
        settled += 1
    late = RecordReport.objects.with_the_body().filter(asked_on__lt=today - ANSWER_WITHIN)
    for one in late.select_related("officer", "agency", "provider").select_for_update(
        no_key=True, of=("self",), skip_locked=True
    ):
        one.escalated_at, one.escalated_why = now, Why.SILENT
        with history.because("Nobody mended it in time"):
            _save(one, today)
        escalated += 1
    return settled, escalated


def _locked(report: RecordReport, seen: int, *, is_settled: bool = False) -> RecordReport:
    """The report, locked, where it stands as the page showed it. Raises `Refused`."""
    one = locked(RecordReport.objects.with_names().filter(pk=report.pk)).get()
    if one.step != seen:
        raise Refused(gettext("Something happened to this report meanwhile. Look at it again; nothing was changed."))
    if is_settled is one.is_open:
        raise Refused(gettext("This report is still open.") if is_settled else gettext("This report is settled."))
    return one


def _said(words: str) -> str:
    words = " ".join(words.split())
    if len(words) > LONGEST:
        raise Refused(
            gettext("At most %(most)s characters; these are %(number)s.") % {"most": LONGEST, "number": len(words)},
            field="words",
        )
    return words


def _save(one: RecordReport, today: dt.date, *, asks: bool = False, tells: bool = True) -> RecordReport:
    """Keep it; `tells` the officer, who is told of nothing they did themselves."""
    one.step += 1
    one.save()
    if asks:
        record_report_messages.ask(one, today=today)
    if tells:
        record_report_messages.tell(one, today=today)
    return one
