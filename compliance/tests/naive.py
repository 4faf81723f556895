"""A deliberately naive second reading of the rules, row by row in Python, to hold the one definition against.

It shares nothing with `compliance.counting`, `compliance.standings` or `compliance.verdict`; numbers stand in the open.
"""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from training.models import CourseReview

CHICAGO = ZoneInfo("America/Chicago")
APPROVED = {"approved_provider", "individual_course", "out_of_state"}


def _known(fact, moment):
    return fact.recorded_at <= moment and (fact.voided_at is None or fact.voided_at > moment)


def hours(officer, year, moment) -> dict[str, Decimal]:
    """Requirement code -> hours, by walking every record of the officer."""
    sums = dict.fromkeys(
        ["total", "approved_provider", "legal", "technical", "interpersonal", "firearms", "racial_profiling"],
        Decimal(0),
    )
    if year >= 2021:
        sums |= {"implicit_bias": Decimal(0), "de_escalation": Decimal(0)}
    for record in officer.records.all():
        if record.credited_year != year or record.not_counted or not _known(record, moment):
            continue
        refused = False
        for review in sorted(
            CourseReview.objects.filter(course__classes=record.training_class), key=lambda r: r.recorded_at
        ):
            if _known(review, moment):
                refused = review.decision == "refused"
        if refused:
            continue
        for line in record.lines.all():
            sums["total"] += line.hours
            if record.source_kind in APPROVED:
                sums["approved_provider"] += line.hours
            if line.area.code in sums:
                sums[line.area.code] += line.hours
            if line.topic is None:
                continue
            if line.topic.code == "firearms":
                if record.delivery == "classroom" and line.area.code == "skill":
                    sums["firearms"] += line.hours
            elif line.topic.code in sums:
                sums[line.topic.code] += line.hours
    return sums


def short(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    """Requirement code -> hours missing."""
    asked = {"total": 24, "approved_provider": 8, "legal": 2, "technical": 2, "interpersonal": 2, "firearms": 2}
    return {code: asked.get(code, 1) - have for code, have in sums.items() if have < asked.get(code, 1)}


def standing(officer, year, day: dt.date) -> str:
    """The standing at the end of `day`, read from the table of the rules top to bottom."""
    moment = dt.datetime.combine(day, dt.time.max, tzinfo=CHICAGO)
    first, last, show_by = dt.date(year, 1, 1), dt.date(year, 12, 31), dt.date(year + 1, 3, 15)
    events = sorted(
        (e for e in officer.license_events.all() if _known(e, moment) and e.occurred_on <= day),
        key=lambda e: (e.occurred_on, e.recorded_at, e.pk),
    )
    licensed_days = _licensed(events)
    issued = [e.occurred_on for e in events if e.kind == "issued"]
    if not licensed_days(day) or min(issued) > last:
        return "not_applicable"
    if not licensed_days(first) and not any(first <= on <= last for on in issued):
        return "not_applicable"
    for event in events:
        if event.kind in ("issued", "upgraded", "basic_training_completed") and event.occurred_on.year == year:
            return "exempt"
    latest = []
    for request in officer.relief_requests.all():
        if request.period.year != year or not _known(request, moment):
            continue
        decisions = sorted(
            (d for d in request.decisions.all() if _known(d, moment)), key=lambda d: (d.recorded_at, d.pk)
        )
        latest.append((request, decisions[-1] if decisions else None))
    if any(r.kind == "waiver" and d and d.decision == "granted" for r, d in latest):
        return "waived"
    if not short(hours(officer, year, moment)):
        return "compliant"
    inactive = False
    for event in events:
        if event.kind == "made_inactive" and event.period_year == year:
            inactive = True
        if event.kind == "reinstated" and event.period_year == year:
            inactive = False
    if inactive:
        return "inactive"
    if day <= last:
        return "in_progress"
    if any(d and d.decision == "granted" and d.due_on >= day for r, d in latest if r.kind == "extension"):
        return "extended"
    if day <= show_by:
        return "grace"
    if any(d is None for _, d in latest):
        return "extension_pending"
    return "candidate"


def _licensed(events):
    """A function: was there a license at the end of a day?"""

    def licensed(day):
        held = False
        for event in events:
            if event.occurred_on > day:
                break
            if event.kind == "issued":
                held = True
            if event.kind in ("expired", "revoked", "surrendered"):
                held = False
        return held

    return licensed
