"""Pages of registrations: the officer's, the agency's, the provider's; what each sees, and that one button does it."""

import datetime as dt
import re
import uuid

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training.models import Officer, Registration, TrainingClass, TrainingRecord
from training.services import registrations, seats
from training.tests import factories as make
from training.tests.test_registrations import at, person, register

pytestmark = pytest.mark.django_db
State = Registration.State


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(at(4, 10), tick=False):
        yield


@pytest.fixture
def agency():
    return make.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def school():
    return make.provider("Ozark Bluffs Academy")


@pytest.fixture
def held(school):
    return make.scheduled_class(
        make.provider_course(school, "Search and seizure"), at(20), capacity=2, directions="Door at the back", fee=35
    )


def url(name: str, *args) -> str:
    return reverse(f"training:{name}", args=args)


def heading(response) -> str:
    return " ".join(re.search(r"<h1>(.*?)</h1>", response.text, re.DOTALL)[1].split())


def keyed(**more) -> dict:
    return {"submission_key": str(uuid.uuid4()), **more}


# The officer ----------------------------------------------------------------------------------------------------------


def test_an_officer_registers_and_reads_where_and_the_code(client, held, agency):
    officer, account = person(agency)
    client.force_login(account)
    page = client.get(url("register", held.reference))
    assert heading(page) == "2 seats free in “Search and seizure”."
    assert "Door at the back" not in page.text  # told to those with a seat
    sent = keyed(license=officer.license_number)
    answer = client.post(url("register", held.reference), sent)
    one = Registration.objects.get()
    assert f'data-address="{url("registration", one.code)}"' in answer.text
    assert heading(answer) == "You have a seat in “Search and seizure”."
    for words in ("Wednesday, May 20, 2026, 8:00 AM to noon", "Door at the back", one.code_in_groups, 'class="qr"'):
        assert words in answer.text
    assert "Give the seat back by Tuesday, May 19, 2026, 8:00 AM." in answer.text
    # Sent again by the Back button: the same registration.
    again = client.post(url("register", held.reference), sent)
    assert (again.url, Registration.objects.count()) == (url("registration", one.code), 1)
    assert "You have a seat in “Search and seizure” already." in client.get(url("register", held.reference)).text


def test_full_it_says_which_place_and_then_why(client, held, agency):
    for _ in range(3):
        register(held, *person(agency))
    officer, account = person(agency)
    client.force_login(account)
    page = client.get(url("register", held.reference))
    assert heading(page) == "All 2 seats in “Search and seizure” are taken."
    assert "You would be 2nd on the wait-list." in page.text
    answer = client.post(url("register", held.reference), keyed(license=officer.license_number), follow=True)
    assert heading(answer) == "You are 2nd on the wait-list of “Search and seizure”."
    assert "one person asked before, at 10:00:00 AM." in answer.text
    assert 'class="qr"' not in answer.text


def test_a_warning_stands_on_the_page_with_its_tick(client, held, agency):
    officer, account = person(agency)
    make.license_event(officer, "made_inactive", dt.date(2026, 4, 2))
    client.force_login(account)
    page = client.get(url("register", held.reference))
    key = re.search(r'id="id_accepts" value="(\w+)"', page.text)[1]
    refused = client.post(url("register", held.reference), keyed(license=officer.license_number))
    assert (refused.status_code, Registration.objects.count()) == (200, 0)
    assert '<a href="#id_accepts">Read what is noted below' in refused.text
    client.post(url("register", held.reference), keyed(license=officer.license_number, accepts=key))
    assert Registration.objects.get().accepted.startswith("The license is inactive, since April 2, 2026.")


def test_a_license_that_is_gone_is_told_why(client, held, agency):
    officer, account = person(agency)
    make.license_event(officer, "expired", dt.date(2026, 4, 2))
    client.force_login(account)
    page = client.get(url("register", held.reference))
    assert "The license was expired on April 2, 2026, so nothing could be credited." in page.text
    assert '<button class="btn btn-primary">' not in page.text


def test_nobody_registers_anothers_license(client, held, agency):
    _, account = person(agency)
    client.force_login(account)
    answer = client.post(url("register", held.reference), keyed(license=make.officer(agency).license_number))
    assert (answer.status_code, Registration.objects.count()) == (404, 0)


def test_a_draft_does_not_exist(client, school, agency):
    draft = make.scheduled_class(make.provider_course(school), at(20), state="draft")
    client.force_login(person(agency)[1])
    assert client.get(url("register", draft.reference)).status_code == 404


def test_an_account_without_a_license_is_told_who_can(client, held):
    client.force_login(make.user())
    page = client.get(url("register", held.reference))
    assert "No license is connected to your account. Your agency can register you" in page.text


def test_an_offer_is_taken_from_my_classes_by_one_button(client, held, agency):
    first = register(held, *person(agency))
    register(held, *person(agency))
    officer, account = person(agency)
    waiting = register(held, officer, account)
    seats.give_back(by=make.ceo(agency), registration=first)
    client.force_login(account)
    page = client.get(url("my_classes"))
    assert heading(page) == "A seat is kept for you. Answer by Tuesday, May 5, 2026, 10:00 AM."
    answer = client.post(url("registration", waiting.code), {"step": "take"}, follow=True)
    assert heading(answer) == "You have a seat in “Search and seizure”."
    assert heading(client.get(url("my_classes"))) == "You have a seat in 1 class to come."


def test_giving_back_says_what_is_late_and_leads_back(client, held, agency):
    officer, account = person(agency)
    one = register(held, officer, account)
    with time_machine.travel(at(19, 20), tick=False):
        client.force_login(account)
        page = client.get(url("registration_give_back", one.code))
        assert "It is later than 24 hours before the class." in page.text
        answer = client.post(
            url("registration_give_back", one.code), {"step": "give_back", "reason": "Court"}, follow=True
        )
        assert heading(answer) == "The seat in “Search and seizure” was given back."
        assert "marked as given back late" in answer.text
        assert client.get(url("registration_give_back", one.code)).url == url("registration", one.code)


def test_my_classes_costs_the_same_for_one_and_for_twenty(client, school, agency):
    officer, account = person(agency)
    client.force_login(account)
    counts = []
    for size in (1, 20):
        while Registration.objects.count() < size:
            number = Registration.objects.count()
            make.registration(make.scheduled_class(make.provider_course(school), at(6 + number)), officer)
        with CaptureQueriesContext(connection) as caught:
            client.get(url("my_classes"))
        counts.append(len(caught))
    assert counts[0] == counts[1]


# The agency -----------------------------------------------------------------------------------------------------------


def test_an_agency_registers_several_and_reads_who_got_what(client, held, agency):
    people = [make.officer(agency, name=f"Ann A{letter}") for letter in "bcd"]
    client.force_login(make.delegate(agency))
    path = url("registrations_enter", agency.code)
    page = client.get(path, {"class": held.reference})
    assert heading(page) == "Who goes to “Search and seizure”? 2 seats free."
    sent = keyed(officers=[one.pk for one in people], group="fill") | {"class": held.reference}
    answer = client.post(path, sent, follow=True)
    assert heading(answer) == "2 have seats, 1 is on the wait-list."
    assert [one.state for one in Registration.objects.order_by("turn")] == ["registered", "registered", "waiting"]
    # Sent twice: the same answer.
    assert heading(client.post(path, sent, follow=True)) == "2 have seats, 1 is on the wait-list."
    assert Registration.objects.count() == 3


def test_all_or_nobody_keeps_the_ticks_and_says_what_is_free(client, held, agency):
    people = [make.officer(agency) for _ in range(3)]
    client.force_login(make.delegate(agency))
    sent = keyed(officers=[one.pk for one in people], group="nobody") | {"class": held.reference}
    answer = client.post(url("registrations_enter", agency.code), sent)
    assert "2 seats are free, and you want 3. Nobody was registered." in answer.text
    assert answer.text.count("checked") >= 3


def test_warnings_of_a_group_stand_beside_the_names(client, held, agency):
    plain, inactive = make.officer(agency), make.officer(agency)
    make.license_event(inactive, "made_inactive", dt.date(2026, 4, 2))
    client.force_login(make.delegate(agency))
    path = url("registrations_enter", agency.code)
    sent = keyed(officers=[plain.pk, inactive.pk]) | {"class": held.reference}
    page = client.post(path, sent)
    assert "The license is inactive, since April 2, 2026." in page.text
    key = re.search(r'id="id_accepts" value="(\w+)"', page.text)[1]
    assert client.post(path, sent | {"accepts": key}).status_code == 302
    assert Registration.objects.count() == 2


def test_an_agency_ticks_only_its_own(client, held, agency):
    stranger = make.officer(make.agency())
    client.force_login(make.delegate(agency))
    sent = keyed(officers=[stranger.pk]) | {"class": held.reference}
    page = client.post(url("registrations_enter", agency.code), sent)
    assert "Tick at least one officer." in page.text
    assert Registration.objects.count() == 0


def test_an_agency_sees_its_own_officers_registrations_and_of_two_agencies_both_see(client, held, agency):
    other = make.agency(name="Birch County Sheriff")
    ours, theirs, shared = make.officer(agency), make.officer(other), make.officer(agency)
    make.commission(shared, other)
    wide = make.scheduled_class(held.course, at(22))
    for one in (ours, theirs):
        make.registration(wide, one)
    registrations.register_group(
        by=make.ceo(other), held=wide, agency=other, officers=[shared], submission_key=uuid.uuid4()
    )
    for place, seen in ((agency, {ours, shared}), (other, {theirs, shared})):
        client.force_login(make.ceo(place))
        page = client.get(url("registrations_of_agency", place.code))
        shown = {one for one in Officer.objects.all() if one.license_number in page.text}
        assert shown == seen
        file = client.get(url("registrations_of_agency_csv", place.code)).getvalue().decode()
        assert {one for one in Officer.objects.all() if one.license_number in file} == seen
        assert ("Birch County Sheriff" in page.text) is (place == other)


def test_the_list_of_an_agency_is_filtered(client, held, agency, school):
    one, two = make.officer(agency, name="Ann Maple"), make.officer(agency, name="Bob Cedar")
    other = make.scheduled_class(make.provider_course(school, "Driving"), at(21))
    make.registration(held, one)
    make.registration(other, two)
    make.registration(make.scheduled_class(held.course, at(1)), one)
    client.force_login(make.ceo(agency))
    path = url("registrations_of_agency", agency.code)
    for asked, count in (({}, 2), ({"q": "maple"}, 1), ({"class": other.reference}, 1), ({"show": "over"}, 1),
                         ({"show": "all"}, 3), ({"class": "S-x"}, 0), ({"group": str(uuid.uuid4())}, 0)):  # fmt: skip
        assert (asked, client.get(path, asked).context["paginator"].count) == (asked, count)


def test_the_lists_cost_the_same_for_one_and_for_forty(client, agency, school):
    wide = make.scheduled_class(make.provider_course(school), at(20), capacity=60)
    people = make.roster(agency, 40)
    pages = (
        (make.ceo(agency), url("registrations_of_agency", agency.code)),
        (make.ceo(agency), url("registrations_enter", agency.code) + f"?class={wide.reference}"),
        (make.provider_staff(school), url("registrations_of_class", wide.reference)),
    )
    counts = []
    for size in (1, 40):
        for one in people[wide.registrations.count() : size]:
            make.registration(wide, one)
        Officer.objects.filter(pk__in=[one.pk for one in people[:size]]).update(is_name_closed=True)
        for by, path in pages:
            client.force_login(by)
            client.get(path)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(path).status_code == 200
            counts.append(len(caught))
    assert counts[:3] == counts[3:]


def test_a_seat_is_handed_over_on_its_page(client, held, agency):
    one = register(held, *person(agency, "Ann First"))
    colleague = make.officer(agency, name="Bob Second")
    client.force_login(make.delegate(agency))
    assert "Hand the seat to a colleague" in client.get(url("registration", one.code)).text
    answer = client.post(url("registration_hand_over", one.code), {"officer": colleague.pk}, follow=True)
    assert heading(answer) == "Bob Second has a seat in “Search and seizure”."
    assert "was handed to Bob Second" in client.get(url("registration", one.code)).text


# The provider ---------------------------------------------------------------------------------------------------------


def test_the_provider_registers_a_caller_by_number_and_name_alone(client, held, agency, school):
    officer = make.officer(agency, name="Renee O'Dell", license_number="70777")
    client.force_login(make.provider_staff(school))
    path = url("registrations_of_class_add", held.reference)
    for wrong in ({"number": "70777", "last_name": "Smith"}, {"number": "70778", "last_name": "O'Dell"}):
        page = client.post(path, keyed(**wrong))
        assert "No officer has this license number and this last name." in page.text
        assert "Renee" not in page.text
    answer = client.post(path, keyed(number="70777", last_name="o’dell"), follow=True)
    assert heading(answer) == "Renee O&#x27;Dell has a seat in “Search and seizure”."
    assert Registration.objects.get().officer == officer


def test_the_provider_sees_seats_and_wait_list_and_notes_fees(client, held, agency, school):
    made = [register(held, *person(agency)) for _ in range(3)]
    client.force_login(make.provider_staff(school))
    path = url("registrations_of_class", held.reference)
    page = client.get(path)
    assert heading(page) == "2 of 2 seats in “Search and seizure” taken, 1 on the wait-list."
    assert "1st on the wait-list" in page.text
    client.post(path, {"step": "paid", "registrations": [made[0].pk], "on": "2026-05-04"})
    assert Registration.objects.get(pk=made[0].pk).paid_on == dt.date(2026, 5, 4)
    assert "Tick at least one registration." in client.post(path, {"step": "paid", "on": "2026-05-04"}).text
    client.post(path, {"step": "unpaid", "registrations": [made[0].pk]})
    assert Registration.objects.filter(paid_on__isnull=False).count() == 0


def test_a_closed_name_is_shown_to_agency_and_state_and_not_to_the_provider(client, held, agency, school):
    officer = make.officer(agency, name="Una Undercover", license_number="70999", is_name_closed=True)
    one = make.registration(held, officer)
    for by, path, is_shown in (
        (make.provider_staff(school), url("registrations_of_class", held.reference), False),
        (make.provider_staff(school), url("registrations_of_class_csv", held.reference), False),
        (make.provider_staff(school), url("registration", one.code), False),
        (make.provider_staff(school), url("registration_give_back", one.code), False),
        (make.ceo(agency), url("registration", one.code), True),
        (make.post_staff(), url("registrations_of_class", held.reference), True),
    ):
        client.force_login(by)
        answer = client.get(path)
        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.text
        assert (path, "Undercover" in text, "70999" in text) == (path, is_shown, is_shown)


def test_another_provider_sees_nothing(client, held, agency):
    one = register(held, *person(agency))
    client.force_login(make.provider_staff(make.provider()))
    for path in (
        url("registrations_of_class", held.reference),
        url("registrations_of_class_csv", held.reference),
        url("registrations_of_class_add", held.reference),
        url("registration", one.code),
    ):
        assert client.get(path).status_code == 404


# What the standing will be --------------------------------------------------------------------------------------------


def will_be(client, officer) -> str:
    path = reverse("compliance:will_be", args=[officer.license_number])
    return client.get(path, headers={"hx-request": "true"}).text


def test_the_standing_as_it_will_be_is_the_same_judgement(client, school, agency):
    officer, account = person(agency)
    make.record(
        officer, dt.date(2026, 2, 3), course=make.provider_course(school, "Half"), legal=4, technical=4,
        interpersonal__racial_profiling=1, interpersonal__implicit_bias=2,
    )  # fmt: skip
    rest = make.provider_course(
        school, "The rest", skill=5, skill__firearms=4, interpersonal__de_escalation=4, technical=2
    )
    client.force_login(account)
    assert will_be(client, officer).strip() == ""
    one = make.registration(make.scheduled_class(rest, at(20)), officer)
    page = will_be(client, officer)
    assert "You will be compliant for 2026 if you complete it." in page
    assert "The rest" in page
    assert (TrainingRecord.objects.count(), TrainingClass.objects.count()) == (1, 1)  # taken back
    Registration.objects.filter(pk=one.pk).update(state="cancelled", ended_at=clock.now())
    assert will_be(client, officer).strip() == ""


def test_a_course_taken_before_will_give_nothing(client, school, agency):
    officer, account = person(agency)
    course = make.provider_course(school, "Once", legal=4)
    make.record(officer, dt.date(2026, 2, 3), course=course, legal=4)
    make.registration(make.scheduled_class(course, at(20)), officer)
    client.force_login(account)
    page = will_be(client, officer)
    assert "The same course is on the record already. It counts once." in page
    assert "You will still need 20 hours for 2026 if you complete it." in page


def test_without_a_license_of_the_provider_it_will_give_nothing(client, agency):
    school = make.provider(valid_from=None)
    officer, account = person(agency)
    make.registration(make.scheduled_class(make.provider_course(school), at(20)), officer)
    client.force_login(account)
    assert "The provider holds no valid license on that day." in will_be(client, officer)
