"""A decision judged anew from its packet alone, by the engine that judges everybody.

The facts of the packet are written as rows, judged and rolled back, like golden cases; the dates and requirements are
those of the packet. Nothing else in the database is asked but the areas and topics the packet names.
"""

import datetime as dt
import json
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from compliance import case_facts, packets, standings
from compliance.cases.checking import Sources
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod, Requirement
from compliance.standings import Question
from training.models import (
    Area,
    Course,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Officer,
    Topic,
    TrainingClass,
    TrainingRecord,
)

CARRIED_OVER = "packet of a decision"


class PacketError(Exception):
    """A packet that cannot be judged; the text says why."""


class Replayed(NamedTuple):
    """What the packet says, and what came out."""

    number: str
    said: dict
    found: dict

    @property
    def differences(self) -> list[str]:
        """What came out otherwise; none where the decision rests on the same standing."""
        told = []
        if self.said["standing"] != self.found["standing"]:
            told.append(f"standing: the packet says {self.said['standing']}, came out {self.found['standing']}")
        for code in sorted(self.said["hours"].keys() | self.found["hours"].keys()):
            was, now = self.said["hours"].get(code), self.found["hours"].get(code)
            if was != now:
                told.append(f"hours of {code}: the packet says {was}, came out {now}")
        return told


def replay(content: bytes) -> Replayed:
    """Judge a packet's data. Raises `PacketError` where it is no packet, was altered, or names what there is not."""
    try:
        data = json.loads(content)
    except ValueError as error:
        raise PacketError(f"This is no JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != packets.FORMAT:
        raise PacketError(f"This is no packet of the format {packets.FORMAT}.")
    try:
        facts = data["facts"]
        if case_facts.digest(facts) != data["facts_sha256"]:
            raise PacketError("The facts are not those of the decision: their digest is another.")
        as_of = dt.datetime.fromisoformat(data["decision"]["decided_at"])
        with transaction.atomic():
            try:
                found = _judge(facts, as_of)
            finally:
                transaction.set_rollback(True)
        return Replayed(data["decision"]["number"], facts["finding"], found)
    except (KeyError, TypeError) as error:
        raise PacketError(f"The packet is not whole: {error}") from None


def _judge(facts: dict, as_of: dt.datetime) -> dict:
    areas, topics = ({one.code: one for one in model.objects.all()} for model in (Area, Topic))
    period = _period(facts["period"])
    rules = tuple(_requirement(one, areas, topics) for one in facts["requirements"]["list"])
    officer = Officer.objects.create(license_number="PACKET", first_name="Of", last_name="A packet")
    known = {"recorded_at": as_of, "carried_over_from": CARRIED_OVER}
    for one in facts["license"]:
        LicenseEvent.objects.create(
            officer=officer,
            kind=one["event"],
            occurred_on=one["date"],
            period_year=one["period"],
            decided_by="As in the packet",
            reference="As in the packet",
            **known,
        )
    sources = Sources()
    for one in facts["training"]:
        _record(officer, one, facts["period"]["year"], sources, areas, topics, known)
    for one in facts["relief"]:
        _request(officer, period, one, known)
    return case_facts.finding(standings.of_officer(Question(period, rules, as_of), officer))


def _period(said: dict) -> ReportingPeriod:
    """The period of the year, with the dates of the packet."""
    days = {key: dt.date.fromisoformat(said[key]) for key in ("starts_on", "ends_on", "show_by")}
    period, _ = ReportingPeriod.objects.get_or_create(year=said["year"], defaults=days)
    for key, day in days.items():
        setattr(period, key, day)
    return period


def _requirement(said: dict, areas: dict, topics: dict) -> Requirement:
    return Requirement(
        code=said["code"],
        name=said["name"],
        minimum=Decimal(said["minimum"]),
        area=areas[said["area"]] if said["area"] else None,
        topic=topics[said["topic"]] if said["topic"] else None,
        source_kinds=said["source_kinds"],
        in_person_only=said["in_person_only"],
    )


def _record(officer, said: dict, year: int, sources, areas: dict, topics: dict, known: dict) -> None:
    course = Course.objects.create(title=said["course"], delivery=said["delivery"], **sources.of(said["source_kind"]))
    if said["is_refused"]:
        CourseReview.objects.create(
            course=course,
            decision="refused",
            decided_on=said["completed_on"],
            reason=CARRIED_OVER,
            **known,
        )
    held = TrainingClass.objects.create(
        course=course,
        starts_on=said["completed_on"],
        ends_on=said["completed_on"],
        delivery=said["delivery"],
        recorded_at=known["recorded_at"],
    )
    record = TrainingRecord.objects.create(
        officer=officer,
        training_class=held,
        completed_on=said["completed_on"],
        credited_year=year,
        role=said["role"],
        source_kind=said["source_kind"],
        delivery=said["delivery"],
        not_counted=said["not_counted"],
        **known,
    )
    CreditLine.objects.bulk_create(
        CreditLine(
            record=record,
            area=areas[line["area"]],
            topic=topics[line["topic"]] if line["topic"] else None,
            hours=Decimal(line["hours"]),
        )
        for line in said["lines"]
    )


def _request(officer, period, said: dict, known: dict) -> None:
    request = ReliefRequest.objects.create(
        officer=officer,
        period=period,
        kind=said["kind"],
        reason="military",  # why somebody was on leave is in no packet, and no standing asks it
        requested_on=said["requested_on"],
        **known,
    )
    for one in said["decisions"]:
        ReliefDecision.objects.create(
            request=request,
            decision=one["decision"],
            decided_on=one["decided_on"],
            due_on=one["due_on"],
            **known,
        )
