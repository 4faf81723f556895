"""What the portal keeps of an officer, as the officer takes it along: tables as CSV and all of them as one JSON."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Max

from clee_portal import clock
from clee_portal.accounts.models import ContactDetails, User
from clee_portal.accounts.services import contacts
from clee_portal.history.models import Access
from compliance import record, record_reports, relief
from compliance.models import RecordReport
from notifications import messages_said
from notifications.models import Message
from training import accesses, changes, tables
from training.models import Officer

RECORD = (
    "Credited to", "Reference", "Course", "Control number", "First day", "Completed on", "Held", "Part", "Hours",
    "By area and topic", "Source", "Kind of source", "Entered by", "Entered on", "Counts", "Why", "Certificate",
)  # fmt: skip


class Table(NamedTuple):
    """One table of it."""

    header: tuple[str, ...]
    rows: list[Sequence]


def record_rows(officer: Officer) -> list[tuple]:
    """The whole record, a row for each entry."""
    found = record.rows(officer, record.entries(record.keys(officer)))
    return [
        (
            row.one.credited_year, row.held.reference, row.course.title, row.course.control_number,
            row.held.starts_on, row.one.completed_on, row.one.get_delivery_display(), row.one.get_role_display(),
            row.hours, row.credit, row.course.source_name, row.one.get_source_kind_display(), row.reporter,
            row.one.recorded_at, row.chip.label, row.why, row.certificate,
        )
        for row in found
    ]  # fmt: skip


def look_rows(officer: Officer) -> list[tuple]:
    """Who looked at the record: when, in which capacity, at what."""
    return [(one.at, one.acting_as, one.what) for one in accesses.accesses_of(officer)]


def transcript_rows(officer: Officer) -> list[tuple]:
    """The transcripts that were made, whoever had them made, and how often somebody else looked one up."""
    made = officer.transcripts.select_related("agency").prefetch_related("periods").order_by("issued_at", "pk")
    return [
        (
            one.code, one.as_of, ", ".join(str(period.year) for period in one.periods.all()),
            str(one.agency or "the officer or POST"), one.looks_count, one.last_look,
        )
        for one in made.annotate(looks_count=Count("looks"), last_look=Max("looks__at"))
    ]  # fmt: skip


def person_rows(officer: Officer, account: User) -> list[tuple]:
    """Who the officer is to the portal, and how they are reached. The birth date stays with POST: it proves who one is
    when an account is connected."""
    contact = contacts.of(account)
    known = [
        ("Name", officer.full_name),
        ("License number", officer.license_number),
        ("License class", str(officer.license_class or "")),
        ("E-mail in the register", officer.email),
        ("Address of record", officer.postal_address),
        ("Signs in with", account.email),
        ("Own e-mail", contact.email),
        ("Own e-mail to be confirmed", contact.asked_email),
        ("Telephone", contact.phone),
        ("Mail goes to", contact.get_mail_to_display()),
        ("The agency may see own e-mail and telephone", "yes" if contact.is_open_to_agency else "no"),
    ]
    return known + [("Former name", str(one)) for one in officer.former_names.order_by("pk")]


def all_tables(officer: Officer, account: User) -> dict[str, Table]:
    """Every table by its name. A constant number of statements."""
    reports = RecordReport.objects.filter(officer=officer).with_names().prefetch_related("documents")
    asked = relief.known(relief.as_of_all()).filter(officer=officer).order_by("requested_on", "pk")
    sent = [messages_said.row(one) for one in Message.objects.filter(user=account).select_related("text")]
    seats = officer.registrations.select_related("scheduled_class__course").order_by("asked_at", "pk")
    papers = officer.certificates.select_related("issued_record__training_class__course").order_by("issued_at", "pk")
    signed = Access.objects.filter(by=account, kind__in=(Access.Kind.SIGNED_IN, Access.Kind.FAILED)).order_by("-at")
    return {
        "person": Table(("What", "As it stands"), person_rows(officer, account)),
        "contact-changes": Table(
            ("When", "What happened", "What changed"),
            [
                (one.at, one.why, "; ".join(f"{name}: {before} → {after}" for name, before, after in one.fields))
                for one in changes.of(*ContactDetails.objects.filter(user=account), limit=1000)
            ],
        ),
        "record": Table(RECORD, record_rows(officer)),
        "license": Table(
            ("What", "Day", "Year", "Recorded on"),
            [
                (one.get_kind_display(), one.occurred_on, one.period_year, one.recorded_at)
                for one in officer.license_events.live().order_by("occurred_on", "pk")
            ],
        ),
        "commissions": Table(
            ("Agency", "Rank", "From", "To"),
            [
                (one.agency.name, one.rank, one.started_on, one.ended_on)
                for one in officer.commissions.select_related("agency").order_by("started_on", "pk")
            ],
        ),
        "reports": Table(
            ("Reference", "What", "Class", "Completed on", "Hours", "Put to", "Reported on", "State", "Documents"),
            [
                (
                    one.reference, one.get_kind_display(), one.title, one.completed_on, one.hours, str(one.body or ""),
                    one.reported_at, record_reports.chip(one).label, ", ".join(str(p) for p in one.documents.all()),
                )
                for one in reports
            ],
        ),
        "certificates": Table(
            ("Code", "Course", "Completed on", "Issued on"),
            [
                (one.code, one.issued_record.training_class.course.title, one.issued_record.completed_on, one.issued_at)
                for one in papers
            ],
        ),
        "transcripts": Table(
            ("Code", "As of", "Periods", "Made for", "Looked up on its public page", "Last looked up"),
            transcript_rows(officer),
        ),
        "registrations": Table(
            ("Class", "Course", "Begins", "Asked on", "State"),
            [
                (
                    one.scheduled_class.reference, one.scheduled_class.course.title, one.scheduled_class.begins_at,
                    one.asked_at, one.get_state_display(),
                )
                for one in seats
            ],
        ),
        "extensions": Table(
            ("Reference", "What", "Year", "Requested on", "State", "Until"),
            [
                (
                    one.reference, one.get_kind_display(), one.period.year, one.requested_on,
                    relief.state_of(one).label, one.latest_due_on,
                )
                for one in asked
            ],
        ),
        "messages": Table(
            ("Put on", "Kind", "Subject", "Address", "State"),
            [(one.message.put_at, one.kind, one.subject, one.message.address, one.label) for one in sent],
        ),
        "who-looked": Table(("When", "In which capacity", "What"), look_rows(officer)),
        "sign-ins": Table(
            ("When", "What", "How", "From"), [(one.at, one.get_kind_display(), one.what, one.address) for one in signed]
        ),
    }  # fmt: skip


def as_zip(officer: Officer, account: User) -> tuple[bytes, int]:
    """All of it as one ZIP, and how many rows it has."""
    found = all_tables(officer, account)
    told = {
        "license_number": officer.license_number,
        "name": officer.full_name,
        "made_at": clock.now().isoformat(),
        "tables": {
            name: [dict(zip(table.header, map(_plain, row), strict=True)) for row in table.rows]
            for name, table in found.items()
        },
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, table in found.items():
            file.writestr(f"{name}.csv", "".join(tables.csv_lines(table.header, table.rows)))
        file.writestr("my-data.json", json.dumps(told, ensure_ascii=False, indent=1))
    return out.getvalue(), sum(len(table.rows) for table in found.values())


def _plain(value):
    match value:
        case Decimal():
            return float(value)
        case dt.datetime() | dt.date():
            return value.isoformat()
    return value
