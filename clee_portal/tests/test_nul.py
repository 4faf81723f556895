"""NUL in a query, in a form or in an address is no fault of the portal."""

import pytest
from django.urls import reverse

from training.models import OfficerGroup
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    agency = make.agency("harlan")
    chief = make.ceo(agency)
    client.force_login(chief)
    return chief


@pytest.mark.parametrize("url", ["/agencies/harlan/held/?column=%00", "/agencies/harlan/classes/?q=a%00b"])
def test_nul_in_a_query_is_left_out(client, chief, url):
    assert client.get(url).status_code in (200, 404)


def test_nul_in_a_form_is_left_out(client, chief):
    officer = make.officer(chief.memberships.get().agency)
    url = reverse("training:class_enter", args=["harlan"])
    answers = {"course": "a\x00b", "ends_on": "2026-01-01", "pasted": "x\x00y", "officers": officer.pk}
    assert client.post(url, answers | {"step": "check"}).status_code == 200
    assert client.post(url, answers | {"step": "save_group", "group_name": "Night\x00s"}).status_code == 200
    assert OfficerGroup.objects.get().name == "Nights"


def test_address_with_nul_leads_nowhere(client, chief):
    assert client.get("/agencies/har%00lan/classes/").status_code == 404
