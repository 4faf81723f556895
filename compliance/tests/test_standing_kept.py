"""What a standing page keeps is never behind: whatever changes, the next page is as if it were made anew."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection

from clee_portal import clock
from clee_portal.history.models import Access
from compliance import versions
from compliance.models import RecordReport, ReportingPeriod
from compliance.tests import people
from training.models import Course, CourseReview, Membership, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
PAGE = "/officers/41877/standing/"


@pytest.fixture(autouse=True)
def november():
    """A day in the season of 2026, with nothing kept from elsewhere."""
    caches["standings"].clear()
    with time_machine.travel(NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff", phone="(573) 555-0142")


@pytest.fixture
def dana(agency):
    one = make.officer(agency, name="Dana Whitlock", license_number="41877")
    people.complete(one, agency, 2025)
    people.complete(one, agency, 2026, legal=1, technical=1, skill=1)
    return one


def shown(client, path: str = PAGE) -> str:
    """The page's own part, without what every page has around it."""
    return re.search(r"<main.*?</main>", client.get(path).content.decode(), re.DOTALL)[0]


def sql(statement: str, *values) -> None:
    """A change that passes by everything but the database."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def seat(agency, dana):
    """A seat in a class to come."""
    held = make.scheduled_class(make.provider_course(make.provider(), "Arrest law"), NOVEMBER + dt.timedelta(days=9))
    return make.registration(held, dana)


def reported(dana, **more) -> RecordReport:
    """A class of the year that the officer says is missing."""
    day = dt.date(2026, 10, 8)
    given = {"kind": "missing", "title": "Night driving", "hours": 3, "completed_on": day} | more
    account = given.pop("reported_by", None) or make.user()
    return RecordReport.objects.create(
        officer=dana, starts_on=given["completed_on"], asked_on=day, reported_at=NOVEMBER, reported_by=account,
        submission_key=uuid.uuid4(), **given,
    )  # fmt: skip


CHANGES = {
    "a class is credited": lambda agency, dana: people.credit(
        dana, dt.date(2026, 11, 20), people.academy_course("New law"), legal=1
    ),
    "a record is voided": lambda agency, dana: TrainingRecord.objects.filter(
        officer=dana, credited_year=2026, source_kind="in_service"
    ).update(voided_at=NOVEMBER, void_reason="Entered twice"),
    "a record is marked as a duplicate by hand": lambda agency, dana: sql(
        "UPDATE training_trainingrecord SET not_counted = 'duplicate' WHERE officer_id = %s AND credited_year = 2026",
        dana.pk,
    ),
    "a course has another title": lambda agency, dana: Course.objects.filter(agency=agency).update(title="Renamed"),
    "a course is refused": lambda agency, dana: CourseReview.objects.create(
        course=Course.objects.filter(agency=agency).last(),
        decision="refused",
        decided_on=dt.date(2026, 11, 23),
        reason="No synopsis",
        recorded_at=NOVEMBER,
    ),
    "the license is suspended": lambda agency, dana: people.event(dana, "suspended", dt.date(2026, 11, 22)),
    "more time is asked for": lambda agency, dana: people.relief(dana, 2026, requested_on=dt.date(2026, 11, 1)),
    "more time is granted": lambda agency, dana: people.relief(
        dana, 2026, decision="granted", due_on=dt.date(2027, 6, 30), requested_on=dt.date(2026, 11, 1)
    ),
    "the agency is renamed": lambda agency, dana: sql(
        "UPDATE training_agency SET name = 'Harlan Sheriff’s Office' WHERE id = %s", agency.pk
    ),
    "another agency commissions the officer": lambda agency, dana: make.commission(
        dana, make.agency("other", "Other Police")
    ),
    "the officer is renamed": lambda agency, dana: sql(
        "UPDATE training_officer SET last_name = 'Reed' WHERE id = %s", dana.pk
    ),
    "the last day is moved": lambda agency, dana: sql(
        "UPDATE compliance_reportingperiod SET show_by = '2027-03-31' WHERE year = 2026"
    ),
    "a seat is taken": seat,
    "a class is reported as missing": lambda agency, dana: reported(dana, agency=agency),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_page_after_a_change_is_as_if_made_anew(client, agency, dana, change):
    client.force_login(make.post_staff())
    before = shown(client)
    assert shown(client) == before
    change(agency, dana)
    after = shown(client)
    caches["standings"].clear()
    assert after == shown(client)
    assert after != before


def test_next_day_is_another_page(client, dana):
    account = make.officer_account(dana)
    client.force_login(account)
    assert "You have 38 days." in shown(client, "/standing/")
    with time_machine.travel(NOVEMBER + dt.timedelta(days=1), tick=False):
        client.force_login(account)
        assert "You have 37 days." in shown(client, "/standing/")


def test_each_look_at_a_kept_page_is_recorded(client, agency, dana):
    client.force_login(make.ceo(agency))
    for _ in range(3):
        shown(client)
    assert Access.objects.filter(kind="viewed", license_number="41877", what="Standing of 2026").count() == 3


def test_page_kept_for_one_reader_is_not_given_to_another(client, agency, dana):
    delegate = make.delegate(agency)
    Membership.objects.filter(user=delegate).update(may_ask_relief=False)
    readers = {"ceo": make.ceo(agency), "delegate": delegate, "staff": make.post_staff()}
    pages, account = {}, make.officer_account(dana)
    for _ in range(2):
        for name, user in readers.items():
            client.force_login(user)
            pages.setdefault(name, []).append(shown(client))
        client.force_login(account)
        assert "You need 4 more hours" in shown(client)
    assert all(first == second for first, second in pages.values())
    asks = {name: "ask for more time" in both[0] for name, both in pages.items()}
    assert asks == {"ceo": True, "delegate": False, "staff": True}
    assert "The officer in the register" in pages["staff"][0]
    assert "The officer in the register" not in pages["ceo"][0]


def test_kept_page_takes_fewer_statements_and_the_same_for_one_class_and_many(
    client, agency, dana, django_assert_num_queries
):
    empty, many, short = (make.officer(agency) for _ in range(3))
    course = people.academy_course()
    people.complete(many, agency, 2025)
    people.complete(short, agency, 2025, legal=1)
    for day in range(1, 29):
        people.credit(many, dt.date(2026, 2, day), course, legal=1)
        people.credit(short, dt.date(2026, 2, day), course, legal=1)
    client.force_login(make.post_staff())
    # Without a line no review is looked for; of whom is short last year, what may be credited to it is.
    for officer, afresh in ((dana, 12), (empty, 11), (many, 12), (short, 20)):
        path = f"/officers/{officer.license_number}/standing/"
        client.get(path)
        caches["standings"].clear()
        with django_assert_num_queries(afresh):
            client.get(path)
        with django_assert_num_queries(7):
            client.get(path)


def test_what_waits_says_what_it_would_change(client, agency):
    officer = make.officer(agency, name="Renee Abbott", license_number="500")
    people.complete(officer, agency, 2025, legal=1)
    people.credit(officer, dt.date(2026, 2, 3), people.academy_course("Arrest law"), legal=2)
    people.credit(officer, dt.date(2026, 5, 4), make.course(agency, "Night driving"), skill=3)
    client.force_login(make.officer_account(officer))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown(client, "/standing/")))
    waits = text.split("What is waiting, and what it would change")[1].split("Every period")[0]
    assert waits.strip() == (
        "Night driving · May 4, 2026 · 3 hours The hours count now. POST has not looked at the course yet. If POST "
        "refuses it, you will need 22 more hours for 2026. Arrest law · February 3, 2026 · 2 hours The hours count for "
        "2026. POST can credit them to 2025. If they are credited to 2025: 2025 is complete; 2026 needs 21 more hours."
    )
    caches["standings"].clear()
    assert "What is waiting" not in shown(client, "/standing/?as_of=2026-06-01")


def test_what_the_officer_reported_waits_in_one_text_for_all(client, agency):
    renee = make.officer(agency, name="Renee Abbott", license_number="500")
    account, other = make.officer_account(renee), make.agency("other", "Other Police")
    make.commission(renee, other)
    by = {"reported_by": account}
    one = reported(renee, agency=agency, **by)
    elsewhere = {"source": "FLETC", "approved_by": "FLETC", "escalated_at": NOVEMBER, "escalated_why": "outside"}
    reported(renee, kind="outside", title="Federal course", hours=2, **elsewhere, **by)
    reported(renee, title="Vehicle stops", agency=agency, hours=None, **by)
    reported(renee, agency=agency, completed_on=dt.date(2025, 10, 8), **by)
    told = {}
    readers = {"own": account, "asked": make.ceo(agency), "other": make.ceo(other), "POST": make.post_staff()}
    for who, user in readers.items():
        client.force_login(user)
        page = shown(client, "/standing/" if who == "own" else "/officers/500/standing/")
        part = page.split("What is waiting, and what it would change</h2>")[1].split("</section>")[0]
        told[who] = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).strip()
        assert (who, one.reference in part) == (who, who != "other")  # the page of a report is not another agency's
    assert told["own"] == (
        "Vehicle stops · October 8, 2026 You said on November 23, 2026 that it is missing. Waits for Harlan County "
        "Sheriff. If it is recorded, its hours are added for 2026. Federal course · October 8, 2026 · 2 hours You sent "
        "it to POST on November 23, 2026. POST has it. If it is recorded, up to 2 hours are added for 2026. Night "
        "driving · October 8, 2026 · 3 hours You said on November 23, 2026 that it is missing. Waits for Harlan County "
        "Sheriff. If it is recorded, up to 3 hours are added for 2026."
    )
    named = told["own"].replace("You sent", "Renee Abbott sent").replace("You said", "Renee Abbott said")
    assert {told["asked"], told["other"], told["POST"]} == {named}


def test_version_says_of_what_there_is_anything(agency, dana):
    facts = versions.of_officer(dana.pk)
    assert facts[2:] == (False, False, False, False, False, False)
    people.relief(dana, 2026, requested_on=dt.date(2026, 11, 1))
    seat(agency, dana)
    assert versions.of_officer(dana.pk)[2:] == (True, False, False, True, False, False)
    reported(dana, agency=agency)
    assert versions.of_officer(dana.pk)[2:] == (True, False, False, True, False, True)
    assert versions.of_officer(dana.pk).rules == facts.rules
    ReportingPeriod.objects.filter(year=2026).update(show_by=dt.date(2027, 3, 31))
    assert versions.of_officer(dana.pk).rules != facts.rules
