"""The demonstration state: believable, the same for the same seed and day, mid-season, nothing in the future."""

import datetime as dt
import io
from collections import Counter
from decimal import Decimal
from functools import cache

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, Sum

from clee_portal import clock
from clee_portal.accounts.demonstration import ACCOUNTS, PASSWORD
from clee_portal.accounts.models import StateRole, User
from compliance import standings
from compliance.demonstration import calendar, desk, errors, nation, outcomes, silence, state
from compliance.demonstration.agencies import SMALL
from compliance.demonstration.seasons import MIX
from compliance.models import RecordingGap, ReliefRequest, ReportingPeriod
from compliance.verdict import Standing
from conftest import owners_turn
from training.models import Agency, Commission, Membership, Officer, Registration, ScheduledClass, TrainingRecord
from training.places import place_of

TODAY = dt.date(2026, 6, 30)
MINIMUMS = (2400, 800, 200, 200, 200, 200, 100, 100, 100)
DAYS = [dt.date(2026, *day) for day in ((1, 1), (1, 10), (3, 14), (3, 16), (3, 20), (6, 30), (11, 23), (12, 31))]


@cache
def planned(day: dt.date, seed: int = 1) -> state.State:
    """A small state, in memory."""
    return state.build(seed, day, SMALL, dict.fromkeys(range(day.year - 2, day.year + 1), MINIMUMS))


def seed_demo(**options) -> str:
    """What the command says."""
    said = io.StringIO()
    call_command("seed_demo", stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db  # such tests run before those of the fixture below, in an empty database
def test_nation_elsewhere_has_no_accounts(settings, monkeypatch):
    settings.CLEE_EMBEDDED = False
    for name, value in {"OFFICERS": 300, "AGENCIES": 12, "SLICE": 100, "CLASSES_OF_A_COURSE": 5}.items():
        monkeypatch.setattr(nation, name, value)
    seed_demo(nation=True, yes=True, today=TODAY)
    assert (Officer.objects.count(), Agency.objects.count(), User.objects.count()) == (300, 12, 0)
    assert set(TrainingRecord.objects.values_list("credited_year", flat=True)) == {2025}
    found = Counter(finding.standing for finding in findings(2025).values())
    assert found[Standing.COMPLIANT] > found[Standing.CANDIDATE] > 20


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker):
    """A small state as of `TODAY`, taken back after this file's tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.conf.settings.CLEE_EMBEDDED", True)
            with owners_turn():  # as bin/run does: the owner may have the tables analyzed
                said = seed_demo(seed=3, today=TODAY)
            yield said
        transaction.set_rollback(True)


def findings(year: int, day: dt.date = TODAY) -> dict:
    """Everyone's findings."""
    return standings.of_officers(standings.question(ReportingPeriod.objects.get(year=year), clock.end_of_day(day)))


def account_finding(key: str, year: int):
    """What the officer behind a demonstration account sees."""
    account = next(account for account in ACCOUNTS if account.key == key)
    officer = Officer.objects.get(memberships__user__email=account.email)
    question = standings.question(ReportingPeriod.objects.get(year=year), clock.end_of_day(TODAY))
    return standings.of_officer(question, officer)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nothing_of_a_state_lies_on_its_day_or_after(day):
    made, today = planned(day), day.toordinal()
    facts = [record.session.end for record in made.records] + [record.recorded for record in made.records]
    facts += [record.voided for record in made.records if record.voided]
    for officer in made.officers:
        facts += [event.day for event in officer.events]
        facts += [post.start for post in officer.posts] + [post.end for post in officer.posts if post.end]
    for request in made.requests:
        facts += [request.day] + [decision.day for decision in request.decisions]
    facts += [review.day for review in made.reviews]
    assert max(facts) < today


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nobody_trains_before_the_license(day):
    assert all(record.session.start >= record.officer.licensed for record in planned(day).records)


def test_state_is_the_same_for_the_same_seed_and_day():
    def told(made: state.State) -> list:
        return [
            (r.officer.license, r.officer.name.full, r.session.course.template.title, r.session.end, r.recorded, r.year)
            for r in made.records
        ]

    first = told(planned(TODAY))
    assert first == told(planned.__wrapped__(TODAY))
    assert first != told(planned(TODAY, seed=2))


@pytest.mark.parametrize(("month", "day", "ripe"), [(1, 1, 2024), (3, 18, 2024), (3, 19, 2025), (12, 31, 2025)])
def test_ripe_period_is_the_latest_whose_march_15_is_past(month, day, ripe):
    assert outcomes.ripe_year(dt.date(2026, month, day)) == ripe


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_profiles_of_a_season_follow_the_mix(seed):
    made = planned(TODAY, seed)
    profiles = Counter(s.profile for number, s in made.seasons[2025].items() if made.officers[number].trains)
    count = sum(profiles[name] for name, _ in MIX)
    for name, percent in MIX:
        assert abs(100 * profiles[name] / count - percent) < 4, name


def test_state_has_forty_agencies_from_one_officer_to_three_hundred(seeded):
    sizes = Counter(Commission.objects.in_force(TODAY).values_list("agency", flat=True))
    assert (Agency.objects.count(), Officer.objects.count()) == (40, 1500)
    assert (min(sizes.values()), 290 < max(sizes.values()) < 320) == (1, True)


def test_every_standing_occurs_in_the_periods_of_the_state(seeded):
    found = Counter()
    for year in (2024, 2025, 2026):
        found.update(finding.standing for finding in findings(year).values())
    # Make-up time is over in June by the calendar, so it is asked for as of March 15.
    found.update(finding.standing for finding in findings(2025, dt.date(2026, 3, 15)).values())
    assert {standing for standing in Standing if not found[standing]} == set()


def test_last_years_period_has_what_became_of_those_who_were_short(seeded):
    found = Counter(finding.standing for finding in findings(2025).values())
    assert found[Standing.COMPLIANT] > 1100
    for standing in (Standing.CANDIDATE, Standing.EXTENDED, Standing.EXTENSION_PENDING, Standing.INACTIVE):
        assert 2 <= found[standing] < 180, standing


def test_this_years_period_is_in_progress_with_some_compliant(seeded):
    found = Counter(finding.standing for finding in findings(2026).values())
    assert found[Standing.IN_PROGRESS] > 900
    assert found[Standing.COMPLIANT] > 100


def test_accounts_show_near_miss_compliant_and_candidate(seeded):
    near_miss = account_finding("near_miss", 2026)
    assert (near_miss.standing, near_miss.short) == (Standing.IN_PROGRESS, {"firearms": Decimal(2)})
    assert account_finding("compliant", 2026).standing == Standing.COMPLIANT
    candidate = account_finding("candidate", 2025)
    assert (candidate.standing, set(candidate.short)) == (Standing.CANDIDATE, {"total"})


def test_accounts_sign_in_with_the_one_password(seeded):
    for account in ACCOUNTS:
        user = authenticate(None, email=account.email, password=PASSWORD)
        assert user is not None, account.email
        assert user.name == account.name
    roles = set(StateRole.objects.values_list("user__email", "role"))
    reader = {("post@demo.example.org", StateRole.Role.MEDICAL_READER)}
    assert roles == {(a.email, a.state_role) for a in ACCOUNTS if a.state_role} | reader


def test_accounts_of_officers_bear_their_officers_names(seeded):
    for membership in Membership.objects.filter(role="officer").select_related("user", "officer"):
        assert membership.user.name == f"{membership.officer.first_name} {membership.officer.last_name}"


def test_accounts_lead_agencies_of_the_sizes_they_tell(seeded):
    officers = Count("agency__commissions", filter=Q(agency__commissions__ended_on=None))
    sizes = dict(Membership.objects.exclude(agency=None).annotate(n=officers).values_list("user__email", "n"))
    by_key = {account.key: sizes.get(account.email) for account in ACCOUNTS}
    # A few reserves of other agencies hold a second commission.
    assert 11 <= by_key["chief"] <= 14
    assert by_key["hats"] == by_key["chief"]
    assert 28 <= by_key["sheriff"] <= 33
    assert by_key["coordinator"] > 280


def test_duplicates_have_a_counted_entry_of_the_same_day_and_title(seeded):
    duplicates = TrainingRecord.objects.live().filter(not_counted="duplicate")
    duplicates = duplicates.exclude(training_class__course__title=desk.TWICE)
    duplicates = duplicates.exclude(training_class__place__endswith=errors.OTHER_ROOM)  # planted: two sittings
    assert duplicates.count() > 10
    for record in duplicates.select_related("training_class__course"):
        counted = TrainingRecord.objects.live().filter(
            officer=record.officer_id,
            completed_on=record.completed_on,
            not_counted="",
            source_kind="approved_provider",
            training_class__course__title=record.training_class.course.title,
        )
        hours = record.lines.aggregate(h=Sum("hours"))["h"]
        assert [abs(other.lines.aggregate(h=Sum("hours"))["h"] - hours) <= 1 for other in counted] == [True]


def test_state_has_late_rosters_corrections_make_up_instructors_and_online_firearms(seeded):
    records = TrainingRecord.objects.all()
    late = Q(recorded_at__gt=F("completed_on") + dt.timedelta(days=35))
    online_firearms = Q(delivery="online", lines__topic__code="firearms")
    for what in (
        late,
        Q(not_counted="repeat"),
        Q(credited_year__lt=F("completed_on__year")),
        Q(role="instructor"),
        online_firearms,
        Q(source_kind="college"),
        Q(source_kind="out_of_state"),
    ):
        assert records.filter(what).count() > 5, what
    corrected = records.filter(replaces__isnull=False)
    assert corrected.count() > 20
    assert not corrected.exclude(replaces__voided_at=F("recorded_at")).exists()
    gone = records.exclude(voided_at=None).filter(replaced_by=None)
    assert set(gone.values_list("void_reason", flat=True)) == {errors.VOIDED_BECAUSE}  # planted
    assert gone.count() == 1


def test_each_kind_of_recording_error_is_planted_and_most_are_found(seeded):
    made = planned(TODAY, 3)
    kinds = Counter(one.kind for one in made.planted)
    assert {kind: 1 for kind in kinds if kind != "silent_agency"} | {"silent_agency": kinds["silent_agency"]} == kinds
    assert set(kinds) == set(RecordingGap.Kind) - {"little", "nothing"}
    assert kinds["silent_agency"] in silence.FEW
    year = made.planted[0].year
    found, at = findings(year), dict(Officer.objects.values_list("license_number", "pk"))
    short = {one.officer.license for one in made.planted if found[at[one.officer.license]].short}
    assert short == {one.officer.license for one in made.planted}
    assert not any(any(made.seasons[year][one.officer.number].missing(MINIMUMS)) for one in made.planted)
    likely = RecordingGap.objects.unresolved_likely(ReportingPeriod.objects.get(year=year))
    hit = set(likely.filter(officer__license_number__in=short).values_list("officer__license_number", flat=True))
    assert len(hit) >= 0.6 * len(short)


def test_state_has_namesakes_movers_second_commissions_and_odd_surnames(seeded):
    names = Officer.objects.values("first_name", "last_name").annotate(n=Count("pk"))
    assert names.filter(n__gt=1).count() >= 2
    commissions = Commission.objects.values("officer").annotate(now=Count("pk", filter=Q(ended_on=None)), n=Count("pk"))
    assert commissions.filter(now__gt=1).count() > 10
    assert commissions.filter(now=1, n__gt=1).count() > 50
    for sign in ("-", " ", "'"):
        assert Officer.objects.filter(last_name__contains=sign).exists(), sign
    assert Officer.objects.exclude(suffix="").count() > 30
    assert Officer.objects.filter(last_name__regex="[À-ÿ]").exists()


def test_requests_are_granted_denied_and_undecided(seeded):
    decisions = Counter(ReliefRequest.objects.values_list("decisions__decision", flat=True))
    assert set(decisions) == {"granted", "denied", "withdrawn", "ended", None}


def test_calendar_reaches_from_three_months_back_to_six_ahead(seeded):
    classes = ScheduledClass.objects.all()
    states = Counter(classes.values_list("state", flat=True))
    assert (states["published"] > 300, states["called_off"] > 5, states["draft"] > 3) == (True, True, True)
    # What somebody left off a list may lie farther back (`door.py`).
    of_late = classes.filter(begins_at__gt=clock.midday(TODAY) - dt.timedelta(days=93))
    first, last = of_late.aggregate(first=Min("begins_at"), last=Max("begins_at")).values()
    assert clock.midday(TODAY) - first > dt.timedelta(days=80)
    assert dt.timedelta(days=170) < last - clock.midday(TODAY) < dt.timedelta(days=184)
    assert classes.filter(begins_at__lt=clock.midday(TODAY), state="published").count() > 50
    gave = classes.exclude(training_class=None)
    assert gave.filter(ends_at__date=F("training_class__ends_on")).count() == gave.count() > 40
    assert not gave.exclude(course=F("training_class__course")).exists()


def test_calendar_has_full_classes_whose_seats_are_counted_right(seeded):
    taken = Count("registrations", filter=Q(registrations__state__in=Registration.TAKES_A_SEAT))
    assert not ScheduledClass.objects.annotate(taken=taken).exclude(taken=F("seats_taken")).exists()
    assert ScheduledClass.objects.filter(seats_taken=F("capacity")).count() > 10
    states = Counter(Registration.objects.values_list("state", flat=True))
    assert (states["registered"] > 1000, states["waiting"] > 20, states["offered"]) == (True, True, 1)
    turns = list(Registration.objects.order_by("scheduled_class", "turn").values_list("scheduled_class", "asked_at"))
    assert turns == sorted(turns)
    deputy = Registration.objects.filter(officer__memberships__user__email="deputy@demo.example.org")
    ahead = deputy.filter(scheduled_class__begins_at__gt=clock.midday(TODAY), scheduled_class__state="published")
    assert set(ahead.values_list("scheduled_class__course__title", "state")) >= {(calendar.WAITS_FOR, "waiting")}


def test_calendar_lies_where_its_zip_codes_lie(seeded):
    lies = set(ScheduledClass.objects.exclude(zip_code="").values_list("zip_code", "latitude", "longitude"))
    assert len(lies) > 30
    assert [one for one in lies if place_of(one[0])[:2] != one[1:]] == []


def test_inactive_licenses_name_who_decided(seeded):
    events = apps.get_model("training", "LicenseEvent").objects.filter(kind__in=["made_inactive", "reinstated"])
    assert events.filter(kind="reinstated").exists()
    assert not events.filter(Q(decided_by="") | Q(reference="")).exists()


def test_history_says_why_the_rows_are_there(seeded):
    for model in (TrainingRecord, Officer, Membership):
        event = apps.get_model(model._meta.app_label, f"{model.__name__}Event").objects
        reasons = Counter(event.filter(pgh_label="insert").values_list("pgh_context__reason", flat=True))
        assert reasons.pop("Demonstration state") > model.objects.count() - 30
        # The rest was done by the services, which give reasons of their own.
        assert all(reasons)
        assert event.filter(pgh_label="insert").count() == model.objects.count()


def test_ids_that_follow_are_free(seeded):
    highest = Agency.objects.aggregate(m=Max("pk"))["m"]
    with transaction.atomic():
        assert Agency.objects.create(code="one-more", name="One More").pk > highest
        transaction.set_rollback(True)


def test_command_says_how_many(seeded):
    assert "1,500  officers" in seeded
    assert "11  accounts" in seeded


def test_command_refuses_a_database_in_use(seeded):
    with pytest.raises(CommandError, match="already"):
        seed_demo(today=TODAY)


def test_command_leaves_a_database_in_use_alone_if_empty_is_asked(seeded, settings):
    settings.CLEE_EMBEDDED = False
    before = Officer.objects.count()
    assert "nothing was changed" in seed_demo(if_empty=True)
    assert Officer.objects.count() == before


def test_command_refuses_another_database_without_yes(seeded, settings):
    settings.CLEE_EMBEDDED = False
    with pytest.raises(CommandError, match="Add --yes"):
        seed_demo(today=TODAY)


def test_accounts_command_lists_everyone_and_the_password(seeded):
    said = io.StringIO()
    call_command("demonstration_accounts", stdout=said)
    assert PASSWORD in said.getvalue()
    assert [account.email in said.getvalue() for account in ACCOUNTS] == [True] * len(ACCOUNTS)


def test_accounts_command_is_refused_elsewhere(seeded, settings):
    settings.CLEE_EMBEDDED = False
    with pytest.raises(CommandError, match="embedded"):
        call_command("demonstration_accounts")
