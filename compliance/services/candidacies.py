"""Making the list of those still short after the last day, and looking at what it holds. It opens cases, and nothing
else: no license is changed here, nobody is written to."""

import datetime as dt
import time
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import access, candidacies, standings
from compliance.models import Candidacy, CandidacyCheck, Listing, ListMade, RecordingGap, ReportingPeriod
from compliance.services import recording_gaps

Found = CandidacyCheck.Found
LONGEST = 500

_LIST = """
INSERT INTO compliance_listing (candidacy_id, number, last_day, listed_on, listed_at, made_at)
SELECT c.id, 1 + (SELECT count(*) FROM compliance_listing l WHERE l.candidacy_id = c.id), r.last_day, %(day)s,
       %(as_of)s, %(now)s
FROM unnest(%(officers)s::bigint[], %(last_days)s::date[]) AS r(officer, last_day)
JOIN compliance_candidacy c ON c.officer_id = r.officer AND c.period_id = %(period)s
ON CONFLICT DO NOTHING
"""
_LEAVE = """
UPDATE compliance_listing l
SET left_on = %(day)s, left_at = GREATEST(%(as_of)s, l.listed_at), left_because = r.because, left_record_id = r.record,
    left_request_id = r.request, left_event_id = r.event
FROM unnest(%(officers)s::bigint[], %(because)s::text[], %(records)s::bigint[], %(requests)s::bigint[],
            %(events)s::bigint[]) AS r(officer, because, record, request, event)
JOIN compliance_candidacy c ON c.officer_id = r.officer AND c.period_id = %(period)s
WHERE l.candidacy_id = c.id AND l.left_on IS NULL
"""


def catch_up(*, now: dt.datetime, seconds: float = 120) -> int:
    """Make the lists of every period and day that are still to be made; returns how many were made.

    Safe to run twice and several at once. Every day is a transaction of its own, and after `seconds` the rest is left
    to the next call.
    """
    until, today, made = time.monotonic() + seconds, clock.day_of(now), 0
    for period in candidacies.periods_listed(today):
        for day in candidacies.days_to_list(period, today):
            if time.monotonic() > until:
                return made
            made += make_list(period=period, day=day, now=now)
    return made


@transaction.atomic
def make_list(*, period: ReportingPeriod, day: dt.date, now: dt.datetime) -> bool:
    """Make the list of one day: open cases for those it holds for the first time, list again those who left, and note
    why others left. False where that of a past day was made already. The whole state in a fixed number of statements;
    several at once take turns."""
    ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    if day < clock.day_of(now) and candidacies.was_made(period, day):
        return False
    as_of = candidacies.moment_of(day, now)
    asked = standings.question(period, as_of)
    findings = standings.of_officers(asked)
    held = candidacies.listed(findings)
    open_now = dict(
        Listing.objects.open().filter(candidacy__period=period).values_list("candidacy__officer", "listed_at")
    )
    with history.because(f"The list of those short for {period.year}, as of {day}"):
        _enter(asked, held - open_now.keys(), now)
        _leave(asked, findings, {pk: at for pk, at in open_now.items() if pk not in held})
        ListMade.objects.update_or_create(period=period, day=day, defaults={"as_of": as_of, "count": len(held)})
    return True


def _enter(asked: standings.Question, officers: set[int], now: dt.datetime) -> None:
    if not officers:
        return
    ids = sorted(officers)
    Candidacy.objects.bulk_create(
        [Candidacy(officer_id=pk, period=asked.period, opened_at=now) for pk in ids], ignore_conflicts=True
    )
    later = candidacies.last_days(asked, ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _LIST,
            {
                "period": asked.period.pk,
                "day": asked.day,
                "as_of": asked.as_of,
                "now": now,
                "officers": ids,
                "last_days": [later.get(pk, asked.period.show_by) for pk in ids],
            },
        )


def _leave(asked: standings.Question, findings, since: dict[int, dt.datetime]) -> None:
    if not since:
        return
    gone = candidacies.leaving(asked, findings, since)
    with connection.cursor() as cursor:
        cursor.execute(
            _LEAVE,
            {
                "period": asked.period.pk,
                "day": asked.day,
                "as_of": asked.as_of,
                "officers": [one.officer for one in gone],
                "because": [one.because for one in gone],
                "records": [one.record for one in gone],
                "requests": [one.request for one in gone],
                "events": [one.event for one in gone],
            },
        )


@transaction.atomic
def look(*, by: User, listings: Iterable[int], found: str, words: str = "", override: bool = False) -> int:
    """POST has looked for likely recording errors in the records of these listings; returns how many are marked so.
    What the same person has said last, on this day, is not written down again.

    "No error" is refused where something likely is not settled, unless `override` sets it aside for the reason in
    `words`. Raises `Refused` without the right, for a likely error without words, and where none of them is on the list
    now.
    """
    if not access.can_look_at_candidates(by):
        raise Refused("Only POST staff can say that a record was looked at.")
    words = " ".join(words.split())
    if found == Found.LIKELY_ERROR and not words:
        raise Refused("Say in words what seems to be wrong.", field="words")
    if len(words) > LONGEST:
        raise Refused(f"At most {LONGEST} characters; these are {len(words)}.", field="words")
    rows = Listing.objects.open().filter(pk__in=list(listings)).order_by("pk")
    rows = list(rows.select_for_update(of=("self",), no_key=True))
    if not rows:
        raise Refused("None of them is on the list any more. Look at the page again.")
    if found == Found.NO_ERROR:
        _nothing_likely(by, rows, words, override=override)
    now = clock.now()
    last = CandidacyCheck.objects.filter(listing__in=rows).distinct("listing_id")
    last = last.order_by("listing_id", "-checked_at", "-pk")
    said = {
        one.listing_id
        for one in last
        if (one.found, one.words, one.checked_by_id) == (found, words, by.pk)
        and clock.day_of(one.checked_at) == clock.day_of(now)
    }
    with history.because(f"Looked at: {Found(found).label}"):
        CandidacyCheck.objects.bulk_create(
            CandidacyCheck(listing=one, found=found, words=words, checked_at=now, checked_by=by)
            for one in rows
            if one.pk not in said
        )
    return len(rows)


def _nothing_likely(by: User, listings: list[Listing], words: str, *, override: bool) -> None:
    """Refuse, or set aside with the reason, what is probably a recording error and not settled."""
    cases = Candidacy.objects.filter(listings__in=listings)
    in_the_way = (
        RecordingGap.objects.unresolved()
        .likely()
        .filter(Exists(cases.filter(officer=OuterRef("officer"), period=OuterRef("period"))))
    )
    gaps = list(in_the_way.select_related("officer").order_by("officer__search_name", "pk"))
    if not gaps:
        return
    if override:
        if not words:
            raise Refused("Say in words why what was found is set aside.", field="words")
        recording_gaps.override(by=by, gaps=[one.pk for one in gaps], reason=words)
        return
    names = list(dict.fromkeys(one.officer.sorted_name for one in gaps))
    some = "; ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    raise Refused(
        f"Something likely is not settled yet: {some}. "
        "Settle it, or set it aside on the page of the case with a reason."
    )
