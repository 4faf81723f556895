"""The facts a case rests on, as one plain document: read for many cases in a constant number of statements, digested,
and compared. What a packet freezes and replays is this document (`docs/march-15.md` says what each key means).
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from clee_portal import clock
from compliance import case_errors, selectors, standings
from compliance.models import Candidacy, CaseAnswer, CaseNotice, ReliefDecision, ReliefRequest
from compliance.standings import Question
from compliance.verdict import Finding
from training.models import Course, CreditLine, LicenseEvent, TrainingClass, TrainingRecord

Facts = dict


def read(candidacies: Collection[Candidacy], as_of: dt.datetime) -> dict[int, Facts]:
    """Case id -> its facts as known at `as_of`. The officer and period of each case are loaded. What the law judges is
    read with its two clocks; answers, notices and recording errors as they are now."""
    by_year: dict[int, list[Candidacy]] = defaultdict(list)
    for one in candidacies:
        by_year[one.period.year].append(one)
    asked = selectors.questions(as_of, by_year)
    found = {}
    for year, cases in by_year.items():
        found |= _of_period(asked[year], cases)
    return found


def text(facts: Facts) -> str:
    """The document as the text that is digested and kept: keys in order, no spaces that could differ."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(facts: Facts | str) -> str:
    """The SHA-256 of the text."""
    return hashlib.sha256((facts if isinstance(facts, str) else text(facts)).encode()).hexdigest()


def number(hours: Decimal) -> str:
    """Hours as they stand in the document: "2", "1.5"."""
    return f"{hours.normalize():f}"


def _of_period(asked: Question, cases: list[Candidacy]) -> dict[int, Facts]:
    officers = [one.officer_id for one in cases]
    findings = standings.of_officers(asked, officers)
    records, events, relief = _records(asked, officers), _events(asked, officers), _relief(asked, officers)
    errors = case_errors.unsettled(asked.period, officers)
    answers, notices = _answers(cases), _notices(cases)
    rules, period = requirements(asked), _period(asked)
    return {
        one.pk: {
            "period": period,
            "requirements": rules,
            "finding": finding(findings[one.officer_id]),
            "license": events[one.officer_id],
            "training": records[one.officer_id],
            "relief": relief[one.officer_id],
            "notice": notices.get(one.pk),
            "answers": answers[one.pk],
            "likely_errors": errors.get(one.officer_id, []),
        }
        for one in cases
    }


def _period(asked: Question) -> dict:
    one = asked.period
    return {"year": one.year, "starts_on": one.starts_on.isoformat(), "ends_on": one.ends_on.isoformat(),
            "show_by": one.show_by.isoformat()}  # fmt: skip


def requirements(asked: Question) -> dict:
    """The set of requirements that held, whole."""
    held = asked.requirements[0].requirement_set
    return {
        "version": held.version,
        "list": [
            {
                "code": one.code,
                "name": one.name,
                "minimum": number(one.minimum),
                "area": one.area.code if one.area else None,
                "topic": one.topic.code if one.topic else None,
                "source_kinds": sorted(one.source_kinds),
                "in_person_only": one.in_person_only,
                "wording": one.wording,
                "citation": one.citation,
            }
            for one in asked.requirements
        ],
    }


def finding(one: Finding) -> dict:
    """Where somebody stands: the standing, and the hours that count to each requirement."""
    return {"standing": one.standing.value, "hours": {code: number(hours) for code, hours in one.earned.items()}}


def _records(asked: Question, officers: Collection[int]) -> dict[int, list[dict]]:
    """Read as bare values: a page of cases has thousands of lines."""
    known = TrainingRecord.objects.known(asked.as_of).filter(officer__in=officers, credited_year=asked.period.year)
    rows = list(
        known.order_by("completed_on", "pk").values_list(
            "officer", "pk", "training_class", "training_class__course", "training_class__course__title",
            "completed_on", "source_kind", "delivery", "role", "not_counted",
        )
    )  # fmt: skip
    lines: dict[int, list[dict]] = defaultdict(list)
    given = CreditLine.objects.filter(record__in=[pk for _, pk, *_ in rows]).order_by()
    for record, area, topic, hours in given.values_list("record", "area__code", "topic__code", "hours"):
        lines[record].append({"area": area, "topic": topic, "hours": number(hours)})
    refused = Course.objects.refused_as_of(asked.as_of).filter(pk__in={row[3] for row in rows})
    refused = set(refused.values_list("pk", flat=True))
    found: dict[int, list[dict]] = defaultdict(list)
    for officer, pk, held, course, title, completed_on, source_kind, delivery, role, not_counted in rows:
        found[officer].append(
            {
                "record": pk,
                "class": TrainingClass(pk=held).reference,
                "course": title,
                "completed_on": completed_on.isoformat(),
                "source_kind": source_kind,
                "delivery": delivery,
                "role": role,
                "not_counted": not_counted,
                "is_refused": course in refused,
                "lines": sorted(lines[pk], key=lambda line: (line["area"], line["topic"] or "", line["hours"])),
            }
        )
    return found


def _events(asked: Question, officers: Collection[int]) -> dict[int, list[dict]]:
    known = LicenseEvent.objects.known(asked.as_of).filter(officer__in=officers, occurred_on__lte=asked.day)
    found: dict[int, list[dict]] = defaultdict(list)
    for one in known.order_by("occurred_on", "recorded_at", "pk"):
        found[one.officer_id].append(
            {
                "event": one.kind,
                "date": one.occurred_on.isoformat(),
                "period": one.period_year,
                "reference": one.reference,
            }
        )
    return found


def _relief(asked: Question, officers: Collection[int]) -> dict[int, list[dict]]:
    """Requests and what was decided; why somebody was on leave is not for this document (rulebook 8)."""
    known = ReliefRequest.objects.known(asked.as_of).filter(
        period=asked.period, officer__in=officers, requested_on__lte=asked.day
    )
    made = ReliefDecision.objects.known(asked.as_of).filter(request__in=known, decided_on__lte=asked.day)
    decisions: dict[int, list[dict]] = defaultdict(list)
    for one in made.order_by("recorded_at", "pk"):
        decisions[one.request_id].append(
            {
                "decision": one.decision,
                "decided_on": one.decided_on.isoformat(),
                "due_on": one.due_on.isoformat() if one.due_on else None,
            }
        )
    found: dict[int, list[dict]] = defaultdict(list)
    for one in known.order_by("requested_on", "pk"):
        found[one.officer_id].append(
            {
                "request": one.reference,
                "kind": one.kind,
                "requested_on": one.requested_on.isoformat(),
                "decisions": decisions[one.pk],
            }
        )
    return found


def _answers(cases: list[Candidacy]) -> dict[int, list[dict]]:
    given = CaseAnswer.objects.live().filter(candidacy__in=cases).select_related("agency", "recorded_by")
    found: dict[int, list[dict]] = defaultdict(list)
    for one in given.prefetch_related("documents").order_by("recorded_at", "pk"):
        found[one.candidacy_id].append(
            {
                "given_by": one.agency.name if one.agency else one.teller or "The officer",
                "on": clock.day_of(one.recorded_at).isoformat(),
                "words": one.words,
                "documents": [{"name": paper.name, "sha256": paper.sha256} for paper in one.documents.all()],
            }
        )
    return found


def _notices(cases: list[Candidacy]) -> dict[int, dict]:
    return {
        one.candidacy_id: {
            "how": one.how,
            "served_on": one.served_on.isoformat(),
            "certified_number": one.certified_number,
            "answer_by": one.answer_by.isoformat(),
        }
        for one in CaseNotice.objects.live().filter(candidacy__in=cases)
    }
