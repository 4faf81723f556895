"""Two records of one person joined and parted again: what moves, what counts once, what is refused, what comes back."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.db.models import Sum
from django.urls import reverse

from clee_portal.refusal import Refused
from training import licensing, selectors
from training.matching import Certainty, People
from training.models import (
    Commission,
    CreditLine,
    LicenseEvent,
    Membership,
    Officer,
    OfficerBirthDate,
    OfficerGroup,
    OfficerMerge,
    OfficerMergeRow,
    TrainingRecord,
)
from training.services import merges
from training.tests import factories

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
DAY = dt.date(2026, 5, 4)
TABLES = (Commission, LicenseEvent, Membership, OfficerBirthDate, OfficerGroup.officers.through)


@pytest.fixture
def post():
    return factories.post_staff()


@pytest.fixture
def agency():
    return factories.agency(name="Elm Fork Police")


@pytest.fixture
def two(agency):
    """The record that is kept, commissioned at Elm Fork; one without a license, once at another agency."""
    kept = factories.officer(agency, license_number="100", name="Dana Whitlock")
    other = factories.officer(
        factories.agency(name="Old Town"), license_number="200", name="Dana Whitlok", issued_on=None,
        since=dt.date(2016, 1, 1), until=dt.date(2018, 1, 1),
    )  # fmt: skip
    return kept, other


def join(post, two, **more):
    kept, other = two
    given = {"both_valid": False, "source": "License files", "today": TODAY, **more}
    return merges.merge(by=post, kept=kept, merged=other, **given)


def whose() -> dict:
    """Of every row that names an officer: which officer."""
    found = {}
    for model in (*TABLES, TrainingRecord):
        field = "officer"
        found[model] = sorted(model.objects.values_list("pk", field))
    return found


def hours(officer) -> int:
    lines = CreditLine.objects.filter(record__officer=officer, record__voided_at=None, record__not_counted="")
    return lines.aggregate(all=Sum("hours"))["all"] or 0


def test_everything_moves_and_the_old_number_is_a_hint(post, two, agency):
    kept, other = two
    factories.record(other, DAY, course=factories.course(agency))
    OfficerBirthDate.objects.create(officer=other, born_on=dt.date(1990, 1, 1))
    group = OfficerGroup.objects.create(agency=agency, name="Night")
    group.officers.set([other])
    account = factories.officer_account(other)
    made = join(post, two)
    other.refresh_from_db()
    assert (other.license_number, other.merged_into) == (f"M-{other.pk}", kept)
    assert {officer for rows in whose().values() for _, officer in rows} == {kept.pk}
    assert (hours(kept), hours(other)) == (2, 0)
    assert account.memberships.get().officer == kept
    assert selectors.now_known_as(["200"]) == {"200": [kept]}
    assert made.rows.count() == 5
    assert made.events.get().pgh_context["reason"] == "Record 200 joined with 100: License files"


def test_parted_again_every_row_is_where_it_was(post, two, agency):
    kept, other = two
    for officer in two:
        factories.record(officer, DAY, course=factories.course(agency))
        factories.commission(officer, factories.agency(), since=dt.date(2020, 1, 1), until=dt.date(2020, 6, 1))
    OfficerBirthDate.objects.create(officer=other, born_on=dt.date(1990, 1, 1))
    factories.officer_account(other)
    before = whose()
    made = join(post, two)
    assert whose() != before
    since = factories.record(kept, DAY, course=factories.course(agency))
    merges.undo(by=post, merge=made, source="Two sisters")
    other.refresh_from_db()
    assert (other.license_number, other.merged_into) == ("200", None)
    after = whose()
    after[TrainingRecord].remove((since.pk, kept.pk))
    assert after == before
    assert selectors.now_known_as(["200"]) == {}
    with pytest.raises(Refused, match="parted meanwhile"):
        merges.undo(by=post, merge=made, source="Again")


def test_one_training_that_both_have_counts_once_and_twice_when_parted(post, two, agency):
    course = factories.course(agency, legal=4)
    for officer in two:
        factories.record(officer, DAY, course=course, legal=4)
    made = join(post, two)
    kept, other = two
    assert hours(kept) == 4
    assert TrainingRecord.objects.live().filter(officer=kept).count() == 2
    merges.undo(by=post, merge=made, source="Two sisters")
    assert (hours(kept), hours(other)) == (4, 4)


def test_what_an_approved_provider_entered_goes_before_the_in_service_entry(post, two, agency):
    kept, other = two
    factories.record(kept, DAY, course=factories.course(agency, "Traffic stops", legal=4), legal=4)
    provider = factories_provider_course("Traffic stops")
    factories.record(other, DAY, course=provider, legal=4)
    made = join(post, two)
    counted = TrainingRecord.objects.live().get(officer=kept, not_counted="")
    assert (counted.source_kind, hours(kept)) == ("approved_provider", 4)
    merges.undo(by=post, merge=made, source="Two sisters")
    assert (hours(kept), hours(other)) == (4, 4)


def factories_provider_course(title):
    from training.models import Course, Provider  # only here

    return Course.objects.create(
        title=title, source_kind="approved_provider", provider=Provider.objects.create(name="Pinnacle")
    )


def test_two_valid_licenses_take_a_confirmation(post, agency):
    two = (factories.officer(license_number="100"), factories.officer(license_number="200"))
    with pytest.raises(Refused, match="Both hold a valid license") as refused:
        join(post, two)
    assert (refused.value.field, OfficerMerge.objects.count()) == ("both_valid", 0)
    made = join(post, two, both_valid=True)
    assert made.both_valid
    events = licensing.events_of(two[0], dt.datetime.max.replace(tzinfo=dt.UTC))
    assert licensing.state_on(events, TODAY).status == "active"


def test_a_commission_that_both_hold_stands_once(post, agency):
    kept = factories.officer(agency, license_number="100")
    other = factories.officer(agency, license_number="200", issued_on=None, since=dt.date(2020, 1, 1))
    theirs = other.commissions.get()
    made = join(post, (kept, other))
    theirs.refresh_from_db()
    assert (theirs.officer, theirs.set_aside_by) == (kept, made)
    assert list(Commission.objects.in_force(TODAY).filter(agency=agency)) == [kept.commissions.get(set_aside_by=None)]
    merges.undo(by=post, merge=made, source="Two sisters")
    theirs.refresh_from_db()
    assert (theirs.officer, theirs.set_aside_by) == (other, None)


@pytest.mark.parametrize("what", ["account", "class", "commission"])
def test_what_has_to_be_settled_first_is_said_and_nothing_moves(post, agency, what):
    kept = factories.officer(agency, license_number="100", since=dt.date(2020, 1, 1))
    other = factories.officer(license_number="200", issued_on=None)
    if what == "account":
        factories.officer_account(kept)
        factories.officer_account(other)
        words = "Both records are connected"
    elif what == "class":
        course = factories.course(agency)
        held = factories.record(kept, DAY, course=course).training_class
        factories.record(other, DAY, course=course, held=held)
        words = f"Both are in class {held.reference}"
    else:
        factories.commission(other, agency, since=dt.date(2019, 1, 1))
        words = "Correct the commission of 100"
    before = whose()
    assert any(words in one for one in merges.obstacles(kept, other, TODAY))
    with pytest.raises(Refused, match=words):
        join(post, (kept, other))
    assert (whose(), OfficerMergeRow.objects.count()) == (before, 0)


def test_a_merged_record_is_not_merged_again_and_only_post_may(post, two):
    join(post, two)
    with pytest.raises(Refused, match="joined with another meanwhile"):
        join(post, two)
    with pytest.raises(Refused, match="same record"):
        join(post, (two[0], two[0]))
    with pytest.raises(Refused, match="Only POST staff"):
        join(factories.director(), two)


def test_a_roster_with_the_old_number_is_offered_the_officer_and_never_taken(post, two, agency):
    join(post, two)
    people = People.of(agency, DAY)
    people.know(["200"])
    match = people.match(number="200", name=None, day=DAY)
    assert (match.certainty, match.person) == (Certainty.POSSIBLE, None)
    offered = [(one.license_number, one.why) for one in match.candidates]
    assert offered == [("100", "had this number until it was corrected")]


@pytest.mark.django_db(transaction=True)
def test_two_staff_join_one_record_at_once(post, agency):
    """The second is told; the record lies with one of the two."""
    first = factories.officer(license_number="100")
    second = factories.officer(license_number="300")
    other = factories.officer(license_number="200", issued_on=None)
    outcomes = []

    def act(kept):
        try:
            merges.merge(by=post, kept=kept, merged=other, both_valid=False, source="Files", today=TODAY)
            outcomes.append("joined")
        except Refused as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[kept]) for kept in (first, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes, key=len)[0] == "joined"
    assert "joined with another meanwhile" in max(outcomes, key=len)
    assert OfficerMerge.objects.count() == 1


def test_joining_and_parting_on_the_pages(client, post, two):
    _, other = two
    client.force_login(post)
    url = reverse("training:officer_merge", args=["100"])
    page = client.post(url, {"other": "999"})
    assert page.context["form"].errors == {"other": ["No officer has the license number 999."]}
    page = client.post(url, {"other": "200"}, follow=True)
    assert page.redirect_chain == [(f"{url}?other=200", 302)]
    assert b"Side by side" in page.content
    page = client.post(f"{url}?other=200", {"source": "License files"}, follow=True)
    assert "Joined: what stood under license 200" in page.content.decode()
    made = OfficerMerge.objects.get()
    page = client.post(reverse("training:merge_undo", args=[made.pk]), {"source": "Two sisters"}, follow=True)
    assert "Parted: license 200 is a record of its own again." in page.content.decode()
    assert Officer.objects.get(license_number="200").pk == other.pk


def test_record_of_which_the_director_decided_is_the_one_that_is_kept(post, two):
    kept, other = two
    LicenseEvent.objects.create(
        officer=other, kind="made_inactive", occurred_on=DAY, period_year=2025, decided_by="D. Stone, Director",
        carried_over_from="card 7",
    )  # fmt: skip
    with pytest.raises(Refused, match="The Director decided on license 200"):
        join(post, two)
    assert OfficerMerge.objects.count() == 0
    assert join(post, (other, kept)).merged == kept
