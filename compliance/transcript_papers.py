"""A transcript as its two files: data (`docs/transcripts.md` says what each key means) and an accessible PDF of it.

The PDF is made from the data alone, so both say the same.
"""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import segno
from django.conf import settings
from django.urls import reverse

from clee_portal import clock, typeset
from compliance import signing, wording
from compliance.models import Transcript
from compliance.transcript_figures import Figures, Held, Period
from training.models.registrations import in_groups

FORMAT = "clee-transcript-1"
ISSUER = "Missouri POST Program, Department of Public Safety"
TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "transcript.typ"
# What stands in the properties of the PDF before its code: a file that was changed still says which one it was.
MARK = "clee-transcript:"


def check_url(code: str) -> str:
    """The public page on which a transcript is checked."""
    return f"{settings.PORTAL_URL}{reverse('compliance:check_transcript', args=[code])}"


def document(transcript: Transcript, figures: Figures, made_for: str) -> dict:
    """A transcript as data. Hours are text, so that no reader rounds them."""
    return {
        "format": FORMAT,
        "code": transcript.code,
        "check": check_url(transcript.code),
        "issuer": ISSUER,
        "made_for": made_for,
        "as_of": transcript.as_of.isoformat(),
        "key_id": transcript.key.key_id,
        "officer": {
            "name": figures.name,
            "license_number": figures.license_number,
            "license": figures.license,
        },
        "periods": [_period(one) for one in figures.periods],
    }


def _period(one: Period) -> dict:
    return {
        "year": one.year,
        "standing": one.standing,
        "standing_words": one.words,
        "headline": one.headline,
        "grounds": one.grounds,
        "deadline": one.deadline,
        "requirements": [
            {
                "code": need.code,
                "name": need.name,
                "minimum": wording.hours_number(need.minimum),
                "hours": wording.hours_number(need.hours),
                "state": need.words,
                "citation": need.citation,
            }
            for need in one.needs
        ],
        "classes": [_class(held) for held in one.classes],
    }


def _class(held: Held) -> dict:
    return {
        "reference": held.reference,
        "completed_on": held.completed_on.isoformat(),
        "course": held.course,
        "source": held.source,
        "delivery": held.delivery,
        "role": held.role,
        "counts": held.counts,
        "why_not": held.why_not,
        "hours": [
            {"area": one.area, "topic": one.topic or None, "hours": wording.hours_number(one.hours)}
            for one in held.hours
        ],
    }


def as_data(document: dict) -> bytes:
    """The data file: UTF-8 JSON."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def name_of(transcript: Transcript, field: str) -> str:
    """What the "pdf" or the "data" of a transcript is called as a file."""
    return f"transcript-{transcript.code}.{'pdf' if field == 'pdf' else 'json'}"


def signature_of(transcript: Transcript, field: str) -> bytes:
    """The signature file of the "pdf" or the "data" of a transcript."""
    digest, signature = getattr(transcript, f"{field}_sha256"), getattr(transcript, f"{field}_signature")
    return signing.as_file(name_of(transcript, field), digest, transcript.key, signature)


def as_pdf(document: dict) -> bytes:
    """The transcript as an accessible PDF (PDF/UA-1), from its data alone."""
    officer = document["officer"]
    moment = dt.datetime.fromisoformat(document["as_of"]).astimezone(clock.CHICAGO)
    address = document["check"]
    told = {
        "title": f"CLEE transcript of {officer['name']}, license {officer['license_number']}",
        "mark": MARK + document["code"],
        "issuer": document["issuer"],
        "name": officer["name"],
        "license": officer["license_number"],
        "license_words": officer["license"],
        "as_of": f"{wording.full_date(moment.date())}, {moment:%I:%M %p} Central Time".replace(", 0", ", "),
        "made_for": document["made_for"],
        "code": in_groups(document["code"]),
        "address": address,
        "check": address.split("://")[-1].rsplit("/transcript/", 1)[0],
        "qr": segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2),
        "key_id": document["key_id"],
        "periods": [_told(one) for one in document["periods"]],
    }
    return typeset.pdf(TEMPLATE, told)


def _told(period: dict) -> dict:
    classes = period["classes"]
    return {
        "year": str(period["year"]),
        "standing": period["standing_words"],
        "words": " ".join(filter(None, [period["headline"], period["grounds"], period["deadline"]])),
        "needs": [
            [one["name"], one["minimum"], one["hours"], one["state"], one["citation"]] for one in period["requirements"]
        ],
        "counted": [[_day(one), _what(one), _hours_of(one["hours"])] for one in classes if one["counts"]],
        "not_counted": [
            [_day(one), _what(one, why=False), _hours_of(one["hours"]), one["why_not"]]
            for one in classes
            if not one["counts"]
        ],
    }


def _day(held: dict) -> str:
    return wording.full_date(dt.date.fromisoformat(held["completed_on"]))


def _what(held: dict, *, why: bool = True) -> dict:
    """A class in three lines: what, from whom and how, and to what it did not count."""
    how = [held["source"]] if held["delivery"] == "In person" else [held["source"], held["delivery"]]
    if held["role"] == "Instructor":
        how.append("taught it")
    return {
        "course": held["course"],
        "how": f"{', '.join(how)} ({held['reference']})",
        "but": held["why_not"] if why else "",
    }


def _hours_of(hours: Sequence[dict]) -> list[str]:
    """The hours of a class, a line for each area or topic."""
    return [f"{one['hours']} h {one['topic'] or one['area']}" for one in hours]
