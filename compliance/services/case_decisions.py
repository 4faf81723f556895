"""The Director, or a designated agent, decides: the only place in which a license is made inactive or reinstated.

Everything here is an act of one named person who holds the role today; the database tests that once more (migration
`only_the_director`). Source: 11 CSR 75-15.080, RSMo 590.010.
"""

import datetime as dt
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts.models import StateRole, User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access, case_facts, packets
from compliance.case_changes import looked_at, why_not
from compliance.models import (
    Candidacy,
    CaseAppeal,
    CaseDecision,
    CaseSubmission,
    ReportingPeriod,
)
from compliance.reinstatements import NOTHING_OWED
from compliance.services import case_messages
from compliance.services.documents import files
from compliance.wording import full_date
from training.models import LicenseEvent, Officer

Kind = CaseDecision.Kind
Closed = CaseSubmission.Closed
EVENTS = {Kind.MAKE_INACTIVE: LicenseEvent.Kind.MADE_INACTIVE, Kind.REINSTATE: LicenseEvent.Kind.REINSTATED}
# One act of deciding: what a person can review on one page.
MOST_AT_ONCE = 50
MOST_YEARS = 5


def decide(
    *, by: User, seen: Mapping[int, str], kind: str, reason: str = "", until: dt.date | None = None
) -> list[CaseDecision]:
    """Decide these cases alike: make the licenses inactive, leave them active until a day, or refer them back.

    `seen` is the id of each submission with the digest of the facts the page showed. All are decided, or none: raises
    `Refused` without the role, where a case is closed, where its facts changed since it was looked at (it has to be
    looked at again), where `by` put one of them forward, where a license cannot be made inactive, or without what the
    decision needs.
    """
    with files() as kept, transaction.atomic():
        _check_may(by)
        _check_given(kind, reason, until, clock.today())
        if not seen:
            raise Refused("Nobody was chosen. Tick some of them.")
        if len(seen) > MOST_AT_ONCE:
            raise Refused(f"Decide at most {MOST_AT_ONCE} cases at once. You chose {len(seen):,}.")
        rows = _locked(seen)
        if own := next((one for one in rows if one.recorded_by_id == by.pk), None):
            raise Refused(
                f"{own.candidacy.officer.full_name}: you put this case forward yourself, so somebody else decides it. "
                "Nothing was decided."
            )
        now = clock.now()  # after the locks: what somebody did while this waited is seen
        facts = case_facts.read([one.candidacy for one in rows], now)
        for one in rows:
            _check_unchanged(one, facts[one.candidacy_id], seen[one.pk], kind)
        batch = uuid.uuid4() if len(rows) > 1 else None
        made = []
        with history.because(Kind(kind).label):
            for one in rows:
                made.append(
                    _write(
                        by,
                        one.candidacy,
                        kind,
                        now,
                        facts[one.candidacy_id],
                        submission=one,
                        reason=reason.strip(),
                        until=until if kind == Kind.LEAVE_ACTIVE else None,
                        batch=batch,
                    )
                )
                one.closed_at = now
                one.closed_because = Closed.REFERRED if kind == Kind.REFER_BACK else Closed.DECIDED
                one.save(update_fields=["closed_at", "closed_because"])
            packets.keep(made, {one.candidacy_id: facts[one.candidacy_id] for one in rows}, kept)
        case_messages.decided(made, today=clock.day_of(now))
    return made


def reinstate(*, by: User, cases: Mapping[tuple[int, int], str], reason: str = "") -> list[CaseDecision]:
    """Reinstate these licenses: (officer id, year) -> the digest of the facts the page showed. The officer has shown
    the hours the license was made inactive for. All, or none: raises `Refused` without the role, where the license is
    not inactive for the year, the hours are not shown, or the facts are others than on the page."""
    with files() as kept, transaction.atomic():
        _check_may(by)
        if not cases:
            raise Refused("Nobody was chosen. Tick some of them.")
        if len(cases) > MOST_AT_ONCE:
            raise Refused(f"Reinstate at most {MOST_AT_ONCE} licenses at once. You chose {len(cases):,}.")
        found: dict[int, str] = {}
        rows = []
        for (officer, year), digest in sorted(cases.items()):
            one = _case_of(officer, year)
            rows.append(one)
            found[one.pk] = digest
        now = clock.now()  # after the locks, as in `decide`
        facts = case_facts.read(rows, now)
        made = []
        with history.because(Kind.REINSTATE.label):
            for one in rows:
                _check_reinstates(one, facts[one.pk], found[one.pk])
                made.append(_write(by, one, Kind.REINSTATE, now, facts[one.pk], reason=reason.strip()))
            packets.keep(made, facts, kept)
        case_messages.decided(made, today=clock.day_of(now))
    return made


def reverse(*, by: User, decision: CaseDecision, reason: str) -> CaseDecision:
    """Reverse a decision that stands, for a reason: what it did to the license is taken back, and whoever was told is
    told. Raises `Refused` without the role or a reason, where it is reversed already, or a later one rests on it."""
    with files() as kept, transaction.atomic():
        _check_may(by)
        # Whoever reinstates the license, or decides on it once more, at the same moment waits, or is seen to have.
        _lock_officers([Candidacy.objects.values_list("officer", flat=True).get(pk=decision.candidacy_id)])
        one = CaseDecision.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.pk)
        if one.kind in (Kind.REVERSE, Kind.REFER_BACK):
            raise Refused("There is nothing to reverse in this decision.")
        if CaseDecision.objects.filter(reverses=one).exists():
            raise Refused("This decision was reversed already.")
        later = CaseDecision.objects.filter(candidacy=one.candidacy_id, pk__gt=one.pk, reversal=None)
        if one.event_id and (next_one := later.exclude(event=None).exclude(kind=Kind.REVERSE).first()):
            raise Refused(f"{next_one.reference} rests on this decision. Reverse that one first.")
        if not reason.strip():
            raise Refused("Say why the decision is reversed. The officer reads it.", field="reason")
        now = clock.now()
        case = Candidacy.objects.select_related("officer", "period").get(pk=one.candidacy_id)
        facts = case_facts.read([case], now)
        with history.because("Decision reversed"):
            made = _write(by, case, Kind.REVERSE, now, facts[case.pk], reason=reason.strip(), reverses=one)
            if one.event_id:
                LicenseEvent.objects.filter(pk=one.event_id).update(
                    voided_at=Now(), voided_by=by, void_reason=f"{made.reference}: {reason.strip()}"[:500]
                )
            packets.keep([made], facts, kept)
        case_messages.decided([made], today=clock.day_of(now))
    return made


@transaction.atomic
def note_appeal(
    *, by: User, decision: CaseDecision, noted: str, happened_on: dt.date, before: str, words: str = "", today: dt.date
) -> CaseAppeal:
    """POST notes an appeal against a decision, or what became of it; the same noted again is the one that is there. It
    changes nothing: where it succeeds, the Director reverses. Raises `Refused` for a day that does not fit, or without
    saying before whom."""
    if not access.can_prepare_cases(by):
        raise Refused("Only POST staff note appeals.")
    one = CaseDecision.objects.select_for_update(no_key=True, of=("self",)).get(pk=decision.pk)
    if not one.decided_on <= happened_on <= today:
        raise Refused(f"Give a day between {full_date(one.decided_on)}, the decision, and today.", field="happened_on")
    if not before.strip():
        raise Refused("Say before whom it lies, and its number.", field="before")
    told = {
        "decision": one,
        "noted": noted,
        "happened_on": happened_on,
        "before": " ".join(before.split()),
        "words": words.strip(),
    }
    with history.because("Appeal noted"):
        return CaseAppeal.objects.filter(**told).first() or CaseAppeal.objects.create(**told, recorded_by=by)


def _check_may(by: User) -> None:
    if not access.can_decide_cases(by):
        raise Refused("Only the Director, or a designated agent, decides this.")


def _check_given(kind: str, reason: str, until: dt.date | None, today: dt.date) -> None:
    if kind not in (Kind.MAKE_INACTIVE, Kind.LEAVE_ACTIVE, Kind.REFER_BACK):
        raise Refused("Choose what is decided.", field="kind")
    if kind != Kind.MAKE_INACTIVE and not reason.strip():
        told = "POST reads it." if kind == Kind.REFER_BACK else "It is kept with the decision."
        raise Refused(f"Say why. {told}", field="reason")
    if kind == Kind.LEAVE_ACTIVE:
        if until is None or until <= today:
            raise Refused("Give a day to come; the case is not put forward again before it is over.", field="until")
        if until.year > today.year + MOST_YEARS:
            raise Refused("That is years ahead. Check the year.", field="until")


def _locked(seen: Mapping[int, str]) -> list[CaseSubmission]:
    """The submissions, locked in one order, their officers too: nothing is credited to them while it is decided."""
    rows = CaseSubmission.objects.filter(pk__in=list(seen)).select_for_update(no_key=True, of=("self",))
    rows = list(
        rows.select_related("candidacy__officer", "candidacy__period")
        .prefetch_related("second_looks")
        .order_by("candidacy__officer", "pk")
    )
    if len(rows) != len(seen):
        raise Refused("One of these cases does not exist. Open the list again.")
    if closed := next((one for one in rows if one.closed_at), None):
        raise Refused(
            f"{closed.candidacy.officer.full_name}: this case is closed meanwhile, "
            f"{closed.get_closed_because_display().lower()}. Nothing was decided; open the list again."
        )
    _lock_officers([one.candidacy.officer_id for one in rows])
    # Whoever answers at the same moment waits, and is told; or was faster, and the facts are others.
    cases = locked(Candidacy.objects.filter(pk__in=[one.candidacy_id for one in rows]))
    of = dict(cases.values_list("pk", "officer"))
    if joined := next((one for one in rows if of[one.candidacy_id] != one.candidacy.officer_id), None):
        raise Refused(
            f"{joined.candidacy.officer.full_name}: the record was joined with another just now. Nothing was decided; "
            "open the list again."
        )
    return rows


def _lock_officers(pks: list[int]) -> None:
    list(Officer.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _check_unchanged(one: CaseSubmission, facts: case_facts.Facts, seen: str, kind: str) -> None:
    name = one.candidacy.officer.full_name
    digest = case_facts.digest(facts)
    if seen != digest:
        raise Refused(
            f"{name}: the facts changed since you opened the page. Nothing was decided; look at the case again."
        )
    if digest != looked_at(one)[1] and kind != Kind.REFER_BACK:
        raise Refused(
            f"{name}: the facts changed since the case was put forward. Look at what changed before you decide."
        )
    if kind == Kind.MAKE_INACTIVE and (why := why_not(facts, bool(one.override_reason))):
        raise Refused(f"{name}: {why}")


def _case_of(officer: int, year: int) -> Candidacy:
    """The case of an officer whose license is inactive for a year; one carried over has none until now."""
    _lock_officers([officer])
    period = ReportingPeriod.objects.filter(year=year).first()
    if period is None or not Officer.objects.filter(pk=officer).exists():
        raise Refused("There is no such officer or period. Open the list again.")
    Candidacy.objects.get_or_create(officer_id=officer, period=period)
    return Candidacy.objects.select_related("officer", "period").get(officer=officer, period=period)


def _check_reinstates(one: Candidacy, facts: case_facts.Facts, seen: str) -> None:
    name, year = one.officer.full_name, one.period.year
    if case_facts.digest(facts) != seen:
        raise Refused(f"{name}: the facts changed since you opened the page. Look at them again.")
    concerning = [event["event"] for event in facts["license"] if event["period"] == year]
    if not concerning or concerning[-1] != LicenseEvent.Kind.MADE_INACTIVE:
        raise Refused(f"{name}: the license is not inactive for {year}.")
    if facts["finding"]["standing"] not in NOTHING_OWED:
        raise Refused(f"{name}: the hours of {year} are not shown yet.")


def _write(by: User, case: Candidacy, kind: str, now: dt.datetime, facts: case_facts.Facts, **more) -> CaseDecision:
    """The decision, and what it does to the license."""
    today = clock.day_of(now)
    made = CaseDecision.objects.create(
        candidacy=case,
        kind=kind,
        decided_by=by,
        decided_as=name_and_role(decider=by),
        decided_on=today,
        decided_at=now,
        standing=facts["finding"]["standing"],
        requirement_set=case.period.requirement_sets.get(version=facts["requirements"]["version"]),
        facts_sha256=case_facts.digest(facts),
        **more,
    )
    if kind in EVENTS:
        made.event = LicenseEvent.objects.create(
            officer=case.officer,
            kind=EVENTS[kind],
            occurred_on=today,
            period_year=case.period.year,
            decided_by=made.decided_as,
            reference=made.reference,
            recorded_by=by,
        )
        made.save(update_fields=["event"])
    return made


def name_and_role(*, decider: User) -> str:
    """Who decides, as it is kept: "Dirk Stone, Director of Public Safety"."""
    roles = (StateRole.Role.DIRECTOR, StateRole.Role.DIRECTOR_AGENT)
    first = next(role for role in roles if role in decider.state_role_names)
    return f"{decider}, {first.label}"[:150]
