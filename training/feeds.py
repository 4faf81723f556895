"""Calendar feeds: the classes of any search, one class, and what concerns one account.

Programs follow a change by UID and SEQUENCE, and a class that is called off by its STATUS: it stays in the feed for a
while. A class of several meetings is one event for each of them, since programs that subscribe know no list of days
(docs/decisions: one event for each meeting).
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Max, Q
from django.urls import reverse

from clee_portal import clock
from clee_portal.templatetags.look import count_words
from training import class_words, ical
from training.models import Membership, ProviderLicense, Registration, ScheduledClass, ScheduledLine, ScheduledMeeting
from training.models.memberships import memberships_of
from training.models.sources import Delivery

# What is over, given back or called off stays so long, in days, so that programs that look seldom take it away.
STAYS = 30
_COLUMNS = (
    "pk", "uid", "sequence", "changed_at", "state", "called_off_because", "delivery", "place", "address", "city",
    "zip_code", "latitude", "longitude", "directions", "fee", "contact_email", "contact_phone", "course__title",
    "course__synopsis", "provider__name", "provider__email",
)  # fmt: skip


class Held(NamedTuple):
    """A class as its events need it: the columns of a row, in the order of `_COLUMNS`."""

    pk: int
    uid: str
    sequence: int
    changed_at: dt.datetime
    state: str
    called_off_because: str
    delivery: str
    place: str
    address: str
    city: str
    zip_code: str
    latitude: float | None
    longitude: float | None
    directions: str
    fee: object
    contact_email: str
    contact_phone: str
    title: str
    synopsis: str
    provider: str
    provider_email: str


class Deadline(NamedTuple):
    """A day by which an officer has to have done something. `key` names it, `path` is the page that tells why."""

    key: str
    day: dt.date
    summary: str
    description: str
    path: str
    known_at: dt.datetime


Find = Callable[[int, dt.datetime], Iterable[Deadline]]
_deadlines: list[Find] = []


def deadlines_from(find: Find) -> None:
    """From now on `find(officer, now)` says which deadlines an officer still has."""
    _deadlines[:] = [find]


def since(day: dt.date) -> dt.datetime:
    """The moment from which on classes are in a feed on `day`, by when they end."""
    return dt.datetime.combine(day - dt.timedelta(days=STAYS), dt.time(), clock.CHICAGO)


def uid(name) -> str:
    """The name of a thing in calendar programs."""
    return f"{name}@{settings.MAIL_DOMAIN}"


def url(path: str) -> str:
    """A page of the portal, as a calendar program opens it."""
    return f"{settings.PORTAL_URL}{path}"


def of_classes(classes, *, name: str, about: str = "") -> bytes:
    """The feed of `classes`, a queryset of published ones, in their order: three statements, however many there are."""
    return ical.calendar(events_of(classes), name=name, about=about)


def events_of(classes, said: Callable[[Held], dict] = lambda held: {}) -> list[ical.Event]:
    """The events of `classes`, each at its meetings. `said` gives what else is said of one (fields of `Event`)."""
    rows = [Held._make(row) for row in classes.values_list(*_COLUMNS)]
    numbers = classes.order_by().values("pk")
    meetings, lines = defaultdict(list), defaultdict(list)
    found = ScheduledMeeting.objects.filter(scheduled_class__in=numbers).order_by("begins_at")
    for pk, begins, ends in found.values_list("scheduled_class", "begins_at", "ends_at"):
        meetings[pk].append((begins, ends))
    found = ScheduledLine.objects.filter(scheduled_class__in=numbers).order_by(
        "area__order", F("topic__order").asc(nulls_last=True)
    )
    for pk, *line in found.values_list("scheduled_class", "area__name", "topic__name", "hours"):
        lines[pk].append(tuple(line))
    # Asked for once: a feed has thousands.
    before, _, after = url(reverse("training:calendar_class", args=["S-"])).rpartition("S-")
    return [
        ical.Event(
            **_said(
                _common(held, class_words.gives(lines[held.pk]), f"{before}S-{held.pk:06d}{after}") | said(held),
                meetings[held.pk],
            )
        )
        for held in rows
    ]


def _said(told: dict, meetings: list) -> dict:
    """The fields of an event, of what is told of a class."""
    if added := told.pop("added", ""):
        told["description"] = f"{told['description']}\n{added}"
    return told | {"uid": uid(told["uid"]), "times": meetings}


def _common(held: Held, gives: str, page: str) -> dict:
    """What is said of a class to everybody."""
    is_off = held.state == ScheduledClass.State.CALLED_OFF
    told = [
        f"Called off: {held.called_off_because}" if is_off else "",
        gives,
        f"{held.provider}. Fee: {class_words.fee(held.fee)}."
        + (f" {held.contact_phone}" if held.contact_phone else ""),
        held.synopsis,
        page,
    ]
    is_online = held.delivery == Delivery.ONLINE
    return {
        "uid": held.uid,
        "sequence": held.sequence,
        "stamp": held.changed_at,
        "summary": f"Called off: {held.title}" if is_off else held.title,
        "status": ical.CANCELLED if is_off else ical.CONFIRMED,
        "location": "Online" if is_online else class_words.where(held.place, held.address, held.city, held.zip_code),
        "latitude": held.latitude,
        "longitude": held.longitude,
        "description": "\n".join(part for part in told if part),
        "url": page,
        "organizer": held.provider,
        "organizer_email": held.contact_email or held.provider_email,
    }


def fingerprint(body: bytes) -> str:
    """What tells one state of a calendar from another (its ETag)."""
    return hashlib.sha256(body).hexdigest()[:32]


def changed_at(day: dt.date) -> dt.datetime:
    """When anything last changed that the public feeds show: a class, a provider's license, the day itself."""
    latest = ScheduledClass.objects.aggregate(at=Max("changed_at"))["at"]
    licenses = ProviderLicense.objects.aggregate(made=Max("recorded_at"), voided=Max("voided_at"))
    midnight = dt.datetime.combine(day, dt.time(), clock.CHICAGO)
    return max(at for at in (latest, *licenses.values(), midnight) if at is not None)


# The private feed ----------------------------------------------------------------------------------------------------

# In this order a registration goes; a later one of the same class follows an earlier one.
_RANK = {"waiting": 0, "offered": 1, "registered": 2}
_LAST_RANK = 3


def of_account(user, now: dt.datetime) -> bytes:
    """The private feed of an account: its own seats and deadlines as an officer, the classes of its agencies' officers,
    the classes its provider gives. What the account is on the day counts: a role that ended shows nothing more."""
    day = clock.day_of(now)
    events: list[ical.Event] = []
    officers, agencies, providers = [], [], []
    for member in memberships_of(user):
        if member.role == Membership.Role.OFFICER:
            officers.append(member.officer_id)
        elif member.role == Membership.Role.PROVIDER_STAFF:
            providers.append(member.provider_id)
        else:
            agencies.append(member.agency_id)
    for officer in officers:
        events += _seats(officer, now)
        for find in _deadlines:
            events += [_deadline(one, officer) for one in find(officer, now)]
    if agencies:
        events += _of_agencies(agencies, now)
    if providers:
        given = ScheduledClass.objects.published().filter(provider__in=providers, ends_at__gte=since(day))
        events += events_of(given.order_by("begins_at", "pk"), _at_the_provider)
    return ical.calendar(events, name="CLEE Portal", about="Classes and deadlines of one account of the CLEE Portal.")


def _seats(officer: int, now: dt.datetime) -> list[ical.Event]:
    """The classes an officer has a seat in or waits for, and for a while those given up."""
    rows = Registration.objects.filter(officer=officer, scheduled_class__ends_at__gte=since(clock.day_of(now)))
    latest: dict[int, Registration] = {}
    count: dict[int, int] = defaultdict(int)
    for one in rows.order_by("turn"):
        latest[one.scheduled_class_id] = one
        count[one.scheduled_class_id] += 1
    classes = ScheduledClass.objects.filter(pk__in=latest).order_by("begins_at", "pk")
    return events_of(classes, lambda held: _seat(held, latest[held.pk], count[held.pk]))


def _seat(held: Held, one: Registration, times: int) -> dict:
    """What a registration adds to the events of its class."""
    is_off = held.state == ScheduledClass.State.CALLED_OFF
    rank = _LAST_RANK if is_off else _RANK.get(one.state, _LAST_RANK)
    said = {
        "uid": f"seat-{held.uid}",
        "sequence": held.sequence * 100 + (times - 1) * (_LAST_RANK + 1) + rank,
        "stamp": max(at for at in (held.changed_at, one.asked_at, one.seated_at, one.offered_at, one.ended_at) if at),
    }
    if is_off:
        return said
    if one.state == Registration.State.WAITING:
        return said | {"status": ical.TENTATIVE, "summary": f"Wait-list: {held.title}", "is_busy": False}
    if one.state == Registration.State.OFFERED:
        return said | {"status": ical.TENTATIVE, "summary": f"A seat is offered to you: {held.title}"}
    if one.state != Registration.State.REGISTERED:
        return said | {"status": ical.CANCELLED, "summary": f"Not registered any more: {held.title}"}
    return said | {"added": held.directions}  # told to those with a seat alone


def _of_agencies(agencies: list[int], now: dt.datetime) -> list[ical.Event]:
    """The classes officers of the agencies have a seat in. How many, not who: a calendar leaves the portal."""
    day = clock.day_of(now)
    seated = Registration.objects.seated().filter(
        Q(officer__commissions__ended_on=None) | Q(officer__commissions__ended_on__gte=day),
        officer__commissions__agency__in=agencies,
        officer__commissions__started_on__lte=day,
        scheduled_class__ends_at__gte=since(day),
    )
    rows = (
        seated.order_by()
        .values("scheduled_class")
        .annotate(people=Count("officer", distinct=True), at=Max("seated_at"))
    )
    people = {row["scheduled_class"]: row for row in rows}

    def said(held: Held) -> dict:
        row = people[held.pk]
        return {
            "uid": f"agency-{'-'.join(map(str, sorted(agencies)))}-{held.uid}",
            "stamp": max(held.changed_at, row["at"]),
            "summary": f"{held.title}: {count_words(row['people'], 'officer')}",
            "is_busy": False,
        }

    return events_of(ScheduledClass.objects.filter(pk__in=people).order_by("begins_at", "pk"), said)


def _at_the_provider(held: Held) -> dict:
    return {"uid": f"own-{held.uid}"}


def _deadline(one: Deadline, officer: int) -> ical.Event:
    return ical.Event(
        uid=uid(f"deadline-{one.key}-{officer}"),
        sequence=0,
        stamp=one.known_at,
        times=[(one.day, one.day)],
        summary=one.summary,
        description=f"{one.description}\n{url(one.path)}",
        url=url(one.path),
        is_busy=False,
    )
