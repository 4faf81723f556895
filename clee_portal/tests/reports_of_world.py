"""What an officer reported, in the state of `world.py`, with its document."""

import datetime as dt
import uuid

from django.core.files.base import ContentFile

from clee_portal import clock
from clee_portal.accounts.models import ContactDetails
from compliance.models import RecordReport, RecordReportDocument


def reported_by(officer, account, agency, day: dt.date) -> dict[str, list]:
    """A class said to be missing, put to the agency, which did nothing, so that POST has it too; and the
    officer’s own contact details, not open to the agency. By words of pages."""
    report = RecordReport.objects.create(
        officer=officer,
        kind="missing",
        title=f"Missing class of {agency}",
        starts_on=day,
        completed_on=day,
        agency=agency,
        words=f"I was there, at {agency}",
        submission_key=uuid.uuid4(),
        reported_by=account,
        asked_on=day,
        escalated_at=clock.now(),
        escalated_why="silent",
    )
    paper = RecordReportDocument(
        report=report, name=f"{agency}.pdf", type="application/pdf", size=9, sha256="0" * 64, sent_by=account
    )
    paper.file.save("", ContentFile(b"%PDF-1.4\n%%EOF of " + str(agency).encode()), save=False)
    paper.save()
    ContactDetails.objects.create(
        user=account, email=f"own.{officer.email}", email_confirmed_at=clock.now(), phone="(573) 555-0107"
    )
    return {"record_report_document": [paper], "record_report": [report]}
