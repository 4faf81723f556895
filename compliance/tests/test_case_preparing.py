"""Cases are put before the Director, kept back, left where they are: in which stage, for which reason, by whom."""

import datetime as dt
from collections import Counter

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import case_states
from compliance.case_states import Stage
from compliance.models import (
    Candidacy,
    CaseDecision,
    CaseNotice,
    CaseSubmission,
    NotPursued,
    RecordingGap,
)
from compliance.services import case_decisions, case_submissions, cases
from compliance.tests import case_people as made
from compliance.tests.people import complete
from training.tests import factories

pytestmark = pytest.mark.django_db
Kind = CaseDecision.Kind
TODAY = clock.today()


@pytest.fixture
def people():
    return made.everybody()


def of(name: str, *args) -> str:
    return reverse(f"compliance:{name}", args=args)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_case_is_put_forward_after_notice_and_time(people):
    case = made.listed(people.officer)
    made.looked_at(people, case)

    def why():
        return case_submissions.put_forward(by=people.post, cases=[case.pk]).refused[0][1]

    assert why() == "Notice was not served yet."
    made.served(people, case, days_ago=30)
    assert why().startswith("Officer and agency have until")
    CaseNotice.objects.update(served_on=TODAY - dt.timedelta(days=31), answer_by=TODAY - dt.timedelta(days=1))
    assert len(case_submissions.put_forward(by=people.post, cases=[case.pk]).made) == 1
    assert why() == "It is before the Director already."


def test_likely_error_keeps_a_case_back_unless_a_reason_is_given(people):
    case = made.listed(people.officer)
    made.served(people, case)
    gap = RecordingGap.objects.create(officer=people.officer, period=made.period(), kind="nothing", score=80)
    done = case_submissions.put_forward(by=people.post, cases=[case.pk])
    assert (done.made, gap.words in done.refused[0][1]) == ([], True)
    (one,) = case_submissions.put_forward(by=people.post, cases=[case.pk], override_reason="The academy says no").made
    assert one.override_reason == "The academy says no"


def test_error_post_found_itself_keeps_a_case_back(people):
    case = made.listed(people.officer)
    made.served(people, case)
    made.looked_at(people, case, "error", "A roster of May is missing")
    done = case_submissions.put_forward(by=people.post, cases=[case.pk])
    assert "A roster of May is missing" in done.refused[0][1]


def test_only_post_prepares(people):
    case = made.listed(people.officer)
    for by in (people.own, people.ceo, people.director):
        with pytest.raises(Refused, match="Only POST"):
            case_submissions.put_forward(by=by, cases=[case.pk])


def test_many_are_put_forward_and_those_left_out_are_named(client, people):
    others = [factories.officer(people.agency, name=f"Marcus Calloway{n}") for n in range(3)]
    for officer in others:
        complete(officer, people.agency, made.YEAR, legal=1)
        case = made.listed(officer)
        made.served(people, case)
    case = made.listed(people.officer)
    client.force_login(people.post)
    page = text(client.get(of("case_list")))
    assert "3 cases may be put before the Director." in page
    answer = text(client.post(of("case_list"), {"act": "forward", "everyone": "on"}))
    assert "1 not put forward" in answer
    assert "Notice was not served yet." in answer
    assert CaseSubmission.objects.count() == 3
    ready = {"stage": "before"}
    assert client.get(of("case_list"), ready).context["page_obj"].paginator.count == 3


def test_without_a_commission_is_a_list_of_its_own_and_not_pursued_for_a_reason(client, people):
    gone = factories.officer(people.agency, name="Quincy Brandt", until=TODAY - dt.timedelta(days=9))
    complete(gone, people.agency, made.YEAR, legal=1)
    case = made.listed(gone)
    made.listed(people.officer)
    client.force_login(people.post)
    listed = client.get(of("case_list"), {"commission": "no"})
    assert [row["case"] for row in listed.context["rows"]] == [case]
    path = of("case_list") + "?commission=no"
    given = {"act": "leave", "everyone": "on", "leave-until": "", "leave-reason": ""}
    assert "Say why." in text(client.post(path, given))
    until = TODAY + dt.timedelta(days=200)
    client.post(path, given | {"leave-until": until.isoformat(), "leave-reason": "Retired in June"})
    left = NotPursued.objects.get()
    assert (left.candidacy, left.until, left.reason) == (case, until, "Retired in June")
    assert "Not pursued until" in text(client.get(of("candidate", case.pk)))
    cases.pursue_again(by=people.post, case=case, reason="Commissioned again")
    assert NotPursued.objects.live().count() == 0


def test_the_stage_of_a_case_and_its_condition_say_the_same(people):
    """What a list is limited by and what each row says cannot differ: a case in every stage, asked both ways."""

    def case(name: str):
        return made.listed(factories.officer(people.agency, name=name))

    found = {Stage.UNSERVED: case("Ada Alder"), Stage.ANSWERING: case("Ben Birch"), Stage.READY: case("Cal Cedar")}
    made.served(people, found[Stage.ANSWERING], days_ago=2)
    made.served(people, found[Stage.READY])
    found[Stage.NOT_PURSUED] = case("Dan Doe")
    until = TODAY + dt.timedelta(days=9)
    cases.leave(by=people.post, cases=[found[Stage.NOT_PURSUED].pk], until=until, reason="Retired", today=TODAY)
    found[Stage.LEFT_LIST] = case("Eve Elm")
    found[Stage.LEFT_LIST].listings.update(left_on=TODAY, left_at=clock.now(), left_because="compliant")
    found[Stage.BEFORE] = made.before_the_director(people, factories.officer(people.agency, name="Fay Fir")).candidacy
    stays = made.before_the_director(people, factories.officer(people.agency, name="Gus Gum"))
    seen = {stays.pk: stays.facts_sha256}
    case_decisions.decide(by=people.director, seen=seen, kind=Kind.LEAVE_ACTIVE, reason="Abroad", until=until)
    found[Stage.LEFT_ACTIVE] = stays.candidacy
    found[Stage.INACTIVE] = made.decided(people).candidacy
    every = case_states.with_course(Candidacy.objects.all(), TODAY)
    assert {stage: list(case_states.in_stage(every, stage, TODAY)) for stage in Stage} == {
        stage: [found[stage]] for stage in Stage
    }
    assert {case_states.state_of(one, TODAY).stage: one for one in every} == found
    assert case_states.tally(Candidacy.objects.all(), TODAY) == (Counter(Stage), 0)
