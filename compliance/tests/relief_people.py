"""People and papers for the tests of extensions and waivers."""

import datetime as dt
import io
import uuid

import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from compliance.documents import Checked
from compliance.models import ReliefRequest, ReportingPeriod
from compliance.services import relief
from training.tests import factories


def pdf(pages: int = 1) -> bytes:
    """A PDF of blank pages."""
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    writer.write(made)
    return made.getvalue()


def photo(kind: str = "JPEG", size=(60, 40), **more) -> bytes:
    """A picture."""
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **more)
    return made.getvalue()


def upload(content: bytes, name: str = "orders.pdf") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def paper(name: str = "orders.pdf") -> Checked:
    """A document that was looked at already."""
    return Checked(name, "application/pdf", 1, pdf())


def medical_reader(email: str = "") -> User:
    """POST staff named to read medical documents."""
    account = factories.post_staff(email)
    StateRole.objects.create(user=account, role="medical_reader", starts_on=factories.LONG_AGO)
    return account


def ask(by: User, officer, **more) -> ReliefRequest:
    """A request for this test's day, for last year's or the given period."""
    today = more.pop("today", None) or clock.today()
    year = more.pop("year", today.year - 1)
    given = {
        "kind": "extension",
        "reason": "military",
        "leave_from": dt.date(year, 11, 1),
        "submission_key": uuid.uuid4(),
        "documents": (),
    } | more
    made, _ = relief.ask(by=by, officer=officer, period=ReportingPeriod.objects.get(year=year), today=today, **given)
    return made
