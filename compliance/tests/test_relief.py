"""Extensions and waivers: asked for, answered, decided, taken back; the verdict follows at once, everybody is told."""

import datetime as dt
import threading
import uuid

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.utils import timezone

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import relief, relief_effects, seed, standings
from compliance.document_storage import PrivateStorage
from compliance.models import ReliefDecision, ReliefDocument, ReliefRequest, ReportingPeriod
from compliance.services import relief as asking
from compliance.services import relief_decisions as deciding
from compliance.tests.people import complete
from compliance.tests.relief_people import ask, paper
from notifications.models import Message
from training.models import Membership
from training.tests import factories

pytestmark = pytest.mark.django_db
YEAR = 2030
# Past March 15: without a request the officer would be on the list.
DAY = dt.date(2031, 4, 20)


@pytest.fixture(autouse=True)
def april(monkeypatch, tmp_path):
    field = ReliefDocument._meta.get_field("file")
    monkeypatch.setattr(field, "storage", PrivateStorage(location=tmp_path))
    # The database stamps facts with the real time, so the day looked at lies after it.
    with time_machine.travel(dt.datetime.combine(DAY, dt.time(9), clock.CHICAGO), tick=True):
        seed.load()
        yield


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    one = factories.officer(agency, name="Renee Abbott")
    complete(one, agency, YEAR, legal=1)
    return one


@pytest.fixture
def account(officer):
    return factories.officer_account(officer, "renee@example.org")


@pytest.fixture
def ceo(agency):
    return factories.ceo(agency, "chief@example.org")


@pytest.fixture
def post():
    return factories.post_staff("petra@example.org", "Petra Post")


def standing(officer, year: int = YEAR) -> str:
    period = ReportingPeriod.objects.get(year=year)
    return standings.of_officer(standings.question(period, clock.end_of_day(clock.today())), officer).standing


def put() -> set[tuple[str, str]]:
    return set(Message.objects.values_list("occasion", "address"))


def grant(by, request, due_on=dt.date(2031, 12, 31), seen=0, reason=""):
    return deciding.grant(by=by, request=request, due_on=due_on, reason=reason, seen=seen, today=clock.today())


# Asking ---------------------------------------------------------------------------------------------------------------


def test_an_undecided_request_takes_the_officer_off_the_list(officer, account, ceo):
    assert standing(officer) == "candidate"
    made = ask(account, officer, words="Deployed", documents=[paper()])
    assert standing(officer) == "extension_pending"
    assert (made.asked_by, made.agency, made.recorded_by, made.is_open) == ("officer", None, account, True)
    assert put() == {("relief_received", "renee@example.org"), ("relief_received", "chief@example.org")}
    event = apps.get_model("compliance", "ReliefRequestEvent").objects.get()
    assert event.pgh_context["reason"] == "Extension or waiver asked for"


def test_the_agency_asks_and_the_officer_is_told(officer, account, ceo, agency):
    made = ask(ceo, officer)
    assert (made.asked_by, made.agency) == ("agency", agency)
    assert ("relief_received", "renee@example.org") in put()


def test_post_writes_down_who_called(officer, post):
    with pytest.raises(Refused, match="Say who asked"):
        ask(post, officer)
    made = ask(post, officer, caller=" The officer,  by phone ")
    assert (made.asked_by, made.caller) == ("post", "The officer, by phone")


@pytest.mark.parametrize("who", ["delegate elsewhere", "colleague", "director"])
def test_nobody_else_may_ask(officer, agency, who):
    other = {
        "delegate elsewhere": lambda: factories.delegate(factories.agency()),
        "colleague": lambda: factories.officer_account(factories.officer(agency)),
        "director": factories.director,
    }[who]()
    with pytest.raises(Refused, match="Only the officer"):
        ask(other, officer)
    assert ReliefRequest.objects.count() == 0


def test_the_same_form_sent_twice_is_one_request(officer, account):
    key = uuid.uuid4()
    assert ask(account, officer, submission_key=key) == ask(account, officer, submission_key=key)
    assert ReliefRequest.objects.count() == 1


def test_one_open_request_of_a_kind(officer, account, ceo):
    first = ask(account, officer)
    with pytest.raises(Refused, match=first.reference):
        ask(ceo, officer)
    assert ask(ceo, officer, kind="waiver").is_open


def test_a_repeated_one_is_marked(officer, account, post):
    first = ask(account, officer)
    deciding.deny(by=post, request=first, reason="No orders", seen=0, today=DAY)
    again = ask(account, officer)
    marked = dict(relief.known(relief.as_of_all()).values_list("pk", "is_repeated"))
    assert marked == {first.pk: False, again.pk: True}


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"leave_from": DAY, "leave_to": DAY - dt.timedelta(days=1)}, "leave_to", "ends before it begins"),
        ({"leave_from": dt.date(2031, 3, 16), "year": 2030}, "leave_from", "begins after March 15, 2031"),
        ({"leave_from": dt.date(2029, 5, 1), "leave_to": dt.date(2029, 12, 31)}, "leave_to", "over before 2030 began"),
        ({"leave_from": dt.date(2030, 5, 1), "leave_to": dt.date(2067, 1, 1)}, "leave_to", "years ahead"),
        ({"year": 2029, "leave_from": dt.date(2029, 5, 1)}, "period", "long closed"),
        ({"year": 2032, "leave_from": dt.date(2031, 5, 1)}, "period", "has not begun"),
    ],
)
def test_days_that_do_not_fit(officer, account, more, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        ask(account, officer, **more)
    assert refusal.value.field == field
    assert (ReliefRequest.objects.count(), Message.objects.count()) == (0, 0)


def test_first_and_last_day_that_fit(officer, account, post):
    made = ask(account, officer, leave_from=dt.date(2031, 3, 15))
    deciding.deny(by=post, request=made, reason="No", seen=0, today=DAY)
    assert ask(account, officer, leave_from=dt.date(2029, 5, 1), leave_to=dt.date(2030, 1, 1)).is_open


@pytest.mark.parametrize(("who", "words"), [("compliant", "All hours of 2030 are shown"), ("exempt", "exempt")])
def test_nothing_to_extend(agency, who, words):
    if who == "exempt":
        one = factories.officer(agency, issued_on=dt.date(2030, 3, 3))
    else:
        one = factories.officer(agency)
        complete(one, agency, YEAR)
    with pytest.raises(Refused, match=words):
        ask(factories.officer_account(one), one, leave_from=dt.date(2030, 6, 1))


# Deciding -------------------------------------------------------------------------------------------------------------


def test_granted_denied_and_taken_back_change_the_standing_at_once(officer, account, ceo, post):
    made = ask(account, officer, documents=[paper()])
    decision = grant(post, made, reason="Orders seen")
    made.refresh_from_db()
    assert (standing(officer), made.is_open) == ("extended", False)
    assert (decision.recorded_by, decision.decided_by) == (post, "Petra Post, POST staff")
    assert [one.name for one in decision.documents.all()] == ["orders.pdf"]
    ended = deciding.end(by=post, request=made, reason="Leave is over", seen=decision.pk, today=DAY)
    assert (standing(officer), ended.decision) == ("candidate", "ended")
    again = ask(account, officer)
    deciding.deny(by=post, request=again, reason="No", seen=0, today=DAY)
    assert standing(officer) == "candidate"
    told = {occasion for occasion, address in put() if address == "chief@example.org"}
    assert told == {"relief_received", "relief_granted", "relief_ended", "relief_denied"}


def test_a_waiver_has_no_last_day(officer, account, post):
    made = ask(account, officer, kind="waiver")
    assert grant(post, made, due_on=dt.date(2031, 12, 31)).due_on is None
    assert standing(officer) == "waived"


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (None, "Give the last day"),
        (dt.date(2031, 3, 15), "Everybody has until March 15, 2031"),
        (dt.date(2031, 4, 19), "past"),
        (dt.date(2037, 1, 1), "years ahead"),
    ],
)
def test_days_an_extension_cannot_end(officer, account, post, due_on, words):
    made = ask(account, officer)
    with pytest.raises(Refused, match=words) as refusal:
        grant(post, made, due_on=due_on)
    assert (refusal.value.field, standing(officer)) == ("due_on", "extension_pending")


def test_the_first_day_an_extension_can_end(officer, account, post):
    with time_machine.travel(dt.datetime(2031, 1, 20, 15, tzinfo=dt.UTC)):
        made = ask(account, officer, leave_from=dt.date(2031, 1, 2), today=dt.date(2031, 1, 20))
        with pytest.raises(Refused, match="Everybody has until"):
            grant(post, made, due_on=dt.date(2031, 3, 15))
        assert grant(post, made, due_on=dt.date(2031, 3, 16)).due_on == dt.date(2031, 3, 16)


def test_not_before_the_leave_begins(officer, account, post):
    made = ask(account, officer, year=2031, leave_from=dt.date(2032, 2, 1))
    with pytest.raises(Refused, match="Everybody has until March 15, 2032"):
        grant(post, made, due_on=dt.date(2032, 2, 1))
    prolonged = ask(account, officer)
    first = grant(post, prolonged, due_on=dt.date(2031, 12, 31))
    later = ask(account, officer, leave_from=dt.date(2031, 10, 1))
    with pytest.raises(Refused, match="before the leave begins, on October 1, 2031"):
        grant(post, later, due_on=dt.date(2031, 9, 30))
    assert grant(post, later, due_on=dt.date(2032, 3, 31)).due_on > first.due_on


def test_prolonged_by_a_later_day_only(officer, account, post):
    made = ask(account, officer)
    first = grant(post, made, due_on=dt.date(2031, 6, 30))
    with pytest.raises(Refused, match="lasts until June 30, 2031 already"):
        grant(post, made, due_on=dt.date(2031, 6, 30), seen=first.pk)
    grant(post, made, due_on=dt.date(2031, 7, 1), seen=first.pk)
    assert [one.due_on for one in relief.decisions_of(made)] == [dt.date(2031, 6, 30), dt.date(2031, 7, 1)]


def test_a_denied_one_may_be_granted_after_all(officer, account, post):
    made = ask(account, officer)
    denied = deciding.deny(by=post, request=made, reason="No orders", seen=0, today=DAY)
    grant(post, made, seen=denied.pk)
    assert standing(officer) == "extended"


def test_the_second_who_decides_is_told(officer, account, post):
    made = ask(account, officer)
    grant(post, made)
    other = factories.post_staff()
    words = "granted meanwhile by Petra Post, POST staff, on April 20, 2031"
    with pytest.raises(Refused, match=words):
        deciding.deny(by=other, request=made, reason="No", seen=0, today=DAY)
    with pytest.raises(Refused, match=words):
        grant(other, made)
    with pytest.raises(Refused, match=words):
        asking.withdraw(by=account, request=made, today=DAY)
    assert ReliefDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_the_same_moment(officer, account, post):
    made = ask(account, officer)
    other, said, start = factories.post_staff(), [], threading.Barrier(2)

    def decide(act):
        start.wait()
        try:
            act()
            said.append("done")
        except Refused as refusal:
            said.append(refusal.message.split(" by ")[0])
        finally:
            connection.close()

    acts = [
        lambda: grant(post, made),
        lambda: deciding.deny(by=other, request=made, reason="No", seen=0, today=DAY),
    ]
    threads = [threading.Thread(target=decide, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(said), said.count("done"), ReliefDecision.objects.count()) == (2, 1, 1)
    assert any(words.startswith(("This was granted meanwhile", "This was denied meanwhile")) for words in said)


@pytest.mark.parametrize("act", ["deny", "end", "more"])
def test_a_reason_is_given(officer, account, post, act):
    made = ask(account, officer)
    given = {"by": post, "request": made, "seen": 0, "today": DAY}
    if act == "end":
        given["seen"] = grant(post, made).pk
    given["words" if act == "more" else "reason"] = " "
    with pytest.raises(Refused, match=r"^Say w"):
        {"deny": deciding.deny, "end": deciding.end, "more": deciding.ask_more}[act](**given)


def test_only_the_state_decides(officer, account, ceo):
    made = ask(account, officer)
    for by in (account, ceo):
        with pytest.raises(Refused, match="Only POST"):
            grant(by, made)
    assert grant(factories.director(), made).decided_by.endswith("Director of Public Safety")


def test_more_asked_for_and_answered_stays_undecided(officer, account, ceo, post):
    made = ask(account, officer)
    deciding.ask_more(by=post, request=made, words="Send the orders", seen=0, today=DAY)
    assert (standing(officer), relief.known(relief.as_of_all()).get().is_asked) == ("extension_pending", True)
    assert [(o, a) for o, a in put() if o == "relief_more_asked"] == [("relief_more_asked", "renee@example.org")]
    with pytest.raises(Refused, match="Petra Post asked for more already"):
        deciding.ask_more(by=factories.post_staff(), request=made, words="More", seen=0, today=DAY)
    with pytest.raises(Refused, match="Only whoever asked"):
        asking.answer(by=ceo, request=made, words="Here", today=DAY)
    with pytest.raises(Refused, match="Write an answer"):
        asking.answer(by=account, request=made, words=" ", today=DAY)
    asking.answer(by=account, request=made, words="", documents=[paper()], today=DAY)
    assert relief.state_of(relief.known(relief.as_of_all()).get()) == "waiting"
    with pytest.raises(Refused, match="answered meanwhile"):
        asking.answer(by=account, request=made, words="Again", today=DAY)


def test_withdrawn_by_the_side_that_asked(officer, account, ceo, agency):
    made = ask(ceo, officer)
    with pytest.raises(Refused, match="Only whoever asked"):
        asking.withdraw(by=account, request=made, today=DAY)
    asking.withdraw(by=factories.delegate(agency), request=made, reason="Back at work", today=DAY)
    assert standing(officer) == "candidate"


def test_a_former_agency_asks_no_more(officer, agency, ceo):
    made = ask(ceo, officer)
    officer.commissions.update(ended_on=DAY - dt.timedelta(days=1))
    assert not ReliefRequest.objects.visible_to(ceo).exists()
    assert ReliefRequest.objects.visible_to(factories.post_staff()).get() == made


# What a decision would change ----------------------------------------------------------------------------------------


def test_rehearsed_and_taken_back(officer, account, post):
    made = ask(account, officer)
    with time_machine.travel(dt.datetime(2031, 4, 20, 18, tzinfo=dt.UTC)):
        (today,) = relief_effects.rehearse(made, lambda: grant(post, made))
    assert (today.before.label, today.after.label) == ("Request undecided", "Extended to Dec 31, 2031")
    assert (ReliefDecision.objects.count(), [o for o, _ in put() if o == "relief_granted"]) == (0, [])


def test_before_march_15_the_day_after_it_is_looked_at_too(officer, account, post):
    with time_machine.travel(dt.datetime(2031, 2, 20, 18, tzinfo=dt.UTC)):
        made = ask(account, officer, leave_from=dt.date(2031, 1, 2))
        today, later = relief_effects.rehearse(
            made, lambda: deciding.deny(by=post, request=made, reason="No", seen=0, today=clock.today())
        )
    assert (today.before.label, today.changes) == ("Make-up time", False)
    assert (later.day, later.before.label, later.after.label) == (
        dt.date(2031, 3, 16), "Request undecided", "Past March 15",
    )  # fmt: skip


def test_membership_that_ended_is_not_told(officer, account, ceo):
    Membership.objects.filter(user=ceo).update(revoked_at=timezone.now())
    ask(account, officer)
    assert put() == {("relief_received", "renee@example.org")}
