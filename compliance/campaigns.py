"""What the pages of campaigns show: what each kind is called, whom it is for, who is left out, and sample letters."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from clee_portal import clock
from compliance import candidate_notices, reminders, selectors, standings
from compliance.models import Listing, ReminderDate, ReportingPeriod
from compliance.overview import plain
from notifications import composing, occasions
from notifications.composing import Words
from notifications.models import Campaign, Message
from training.models import Agency, Commission, Officer

SAMPLES = 3


class Audience(NamedTuple):
    """Whom a campaign is for: officer id -> the key and address of the message; and who is left out for want of an
    account."""

    written: Mapping[int, tuple[str, str]]
    left_out: Collection[int]


@dataclass(frozen=True)
class Kind:
    """A kind of campaign. `title(key)`, `due_on(key)` and `audience(campaign, moment)`, which is asked before it goes;
    `officer_of(key)` reads the key of a message; `said(keys)` is what its letters say now, put or not."""

    occasion: str
    label: str
    title: Callable[[str], str]
    due_on: Callable[[str], dt.date | None]
    audience: Callable[[Campaign, dt.datetime], Audience]
    officer_of: Callable[[str], int]
    said: Callable[[Iterable[str]], dict[str, dict]]


def _wave(key: str) -> tuple[int, int]:
    year, number = map(int, key.split(":"))
    return year, number


def _reminder_title(key: str) -> str:
    year, number = _wave(key)
    return f"Reminder {number} of {year}"


def _reminder_due_on(key: str) -> dt.date | None:
    year, number = _wave(key)
    found = ReminderDate.objects.filter(period__year=year, number=number).values_list("due_on", flat=True)
    return found.first()


def _reminder_audience(campaign: Campaign, moment: dt.datetime) -> Audience:
    """Everybody who is short: with an account, and without. Of a wave that has begun, those it was put for."""
    year, number = _wave(campaign.key)
    asked = standings.question(ReportingPeriod.objects.get(year=year), moment)
    short = {pk for pk, one in standings.of_officers(asked).items() if reminders.is_reminded(one)}
    accounts = reminders.connected_officers(clock.day_of(moment))
    written = {pk: (str(reminders.Key(year, number, pk)), accounts[pk][1]) for pk in sorted(short & accounts.keys())}
    return Audience(_put(campaign, REMINDERS) if campaign.began_at else written, sorted(short - accounts.keys()))


def _notices_title(key: str) -> str:
    year, number = _wave(key)
    return f"Notices {number} to those short for {year}"


def _notices_audience(campaign: Campaign, moment: dt.datetime) -> Audience:
    written = _put(campaign, NOTICES)
    officers = Listing.objects.filter(notices=campaign).values_list("candidacy__officer", flat=True)
    return Audience(written, sorted(set(officers) - written.keys()))


def _put(campaign: Campaign, kind: "Kind") -> dict[int, tuple[str, str]]:
    rows = campaign.messages.exclude(state=Message.State.SUPERSEDED).order_by("pk").values_list("key", "address")
    return {kind.officer_of(key): (key, address) for key, address in rows}


REMINDERS = Kind(
    reminders.CODE,
    "Reminders",
    _reminder_title,
    _reminder_due_on,
    _reminder_audience,
    lambda key: reminders.Key.read(key).officer,
    reminders.said,
)
NOTICES = Kind(
    candidate_notices.CODE,
    "Notices past the last day",
    _notices_title,
    lambda key: None,
    _notices_audience,
    lambda key: candidate_notices.Key.read(key).officer,
    candidate_notices.said,
)
KINDS = {one.occasion: one for one in (REMINDERS, NOTICES)}


def kind_of(campaign: Campaign) -> Kind:
    """The kind of a campaign."""
    return KINDS[campaign.occasion]


def is_before(campaign: Campaign) -> bool:
    """Whether it has not gone: planned, or held before anything was sent."""
    return campaign.state != Campaign.State.GOING


def by_agency(officers: Collection[int], day: dt.date) -> list[tuple[Agency, int]]:
    """The agencies at which these officers are commissioned today, with how many of them, the most first. One with two
    commissions is counted at both."""
    held = Commission.objects.in_force(day).filter(officer__in=officers).order_by()
    counts = dict(held.values("agency").annotate(n=Count("officer", distinct=True)).values_list("agency", "n"))
    agencies = Agency.objects.in_bulk(counts)
    return sorted(((agencies[pk], n) for pk, n in counts.items()), key=lambda row: (-row[1], row[0].search_name))


def officers_like(words: str, agency: str, day: dt.date) -> QuerySet[Officer]:
    """Officers of a license number or with these words in their names, commissioned at agencies of a code or name."""
    found = Officer.objects.all()
    if words:
        names = Q()
        for word in plain(words):
            names &= Q(search_name__contains=word)
        found = found.filter(Q(license_number__iexact=words.lstrip("#")) | names)
    if agency:
        named = Agency.objects.filter(Q(code=agency.casefold()) | Q(search_name__contains=" ".join(plain(agency))))
        held = Commission.objects.in_force(day).filter(agency__in=named.values("pk"))
        found = found.filter(pk__in=held.values("officer"))
    return found


class Sample(NamedTuple):
    """One letter as it would be sent now."""

    officer: Officer
    address: str
    words: Words


def samples(campaign: Campaign, audience: Audience) -> list[Sample]:
    """Three letters to real people of the audience: the first, one of the middle and the last by number."""
    ids = sorted(audience.written)
    chosen = [ids[round(at * (len(ids) - 1) / 2)] for at in range(SAMPLES)] if ids else []
    keys = {audience.written[pk][0]: pk for pk in chosen}
    occasion = occasions.get(campaign.occasion)
    said = kind_of(campaign).said(keys)
    officers = Officer.objects.in_bulk(keys.values())
    return [
        Sample(officers[pk], audience.written[pk][1], composing.words(occasion, said[key]))
        for key, pk in keys.items()
        if key in said
    ]


class Row(NamedTuple):
    """One recipient as the list shows it; without a message for a campaign that has not begun."""

    officer: Officer
    address: str
    message: Message | None = None


def rows_of(campaign: Campaign, messages: Iterable[Message], day: dt.date) -> list[Row]:
    """Messages with their officers, two statements for all of them."""
    kind, messages = kind_of(campaign), list(messages)
    ids = {one.pk: kind.officer_of(one.key) for one in messages}
    officers = selectors.officers_with_places(day).in_bulk(set(ids.values()))
    return [Row(officers[ids[one.pk]], one.address, one) for one in messages]


def planned_rows(officers: Iterable[int], audience: Audience, day: dt.date) -> list[Row]:
    """Officers of an audience who would be written to, or would be left out, in the order given."""
    ids = list(officers)
    found = selectors.officers_with_places(day).in_bulk(ids)
    return [Row(found[pk], audience.written[pk][1] if pk in audience.written else "") for pk in ids]
