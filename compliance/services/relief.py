"""Asking for relief: a request with its documents, what POST asked for in addition, and taking a request back.

Source: 11 CSR 75-15.010(12); rulebook 5, 7 and 11 (9, 11, 12).
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access, relief, standings
from compliance.documents import MOST_IN_ALL, Checked
from compliance.models import ReliefDecision, ReliefDocument, ReliefQuestion, ReliefRequest, ReportingPeriod
from compliance.services import relief_messages
from compliance.services.documents import files, keep
from compliance.wording import full_date
from training.models import Agency, Officer

AskedBy = ReliefRequest.AskedBy
# A leave is not told further ahead than this: a slip of the year.
AHEAD = dt.timedelta(days=3 * 366)


def ask(
    *,
    by: User,
    officer: Officer,
    period: ReportingPeriod,
    kind: str,
    reason: str,
    leave_from: dt.date,
    leave_to: dt.date | None = None,
    words: str = "",
    caller: str = "",
    documents: Sequence[Checked] = (),
    submission_key: uuid.UUID | None = None,
    today: dt.date,
) -> tuple[ReliefRequest, bool]:
    """Ask for relief for `officer`; the officer and the agency's CEO are told. Returns the request, and whether it is
    new: the same form sent twice is one request.

    Undecided, it keeps the officer off the list of candidates (rulebook 11, 12). Raises `Refused` where `by` may not
    ask, the period is not open to it or nothing is owed for it, the leave's days do not fit, or a request of the kind
    is open already.
    """
    with files() as kept, transaction.atomic(), history.because("Extension or waiver asked for"):
        held = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        who = access.asker(by, held, today)
        if who is None:
            raise Refused(gettext("Only the officer, the agency of a commission, or POST can ask for an extension."))
        if submission_key and (same := ReliefRequest.objects.filter(submission_key=submission_key).first()):
            return same, False
        finding = standings.of_officer(standings.question(period, relief.as_of_all()), held)
        if told := relief.why_not(period, finding, today):
            raise Refused(told, field="period")
        _check_leave(period, max(period.show_by, finding.due_on or period.show_by), leave_from, leave_to, today)
        _check_none_open(held, period, kind)
        if who.asked_by == AskedBy.POST and not caller.strip():
            raise Refused(gettext("Say who asked: the officer, or who called or wrote for them."), field="caller")
        made = ReliefRequest.objects.create(
            officer=held,
            period=period,
            kind=kind,
            reason=reason,
            requested_on=today,
            leave_from=leave_from,
            leave_to=leave_to,
            words=words.strip(),
            asked_by=who.asked_by,
            agency=who.agency,
            caller=" ".join(caller.split()) if who.asked_by == AskedBy.POST else "",
            submission_key=submission_key,
            is_open=True,
            recorded_by=by,
        )
        _keep(by, made, documents, who.asked_by, who.agency, kept)
        relief_messages.tell("relief_received", made, thing=made.pk, today=today)
    made.refresh_from_db(fields=["recorded_at"])
    return made, True


def add_documents(*, by: User, request: ReliefRequest, documents: Sequence[Checked], today: dt.date) -> int:
    """Add documents to an undecided request; returns how many. Raises `Refused` where `by` is no party to it, or it is
    decided."""
    with files() as kept, transaction.atomic(), history.because("Documents added to a request"):
        one = lock(request)
        if not access.can_add_documents(by, one):
            raise Refused(gettext("Only whoever asked, the officer, or POST can add documents."))
        check_undecided(one)
        if not documents:
            raise Refused(gettext("Choose a document or take a photo first."), field="documents")
        if one.documents.live().count() + len(documents) > MOST_IN_ALL:
            raise Refused(
                gettext("A request has room for %(most)s documents.") % {"most": MOST_IN_ALL}, field="documents"
            )
        sent_by, agency = _as_whom(by, one, today)
        _keep(by, one, documents, sent_by, agency, kept)
    return len(documents)


def answer(
    *, by: User, request: ReliefRequest, words: str, documents: Sequence[Checked] = (), today: dt.date
) -> ReliefQuestion:
    """Answer what POST asked for in addition; the request waits for POST again. Raises `Refused` where nothing is asked
    any more, or neither words nor a document are given."""
    with files() as kept, transaction.atomic(), history.because("Answered what POST asked for"):
        one = lock(request)
        if not access.can_answer_question(by, one):
            raise Refused(gettext("Only whoever asked for this can answer, or POST for them."))
        check_undecided(one)
        question = one.questions.live().filter(answered_at=None).first()
        if question is None:
            raise Refused(gettext("This was answered meanwhile. POST has it again."))
        if not words.strip() and not documents:
            raise Refused(gettext("Write an answer, or add what POST asked for."), field="words")
        sent_by, agency = _as_whom(by, one, today)
        _keep(by, one, documents, sent_by, agency, kept)
        question.answer, question.answered_by, question.answered_at = words.strip(), by, clock.now()
        question.save(update_fields=["answer", "answered_by", "answered_at"])
    return question


@transaction.atomic
def withdraw(*, by: User, request: ReliefRequest, reason: str = "", today: dt.date) -> ReliefDecision:
    """Take an undecided request back, by the side that asked. Raises `Refused` where it is decided, or not theirs."""
    one = lock(request)
    if not access.can_withdraw_request(by, one):
        raise Refused(gettext("Only whoever asked for this can withdraw it."))
    check_undecided(one)
    with history.because("Request withdrawn by whoever asked"):
        return ReliefDecision.objects.create(
            request=one, decision="withdrawn", decided_on=today, decided_by=by.name, reason=reason.strip(),
            recorded_by=by,
        )  # fmt: skip


def lock(request: ReliefRequest) -> ReliefRequest:
    """The request, locked until the end of the transaction, with its officer and period."""
    return locked(ReliefRequest.objects.select_related("officer", "period", "agency").filter(pk=request.pk)).get()


def latest_of(request: ReliefRequest) -> ReliefDecision | None:
    """The decision that holds."""
    return request.decisions.live().select_related("recorded_by").order_by("recorded_at", "pk").last()


def check_undecided(request: ReliefRequest) -> None:
    """Refuse where the request is decided, saying by whom and when."""
    if request.voided_at:
        raise Refused(gettext("This request was taken off the record."))
    if latest := latest_of(request):
        raise Refused(decided_words(latest))


def decided_words(decision: ReliefDecision) -> str:
    """That somebody decided: "This was granted meanwhile by Petra Post, POST staff, on March 2, 2026."."""
    told = {
        "what": gettext(decision.get_decision_display()).lower(),
        "by": decision.decided_by,
        "day": full_date(decision.decided_on),
    }
    if decision.decided_by:
        return gettext("This was %(what)s meanwhile by %(by)s, on %(day)s. Look at it before you go on.") % told
    return gettext("This was %(what)s meanwhile, on %(day)s. Look at it before you go on.") % told


def _check_leave(period: ReportingPeriod, show_by: dt.date, first: dt.date, last: dt.date | None, today: dt.date):
    """Refuse days that do not fit; `show_by` is the last day to show the hours, an extension in force included."""
    if last and last < first:
        raise Refused(gettext("The leave ends before it begins. Check both days."), field="leave_to")
    if first > show_by:
        raise Refused(
            gettext("This leave begins after %(day)s, the last day to show the hours of %(year)s.")
            % {"day": full_date(show_by), "year": period.year},
            field="leave_from",
        )
    if last and last < period.starts_on:
        raise Refused(
            gettext("This leave was over before %(year)s began. Choose the period it lies in.") % {"year": period.year},
            field="leave_to",
        )
    if first > today + AHEAD or (last and last > today + AHEAD):
        raise Refused(gettext("That is years ahead. Check the year."), field="leave_to" if last else "leave_from")


def _check_none_open(officer: Officer, period: ReportingPeriod, kind: str) -> None:
    alike = relief.known(relief.as_of_all()).filter(officer=officer, period=period, kind=kind, latest=None)
    if there := alike.first():
        raise Refused(
            gettext("%(reference)s asks for the same and is not decided yet. Add to it instead of asking again.")
            % {"reference": there.reference},
            field="kind",
        )


def _as_whom(by: User, request: ReliefRequest, today: dt.date) -> tuple[str, Agency | None]:
    """Whose a document is that `by` sends for a request that is there."""
    if request.asked_by == AskedBy.AGENCY and access.asks_for(by, request.agency):
        return ReliefDocument.SentBy.AGENCY, request.agency
    if request.officer in access.own_licenses(by):
        return ReliefDocument.SentBy.OFFICER, None
    return ReliefDocument.SentBy.POST, None


def _keep(by: User, request, documents: Sequence[Checked], sent_by: str, agency, kept: list[FieldFile]) -> None:
    for one in documents:
        keep(ReliefDocument, one, kept, request=request, sent_by=sent_by, agency=agency, recorded_by=by)
