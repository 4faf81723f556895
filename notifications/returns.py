"""Reading what mail servers report back: RFC 3464 (could not be delivered) and RFC 5965 (reported as unwanted).

A report says which mail it is about by the Message-ID of the mail it returns, or by the address it was sent to: every
message has a return address of its own (`composing.return_address`).
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from typing import NamedTuple

from django.db import transaction

from notifications import addresses
from notifications.models import DeliveryReport, Message

Kind = DeliveryReport.Kind
KINDS = {"failed": Kind.FAILED, "delayed": Kind.DELAYED, "delivered": Kind.DELIVERED, "relayed": Kind.DELIVERED}
# Of a mail no more than this is looked at, in bytes: what a report says stands before the mail it returns, and a header
# made to be long keeps the library busy for minutes (with its length squared).
MOST_READ = 100_000
_ADDRESS, _STATUS, _DIAGNOSTIC = 254, 20, 2_000  # characters kept
_UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"


class Said(NamedTuple):
    """What a report says of one recipient."""

    kind: str
    address: str
    status: str
    diagnostic: str


def read(raw: bytes) -> list[DeliveryReport]:
    """Record one report; the rows made. The same report read twice makes nothing the second time, and what is no
    report at all (an out-of-office answer, say) makes nothing.

    Anybody can send a mail here, made to do harm: on some the library that takes mails apart raises whatever it
    stumbles over. Then nothing is recorded.
    """
    report = message_from_bytes(raw[:MOST_READ], policy=policy.default)
    said = list(_complaint(report) if _type(report) == "feedback-report" else _delivery(report))
    if not said:
        return []
    message = _about(report)
    fingerprint = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        there = set(DeliveryReport.objects.filter(fingerprint=fingerprint).values_list("address", flat=True))
        fresh = {}
        for one in said:
            address = (one.address or (message.address if message else ""))[:_ADDRESS]
            if address not in there:
                fresh[address] = DeliveryReport(
                    message=message,
                    address=address,
                    kind=one.kind,
                    status=one.status[:_STATUS],
                    diagnostic=one.diagnostic[:_DIAGNOSTIC],
                    fingerprint=fingerprint,
                )
        DeliveryReport.objects.bulk_create(fresh.values(), ignore_conflicts=True)
        for row in fresh.values():
            if message and row.kind == Kind.FAILED and _is_for_good(row.status):
                addresses.mark_failing(message.address, f"{row.status} {row.diagnostic}".strip())
    return list(fresh.values())


def _type(report: EmailMessage) -> str:
    """The kind of a multipart/report: delivery-status or feedback-report; empty for any other mail."""
    if report.get_content_type() != "multipart/report":
        return ""
    return str(report.get_param("report-type", "")).lower()


def _delivery(report: EmailMessage) -> Iterator[Said]:
    """RFC 3464: a group of lines for the mail, then one for each recipient."""
    if _type(report) != "delivery-status":
        return
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in _inside(part):
            kind = KINDS.get(_words(group["Action"]).lower())
            if kind is None:
                continue
            address = _typed(group["Original-Recipient"] or group["Final-Recipient"])
            yield Said(kind, address, _words(group["Status"]), _typed(group["Diagnostic-Code"]))


def _complaint(report: EmailMessage) -> Iterator[Said]:
    """RFC 5965: somebody called the mail unwanted."""
    for part in report.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = next(iter(_inside(part)), None) or message_from_bytes(part.get_payload(decode=True) or b"")
            address = _typed(fields["Original-Rcpt-To"]).strip("<> ")
            yield Said(Kind.COMPLAINT, address, "", _words(fields["Feedback-Type"]))


def _typed(value: str | None) -> str:
    """The value of a field such as `rfc822; renee@example.org`, without its type."""
    return _words(value).partition(";")[2].strip() or _words(value).strip()


def _words(value: str | None) -> str:
    """A value on one line, without what PostgreSQL keeps in no text: NUL, and halves of characters."""
    return " ".join(str(value or "").replace("\x00", "").encode(errors="replace").decode().split())


def _inside(part: EmailMessage) -> list[EmailMessage]:
    """The groups of fields, or the mail, that a part holds; none where it was not taken apart."""
    payload = part.get_payload()
    return payload if isinstance(payload, list) else []


def _is_for_good(status: str) -> bool:
    """Whether a failure says that the address is wrong (5.1.x) or closed (5.2.1), not that it was a full mailbox,
    a policy or the network."""
    return status.startswith("5.1.") or status in ("5.2.1", "5.0.0")


def _about(report: EmailMessage) -> Message | None:
    """The message a report is about: by the mail it returns, else by the address it came to."""
    found = [*_returned_ids(report), *_addressed_ids(report)]
    rows = Message.objects.filter(uuid__in=found)
    return rows.first() if found else None


def _returned_ids(report: EmailMessage) -> Iterator[uuid.UUID]:
    for part in report.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            inside = _inside(part)
            returned = inside[0]["Message-ID"] if inside else part.get_payload()
            for match in re.findall(rf"<({_UUID})@", str(returned or ""), flags=re.IGNORECASE):
                yield uuid.UUID(match)


def _addressed_ids(report: EmailMessage) -> Iterator[uuid.UUID]:
    fields = [value for name in ("To", "Delivered-To", "X-Original-To") for value in report.get_all(name, [])]
    for _, address in getaddresses([str(value) for value in fields]):
        if match := re.search(rf"\+({_UUID})@", address, flags=re.IGNORECASE):
            yield uuid.UUID(match[1])
