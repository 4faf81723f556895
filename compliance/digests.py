"""The digest an agency gets with each wave of reminders: who is short of what, who is not connected, what waits.

It goes on the days of the officers' reminders, so that a chief reads in the morning what the officers read (decision
0011). Of several that are due at once the latest goes. It is held with the wave it goes with.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance import gaps, selectors, standings, wording
from compliance.models import ReminderDate, ReportingPeriod
from compliance.standings import Question
from compliance.verdict import Finding, Standing
from notifications.occasions import Occasion
from training import roster, telling
from training.models import Agency, Commission, Officer

CODE = "agency_digest"
# So many names stand in a mail; the page has the rest.
MOST = 40


class Key(NamedTuple):
    """What a digest is about, and who gets it. The agency stands first, as in every mail about one."""

    agency: int
    year: int
    number: int
    user: int

    def __str__(self) -> str:
        return f"{self.agency}:{self.year}-{self.number}:{self.user}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        agency, wave, user = key.split(":")
        year, number = wave.split("-")
        return cls(int(agency), int(year), int(number), int(user))


def series(key: Key) -> str:
    """All digests of one reader for one agency and period."""
    return f"{CODE}:{key.agency}:{key.year}:{key.user}"


def part_of_wave(wave: str) -> str:
    """What the keys of all digests of a wave of reminders hold, and no other."""
    year, number = wave.split(":")
    return f":{year}-{number}:"


class ShortOfficer(NamedTuple):
    """An officer with hours missing, in an agency's list."""

    pk: int
    name: str
    license_number: str
    standing: str
    missing: str
    is_connected: bool


class Digest(NamedTuple):
    """An agency's officers in a period as its people are told."""

    officers: int
    compliant: int
    short: list[ShortOfficer]
    unconnected: int
    headline: str

    @property
    def short_unconnected(self) -> int:
        """How many are short and not connected: nobody writes to them."""
        return sum(1 for one in self.short if not one.is_connected)


def digests(asked: Question, agencies: Collection[int]) -> dict[int, Digest]:
    """Agency id -> its digest for a period. A constant number of statements, however many agencies."""
    day = clock.day_of(asked.as_of)
    held = Commission.objects.in_force(day).filter(agency__in=agencies).values_list("agency", "officer").distinct()
    by_agency: dict[int, set[int]] = {pk: set() for pk in agencies}
    for agency, officer in held:
        by_agency[agency].add(officer)
    everyone = set().union(*by_agency.values())
    findings = standings.of_officers(asked, Officer.objects.filter(pk__in=everyone))
    connected = set(telling.accounts_of(everyone, day))
    owing = [pk for pk, one in findings.items() if one.standing in wording.OWING and one.short]
    names = Officer.objects.in_bulk(owing)
    return {
        pk: _digest(asked, sorted((names[one] for one in ids if one in names), key=_by_name), ids, findings, connected)
        for pk, ids in by_agency.items()
    }


def _by_name(officer: Officer) -> tuple[str, str]:
    return officer.search_name, officer.license_number


def _digest(asked: Question, short: Iterable[Officer], ids: set[int], findings, connected: set[int]) -> Digest:
    rows = [
        ShortOfficer(
            one.pk,
            one.sorted_name,
            one.license_number,
            wording.standing_chip(findings[one.pk]).label,
            missing_words(asked, findings[one.pk]),
            one.pk in connected,
        )
        for one in short
    ]
    compliant = sum(1 for pk in ids if findings[pk].standing == Standing.COMPLIANT)
    return Digest(len(ids), compliant, rows, len(ids - connected), headline(len(ids), len(rows), asked.period.year))


def missing_words(asked: Question, finding: Finding) -> str:
    """What one officer lacks, in a line: "3 hours: 2 of legal studies, 3 from an approved provider"."""
    short = wording.owed(finding)
    needed = gaps.fewest_hours(asked.requirements, short)
    parts = [
        f"{wording.hours_number(short[one.code])} "
        f"{wording.source_words(one) if gaps.is_of_source(one) else wording.content_words(one)}"
        for one in asked.requirements
        if one.code in short and (gaps.is_of_source(one) or gaps.is_of_content(one))
    ]
    return wording.hours_words(needed) + (f": {', '.join(parts)}" if parts else "")


def headline(officers: int, short: int, year: int) -> str:
    """The first line: "4 of 12 officers are short of hours for 2026."."""
    if not short:
        return f"None of {officers:,} officers is short of hours for {year}."
    if officers == 1:
        return f"The one officer here is short of hours for {year}."
    if short == officers:
        return f"All {officers:,} officers are short of hours for {year}."
    return f"{short:,} of {officers:,} officers {'is' if short == 1 else 'are'} short of hours for {year}."


def _due(keys: Collection[str]) -> dict[str, tuple[Key, Question, Digest]]:
    now = clock.now()
    read = {key: Key.read(key) for key in keys}
    people = telling.people_of({one.agency for one in read.values()}, clock.day_of(now))
    asked = selectors.questions(now, {one.year for one in read.values()})
    by_year = {
        year: digests(question, {one.agency for one in read.values() if one.year == year})
        for year, question in asked.items()
    }
    return {
        key: (one, asked[one.year], by_year[one.year][one.agency])
        for key, one in read.items()
        if one.year in by_year
        and any(reader.user == one.user for reader in people.get(one.agency, ()))
        and (by_year[one.year][one.agency].short or by_year[one.year][one.agency].unconnected)
    }


def contexts(keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the digest says."""
    day = clock.today()
    due = _due(keys)
    agencies = Agency.objects.in_bulk({one.agency for one, _, _ in due.values()})
    unconfirmed = set(roster.unconfirmed(day.year, day).filter(pk__in=agencies).values_list("pk", flat=True))
    found = {}
    for key, (one, asked, digest) in due.items():
        agency, period = agencies[one.agency], asked.period
        last = period.ends_on if day <= period.ends_on else period.show_by
        found[key] = {
            "agency": agency.name,
            "year": one.year,
            "digest": digest,
            "shown": digest.short[:MOST],
            "more": max(len(digest.short) - MOST, 0),
            "is_grace": day > period.ends_on,
            "ends_on": wording.full_date(period.ends_on),
            "last_day": wording.full_date(last),
            "days": wording.days_left(last, day, wording.Person(agency.name)),
            "roster_year": day.year if agency.pk in unconfirmed else None,
            "url": _url("compliance:agency_overview", agency.code, one.year, day),
            "letters_url": _url("compliance:agency_letters", agency.code),
            "roster_url": _url("training:roster_confirm", agency.code),
        }
    return found


def _url(name: str, code: str, year: int | None = None, day: dt.date | None = None) -> str:
    suffix = f"?period={year}" if year and day and year != day.year else ""
    return f"{settings.PORTAL_URL}{reverse(name, args=[code])}{suffix}"


def sample(agency: int) -> str | None:
    """The key of the digest an agency would get now; None where nobody is connected or nobody short."""
    day = clock.today()
    readers = telling.people_of([agency], day).get(agency)
    for period in ReportingPeriod.objects.filter(year__in=(day.year - 1, day.year), show_by__gte=day).order_by("year"):
        dates = list(ReminderDate.objects.filter(period=period).order_by("due_on"))
        begun = [one for one in dates if one.due_on <= day] or dates[:1]
        if readers and begun and _due([key := str(Key(agency, period.year, begun[-1].number, readers[0].user))]):
            return key
    return None


def agencies_with_somebody_short(asked: Question) -> dict[int, Digest]:
    """Agency id -> digest, of the agencies about which there is something to tell."""
    open_ones = Agency.objects.filter(closed_on=None).values_list("pk", flat=True)
    return {pk: one for pk, one in digests(asked, list(open_ones)).items() if one.short or one.unconnected}


OCCASION = Occasion(
    code=CODE,
    title=_("Digest for an agency"),
    contexts=contexts,
    is_optional=True,
    in_bulk=True,
    purpose=_("Who is short of what, and who is not connected and gets no reminder. With each wave of reminders."),
    audience=_("The agency’s CEO and delegates who are connected."),
    about="agency",
    sample=sample,
)
