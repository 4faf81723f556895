"""What a provider is not told of the people in its classes: names that are closed, and what lies elsewhere.

Who works undercover is named to themselves, their agency and the state; also after a class was confirmed.
"""

import datetime as dt
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from clee_portal import clock
from training import attendees, selectors
from training.models import OfficerFormerNumber
from training.services import certificates, confirming
from training.services.class_drafts import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = clock.today() - dt.timedelta(days=10)
NUMBER = "70999"


@pytest.fixture
def agency():
    return make.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def academy():
    return make.provider("Ozark Bluffs Academy")


@pytest.fixture
def staff(academy):
    return make.provider_staff(academy)


@pytest.fixture
def secret(agency):
    return make.officer(agency, name="Sylvia Shade", license_number=NUMBER, is_name_closed=True)


@pytest.fixture
def done(academy, staff, agency, secret):
    """A class of the calendar that was confirmed: one undercover, one open, and one undercover who did not complete."""
    begins_at = dt.datetime.combine(DAY, dt.time(8), clock.CHICAGO)
    held = make.scheduled_class(make.provider_course(academy, "Winter driving"), begins_at, administrator="A. Abbott")
    left = make.officer(agency, name="Una Umber", license_number="70998", is_name_closed=True)
    people = [secret, make.officer(agency, name="Ona Open", license_number="70100")]
    return confirming.confirm(
        by=staff,
        scheduled_class=held,
        attendances=[Attendance(one, by_number=True) for one in people],
        left_out=[left],
        now=clock.now(),
    ).training_class


def told(answer) -> str:
    """What an answer says."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.text


PAGES = ("class_detail", "class_void", "class_move", "class_people_csv", "class_certificates")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_of_a_class_names_them_to_the_provider(client, done, staff, name):
    certificates.give(by=staff, training_class=done)
    client.force_login(staff)
    page = told(client.get(reverse(f"training:{name}", args=[done.reference])))
    assert "Open, Ona" in page
    assert "Name closed" in page
    for closed in ("Shade", NUMBER, "Umber", "70998"):
        assert closed not in page
    client.force_login(make.post_staff())
    assert "Shade, Sylvia" in told(client.get(reverse(f"training:{name}", args=[done.reference])))


def test_certificates_a_provider_prints_are_without_theirs(client, done, staff, secret, agency):
    given = {one.officer: one for one in certificates.give(by=staff, training_class=done)}
    one = reverse("training:certificate_pdf", args=[given[secret].code])
    client.force_login(staff)
    every = client.get(reverse("training:class_certificates_pdf", args=[done.reference]))
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(every.content)).pages)
    assert ("Ona Open" in text, "Shade" in text) == (True, False)
    assert client.get(one).status_code == 404
    for by in (make.officer_account(secret), make.ceo(agency), make.post_staff()):
        client.force_login(by)
        assert client.get(one).status_code == 200


def test_the_entry_page_of_the_provider_neither_offers_nor_names_them(client, done, academy, staff, secret):
    client.force_login(staff)
    page = told(client.get(reverse("training:provider_class_enter", args=[academy.pk])))
    assert ("Open, Ona" in page, "Shade" in page, NUMBER in page) == (True, False, False)
    assert [row.name for row in attendees.roster(academy, also=[secret.pk])] == ["Open, Ona", "Name closed"]
    page = told(client.get(reverse("training:class_correct", args=[done.reference])))
    assert f'value="{secret.pk}" checked' in page
    assert ("Name closed" in page, "Shade" in page, NUMBER in page) == (True, False, False)
    unfolded = reverse("training:provider_class_enter", args=[academy.pk]) + f"?exception={secret.pk}"
    assert "Shade" not in told(client.get(unfolded))


def test_a_number_they_had_before_tells_no_name(secret):
    OfficerFormerNumber.objects.create(officer=secret, license_number="60999", used_until=DAY)
    assert selectors.nobody_has("60999") == (
        "No officer has the license number 60999. It was corrected: ask POST for the number it is now."
    )


def test_what_was_warned_of_is_told_to_the_officer_and_not_to_the_provider(client, agency, academy, staff):
    officer = make.officer(agency)
    elsewhere = "Registered for another class at the same hours: “Evidence”, May 20."
    one = make.registration(make.scheduled_class(make.provider_course(academy)), officer, accepted=elsewhere)
    for by, is_told in (
        (make.officer_account(officer), True),
        (make.ceo(agency), True),
        (make.post_staff(), True),
        (staff, False),
    ):
        client.force_login(by)
        page = told(client.get(reverse("training:registration", args=[one.code])))
        assert ("Evidence" in page) is is_told


def test_whoever_took_a_seat_over_is_not_named_where_the_name_is_closed(client, agency, academy, staff, secret):
    held = make.scheduled_class(make.provider_course(academy))
    given = make.registration(held, make.officer(agency), state="cancelled", ended_at=clock.now())
    make.registration(held, secret, took_over_from=given)
    address = reverse("training:registration", args=[given.code])
    for by, name in ((staff, "was handed to an officer."), (make.ceo(agency), "was handed to Sylvia Shade.")):
        client.force_login(by)
        assert name in told(client.get(address))
