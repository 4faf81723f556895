"""Certificates as paper: one accessible PDF (PDF/UA-1), a page each, with a code anybody can check."""

from collections.abc import Sequence
from pathlib import Path

import segno
from django.conf import settings
from django.urls import reverse

from clee_portal import typeset
from clee_portal.templatetags.look import hours_words
from training.models import SourceKind
from training.services.certificates import Standing, State

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "training" / "certificate.typ"


def as_pdf(standings: Sequence[Standing]) -> bytes:
    """The certificates with the figures that stand today; one that was voided says so across the page."""
    title = "Certificates of completion" if len(standings) > 1 else "Certificate of completion"
    data = {"title": title, "certificates": [_data(one) for one in standings]}
    return typeset.pdf(TEMPLATE, data)


def check_url(code: str) -> str:
    """The public page on which a certificate is checked."""
    return f"{settings.PORTAL_URL}{reverse('training:check_code', args=[code])}"


def _data(one: Standing) -> dict:
    certificate, figures = one.certificate, one.shown
    address = check_url(certificate.code)
    taught = figures.role == "Instructor"
    return {
        "name": " ".join(certificate.officer.full_name.split()),
        "license": certificate.officer.license_number,
        "did": "taught" if taught else "completed",
        "course": figures.course,
        "number": figures.control_number,
        "source": figures.source,
        "phrase": "Approved Provider" if certificate.is_approved_provider else "",
        "kind": "" if certificate.is_approved_provider else _kind(one),
        "when": _days(figures),
        "delivery": "" if figures.delivery == "In person" else f"Held {figures.delivery.lower()} (computer-based)",
        "total": hours_words(figures.total),
        "areas": [[area, hours_words(given)] for area, given in figures.by_area],
        "topics": [[topic, hours_words(given)] for topic, given in figures.by_topic],
        "administrator": certificate.administrator,
        "code": certificate.code_in_groups,
        "address": address.split("://")[-1],
        "qr": segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2),
        "corrected": "Corrected since it was first given." if one.state is State.CORRECTED else "",
        "voided": one.state is State.VOIDED,
    }


def _kind(one: Standing) -> str:
    kind = one.certificate.issued_record.source_kind
    return "In-service training of a law enforcement agency" if kind == SourceKind.IN_SERVICE else ""


def _days(figures) -> str:
    last = f"{figures.ends_on:%B} {figures.ends_on.day}, {figures.ends_on.year}"
    if figures.starts_on == figures.ends_on:
        return last
    return f"{figures.starts_on:%B} {figures.starts_on.day}, {figures.starts_on.year}, to {last}"
