"""Where a case is, and what may be done with it next: one place for services and pages. Reads only."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.db.models.functions import Now

from clee_portal import compiled
from compliance.models import (
    Candidacy,
    CaseAnswer,
    CaseDecision,
    CaseNotice,
    CaseSubmission,
    Listing,
    NotPursued,
    ReportingPeriod,
)
from compliance.models.cases import ResponsePeriod
from compliance.wording import Chip, full_date
from training.models import Agency, Commission

Kind = CaseDecision.Kind
DB_NOW = Now()
# Days to answer a notice where POST sets no other. The rule names none: see docs/decisions/0022.
RESPONSE_DAYS = 30


class Stage(TextChoices):
    """Where a case is; the first that fits."""

    INACTIVE = "inactive", "License inactive"
    BEFORE = "before", "Before the Director"
    LEFT_LIST = "off", "Not on the list"
    NOT_PURSUED = "not_pursued", "Not pursued"
    LEFT_ACTIVE = "left_active", "Left active"
    UNSERVED = "unserved", "Notice not served"
    ANSWERING = "answering", "Time to answer"
    READY = "ready", "May be put forward"


CHIPS = {
    Stage.INACTIVE: ("short", "lock"),
    Stage.BEFORE: ("due", "mailbox"),
    Stage.LEFT_LIST: ("quiet", "dash-lg"),
    Stage.NOT_PURSUED: ("held", "pause-circle"),
    Stage.LEFT_ACTIVE: ("held", "shield-check"),
    Stage.UNSERVED: ("due", "envelope"),
    Stage.ANSWERING: ("held", "hourglass-split"),
    Stage.READY: ("due", "arrow-right"),
}


class State(NamedTuple):
    """Where one case is, and the day that belongs to it."""

    stage: Stage
    day: dt.date | None = None

    @property
    def chip(self) -> Chip:
        """As a chip."""
        tone, icon = CHIPS[self.stage]
        until = self.stage in (Stage.NOT_PURSUED, Stage.LEFT_ACTIVE, Stage.ANSWERING) and self.day
        return Chip(tone, f"{self.stage.label} until {self.day:%b} {self.day.day}" if until else self.stage.label, icon)


def response_days(period: ReportingPeriod) -> int:
    """How many days there are to answer a notice in the cases of a period."""
    days = ResponsePeriod.objects.filter(period=period).values_list("days", flat=True).first()
    return days or RESPONSE_DAYS


def with_course(cases: QuerySet[Candidacy], today: dt.date) -> QuerySet[Candidacy]:
    """Cases, each with what `state_of` needs: `is_listed`, `answer_by`, `submission`, `left_until`, `stays_until`,
    `is_inactive`, `has_commission`, `answer_count`."""
    notices = CaseNotice.objects.live().filter(candidacy=OuterRef("pk"))
    before = CaseSubmission.objects.live().filter(candidacy=OuterRef("pk"), closed_at=None)
    left = NotPursued.objects.live().filter(candidacy=OuterRef("pk"), until__gte=today)
    stays = standing_decisions().filter(candidacy=OuterRef("pk"), kind=Kind.LEAVE_ACTIVE, until__gte=today)
    last = standing_decisions().filter(candidacy=OuterRef("pk"), kind__in=[Kind.MAKE_INACTIVE, Kind.REINSTATE])
    return cases.annotate(
        is_listed=Exists(Listing.objects.open().filter(candidacy=OuterRef("pk"))),
        answer_by=Subquery(notices.values("answer_by")[:1]),
        submission=Subquery(before.values("pk")[:1]),
        left_until=Subquery(left.values("until")[:1]),
        stays_until=Subquery(stays.order_by("-until").values("until")[:1]),
        last_license_act=Subquery(last.order_by("-pk").values("kind")[:1]),
        has_commission=Exists(Commission.objects.in_force(today).filter(officer=OuterRef("officer"))),
        is_answered=Exists(CaseAnswer.objects.live().filter(candidacy=OuterRef("pk"))),
    )


def standing_decisions() -> QuerySet[CaseDecision]:
    """Decisions that stand: neither reversed nor a reversal."""
    return CaseDecision.objects.filter(reversal=None).exclude(kind=Kind.REVERSE)


def state_of(case: Candidacy, today: dt.date) -> State:
    """Where a case that comes from `with_course` is on `today`."""
    if case.last_license_act == Kind.MAKE_INACTIVE:
        return State(Stage.INACTIVE)
    if case.submission:
        return State(Stage.BEFORE)
    if not case.is_listed:
        return State(Stage.LEFT_LIST)
    if case.left_until:
        return State(Stage.NOT_PURSUED, case.left_until)
    if case.stays_until:
        return State(Stage.LEFT_ACTIVE, case.stays_until)
    if case.answer_by is None:
        return State(Stage.UNSERVED)
    if case.answer_by >= today:
        return State(Stage.ANSWERING, case.answer_by)
    return State(Stage.READY)


def tally(cases: QuerySet[Candidacy], today: dt.date) -> tuple[Counter, int]:
    """How many cases are in each stage, and how many of those on the list hold no commission; in one statement."""
    counts, uncommissioned = Counter(), 0
    for row in with_course(cases, today).order_by().values_list(*_Course._fields, named=True):
        counts[state_of(row, today).stage] += 1
        uncommissioned += row.is_listed and not row.has_commission
    return counts, uncommissioned


class _Course(NamedTuple):
    """What `state_of` and `tally` need of a case."""

    last_license_act: str | None
    submission: int | None
    is_listed: bool
    left_until: dt.date | None
    stays_until: dt.date | None
    answer_by: dt.date | None
    has_commission: bool


def in_stage(cases: QuerySet[Candidacy], stage: str, today: dt.date) -> QuerySet[Candidacy]:
    """Those of `with_course` that are in a stage."""
    return cases.filter(condition(stage, today))


def condition(stage: str, today: dt.date) -> Q:
    """What `state_of` says of a stage, as a condition on cases of `with_course`."""
    inactive = Q(last_license_act=Kind.MAKE_INACTIVE)
    active = Q(last_license_act=None) | Q(last_license_act=Kind.REINSTATE)
    here = active & Q(is_listed=True, submission=None)
    pursued = here & Q(left_until=None, stays_until=None)
    return {
        Stage.INACTIVE: inactive,
        Stage.BEFORE: active & Q(submission__isnull=False),
        Stage.LEFT_LIST: active & Q(is_listed=False, submission=None),
        Stage.NOT_PURSUED: here & Q(left_until__isnull=False),
        Stage.LEFT_ACTIVE: here & Q(left_until=None, stays_until__isnull=False),
        Stage.UNSERVED: pursued & Q(answer_by=None),
        Stage.ANSWERING: pursued & Q(answer_by__gte=today),
        Stage.READY: pursued & Q(answer_by__lt=today),
    }[Stage(stage)]


def why_not_answer(case: Candidacy) -> str:
    """Why nobody can answer the notice of a case now; empty where somebody can."""
    if not case.served_notices.live().exists():
        return "There is no notice to answer."
    if case.submissions.live().filter(closed_because=CaseSubmission.Closed.DECIDED).exists():
        latest = standing_decisions().filter(candidacy=case).order_by("-pk").first()
        if latest and latest.kind == Kind.MAKE_INACTIVE:
            return "The Director has decided this case. POST can say what may be done now: (573) 751-3409."
    return ""


def why_not_forward(case: Candidacy, today: dt.date) -> str:
    """Why a case that comes from `with_course` cannot be put before the Director now; empty where it can."""
    state = state_of(case, today)
    return {
        Stage.INACTIVE: "The license is inactive already.",
        Stage.BEFORE: "It is before the Director already.",
        Stage.LEFT_LIST: "The officer is not on the list any more.",
        Stage.NOT_PURSUED: f"It is not pursued until {full_date(state.day) if state.day else ''}.",
        Stage.LEFT_ACTIVE: "The Director left the license active; it is not put forward again before "
        f"{full_date(state.day + dt.timedelta(days=1)) if state.day else ''}.",
        Stage.UNSERVED: "Notice was not served yet.",
        Stage.ANSWERING: f"Officer and agency have until {full_date(state.day) if state.day else ''} to answer.",
        Stage.READY: "",
    }[state.stage]


def of_agency(agency: Agency, today: dt.date) -> QuerySet[Candidacy]:
    """Cases of the officers commissioned at `agency` of which notice is served, by name: each with `answer_by`,
    `served_on`, and `is_answered_here`, whether the agency has answered."""
    notices = CaseNotice.objects.live().filter(candidacy=OuterRef("pk"))
    here = Commission.objects.in_force(today).filter(agency=agency)
    answered = CaseAnswer.objects.live().filter(candidacy=OuterRef("pk"), agency=agency)
    found = Candidacy.objects.filter(officer__in=here.values("officer")).annotate(
        answer_by=Subquery(notices.values("answer_by")[:1]),
        served_on=Subquery(notices.values("served_on")[:1]),
        is_answered_here=Exists(answered),
    )
    found = found.filter(answer_by__isnull=False).select_related("officer", "period")
    return found.order_by("officer__search_name", "pk")


def to_answer(agency: Agency, today: dt.date) -> int:
    """How many notices wait for the answer of `agency`."""
    return len(_to_answer().rows(agency=agency.pk, today=today))


@compiled.written(agency=compiled.NUMBER, today=compiled.FIRST_DAY)
def _to_answer(agency, today) -> QuerySet:
    return of_agency(agency, today).filter(answer_by__gte=today, is_answered_here=False).values_list("pk")


def of(pks: Collection[int], today: dt.date) -> list[Candidacy]:
    """These cases with their course, officer and period, in the order of the names."""
    found = Candidacy.objects.filter(pk__in=list(pks)).select_related("officer", "period")
    return list(with_course(found, today).order_by("officer__search_name", "pk"))
