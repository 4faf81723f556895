"""What is told about requests for relief: to whom, whether it is still true, and in which words.

The officer and the CEO of each agency of the officer are told, and the delegate who asked. An agency that did not ask
reads that there is a request and what became of it: neither the leave nor a reason (rulebook 8).
"""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import access, relief, standings, stands
from compliance.models import ReliefDecision, ReliefQuestion, ReliefRequest
from compliance.relief import State, state_of
from compliance.verdict import Finding, Standing
from compliance.wording import full_date
from notifications.occasions import Occasion
from training import telling
from training.models import Commission, Membership

DAYS_BEFORE = (14, 3)
# An extension whose end is told of: hours are missing, and it is what keeps the officer off the list.
_UNDER_EXTENSION = (Standing.IN_PROGRESS, Standing.EXTENDED)


class Key(NamedTuple):
    """What a message is about: a request, question or decision, and for whom."""

    thing: int
    user: int

    def __str__(self) -> str:
        return f"{self.thing}:{self.user}"


class EndingKey(NamedTuple):
    """A decision that granted an extension, how many days before its end, and for whom."""

    thing: int
    before: int
    user: int

    def __str__(self) -> str:
        return f"{self.thing}:{self.before}:{self.user}"


def people(request: ReliefRequest, today: dt.date, *, only_who_asked: bool = False) -> dict[int, str]:
    """User id -> address of everybody a message about `request` goes to; of the agencies perhaps only the one that
    asked."""
    held = Commission.objects.in_force(today).filter(officer=request.officer_id)
    if only_who_asked:
        held = held.filter(agency=request.agency_id)
    theirs = Q(role=Membership.Role.OFFICER, officer=request.officer_id)
    theirs |= Q(role=Membership.Role.AGENCY_CEO, agency__in=held.values("agency"))
    if request.agency_id and request.recorded_by_id:
        theirs |= Q(agency=request.agency_id, user=request.recorded_by_id, agency__in=held.values("agency"))
    ties = Membership.objects.current(today).filter(theirs, user__is_active=True)
    found = ties.annotate(address=telling.address_of_tie()).order_by("user", "role")
    return dict(found.values_list("user", "address"))


def ends_with_hours_missing(finding: Finding, due_on: dt.date) -> bool:
    """Whether the end of an extension on `due_on` matters: hours are missing, and no later extension is in force."""
    return finding.standing in _UNDER_EXTENSION and bool(finding.short) and finding.due_on == due_on


class _About(NamedTuple):
    """A message read again: the request as it stands, who reads, and what it is about."""

    request: ReliefRequest
    reader: User
    decision: ReliefDecision | None = None
    question: ReliefQuestion | None = None

    @property
    def is_own(self) -> bool:
        return self.request.officer in access.own_licenses(self.reader)

    @property
    def name(self) -> str:
        return self.request.officer.full_name

    @property
    def what(self) -> str:
        """An extension for 2025."""
        article = "an extension" if self.request.kind == ReliefRequest.Kind.EXTENSION else "a waiver"
        return f"{article} for {self.request.period.year}"

    def does(self, you: str, other: str) -> str:
        """ "You have" or "Dana Whitlock has"."""
        return f"You {you}" if self.is_own else f"{self.name} {other}"

    @property
    def why(self) -> list[str]:
        """The reason of the decision, for those who are told it."""
        if not self.decision.reason or not access.can_see_leave(self.reader, self.request):
            return []
        return [f"POST wrote: {self.decision.reason}"]


def _request(pk: int) -> ReliefRequest | None:
    return relief.known(relief.as_of_all()).filter(pk=pk).first()


def _about(key: Key, decisions: bool = False, questions: bool = False) -> _About | None:
    """What a key is about; None where it is no more."""
    decision = question = None
    number = key.thing
    if decisions:
        decision = ReliefDecision.objects.live().filter(pk=key.thing).first()
        number = decision.request_id if decision else 0
    if questions:
        question = ReliefQuestion.objects.live().filter(pk=key.thing, answered_at=None).first()
        number = question.request_id if question else 0
    request, reader = _request(number), User.objects.filter(pk=key.user, is_active=True).first()
    if request is None or reader is None or reader.pk not in people(request, clock.today()):
        return None
    if question and request.latest:
        return None
    if decision and (last := relief.decisions_of(request)) and last[-1].pk != decision.pk:
        return None
    return _About(request, reader, decision, question)


class Words(NamedTuple):
    """A message in words: the first line, sentences, what to do."""

    headline: str
    sentences: list[str]
    step: str = "See the request"
    missing: list = []
    contacts: list | None = None


def _received(about: _About) -> Words:
    request = about.request
    whose = f"for {about.name}"
    if about.is_own:
        whose = "of yours" if request.asked_by == request.AskedBy.OFFICER else "for you"
    return Words(
        f"POST has a request {whose}: {about.what}.",
        [
            f"The reference number is {request.reference}.",
            "POST looks at it and decides, or asks for more. Each time a mail like this one is sent.",
            f"Until then nothing happens to the license over the hours of {request.period.year}. Hours that can be "
            "completed still count.",
        ],
    )


def _more_asked(about: _About) -> Words:
    asked = "Sign in to read what is missing."
    if access.can_read_words(about.reader, about.request):
        asked = f"POST wrote: {about.question.words}"
    return Words(
        f"POST needs more before it can decide on {about.what}{'' if about.is_own else f' of {about.name}'}.",
        [asked, "The request stays open, and nothing happens to the license before POST has decided."],
        "Answer",
    )


def _granted(about: _About) -> Words:
    year, due = about.request.period.year, about.decision.due_on
    if about.request.kind == ReliefRequest.Kind.WAIVER:
        head, after = f"{about.does('are', 'is')} excused for {year}.", "No hours are owed for that year."
    else:
        head = f"{about.does('have', 'has')} until {full_date(due)} to complete and show the hours of {year}."
        after = (
            f"A class completed after {full_date(about.request.period.ends_on)} has to be credited to {year}: tell "
            "whoever holds it. It cannot count for two years."
        )
    return Words(head, [f"POST granted {about.what}.", after, *about.why], "See the standing")


def _denied(about: _About) -> Words:
    return Words(
        f"POST denied {about.what}{'' if about.is_own else f' for {about.name}'}.",
        [
            *about.why,
            "The hours are owed as before. The standing page says what is missing and by when.",
            "Where something was overlooked, call POST, (573) 751-3409, with the reference number "
            f"{about.request.reference}.",
        ],
        "See the standing",
    )


def _ended(about: _About) -> Words:
    what = about.what.partition(" ")[2]
    return Words(
        f"POST took the {what}{'' if about.is_own else f' of {about.name}'} back on "
        f"{full_date(about.decision.decided_on)}.",
        [*about.why, "The hours are owed again. The standing page says what is missing and by when."],
        "See the standing",
    )


def _ending(about: _About) -> Words:
    asked = standings.question(about.request.period, relief.as_of_all())
    finding = standings.of_officer(asked, about.request.officer)
    whose = "Your" if about.is_own else f"{about.name}’s"
    people = stands.officers_and_contacts([about.request.officer_id], clock.today()) if about.is_own else {}
    contacts = people[about.request.officer_id][1] if people else None
    year = about.request.period.year
    return Words(
        f"{whose} extension for {year} ends on {full_date(about.request.latest_due_on)}, and hours are missing.",
        [
            f"After that day the Director may make the license inactive; it never happens by itself. If the leave goes "
            f"on, ask for more time before {full_date(about.request.latest_due_on)}.",
        ],
        "See the standing",
        stands.missing(asked, finding),
        contacts=contacts,
    )


def _context(words, **about):
    def context(key: str) -> dict:
        found = _about(_read(key), **about)
        said = words(found)
        officer = found.request.officer
        to_standing = reverse("compliance:officer_standing", args=[officer.license_number])
        to_request = reverse("compliance:relief_request", args=[found.request.reference])
        path = f"{to_standing}?period={found.request.period.year}" if "standing" in said.step else to_request
        return {
            "name": found.reader.name,
            "headline": said.headline,
            "sentences": said.sentences,
            "missing": said.missing,
            "contacts": said.contacts,
            "says_contacts": said.contacts is not None,
            "year": found.request.period.year,
            "reference": found.request.reference,
            "step": said.step,
            "url": f"{settings.PORTAL_URL}{path}",
            "is_own": found.is_own,
        }

    return context


def _read(key: str) -> Key:
    numbers = [int(one) for one in key.split(":")]
    return Key(numbers[0], numbers[-1])


def _is_due(**about):
    return lambda key: _about(_read(key), **about) is not None


def _ending_is_due(key: str) -> bool:
    about = _about(_read(key), decisions=True)
    if about is None or state_of(about.request) != State.GRANTED:
        return False
    if about.request.latest_due_on is None or about.request.latest_due_on < clock.today():  # a waiver has no last day
        return False
    asked = standings.question(about.request.period, relief.as_of_all())
    return ends_with_hours_missing(standings.of_officer(asked, about.request.officer), about.request.latest_due_on)


def _reader(request: ReliefRequest) -> int | None:
    """Whose mail about a request POST reads beforehand: the officer's own, else of somebody of the agency."""
    readers = people(request, clock.today())
    ties = Membership.objects.filter(role=Membership.Role.OFFICER, officer=request.officer_id, user__in=readers)
    own = ties.values_list("user", flat=True).first()
    return own or next(iter(readers), None)


def _requests(officer: int):
    found = ReliefRequest.objects.live().filter(officer=officer).order_by("-recorded_at", "-pk")
    return [(one.pk, one) for one in found]


def _questions(officer: int):
    found = ReliefQuestion.objects.live().filter(request__officer=officer, answered_at=None)
    return [(one.pk, one.request) for one in found.select_related("request").order_by("-recorded_at", "-pk")]


def _decisions(decision: str, before: str = ""):
    def find(officer: int):
        found = ReliefDecision.objects.live().filter(request__officer=officer, decision=decision)
        found = found.select_related("request").order_by("-recorded_at", "-pk")
        return [(f"{one.pk}{before}", one.request) for one in found]

    return find


def _sample(find, is_due):
    """What finds the key of the latest such mail about an officer that would still be sent."""

    def sample(officer: int) -> str | None:
        for thing, request in find(officer):
            reader = _reader(request)
            if reader and is_due(key := f"{thing}:{reader}"):
                return key
        return None

    return sample


_AUDIENCE = _("The officer and the CEO of each agency of the officer, if connected, and the delegate who asked.")
_WHO_ASKED = _("The officer, and of the agency that asked its CEO and whoever asked, if connected.")


def _occasion(code: str, title: str, words, find, is_due, *, purpose: str, audience: str = _AUDIENCE, **about):
    return Occasion(
        code=f"relief_{code}",
        title=title,
        context=_context(words, **about),
        still_due=is_due,
        purpose=purpose,
        audience=audience,
        about="officer",
        sample=_sample(find, is_due),
    )


_DECIDED = (
    (
        ReliefDecision.Decision.GRANTED,
        _("Extension or waiver granted"),
        _granted,
        _("POST granted more time, or excused the officer for the year: until when, and how hours are credited."),
    ),
    (
        ReliefDecision.Decision.DENIED,
        _("Extension or waiver denied"),
        _denied,
        _("POST denied more time: why, for those who may read it, and that the hours are owed as before."),
    ),
    (
        ReliefDecision.Decision.ENDED,
        _("Extension or waiver taken back"),
        _ended,
        _("POST took an extension or waiver back, and the hours are owed again."),
    ),
)

OCCASIONS = (
    _occasion(
        "received",
        _("Request for more time received"),
        _received,
        _requests,
        _is_due(),
        purpose=_("A request for more time is with POST: its number, and what comes next."),
    ),
    _occasion(
        "more_asked",
        _("POST asks for more before it decides"),
        _more_asked,
        _questions,
        _is_due(questions=True),
        purpose=_("POST needs more before it can decide on a request."),
        audience=_WHO_ASKED,
        questions=True,
    ),
    *(
        _occasion(
            decision.value, title, words, _decisions(decision), _is_due(decisions=True), purpose=purpose, decisions=True
        )
        for decision, title, words, purpose in _DECIDED
    ),
    _occasion(
        "about_to_end",
        _("An extension ends soon"),
        _ending,
        _decisions(ReliefDecision.Decision.GRANTED, f":{DAYS_BEFORE[-1]}"),
        _ending_is_due,
        purpose=_("An extension ends in 14 or 3 days, and hours are missing."),
        decisions=True,
    ),
)
