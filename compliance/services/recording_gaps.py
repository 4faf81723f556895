"""Searching for recording errors, putting them to the agencies, and settling them.

A gap never changes hours or a standing: it is mended by entering what was missing, or settled with a reason. What no
longer holds settles itself.
"""

import datetime as dt
import time
from collections.abc import Iterable

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.locking import locked
from clee_portal.refusal import Refused
from compliance import access, recording_gap_mail, standings
from compliance.models import GapSearch, RecordingGap, ReportingPeriod
from compliance.models.recording_gaps import LIKELY, SOURCES
from compliance.recording_errors import mending, seasons
from compliance.recording_errors.finding import Found, search
from notifications import outbox
from notifications.outbox import Mail
from training import telling
from training.services import corrections
from training.services.classes import Attendance

Answer, How = RecordingGap.Answer, RecordingGap.How
LONGEST = 500
BATCH = 2_000
_TOLD = ("score", "agency_id", "part", "whole", "hours", "closes", "day")
CAME = "Nothing is missing any more."
NOT_SHORT = "No hours are owed for the period any more."
GONE = "When the record was searched again, this was no longer so."


def catch_up(*, now: dt.datetime, seconds: float = 120) -> int:
    """Search every period that is due today and was not searched yet; returns how many were. Safe to run twice, and
    several at once; a day that was missed needs no making up, since a search looks at the whole period."""
    until, today, made = time.monotonic() + seconds, clock.day_of(now), 0
    for period in seasons.periods_due(today):
        if time.monotonic() < until and not GapSearch.objects.filter(period=period, day=today).exists():
            find(period=period, now=now, by=None, once_a_day=True)
            made += 1
    return made


@transaction.atomic
def find_now(*, by: User, period: ReportingPeriod, now: dt.datetime) -> GapSearch:
    """POST asks for a search at once. Raises `Refused` without the right, and for a period that has not begun."""
    if not access.can_work_gaps(by):
        raise Refused("Only POST staff can have the record searched.")
    if period.starts_on > clock.day_of(now):
        raise Refused(f"The period of {period.year} has not begun.")
    return find(period=period, now=now, by=by)


@transaction.atomic
def find(*, period: ReportingPeriod, now: dt.datetime, by: User | None, once_a_day: bool = False) -> GapSearch | None:
    """Search the record of everybody short in a period: keep what is new, weigh anew what is open, settle what no
    longer holds, and put what is likely to the agencies where it is their season.

    Several at once take turns; with `once_a_day` None where one was made today. What people settled stays settled.
    """
    period = ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    today = clock.day_of(now)
    if once_a_day and GapSearch.objects.filter(period=period, day=today).exists():
        return None
    short, found = search(standings.question(period, now))
    with history.because(f"Search for recording errors of {period.year}, {today}"):
        _keep(period, found, short, now, asks=seasons.asks_agencies(period, today))
        open_now = RecordingGap.objects.unresolved().filter(period=period)
        made, _ = GapSearch.objects.update_or_create(
            period=period,
            day=today,
            defaults={
                "made_at": now,
                "made_by": by,
                "officers": len(short),
                "found": open_now.count(),
                "likely": open_now.likely().count(),
            },
        )
    return made


def _key(one: RecordingGap | Found) -> tuple:
    if isinstance(one, Found):
        return (one.officer, one.kind, *(getattr(one, name) for name in SOURCES))
    return (one.officer_id, one.kind, *(getattr(one, f"{name}_id") for name in SOURCES))


def _keep(period: ReportingPeriod, found: list[Found], short, now: dt.datetime, *, asks: bool) -> None:
    there = (
        RecordingGap.objects.filter(period=period)
        .exclude(how__in=RecordingGap.BY_ITSELF)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    known = {_key(one): one for one in there}
    told = {_key(one): one for one in found}
    new = [_made(period, one, now, asks) for key, one in told.items() if key not in known]
    RecordingGap.objects.bulk_create(new, batch_size=BATCH)
    asked_before = {gap.pk for gap in there if gap.asked_at}
    changed, gone = [], []
    for key, gap in known.items():
        if not gap.is_open:
            continue
        if key in told:
            if _weigh_anew(gap, told[key], now, asks):
                changed.append(gap)
        else:
            gap.resolved_at, gap.how = now, How.GONE if gap.officer_id in short else How.CAME
            gap.reason = GONE if gap.officer_id in short else CAME
            if gap.answer == Answer.YES:  # somebody said that it was to be entered, and so it was
                gap.how, gap.resolved_by_id = How.MENDED, gap.answered_by_id
            gone.append(gap)
    fields = [*(name.removesuffix("_id") for name in _TOLD), "asked_at", "asked_by"]
    RecordingGap.objects.bulk_update(changed, fields, batch_size=BATCH)
    RecordingGap.objects.bulk_update(gone, ["resolved_at", "resolved_by", "how", "reason"], batch_size=BATCH)
    _tell([one for one in (*new, *changed) if one.asked_at and one.pk not in asked_before], clock.day_of(now))


def _tell(asked: Iterable[RecordingGap], day: dt.date) -> None:
    """One mail to each of an agency’s people, however much was put to it at once; of several the latest goes."""
    latest: dict[tuple[int, int], RecordingGap] = {}
    for one in asked:
        if (known := latest.get((one.agency_id, one.period_id))) is None or known.pk < one.pk:
            latest[one.agency_id, one.period_id] = one
    readers = telling.people_of({agency for agency, _ in latest}, day)
    mails = [
        Mail(str(key), reader.address, reader.user, recording_gap_mail.series(key), one.pk)
        for (agency, _), one in latest.items()
        for reader in readers.get(agency, ())
        for key in [recording_gap_mail.Key(agency, one.period.year, one.pk, reader.user)]
    ]
    outbox.put_many(occasion=recording_gap_mail.CODE, mails=mails)


def _made(period: ReportingPeriod, one: Found, now: dt.datetime, asks: bool) -> RecordingGap:
    gap = RecordingGap(
        officer_id=one.officer,
        period=period,
        kind=one.kind,
        found_on=clock.day_of(now),
        **{f"{name}_id": getattr(one, name) for name in SOURCES},
    )
    _weigh_anew(gap, one, now, asks)
    return gap


def _weigh_anew(gap: RecordingGap, one: Found, now: dt.datetime, asks: bool) -> bool:
    """Write what was found on a gap; whether anything is different."""
    before = [getattr(gap, name) for name in (*_TOLD, "asked_at")]
    for name in _TOLD:
        setattr(gap, name, getattr(one, name.removesuffix("_id")))
    if gap.agency_id != before[1] or (gap.asked_at and not gap.agency_id):
        gap.asked_at, gap.asked_by = None, None
    if asks and gap.asked_at is None and gap.agency_id and gap.score >= LIKELY:
        gap.asked_at = now
    return before != [getattr(gap, name) for name in (*_TOLD, "asked_at")]


def _locked(gaps: Iterable[int]) -> list[RecordingGap]:
    return list(locked(RecordingGap.objects.unresolved().filter(pk__in=list(gaps)).with_sources()))


def _words(words: str, wanted: str) -> str:
    words = " ".join(words.split())
    if not words:
        raise Refused(wanted, field="words")
    if len(words) > LONGEST:
        raise Refused(f"At most {LONGEST} characters; these are {len(words)}.", field="words")
    return words


@transaction.atomic
def send(*, by: User, gaps: Iterable[int]) -> int:
    """POST puts gaps to the agencies that can say; returns how many were put. Those put already, settled, or without an
    agency are passed over. Raises `Refused` without the right, or where none is left."""
    if not access.can_work_gaps(by):
        raise Refused("Only POST staff can send these to agencies.")
    rows = [one for one in _locked(gaps) if one.agency_id and one.asked_at is None]
    if not rows:
        raise Refused(
            "None of them can be sent: they were sent or settled already, or no agency of the officer can say."
        )
    with history.because("Put to the agency"):
        RecordingGap.objects.filter(pk__in=[one.pk for one in rows]).update(asked_at=clock.now(), asked_by=by)
    _tell(rows, clock.today())
    return len(rows)


@transaction.atomic
def answer(*, by: User, gap: RecordingGap, said: str, words: str = "") -> RecordingGap:
    """The agency that was asked answers. "Yes" enters the officer in the class at once where that is all there is to
    do, and stays open elsewhere until the hours are in; "no" needs a word and settles it. Returns the gap as it is now.

    Raises `Refused` without the right, for a gap that was settled meanwhile, for a "no" without a word, and where the
    class cannot be credited; then nothing is changed.
    """
    rows = _locked([gap.pk])
    if not rows:
        raise Refused("This was settled meanwhile. Look at the list again.")
    one = rows[0]
    if one.asked_at is None or not access.can_answer_gap(by, one.agency):
        raise Refused("Only the agency that was asked can answer this.")
    if said not in Answer:
        raise Refused("Say yes or no.")
    words = " ".join(words.split())[:LONGEST]
    if said == Answer.NO:
        words = _words(words, "Say in a word why the record is right, for example “was on leave that day”.")
    now = clock.now()
    one.answer, one.answer_words, one.answered_at, one.answered_by = said, words, now, by
    with history.because(f"The agency answered: {Answer(said).label}"):
        if said == Answer.NO:
            one.how, one.reason, one.resolved_at, one.resolved_by = How.NOT_THERE, words, now, by
        elif held := mending.class_in_place(one):
            attended = [Attendance(one.officer, by_number=True)]
            corrections.add(by=by, training_class=held, attendances=attended, today=clock.day_of(now))
            one.how, one.reason = How.MENDED, f"Entered in {held.reference}."
            one.resolved_at, one.resolved_by = now, by
        one.save()
    return one


@transaction.atomic
def resolve(*, by: User, gaps: Iterable[int], how: str, reason: str) -> int:
    """POST settles gaps with a reason: not an error, mended, or set aside; returns how many were settled.

    Raises `Refused` without the right or a reason, and where all were settled meanwhile.
    """
    if not access.can_work_gaps(by):
        raise Refused("Only POST staff can settle these.")
    if how not in (How.NOT_ERROR, How.MENDED, How.OVERRIDDEN):
        raise Refused("Say how it is settled.", field="act")
    reason = _words(reason, "Say in words why.")
    rows = _locked(gaps)
    if not rows:
        raise Refused("None of them is open any more. Look at the list again.")
    with history.because(f"Settled: {How(how).label}"):
        RecordingGap.objects.filter(pk__in=[one.pk for one in rows]).update(
            how=how, reason=reason, resolved_at=clock.now(), resolved_by=by
        )
    return len(rows)


def override(*, by: User, gaps: Iterable[int], reason: str) -> int:
    """POST goes on in spite of what is probably an error, and says why; as `resolve`."""
    return resolve(by=by, gaps=gaps, how=How.OVERRIDDEN, reason=reason)
