"""What waits for POST, queue by queue: the declarations of the workbench.

A queue is one entry of `QUEUES`: its name, the address of its list (a `paging.QueueMixin` where it is worked through
one by one), and `waits`, which says in one statement how many wait and since when the oldest. A queue whose count takes
longer than a page should is `is_slow`: the workbench is shown without it and asks for it afterwards.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Max, QuerySet, Window

from clee_portal import clock
from clee_portal.accounts.models import FactorRecovery
from compliance import case_states, reinstatements, relief
from compliance.case_states import Stage
from compliance.models import Candidacy, CandidacyCheck, CaseSubmission, Listing, RecordingGap, RecordReport
from training import claims, course_states, late_rosters, pairs
from training.models import HeldClass, ImportRow, InvitationRequest, Officer

# A queue whose oldest item has waited so many days is marked.
LONG = 14


class Waits(NamedTuple):
    """How many items wait, since what day the one that waits longest, and what that is."""

    count: int = 0
    since: dt.date | None = None
    longest: str = ""

    def days(self, today: dt.date) -> int | None:
        """For how many days the oldest has waited; None where nothing says since when."""
        return None if self.since is None else max((today - self.since).days, 0)


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: `code` in addresses, `name` and `sentence` on the page, `page` the name of its list's address."""

    code: str
    name: str
    sentence: str
    page: str
    waits: Callable[[dt.date], Waits]
    icon: str = "list-check"
    query: str = ""
    can_be_opened: bool = True
    """Whether its list opens the next item by itself (`?open=1`)."""
    is_slow: bool = False


def oldest(found: QuerySet, since: str, *names: str) -> Waits:
    """How many `found` holds and the one with the smallest `since`, called by its `names`. One statement."""
    counted = found.order_by(F(since).asc(nulls_last=True), "pk").annotate(waiting_in_all=Window(Count("pk")))
    row = counted.values_list("waiting_in_all", since, *names).first()
    if row is None:
        return Waits()
    count, moment, *words = row
    return Waits(count, _day(moment), " ".join(str(word) for word in words if word))


def _day(moment: dt.date | dt.datetime | None) -> dt.date | None:
    return clock.day_of(moment) if isinstance(moment, dt.datetime) else moment


_OFFICER = ("officer__first_name", "officer__last_name")
_CASE = tuple(f"candidacy__{name}" for name in _OFFICER)


def _relief(today: dt.date) -> Waits:
    undecided = relief.known(relief.as_of_all()).filter(latest=None)
    return oldest(undecided, "requested_on", *_OFFICER)


def _courses(today: dt.date) -> Waits:
    waiting = course_states.in_state(course_states.reviewed(clock.now()), course_states.TO_REVIEW)
    return oldest(waiting, "submitted_at", "agency__name", "provider__name")


def _held(today: dt.date) -> Waits:
    return oldest(
        ImportRow.objects.held().filter(is_for_post=True),
        "training_import__uploaded_at",
        "training_import__agency__name",
        "training_import__provider__name",
    )


def _held_classes(today: dt.date) -> Waits:
    return oldest(HeldClass.objects.waiting(), "recorded_at", "provider__name")


def _duplicates(today: dt.date) -> Waits:
    found = pairs.of_state(dt.date(today.year - 1, 1, 1), every=settings.STATE_COUNTED_EVERY)
    if not found:
        return Waits()
    first = min(found.keys, key=lambda key: (key.recorded_at, key.second))
    return Waits(len(found), _day(first.recorded_at), Officer.objects.get(pk=first.officer).full_name)


def _late(today: dt.date) -> Waits:
    return oldest(late_rosters.late_for_post(today), "ends_at", "provider__name")


def _onboarding(today: dt.date) -> Waits:
    asked = InvitationRequest.objects.filter(answered_at=None)
    return oldest(asked, "asked_at", *_OFFICER, "invitation__name")


def _claims(today: dt.date) -> Waits:
    claimed = claims.claimed_twice(today).values("officer").annotate(since=Max("started_on"))
    counted = claimed.order_by("since", "officer").annotate(waiting_in_all=Window(Count("officer")))
    row = counted.values_list("waiting_in_all", "since", *_OFFICER).first()
    return Waits(row[0], row[1], f"{row[2]} {row[3]}") if row else Waits()


def _candidates(today: dt.date) -> Waits:
    """Nobody has looked yet whether they are there by a mistake of recording."""
    unseen = Listing.objects.open().with_check().filter(check_found=None)
    return oldest(unseen, "listed_on", *_CASE)


def _without_notice(today: dt.date) -> Waits:
    clean = Listing.objects.open().with_check().filter(check_found=CandidacyCheck.Found.NO_ERROR, notices=None)
    return oldest(clean, "listed_on", *_CASE)


def _gaps(today: dt.date) -> Waits:
    return oldest(RecordingGap.objects.unresolved().likely(), "found_on", *_OFFICER)


def _to_put_forward(today: dt.date) -> Waits:
    """Notice was served, and the time to answer is over."""
    found = case_states.in_stage(case_states.with_course(Candidacy.objects.all(), today), Stage.READY, today)
    return oldest(found, "answer_by", *_OFFICER)


def _decisions(today: dt.date) -> Waits:
    return oldest(CaseSubmission.objects.live().filter(closed_at=None), "as_of", *_CASE)


def _reported(today: dt.date) -> Waits:
    return oldest(RecordReport.objects.with_post(), "escalated_at", *_OFFICER)


def _to_reinstate(today: dt.date) -> Waits:
    return Waits(reinstatements.count())


def _recoveries(today: dt.date) -> Waits:
    waiting = FactorRecovery.objects.unfinished(clock.now()).filter(needs_approval=True, approved_by=None)
    return oldest(waiting, "opened_at", "user__email")


QUEUES = (
    Queue(
        "extensions",
        "Extensions and waivers",
        "Requests for more time. While one waits, its officer is on no list.",
        "compliance:relief_queue",
        _relief,
        "calendar-plus",
    ),
    Queue(
        "courses",
        "Courses to approve",
        "In-service courses, whose hours count already; and underwritten ones, which POST approves 30 days ahead.",
        "training:course_queue",
        _courses,
        "mortarboard",
    ),
    Queue(
        "candidates",
        "Past the last day, not looked at",
        "Look for recording errors before anyone is written to.",
        "compliance:candidate_list",
        _candidates,
        "hourglass-split",
        "show=unseen",
        can_be_opened=False,
    ),
    Queue(
        "notices",
        "Past the last day, to be written to",
        "No recording error was found, and no notice is laid ready yet.",
        "compliance:candidate_list",
        _without_notice,
        "envelope",
        "show=no_error",
        can_be_opened=False,
    ),
    Queue(
        "recording-errors",
        "Likely recording errors",
        "Hours that are probably somewhere: to be put to the agency, or settled with a reason.",
        "compliance:gap_queue",
        _gaps,
        "question-circle",
        can_be_opened=False,
    ),
    Queue(
        "reported",
        "Reported by officers",
        "Classes said to be missing or wrong that nobody mended in time, and training of other states.",
        "compliance:report_queue",
        _reported,
        "exclamation-circle",
    ),
    Queue(
        "cases",
        "Cases to put before the Director",
        "Notice was served, and the time to answer is over.",
        "compliance:case_list",
        _to_put_forward,
        "arrow-right",
        "stage=ready",
        can_be_opened=False,
    ),
    Queue(
        "decisions",
        "Decisions awaited",
        "Cases before the Director or a designated agent, who alone decide.",
        "compliance:case_queue",
        _decisions,
        "clipboard-check",
        can_be_opened=False,
    ),
    Queue(
        "reinstatements",
        "To be reinstated",
        "The hours are shown, and the license is still inactive.",
        "compliance:reinstatement_list",
        _to_reinstate,
        "arrow-counterclockwise",
        can_be_opened=False,
        is_slow=True,
    ),
    Queue(
        "held",
        "Held rows",
        "What an agency sent in and cannot place itself: names of nobody on its roster, training others gave.",
        "training:held_for_post",
        _held,
        "pause-circle",
    ),
    Queue(
        "held_classes",
        "Held classes",
        "Whole classes of providers whose license was not valid on the day they ended: mended, they are released.",
        "training:held_class_list",
        _held_classes,
        "pause-circle",
        can_be_opened=False,
    ),
    Queue(
        "duplicates",
        "Duplicates",
        "Pairs of entries that look like one training and count twice.",
        "training:duplicates_of_state",
        _duplicates,
        "files",
        is_slow=True,
    ),
    Queue(
        "late-rosters",
        "Late rosters",
        "Classes of providers that ended 30 days ago and more, and nobody was told who completed them.",
        "training:late_rosters",
        _late,
        "clock-history",
        can_be_opened=False,
    ),
    Queue(
        "onboarding",
        "Invitations asked for",
        "Officers agencies ask POST to invite, and links that expired or were locked.",
        "training:invitation_requests",
        _onboarding,
        "person-plus",
        can_be_opened=False,
    ),
    Queue(
        "claims",
        "Claimed by two agencies",
        "Officers of whom not both agencies have said that it is right. Waiting since the later commission began.",
        "training:commission_claims",
        _claims,
        "people",
        can_be_opened=False,
    ),
    Queue(
        "second-steps",
        "Lost second steps",
        "Somebody who acts for the state waits for a second member of POST staff.",
        "recovery_list",
        _recoveries,
        "key",
        can_be_opened=False,
    ),
)


def by_code(code: str) -> Queue | None:
    """The queue of an address; None where there is none."""
    return next((one for one in QUEUES if one.code == code), None)
