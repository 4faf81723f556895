"""Requests for relief as they stand: what became of each, which is a repeated one, for which periods one may ask."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clee_portal import clock, compiled
from compliance import selectors, standings
from compliance.models import ReliefDecision, ReliefQuestion, ReliefRequest, ReportingPeriod
from compliance.verdict import Finding, Standing
from compliance.wording import Chip
from training.models import Agency, Officer

Decision = ReliefDecision.Decision


class State(TextChoices):
    """What became of a request."""

    WAITING = "waiting", "Waits for POST"
    ASKED = "asked", "POST asked for more"
    GRANTED = "granted", "Granted"
    DENIED = "denied", "Denied"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Taken back"


TONES = {
    State.WAITING: ("due", "hourglass-split"),
    State.ASKED: ("due", "question-circle"),
    State.GRANTED: ("held", "check-lg"),
    State.DENIED: ("quiet", "x-lg"),
    State.WITHDRAWN: ("quiet", "dash-lg"),
    State.ENDED: ("quiet", "arrow-counterclockwise"),
}


def known(now: dt.datetime) -> QuerySet[ReliefRequest]:
    """Requests that are not voided, each with `latest` and `latest_due_on` of its decisions, `is_asked` (POST asked for
    more, not yet answered) and `is_repeated` (the same officer asked for the same period before)."""
    asked = ReliefQuestion.objects.live().filter(request=OuterRef("pk"), answered_at=None)
    earlier = ReliefRequest.objects.live().filter(officer=OuterRef("officer"), period=OuterRef("period"))
    earlier = earlier.filter(
        Q(recorded_at__lt=OuterRef("recorded_at")) | Q(recorded_at=OuterRef("recorded_at"), pk__lt=OuterRef("pk"))
    )
    found = standings.relief_requests(now).select_related("officer", "period", "agency")
    return found.annotate(is_asked=Exists(asked), is_repeated=Exists(earlier))


def as_of_all() -> dt.datetime:
    """A moment after everything recorded so far and on today's date: the database's clock may be a little ahead."""
    return clock.end_of_day(clock.today())


def state_of(request: ReliefRequest) -> State:
    """What became of a request that comes from `known`."""
    if request.latest:
        return State(request.latest)
    return State.ASKED if request.is_asked else State.WAITING


def chip(request: ReliefRequest) -> Chip:
    """What became of a request that comes from `known`, as a chip."""
    state = state_of(request)
    tone, icon = TONES[state]
    return Chip(tone, gettext(state.label), icon)


def undecided(requests: QuerySet[ReliefRequest]) -> QuerySet[ReliefRequest]:
    """Those of `known` that are not decided, the oldest first."""
    return requests.filter(latest=None).order_by("requested_on", "recorded_at", "pk")


def waiting_count() -> int:
    """How many requests wait for POST's decision."""
    return known(as_of_all()).filter(latest=None).count()


def asked_of(agency: Agency) -> int:
    """How many undecided requests that `agency` made wait for its answer."""
    return len(_asked_of().rows(agency=agency.pk, now=as_of_all(), today=clock.today()))


@compiled.written(agency=compiled.NUMBER, now=compiled.MOMENT, today=compiled.DAY)
def _asked_of(agency, now, today) -> QuerySet:
    here = Officer.ids_at_agencies([agency], today)
    return known(now).filter(agency=agency, latest=None, is_asked=True, officer__in=here).values_list("pk")


def decisions_of(request: ReliefRequest) -> list[ReliefDecision]:
    """The decisions on a request, the first first; the last holds."""
    made = request.decisions.live().select_related("recorded_by").prefetch_related("documents")
    return list(made.order_by("recorded_at", "pk"))


def last_day_to_ask(period: ReportingPeriod) -> dt.date:
    """Until when one may ask for relief for `period` (inclusive): the end of the year after it, as an extension goes
    no further as a rule (rulebook 11, 11)."""
    return dt.date(period.year + 1, 12, 31)


def suggested_due_on(period: ReportingPeriod) -> dt.date:
    """The last day that is suggested for an extension (rulebook 11, 11)."""
    return dt.date(period.year + 1, 12, 31)


class Asking(NamedTuple):
    """A period one may think of asking for, where the officer stands, and why relief cannot be asked for, if it
    cannot."""

    period: ReportingPeriod
    finding: Finding
    why_not: str


_NOTHING_OWED = {
    Standing.NOT_APPLICABLE: _("Nothing is owed for %(year)s, so there is nothing to extend."),
    Standing.EXEMPT: _("No hours are owed for %(year)s: the license is exempt. There is nothing to extend."),
    Standing.WAIVED: _("POST has excused %(year)s already."),
    Standing.COMPLIANT: _("All hours of %(year)s are shown. There is nothing to extend."),
    Standing.INACTIVE: _(
        "The license was made inactive for %(year)s. Once the hours are shown, the Director reinstates it. Call POST, "
        "(573) 751-3409."
    ),
}


def why_not(period: ReportingPeriod, finding: Finding, today: dt.date) -> str:
    """Why relief for `period` cannot be asked for today; empty where it can."""
    said = {"year": period.year}
    if today < period.starts_on:
        return gettext("The %(year)s period has not begun.") % said
    if told := _NOTHING_OWED.get(finding.standing):
        return str(told) % said
    if today > last_day_to_ask(period) and not finding.situation.is_extended:
        return gettext("The %(year)s period is long closed. Call POST, (573) 751-3409.") % said
    return ""


def periods_to_ask_for(officer: Officer, today: dt.date) -> list[Asking]:
    """Last year's and this year's period and earlier ones that are extended, each with where `officer` stands."""
    as_of = as_of_all()
    asked_about = selectors.questions(as_of, range(today.year - 4, today.year + 1))
    questions = [asked_about[year] for year in sorted(asked_about, reverse=True)]
    found = standings.of_periods(questions, Officer.objects.filter(pk=officer.pk))
    asked = []
    for question in questions:
        finding = found[question.period.year][officer.pk]
        if question.period.year >= today.year - 1 or finding.situation.is_extended:
            asked.append(Asking(question.period, finding, why_not(question.period, finding, today)))
    return asked
