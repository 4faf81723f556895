"""The plan for an agency: what it rests on, that it agrees with the judgement, who may have it, and that the work is
safe to run twice."""

import datetime as dt
import re
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import agency_plan, agency_plan_words, standings, tasks
from compliance.models import AgencyPlan, AgencyPlanSeat
from compliance.path_solver import SolverFailed
from compliance.services import agency_plans
from compliance.verdict import Standing
from training.models import Agency, Membership, Officer, Registration, ScheduledClass, TrainingRecord
from training.tests import factories as make
from training.tests.test_registrations import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False) as now:
        yield now


@pytest.fixture
def agency():
    return make.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def school():
    return make.provider("Ozark Bluffs Academy")


@pytest.fixture
def chief(client, agency):
    account = make.ceo(agency, "chief@cedar.example")
    client.force_login(account)
    return account


def officer_with(agency, school, title: str = "", **hours) -> Officer:
    """Somebody of the agency, with a class of a provider on the record."""
    one = make.officer(agency)
    if hours:
        make.record(one, dt.date(2026, 2, 3), course=make.provider_course(school, title or f"Given {one.pk}"), **hours)
    return one


ALL_BUT_THREE = {
    "legal": 4, "technical": 4, "skill": 8, "skill__firearms": 2, "interpersonal__racial_profiling": 1,
    "interpersonal__implicit_bias": 2,
}  # fmt: skip


@pytest.fixture
def officers(agency, school):
    """Two who lack three hours, one of them on de-escalation; one with nothing but 16 hours of a provider, by a course
    called “Calm words”; one done."""
    done = {**ALL_BUT_THREE, "interpersonal__de_escalation": 3}
    return [
        officer_with(agency, school, **ALL_BUT_THREE),
        officer_with(agency, school, **ALL_BUT_THREE),
        officer_with(agency, school, "Calm words", technical=16),
        officer_with(agency, school, **done),
    ]


def a_class(school, title: str, day: int, *, more: dict | None = None, **hours) -> ScheduledClass:
    return make.scheduled_class(make.provider_course(school, title, **hours), at(day), **(more or {}))


def found(agency, chief, *, hosts=True, **more) -> AgencyPlan:
    made = agency_plans.begin(by=chief, agency=agency, hosts=hosts, submission_key=uuid.uuid4(), **more)
    agency_plans.work(made.pk, first=5, later=10)
    made.refresh_from_db()
    return made


def test_what_must_not_be_missed_is_hosted_and_whoever_sits_through_it_is_compliant(agency, school, officers, chief):
    plan = found(agency, chief)
    assert (plan.state, plan.is_proved, plan.officers, plan.lacking) == ("done", True, 4, 3)
    assert (
        plan.class_hours == plan.least_hours == 8
    )  # what the third lacks: 24 hours less 16, all areas and topics in it
    assert not plan.classes.exclude(scheduled_class=None).exists()
    for row in plan.classes.all():
        own = make.course(agency, f"Own {row.pk}")
        given = {
            "__".join(one.code for one in (line.area, line.topic) if one): line.hours
            for line in row.lines.select_related("area", "topic")
        }
        for seat in row.seats.select_related("officer"):
            make.record(seat.officer, dt.date(2026, 4, 1), course=own, **given)
    findings = standings.of_officers(
        agency_plan.facts_of(agency, clock.now(), hosts=True, near=None, miles=None).question, officers_of(agency)
    )
    assert {one.standing for one in findings.values()} == {Standing.COMPLIANT}


def officers_of(agency: Agency) -> list[int]:
    return list(Officer.objects.commissioned_at(agency, clock.today()).values_list("pk", flat=True))


def test_without_classes_of_its_own_the_calendar_alone_and_what_stays_missing(agency, school, officers, chief, client):
    a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2, more={"capacity": 1})
    plan = found(agency, chief, hosts=False)
    assert (plan.class_hours, plan.is_proved) == (3, True)
    assert AgencyPlanSeat.objects.filter(planned__plan=plan).count() == 1
    assert set(plan.lacks.values_list("officer", flat=True)) == {one.pk for one in officers[:3]} - set(
        AgencyPlanSeat.objects.filter(planned__plan=plan).values_list("officer", flat=True)
    )
    page = client.get(f"/plans/{plan.pk}/")
    assert "3 hours of class would bring 1 of the 3 who are short to compliance" in page.text
    assert "Nothing better exists" in page.text
    assert "Still short: 2 officers" in page.text


def test_seats_conflicts_and_courses_on_the_record_are_kept(agency, school, officers, chief):
    first, second, third, _ = officers
    make.record(first, dt.date(2026, 3, 3), course=make.provider_course(school, "Known"), technical=0.5)
    a_class(school, "Known", 20, interpersonal__de_escalation=1, legal=2)
    busy = a_class(school, "Busy", 21, technical=0.5)
    make.registration(busy, second)
    a_class(school, "Same hours", 21, interpersonal__de_escalation=1, legal=2)
    a_class(school, "Full", 22, legal=8, more={"capacity": 1})
    make.registration(ScheduledClass.objects.get(course__title="Full"), make.officer())
    facts = agency_plan.facts_of(agency, clock.now(), hosts=False, near=None, miles=None)
    titles = dict(ScheduledClass.objects.values_list("pk", "course__title"))
    barred = {pk: {titles[key] for key in kind.barred} for kind in facts.kinds for pk in kind.officers}
    assert {titles[one.offered.key] for one in facts.classes} == {"Known", "Busy", "Same hours"}
    assert barred == {first.pk: {"Known"}, second.pk: {"Busy", "Same hours"}, third.pk: set()}


def test_what_they_are_registered_for_counts_as_completed_and_nothing_is_left_behind(agency, school, officers, chief):
    held = a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2)
    make.registration(held, officers[0])
    before = TrainingRecord.objects.count()
    facts = agency_plan.facts_of(agency, clock.now(), hosts=True, near=None, miles=None)
    assert TrainingRecord.objects.count() == before
    assert sorted(pk for kind in facts.kinds for pk in kind.officers) == [officers[1].pk, officers[2].pk]


def test_everybody_is_compliant(agency, school, chief, client):
    officer_with(agency, school, **ALL_BUT_THREE, interpersonal__de_escalation=3)
    plan = found(agency, chief)
    assert (plan.class_hours, plan.lacking, plan.is_proved) == (0, 0, True)
    assert "Nobody here is missing hours for 2026" in client.get(f"/plans/{plan.pk}/").text


def test_an_agency_without_officers(agency, chief, client):
    plan = found(agency, chief)
    assert plan.state == "done"
    assert client.get(f"/plans/{plan.pk}/").status_code == 200


def test_far_classes_are_left_out_where_that_is_asked(agency, school, officers, chief):
    Agency.objects.filter(pk=agency.pk).update(city="Columbia", address="12 Oak Street, Columbia, MO 65201")
    agency.refresh_from_db()
    near = a_class(
        school, "Near", 20, interpersonal__de_escalation=1, legal=2, more={"latitude": 38.95, "longitude": -92.33}
    )
    a_class(school, "Far", 21, interpersonal__de_escalation=3, more={"latitude": 37.2, "longitude": -93.3})
    plan = found(agency, chief, hosts=False, miles=25)
    assert list(plan.classes.values_list("scheduled_class", flat=True)) == [near.pk]
    assert plan.looked_at == 1


def test_distances_need_a_place(agency, chief):
    Agency.objects.filter(pk=agency.pk).update(city="", address="")
    with pytest.raises(Refused, match="Nobody knows where your agency lies"):
        agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=uuid.uuid4(), miles=25)


# The work -------------------------------------------------------------------------------------------------------------


def test_the_same_form_is_one_plan_and_so_is_the_same_question_meanwhile(agency, chief):
    key = uuid.uuid4()
    first = agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=key)
    assert agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=key) == first
    assert agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=uuid.uuid4()) == first
    other = agency_plans.begin(by=chief, agency=agency, hosts=False, submission_key=uuid.uuid4())
    assert other != first


def test_run_twice_it_is_done_once_and_a_plan_somebody_is_at_is_left(agency, school, officers, chief):
    plan = found(agency, chief)
    rows = list(plan.classes.values_list("pk", flat=True))
    tasks.work_on_plan(plan.pk)
    assert list(plan.classes.values_list("pk", flat=True)) == rows
    AgencyPlan.objects.filter(pk=plan.pk).update(state="running", heard_at=clock.now())
    tasks.work_on_plan(plan.pk)
    assert list(plan.classes.values_list("pk", flat=True)) == rows


def test_one_that_was_cut_off_is_taken_up(agency, school, officers, chief, monkeypatch):
    plan = found(agency, chief)
    AgencyPlan.objects.filter(pk=plan.pk).update(state="running", heard_at=clock.now() - agency_plans.SILENT)
    lost = agency_plans.begin(by=chief, agency=agency, hosts=False, submission_key=uuid.uuid4())
    AgencyPlan.objects.filter(pk=lost.pk).update(asked_at=clock.now() - agency_plans.SILENT)
    queued = []
    monkeypatch.setattr(agency_plans, "queue", queued.append)
    tasks.take_up_plans()
    assert sorted(queued) == sorted([plan.pk, lost.pk])
    tasks.work_on_plan(plan.pk)
    plan.refresh_from_db()
    assert plan.state == "done"


def test_a_search_without_an_answer_says_so(agency, school, officers, chief, client, monkeypatch):
    def fail(*args, **more):
        raise SolverFailed("no time")

    monkeypatch.setattr(agency_plans.agency_paths, "find", fail)
    plan = found(agency, chief)
    assert plan.state == "failed"
    assert "No plan was found in time" in client.get(f"/plans/{plan.pk}/").text


def test_what_was_shown_first_is_bettered_and_the_proof_is_written_down(agency, school, officers, chief, monkeypatch):
    real, heard = agency_plans.agency_paths.find, []

    def find(kinds, classes, cells, *, seconds, told=None, better=None, known=None):
        best = real(kinds, classes, cells, seconds=10)
        if known is None:
            return replace(best, least=Decimal(1))
        told(best.cost, Decimal(2))
        monkeypatch.setattr(agency_plans, "HEARD_EVERY", dt.timedelta(0))
        told(best.cost, Decimal(2))
        heard.append(AgencyPlan.objects.get().least_hours)
        assert AgencyPlan.objects.get().state == "running"
        return best

    monkeypatch.setattr(agency_plans.agency_paths, "find", find)
    plan = found(agency, chief)
    assert heard == [2]
    assert (plan.least_hours, plan.is_proved, plan.state) == (8, True, "done")


def test_what_changes_while_it_is_computed_is_said_of_the_plan(agency, school, officers, chief, client, monkeypatch):
    held = a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2)
    real = agency_plans.agency_paths.find

    def find(*args, **more):
        best = real(*args, **more)
        ScheduledClass.objects.filter(pk=held.pk).update(capacity=1)
        make.registration(held, make.officer())
        make.record(officers[0], dt.date(2026, 3, 3), course=make.provider_course(school, "Meanwhile"), technical=1)
        return best

    monkeypatch.setattr(agency_plans.agency_paths, "find", find)
    plan = found(agency, chief, hosts=False)
    assert (plan.state, plan.class_hours) == ("done", 3)
    page = " ".join(client.get(f"/plans/{plan.pk}/").text.split())
    assert "“Calm words” has no seat left, and the plan needs 2." in page
    assert "Hours, commissions or registrations of your officers have changed since." in page


def test_a_better_plan_is_on_the_page_while_it_is_still_worked_on(agency, school, chief, client, monkeypatch):
    officer_with(agency, school, **ALL_BUT_THREE)
    a_class(school, "Long", 20, interpersonal__de_escalation=1, legal=7)
    short = a_class(school, "Short", 21, interpersonal__de_escalation=1, legal=2)
    real, seen = agency_plans.agency_paths.find, []

    def find(kinds, classes, cells, *, better=None, **more):
        if better is None:
            first = real(kinds, [one for one in classes if one.offered.key != short.pk], cells, **more)
            return replace(first, least=Decimal(1))

        def heard(path):
            better(path)
            shown = AgencyPlan.objects.get()
            page = " ".join(client.get(f"/plans/{shown.pk}/").text.split())
            seen.append((shown.state, shown.class_hours, "of 3 hours</p>" in page))

        return real(kinds, classes, cells, better=heard, **more)

    monkeypatch.setattr(agency_plans.agency_paths, "find", find)
    plan = found(agency, chief, hosts=False)
    assert seen == [("running", 3, True)]
    assert (plan.state, plan.class_hours, plan.is_proved) == ("done", 3, True)


def test_ten_plans_are_kept(agency, chief, monday):
    for hour in range(12):
        monday.move_to(at(4, 10) + dt.timedelta(hours=hour))
        made = agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=uuid.uuid4())
        AgencyPlan.objects.filter(pk=made.pk).update(state="failed", asked_at=clock.now())
    assert AgencyPlan.objects.count() == agency_plans.KEPT


# The pages ------------------------------------------------------------------------------------------------------------


def test_whoever_may_register_officers_has_a_plan_found_and_whoever_may_not_reads_it(agency, chief, client):
    page = client.get("/agencies/cedar-hollow/plans/")
    key = re.search(r'name="submission_key" value="([^"]+)"', page.text)[1]
    answer = client.post("/agencies/cedar-hollow/plans/", {"submission_key": key, "hosts": "on", "miles": ""})
    plan = AgencyPlan.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/plans/{plan.pk}/")
    reader = make.delegate(agency, "reader@cedar.example")
    Membership.objects.filter(user=reader).update(may_enter_classes=False)
    client.force_login(reader)
    assert client.get(f"/plans/{plan.pk}/").status_code == 200
    assert 'name="submission_key"' not in client.get("/agencies/cedar-hollow/plans/").text
    assert client.post("/agencies/cedar-hollow/plans/", {"submission_key": str(uuid.uuid4())}).status_code == 403
    with pytest.raises(Refused):
        agency_plans.begin(by=reader, agency=agency, hosts=True, submission_key=uuid.uuid4())


def test_while_it_is_worked_on_the_page_looks_again_and_then_no_more(agency, school, officers, chief, client):
    made = agency_plans.begin(by=chief, agency=agency, hosts=True, submission_key=uuid.uuid4())
    address = f"/plans/{made.pk}/"
    assert 'hx-trigger="every 2s"' in client.get(address).text
    agency_plans.work(made.pk, first=5, later=10)
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert 'hx-trigger="every 2s"' not in fragment.text
    assert "8 hours of class would bring all 3 officers who are short to compliance for 2026" in fragment.text


def test_a_plan_says_when_its_facts_have_changed(agency, school, officers, chief, client):
    held = a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2)
    plan = found(agency, chief, hosts=False)
    address = f"/plans/{plan.pk}/"
    assert "may be out of date" not in client.get(address).text
    ScheduledClass.objects.filter(pk=held.pk).update(capacity=1)
    assert "“Calm words” has 1 seat left, and the plan needs 2." in client.get(address).text
    ScheduledClass.objects.filter(pk=held.pk).update(
        state="called_off", called_off_at=clock.now(), called_off_because="Flood"
    )
    assert "“Calm words” was called off." in client.get(address).text
    make.record(officers[0], dt.date(2026, 3, 3), course=make.provider_course(school, "Meanwhile"), technical=1)
    assert "Hours, commissions or registrations of your officers have changed since." in client.get(address).text


def test_the_button_ticks_those_who_go_and_are_not_on_the_list_yet(agency, school, officers, chief, client):
    held = a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2)
    plan = found(agency, chief, hosts=False)
    make.registration(held, officers[0])
    page = client.get(f"/plans/{plan.pk}/").text
    link = re.search(r'href="([^"]+registrations[^"]+)"[^>]*>.*?Register 1', page)[1].replace("&amp;", "&")
    assert link.endswith(f"?class={held.reference}&officers={officers[1].pk}")
    ticked = re.findall(r'name="officers" value="(\d+)" checked', client.get(link).text)
    assert ticked == [str(officers[1].pk)]
    assert Registration.objects.count() == 1


def test_the_file_has_a_row_for_each_officer_in_each_class(agency, school, officers, chief, client):
    a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2, more={"capacity": 1})
    plan = found(agency, chief, hosts=False)
    rows = agency_plan_words.file_rows(agency_plan_words.classes_of(plan), agency_plan_words.lacking_of(plan))
    answer = client.get(f"/plans/{plan.pk}/plan.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 + len(rows) == 4
    assert "Calm words" in lines[1]


def test_as_many_statements_for_one_officer_as_for_thirty(agency, school, chief, client):
    def statements() -> int:
        plan = found(agency, chief, hosts=False)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/plans/{plan.pk}/").status_code == 200
        return len(queries)

    for day in range(6, 12):
        a_class(school, f"Calm {day}", day, interpersonal__de_escalation=1, legal=2)
    officer_with(agency, school, **ALL_BUT_THREE)
    statements()
    one = statements()
    for _ in range(29):
        officer_with(agency, school, **ALL_BUT_THREE)
    assert statements() == one
