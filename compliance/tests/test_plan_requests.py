"""A plan sent to the agency for approval: no seat by it; approved, a seat in every class or in none."""

import uuid

import pytest
import time_machine

from clee_portal import clock
from clee_portal.history import events_of
from clee_portal.refusal import Refused
from compliance import my_plan
from compliance.models import PlanRequest
from compliance.services import plans
from compliance.tests.test_my_plan import PLAN, heading, refused, sent
from compliance.tests.test_my_plan import classes as classes
from compliance.tests.test_my_plan import officer as officer
from compliance.tests.test_my_plan import school as school
from training.models import Agency, Membership, Registration, ScheduledClass
from training.registering import NeedsAccepting
from training.tests import factories as make
from training.tests.test_registrations import at

pytestmark = pytest.mark.django_db
REQUESTS = "/agencies/cedar-hollow/plans/to-approve/"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False):
        yield


@pytest.fixture
def agency(officer):
    return Agency.objects.get(code="cedar-hollow")


@pytest.fixture
def chief(agency):
    return make.ceo(agency, "chief@cedar.example", "Carla Chief")


@pytest.fixture
def waiting(client, officer, classes) -> PlanRequest:
    """Two classes, sent to the chief."""
    client.post(PLAN, sent(client.get(f"{PLAN}?others=1"), 1, step="ask"))
    return PlanRequest.objects.get()


def test_sent_it_waits_and_takes_no_seat(client, officer, classes, waiting):
    assert (waiting.state, waiting.year, waiting.agency.code) == ("waiting", 2026, "cedar-hollow")
    assert waiting.missing == "3 hours in all and 1 hour on de-escalation"
    assert set(waiting.classes.values_list("scheduled_class", flat=True)) == {classes["two"].pk, classes["one"].pk}
    assert not Registration.objects.exists()
    page = client.get(PLAN)
    assert "Cedar Hollow Police is asked to approve 2 classes" in page.text
    assert 'value="ask"' not in page.text
    assert heading(page) == "1 class of 3 hours would complete your hours for 2026"


def test_sent_twice_it_is_one_and_another_waits_its_turn(client, officer, classes):
    data = sent(client.get(PLAN), 0, step="ask")
    for _ in range(2):
        assert client.post(PLAN, data).status_code == 302
    assert PlanRequest.objects.count() == 1
    assert "waits for approval already" in refused(client, {**data, "submission_key": str(uuid.uuid4())})


def test_what_changed_since_it_was_shown_is_not_sent(client, officer, classes):
    data = sent(client.get(PLAN), 0, step="ask")
    classes["calm"].lines.update(hours=1)
    assert "have changed since" in refused(client, data)
    assert "Choose the agency" in refused(client, {**data, "agency": "elsewhere"})
    assert not PlanRequest.objects.exists()


def test_the_officer_takes_it_back(client, officer, classes, waiting, chief):
    client.post(PLAN, {"step": "withdraw", "request": waiting.pk})
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    with pytest.raises(Refused, match="decided meanwhile: taken back"):
        plans.approve(by=chief, request=waiting)
    assert 'value="ask"' in client.get(PLAN).text
    assert "There is no such request" in refused(client, {"step": "withdraw", "request": "999"})
    assert "decided meanwhile" in refused(client, {"step": "withdraw", "request": str(waiting.pk)})


def test_approved_the_officer_has_a_seat_in_every_class(client, officer, classes, waiting, chief):
    client.force_login(chief)
    assert "1 officer asks you to approve classes" in client.get(REQUESTS).text
    assert "1 officer asks you to approve classes" in client.get("/agencies/cedar-hollow/waiting/").text
    client.post(REQUESTS, {"step": "approve", "request": waiting.pk, "words": "Enjoy"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by, waiting.words) == ("approved", chief, "Enjoy")
    assert set(Registration.objects.values_list("scheduled_class", "state", "officer", "agency", "registered_by")) == {
        (one.scheduled_class_id, "registered", officer.pk, waiting.agency_id, chief.pk) for one in waiting.classes.all()
    }
    events = events_of(PlanRequest).objects.filter(pgh_obj_id=waiting.pk).order_by("pgh_id")
    assert [one.state for one in events] == ["waiting", "approved"]
    client.force_login(officer.memberships.get().user)
    page = client.get(PLAN)
    assert "Cedar Hollow Police approved your plan and registered you" in page.text
    assert "They wrote: “Enjoy”" in page.text


def test_not_approved_says_why_and_the_officer_reads_it(client, officer, classes, waiting, chief):
    client.force_login(chief)
    assert "Say why: the officer reads it." in client.post(REQUESTS, {"step": "decline", "request": waiting.pk}).text
    client.post(REQUESTS, {"step": "decline", "request": waiting.pk, "words": "You are on duty  then"})
    client.force_login(officer.memberships.get().user)
    page = client.get(PLAN)
    assert "Cedar Hollow Police did not approve your plan" in page.text
    assert "They wrote: “You are on duty then”" in page.text
    assert not Registration.objects.exists()


@pytest.mark.parametrize("change", ["full", "called off", "gone", "waited for"])
def test_where_one_seat_cannot_be_had_none_is_taken_and_what_was_typed_stays(
    client, officer, classes, waiting, chief, change
):
    one = ScheduledClass.objects.filter(pk=classes["two"].pk)
    match change:
        case "full":
            one.update(capacity=1)
            make.registration(classes["two"], make.officer())
        case "called off":
            one.update(state="called_off", called_off_at=clock.now(), called_off_because="Flood")
        case "gone":
            one.update(state="draft", published_at=None)
        case "waited for":
            one.update(capacity=1)
            make.registration(classes["two"], make.officer(), state="offered", offered_until=at(5))
    client.force_login(chief)
    before = Registration.objects.count()
    page = client.post(REQUESTS, {"step": "approve", "request": waiting.pk, "words": "Enjoy"})
    assert "Nobody was registered, and the plan still waits." in page.text
    assert ">Enjoy</textarea>" in page.text
    assert Registration.objects.count() == before
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_what_there_is_to_know_is_ticked_first(officer, classes, waiting, chief):
    make.license_event(officer, "suspended", at(1).date())
    with pytest.raises(NeedsAccepting) as needed:
        plans.approve(by=chief, request=waiting)
    assert not Registration.objects.exists()
    plans.approve(by=chief, request=waiting, accepts=needed.value.found.key)
    assert Registration.objects.count() == 2


def test_a_seat_the_officer_took_meanwhile_is_kept(officer, classes, waiting, chief):
    make.registration(classes["two"], officer)
    plans.approve(by=chief, request=waiting)
    assert Registration.objects.count() == 2


def test_nothing_is_missing_any_more(officer, classes, waiting, chief, school):
    make.record(officer, at(1).date(), course=make.provider_course(school, "Meanwhile"), interpersonal__de_escalation=4)
    assert my_plan.gap_of(officer, clock.now()).lacks == ()
    with pytest.raises(Refused, match="Nothing is missing for the officer any more"):
        plans.approve(by=chief, request=waiting)


def test_only_who_may_register_officers_decides(client, officer, classes, waiting, agency):
    reader = make.delegate(agency, "reader@cedar.example")
    Membership.objects.filter(user=reader).update(may_enter_classes=False)
    other = make.ceo(make.agency("elsewhere"), "other@elsewhere.example")
    for one in (reader, other, officer.memberships.get().user):
        for act in (plans.approve, plans.decline):
            with pytest.raises(Refused):
                act(by=one, request=waiting, words="No")
    with pytest.raises(Refused):
        plans.withdraw(by=other, request=waiting)
    client.force_login(reader)
    assert 'value="approve"' not in client.get(REQUESTS).text
    assert client.post(REQUESTS, {"step": "approve", "request": waiting.pk}).status_code == 403
    client.force_login(other)
    assert client.get(REQUESTS).status_code == 404
    assert (
        client.post("/agencies/elsewhere/plans/to-approve/", {"step": "approve", "request": waiting.pk}).status_code
        == 404
    )


def test_a_plan_goes_to_an_agency_of_today_only(officer, classes):
    elsewhere = make.agency("elsewhere")
    gap = my_plan.gap_of(officer, clock.now())
    path = my_plan.plan(officer, my_plan.Weights(), my_plan.Limits(), clock.now(), 1).found.paths[0]
    with pytest.raises(Refused, match="at which you serve today"):
        plans.ask(
            by=officer.memberships.get().user,
            officer=officer,
            agency=elsewhere,
            classes=list(path.keys),
            shown=my_plan.shown(gap.lacks, [step.offered for step in path.steps]),
            submission_key=uuid.uuid4(),
        )
