"""Deciding requests for relief: granted until a day, denied, more asked for, prolonged, taken back.

POST staff and the Director or a designated agent decide (rulebook 5, 7). Of two who decide at the same moment the
second is told. `seen` is the number of the decision that held on the page, 0 where there was none.
"""

import datetime as dt

from django.db import transaction

from clee_portal import history
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from compliance import access
from compliance.models import ReliefDecision, ReliefGround, ReliefQuestion, ReliefRequest
from compliance.services import relief_messages
from compliance.services.relief import decided_words, latest_of, lock
from compliance.wording import full_date

Decision = ReliefDecision.Decision
# No extension goes further beyond its period: a slip of the year.
MOST_YEARS = 5


@transaction.atomic
def grant(
    *, by: User, request: ReliefRequest, due_on: dt.date | None, reason: str, seen: int, today: dt.date
) -> ReliefDecision:
    """Grant a request: an extension until `due_on` (inclusive), later than March 15 (rulebook 11, 11), a waiver without
    a day. Once granted, a later day prolongs it; a denied one may be granted after all. Raises `Refused`."""
    one, latest = _to_decide(by, request, seen)
    if latest and latest.decision in (Decision.WITHDRAWN, Decision.ENDED):
        raise Refused("This request is over. A new one has to be asked for; POST can write it down.")
    if latest and latest.decision == Decision.GRANTED and one.kind == ReliefRequest.Kind.WAIVER:
        raise Refused("This waiver is granted already.")
    if one.kind == ReliefRequest.Kind.WAIVER:
        due_on = None
    else:
        _check_due(one, latest, due_on, today)
    words = "Relief prolonged" if latest and latest.decision == Decision.GRANTED else "Relief granted"
    return _decide(by, one, Decision.GRANTED, reason, today, words, due_on=due_on)


@transaction.atomic
def deny(*, by: User, request: ReliefRequest, reason: str, seen: int, today: dt.date) -> ReliefDecision:
    """Deny an undecided request; the standing is the same day what it is without it (rulebook 11, 12). Raises
    `Refused`, also without a reason."""
    one, latest = _to_decide(by, request, seen)
    if latest:
        raise Refused(decided_words(latest))
    _check_reason(reason, "Say why the request is denied. Whoever asked reads it.")
    return _decide(by, one, Decision.DENIED, reason, today, "Relief denied")


@transaction.atomic
def end(*, by: User, request: ReliefRequest, reason: str, seen: int, today: dt.date) -> ReliefDecision:
    """Take granted relief back, from today on. Raises `Refused` where none is granted, or without a reason."""
    one, latest = _to_decide(by, request, seen)
    if latest is None or latest.decision != Decision.GRANTED:
        raise Refused("Only what was granted can be taken back.")
    _check_reason(reason, "Say why it is taken back. Whoever asked reads it.")
    return _decide(by, one, Decision.ENDED, reason, today, "Relief taken back")


@transaction.atomic
def ask_more(*, by: User, request: ReliefRequest, words: str, seen: int, today: dt.date) -> ReliefQuestion:
    """Ask for more before deciding; the request stays undecided, and whoever asked is told. Raises `Refused`."""
    one, latest = _to_decide(by, request, seen)
    if latest:
        raise Refused(decided_words(latest))
    if there := one.questions.live().filter(answered_at=None).select_related("recorded_by").first():
        raise Refused(f"{there.recorded_by} asked for more already, and it is not answered yet.")
    _check_reason(words, "Say what is to be sent or told.", field="words")
    with history.because("POST asked for more"):
        made = ReliefQuestion.objects.create(request=one, words=words.strip(), recorded_by=by)
    relief_messages.tell("relief_more_asked", one, thing=made.pk, today=today)
    return made


def _to_decide(by: User, request: ReliefRequest, seen: int) -> tuple[ReliefRequest, ReliefDecision | None]:
    """The locked request and the decision that holds. Raises `Refused` where another holds than the page showed."""
    one = lock(request)
    if not access.can_decide_relief(by):
        raise Refused("Only POST, the Director or a designated agent decides requests.")
    if one.voided_at:
        raise Refused("This request was taken off the record.")
    latest = latest_of(one)
    if latest and latest.pk != seen:
        raise Refused(decided_words(latest))
    return one, latest


def _check_due(one: ReliefRequest, latest: ReliefDecision | None, due_on: dt.date | None, today: dt.date) -> None:
    period = one.period
    if due_on is None:
        raise Refused("Give the last day to show the hours.", field="due_on")
    if due_on <= period.show_by:
        raise Refused(
            f"Everybody has until {full_date(period.show_by)}. An extension ends later than that.", field="due_on"
        )
    if due_on < today:
        raise Refused("That day is past. An extension ends today or later.", field="due_on")
    if one.leave_from and due_on < one.leave_from:
        raise Refused(
            f"That is before the leave begins, on {full_date(one.leave_from)}. Give a later day.", field="due_on"
        )
    if due_on.year > period.year + MOST_YEARS:
        raise Refused("That is years ahead. Check the year.", field="due_on")
    held = latest if latest and latest.decision == Decision.GRANTED else None
    if held and held.due_on and due_on <= held.due_on:
        raise Refused(
            f"It lasts until {full_date(held.due_on)} already. Give a later day, or take the extension back.",
            field="due_on",
        )


def _check_reason(reason: str, told: str, *, field: str = "reason") -> None:
    if not reason.strip():
        raise Refused(told, field=field)


def _decide(by, one, decision: str, reason: str, today: dt.date, words: str, *, due_on=None) -> ReliefDecision:
    with history.because(words):
        made = ReliefDecision.objects.create(
            request=one,
            decision=decision,
            decided_on=today,
            due_on=due_on,
            decided_by=name_and_role(decider=by),
            reason=reason.strip(),
            recorded_by=by,
        )
        read = access.documents_open_to(by, one)
        ReliefGround.objects.bulk_create(ReliefGround(decision=made, document=document) for document in read)
    relief_messages.tell(f"relief_{decision}", one, thing=made.pk, today=today)
    return made


def name_and_role(*, decider: User) -> str:
    """Who decides, as it is kept beside the account: "Petra Post, POST staff"."""
    first = next(role for role in StateRole.Role if role in decider.state_role_names)
    return f"{decider}, {first.label}"[:150]
