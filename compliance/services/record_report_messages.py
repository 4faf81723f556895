"""Putting what is told about reports of officers into the outbox, in the transaction of its cause."""

import datetime as dt

from compliance import record_report_mail
from compliance.models import RecordReport
from notifications import outbox
from notifications.outbox import Mail
from training import telling


def ask(report: RecordReport, *, today: dt.date) -> None:
    """Tell the connected people of the agency or provider that somebody asks them."""
    _put(record_report_mail.ASKED_CODE, report, record_report_mail.people_of(report, today))


def tell(report: RecordReport, *, today: dt.date) -> None:
    """Tell the officer, if connected, how it stands now."""
    readers = telling.accounts_of([report.officer_id], today).get(report.officer_id, [])
    _put(record_report_mail.NEWS_CODE, report, readers)


def _put(occasion: str, report: RecordReport, readers: list[telling.Reader]) -> None:
    mails = [
        Mail(str(record_report_mail.Key(report.pk, report.step, reader.user)), reader.address, reader.user)
        for reader in readers
    ]
    if mails:
        outbox.put_many(occasion=occasion, mails=mails)
