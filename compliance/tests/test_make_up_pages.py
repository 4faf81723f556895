"""The pages of make-up credit: both years shown for each choice, nothing chosen beforehand, decided one by one."""

import csv
import io

import pytest
from django.urls import reverse

from compliance.models import MakeUpDecision
from compliance.tests import people
from compliance.tests.test_make_up import APRIL, FEBRUARY, agency, an_officer, at, chief, later, short
from training.tests import factories as make

pytestmark = pytest.mark.django_db
__all__ = ["agency", "chief", "short"]


@pytest.fixture
def record(agency, short):
    return later(short, agency)


def of_class(record) -> str:
    return reverse("compliance:class_make_up", args=[record.training_class.reference])


def of_agency(agency) -> str:
    return reverse("compliance:make_up", args=[agency.code])


def notice(record) -> str:
    return reverse("compliance:make_up_notice", args=[record.training_class.reference])


def test_class_names_who_is_short_and_where_it_is_decided(client, agency, chief, record):
    client.force_login(chief)
    with at(FEBRUARY):
        part = client.get(notice(record)).content.decode()
        page = client.get(reverse("training:class_detail", args=[record.training_class.reference])).content.decode()
    assert "1 officer is short in an earlier year" in part
    assert "Abbott, Renee (2025)" in part
    assert of_class(record) in part
    assert notice(record) in page


@pytest.mark.parametrize("page", [of_class, lambda record: of_agency(record.training_class.reported_by_agency)])
def test_both_years_are_shown_for_each_choice_and_none_is_chosen(client, chief, record, page):
    client.force_login(chief)
    with at(FEBRUARY):
        response = client.get(page(record))
    [row] = response.context["waiting"]
    assert [(one["year"], one["is_better"], one["is_now"], one["is_chosen"]) for one in row.choices] == [
        (2025, True, False, False),
        (2026, False, True, False),
    ]
    assert [[(year, chip.label) for year, chip in one["chips"]] for one in row.choices] == [
        [(2025, "compliant"), (2026, "24 h left")],
        [(2025, "1 h missing"), (2026, "23 h left")],
    ]
    assert response.content.decode().count("Better choice") == 1


def test_decided_person_by_person(client, agency, chief, record):
    other = an_officer(agency, name="Marcus Calloway")
    people.complete(other, agency, 2025, interpersonal__racial_profiling=1)
    second = later(other, agency, title="Bias")
    client.force_login(chief)
    with at(FEBRUARY):
        response = client.post(of_agency(agency), {f"year-{record.pk}": "2025", f"year-{second.pk}": ""}, follow=True)
        assert "1 decision kept." in response.content.decode()
        assert [row.record for row in client.get(of_agency(agency)).context["waiting"]] == [second]
    assert [one.year for one in MakeUpDecision.objects.all()] == [2025]
    second.refresh_from_db()
    assert second.voided_at is None


def test_left_in_its_own_year_is_not_asked_again_and_can_be_changed(client, agency, chief, record):
    client.force_login(chief)
    with at(FEBRUARY):
        client.post(of_class(record), {f"year-{record.pk}": "2026"})
        page = client.get(of_class(record))
        assert page.context["waiting"] == []
        assert [row.record for row in page.context["decided"]] == [record]
        assert "officer is short" not in client.get(notice(record)).content.decode()
        client.post(of_class(record), {f"year-{record.pk}": "2025"})
    record.refresh_from_db()
    assert record.void_reason == "Make-up credit for 2025"


def test_nothing_chosen_changes_nothing(client, chief, record):
    client.force_login(chief)
    with at(FEBRUARY):
        page = client.post(of_class(record), {f"year-{record.pk}": ""}).content.decode()
    assert "Nothing was chosen, so nothing was changed." in page
    assert not MakeUpDecision.objects.exists()


def test_year_that_is_not_offered_is_refused_at_the_officer(client, chief, record):
    client.force_login(chief)
    with at(FEBRUARY):
        page = client.post(of_class(record), {f"year-{record.pk}": "2019"}).content.decode()
    assert "is not short in 2019, so the hours stay in 2026." in page
    record.refresh_from_db()
    assert record.voided_at is None


def test_after_march_15_the_agency_is_not_asked_and_post_is(client, agency, chief, record):
    client.force_login(chief)
    with at(APRIL):
        assert client.get(of_agency(agency)).context["waiting"] == []
        client.post(of_agency(agency), {f"year-{record.pk}": "2025"})
    record.refresh_from_db()
    assert record.voided_at is None
    client.force_login(make.post_staff())
    with at(APRIL):
        assert len(client.get(of_agency(agency)).context["waiting"]) == 1
        client.post(of_agency(agency), {f"year-{record.pk}": "2025"})
    record.refresh_from_db()
    assert record.void_reason == "Make-up credit for 2025"


def test_director_looks_and_decides_nothing(client, agency, record):
    client.force_login(make.director())
    with at(FEBRUARY):
        page = client.get(of_agency(agency))
        assert b"Keep these decisions" not in page.content
        client.post(of_agency(agency), {f"year-{record.pk}": "2025"})
    record.refresh_from_db()
    assert record.voided_at is None


def test_officer_of_the_class_may_not_decide(client, short, record):
    client.force_login(make.officer_account(short))
    assert client.get(of_class(record)).status_code == 403


class TestBeforeItIsRecorded:
    """The page on which a class is checked names who is short in an earlier year."""

    def draft(self, client, agency, officers):
        """What the check page is told of a class that is not recorded."""
        sent = {
            "submission_key": people.new_key(),
            "course": "Search law",
            "starts_on": "",
            "ends_on": "2026-02-10",
            "delivery": "classroom",
            "hours-area-interpersonal": "1",
            "hours-topic-racial_profiling": "1",
            "hours-in-racial_profiling": "interpersonal",
            "officers": [one.pk for one in officers],
            "pasted": "",
        }
        return client.post(reverse("compliance:draft_effect", args=[agency.code]), sent)

    def test_both_years_are_told_with_the_better_marked_and_nothing_is_left(self, client, agency, chief, short):
        whole = an_officer(agency, name="Ben Whole")
        people.complete(whole, agency, 2025)
        client.force_login(chief)
        with at(FEBRUARY):
            answer = self.draft(client, agency, [short, whole])
        [row] = answer.context["make_up"]
        assert row.officer == short
        assert [(one["year"], one["is_better"]) for one in row.choices] == [(2025, True), (2026, False)]
        text = " ".join(answer.content.decode().split())
        assert "1 entry may be make-up credit for an earlier year" in text
        assert "Counted in 2025, the better choice" in text
        assert not short.records.filter(credited_year=2026).exists()
        assert not MakeUpDecision.objects.exists()

    def test_after_march_15_the_agency_is_not_asked_and_post_is(self, client, agency, chief, short):
        for who, many in ((chief, 0), (make.post_staff(), 1)):
            with at(APRIL):
                client.force_login(who)
                assert len(self.draft(client, agency, [short]).context["make_up"]) == many


@pytest.mark.parametrize("page", ["compliance:make_up", "compliance:make_up_of_state"])
def test_list_is_had_as_a_file_with_both_years(client, agency, chief, record, page):
    of_state = page.endswith("of_state")
    client.force_login(make.post_staff() if of_state else chief)
    with at(FEBRUARY):
        answer = client.get(reverse(f"{page}_csv", args=[] if of_state else [agency.code]))
        [row] = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    assert (row["Name"], row["Reference"], row["Hours"]) == ("Abbott, Renee", record.training_class.reference, "1")
    assert (row["Earlier year"], row["Own year"], row["Counts now in"], row["Better choice"]) == (
        "2025", "2026", "2026", "2025",
    )  # fmt: skip
    assert (row["Decided"], row["Open to whoever reported it until"]) == ("no", "2026-03-15")
    assert row["If in the earlier year: that year"] == "compliant"
    assert row["If in its own year: the earlier"] == "1 h missing"
