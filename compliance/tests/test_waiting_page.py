"""What waits for an agency, as its people read it on the overview and at home."""

import datetime as dt

import pytest

from compliance.tests.test_make_up import FEBRUARY, agency, at, chief, later, short
from training.models import PeopleConfirmation, RosterConfirmation
from training.tests import factories as make

pytestmark = pytest.mark.django_db
__all__ = ["agency", "chief", "short"]

PAGE = "/agencies/harlan/waiting/"


def test_make_up_credit_and_the_roster_wait_with_the_page_on_which_they_are_done(client, agency, chief, short):
    later(short, agency)
    client.force_login(chief)
    with at(FEBRUARY):
        page = client.get(PAGE).content.decode()
    assert '<a href="/agencies/harlan/make-up/">1 entry may be make-up credit for an earlier year: decide</a>' in page
    assert '<a href="/agencies/harlan/roster/">The roster is not confirmed for 2026</a>' in page


def test_where_nothing_waits_nothing_is_said(client, agency, chief):
    RosterConfirmation.objects.create(agency=agency, year=2026, officers=0)
    PeopleConfirmation.objects.create(agency=agency, quarter_on=dt.date(2026, 1, 1), people=1)
    client.force_login(chief)
    with at(FEBRUARY):
        assert client.get(PAGE).content.decode().strip() == ""


def test_overview_and_home_ask_for_it(client, agency, chief):
    client.force_login(chief)
    for page in ("/", "/agencies/harlan/"):
        assert f'hx-get="{PAGE}"' in client.get(page).content.decode()
    client.force_login(make.director())
    assert PAGE not in client.get("/agencies/harlan/").content.decode()
