"""The pages of entries that look alike: listed, shown side by side, settled, taken back."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from training.models import Course, SourceKind, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def entered(agency, officer, title="Joint exercise"):
    held, _ = classes.record(
        by=None, agency=agency, title=title, starts_on=DAY, ends_on=DAY, lines=make.lines(skill=6),
        attendances=[Attendance(officer, by_number=True)], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    return held.records.get()


def counted_twice(agency, officer) -> tuple[TrainingRecord, TrainingRecord]:
    """An entry of a recognized course, which goes first, and the agency's: both are counted."""
    own = entered(agency, officer)
    course = Course.objects.create(title="Joint Exercise", source_kind=SourceKind.OUT_OF_STATE, sponsor="FBI")
    return make.record(officer, DAY, course=course, skill=6), own


def listed(agency) -> str:
    return reverse("training:duplicate_list", args=[agency.code])


def settle(record) -> str:
    return reverse("training:duplicate_settle", args=[record.pk])


def test_pair_that_counts_twice_is_listed_the_recognized_first(client, agency, chief, three):
    provider, own = counted_twice(agency, three[0])
    page = client.get(listed(agency))
    [pair] = page.context["pairs"]
    assert (pair["first"], pair["second"], pair["may_settle"]) == (provider, own, True)
    assert "1 pair of entries looks like one training and counts twice" in page.content.decode()


def test_settled_once_the_own_entry_yields_and_it_can_be_taken_back(client, agency, chief, three):
    provider, own = counted_twice(agency, three[0])
    effect = client.post(reverse("compliance:duplicate_effect", args=[own.pk]), {"decision": "once"}).content.decode()
    assert "Abbott, Renee" in effect
    assert client.post(settle(own), {"decision": "once"}).url == listed(agency)
    anew = TrainingRecord.objects.get(replaces=own)
    assert (anew.not_counted, anew.twin, anew.recorded_by) == ("duplicate", provider, chief)
    assert client.get(listed(agency)).context["pairs"] == []
    [pair] = client.get(listed(agency), {"show": "once"}).context["pairs"]
    assert (pair["first"], pair["second"]) == (provider, anew)
    client.post(settle(anew), {"decision": "keep", "reason": "The second day’s part"})
    kept = TrainingRecord.objects.get(replaces=anew)
    assert (kept.not_counted, kept.kept_because) == ("", "The second day’s part")
    [pair] = client.get(listed(agency), {"show": "kept"}).context["pairs"]
    assert (pair["first"], pair["second"]) == (provider, kept)
    client.post(settle(kept), {"decision": "once"})
    assert TrainingRecord.objects.get(replaces=kept).not_counted == "duplicate"


def test_keeping_needs_a_reason_and_nothing_typed_is_lost(client, agency, chief, three):
    _, own = counted_twice(agency, three[0])
    page = client.post(settle(own), {"decision": "keep", "reason": " "})
    assert "Say why both count." in page.content.decode()
    assert page.context["form"]["decision"].value() == "keep"
    assert "Choose whether it is one training." in client.post(settle(own), {}).content.decode()
    assert not TrainingRecord.objects.filter(replaces=own).exists()


def test_entry_of_somebody_else_is_seen_and_not_settled(client, agency, chief, three):
    """Of the own officer both entries are seen; the other agency's is theirs, or POST's, to settle."""
    other = make.agency()
    theirs = entered(other, three[0], "Joint drill")
    mine = make.record(three[0], DAY, course=make.course(agency, "Joint Drill"), skill=6)
    page = client.get(listed(agency))
    assert {pair["second"] for pair in page.context["pairs"]} <= {theirs, mine}
    assert client.get(settle(theirs)).status_code == 403


def test_of_a_strangers_officer_the_other_entry_is_not_told(client, agency, chief):
    other = make.agency(name="Police of Elsewhere")
    stranger = make.officer(other)
    mine = entered(agency, stranger, "Joint drill")
    make.record(stranger, DAY, course=make.course(other, "Joint Drill"), skill=6)
    page = client.get(listed(agency))
    text = page.content.decode()
    [pair] = page.context["pairs"]
    assert {pair["first"], pair["second"]} == {mine, None}
    assert "Reported by another agency or provider" in text
    assert "Police of Elsewhere" not in text


def test_post_sees_all_and_an_agency_only_what_concerns_it(client, agency, chief, three):
    other = make.agency()
    theirs = make.officer(other)
    counted_twice(other, theirs)
    assert client.get(listed(agency)).context["pairs"] == []
    assert client.get(reverse("training:duplicates_of_state")).status_code == 403
    client.force_login(make.post_staff())
    [pair] = client.get(reverse("training:duplicates_of_state")).context["pairs"]
    assert pair["officer"] == theirs


def test_statements_do_not_grow(client, agency, chief, three):
    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(listed(agency))
        return len(queries)

    counted_twice(agency, three[0])
    few = ask()
    for officer in (*three[1:], *make.roster(agency, 6)):
        counted_twice(agency, officer)
    assert ask() == few


def test_where_nothing_is_like_it_any_more_it_is_told(client, agency, chief, three):
    alone = entered(agency, three[0])
    assert "There is no other entry of it any more." in client.get(settle(alone)).content.decode()
    told = client.post(settle(alone), {"decision": "once"}).content.decode()
    assert "There is no other entry of this training any more: it counts." in told


def test_way_back_leads_nowhere_else(client, agency, chief, three):
    _, own = counted_twice(agency, three[0])
    response = client.post(f"{settle(own)}?next=https://evil.example/", {"decision": "once"})
    assert response.url == listed(agency)
