"""The roster of commissions: begun, ended, corrected, asked about, confirmed; what POST is told, and when."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from clee_portal import clock
from clee_portal.refusal import Refused
from training import claims, notices
from training import roster as rosters
from training.models import Commission, CommissionQuestion, RosterConfirmation
from training.services import commissions
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def other():
    return make.agency("benton", "Benton Police")


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


@pytest.fixture
def newcomer(other):
    return make.officer(other, name="Alma Vance", license_number="51234")


def add(by, agency, officer, **more):
    more = {"started_on": dt.date(2026, 11, 3), "rank": "Deputy", "today": TODAY, **more}
    return commissions.add(by=by, agency=agency, officer=officer, **more)


def why(commission) -> list[str]:
    """The reasons in the history of a commission."""
    events = commission.events.order_by("pgh_id")
    return [(one.pgh_context or {}).get("reason", "") for one in events]


def test_commission_is_added_and_told_today(agency, chief, newcomer):
    made, is_new = add(chief, agency, newcomer, is_reserve=True)
    made.refresh_from_db()
    assert is_new
    assert (made.started_on, made.ended_on, made.rank, made.is_reserve) == (dt.date(2026, 11, 3), None, "Deputy", True)
    assert notices.of(made) == [notices.Notice("began", dt.date(2026, 11, 3), TODAY)]
    assert why(made) == ["Commission begun: told by the agency"]
    assert add(chief, agency, newcomer) == (made, False)


@pytest.mark.parametrize(("days", "late"), [(0, False), (30, False), (31, True)])
def test_notice_is_late_after_thirty_days(agency, chief, newcomer, days, late):
    made, _ = add(chief, agency, newcomer, started_on=TODAY - dt.timedelta(days=days))
    made.refresh_from_db()
    [notice] = notices.of(made)
    assert (notice.days, notice.is_late) == (days, late)
    assert Commission.objects.filter(notices.late()).exists() is late
    assert notices.due_on(made.started_on) == made.started_on + dt.timedelta(days=30)


@pytest.mark.parametrize(("days", "late"), [(-10, False), (30, False), (31, True)])
def test_notice_of_an_end_is_late_after_thirty_days(agency, chief, three, days, late):
    held = three[0].commissions.get()
    day = TODAY - dt.timedelta(days=days)
    held = commissions.end(by=chief, commission=held, ended_on=day, reason="Retired", today=TODAY)
    [notice] = notices.of(held)
    assert (notice.what, notice.days, notice.is_late) == ("ended", max(days, 0), late)
    assert Commission.objects.filter(notices.late()).exists() is late


def test_register_gives_no_notice(three):
    assert notices.of(three[0].commissions.get()) == []
    assert not Commission.objects.filter(notices.late() | notices.told()).exists()


@pytest.mark.parametrize(
    ("kind", "word"),
    [("made_inactive", "inactive"), ("suspended", "suspended"), ("revoked", "revoked"), ("expired", "expired")],
)
def test_license_not_in_force_holds_no_commission(agency, chief, newcomer, kind, word):
    make.license_event(newcomer, kind, dt.date(2026, 5, 4))
    with pytest.raises(Refused, match=f"{word} since May 4, 2026") as refused:
        add(chief, agency, newcomer)
    assert refused.value.field == "started_on"
    assert not Commission.objects.filter(agency=agency).exists()


def test_license_issued_later_or_never_holds_no_commission(agency, chief):
    late = make.officer(issued_on=dt.date(2026, 11, 10))
    with pytest.raises(Refused, match="was issued on November 10, 2026"):
        add(chief, agency, late)
    assert add(chief, agency, late, started_on=dt.date(2026, 11, 10))[1]
    with pytest.raises(Refused, match="is not in POST’s register"):
        add(chief, agency, make.officer(issued_on=None))


def test_commission_is_refused_in_the_future_and_where_days_overlap(agency, chief, three, newcomer):
    with pytest.raises(Refused, match="in the future"):
        add(chief, agency, newcomer, started_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(Refused, match="commissioned here from March 2, 2015 already"):
        add(chief, agency, three[0])
    held = three[0].commissions.get()
    commissions.end(by=chief, commission=held, ended_on=dt.date(2026, 11, 3), reason="Moved", today=TODAY)
    with pytest.raises(Refused, match="to November 3, 2026 already"):
        add(chief, agency, three[0])
    assert add(chief, agency, three[0], started_on=dt.date(2026, 11, 4))[1]
    closed = make.agency(closed_on=dt.date(2026, 1, 1))
    with pytest.raises(Refused, match="was closed"):
        add(None, closed, newcomer)


def test_roster_is_kept_by_its_own_people_and_post(agency, other, three, newcomer):
    held = three[0].commissions.get()
    for by in (make.ceo(other), make.director(), make.officer_account(three[1]), make.user()):
        for act in (
            lambda by=by: add(by, agency, newcomer),
            lambda by=by: commissions.end(by=by, commission=held, ended_on=TODAY, reason="Left", today=TODAY),
            lambda by=by: commissions.confirm(by=by, agency=agency, year=2026, officers=3, today=TODAY),
        ):
            with pytest.raises(Refused, match="Only the agency"):
                act()
    for by in (make.delegate(agency), make.post_staff()):
        officer = make.officer()
        assert add(by, agency, officer)[1]


def test_end_keeps_the_commission_its_reason_and_the_credit(agency, chief, three):
    officer, held = three[0], three[0].commissions.get()
    given = make.record(officer, dt.date(2026, 11, 10), course=make.course(agency))
    told = {"ended_on": dt.date(2026, 10, 31), "reason": "Resigned  to move", "today": TODAY}
    ended = commissions.end(by=chief, commission=held, **told)
    assert (ended.ended_on, ended.ended_reported_on, ended.end_reason) == (told["ended_on"], TODAY, "Resigned to move")
    assert commissions.end(by=chief, commission=held, **told) == ended
    assert why(held)[-1] == "Commission ended: Resigned to move"
    assert held.events.count() == 2
    given.refresh_from_db()
    assert given.voided_at is None
    with pytest.raises(Refused, match="ended on October 31, 2026 already"):
        commissions.end(by=chief, commission=held, ended_on=TODAY, reason="Left", today=TODAY)


def test_end_needs_a_reason_and_a_day_not_before_the_first_nor_years_ahead(agency, chief, three):
    held = three[0].commissions.get()
    for day, reason, field in (
        (TODAY, " ", "end_reason"),
        (dt.date(2015, 3, 1), "Left", "ended_on"),
        (TODAY + commissions.AHEAD + dt.timedelta(days=1), "Left", "ended_on"),
        (dt.date.max, "Left", "ended_on"),
    ):
        with pytest.raises(Refused) as refused:
            commissions.end(by=chief, commission=held, ended_on=day, reason=reason, today=TODAY)
        assert refused.value.field == field
    held.refresh_from_db()
    assert held.ended_on is None


def correct(by, held, **more):
    values = {name: getattr(held, name) for name in ("started_on", "ended_on", "end_reason", "rank", "is_reserve")}
    return commissions.correct(by=by, commission=held, **{**values, "reason": "A slip", "today": TODAY, **more})


def test_correction_keeps_what_was_told_before_in_the_history(agency, chief, newcomer):
    held, _ = add(chief, agency, newcomer)
    held = correct(chief, held, started_on=dt.date(2026, 10, 1), rank="Sergeant")
    assert (held.started_on, held.rank, held.started_reported_on) == (dt.date(2026, 10, 1), "Sergeant", TODAY)
    assert [one.started_on for one in held.events.order_by("pgh_id")] == [dt.date(2026, 11, 3), dt.date(2026, 10, 1)]
    assert why(held)[-1] == "Commission corrected: A slip"


def test_end_is_taken_back_with_a_reason(agency, chief, three):
    held = three[0].commissions.get()
    held = commissions.end(by=chief, commission=held, ended_on=TODAY, reason="Left", today=TODAY)
    with pytest.raises(Refused, match="Say why it is corrected"):
        correct(chief, held, ended_on=None, reason="")
    held = correct(chief, held, ended_on=None)
    assert (held.ended_on, held.end_reason, held.ended_reported_on) == (None, "", None)
    with pytest.raises(Refused, match="End it on its own page"):
        correct(chief, held, ended_on=TODAY, end_reason="Left")


def test_correction_is_refused_where_days_overlap_or_the_license_fails(agency, chief, three):
    officer, held = three[0], three[0].commissions.get()
    held = commissions.end(by=chief, commission=held, ended_on=dt.date(2026, 6, 30), reason="Left", today=TODAY)
    again, _ = add(chief, agency, officer)
    with pytest.raises(Refused, match="The days overlap"):
        correct(chief, held, ended_on=None)
    with pytest.raises(Refused, match="The days overlap"):
        correct(chief, again, started_on=dt.date(2026, 6, 30))
    with pytest.raises(Refused, match="was issued on March 2, 2015"):
        correct(chief, held, started_on=dt.date(2015, 3, 1))
    with pytest.raises(Refused, match="Say why the commission ended"):
        correct(chief, held, end_reason=" ")


def test_classes_outside_the_new_dates_are_named(agency, chief, three):
    officer, held = three[0], three[0].commissions.get()
    course = make.course(agency)
    days = [dt.date(2026, 3, 2), dt.date(2026, 6, 30), dt.date(2026, 7, 1)]
    records = [make.record(officer, day, course=course) for day in days]
    make.record(officer, dt.date(2026, 8, 1), course=make.course(make.agency()))
    assert rosters.classes_outside(held, held.started_on, dt.date(2026, 6, 30)) == records[2:]
    assert rosters.classes_outside(held, dt.date(2026, 6, 30), None) == records[:1]
    assert rosters.classes_outside(held, held.started_on, None) == []


@pytest.fixture
def claimed(agency, chief, newcomer):
    """Both agencies commission the newcomer: the commission here, and the one of the other agency."""
    return add(chief, agency, newcomer)[0], newcomer.commissions.exclude(agency=agency).get()


def ask(by, claimed, **more):
    return commissions.ask(by=by, commission=claimed[0], about=claimed[1], today=TODAY, **more)


def test_officer_two_agencies_claim_is_seen_by_both(agency, other, claimed):
    assert set(claims.claimed_twice(TODAY)) == set(claimed)
    shown = claims.elsewhere(claimed, TODAY)
    assert {pk: [one.agency for one in rows] for pk, rows in shown.items()} == {
        claimed[0].pk: [other],
        claimed[1].pk: [agency],
    }


def test_question_is_asked_once_and_answered_still_here(agency, other, chief, claimed):
    asked, is_new = ask(chief, claimed, note="She  starts full time")
    assert (is_new, asked.note, asked.asked_by) == (True, "She starts full time", chief)
    assert ask(chief, claimed) == (asked, False)
    assert list(claims.questions_to(other)) == [asked]
    theirs = make.delegate(other)
    commissions.still_here(by=theirs, question=asked, today=TODAY)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("still_here", theirs)
    assert set(Commission.objects.filter(held_elsewhere_confirmed_on=TODAY)) == set(claimed)
    assert not claims.claimed_twice(TODAY).exists()
    assert commissions.still_here(by=theirs, question=asked, today=TODAY) == asked
    assert why(claimed[0])[-1] == "Both agencies confirmed the commission"


def test_question_is_answered_by_ending_the_commission(other, chief, claimed):
    asked, _ = ask(chief, claimed)
    theirs = make.ceo(other)
    commissions.end(by=theirs, commission=claimed[1], ended_on=dt.date(2026, 11, 2), reason="Left", today=TODAY)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("left", theirs)
    assert not claims.claimed_twice(TODAY).exists()
    with pytest.raises(Refused, match="answered already"):
        commissions.still_here(by=theirs, question=asked, today=TODAY)


def test_question_falls_away_with_the_commission_of_who_asked(agency, chief, claimed):
    asked, _ = ask(chief, claimed)
    commissions.end(by=chief, commission=claimed[0], ended_on=TODAY, reason="Did not start", today=TODAY)
    asked.refresh_from_db()
    assert asked.answer == "still_here"


def test_only_the_agency_asked_or_post_answers(agency, other, chief, claimed):
    asked, _ = ask(chief, claimed)
    for by in (chief, make.director(), make.user()):
        with pytest.raises(Refused, match="Only the agency"):
            commissions.still_here(by=by, question=asked, today=TODAY)
    commissions.still_here(by=make.post_staff(), question=asked, today=TODAY)


def test_nothing_is_asked_where_nothing_clashes(agency, chief, three, claimed):
    for about in (three[0].commissions.get(), claimed[0]):
        with pytest.raises(Refused, match="nothing to ask"):
            commissions.ask(by=chief, commission=claimed[0], about=about, today=TODAY)
    assert not CommissionQuestion.objects.exists()


def test_post_settles_and_nobody_else(agency, chief, claimed):
    asked, _ = ask(chief, claimed)
    for by in (chief, make.director()):
        with pytest.raises(Refused, match="Only POST"):
            commissions.settle(by=by, commission=claimed[0], today=TODAY)
    post = make.post_staff()
    assert commissions.settle(by=post, commission=claimed[0], today=TODAY) == 2
    assert commissions.settle(by=post, commission=claimed[0], today=TODAY) == 0
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("still_here", post)
    third = add(None, make.agency(), claimed[0].officer)[0]
    assert set(claims.claimed_twice(TODAY)) == {*claimed, third}


def test_nothing_to_settle_for_one_agency(three):
    with pytest.raises(Refused, match="Only one agency"):
        commissions.settle(by=make.post_staff(), commission=three[0].commissions.get(), today=TODAY)


def test_roster_is_confirmed_once_a_year(agency, chief, three):
    told = {"by": chief, "agency": agency, "today": TODAY}
    with pytest.raises(Refused, match="it has 3 now"):
        commissions.confirm(year=2026, officers=4, **told)
    with pytest.raises(Refused, match="for 2026, not for 2025"):
        commissions.confirm(year=2025, officers=3, **told)
    assert not RosterConfirmation.objects.exists()
    assert agency in rosters.unconfirmed(2026, TODAY)
    word, is_new = commissions.confirm(year=2026, officers=3, **told)
    assert (is_new, word.officers, word.confirmed_by) == (True, 3, chief)
    assert commissions.confirm(year=2026, officers=3, **told) == (word, False)
    assert agency not in rosters.unconfirmed(2026, TODAY)
    assert agency in rosters.unconfirmed(2027, TODAY)


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_officer_at_once_make_one_commission():
    agency, officer, today = make.agency(), make.officer(), clock.today()
    by = [make.ceo(agency), make.delegate(agency)]
    start, told = threading.Barrier(2), []

    def work(user):
        start.wait()
        told.append(add(user, agency, officer, started_on=today, today=today)[1])
        connection.close()

    workers = [threading.Thread(target=work, args=[user]) for user in by]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) == [False, True]
    with transaction.atomic():
        assert Commission.objects.filter(agency=agency, officer=officer).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_the_roster_at_once_give_one_word():
    agency, today = make.agency(), clock.today()
    make.officer(agency)
    start, told = threading.Barrier(2), []

    def work(user):
        start.wait()
        told.append(commissions.confirm(by=user, agency=agency, year=today.year, officers=1, today=today)[1])
        connection.close()

    workers = [threading.Thread(target=work, args=[user]) for user in (make.ceo(agency), make.delegate(agency))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(told) == [False, True]
    assert RosterConfirmation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_answer_and_end_at_once_give_one_answer():
    """Whoever of the agency comes second is told, or finds the same answer: never both."""
    agency, other, today = make.agency(), make.agency(), clock.today()
    officer = make.officer(other)
    mine, theirs = make.commission(officer, agency), officer.commissions.get(agency=other)
    asked, _ = commissions.ask(by=None, commission=mine, about=theirs, today=today)
    start, told = threading.Barrier(2), []

    def still_here(user):
        start.wait()
        try:
            commissions.still_here(by=user, question=asked, today=today)
            told.append("still_here")
        except Refused:
            told.append("refused")
        connection.close()

    def leave(user):
        start.wait()
        commissions.end(by=user, commission=theirs, ended_on=today, reason="Left", today=today)
        told.append("left")
        connection.close()

    workers = [threading.Thread(target=work, args=[make.delegate(other)]) for work in (still_here, leave)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    asked.refresh_from_db()
    theirs.refresh_from_db()
    assert theirs.ended_on == today
    assert asked.answer == ("left" if "refused" in told else "still_here")
