"""What a registration says once its class is over: whether the hours are on the record, and the way to them."""

import pytest
import time_machine
from django.urls import reverse

from training.services import confirming
from training.services.class_drafts import Attendance
from training.tests import factories as make
from training.tests.test_registrations import at, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def over():
    """The evening of the class, which was held from 8 to noon."""
    with time_machine.travel(at(20, 18), tick=False):
        yield


def test_a_past_registration_leads_to_the_credit_once_there_is_any(client):
    school = make.provider("Ozark Bluffs Academy")
    held = make.scheduled_class(make.provider_course(school, "Search and seizure"), at(20))
    (came, account), (stayed_away, other) = (person(make.agency()) for _ in range(2))
    pages = {
        user: reverse("training:registration", args=[make.registration(held, officer).code])
        for officer, user in ((came, account), (stayed_away, other))
    }

    def read(user):
        client.force_login(user)
        return client.get(pages[user])

    page = read(account)
    assert "You had a seat in “Search and seizure”." in page.text
    assert "they are on the record as soon as Ozark Bluffs Academy confirms who completed it." in page.text
    assert ('class="qr"' in page.text, "Put it in my calendar" in page.text) == (False, False)
    made = confirming.confirm(
        by=make.provider_staff(school), scheduled_class=held, attendances=[Attendance(came, by_number=True)],
        left_out=[stayed_away], now=at(20, 18),
    ).training_class  # fmt: skip
    page = read(account)
    address = reverse("training:class_detail", args=[made.reference])
    assert f'<a href="{address}">{made.reference}, with the hours and the certificate</a>' in page.text
    assert client.get(address).status_code == 200
    page = read(other)
    assert "Who completed this class is confirmed, and no hours were given here." in page.text
    assert (made.reference in page.text, client.get(address).status_code) == (False, 404)
