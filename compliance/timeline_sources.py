"""What a timeline tells, source by source (`compliance.timeline`)."""

from collections.abc import Sequence

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from clee_portal import history
from clee_portal.templatetags.look import hours_words
from compliance.models import (
    MakeUpDecision,
    ReliefDecision,
    ReliefDocument,
    ReliefQuestion,
    ReliefRequest,
)
from compliance.timeline import Kind, Reading, Source, Told
from compliance.timeline_cases import CASE_SOURCES
from compliance.timeline_events import NEW, by_history, code_of, events, is_new
from compliance.wording import full_date
from notifications import messages_said
from notifications.models import Message
from training import messages_to
from training.accesses import accesses_of
from training.models import (
    Commission,
    CreditLine,
    Invitation,
    LicenseEvent,
    Membership,
    NotCompleted,
    Officer,
    TrainingRecord,
)


def _class(held) -> str:
    return reverse("training:class_detail", args=[held.reference])


def _credit(event, read: Reading) -> Told:
    held = event.training_class
    about = f"{held.course}, {held.reference}"
    given = f"{hours_words(event.given)} for {event.credited_year}"
    more = [held.course.source_name]
    if event.voided_at:
        title, reason = f"Credit withdrawn: {about}", event.void_reason
        return Told(title, f"{given}; {'; '.join(more)}; {reason}", event.completed_on, reason, _class(held))
    if event.not_counted:
        more.append(f"not counted: {event.not_counted_note or 'counted once'}")
    elif event.kept_because:
        more.append(f"counts beside its twin: {event.kept_because}")
    title = f"{given}: {about}" if is_new(event) else f"Credit judged again: {about}, {given}"
    return Told(title, "; ".join(more), event.completed_on, "", _class(held))


def _given() -> dict:
    lines = CreditLine.objects.filter(record=OuterRef("pgh_obj")).order_by().values("record")
    return {"given": Subquery(lines.annotate(given=Sum("hours")).values("given"))}


def _not_completed(event, read: Reading) -> Told:
    held = event.training_class
    undone = " (withdrawn)" if event.voided_at else ""
    return Told(f"Did not complete {held.course}, {held.reference}{undone}", "", held.ends_on, "", _class(held))


def _license(event, read: Reading) -> Told:
    words = event.get_kind_display()
    year = f" for {event.period_year}" if event.period_year else ""
    decided = f"Decided by {event.decided_by}, {event.reference}" if event.decided_by else ""
    if event.carried_over_from:
        decided = f"Carried over from {event.carried_over_from}"
    if event.voided_at:
        return Told(f"Withdrawn: license {words.lower()}{year}", decided, event.occurred_on, event.void_reason)
    return Told(f"License {words.lower()}{year}", decided, event.occurred_on)


def _commission(event, read: Reading) -> Told:
    particulars = ", ".join(filter(None, [event.rank, "reserve" if event.is_reserve else ""]))
    if event.ended_on and not is_new(event):
        reason = f"; {event.end_reason}" if event.end_reason else ""
        return Told(
            f"Commission at {event.agency}, last day {full_date(event.ended_on)}", particulars + reason, event.ended_on
        )
    ended = f", until {full_date(event.ended_on)}" if event.ended_on else ""
    said = "from" if is_new(event) else "changed; from"
    return Told(
        f"Commission at {event.agency}, {said} {full_date(event.started_on)}{ended}", particulars, event.started_on
    )


def _request_url(event) -> str:
    request = event if hasattr(event, "requested_on") else event.request
    number = event.pgh_obj_id if request is event else request.pk
    return reverse("compliance:relief_request", args=[f"R-{number:06d}"])


def _request(event, read: Reading) -> Told:
    title = f"{event.get_kind_display()} for {event.period.year} asked for"
    if event.voided_at:
        title = f"Withdrawn: {title[0].lower()}{title[1:]}"
    asked = [event.get_asked_by_display()] if event.asked_by else []
    if read.is_full:
        asked += [event.get_reason_display(), event.caller]
    return Told(title, ", ".join(filter(None, asked)), event.requested_on, event.void_reason, _request_url(event))


def _decision(event, read: Reading) -> Told:
    until = f" until {full_date(event.due_on)}" if event.due_on else ""
    asked = f"{event.request.get_kind_display()} for {event.request.period.year}"
    title = f"{asked}: {event.get_decision_display().lower()}{until}"
    if event.voided_at:
        title = f"Withdrawn: {title}"
    decided = event.decided_by if read.is_full else ""
    return Told(title, decided, event.decided_on, event.void_reason or event.reason, _request_url(event))


def _question(event, read: Reading) -> Told:
    what = "Answered" if event.answered_at else "POST asked for more"
    asked = f"{event.request.get_kind_display().lower()} for {event.request.period.year}"
    return Told(f"{what}: {asked}", "", None, "", _request_url(event))


def _paper(event, read: Reading) -> Told:
    undone = " (withdrawn)" if event.voided_at else ""
    asked = f"{event.request.get_kind_display().lower()} for {event.request.period.year}"
    return Told(f"A document was sent for the {asked}{undone}", "", None, "", _request_url(event))


def _made_up(event, read: Reading) -> Told:
    return Told(
        f"Make-up credit decided: {event.record.training_class.course} counts in {event.year}",
        "", None, "", _class(event.record.training_class), event.decided_by_id,
    )  # fmt: skip


def _connection(event, read: Reading) -> Told:
    account = f" {event.user.email}" if read.is_full else ""
    if event.revoked_at:
        return Told(f"Account{account} taken off the license")
    if event.ends_on and not is_new(event):
        return Told(f"Account{account} connected until {full_date(event.ends_on)}")
    return Told(f"Account{account} connected to the license", "", event.starts_on)


def _invitation(event, read: Reading) -> Told:
    to = f" at {event.email}" if read.is_full else ""
    if is_new(event):
        return Told(f"Invited{to}")
    what = (
        "used" if event.used_at else "withdrawn" if event.withdrawn_at else "locked after wrong answers"
        if event.locked_at else "replaced by a newer one" if event.is_superseded else "opened" if event.opened_at
        else "changed"
    )  # fmt: skip
    return Told(f"Invitation{to} {what}")


NAMES = {
    "license_number": "license number", "first_name": "first name", "middle_name": "middle name",
    "last_name": "last name", "suffix": "suffix", "license_class_id": "license class", "email": "e-mail address",
    "postal_address": "postal address",
}  # fmt: skip


def _register(code: str) -> Source:
    kept = history.events_of(Officer)

    def rows(one: Officer) -> QuerySet:
        return kept.objects.filter(pgh_obj=one).annotate(
            told_by=code_of(code), entry=F("pgh_id"), at=F("pgh_created_at")
        )

    def tell(numbers: Sequence[int], read: Reading) -> dict[int, Told]:
        told, before = {}, None
        for one in kept.objects.filter(pgh_obj=read.officer).order_by("pgh_id"):
            changed = [words for name, words in NAMES.items() if before and getattr(before, name) != getattr(one, name)]
            title = f"Register: {', '.join(changed)} changed" if changed else "Entered in the register"
            named = f"{one.first_name} {one.middle_name} {one.last_name} {one.suffix}".split()
            told[one.pgh_id] = by_history(
                Told(title, f"{one.license_number}, {' '.join(named)}"), one.pgh_context or {}
            )
            before = one
        return {number: told[number] for number in numbers}

    return Source(code, Kind.REGISTER, rows, tell)


def _messages(code: str) -> Source:
    def rows(one: Officer) -> QuerySet:
        return messages_to.officer(one).annotate(told_by=code_of(code), entry=F("pk"), at=F("put_at"))

    def tell(numbers: Sequence[int], read: Reading) -> dict[int, Told]:
        told = {}
        for one in Message.objects.filter(pk__in=numbers).select_related("text"):
            row = messages_said.row(one)
            url = reverse("training:officer_messages", args=[read.officer.license_number])
            told[one.pk] = Told(f"{row.kind}: {row.label.lower()}", row.subject, None, "", url, None, "the portal")
        return told

    return Source(code, Kind.MESSAGE, rows, tell)


def _views(code: str) -> Source:
    def rows(one: Officer) -> QuerySet:
        # `at` is the moment itself: the record of access is not about anything else.
        return accesses_of(one).annotate(told_by=code_of(code), entry=F("pk"))

    def tell(numbers: Sequence[int], read: Reading) -> dict[int, Told]:
        found = accesses_of(read.officer).filter(pk__in=numbers)
        return {
            one.pk: Told(
                f"Looked at by {one.acting_as or 'somebody whose role is not known'}",
                one.what if read.is_full else "", None, "", "", one.by_id,
            )
            for one in found
        }  # fmt: skip

    return Source(code, Kind.VIEW, rows, tell)


_REQUEST = ("request__period",)
_CLASS = ("training_class__course__agency", "training_class__course__provider")
SOURCES = (
    events(
        "credit", Kind.CREDIT, TrainingRecord, "officer", _credit, related=_CLASS, more=_given,
        only=NEW | Q(voided_at__isnull=False) | ~Q(not_counted="") | ~Q(kept_because=""),
    ),
    events("absence", Kind.CREDIT, NotCompleted, "officer", _not_completed, related=_CLASS),
    events(
        "make-up", Kind.CREDIT, MakeUpDecision, "record__officer", _made_up, related=("record__training_class__course",)
    ),
    events("license", Kind.LICENSE, LicenseEvent, "officer", _license),
    events(
        "commission", Kind.COMMISSION, Commission, "officer", _commission, related=("agency",),
        limited=lambda read: Q(agency__in=read.agencies),
    ),
    events(
        "request", Kind.REQUEST, ReliefRequest, "officer", _request, related=("period",),
        only=NEW | Q(voided_at__isnull=False),
    ),
    events("decision", Kind.REQUEST, ReliefDecision, "request__officer", _decision, related=_REQUEST),
    events("question", Kind.REQUEST, ReliefQuestion, "request__officer", _question, related=_REQUEST),
    events("document", Kind.REQUEST, ReliefDocument, "request__officer", _paper, related=_REQUEST),
    *CASE_SOURCES,
    events(
        "account", Kind.CONNECTION, Membership, "officer", _connection, related=("user",),
        of=Q(role=Membership.Role.OFFICER),
    ),
    events("invitation", Kind.CONNECTION, Invitation, "officer", _invitation),
    _messages("message"),
    _views("view"),
    _register("register"),
)  # fmt: skip
