"""Agencies, providers, transfers, recognized sources and licenses near their end, as POST keeps them."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from training import expiring
from training.models import Agency, Commission, ProviderLicense, RecognizedSource
from training.services import agencies, commissions, providers, sources
from training.tests import factories

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
SOURCE = "Application of November 3, 2026"


@pytest.fixture
def post():
    return factories.post_staff()


def why_of(row) -> str:
    return row.events.order_by("-pgh_id").first().pgh_context["reason"]


# Transfer -------------------------------------------------------------------------------------------------------------


def test_a_transfer_ends_one_commission_and_begins_the_next(post):
    old, new = factories.agency(name="Old Town"), factories.agency(name="New Town")
    one = factories.officer(old)
    held = one.commissions.get()
    act = {"by": post, "commission": held, "to": new, "rank": "Sergeant", "source": "Letter", "today": TODAY}
    made = commissions.transfer(ended_on=dt.date(2026, 11, 1), started_on=dt.date(2026, 11, 2), **act)
    held.refresh_from_db()
    assert (held.ended_on, held.end_reason) == (dt.date(2026, 11, 1), "Transferred to New Town: Letter")
    assert (made.agency, made.started_on, made.rank, made.ended_on) == (new, dt.date(2026, 11, 2), "Sergeant", None)


def test_a_transfer_that_cannot_begin_ends_nothing(post):
    old, new = factories.agency(), factories.agency(closed_on=dt.date(2026, 1, 1))
    one = factories.officer(old)
    held = one.commissions.get()
    act = {"by": post, "commission": held, "source": "Letter", "today": TODAY}
    with pytest.raises(Refused, match="was closed"):
        commissions.transfer(to=new, ended_on=dt.date(2026, 11, 1), started_on=dt.date(2026, 11, 2), **act)
    with pytest.raises(Refused, match="comes after"):
        commissions.transfer(
            to=factories.agency(), ended_on=dt.date(2026, 11, 2), started_on=dt.date(2026, 11, 2), **act
        )
    assert (Commission.objects.get().ended_on, Commission.objects.count()) == (None, 1)


# Agencies and providers -----------------------------------------------------------------------------------------------


def test_an_agency_is_added_changed_and_closed_once_nobody_is_there(post):
    made = agencies.add(by=post, code="elm-fork", source=SOURCE, name="Elm Fork Police", kind="city")
    with pytest.raises(Refused, match="code of"):
        agencies.add(by=post, code="elm-fork", source=SOURCE, name="Another", kind="city")
    with pytest.raises(Refused, match="of this name"):
        agencies.add(by=post, code="elm", source=SOURCE, name="elm fork police", kind="city")
    one = factories.officer(made)
    change = {"by": post, "agency": made, "today": TODAY, "source": "Ordinance", "name": "Elm Fork", "kind": "city"}
    with pytest.raises(Refused, match="1 commission there lasts") as refused:
        agencies.edit(closed_on=TODAY, **change)
    assert refused.value.field == "closed_on"
    commissions.end(by=post, commission=one.commissions.get(), ended_on=TODAY, reason="Closed", today=TODAY)
    agencies.edit(closed_on=TODAY, **change)
    held = Agency.objects.get(pk=made.pk)
    assert (held.name, held.closed_on, why_of(held)) == ("Elm Fork", TODAY, "Agency corrected: Ordinance")


@pytest.fixture
def provider(post):
    return providers.add(by=post, source=SOURCE, name="Pinnacle Academy", kind="academy")


def licensed(post, provider, first=dt.date(2024, 1, 1), last=dt.date(2026, 12, 31), **more):
    given = {"number": "P-1", "standing": "valid", "decided_on": dt.date(2023, 12, 1), "source": SOURCE, **more}
    return providers.add_license(by=post, provider=provider, valid_from=first, valid_until=last, today=TODAY, **given)


def test_a_provider_license_is_recorded_once_and_never_twice_for_a_day(post, provider):
    made, is_new = licensed(post, provider, conditions="Ranges with a medic")
    again, is_new_again = licensed(post, provider, conditions="Ranges with a medic")
    assert (made.pk, is_new, is_new_again) == (again.pk, True, False)
    with pytest.raises(Refused, match="covers some of these days"):
        licensed(post, provider, first=dt.date(2026, 12, 31), last=None, number="P-2")
    assert provider.is_licensed_on(dt.date(2026, 12, 31), clock.END_OF_TIME)


def test_a_suspension_leaves_the_days_before(post, provider):
    held, _ = licensed(post, provider)
    made = providers.change_license(
        by=post, license=held, standing="suspended", from_day=dt.date(2026, 6, 1), valid_until=held.valid_until,
        decided_on=dt.date(2026, 5, 30), source="Order 4", today=TODAY,
    )  # fmt: skip
    rows = provider.licenses.live().values_list("standing", "valid_from", "valid_until")
    assert list(rows) == [
        ("valid", dt.date(2024, 1, 1), dt.date(2026, 5, 31)),
        ("suspended", dt.date(2026, 6, 1), dt.date(2026, 12, 31)),
    ]
    assert provider.is_licensed_on(dt.date(2026, 5, 31), clock.END_OF_TIME)
    assert not provider.is_licensed_on(dt.date(2026, 6, 1), clock.END_OF_TIME)
    with pytest.raises(Refused, match="meanwhile"):
        providers.change_license(
            by=post, license=held, standing="valid", from_day=dt.date(2026, 7, 1), valid_until=None,
            decided_on=TODAY, source="X", today=TODAY,
        )  # fmt: skip
    providers.void_license(by=post, license=made, source="Wrong provider")
    assert provider.licenses.live().count() == 1
    assert ProviderLicense.objects.filter(provider=provider).count() == 3


# Recognized sources ---------------------------------------------------------------------------------------------------


def test_a_source_is_on_the_list_of_its_periods(post):
    given = {"name": "Árkansas", "kind": "state", "decided_on": dt.date(2020, 12, 1), "source": SOURCE, "today": TODAY}
    made = sources.add(by=post, first_year=2021, last_year=None, **given)
    with pytest.raises(Refused, match="already"):
        sources.add(by=post, first_year=2024, last_year=2024, **given | {"name": "arkansas"})
    ended = sources.end(by=post, recognized=made, last_year=2023, source="List of 2024")
    listed = RecognizedSource.objects.live()
    assert [list(listed.in_year(year)) for year in (2020, 2021, 2023, 2024)] == [[], [ended], [ended], []]
    with pytest.raises(Refused, match="meanwhile"):
        sources.end(by=post, recognized=made, last_year=2022, source="X")
    sources.add(by=post, first_year=2025, last_year=None, **given)
    sources.void(by=post, recognized=ended, source="Never decided")
    assert listed.count() == 1


# Near the end of five years -------------------------------------------------------------------------------------------


def test_five_years_without_a_commission_are_listed_to_the_day(post):
    agency = factories.agency(name="Elm Fork")
    ends = {"today": dt.date(2021, 11, 25), "over": dt.date(2021, 11, 24), "far": dt.date(2021, 12, 26)}
    for word, last in ends.items():
        factories.officer(agency, license_number=word.upper(), until=last)
    factories.officer(agency, license_number="THERE")
    factories.officer(license_number="NEVER", issued_on=dt.date(2021, 11, 20))
    gone = factories.officer(agency, license_number="GONE", until=ends["over"])
    factories.license_event(gone, "expired", dt.date(2026, 11, 25))
    back = factories.officer(agency, license_number="BACK", until=dt.date(2021, 1, 1))
    factories.license_event(back, "expired", dt.date(2026, 1, 2))
    factories.license_event(back, "issued", dt.date(2026, 2, 2))
    found = {one.officer.license_number: one.ends_on for one in expiring.found(post, TODAY, 1)}
    assert found == {"NEVER": dt.date(2026, 11, 20), "OVER": dt.date(2026, 11, 24), "TODAY": TODAY}
    assert "FAR" in {one.officer.license_number for one in expiring.found(post, TODAY, 2)}


def test_the_list_takes_as_many_statements_for_one_as_for_many(post):
    agency = factories.agency()
    factories.officer(agency, until=dt.date(2021, 11, 24))
    expiring.found(post, TODAY)  # who asks is read once
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as statements:
            expiring.found(post, TODAY)
        counted.append(len(statements))
        for _ in range(5):
            factories.officer(agency, until=dt.date(2021, 11, 24))
    assert counted[0] == counted[1] == 2
