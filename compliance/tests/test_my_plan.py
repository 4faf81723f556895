"""The officer's plan: what it offers, that it agrees with the judgement, and that one button takes all or nothing."""

import datetime as dt
import re
import uuid
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from compliance import my_plan, will_be
from compliance.my_plan import Limits
from compliance.paths import Weights
from compliance.tests.test_transcript_people import in_many
from compliance.verdict import Standing
from training.models import Course, ProviderLicense, Registration, ScheduledClass, TrainingClass, TrainingRecord
from training.tests import factories as make
from training.tests.test_registrations import at, person

pytestmark = pytest.mark.django_db
PLAN = "/my-plan/"
OTHERS = f"{PLAN}?others=1"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False):
        yield


@pytest.fixture
def school():
    return make.provider("Ozark Bluffs Academy")


@pytest.fixture
def officer(client, school):
    """Somebody who lacks three hours, one of them on de-escalation."""
    one, account = person(make.agency("cedar-hollow", "Cedar Hollow Police"))
    make.record(
        one, dt.date(2026, 2, 3), course=make.provider_course(school, "Half"), legal=4, technical=4, skill=8,
        skill__firearms=2, interpersonal__racial_profiling=1, interpersonal__implicit_bias=2,
    )  # fmt: skip
    client.force_login(account)
    return one


def a_class(school, title: str, day: int, *, more: dict | None = None, **hours) -> ScheduledClass:
    return make.scheduled_class(make.provider_course(school, title, **hours), at(day), **(more or {}))


@pytest.fixture
def classes(school):
    return {
        "calm": a_class(school, "Calm words", 20, interpersonal__de_escalation=1, legal=2),
        "long": a_class(school, "A long day", 21, interpersonal__de_escalation=4),
        "two": a_class(school, "Two more", 22, technical=2),
        "one": a_class(school, "One hour", 23, interpersonal__de_escalation=1),
    }


def heading(page) -> str:
    return " ".join(re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)[1].split())


def sent(page, place: int, **more) -> dict:
    """What the button of a way sends."""
    form = re.findall(r'<form method="post" action="\?.*?</form>', page.text, re.DOTALL)[place]
    given = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form))
    return {**given, "submission_key": str(uuid.uuid4()), "step": "take", **more}


def sets(officer) -> list[set[int]]:
    found = my_plan.plan(officer, Weights(), Limits(), clock.now()).found
    return [set(path.keys) for path in found.paths]


def test_the_best_way_and_two_others_with_the_reason_of_each_class(client, officer, classes):
    page = client.get(OTHERS)
    assert heading(page) == "1 class of 3 hours would complete your hours for 2026"
    assert "Missing: <b>3 hours in all and 1 hour on de-escalation</b>." in page.text
    assert [sent(page, at)["classes"] for at in range(3)] == [
        str(classes["calm"].pk), f"{classes['two'].pk},{classes['one'].pk}", str(classes["long"].pk)
    ]  # fmt: skip
    assert "Without it you would lack 2 hours in all." in page.text  # “Two more”
    assert "Without it you would lack 1 hour in all and 1 hour on de-escalation." in page.text  # “One hour”
    assert "No hour more than your gap needs." in page.text
    assert "1 hour more than the fewest your gap could need." in page.text.replace("  ", " ")


def test_the_best_way_is_there_first_and_the_others_come_after_it(client, officer, classes):
    first = client.get(PLAN)
    assert [one["classes"] for one in (sent(first, 0),)] == [str(classes["calm"].pk)]
    assert first.text.count('name="classes"') == 1
    assert 'hx-get="?others=1"' in first.text
    more = client.get(OTHERS, headers={"HX-Request": "true"})
    assert "<html" not in more.text
    assert [sent(more, at)["classes"] for at in range(2)] == [
        f"{classes['two'].pk},{classes['one'].pk}", str(classes["long"].pk)
    ]  # fmt: skip
    assert 'hx-get="?others=1"' not in client.get(OTHERS).text


def test_whoever_completes_a_way_is_compliant_by_the_judgement_itself(officer, classes):
    for keys in sets(officer):
        seats = [
            Registration(scheduled_class=one, officer=officer) for one in ScheduledClass.objects.filter(pk__in=keys)
        ]
        assert will_be.finding_then(officer, seats, 2026)[1].standing == Standing.COMPLIANT
        assert will_be.finding_then(officer, seats[1:], 2026)[1].standing == Standing.IN_PROGRESS
    assert len(sets(officer)) == 3


def test_seats_one_has_are_counted_before_anything_is_looked_for(client, officer, classes):
    make.registration(classes["two"], officer)
    assert sets(officer) == [{classes["one"].pk}, {classes["calm"].pk}, {classes["long"].pk}]
    page = client.get(PLAN)
    assert (
        "Missing, with the 1 class you have a seat in counted: <b>1 hour in all and 1 hour on de-escalation</b>"
        in page.text
    )
    make.registration(classes["one"], officer)
    page = client.get(PLAN)
    assert heading(page) == "Nothing more is needed for 2026, once you complete what you are registered for"
    assert 'name="classes"' not in page.text


# What is offered -----------------------------------------------------------------------------------------------------


def offered(officer) -> set[int]:
    gap = my_plan.gap_of(officer, clock.now())
    return {one.offered.key for one in my_plan.offers(officer, gap, clock.now(), Limits())}


def test_what_could_not_be_taken_or_would_give_nothing_is_left_out(officer, classes, school):
    every = {one.pk for one in classes.values()}
    assert offered(officer) == every
    full = a_class(school, "Full", 24, legal=1, more={"capacity": 1})
    make.registration(full, make.officer())
    waited = a_class(school, "Waited for", 24, legal=1)
    make.registration(waited, make.officer(), state="waiting")
    a_class(school, "Closed", 24, legal=1, more={"closes_at": clock.now()})
    a_class(school, "Not open", 24, legal=1, more={"opens_at": clock.now() + dt.timedelta(hours=1)})
    a_class(school, "Half", 24, legal=1)  # on the record already
    a_class(school, "draft", 24, legal=1, more={"state": "draft"})
    make.scheduled_class(make.provider_course(school, "Next year", legal=1), at(20) + dt.timedelta(days=300))
    ending = make.provider("Ending")
    ProviderLicense.objects.filter(provider=ending).update(valid_until=at(20).date())
    a_class(ending, "After its license", 24, legal=1)
    assert offered(officer) == every
    busy = a_class(school, "At the hours of “Calm words”", 20, legal=1)
    assert offered(officer) == every | {busy.pk}
    make.registration(busy, officer)
    assert offered(officer) == every - {classes["calm"].pk}


def test_what_the_calendar_lacks_is_said(client, officer, school):
    a_class(school, "Two more", 22, technical=2)
    page = client.get(PLAN)
    assert heading(page) == "The calendar cannot complete your hours for 2026"
    assert "Missing whatever you take: 1 hour in all and 1 hour on de-escalation." in page.text
    assert "The nearest to it" in page.text


def test_limits_leave_classes_out_and_say_where_they_are_to_blame(client, officer, classes):
    assert sent(client.get(f"{PLAN}?off=2"), 0)["classes"] == f"{classes['two'].pk},{classes['one'].pk}"  # Wednesdays
    page = client.get(f"{PLAN}?delivery=online")
    assert heading(page) == "The calendar cannot complete your hours for 2026 as you want it"
    assert "Without what you chose below the calendar has a way" in page.text
    ScheduledClass.objects.filter(pk=classes["calm"].pk).update(fee=90)
    assert sent(client.get(f"{PLAN}?fee=0"), 0)["classes"] == str(classes["calm"].pk)
    assert sent(client.get(f"{PLAN}?fee=3"), 0)["classes"] == f"{classes['two'].pk},{classes['one'].pk}"
    assert client.get(f"{PLAN}?free=on&others=1").text.count('name="classes"') == 2


def test_what_is_wrong_in_the_address_is_said_and_limits_nothing(client, officer, classes):
    page = client.get(f"{PLAN}?hours=9&zip=00000&miles=7&off=x&delivery=boat")
    assert "There is no ZIP code 00000." in page.text
    wishes = re.findall(r'<(?:select|input)[^>]* name="([a-z]+)"[^>]* id="plan-', page.text)
    assert list(dict.fromkeys(wishes)) == ["hours", "near", "soon", "fee", "zip", "miles", "delivery", "off", "free"]
    assert heading(page) == "1 class of 3 hours would complete your hours for 2026"


# The button ----------------------------------------------------------------------------------------------------------


def test_one_button_takes_a_seat_in_every_class_and_sent_again_no_more(client, officer, classes):
    data = sent(client.get(OTHERS), 1)
    answer = client.post(PLAN, data, follow=True)
    assert answer.redirect_chain[0][0] == reverse("training:my_classes")
    assert "You have a seat in “Two more” and “One hour”." in answer.text
    assert sorted(Registration.objects.values_list("scheduled_class", "state")) == sorted(
        (classes[name].pk, "registered") for name in ("two", "one")
    )
    client.post(PLAN, data)
    assert Registration.objects.count() == 2
    assert my_plan.gap_of(officer, clock.now()).lacks == ()


def refused(client, data) -> str:
    page = client.post(PLAN, data)
    assert page.status_code == 200
    return " ".join(unescape(re.search(r'class="error-summary".*?<li>(.*?)</li>', page.text, re.DOTALL)[1]).split())


def test_a_class_that_filled_meanwhile_leaves_nothing_half_done(client, officer, classes):
    data = sent(client.get(OTHERS), 1)
    ScheduledClass.objects.filter(pk=classes["one"].pk).update(capacity=1)
    make.registration(classes["one"], make.officer())
    assert refused(client, data) == (
        "“One hour” has filled since the plan was made. You were registered for none of these classes. "
        "Below is the plan as it is now."
    )
    assert not Registration.objects.filter(officer=officer).exists()


def test_a_class_that_others_wait_for_gives_no_seat(client, officer, classes):
    data = sent(client.get(OTHERS), 1)
    make.registration(classes["one"], make.officer(), state="waiting")
    assert "have changed since" in refused(client, data)
    assert not Registration.objects.filter(officer=officer).exists()


@pytest.mark.parametrize("change", ["record", "seat", "hours", "moved", "called off", "tampered"])
def test_what_changed_since_it_was_shown_is_said_and_nothing_is_done(client, officer, classes, school, change):
    data = sent(client.get(OTHERS), 1)
    match change:
        case "record":
            course = make.provider_course(school, "Meanwhile", technical=1)
            make.record(officer, dt.date(2026, 3, 3), course=course, technical=1)
        case "seat":
            make.registration(classes["calm"], officer)
        case "hours":
            classes["two"].lines.update(hours=1)
        case "moved":
            classes["two"].meetings.update(ends_at=at(22, 13))
        case "called off":
            ScheduledClass.objects.filter(pk=classes["two"].pk).update(
                state="called_off", called_off_at=clock.now(), called_off_because="Flood"
            )
        case "tampered":
            data["classes"] = str(classes["two"].pk)
    before = Registration.objects.count()
    told = refused(client, data)
    assert "You were registered for none of these classes." in told
    assert Registration.objects.count() == before
    assert {"seat": "Nothing is missing any more", "called off": "called off: Flood"}.get(
        change, "changed since"
    ) in told


def test_what_there_is_to_know_is_ticked_first(client, officer, classes):
    make.license_event(officer, "suspended", dt.date(2026, 4, 1))
    data = sent(client.get(OTHERS), 1)
    page = client.post(PLAN, data)
    assert "The license is suspended" in page.text
    assert not Registration.objects.exists()
    key = re.search(r'name="accepts" id="id_accepts" value="([0-9a-f]{16})"', page.text)[1]
    client.post(PLAN, {**data, "accepts": key})
    assert Registration.objects.count() == 2


def test_nobody_takes_a_plan_for_another_license(client, officer, classes):
    other = make.officer()
    assert client.post(PLAN, sent(client.get(PLAN), 0, license=other.license_number)).status_code == 404
    assert client.get(f"{PLAN}?license={other.license_number}").status_code == 404
    assert not Registration.objects.exists()


def test_nonsense_is_no_plan(client, officer, classes):
    data = sent(client.get(PLAN), 0)
    for wrong in ({"classes": "x"}, {"classes": "999999999"}, {"shown": ""}, {"submission_key": "7"}):
        assert "registered for none of these classes" in refused(client, {**data, **wrong})


def test_an_account_without_a_license_is_told_how_to_connect_it(client):
    client.force_login(make.user("nobody@example.org"))
    assert "not connected to a license" in client.get(PLAN).text


def test_as_many_statements_for_one_class_as_for_thirty(client, officer, school):
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(PLAN).status_code == 200
        return len(found)

    a_class(school, "First", 6, interpersonal__de_escalation=4)
    statements()
    one = statements()
    for day in range(7, 31):
        a_class(school, f"Course {day}", day, interpersonal__de_escalation=4)
    assert statements() == one


def test_no_class_at_all_and_four_hundred_over_eight_periods_are_planned_alike(client, school):
    def planned(days: list[dt.date], course: str) -> tuple[str, int]:
        one, account = person(agency)
        in_many(one, make.provider_course(school, course), days)
        client.force_login(account)
        client.get(PLAN)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PLAN)
        assert heading(page) == "1 class of 24 hours would complete your hours for 2026"
        return sent(page, 0)["classes"], len(queries)

    agency = make.agency("cedar-hollow", "Cedar Hollow Police")
    whole = a_class(
        school, "Everything", 6, legal=4, technical=4, skill=8, skill__firearms=2, interpersonal__racial_profiling=2,
        interpersonal__implicit_bias=2, interpersonal__de_escalation=2,
    )  # fmt: skip
    a_class(school, "Half of it", 7, legal=4)
    classes, statements = planned([], "Nothing")
    assert classes == str(whole.pk)
    years = range(2018, 2026)
    career = [dt.date(year, 1, 1) + dt.timedelta(days=7 * week) for year in years for week in range(50)]
    assert planned(career, "Everything") == (classes, statements)


# If I take this ------------------------------------------------------------------------------------------------------


def what_if(client, held) -> str:
    return " ".join(client.get(reverse("compliance:what_if", args=[held.reference])).text.split())


def test_what_one_class_would_change_is_judged_like_everything_else(client, officer, classes):
    before = (TrainingClass.objects.count(), TrainingRecord.objects.count())
    assert "You will be compliant for 2026 if you complete it." in what_if(client, classes["calm"])
    assert "You will still need 1 hour for 2026 if you complete it." in what_if(client, classes["two"])
    make.registration(classes["one"], officer)
    assert "You will be compliant for 2026 if you complete all of it." in what_if(client, classes["two"])
    assert (TrainingClass.objects.count(), TrainingRecord.objects.count()) == before


def test_a_course_on_the_record_would_give_nothing(client, officer):
    again = make.scheduled_class(Course.objects.get(title="Half"), at(24))
    assert "It would give you no hours. The same course is on the record already." in what_if(client, again)


def test_whoever_is_done_is_not_told_to_take_it(client, officer, classes):
    make.registration(classes["calm"], officer)
    assert "You need nothing more for 2026; it would add 2 hours to your record." in what_if(client, classes["two"])


def test_the_class_page_asks_for_officers_only(client, officer, classes):
    page, fragment = reverse("training:calendar_class", args=[classes["calm"].reference]), "/my-plan/what-if/"
    assert fragment in client.get(page).text
    client.force_login(make.post_staff())
    assert fragment not in client.get(page).text
    assert what_if(client, classes["calm"]) == ""
    client.logout()
    assert fragment not in client.get(page).text


def test_what_is_over_or_a_draft_does_not_exist(client, officer, school):
    over = make.scheduled_class(make.provider_course(school, "Over", legal=1), at(1))
    draft = a_class(school, "Draft", 20, legal=1, more={"state": "draft"})
    for reference in (over.reference, draft.reference, "S-999999", "x"):
        assert client.get(reverse("compliance:what_if", args=[reference])).status_code == 404


def test_the_standing_page_leads_to_the_plan_while_hours_are_missing(client, officer, classes):
    page = client.get(reverse("compliance:my_standing"))
    assert f'href="{PLAN}"' in page.text
    assert f'href="{PLAN}"' not in client.get(f"{reverse('compliance:my_standing')}?period=2025").text
