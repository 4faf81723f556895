"""What a timeline tells of a case past the last day: what may be recording errors, notices, answers, decisions."""

from django.db.models import Q
from django.urls import reverse

from compliance.models import (
    Candidacy,
    CandidacyCheck,
    CaseAnswer,
    CaseDecision,
    CaseNotice,
    CaseSubmission,
    Listing,
    NotPursued,
    RecordingGap,
)
from compliance.timeline import Kind, Reading, Told
from compliance.timeline_events import NEW, events, is_new
from compliance.wording import full_date


def _case(event, read: Reading) -> Told:
    url = reverse("compliance:candidate", args=[event.pgh_obj_id])
    return Told(f"Case opened: hours of {event.period.year} were missing past the last day", "", None, "", url)


def _listing(event, read: Reading) -> Told:
    year = event.candidacy.period.year
    url = reverse("compliance:candidate", args=[event.candidacy_id])
    if event.left_on:
        return Told(f"Left the list of {year}: {event.get_left_because_display().lower()}", "", event.left_on, "", url)
    title = f"On the list of those short in {year}" if is_new(event) else f"List of {year}: notice laid ready"
    return Told(title, f"last day {full_date(event.last_day)}", event.listed_on if is_new(event) else None, "", url)


def _check(event, read: Reading) -> Told:
    url = reverse("compliance:candidate", args=[event.listing.candidacy_id])
    return Told(
        f"Record looked at: {event.get_found_display().lower()}", event.words, None, "", url, event.checked_by_id
    )


def _case_url(event) -> str:
    return reverse("compliance:candidate", args=[event.candidacy_id])


def _undone(event, title: str) -> str:
    """The title, or that it was withdrawn."""
    return f"Withdrawn: {title[0].lower()}{title[1:]}" if event.voided_at else title


def _notice(event, read: Reading) -> Told:
    title = _undone(
        event, f"Notice served: {event.get_how_display().lower()}, to be answered by {full_date(event.answer_by)}"
    )
    number = f"number {event.certified_number}" if event.certified_number else ""
    detail = ", ".join(filter(None, [number, event.served_to]))
    return Told(title, detail, event.served_on, event.void_reason, _case_url(event))


def _answer(event, read: Reading) -> Told:
    who = event.teller or (str(event.agency) if event.agency_id else event.get_given_by_display())
    return Told(_undone(event, f"Answer to the case: {who}"), event.words, None, event.void_reason, _case_url(event))


def _submission(event, read: Reading) -> Told:
    if event.closed_at:
        title, reason = f"Case no longer before the Director: {event.get_closed_because_display().lower()}", ""
    else:
        title, reason = "Case put before the Director", event.override_reason
    return Told(_undone(event, title), event.words, None, event.void_reason or reason, _case_url(event))


def _decided(event, read: Reading) -> Told:
    until = f" until {full_date(event.until)}" if event.until else ""
    title = f"D-{event.pgh_obj_id:06d}, decided: {event.get_kind_display().lower()}{until}"
    return Told(title, event.decided_as, event.decided_on, event.reason, _case_url(event), event.decided_by_id)


def _left(event, read: Reading) -> Told:
    title = _undone(event, f"Case not pursued until {full_date(event.until)}")
    return Told(title, "", None, event.void_reason or event.reason, _case_url(event))


def _gap(event, read: Reading) -> Told:
    what, year = event.get_kind_display().lower(), event.period.year
    url = f"{reverse('compliance:gap_queue')}?officer={read.officer.license_number}&show=all"
    if event.resolved_at:
        title = f"Likely recording error of {year} settled: {event.get_how_display().lower()}"
        return Told(title, what, None, event.reason, url, event.resolved_by_id)
    if event.answered_at:
        title = f"The agency answered about {year}: {event.get_answer_display().lower()}"
        return Told(
            title, f"{what}; {event.answer_words}" if event.answer_words else what, None, "", url, event.answered_by_id
        )
    if event.asked_at:
        return Told(f"Asked {event.agency} about {year}: {what}", "", None, "", url, event.asked_by_id)
    return Told(f"May be a recording error of {year}: {what}", f"{event.score} of 100", event.found_on, "", url)


CASE_SOURCES = (
    events("case", Kind.CASE, Candidacy, "officer", _case, related=("period",), only=NEW),
    events("listing", Kind.CASE, Listing, "candidacy__officer", _listing, related=("candidacy__period",)),
    events("check", Kind.CASE, CandidacyCheck, "listing__candidacy__officer", _check, related=("listing",)),
    events(
        "gap",
        Kind.CASE,
        RecordingGap,
        "officer",
        _gap,
        related=("period", "agency"),
        only=NEW | Q(asked_at__isnull=False) | Q(answered_at__isnull=False) | Q(resolved_at__isnull=False),
    ),
    events("notice", Kind.CASE, CaseNotice, "candidacy__officer", _notice),
    events("answer", Kind.CASE, CaseAnswer, "candidacy__officer", _answer, related=("agency",)),
    events("submission", Kind.CASE, CaseSubmission, "candidacy__officer", _submission),
    events("decided", Kind.CASE, CaseDecision, "candidacy__officer", _decided, only=NEW),
    events("left", Kind.CASE, NotPursued, "candidacy__officer", _left),
)
