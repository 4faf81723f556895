"""The list of those short after the last day: whom it holds on which day, when and why names leave it, and that it only
opens cases."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import candidacies as lists
from compliance.models import Candidacy, CandidacyCheck, Listing, ListMade, ReliefDecision, ReportingPeriod
from compliance.services import candidacies
from compliance.tasks import list_candidates
from compliance.tests.people import academy_course, complete, credit, event, in_every_standing, relief
from notifications import occasions
from notifications.models import Message
from training.models import LicenseEvent, Officer
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025
D = dt.date


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police")


@pytest.fixture
def period():
    return ReportingPeriod.objects.get(year=YEAR)


@pytest.fixture
def short(agency):
    """An officer short of one hour of legal studies; beside one who is not."""
    complete(factories.officer(agency, name="Dana Done"), agency, YEAR)
    one = factories.officer(agency, name="Renee O'Dell")
    complete(one, agency, YEAR, legal=1)
    return one


def at(day: dt.date, hour: int = 2) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), clock.CHICAGO)


def night(*days: dt.date) -> None:
    """What beat brings about in the nights of these days."""
    for day in days:
        with time_machine.travel(at(day), tick=False):
            list_candidates()


def told(officer) -> list[tuple]:
    """Each time on the list: from, to, why."""
    rows = Listing.objects.filter(candidacy__officer=officer).order_by("number")
    return [(one.number, one.listed_on, one.left_on, one.left_because) for one in rows]


def test_march_15_lists_nobody_and_march_16_lists_who_is_short(short):
    night(D(2026, 3, 15))
    assert (Candidacy.objects.count(), ListMade.objects.count()) == (0, 0)
    night(D(2026, 3, 16))
    assert told(short) == [(1, D(2026, 3, 16), None, "")]
    listing = Listing.objects.get()
    assert (listing.last_day, listing.listed_at) == (D(2026, 3, 15), at(D(2026, 3, 16)))
    assert [one.officer for one in Candidacy.objects.all()] == [short]


@pytest.mark.parametrize("hour", [0, 23])
def test_the_day_is_missouris(short, hour):
    with time_machine.travel(at(D(2026, 3, 15), hour), tick=False):
        list_candidates()
    assert told(short) == []


def test_extension_lists_on_the_day_after_its_last(short):
    relief(short, YEAR, decision="granted", due_on=D(2026, 6, 30))
    night(D(2026, 3, 16), D(2026, 6, 30))
    assert told(short) == []
    night(D(2026, 7, 1))
    assert told(short) == [(1, D(2026, 7, 1), None, "")]
    assert Listing.objects.get().last_day == D(2026, 6, 30)


def test_an_extension_to_the_end_of_the_next_year_lists_in_the_year_after(short):
    relief(short, YEAR, decision="granted", due_on=D(2026, 12, 31))
    night(D(2026, 12, 31))
    assert told(short) == []
    night(D(2027, 1, 1))
    assert told(short) == [(1, D(2027, 1, 1), None, "")]


def test_only_those_past_the_last_day_of_all_standings(agency):
    people = in_every_standing(agency, YEAR)
    night(D(2026, 5, 4))
    assert [one.candidacy.officer for one in Listing.objects.filter(left_on=None)] == [people["candidate"]]


def test_looking_twice_and_late_lists_once(short):
    night(D(2026, 3, 16), D(2026, 3, 16), D(2026, 3, 17))
    assert told(short) == [(1, D(2026, 3, 16), None, "")]
    assert list(ListMade.objects.order_by("day").values_list("day", "count")) == [
        (D(2026, 3, 16), 1),
        (D(2026, 3, 17), 1),
    ]


def test_missed_days_are_made_up_for_as_of_each(short):
    """Nobody looked until March 20: the list of the 16th holds who was short then, that of the 18th no longer."""
    credit(short, D(2026, 3, 18), academy_course(), year=YEAR, legal=1)
    night(D(2026, 3, 20))
    assert told(short) == [(1, D(2026, 3, 16), D(2026, 3, 18), "compliant")]
    listing = Listing.objects.get()
    assert listing.listed_at == clock.end_of_day(D(2026, 3, 16))
    assert ListMade.objects.count() == 5


def test_a_day_that_was_made_is_not_made_again_and_says_what_was_known(short, period):
    night(D(2026, 3, 16))
    as_of = ListMade.objects.get().as_of
    assert candidacies.make_list(period=period, day=D(2026, 3, 16), now=at(D(2026, 3, 18))) is False
    assert ListMade.objects.get().as_of == as_of == at(D(2026, 3, 16))


def test_leaves_as_compliant_by_the_record_that_came_in(short):
    night(D(2026, 3, 16))
    made = credit(short, D(2026, 3, 20), academy_course(), year=YEAR, legal=1)
    night(D(2026, 3, 21))
    assert told(short) == [(1, D(2026, 3, 16), D(2026, 3, 20), "compliant")]
    assert Listing.objects.get().left_record == made


def test_compliant_by_something_else_names_no_record(agency):
    one = factories.officer(agency)
    complete(one, agency, YEAR, skill__firearms=1)
    refused = factories.course(agency, "Night range", refused_on=D(2026, 1, 10))
    credit(one, D(2025, 9, 9), refused, skill__firearms=1)
    night(D(2026, 3, 16))
    refused.reviews.create(decision="approved", decided_on=D(2026, 3, 19), recorded_at=at(D(2026, 3, 19), 12))
    night(D(2026, 3, 20))
    assert told(one) == [(1, D(2026, 3, 16), D(2026, 3, 19), "compliant")]
    assert Listing.objects.get().left_record is None


def test_request_takes_the_name_off_and_a_denial_lists_it_again(short):
    night(D(2026, 3, 16))
    request = relief(short, YEAR, requested_on=D(2026, 3, 20))
    night(D(2026, 3, 21))
    assert told(short) == [(1, D(2026, 3, 16), D(2026, 3, 20), "requested")]
    assert Listing.objects.get().left_request == request
    ReliefDecision.objects.create(
        request=request, decision="denied", decided_on=D(2026, 3, 25), recorded_at=at(D(2026, 3, 25), 12)
    )
    night(D(2026, 3, 26))
    assert told(short)[1:] == [(2, D(2026, 3, 25), None, "")]
    assert Candidacy.objects.count() == 1


@pytest.mark.parametrize(("kind", "due_on"), [("waiver", None), ("extension", D(2026, 9, 30))])
def test_relief_granted_takes_the_name_off(short, kind, due_on):
    night(D(2026, 3, 16))
    request = relief(short, YEAR, kind, requested_on=D(2026, 3, 20), decision="granted", due_on=due_on)
    ReliefDecision.objects.update(decided_on=D(2026, 3, 20), recorded_at=at(D(2026, 3, 20), 15))
    night(D(2026, 3, 21))
    assert told(short)[-1][2:] == (D(2026, 3, 20), "granted")
    assert Listing.objects.get(number=1).left_request == request


def test_license_that_ended_takes_the_name_off(short):
    night(D(2026, 3, 16))
    gone = event(short, "surrendered", D(2026, 4, 2))
    night(D(2026, 4, 3))
    assert told(short) == [(1, D(2026, 3, 16), D(2026, 4, 2), "license")]
    assert Listing.objects.get().left_event == gone


def test_decision_of_the_director_takes_the_name_off_and_hours_do_not_list_again(short):
    night(D(2026, 3, 16))
    decided = event(short, "made_inactive", D(2026, 4, 2), period_year=YEAR)
    night(D(2026, 4, 3), D(2026, 4, 4))
    assert told(short) == [(1, D(2026, 3, 16), D(2026, 4, 2), "decided")]
    assert Listing.objects.get().left_event == decided


def test_record_voided_later_lists_again(short):
    night(D(2026, 3, 16))
    made = credit(short, D(2026, 3, 20), academy_course(), year=YEAR, legal=1)
    night(D(2026, 3, 21))
    type(made).objects.filter(pk=made.pk).update(voided_at=at(D(2026, 5, 1), 12), void_reason="Entered twice")
    night(D(2026, 5, 2))
    assert told(short) == [
        (1, D(2026, 3, 16), D(2026, 3, 20), "compliant"),
        (2, D(2026, 5, 1), None, ""),
    ]


def test_a_year_of_which_nothing_was_kept_lists_nobody(agency):
    factories.officer(agency)
    night(D(2026, 3, 16))
    assert (Candidacy.objects.count(), lists.periods_listed(D(2026, 3, 16))) == (0, [])


def test_first_list_of_a_period_long_over_is_todays(short, period):
    assert lists.days_to_list(period, D(2026, 3, 18)) == [D(2026, 3, 16), D(2026, 3, 17), D(2026, 3, 18)]
    assert lists.days_to_list(period, D(2027, 2, 1)) == [D(2027, 2, 1)]


def test_catching_up_stops_in_time_and_goes_on_later(short):
    now = at(D(2026, 3, 20))
    assert candidacies.catch_up(now=now, seconds=-1) == 0
    assert candidacies.catch_up(now=now) == 5


# Nothing but cases ----------------------------------------------------------------------------------------------------


def test_listing_writes_to_its_own_tables_alone(short):
    """Whatever SQL the nightly run sends: no license, no officer, no message is touched."""
    before = LicenseEvent.objects.count()
    with CaptureQueriesContext(connection) as sent:
        night(D(2026, 3, 16), D(2026, 7, 1))
    written = re.compile(r'(?:INSERT INTO|(?<!KEY )(?<!DO )UPDATE|DELETE FROM) "?(\w+)')
    writes = {name for query in sent for name in written.findall(query["sql"])}
    assert {name for name in writes if not name.startswith("pghistory")} == {
        "compliance_candidacy",
        "compliance_listing",
        "compliance_listmade",
    }
    assert (LicenseEvent.objects.count(), Message.objects.count()) == (before, 0)


def test_many_are_listed_and_leave_in_a_fixed_number_of_statements(agency, period):
    factories.course(agency)
    one = factories.roster(agency, 1, first_number=1)
    credit(one[0], D(2025, 2, 2), academy_course(), legal=1)
    with CaptureQueriesContext(connection) as few:
        candidacies.make_list(period=period, day=D(2026, 3, 16), now=at(D(2026, 3, 16)))
    assert Listing.objects.count() == 1
    factories.roster(agency, 2000, first_number=100)
    with CaptureQueriesContext(connection) as many:
        candidacies.make_list(period=period, day=D(2026, 3, 17), now=at(D(2026, 3, 17)))
    assert Listing.objects.filter(listed_on=D(2026, 3, 17)).count() == 2000
    assert len(many) <= len(few) + 3
    LicenseEvent.objects.bulk_create(
        LicenseEvent(officer=officer, kind="surrendered", occurred_on=D(2026, 3, 18), recorded_at=at(D(2026, 3, 18), 0))
        for officer in Officer.objects.all()
    )
    with CaptureQueriesContext(connection) as leaving:
        candidacies.make_list(period=period, day=D(2026, 3, 18), now=at(D(2026, 3, 18)))
    assert Listing.objects.filter(left_because="license", left_event__isnull=False).count() == 2001
    assert len(leaving) <= len(many) + 3


# Looking for recording errors -----------------------------------------------------------------------------------------


@pytest.fixture
def listing(short):
    night(D(2026, 3, 16))
    return Listing.objects.get()


def test_post_marks_what_was_found_and_the_latest_counts(listing):
    post = factories.post_staff()
    said = {"by": post, "listings": [listing.pk], "found": "error", "words": "A class of the academy is missing"}
    assert [candidacies.look(**said) for _ in range(2)] == [1, 1]  # a button pressed twice
    assert listing.checks.count() == 1
    assert Listing.objects.ready().count() == 0
    candidacies.look(by=post, listings=[listing.pk], found="no_error")
    assert [one.check_found for one in Listing.objects.ready()] == ["no_error"]
    assert CandidacyCheck.objects.count() == 2


@pytest.mark.parametrize("who", [factories.director, factories.user])
def test_nobody_else_marks(listing, who):
    with pytest.raises(Refused, match="Only POST staff"):
        candidacies.look(by=who(), listings=[listing.pk], found="no_error")


def test_a_likely_error_is_said_in_words(listing):
    with pytest.raises(Refused, match="in words"):
        candidacies.look(by=factories.post_staff(), listings=[listing.pk], found="error", words="  ")


def test_one_who_has_left_is_not_marked(listing):
    event(listing.candidacy.officer, "surrendered", D(2026, 4, 2))
    night(D(2026, 4, 3))
    with pytest.raises(Refused, match="on the list any more"):
        candidacies.look(by=factories.post_staff(), listings=[listing.pk], found="no_error")


def test_post_reads_the_notice_before_it_goes(listing, short):
    notice = occasions.get("candidate_listed")
    with time_machine.travel(at(D(2026, 3, 16), 9)):
        assert notice.sample(factories.officer().pk) is None
        key = notice.sample(short.pk)
        assert key == f"2025:{short.pk}:1"
        assert notice.preview(key)["license_number"] == short.license_number
        event(short, "surrendered", D(2026, 3, 16))
    with time_machine.travel(at(D(2026, 3, 17), 9)):
        assert notice.preview(key) is None
