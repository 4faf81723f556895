"""Campaigns: begun, weighed by the safety catch, held, let go and stopped; and how one is getting on.

A kind of campaign that goes by itself (reminders) is begun by `begin` in the transaction that puts its
messages; one that never does (notices to candidates) is laid ready by `prepare`. The safety catch holds a campaign
whose size is far from what was to be expected, and says so in words, until POST lets it go with a reason.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from notifications import access, outbox
from notifications.models import Campaign, Message

State = Campaign.State

# Messages that are not done with, and how the rest ended.
OPEN = (Message.State.WAITING, Message.State.HELD, Message.State.SENDING, Message.State.FAILED)
TROUBLE = (Message.State.FAILED, Message.State.REFUSED, Message.State.GAVE_UP, Message.State.UNKNOWN)
LONGEST_REASON = 500


class Expectation(NamedTuple):
    """How many messages were to be expected, and what says so: "last year's same reminder had 412 messages"."""

    count: int
    because: str


Expectations = Callable[[], Iterable[Expectation]]


def _locked(occasion: str, key: str) -> Campaign:
    """The campaign, made if it is not there yet; locked, so that putting, holding and letting go take turns."""
    Campaign.objects.bulk_create([Campaign(occasion=occasion, key=key)], ignore_conflicts=True)
    return Campaign.objects.select_for_update(no_key=True).get(occasion=occasion, key=key)


@transaction.atomic
def plan(*, occasion: str, keys: Iterable[str]) -> None:
    """Make the campaigns that are to come, so that they can be looked at and held beforehand; those there stay."""
    rows = [Campaign(occasion=occasion, key=key) for key in keys]
    Campaign.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def begin(*, occasion: str, key: str, coming: int, expectations: Expectations | None = None) -> Campaign:
    """Begin a campaign whose time has come, or add `coming` messages to it. Call it in the transaction that puts them,
    before they are put: where the catch holds it, they are held.

    `expectations` are asked for once, when it begins; without them it is not weighed then (of several waves due at
    once only the last one's messages go). Later it is weighed against what was expected then, or was let go with.
    """
    campaign = _locked(occasion, key)
    begins = campaign.began_at is None
    if begins:
        campaign.began_at = clock.now()
        if campaign.state == State.PLANNED:
            campaign.state = State.GOING
    if campaign.state == State.GOING:
        size = size_of(campaign) + coming
        expected = list(expectations()) if begins and expectations else []
        if not begins and campaign.expected is not None:
            expected = [Expectation(campaign.expected, campaign.expected_because)]
        _weigh(campaign, size, expected, begins=begins)
    campaign.save()
    return campaign


@transaction.atomic
def prepare(*, occasion: str, key: str, because: str, size: int, expectations: Iterable[Expectation] = ()) -> Campaign:
    """Lay a campaign ready that goes only when POST lets it go. Raises `Refused` where there is one of that key."""
    if Campaign.objects.filter(occasion=occasion, key=key).exists():
        raise Refused("Somebody has just laid these messages ready. Look at the page again.")
    campaign = _locked(occasion, key)
    campaign.state, campaign.began_at = State.GOING, clock.now()
    _weigh(campaign, size, list(expectations), begins=True)
    if campaign.state == State.GOING:
        campaign.state, campaign.held_at, campaign.held_because = State.HELD, clock.now(), because
        campaign.expected = None
    campaign.save()
    return campaign


def _weigh(campaign: Campaign, size: int, expected: list[Expectation], *, begins: bool) -> None:
    """The safety catch: hold the campaign where its size is far from anything that was expected."""
    far = next((one for one in expected if _is_far(size, one.count, begins=begins)), None)
    if chosen := far or next(iter(expected), None):
        campaign.expected, campaign.expected_because = chosen.count, chosen.because[:300]
    if far is None:
        return
    people = count_words(size, "person", "people")
    campaign.state, campaign.held_at, campaign.held_by = State.HELD, clock.now(), None
    campaign.held_because = (
        f"Held by the safety catch: {people} would be written to, but about {far.count:,} "
        f"{'was' if far.count == 1 else 'were'} to be expected ({far.because})."
    )
    outbox.hold(campaign.messages.all())


def _is_far(size: int, expected: int, *, begins: bool) -> bool:
    """Whether a size is far from what was expected: more than `CAMPAIGN_FACTOR` times as many or, when it begins, as
    few. Fewer than `CAMPAIGN_MINIMUM` messages are never too many, and never missed."""
    factor, minimum = settings.CAMPAIGN_FACTOR, settings.CAMPAIGN_MINIMUM
    if size > max(minimum, factor * expected):
        return True
    return begins and expected >= minimum and size * factor < expected


@transaction.atomic
def hold(*, by: User, campaign: Campaign, reason: str) -> Campaign:
    """POST holds a campaign before it goes, or stops it while it goes: what nobody has handed over stays. Raises
    `Refused` without the right or a reason, and where it is held already."""
    row = _to_decide(by, campaign, "hold")
    reason = _reason(reason, "Say why it is held: whoever looks at it next will want to know.")
    if row.state == State.HELD:
        raise Refused(f"It is held already, since {_when(row.held_at)}{_by(row.held_by)}.")
    row.state, row.held_at, row.held_by, row.held_because = State.HELD, clock.now(), by, reason
    with history.because(f"Held: {reason}"):
        row.save()
        outbox.hold(row.messages.all())
    return row


@transaction.atomic
def release(*, by: User, campaign: Campaign, reason: str = "") -> Campaign:
    """POST lets a campaign go that is held, or goes on with one that was stopped. One that was held before its day is
    planned again. Raises `Refused` without the right, where it is not held, and without a reason where the safety
    catch holds it."""
    row = _to_decide(by, campaign, "release")
    if row.state != State.HELD:
        raise Refused(f"It is not held{_let_go(row)}.")
    if is_caught(row):
        reason = _reason(reason, "Say why this number of people is right: the safety catch holds it.")
    row.released_at, row.released_by, row.released_because = clock.now(), by, " ".join(reason.split())[:LONGEST_REASON]
    if row.began_at is None:
        row.state = State.PLANNED
    else:
        row.state, row.expected = State.GOING, size_of(row)
        row.expected_because = "POST let it go at this size"
    with history.because(f"Released: {reason}" if reason else "Released"):
        row.save()
        if row.state == State.GOING:
            outbox.release(row.messages.all())
    return row


def _to_decide(by: User, campaign: Campaign, act: str) -> Campaign:
    if not access.can_decide_campaigns(by):
        raise Refused(f"Only POST staff can {act} messages to many people.")
    # Who held it or let it go is read after the lock: a row joined before it may be older than the locked one.
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def _reason(given: str, missing: str) -> str:
    words = " ".join(given.split())
    if not words:
        raise Refused(missing, field="reason")
    if len(words) > LONGEST_REASON:
        raise Refused(f"The reason may have {LONGEST_REASON} characters; this one has {len(words)}.", field="reason")
    return words


def _when(moment: dt.datetime) -> str:
    local = moment.astimezone(clock.CHICAGO)
    return f"{local:%B} {local.day}, {local.hour % 12 or 12}:{local:%M %p}"


def _let_go(campaign: Campaign) -> str:
    by = campaign.released_by
    return f": {by.name or by.email} let it go" if by else ""


def _by(user: User | None) -> str:
    return f" by {user.name or user.email}" if user else ""


def is_caught(campaign: Campaign) -> bool:
    """Whether the safety catch holds it."""
    return campaign.state == State.HELD and campaign.held_by_id is None and campaign.expected is not None


def size_of(campaign: Campaign) -> int:
    """How many messages of it go or went: those that a later one of their series took the place of are left out."""
    return campaign.messages.exclude(state=Message.State.SUPERSEDED).count()


# How it is getting on ------------------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """How the messages of a campaign are getting on: how many are in which state, and how fast they go."""

    counts: dict[str, int]
    sent_last_minute: int
    first_at: dt.datetime | None  # when the first was tried
    last_at: dt.datetime | None  # when the last was settled

    @property
    def total(self) -> int:
        """All messages but those superseded."""
        return sum(self.counts.values()) - self.counts.get(Message.State.SUPERSEDED, 0)

    @property
    def sent(self) -> int:
        """Those that the mail server took."""
        return self.counts.get(Message.State.SENT, 0)

    @property
    def held(self) -> int:
        """Those held back."""
        return self.counts.get(Message.State.HELD, 0)

    @property
    def left(self) -> int:
        """Those not done with, those held included."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def done(self) -> int:
        """Those done with, however they ended."""
        return self.total - self.left

    @property
    def trouble(self) -> int:
        """Those that failed, now or for good."""
        return sum(self.counts.get(state, 0) for state in TROUBLE)

    @property
    def minutes_left(self) -> int | None:
        """Minutes until all are sent at the pace of the last minute; None where none were sent in it."""
        to_go = self.left - self.held
        return -(-to_go // self.sent_last_minute) if self.sent_last_minute and to_go else None

    def rows(self) -> list[tuple[str, str, int]]:
        """State, its words and how many, of those that occur, in the order of the states."""
        return [(one.value, one.label, self.counts[one]) for one in Message.State if self.counts.get(one)]


def progress(campaign: Campaign, now: dt.datetime) -> Progress:
    """How a campaign is getting on, in one statement."""
    return progress_of([campaign.pk], now).get(campaign.pk, Progress({}, 0, None, None))


def progress_of(campaigns: Iterable[int], now: dt.datetime) -> dict[int, Progress]:
    """Campaign id -> how it is getting on, in one statement for all; those without messages are left out."""
    recent = Q(state=Message.State.SENT, settled_at__gt=now - dt.timedelta(minutes=1))
    rows = (
        Message.objects.filter(campaign__in=list(campaigns))
        .order_by()
        .values("campaign", "state")
        .annotate(n=Count("pk"), recent=Count("pk", filter=recent), first=Min("first_tried_at"), last=Max("settled_at"))
    )
    found: dict[int, list] = {}
    for row in rows:
        found.setdefault(row["campaign"], []).append(row)
    return {
        pk: Progress(
            {row["state"]: row["n"] for row in of},
            sum(row["recent"] for row in of),
            min((row["first"] for row in of if row["first"]), default=None),
            max((row["last"] for row in of if row["last"]), default=None),
        )
        for pk, of in found.items()
    }


class Failure(NamedTuple):
    """One kind of failure: the state it led to, what was said, and how many messages it concerns."""

    state: str
    label: str
    note: str
    count: int


def failures(campaign: Campaign, most: int = 12) -> list[Failure]:
    """The kinds of failure of a campaign, the most frequent first."""
    rows = campaign.messages.filter(state__in=TROUBLE).order_by().values("state", "note").annotate(n=Count("pk"))
    return [
        Failure(row["state"], Message.State(row["state"]).label, row["note"], row["n"])
        for row in rows.order_by("-n", "state", "note")[:most]
    ]
