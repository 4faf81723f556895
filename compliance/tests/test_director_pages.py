"""The pages of cases before the Director: reviewed, decided, reversed, reinstated; packets and letters."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from compliance import reinstatements
from compliance.models import (
    CaseAppeal,
    CaseDecision,
    CaseSubmission,
    RecordingGap,
)
from compliance.services import case_decisions
from compliance.tests import case_people as made
from compliance.tests.case_people import of, text
from compliance.tests.people import academy_course, complete, credit
from compliance.views import case_decisions as decided
from compliance.views import case_director as director
from training.models import LicenseEvent
from training.tests import factories

pytestmark = pytest.mark.django_db
Kind = CaseDecision.Kind
TODAY = clock.today()


@pytest.fixture
def people():
    return made.everybody()


def decide(client, one: CaseSubmission, **given):
    page = client.get(of("case_review", one.pk))
    facts = page.context["change"].digest
    return client.post(of("case_review", one.pk), {"facts": facts, "kind": "make_inactive"} | given)


def test_director_reviews_one_by_one(client, people):
    other = factories.officer(people.agency, name="Marcus Calloway")
    first, second = made.before_the_director(people), made.before_the_director(people, other)
    client.force_login(people.director)
    page = text(client.get(of("case_queue")))
    assert "2 cases wait for the Director." in page
    assert "1 h legal studies" in page
    page = text(client.get(of("case_review", first.pk)))
    assert "1 of 2" in page
    assert "Nobody answered." in page
    sent = decide(client, first)
    assert sent.url == of("case_review", second.pk)
    assert LicenseEvent.objects.filter(kind="made_inactive").get().officer == people.officer
    until = (TODAY + dt.timedelta(days=30)).isoformat()
    sent = decide(client, second, kind="leave_active", until=until, reason="On duty abroad")
    assert sent.url == of("case_queue")
    decision = CaseDecision.objects.get(kind="leave_active")
    page = text(client.get(of("case_decision", decision.reference)))
    assert "On duty abroad" in page
    assert "2 decisions." in text(client.get(of("decided_list")))


def test_decision_needs_what_it_needs_and_nothing_typed_is_lost(client, people):
    one = made.before_the_director(people)
    client.force_login(people.director)
    page = text(decide(client, one, kind="leave_active", reason="Kept words"))
    assert "Give a day to come" in page
    assert "Kept words" in page
    assert CaseDecision.objects.count() == 0


def test_batch_is_decided_on_the_queue(client, people):
    other = factories.officer(people.agency, name="Marcus Calloway")
    rows = [made.before_the_director(people), made.before_the_director(people, other)]
    client.force_login(people.agent)
    given = {"case": [one.pk for one in rows], "kind": "make_inactive"}
    given |= {f"facts-{one.pk}": one.facts_sha256 for one in rows}
    client.post(of("case_queue"), given)
    assert LicenseEvent.objects.filter(kind="made_inactive").count() == 2
    letters = client.get(of("decided_letters"))
    assert letters.content.startswith(b"%PDF-")
    assert letters.how_many == 2


@pytest.mark.parametrize("given", ["9" * 30, "x", "٣", "-1"])
def test_what_is_no_number_of_a_case_is_nobody_ticked(client, people, given):
    client.force_login(people.director)
    answer = client.post(of("case_queue"), {"case": given, "kind": "make_inactive"})
    assert answer.status_code == 200
    assert "Nobody was chosen. Tick some of them." in text(answer)


def test_post_looks_and_decides_nothing(client, people):
    one = made.before_the_director(people)
    client.force_login(people.post)
    assert "Only the Director, or a designated agent, decides" in text(client.get(of("case_review", one.pk)))
    assert client.post(of("case_review", one.pk), {"kind": "make_inactive"}).status_code == 403
    assert client.post(of("case_queue"), {"case": one.pk, "kind": "make_inactive"}).status_code == 403
    assert LicenseEvent.objects.filter(kind="made_inactive").count() == 0


def test_whoever_put_a_case_forward_does_not_decide_it(people):
    StateRole.objects.create(user=people.post, role=StateRole.Role.DIRECTOR_AGENT, starts_on=factories.LONG_AGO)
    one = made.before_the_director(people)
    seen = {one.pk: one.facts_sha256}
    for kind in (Kind.MAKE_INACTIVE, Kind.REFER_BACK):
        with pytest.raises(Refused, match="Renee Abbott: you put this case forward yourself"):
            case_decisions.decide(by=people.post, seen=seen, kind=kind, reason="They know of no class")
    assert (CaseDecision.objects.count(), LicenseEvent.objects.filter(kind="made_inactive").count()) == (0, 0)
    (decision,) = case_decisions.decide(by=people.agent, seen=seen, kind=Kind.MAKE_INACTIVE)
    assert decision.decided_by == people.agent


def test_agent_who_put_a_case_forward_is_offered_no_decision(client, people):
    StateRole.objects.create(user=people.post, role=StateRole.Role.DIRECTOR_AGENT, starts_on=factories.LONG_AGO)
    one = made.before_the_director(people)
    client.force_login(people.post)
    assert "Petra Post: you, so somebody else decides" in text(client.get(of("case_queue")))
    page = text(client.get(of("case_review", one.pk)))
    assert "You put this case forward yourself, so somebody else decides it" in page
    assert "The decision</h2>" not in page
    answer = text(decide(client, one))
    assert "Renee Abbott: you put this case forward yourself" in answer
    assert CaseDecision.objects.count() == 0


def test_what_changed_is_shown_and_has_to_be_looked_at(client, people):
    one = made.before_the_director(people)
    credit(people.officer, dt.date(made.YEAR, 6, 1), academy_course("Report writing"), technical=2)
    client.force_login(people.director)
    page = client.get(of("case_review", one.pk))
    assert "New on the record: Report writing" in text(page)
    assert "The decision</h2>" not in text(page)
    assert "Changed: look again" in text(client.get(of("case_queue")))
    client.post(of("case_review", one.pk), {"look": "1", "facts": page.context["change"].digest})
    assert "The decision</h2>" in text(client.get(of("case_review", one.pk)))
    decide(client, one)
    assert CaseDecision.objects.count() == 1


def test_packet_is_produced_byte_for_byte(client, people):
    decision = made.decided(people)
    client.force_login(people.director)
    data = client.get(of("case_packet_data", decision.reference))
    assert json.loads(data.content)["decision"]["number"] == decision.reference
    assert client.get(of("case_packet_pdf", decision.reference)).content.startswith(b"%PDF-")


def test_reversal_and_appeal(client, people):
    decision = made.decided(people)
    client.force_login(people.post)
    path = of("case_appeal", decision.reference)
    given = {"noted": "filed", "happened_on": TODAY.isoformat(), "before": "Hearing Commission, 26-0123"}
    early = (decision.decided_on - dt.timedelta(days=1)).isoformat()
    assert "Give a day between" in text(client.post(path, given | {"happened_on": early}))
    for _ in range(2):  # a button pressed twice
        assert client.post(path, given).status_code == 302
    assert CaseAppeal.objects.get().before == "Hearing Commission, 26-0123"
    assert client.post(of("case_reverse", decision.reference), {"reason": "x"}).status_code == 403
    client.force_login(people.director)
    sent = client.post(of("case_reverse", decision.reference), {"reason": "The hours were on a lost roster"})
    assert "Decision reversed" in text(client.get(sent.url))
    assert "Hearing Commission" in text(client.get(of("case_decision", decision.reference)))


def test_reinstatement_is_proposed_when_the_hours_are_shown_and_signed(client, people):
    made.decided(people)
    carried = factories.officer(people.agency, name="Marcus Calloway")
    complete(carried, people.agency, made.YEAR)
    then = dt.date(made.YEAR + 1, 4, 20)
    factories.license_event(carried, "made_inactive", then, period_year=made.YEAR)
    client.force_login(people.director)
    page = client.get(of("reinstatement_list"))
    assert [row.officer for row in page.context["rows"]] == [carried]
    assert "1 more is inactive with hours still missing" in text(page)
    credit(people.officer, TODAY - dt.timedelta(days=1), academy_course("Law"), year=made.YEAR, legal=1)
    rows = client.get(of("reinstatement_list")).context["rows"]
    assert [row.officer for row in rows] == [people.officer, carried]
    given = {"license": [row.key for row in rows]} | {f"facts-{row.key}": row.digest for row in rows}
    client.force_login(people.post)
    assert client.post(of("reinstatement_list"), given).status_code == 403
    client.force_login(people.director)
    client.post(of("reinstatement_list"), given)
    assert LicenseEvent.objects.filter(kind="reinstated", carried_over_from="").count() == 2
    assert reinstatements.count() == 0


def test_letters_of_notice_are_one_file(client, people):
    made.listed(people.officer)
    client.force_login(people.post)
    answer = client.get(of("case_notice_letters"), {"stage": "unserved"})
    assert answer.content.startswith(b"%PDF-")
    assert answer.how_many == 1
    assert client.get(of("case_notice_letters"), {"stage": "ready"}).status_code == 404


def test_no_letter_of_notice_is_made_while_the_record_is_likely_in_error(client, people):
    other = factories.officer()
    made.listed(people.officer)
    made.listed(other)
    client.force_login(people.post)
    RecordingGap.objects.create(officer=other, period=made.period(), kind="nothing", score=80)
    assert client.get(of("case_notice_letters")).how_many == 1
    RecordingGap.objects.create(officer=people.officer, period=made.period(), kind="nothing", score=80)
    answer = client.get(of("case_notice_letters"), {"stage": "unserved"}, follow=True)
    assert answer.redirect_chain == [(of("case_list") + "?stage=unserved", 302)]
    assert "No letter is made: the record is likely in error." in text(answer)


def test_sign_in_is_stepped_up_before_every_act_of_the_director():
    acts = (director.CaseQueueView, director.CaseReviewView, director.ReinstatementListView, decided.ReverseView)
    assert [one.__name__ for one in acts if not issubclass(one, StepUpMixin)] == []


@pytest.mark.parametrize("listing", ["case_list", "case_queue", "decided_list", "reinstatement_list"])
def test_lists_take_as_many_statements_for_one_as_for_many(client, people, listing):
    def statements() -> int:
        client.get(of(listing))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(of(listing)).status_code == 200
        return len(asked)

    def another(name: str):
        officer = factories.officer(people.agency, name=name)
        if listing == "reinstatement_list":
            complete(officer, people.agency, made.YEAR)
            factories.license_event(officer, "made_inactive", dt.date(made.YEAR + 1, 4, 20), period_year=made.YEAR)
            return
        one = made.before_the_director(people, officer)
        if listing == "decided_list":
            seen = {one.pk: one.facts_sha256}
            case_decisions.decide(by=people.director, seen=seen, kind=Kind.REFER_BACK, reason="x")

    another("Marcus Calloway")
    client.force_login(people.director)
    few = statements()
    for name in ("Ada Alder", "Ben Birch", "Cal Cedar"):
        another(name)
    assert statements() == few
