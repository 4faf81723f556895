"""The Director decides: by whom, on which facts, and what it brings about; nobody and nothing else makes a license
inactive, and the database says so too."""

import datetime as dt
import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.refusal import Refused
from compliance import case_changes, case_facts, packets, replaying, standings
from compliance.models import Candidacy, CaseDecision, CasePacket, CaseSubmission
from compliance.services import case_decisions, case_submissions
from compliance.tests import case_people as made
from compliance.tests.people import academy_course, credit, relief
from compliance.verdict import Standing
from notifications.models import Message
from training import licensing
from training.models import LicenseEvent
from training.tests import factories

pytestmark = pytest.mark.django_db
Kind = CaseDecision.Kind


@pytest.fixture
def people():
    return made.everybody()


def state(officer) -> str:
    now = clock.now()
    return licensing.state_on(licensing.events_of(officer, now), clock.day_of(now)).status.value


def standing(officer) -> Standing:
    return standings.of_officer(standings.question(made.period(), clock.now()), officer).standing


def told(occasion: str) -> set[str]:
    return set(Message.objects.filter(occasion=occasion).values_list("address", flat=True))


def decide(by, one: CaseSubmission, kind: str = Kind.MAKE_INACTIVE, **more):
    return case_decisions.decide(by=by, seen={one.pk: one.facts_sha256}, kind=kind, **more)


@pytest.mark.parametrize("who", ["director", "agent"])
def test_director_or_agent_makes_inactive(people, who):
    one = made.before_the_director(people)
    by = getattr(people, who)
    (decision,) = decide(by, one)
    event = LicenseEvent.objects.get(officer=people.officer, kind="made_inactive")
    assert (decision.event, event.reference, event.recorded_by) == (event, decision.reference, by)
    assert (event.period_year, event.occurred_on) == (made.YEAR, clock.today())
    assert (state(people.officer), standing(people.officer)) == ("inactive", Standing.INACTIVE)
    one.refresh_from_db()
    assert one.closed_because == "decided"
    assert told("decision_made_inactive") == {people.own.email, people.ceo.email}
    assert people.officer.commissions.get().ended_on is None  # the portal ends no commission


@pytest.mark.parametrize("who", ["own", "ceo", "post"])
def test_nobody_else_decides(people, who):
    one = made.before_the_director(people)
    with pytest.raises(Refused, match="Only the Director, or a designated agent"):
        decide(getattr(people, who), one)
    assert state(people.officer) == "active"


@pytest.mark.parametrize(
    "dates",
    [
        {"ends_on": clock.today() - dt.timedelta(days=1)},
        {"starts_on": clock.today() + dt.timedelta(days=1)},
        {"revoked_at": clock.now()},
    ],
)
def test_agent_decides_on_the_days_of_the_role_alone(people, dates):
    one = made.before_the_director(people)
    StateRole.objects.filter(user=people.agent).update(**dates)
    with pytest.raises(Refused, match="Only the Director"):
        decide(people.agent, one)
    assert CaseDecision.objects.count() == 0


def test_left_active_until_a_day_is_not_put_forward_again_before(people):
    until = clock.today() + dt.timedelta(days=60)
    decision = made.decided(people, Kind.LEAVE_ACTIVE, reason="On leave of the agency", until=until)
    assert (decision.event, state(people.officer)) == (None, "active")
    again = case_submissions.put_forward(by=people.post, cases=[decision.candidacy_id])
    assert again.made == []
    assert "not put forward again before" in again.refused[0][1]
    assert told("decision_left_active") == {people.own.email, people.ceo.email}


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        (Kind.LEAVE_ACTIVE, {"reason": "x"}, "until"),
        (Kind.LEAVE_ACTIVE, {"reason": "x", "until": clock.today()}, "until"),
        (Kind.LEAVE_ACTIVE, {"reason": " ", "until": clock.today() + dt.timedelta(days=9)}, "reason"),
        (Kind.REFER_BACK, {}, "reason"),
        (Kind.REINSTATE, {"reason": "x"}, "kind"),
    ],
)
def test_decision_without_what_it_needs(people, kind, more, field):
    one = made.before_the_director(people)
    with pytest.raises(Refused) as refusal:
        decide(people.director, one, kind, **more)
    assert refusal.value.field == field
    assert CaseDecision.objects.count() == 0


def test_referred_back_is_for_post_again(people):
    decision = made.decided(people, Kind.REFER_BACK, reason="Ask the academy once more")
    assert decision.submission.closed_because == "referred"
    assert told("decision_referred_back") == {people.own.email, people.ceo.email}
    assert len(case_submissions.put_forward(by=people.post, cases=[decision.candidacy_id]).made) == 1


def test_facts_that_changed_have_to_be_looked_at_again(people):
    one = made.before_the_director(people)
    credit(people.officer, dt.date(made.YEAR, 6, 1), academy_course("Report writing"), technical=2)
    with pytest.raises(Refused, match="changed since you opened the page"):
        decide(people.director, one)
    now = case_facts.read([one.candidacy], clock.now())[one.candidacy_id]
    digest = case_facts.digest(now)
    with pytest.raises(Refused, match="changed since the case was put forward"):
        case_decisions.decide(by=people.director, seen={one.pk: digest}, kind=Kind.MAKE_INACTIVE)
    assert [line.split(",")[0] for line in case_changes.changes(json.loads(one.facts), now)][-1] == (
        "New on the record: Report writing"
    )
    case_submissions.look_again(by=people.director, submission=one, seen=digest)
    assert len(case_decisions.decide(by=people.director, seen={one.pk: digest}, kind=Kind.MAKE_INACTIVE)) == 1


def test_who_became_compliant_cannot_be_made_inactive(people):
    one = made.before_the_director(people)
    credit(people.officer, dt.date(made.YEAR, 6, 1), academy_course("Law"), legal=1)
    digest = case_facts.digest(case_facts.read([one.candidacy], clock.now())[one.candidacy_id])
    case_submissions.look_again(by=people.post, submission=one, seen=digest)
    with pytest.raises(Refused, match="stands otherwise by now: Compliant"):
        case_decisions.decide(by=people.director, seen={one.pk: digest}, kind=Kind.MAKE_INACTIVE)
    assert state(people.officer) == "active"


def test_request_that_came_meanwhile_keeps_it_back(people):
    one = made.before_the_director(people)
    relief(people.officer, made.YEAR)
    digest = case_facts.digest(case_facts.read([one.candidacy], clock.now())[one.candidacy_id])
    case_submissions.look_again(by=people.post, submission=one, seen=digest)
    with pytest.raises(Refused, match="Request undecided"):
        case_decisions.decide(by=people.director, seen={one.pk: digest}, kind=Kind.MAKE_INACTIVE)


def test_batch_is_decided_whole_or_not_at_all(people):
    other = factories.officer(people.agency, name="Marcus Calloway")
    first, second = made.before_the_director(people), made.before_the_director(people, other)
    seen = {first.pk: first.facts_sha256, second.pk: "0" * 64}
    with pytest.raises(Refused, match="Marcus Calloway"):
        case_decisions.decide(by=people.director, seen=seen, kind=Kind.MAKE_INACTIVE)
    assert (CaseDecision.objects.count(), CasePacket.objects.count(), state(people.officer)) == (0, 0, "active")
    done = case_decisions.decide(
        by=people.director, seen=seen | {second.pk: second.facts_sha256}, kind=Kind.MAKE_INACTIVE
    )
    assert {one.batch for one in done} == {done[0].batch}
    assert isinstance(done[0].batch, uuid.UUID)


def test_decided_once(people):
    one = made.before_the_director(people)
    decide(people.director, one)
    with pytest.raises(Refused, match="closed meanwhile, decided"):
        decide(people.agent, one)


def test_reinstated_when_the_hours_are_shown(people):
    decision = made.decided(people)
    case = decision.candidacy
    Message.objects.all().update(state="sent", next_try_at=None)

    def reinstate(by=people.director):
        digest = case_facts.digest(case_facts.read([case], clock.now())[case.pk])
        return case_decisions.reinstate(by=by, cases={(case.officer_id, made.YEAR): digest})

    with pytest.raises(Refused, match="not shown yet"):
        reinstate()
    credit(people.officer, clock.today() - dt.timedelta(days=1), academy_course("Law"), year=made.YEAR, legal=1)
    with pytest.raises(Refused, match="Only the Director"):
        reinstate(people.post)
    (back,) = reinstate()
    assert (state(people.officer), standing(people.officer)) == ("active", Standing.COMPLIANT)
    assert back.event.kind == "reinstated"
    mails = Message.objects.filter(occasion="decision_reinstated")
    assert set(mails.values_list("address", flat=True)) == {people.own.email, people.ceo.email}
    with pytest.raises(Refused, match="not inactive"):
        reinstate()


def test_agency_of_then_is_told_again_though_the_commission_has_ended(people):
    decision = made.decided(people)
    people.officer.commissions.update(ended_on=clock.today() - dt.timedelta(days=0))
    credit(people.officer, clock.today() - dt.timedelta(days=1), academy_course("Law"), year=made.YEAR, legal=1)
    case = decision.candidacy
    digest = case_facts.digest(case_facts.read([case], clock.now())[case.pk])
    case_decisions.reinstate(by=people.director, cases={(case.officer_id, made.YEAR): digest})
    assert Message.objects.filter(occasion="decision_reinstated", user=people.ceo).exists()


def test_reversed_with_a_reason(people):
    decision = made.decided(people)
    with pytest.raises(Refused, match="Say why"):
        case_decisions.reverse(by=people.director, decision=decision, reason=" ")
    with pytest.raises(Refused, match="Only the Director"):
        case_decisions.reverse(by=people.post, decision=decision, reason="A slip")
    back = case_decisions.reverse(by=people.agent, decision=decision, reason="The hours were in a mislaid roster")
    assert (state(people.officer), standing(people.officer)) == ("active", Standing.CANDIDATE)
    assert back.reverses == decision
    event = LicenseEvent.objects.get(pk=decision.event_id)
    assert event.void_reason == f"{back.reference}: The hours were in a mislaid roster"
    with pytest.raises(Refused, match="reversed already"):
        case_decisions.reverse(by=people.agent, decision=decision, reason="Again")


def test_decision_is_reversed_after_what_rests_on_it(people):
    decision = made.decided(people)
    credit(people.officer, clock.today() - dt.timedelta(days=1), academy_course("Law"), year=made.YEAR, legal=1)
    case = decision.candidacy
    digest = case_facts.digest(case_facts.read([case], clock.now())[case.pk])
    (back,) = case_decisions.reinstate(by=people.director, cases={(case.officer_id, made.YEAR): digest})
    with pytest.raises(Refused, match=back.reference):
        case_decisions.reverse(by=people.director, decision=decision, reason="x")
    case_decisions.reverse(by=people.director, decision=back, reason="Credited to the wrong officer")
    assert state(people.officer) == "inactive"


# The packet -----------------------------------------------------------------------------------------------------------


def test_packet_is_judged_anew_from_itself_alone(people, tmp_path, capsys):
    decision = made.decided(people)
    content = packets.read(decision.packet)
    data = json.loads(content)
    assert data["facts"]["finding"]["standing"] == "candidate"
    assert data["said"]["headline"].startswith("You still need 1 hour")
    assert [one["occasion"] for one in data["messages"]] == ["case_notice", "case_notice"]
    assert packets.read_pdf(decision.packet).startswith(b"%PDF-")
    # Everything on the record changes; the packet does not.
    people.officer.records.update(voided_at=clock.now(), void_reason="Entered for somebody else")
    before = LicenseEvent.objects.count()
    replayed = replaying.replay(content)
    assert (replayed.number, replayed.differences) == (decision.reference, [])
    assert replayed.found["standing"] == "candidate"
    assert LicenseEvent.objects.count() == before
    file = tmp_path / "packet.json"
    file.write_bytes(content)
    call_command("replay_decision", decision.reference)
    call_command("replay_decision", file=file)
    assert capsys.readouterr().out.count("Judged anew it is the same") == 2


def test_packet_that_says_otherwise_is_told(people):
    data = json.loads(packets.read(made.decided(people).packet))
    data["facts"]["finding"]["standing"] = "compliant"
    data["facts_sha256"] = case_facts.digest(data["facts"])
    assert replaying.replay(json.dumps(data).encode()).differences == [
        "standing: the packet says compliant, came out candidate"
    ]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": "other"}', b'{"format": "clee-packet-1"}'])
def test_what_is_no_packet_is_refused(content):
    with pytest.raises(replaying.PacketError):
        replaying.replay(content)


def test_packet_that_was_altered_is_refused(people):
    decision = made.decided(people)
    data = json.loads(packets.read(decision.packet))
    data["facts"]["training"] = []
    with pytest.raises(replaying.PacketError, match="digest is another"):
        replaying.replay(json.dumps(data).encode())
    CasePacket.objects.filter(decision=decision).update(data_sha256="0" * 64)
    with pytest.raises(CommandError, match="not what was kept"):
        call_command("replay_decision", decision.reference)


# The database ---------------------------------------------------------------------------------------------------------


def inactive(**more) -> LicenseEvent:
    given = {"kind": "made_inactive", "occurred_on": clock.today(), "period_year": made.YEAR, "decided_by": "D. Stone"}
    return LicenseEvent.objects.bulk_create([LicenseEvent(**given | more)])[0]


def refused():
    return pytest.raises(IntegrityError, match=r"decision of the Director|never rewritten|by a reversal alone")


def test_database_takes_no_inactive_license_without_a_decision(people):
    for reference in ("D-000001", "POST-1", "D-999999999999999", "D-"):
        with refused(), transaction.atomic():
            inactive(officer=people.officer, reference=reference, recorded_by=people.director)


def test_database_takes_no_second_license_by_one_decision(people):
    decision = made.decided(people)
    other = factories.officer(people.agency)
    for officer in (other, people.officer):
        with refused(), transaction.atomic():
            inactive(officer=officer, reference=decision.reference, recorded_by=people.director)


@pytest.mark.parametrize("kind", [Kind.LEAVE_ACTIVE, Kind.REFER_BACK])
def test_database_takes_none_by_a_decision_that_says_otherwise(people, kind):
    until = clock.today() + dt.timedelta(days=9) if kind == Kind.LEAVE_ACTIVE else None
    decision = made.decided(people, kind, reason="Why", until=until)
    with refused(), transaction.atomic():
        inactive(officer=people.officer, reference=decision.reference, recorded_by=people.director)


def test_database_takes_no_decision_of_anybody_else(people):
    one = made.before_the_director(people)
    held = made.period().set_as_of(clock.now())
    for by in (factories.post_staff("paul@state.example.org"), people.ceo):
        with pytest.raises(IntegrityError, match="only the Director"), transaction.atomic():
            CaseDecision.objects.create(
                candidacy=one.candidacy, submission=one, kind="make_inactive", decided_by=by, decided_as="Somebody",
                decided_on=clock.today(), decided_at=clock.now(), standing="candidate", requirement_set=held,
                facts_sha256="0" * 64,
            )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "made_inactive", "period_year": made.YEAR, "decided_by": "x", "reference": "D-1"},
        {"kind": "made_inactive", "period_year": made.YEAR, "carried_over_from": "x"},
    ],
)
def test_database_turns_no_other_event_into_an_inactive_license(people, change):
    event = factories.license_event(people.officer, "suspended", clock.today())
    with refused(), transaction.atomic():
        LicenseEvent.objects.filter(pk=event.pk).update(**change)


def test_database_voids_no_decision_of_the_director_without_a_reversal(people):
    decision = made.decided(people)
    with refused(), transaction.atomic():
        LicenseEvent.objects.filter(pk=decision.event_id).update(voided_at=clock.now(), void_reason="A slip")


def test_database_voids_no_reinstatement_and_brings_back_nothing_voided(people):
    then = clock.today() - dt.timedelta(days=30)
    factories.license_event(people.officer, "made_inactive", then, period_year=made.YEAR)
    back = factories.license_event(people.officer, "reinstated", clock.today(), period_year=made.YEAR)
    with refused(), transaction.atomic():
        LicenseEvent.objects.filter(pk=back.pk).update(voided_at=clock.now(), void_reason="A slip")
    before = LicenseEvent.objects.filter(kind="made_inactive")
    before.update(voided_at=clock.now(), void_reason="Not of this officer")
    with refused(), transaction.atomic():
        before.update(voided_at=None, void_reason="")


def test_database_keeps_a_decision_as_it_is(people):
    decision = made.decided(people)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        CaseDecision.objects.filter(pk=decision.pk).update(reason="Another")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        CaseDecision.objects.filter(pk=decision.pk).update(event=None)


def test_the_guard_is_there():
    """Nobody drops it unseen: the trigger stands on the table, enabled, for inserts and updates."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled, tgtype FROM pg_trigger WHERE tgname = 'only_the_director'"
            " AND tgrelid = 'training_licenseevent'::regclass"
        )
        assert cursor.fetchall() == [("O", 21)]  # enabled; each row, after, insert and update


def test_putting_forward_opens_no_case_by_itself(people):
    case_submissions.put_forward(by=people.post, cases=[made.listed(people.officer).pk])
    assert (Candidacy.objects.count(), CaseSubmission.objects.count()) == (1, 0)
