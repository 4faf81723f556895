"""Before an act that changes a license's standing the state's people prove again who they are, and lose nothing."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import resolve, reverse

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.accounts.tests.factors import app_of, code_now
from clee_portal.tests.pages import OURS, PAGES, STATE
from clee_portal.tests.world import of_nothing
from training.models import CourseReview, Membership, TrainingClass
from training.tests import factories

pytestmark = pytest.mark.django_db

START = "2026-03-02 08:00:10-06:00"


@pytest.fixture(autouse=True)
def at_eight(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def post(client):
    """POST staff, signed in with the second step ten minutes ago, and active since."""
    user = factories.post_staff("post@example.org", "Grace Lindqvist")
    user.app = app_of(user)
    client.force_login(user)
    return user


@pytest.fixture
def course(agency):
    return factories.course(agency, "Vehicle stops")


@pytest.fixture
def held(agency, course):
    day = clock.today() - dt.timedelta(days=2)
    officer = factories.officer(agency)
    return factories.record(officer, day, course=course).training_class


def refusal(user, **more) -> dict:
    return {
        "decision": "refused",
        "reason": "No synopsis à jour",
        "signed_in_as": interrupted.token(user),
        **more,
    }


def test_act_goes_through_within_ten_minutes_and_not_after(client, post, course, at_eight):
    path = reverse("training:course_review", args=[course.pk])
    at_eight.shift(599)
    assert client.get(path).status_code == 200
    at_eight.shift(1)
    assert client.get(path).status_code == 200
    sent = client.post(path, refusal(post))
    assert sent.url == f"/accounts/confirm/?next={path.replace('/', '%2F')}"
    assert CourseReview.objects.count() == 0
    at_eight.shift(-1)
    assert client.post(path, refusal(post)).status_code == 302
    assert CourseReview.objects.get().decision == "refused"


def test_what_was_typed_survives_and_is_not_sent_by_itself(client, post, course, at_eight):
    at_eight.shift(600)
    path = reverse("training:course_review", args=[course.pk])
    asked = client.get(client.post(path, refusal(post)).url)
    assert "Confirm that it is you" in asked.content.decode()
    done = client.post("/accounts/confirm/", {"code": code_now(post.app), "next": path})
    assert done.url == path
    page = client.get(path).content.decode()
    assert "No synopsis à jour" in page
    assert "What you typed is here again; nothing was sent. Read it, then send it." in page
    assert CourseReview.objects.count() == 0
    client.post(path, refusal(post))
    assert CourseReview.objects.get().reason == "No synopsis à jour"


def test_wrong_code_leads_nowhere_and_too_many_wait(client, post):
    for _ in range(5):
        answer = client.post("/accounts/confirm/", {"code": "000000", "next": "/officers/"})
        assert answer.status_code == 200
        assert 'name="next" value="/officers/"' in answer.content.decode()
    stopped = client.post("/accounts/confirm/", {"code": code_now(post.app)})
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "300")


def test_it_never_leads_to_another_site(client, post):
    page = client.get("/accounts/confirm/?next=https://example.com/").content.decode()
    assert 'name="next" value="/"' in page
    answer = client.post("/accounts/confirm/", {"code": code_now(post.app), "next": "//example.com"})
    assert answer.url == "/"


def acts(agency, held, user):
    """Every act there is today: its address, and what is sent."""
    record = held.records.get()
    return {
        "enter": (reverse("training:class_enter", args=[agency.code]), {"step": "record"}),
        "held rows": (reverse("training:held_rows", args=[agency.code]), {"row": "1"}),
        "void": (reverse("training:class_void", args=[held.reference]), {"reason": "Entered twice"}),
        "correct": (reverse("training:class_correct", args=[held.reference]), {"step": "record", "reason": "Hours"}),
        "move": (reverse("training:class_move", args=[held.reference]), {"records": record.pk, "reason": "Not there"}),
        "settle": (reverse("training:duplicate_settle", args=[record.pk]), {"decision": "keep", "reason": "Other"}),
        "review": (reverse("training:course_review", args=[held.course_id]), refusal(user)),
        "make-up of the state": (reverse("compliance:make_up_of_state"), {f"year-{record.pk}": "2025"}),
        "make-up of a class": (reverse("compliance:class_make_up", args=[held.reference]), {}),
        "make-up of an agency": (reverse("compliance:make_up", args=[agency.code]), {}),
        "name": (reverse("training:people_name", args=[agency.code]), {"email": "new@example.org", "name": "New"}),
        "hand over": (reverse("training:people_hand_over", args=[agency.code]), {"email": "new@example.org"}),
        "recovery": (reverse("recovery_open"), {"email": "chief@example.org", "identified_by": "Called back"}),
    }


def test_every_such_act_asks(client, post, agency, held, at_eight):
    before = TrainingClass.objects.count(), Membership.objects.count()
    at_eight.shift(600)
    factories.user("new@example.org")  # has an account, so that nobody is invited by the clock of the database
    every = acts(agency, held, post)
    for name, (path, data) in every.items():
        sent = client.post(path, data)
        assert (name, sent.status_code) == (name, 302)
        assert (name, sent.url) == (name, f"/accounts/confirm/?next={path.replace('/', '%2F')}")
    assert (TrainingClass.objects.count(), Membership.objects.count()) == before
    assert held.records.get().voided_at is None
    client.post("/accounts/confirm/", {"code": code_now(post.app)})
    for name, (path, data) in every.items():
        sent = client.post(path, data)
        assert (name, "/accounts/confirm/" in sent.headers.get("Location", "")) == (name, False)


def test_matching_and_checking_ask_for_nothing(client, post, agency, held, at_eight):
    at_eight.shift(600)
    entered, corrected = ("training:class_enter", agency.code), ("training:class_correct", held.reference)
    for name, of in (entered, corrected):
        for step in ("check", "match", "roster"):
            assert (step, client.post(reverse(name, args=[of]), {"step": step}).status_code) == (step, 200)


# What the state's people send that neither changes what counts for a license nor gives anybody rights.
CHANGES_NO_STANDING = {
    "compliance:agency_plans",  # what could be taken; nobody is registered by it
    "compliance:plan_requests",  # seats in classes to come; confirming who completed a class asks
    "notifications:preferences",
    "notifications:confirm_address",
    "training:group_list",  # names of groups
    "training:course_submission",  # what a course is said to be; its review asks
    "training:import_list",  # a file is taken in and looked at; sending it asks
    "training:provider_import_list",
    "training:provider_calendar",  # what is to come; confirming who completed a class asks
    "training:provider_calendar_plan",
    "training:provider_calendar_imports",
    "training:brought_calendar",
    "training:brought_event",
    "training:scheduled_class",
    "training:scheduled_edit",
    "training:scheduled_move",
    "training:scheduled_call_off",
    "training:provider_course_add",  # a later version changes no credit given
    "training:catalogue_course",
    "training:catalogue_course_edit",
    "training:door",  # who came and left; confirming asks
    "training:door_send",
    "training:door_mark",
    "training:class_certificates",  # paper of what is on record
    "training:class_evaluate",  # their own
    "training:calendar_feed",
    "training:register",  # a seat in a class to come gives nothing
    "training:registration",
    "training:registration_give_back",
    "training:registration_hand_over",
    "training:registrations_enter",
    "training:registrations_of_class",
    "training:registrations_of_class_add",
    "training:roster_confirm",
    "training:roster_add",  # commissions say who sees a record, and count nothing
    "training:commission_end",
    "training:commission_correct",
    "training:commission_ask",
    "training:commission_settle",
    "training:question_answer",
    "training:state_people",  # the quarterly word
    "training:member_revoke",  # takes a right away, and is to be quick
    "training:provider_member_revoke",
    "training:officer_access",
    "training:invitation_again",  # to whom the right was given already
    "training:provider_invitation",
    "training:state_invitation",
    "training:invitation_confirm",  # their own
    "training:invitation_new",  # the right to one's own record, once a fact is confirmed
    "training:invitation_requests",
    "training:invitation_detail",
    "training:campaign_new",
    "training:not_connected",
    "compliance:my_record",  # their own
    "compliance:report_record",
    "compliance:outside_training",
    "compliance:my_contact",
    "compliance:my_contact_address",
    "compliance:my_contact_confirm",
    "compliance:my_plan",
    "compliance:mailing",
    "compliance:reminder_days",
    "compliance:relief_add",  # papers; the decision asks
    "compliance:relief_answer",
    "compliance:candidate_list",  # looks; only the Director makes a license inactive, outside the portal
    "compliance:candidate",
    "compliance:case",  # prepared for the Director, whose decision asks
    "compliance:case_list",
    "compliance:case_uncommissioned",
    "compliance:case_notice",
    "compliance:case_response_days",
    "compliance:case_forward",
    "compliance:case_leave",
    "compliance:case_appeal",
    "compliance:gap_search",  # what may be a recording error is found, put to agencies and closed; an answer asks
    "compliance:gap_queue",
    "compliance:officer_transcripts",  # says what is, and changes nothing
    "compliance:rule_begin",  # drafts of what a period asks; publishing asks
    "compliance:rule_case",
    "compliance:rule_requirement",
    "compliance:rule_set_add",
    "compliance:rule_set_case_new",
    "compliance:rule_set_cases",
    "compliance:rule_set_discard",
    "compliance:rule_set_frame",
    "compliance:rule_set_hand_in",
    "compliance:rule_set_topic",
}


def test_every_sending_of_the_state_asks_or_is_known_to_change_no_standing():
    sent = {
        name
        for name in OURS
        if "POST" in PAGES[name].methods
        and not PAGES[name].is_public
        and (STATE & PAGES[name].may) - PAGES[name].only_look
        and not name.endswith("_effect")  # rehearsed, shown and taken back
    }
    asking = {name for name in sent if issubclass(resolve(of_nothing(name)).func.view_class, StepUpMixin)}
    assert (sent - asking - CHANGES_NO_STANDING, CHANGES_NO_STANDING - (sent - asking)) == (set(), set())


def test_corrected_class_is_shown_with_what_was_typed(client, post, held, at_eight):
    at_eight.shift(600)
    path = reverse("training:class_correct", args=[held.reference])
    typed = {"step": "record", "course": "Vehicle stops à nuit", "signed_in_as": interrupted.token(post)}
    client.post(path, typed)
    client.post("/accounts/confirm/", {"code": code_now(post.app), "next": path})
    assert "Vehicle stops à nuit" in client.get(path).content.decode()


def test_agency_is_not_asked(client, agency, held, at_eight):
    chief = factories.ceo(agency)
    client.force_login(chief)
    at_eight.shift(600)
    client.post(reverse("training:class_void", args=[held.reference]), {"reason": "Entered twice", "step": "void"})
    assert client.get(reverse("training:class_detail", args=[held.reference])).status_code == 200
    assert client.get("/accounts/confirm/").url == "/accounts/security/?"


def test_htmx_is_told_and_leaves_the_page(client, post, course, at_eight):
    at_eight.shift(600)
    path = reverse("training:course_review", args=[course.pk])
    answer = client.post(path, refusal(post), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "interrupted_work" not in client.session


def test_proof_in_one_browser_is_none_in_another(client, post, course, at_eight):
    at_eight.shift(600)
    other = Client()
    other.force_login(post)
    path = reverse("training:course_review", args=[course.pk])
    assert client.post(path, refusal(post)).url.startswith("/accounts/confirm/")
    assert not other.post(path, refusal(post)).url.startswith("/accounts/confirm/")
