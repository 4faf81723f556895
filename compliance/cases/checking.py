"""Checking golden cases: the facts of each are written, judged, compared and rolled back."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import periods, standings
from compliance.cases.reading import Case, CaseError
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod, Requirement
from training.hours import lines_with_topics_anywhere
from training.models import (
    Agency,
    Area,
    Course,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Officer,
    Provider,
    Topic,
    TrainingClass,
    TrainingRecord,
)

CARRIED_OVER = "golden case"


@dataclass(frozen=True)
class Outcome:
    """What came of a case: `differences` is empty where it agrees."""

    case: Case
    differences: tuple[str, ...]


def check(cases: Iterable[Case], requirements: Sequence[Requirement] | None = None) -> Iterator[Outcome]:
    """Judge each case in a transaction that is rolled back; by what its period asks, or by `requirements`, those of a
    draft. Raises `CaseError` for facts that cannot be written."""
    for case in cases:
        with transaction.atomic():
            try:
                differences = tuple(_differences(case, *_judge(case, requirements)))
            except (Refused, ReportingPeriod.DoesNotExist, IntegrityError) as error:
                raise CaseError(f"{case.path}: “{case.name}”: {error}") from None
            finally:
                transaction.set_rollback(True)
        yield Outcome(case, differences)


def _judge(case: Case, requirements: Sequence[Requirement] | None):
    period = periods.by_year(case.data["period"])
    officer = _write(case, period)
    as_of = clock.end_of_day(case.data["as_of"])
    if requirements is None:
        asked = standings.question(period, as_of)
    else:
        asked = standings.Question(period, tuple(requirements), as_of)
    return standings.of_officer(asked, officer), {need.code for need in asked.asked}


def _differences(case: Case, finding, codes: set[str]) -> Iterator[str]:
    expect = case.data["expect"]
    for key in ("short", "earned"):
        if unknown := sorted(expect.get(key, {}).keys() - codes):
            raise CaseError(f"{case.path}: “{case.name}”: expect.{key}: {unknown[0]!r} is no requirement of the period")
    if finding.standing != expect["standing"]:
        yield f"standing: expected {expect['standing']}, came out {finding.standing.value}"
    if "short" in expect and finding.short != expect["short"]:
        yield f"short: expected {_shown(expect['short'])}, came out {_shown(finding.short)}"
    for code, hours in expect.get("earned", {}).items():
        if finding.earned[code] != hours:
            yield f"earned {code}: expected {hours.normalize():f}, came out {finding.earned[code].normalize():f}"


def _shown(hours: dict[str, Decimal]) -> str:
    return "{" + ", ".join(f"{code}: {number.normalize():f}" for code, number in hours.items()) + "}"


def _known(recorded_on: dt.date, voided_on: dt.date | None = None) -> dict:
    """The two clocks of a fact of which only days are known."""
    facts = {"recorded_at": clock.midday(recorded_on), "carried_over_from": CARRIED_OVER}
    if voided_on:
        facts |= {"voided_at": max(clock.midday(voided_on), facts["recorded_at"]), "void_reason": CARRIED_OVER}
    return facts


def _write(case: Case, period: ReportingPeriod) -> Officer:
    """The case's facts as rows, written directly."""
    officer = Officer.objects.create(license_number="CASE", first_name="Golden", last_name="Case")
    data = case.data
    licensed_on = data["officer"]["licensed_on"]
    LicenseEvent.objects.create(officer=officer, kind="issued", occurred_on=licensed_on, **_known(licensed_on))
    for event in data["officer"].get("events", []):
        LicenseEvent.objects.create(
            officer=officer,
            kind=event["event"],
            occurred_on=event["date"],
            period_year=event.get("period"),
            **_known(event.get("recorded_on", event["date"]), event.get("voided_on")),
        )
    sources = Sources()
    for item in data.get("training", []):
        _write_training(officer, item, sources)
    for request in data.get("relief", []):
        _write_relief(officer, period, request)
    return officer


class Sources:
    """The bodies that give the case's courses, made once."""

    def __init__(self):
        self.areas = {area.code: area for area in Area.objects.all()}
        self.topics = {topic.code: topic for topic in Topic.objects.select_related("only_area", "usual_area")}
        self.agency = Agency.objects.create(code="golden-case", name="Golden Case Police Department")
        self.provider = Provider.objects.create(name="Golden Case Academy")

    def of(self, kind: str) -> dict:
        """The fields of a course of this kind of source."""
        if kind == "approved_provider":
            return {"source_kind": kind, "provider": self.provider}
        return (
            {"source_kind": kind, "agency": self.agency}
            if kind == "in_service"
            else {
                "source_kind": kind,
                "sponsor": "Golden Case Institute",
            }
        )


def _write_training(officer: Officer, item: dict, sources: Sources) -> None:
    completed_on = item["completed_on"]
    known = _known(item.get("recorded_on", completed_on), item.get("voided_on"))
    try:
        by_area = {sources.areas[code]: hours for code, hours in item["hours"].items()}
        topics = {sources.topics[code]: hours for code, hours in item.get("topics", {}).items()}
    except KeyError as error:
        raise Refused(f"training: {error.args[0]!r} is no area or topic") from None
    lines = lines_with_topics_anywhere(by_area, topics) if any(by_area.values()) or topics else ()
    delivery = item.get("delivery", "classroom")
    course = Course.objects.create(title="Golden case course", delivery=delivery, **sources.of(item["source"]))
    if "refused_on" in item:
        CourseReview.objects.create(
            course=course,
            decision="refused",
            decided_on=item["refused_on"],
            reason=CARRIED_OVER,
            **_known(item["refused_on"]),
        )
    held = TrainingClass.objects.create(
        course=course, starts_on=completed_on, ends_on=completed_on, delivery=delivery, recorded_at=known["recorded_at"]
    )
    record = TrainingRecord.objects.create(
        officer=officer,
        training_class=held,
        completed_on=completed_on,
        credited_year=item.get("period", completed_on.year),
        role=item.get("role", "student"),
        source_kind=item["source"],
        delivery=delivery,
        not_counted=item.get("not_counted", ""),
        **known,
    )
    CreditLine.objects.bulk_create(
        CreditLine(record=record, area=line.area, topic=line.topic, hours=line.hours) for line in lines
    )


def _write_relief(officer: Officer, period: ReportingPeriod, item: dict) -> None:
    request = ReliefRequest.objects.create(
        officer=officer,
        period=period,
        kind=item["kind"],
        reason=item["reason"],
        requested_on=item["requested_on"],
        **_known(item["requested_on"]),
    )
    if "decision" in item:
        ReliefDecision.objects.create(
            request=request,
            decision=item["decision"],
            decided_on=item["decided_on"],
            due_on=item.get("due_on"),
            **_known(item["decided_on"]),
        )
    if "ended_on" in item:
        ReliefDecision.objects.create(
            request=request, decision="ended", decided_on=item["ended_on"], **_known(item["ended_on"])
        )
