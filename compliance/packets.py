"""Packets: all that a decision rested on, frozen as data and as a PDF, and kept as evidence with their digests.

The data is the record; the PDF says the same to people. `compliance.replaying` judges anew from the data alone
(`docs/march-15.md` says what each key means).
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile

from clee_portal import clock, typeset
from compliance import case_facts, case_mail, selectors, stands, wording
from compliance.case_facts import Facts
from compliance.models import Candidacy, CaseDecision, CaseNotice, CasePacket
from compliance.verdict import Standing
from notifications import messages_said
from training.models import LicenseEvent

FORMAT = "clee-packet-1"
TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "packet.typ"
Decision = CaseDecision.Kind


def keep(decisions: Sequence[CaseDecision], facts: Mapping[int, Facts], kept: list[FieldFile]) -> list[CasePacket]:
    """Freeze the packets of decisions that were just made, from the facts (by case id) they rested on. The files are
    put into `kept`, for whoever has to take them away where the transaction fails."""
    made = []
    cases = [one.candidacy for one in decisions]
    now = decisions[0].decided_at
    said = _words(cases, now)
    messages = case_mail.messages_of(cases)
    places = _places(cases, clock.day_of(now))
    for one in decisions:
        data = document(one, facts[one.candidacy_id], said, places, messages[one.candidacy_id])
        text = json.dumps(data, ensure_ascii=False, indent=2).encode()
        pdf = as_pdf(data)
        row = CasePacket(decision=one, data_sha256=_sha256(text), pdf_sha256=_sha256(pdf))
        for field, content in ((row.data, text), (row.pdf, pdf)):
            field.save("", ContentFile(content), save=False)
            kept.append(field)
        made.append(row)
    return CasePacket.objects.bulk_create(made)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _words(cases: Sequence[Candidacy], now: dt.datetime) -> dict:
    """What the officer's own page says of these cases: the same words."""
    years = {one.period.year for one in cases}
    return stands.said(years, {one.officer_id for one in cases}, now)


def _places(cases: Sequence[Candidacy], today: dt.date) -> dict[int, list[str]]:
    found = selectors.officers_with_places(today).in_bulk({one.officer_id for one in cases})
    return {pk: [place["name"] for place in one.places] for pk, one in found.items()}


def document(decision: CaseDecision, facts: Facts, said: dict, places: dict, messages: list) -> dict:
    """The packet as data."""
    case, submission = decision.candidacy, decision.submission
    words = said[case.period.year, case.officer_id]
    return {
        "format": FORMAT,
        "decision": {
            "number": decision.reference,
            "kind": decision.kind,
            "decided_on": decision.decided_on.isoformat(),
            "decided_at": decision.decided_at.isoformat(),
            "decided_by": decision.decided_as,
            "reason": decision.reason,
            "until": decision.until.isoformat() if decision.until else None,
            "reverses": decision.reverses.reference if decision.reverses else None,
            "rule": "11 CSR 75-15.080",
        },
        "officer": {
            "license_number": case.officer.license_number,
            "name": case.officer.full_name,
            "agencies": places[case.officer_id],
        },
        "put_forward": {
            "by": str(submission.recorded_by),
            "on": clock.day_of(submission.as_of).isoformat(),
            "words": submission.words,
            "override_reason": submission.override_reason,
            "facts_sha256": submission.facts_sha256,
            "looked_again": [
                {"by": str(look.looked_by), "at": look.as_of.isoformat(), "facts_sha256": look.facts_sha256}
                for look in submission.second_looks.select_related("looked_by")
            ],
        }
        if submission
        else None,
        "said": {
            "headline": words.answer.headline,
            "grounds": words.answer.grounds,
            "missing": [one._asdict() for one in words.missing],
        },
        "facts": facts,
        "facts_sha256": case_facts.digest(facts),
        "messages": [
            {
                "occasion": one.occasion,
                "subject": messages_said.row(one).subject,
                "to": one.address,
                "put_at": one.put_at.isoformat(),
                "state": one.state,
                "settled_at": one.settled_at.isoformat() if one.settled_at else None,
                "answer": one.note,
            }
            for one in messages
        ],
    }


def read(packet: CasePacket) -> bytes:
    """The data of a packet as it is kept. Raises ValueError where it is not what was kept."""
    with packet.data.open("rb") as kept:
        content = kept.read()
    if _sha256(content) != packet.data_sha256:
        raise ValueError(f"The data of {packet.decision.reference} is not what was kept: its digest is another.")
    return content


def read_pdf(packet: CasePacket) -> bytes:
    """The PDF of a packet as it is kept. Raises ValueError where it is not what was kept."""
    with packet.pdf.open("rb") as kept:
        content = kept.read()
    if _sha256(content) != packet.pdf_sha256:
        raise ValueError(f"The PDF of {packet.decision.reference} is not what was kept: its digest is another.")
    return content


def as_pdf(data: dict) -> bytes:
    """The packet as an accessible PDF (PDF/UA-1), from its data alone."""
    facts, decision = data["facts"], data["decision"]
    hours = facts["finding"]["hours"]
    day = dt.date.fromisoformat
    told = {
        "title": f"Decision {decision['number']}: {data['officer']['name']}, license "
        f"{data['officer']['license_number']}",
        "kind": CaseDecision.Kind(decision["kind"]).label,
        "decided": f"{wording.full_date(day(decision['decided_on']))}, by {decision['decided_by']}",
        "lines": _lines(data),
        "headline": data["said"]["headline"],
        "grounds": data["said"]["grounds"],
        "standing": Standing(facts["finding"]["standing"]).label,
        "rules": f"requirements of {facts['period']['year']}, version {facts['requirements']['version']}",
        "requirements": [
            [one["name"], one["minimum"], hours[one["code"]], one["citation"]] for one in facts["requirements"]["list"]
        ],
        "training": [
            [one["completed_on"], f"{one['course']} ({one['class']})", _hours(one), _why_not(one)]
            for one in facts["training"]
        ],
        "license": [
            [one["date"], LicenseEvent.Kind(one["event"]).label, str(one["period"] or "")] for one in facts["license"]
        ],
        "course": _course(data),
        "answers": [
            [one["given_by"], one["on"], one["words"], ", ".join(paper["name"] for paper in one["documents"])]
            for one in facts["answers"]
        ],
        "messages": [
            [one["put_at"][:10], one["subject"], one["to"], messages_said.STATES[one["state"]][1]]
            for one in data["messages"]
        ],
        "sha256": data["facts_sha256"],
    }
    return typeset.pdf(TEMPLATE, told)


def _lines(data: dict) -> list[list[str]]:
    """What was decided, and on what, as facts with a name."""
    decision, officer, put = data["decision"], data["officer"], data["put_forward"]
    found = [["Officer", f"{officer['name']}, license {officer['license_number']}"],
             ["Agency", ", ".join(officer["agencies"]) or "No commission"]]  # fmt: skip
    if decision["until"]:
        found.append(["Until", wording.full_date(dt.date.fromisoformat(decision["until"]))])
    if decision["reason"]:
        found.append(["Reason", decision["reason"]])
    if decision["reverses"]:
        found.append(["Reverses", decision["reverses"]])
    if put:
        on = wording.full_date(dt.date.fromisoformat(put["on"]))
        found.append(["Put before the Director", f"{on}, by {put['by']}"])
        found += [["POST said", put["words"]]] if put["words"] else []
        found += [["In spite of a likely error", put["override_reason"]]] if put["override_reason"] else []
        found += [["Looked at again", f"{look['at'][:10]}, by {look['by']}"] for look in put["looked_again"]]
    return [*found, ["Rule", decision["rule"]]]


def _course(data: dict) -> list[list[str]]:
    """Notice, requests and likely errors, as facts with a name."""
    facts, found = data["facts"], []
    if notice := facts["notice"]:
        how = CaseNotice.How(notice["how"]).label
        number = f", number {notice['certified_number']}" if notice["certified_number"] else ""
        until = f"answers until {notice['answer_by']}"
        found.append(["Notice served", f"{notice['served_on']}, {how.lower()}{number}; {until}"])
    for one in facts["relief"]:
        last = one["decisions"][-1] if one["decisions"] else None
        became = f"{last['decision']} on {last['decided_on']}" if last else "undecided"
        found.append([f"Request {one['request']}", f"{one['kind']}, asked for on {one['requested_on']}: {became}"])
    return found + [["Likely an error", words] for words in facts["likely_errors"]]


def _hours(record: dict) -> str:
    return "; ".join(
        f"{line['hours']} h {line['area'].replace('_', ' ')}"
        + (f" ({line['topic'].replace('_', ' ')})" if line["topic"] else "")
        for line in record["lines"]
    )


def _why_not(record: dict) -> str:
    if record["is_refused"]:
        return "Not counted: course refused"
    return f"Not counted: {record['not_counted'].replace('_', ' ')}" if record["not_counted"] else "Counted"
