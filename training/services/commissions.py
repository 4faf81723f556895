"""The roster of commissions: begun, corrected, ended, claimed by two agencies, confirmed once a year.

Source: RSMo 590.020 (commissions), 590.070 and 11 CSR 75-13.100 (what POST is told, within 30 days).
"""

import datetime as dt

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access, claims, licensing
from training.models import Agency, Commission, CommissionQuestion, Officer, RosterConfirmation
from training.services import news

Answer = CommissionQuestion.Answer
# A last day further ahead than this is a slip of the year.
AHEAD = dt.timedelta(days=366)
NOT_YOURS = "Only the agency’s CEO, a delegate, or POST can change its roster."


@transaction.atomic
def add(
    *,
    by: User | None,
    agency: Agency,
    officer: Officer,
    started_on: dt.date,
    rank: str = "",
    is_reserve: bool = False,
    today: dt.date,
) -> tuple[Commission, bool]:
    """Commission `officer` at `agency` from `started_on`; POST is told today. Returns it, and whether it is new.

    The same again is no second commission. Raises `Refused` where the license may not hold a commission on the day or
    today, the agency is closed, or a commission here lies in these days.
    """
    officer = _locked(officer)
    # Whoever closes the agency at the same moment waits, or is seen to have closed it.
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_keep_roster(by, agency):
        raise Refused(NOT_YOURS)
    rank = _line(rank)
    if same := Commission.objects.filter(officer=officer, agency=agency, started_on=started_on, ended_on=None).first():
        return same, False
    if started_on > today:
        raise Refused(
            f"{_in_words(started_on)} is in the future. Add the officer once the commission has begun.",
            field="started_on",
        )
    if agency.closed_on and agency.closed_on < today:
        raise Refused(f"{agency} was closed on {_in_words(agency.closed_on)}.")
    _check_license(officer, started_on, today)
    _check_free(officer, agency, started_on, None, apart_from=None)
    with history.because("Commission begun: told by the agency"):
        made = Commission.objects.create(
            officer=officer,
            agency=agency,
            started_on=started_on,
            rank=rank,
            is_reserve=is_reserve,
            started_reported_on=today,
        )
    return made, True


@transaction.atomic
def end(*, by: User | None, commission: Commission, ended_on: dt.date, reason: str, today: dt.date) -> Commission:
    """End a commission with its last day and the reason; POST is told today. Nothing is deleted, and credit stays.

    Open questions of other agencies about it are answered by it. The last day may lie ahead. Raises `Refused`.
    """
    held = _locked_commission(commission, by)
    reason = _line(reason)
    if held.ended_on == ended_on and held.end_reason == reason:
        return held
    if held.ended_on:
        raise Refused(f"This commission ended on {_in_words(held.ended_on)} already. Correct it if that day is wrong.")
    if not reason:
        raise Refused("Say why the commission ended.", field="end_reason")
    _check_order(held.started_on, ended_on, today)
    with history.because(f"Commission ended: {reason}"):
        Commission.objects.filter(pk=held.pk).update(ended_on=ended_on, ended_reported_on=today, end_reason=reason)
        _close(CommissionQuestion.objects.filter(commission=held), Answer.LEFT, by)
        # What this agency asked others of the officer has lost its point: they keep them.
        asked = CommissionQuestion.objects.filter(asked_by_agency=held.agency_id, commission__officer=held.officer_id)
        asked.filter(answered_at=None).update(answer=Answer.STILL_HERE, answered_at=Now(), answered_by=by)
    held.refresh_from_db()
    return held


@transaction.atomic
def transfer(
    *,
    by: User | None,
    commission: Commission,
    to: Agency,
    ended_on: dt.date,
    started_on: dt.date,
    rank: str = "",
    is_reserve: bool = False,
    source: str,
    today: dt.date,
) -> Commission:
    """End a commission and begin the next at the agency `to`, in one act of POST. Returns the new one.

    The same sent twice is one transfer. Raises `Refused`, and then neither has happened.
    """
    if not access.can_keep_register(by):
        raise Refused("Only POST transfers officers; an agency begins and ends its own commissions.")
    if started_on <= ended_on:
        raise Refused(
            f"The last day at the old agency is {_in_words(ended_on)}. The first at the new one comes after it; an "
            "officer who holds both has two commissions and needs no transfer.",
            field="started_on",
        )
    end(by=by, commission=commission, ended_on=ended_on, reason=f"Transferred to {to}: {source}"[:200], today=today)
    made, _ = add(
        by=by,
        agency=to,
        officer=commission.officer,
        started_on=started_on,
        rank=rank,
        is_reserve=is_reserve,
        today=today,
    )
    return made


@transaction.atomic
def correct(
    *,
    by: User | None,
    commission: Commission,
    started_on: dt.date,
    ended_on: dt.date | None,
    end_reason: str,
    rank: str,
    is_reserve: bool,
    reason: str,
    today: dt.date,
    seen: str | None = None,
) -> Commission:
    """Correct what was told of a commission; the history keeps what it said before, and why. An end may be taken back.

    A notice given before stays given on its day. `seen` is the mark of the page (`clee_portal.history.seen`). Raises
    `Refused`.
    """
    held = _locked_commission(commission, by)
    reason, rank, end_reason = _line(reason), _line(rank), _line(end_reason)
    if not reason:
        raise Refused("Say why it is corrected.", field="reason")
    given = {"started_on": started_on, "ended_on": ended_on, "end_reason": end_reason if ended_on else ""}
    given |= {"rank": rank, "is_reserve": is_reserve}
    pages.check(seen=seen, now=stands(held), given=given, rows=[held])
    if started_on > today:
        raise Refused(f"{_in_words(started_on)} is in the future.", field="started_on")
    if held.ended_on is None and ended_on is not None:
        raise Refused("This commission lasts. End it on its own page.", field="ended_on")
    if ended_on:
        _check_order(started_on, ended_on, today)
        if not end_reason:
            raise Refused("Say why the commission ended.", field="end_reason")
    if started_on < held.started_on or (held.ended_on and ended_on != held.ended_on):
        _check_license(held.officer, started_on, ended_on or today)
    _check_free(held.officer, held.agency, started_on, ended_on, apart_from=held)
    with history.because(f"Commission corrected: {reason}"):
        Commission.objects.filter(pk=held.pk).update(
            started_on=started_on,
            ended_on=ended_on,
            end_reason=end_reason if ended_on else "",
            ended_reported_on=held.ended_reported_on if ended_on else None,
            rank=rank,
            is_reserve=is_reserve,
        )
    held.refresh_from_db()
    return held


def stands(commission: Commission) -> dict:
    """What `correct` changes, as it stands."""
    return {name: getattr(commission, name) for name in ("started_on", "ended_on", "end_reason", "rank", "is_reserve")}


@transaction.atomic
def ask(
    *, by: User | None, commission: Commission, about: Commission, note: str = "", today: dt.date
) -> tuple[CommissionQuestion, bool]:
    """The agency of `commission` asks the agency of `about` whether the officer both claim is still there.

    Asked already and not answered yet: that question, and False. Raises `Refused` where the two do not clash today.
    """
    mine = _locked_commission(commission, by)
    other = Commission.objects.get(pk=about.pk)
    both = claims.is_in_force(mine, today) and claims.is_in_force(other, today)
    if not both or mine.officer_id != other.officer_id or mine.agency_id == other.agency_id:
        raise Refused("The officer is not commissioned at both agencies today: there is nothing to ask.")
    if open_one := CommissionQuestion.objects.filter(
        commission=other, asked_by_agency=mine.agency_id, answered_at=None
    ).first():
        return open_one, False
    with history.because("Asked whether an officer claimed by two agencies is still there"):
        asked = CommissionQuestion.objects.create(
            commission=other, asked_by_agency_id=mine.agency_id, asked_by=by, note=_line(note)
        )
        news.claim_asked(asked)
    return asked, True


@transaction.atomic
def still_here(*, by: User | None, question: CommissionQuestion, today: dt.date) -> CommissionQuestion:
    """The agency answers that the officer is commissioned there still: both commissions are right, and confirmed."""
    _locked_commission(question.commission, by)
    asked = CommissionQuestion.objects.select_for_update().get(pk=question.pk)
    if asked.answered_at:
        if asked.answer == Answer.STILL_HERE:
            return asked
        raise Refused("This was answered already: the commission was ended.")
    with history.because("Both agencies confirmed the commission"):
        asked.answer, asked.answered_by = Answer.STILL_HERE, by
        asked.answered_at = clock.now()
        asked.save(update_fields=["answer", "answered_by", "answered_at"])
        news.claims_answered([asked])
        Commission.objects.in_force(today).filter(
            officer=asked.commission.officer_id, agency__in=[asked.commission.agency_id, asked.asked_by_agency_id]
        ).update(held_elsewhere_confirmed_on=today)
    return asked


@transaction.atomic
def settle(*, by: User | None, commission: Commission, today: dt.date) -> int:
    """POST settles that every commission an officer holds today is right; returns how many are confirmed now."""
    officer = _locked(commission.officer)
    if not access.can_settle_claims(by):
        raise Refused("Only POST can settle what two agencies claim.")
    held = Commission.objects.in_force(today).filter(officer=officer)
    if held.values("agency").distinct().count() < 2:
        raise Refused("Only one agency claims this officer today: there is nothing to settle.")
    with history.because("POST settled that an officer holds each of these commissions"):
        _close(CommissionQuestion.objects.filter(commission__in=held), Answer.STILL_HERE, by)
        return held.filter(held_elsewhere_confirmed_on=None).update(held_elsewhere_confirmed_on=today)


@transaction.atomic
def confirm(
    *, by: User | None, agency: Agency, year: int, officers: int, today: dt.date
) -> tuple[RosterConfirmation, bool]:
    """The agency confirms its roster for `year`, this one. Confirmed already: that word, and False.

    `officers` is the size of the roster that was read. Raises `Refused` where it is another by now.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_keep_roster(by, agency):
        raise Refused(NOT_YOURS)
    if before := RosterConfirmation.objects.filter(agency=agency, year=year).first():
        return before, False
    if year != today.year:
        raise Refused(f"The roster is confirmed for {today.year}, not for {year}.")
    size = Commission.objects.in_force(today).filter(agency=agency).count()
    if size != officers:
        raise Refused(f"The roster has changed since this page was opened: it has {size} now. Read it again.")
    with history.because("Roster confirmed"):
        return RosterConfirmation.objects.create(agency=agency, year=year, officers=size, confirmed_by=by), True


def _locked(officer: Officer) -> Officer:
    """The officer, locked: whoever changes a commission of theirs at the same moment waits."""
    return Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)


def _locked_commission(commission: Commission, by: User | None) -> Commission:
    _locked(commission.officer)
    held = Commission.objects.select_for_update(of=("self",)).select_related("agency", "officer").get(pk=commission.pk)
    if not access.can_keep_roster(by, held.agency):
        raise Refused(NOT_YOURS)
    return held


def _close(questions, answer: str, by: User | None) -> None:
    """Answer the open ones of `questions`, and tell the agencies that asked."""
    open_ones = list(questions.filter(answered_at=None))
    if open_ones:
        ids = [one.pk for one in open_ones]
        CommissionQuestion.objects.filter(pk__in=ids).update(answer=answer, answered_at=Now(), answered_by=by)
        news.claims_answered(open_ones)


def _check_license(officer: Officer, *days: dt.date) -> None:
    """Refuse where the license may not hold a commission on one of the days (RSMo 590.020, 11 CSR 75-15.080)."""
    events = licensing.events_of(officer, clock.END_OF_TIME)
    for day in days:
        state = licensing.state_on(events, day)
        if state.may_hold_commission:
            continue
        if state.since is None:
            first = next((one.occurred_on for one in events if one.kind == licensing.Kind.ISSUED), None)
            why = f"was issued on {_in_words(first)}" if first else "is not in POST’s register"
        else:
            why = f"is {state.status} since {_in_words(state.since)}"
        raise Refused(
            f"The license of {officer} {why}: it may hold no commission on {_in_words(day)}. Check the number and the "
            "day, or call POST.",
            field="started_on",
        )


def _check_order(started_on: dt.date, ended_on: dt.date, today: dt.date) -> None:
    if ended_on > today + AHEAD:
        raise Refused(
            f"{_in_words(ended_on)} is more than a year ahead. Check the year of the last day.", field="ended_on"
        )
    if ended_on < started_on:
        raise Refused(
            f"The commission began on {_in_words(started_on)}. The last day cannot lie before.", field="ended_on"
        )


def _check_free(
    officer: Officer, agency: Agency, started_on: dt.date, ended_on: dt.date | None, apart_from: Commission | None
) -> None:
    others = Commission.objects.filter(officer=officer, agency=agency, set_aside_by=None)
    if apart_from is not None:
        others = others.exclude(pk=apart_from.pk)
    for one in others:
        if (ended_on is None or one.started_on <= ended_on) and (one.ended_on is None or one.ended_on >= started_on):
            until = f" to {_in_words(one.ended_on)}" if one.ended_on else ""
            raise Refused(
                f"{officer} is commissioned here from {_in_words(one.started_on)}{until} already. The days overlap.",
                field="started_on",
            )


def _line(text: str) -> str:
    return " ".join(text.split())


def _in_words(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
