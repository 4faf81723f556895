"""My standing: one page and one text for officer, chief and POST; who may open it; what it costs."""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.core.cache import caches
from django.db import transaction

from clee_portal import clock
from compliance import selectors, standings
from compliance.cases import checking, reading
from compliance.models import ReportingPeriod
from compliance.tests import people
from compliance.views.standing_rows import finds as address_of
from training import licensing
from training.models import Membership, Officer, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db

CASES = Path(__file__).parent / "cases"
NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)

FOUR = "4 more hours, at least 1 of them in legal studies and 3 from an approved provider, by December 31."
SIX = "at least 1 of them in legal studies and 4 from an approved provider"
EXTENDED = f"You need 6 more hours, {SIX}, for 2025 by December 31, when your extension ends."


@pytest.fixture(autouse=True)
def november():
    """A day in the season of 2026."""
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


@pytest.fixture
def opened(client):
    """Opens a page as a person."""

    def call(path, as_):
        client.force_login(as_)
        return client.get(path)

    return call


def test_officer_reads_the_answer_first(opened, dana):
    page = opened("/standing/", make.officer_account(dana))
    assert page.context["answer"].headline == f"You need {FOUR}"
    assert f'<h1 class="long">You need {FOUR}</h1>' in page.content.decode()
    assert [need.requirement.code for need in page.context["needs"] if need.chip.label != "Met"] == [
        "total",
        "approved_provider",
        "legal",
    ]
    assert [row.year for row in page.context["history"]] == [2026, 2025]


def test_chief_and_staff_read_the_same_with_the_name(opened, agency, dana):
    own = opened("/standing/", make.officer_account(dana)).context["answer"]
    for reader in (make.ceo(agency), make.delegate(agency), make.post_staff(), make.director()):
        caches["standings"].clear()  # what may be kept for two of them is made for each
        said = opened("/officers/41877/standing/", reader).context["answer"]
        assert said.headline == f"Dana Whitlock needs {FOUR}"
        assert said.deadline == own.deadline


def test_agency_is_a_link_for_those_who_may_open_it(opened, agency, dana):
    make.commission(dana, make.agency("other", "Other Police"))
    links = {code: f'<a href="/agencies/{code}/">' for code in ("harlan", "other")}

    def linked(reader, path="/officers/41877/standing/") -> list[str]:
        text = opened(path, reader).content.decode().split("<main")[1].split("<section")[0]
        assert "Harlan County Sheriff" in text
        assert "Other Police" in text
        return [code for code, link in links.items() if link in text]

    assert linked(make.post_staff()) == linked(make.director()) == ["harlan", "other"]
    assert linked(make.ceo(agency)) == linked(make.delegate(agency)) == ["harlan"]
    assert linked(make.officer_account(dana), "/standing/") == []


SECOND_PERSON = re.compile(r"\b(you|your|yours|yourself)\b", re.IGNORECASE)


@pytest.mark.parametrize("year", [2025, 2026])
def test_officer_is_spoken_of_in_the_third_person_to_others(opened, agency, year):
    readers = (make.ceo(agency), make.post_staff(), make.director())
    for standing, officer in people.in_every_standing(agency, 2025).items():
        for day in ("2026-11-23", "2026-02-05", "2025-06-01"):
            query = f"?period={year}&as_of={day}"
            for reader in readers:
                page = opened(f"/officers/{officer.license_number}/standing/{query}", reader).content.decode()
                said = re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])
                assert (standing, day, SECOND_PERSON.findall(said)) == (standing, day, [])
                for order in ("Ask POST", "have it reported", "send POST", "reach POST", "Look under"):
                    assert order not in said


def test_officer_is_addressed(opened, agency, dana):
    page = opened("/standing/", make.officer_account(dana)).content.decode()
    for words in ("You need 4 more hours", "Look under each requirement", "reach POST with", "send POST"):
        assert words in page


def test_page_of_an_officer_not_open_to_the_person_does_not_exist(opened, agency, dana):
    elsewhere = make.agency("other")
    colleague = make.officer(agency)
    for reader in (make.ceo(elsewhere), make.officer_account(colleague), make.user()):
        assert opened("/officers/41877/standing/", reader).status_code == 404


def test_former_agency_loses_sight_of_the_officer(opened, agency):
    left = make.officer(agency, license_number="500", until=dt.date(2026, 11, 22))
    assert opened(f"/officers/{left.license_number}/standing/", make.ceo(agency)).status_code == 404


def test_account_without_a_license_is_told_how_to_get_it_connected(opened, agency):
    page = opened("/standing/", make.ceo(agency))
    assert page.status_code == 200
    assert "Your account is not connected to a license." in page.content.decode()


def test_another_day_shows_what_was_known_then(opened, dana):
    page = opened("/standing/?as_of=2026-05-01", make.officer_account(dana))
    assert page.context["finding"].earned["total"] == 5
    text = page.content.decode()
    assert "As of May 1, 2026: what was known then." in text
    assert "Today, " not in text


@pytest.mark.parametrize(
    ("query", "trouble"),
    [
        ("as_of=2026-13-01", "“2026-13-01” is not a date. Write it like 2026-03-01."),
        ("as_of=2026-11-24", "November 24, 2026 is still to come. This is today’s standing."),
        ("as_of=2017-12-31", "The periods kept here begin with 2018."),
    ],
)
def test_day_that_cannot_be_shown_says_so_and_shows_today(opened, dana, query, trouble):
    page = opened(f"/standing/?{query}", make.officer_account(dana))
    assert (page.context["asked"].trouble, page.context["asked"].is_replay) == (trouble, False)
    assert trouble in page.content.decode()


@pytest.mark.parametrize("period", ["2017", "1", "abc", "99999", "²⁰²⁵"])
def test_period_that_does_not_exist_is_not_found(opened, dana, period):
    assert opened(f"/standing/?period={period}", make.officer_account(dana)).status_code == 404


def test_lines_say_why_they_did_not_count_and_what_is_not_reviewed(opened, agency, dana):
    people.credit(dana, dt.date(2026, 1, 22), people.academy_course("Interview"), year=2025, legal=2)
    people.credit(dana, dt.date(2026, 6, 1), make.course(agency, "Refused", refused_on=dt.date(2026, 7, 1)), legal=3)
    needs = opened("/standing/", make.officer_account(dana)).context["needs"]
    legal = next(need for need in needs if need.requirement.code == "legal")
    assert [(line.held.course.title, line.chip.label, line.held.is_unreviewed) for line in legal.lines] == [
        ("Refused", "Course refused", False),
        ("Search and seizure update", "Counted", False),
        ("Interview", "Credited to 2025", False),
    ]
    approved = next(need for need in needs if need.requirement.code == "approved_provider")
    assert ("Spring firearms and use of force", "Not this source", True) in [
        (line.held.course.title, line.chip.label, line.held.is_unreviewed) for line in approved.lines
    ]


def test_every_standing_has_its_page(opened, agency):
    ten = people.in_every_standing(agency, 2025)
    staff = make.post_staff()
    for standing, officer in ten.items():
        page = opened(f"/officers/{officer.license_number}/standing/?period=2025", staff)
        assert (standing, page.context["finding"].standing.value) == (standing, standing)
    number = ten["candidate"].license_number
    for day, standing in (("2025-12-31", "in_progress"), ("2026-01-01", "grace"), ("2026-03-15", "grace")):
        page = opened(f"/officers/{number}/standing/?period=2025&as_of={day}", staff)
        assert page.context["finding"].standing == standing


def test_nobody_is_called_a_candidate_before_post_has_looked(opened, agency):
    officer = people.in_every_standing(agency, 2025)["candidate"]
    page = opened("/standing/?period=2025", make.officer_account(officer))
    assert page.context["answer"].headline == (
        f"You still need 6 hours, {SIX}, for 2025: March 15, 2026 is past, and POST is checking the record."
    )
    assert "andidate" not in page.content.decode()


def test_license_is_called_inactive_once(opened, agency):
    officer = people.in_every_standing(agency, 2025)["inactive"]
    for year, chips in ((2025, ["License inactive"]), (2026, ["In progress", "License inactive"])):
        page = opened(f"/officers/{officer.license_number}/standing/?period={year}", make.ceo(agency))
        context, text = page.context, page.content.decode()
        assert [one.label for one in (context["chip"], context["license_chip"]) if one] == chips
        assert text.split('id="history"')[0].count("License inactive") == 1
        assert "License inactive" not in text.split('aria-labelledby="license"')[1]


def test_last_years_gap_is_said_on_this_years_page(opened, agency):
    officer = people.in_every_standing(agency, 2025)["extended"]
    others = opened("/standing/", make.officer_account(officer)).context["other_answers"]
    assert [(one["year"], one["answer"].headline) for one in others] == [(2025, EXTENDED)]


def test_history_accuses_nobody_of_years_of_which_nothing_is_kept(opened, agency):
    officer = make.officer(agency, issued_on=dt.date(1999, 5, 1))
    rows = opened("/standing/", make.officer_account(officer)).context["history"]
    assert [(row.year, row.finding.standing.value) for row in rows] == [(2026, "in_progress"), (2025, "candidate")]


def test_account_with_several_licenses_is_led_to_each(opened, agency, dana):
    second = make.officer(agency, name="Dana Whitlock", license_number="9120")
    account = make.officer_account(dana)
    Membership.objects.create(user=account, officer=second, role=Membership.Role.OFFICER, starts_on=dt.date(2026, 1, 1))
    first = opened("/standing/", account)
    assert [one.license_number for one in first.context["own_licenses"]] == ["9120", "41877"]
    assert first.context["officer"] == second
    assert '<a class="filter-on" href="/officers/41877/standing/">License 41877</a>' in first.content.decode()
    other = opened("/officers/41877/standing/", account)
    assert other.context["answer"].headline == f"You need {FOUR}"
    assert '<a class="filter-on" href="/officers/9120/standing/">License 9120</a>' in other.content.decode()
    assert "Your licenses" not in opened("/officers/41877/standing/", make.ceo(agency)).content.decode()


def test_extension_of_last_year_is_told_with_last_years_number(opened, agency):
    officer = people.in_every_standing(agency, 2025)["extended"]
    account = make.officer_account(officer)
    this_year = opened("/standing/", account)
    assert this_year.context["answer"].headline == (
        "You need 24 more hours, at least 2 each in legal studies, technical studies, interpersonal perspectives and "
        "firearms (in person), 1 each on racial profiling, implicit bias and de-escalation, and 8 from an approved "
        "provider, by December 31."
    )
    assert EXTENDED in this_year.content.decode()
    last_year = opened("/standing/?period=2025", account).context
    assert last_year["answer"].headline == EXTENDED
    assert [(row.year, row.chip.label) for row in last_year["history"]] == [
        (2026, "In progress"),
        (2025, "Extended to Dec 31, 2026"),
    ]


def test_name_is_escaped(opened, agency):
    officer = make.officer(agency, name="<b>Dana <script>alert(1)</script>")
    page = opened(f"/officers/{officer.license_number}/standing/", make.ceo(agency)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_findings_over_the_periods_are_those_of_the_one_definition():
    """Every golden case: the page's reading of all periods agrees with the statement that judges a state."""
    compared = 0
    for case in reading.read([CASES]):
        with transaction.atomic():
            period = ReportingPeriod.objects.get(year=case.data["period"])
            officer = checking._write(case, period)
            as_of = clock.end_of_day(case.data["as_of"])
            events = licensing.events_of(officer, as_of)
            found = selectors.over_the_periods(officer, selectors.questions(as_of), as_of, events)
            for year in {period.year - 1, period.year} & found.keys():
                question = standings.question(ReportingPeriod.objects.get(year=year), as_of)
                assert (case.name, found[year].finding) == (case.name, standings.of_officer(question, officer))
                compared += 1
            transaction.set_rollback(True)
    assert compared > 173
    assert (Officer.objects.count(), TrainingRecord.objects.count()) == (0, 0)


def test_what_is_missing_leads_to_classes_that_give_it_and_what_counted_to_its_class(opened, dana):
    account = make.officer_account(dana)
    page = opened("/standing/", account)
    finds = {need.requirement.code: need.finds for need in page.context["needs"] if need.finds}
    assert finds == {"total": "/calendar/", "approved_provider": "/calendar/", "legal": "/calendar/?gives=legal"}
    firearms = next(need.requirement for need in page.context["needs"] if need.requirement.code == "firearms")
    assert address_of(firearms) == "/calendar/?gives=firearms&delivery=classroom"
    assert '<a href="/calendar/?gives=legal">' in page.text
    record = TrainingRecord.objects.filter(officer=dana, credited_year=2026).first()
    assert f'<a href="/classes/{record.training_class.reference}/">' in page.text
    # Of a day that is past, and of a year that is over, nothing is to be found any more.
    for old in ("?period=2026&as_of=2026-06-01", "?period=2024"):
        assert "/calendar/?gives=" not in opened(f"/standing/{old}", account).text
