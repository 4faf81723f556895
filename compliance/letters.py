"""A letter to print for an officer who is short and to whom nobody writes by mail, since no account is connected."""

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from clee_portal import clock, typeset
from compliance import candidacies, selectors, stands, wording
from compliance.stands import Said
from training import telling
from training.models import Officer
from training.telling import Contact

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "compliance" / "letter.typ"


class Letter(NamedTuple):
    """One letter: to whom, where they stand, whom to ask."""

    officer: Officer
    stand: Said
    contacts: list[Contact]


def season(day: dt.date) -> int:
    """The year whose hours are asked about on `day`: last year's until its last day to show them."""
    before = selectors.questions(clock.end_of_day(day), [day.year - 1]).get(day.year - 1)
    return day.year - 1 if before and day <= before.period.show_by else day.year


def years(day: dt.date) -> list[int]:
    """The years of which letters are printed on `day`: the one asked about, then those past their last day."""
    past = [one.year for one in candidacies.periods_listed(day)]
    return list(dict.fromkeys([season(day), *reversed(past)]))


def letters(officers: Collection[int], year: int, now: dt.datetime) -> list[Letter]:
    """The letters of those of `officers` who are short for `year` and not connected, by name."""
    day = clock.day_of(now)
    connected = telling.accounts_of(officers, day)
    where = stands.said([year], [pk for pk in officers if pk not in connected], now)
    short = {pk: one for (_, pk), one in where.items() if one.missing}
    people = stands.officers_and_contacts(short, day)
    made = [Letter(people[pk][0], one, people[pk][1]) for pk, one in short.items()]
    return sorted(made, key=lambda one: (one.officer.search_name, one.officer.license_number))


def as_pdf(made: Sequence[Letter], day: dt.date, title: str) -> bytes:
    """The letters as one accessible PDF (PDF/UA-1): each on a page of its own."""
    data = {
        "title": title,
        "day": wording.full_date(day),
        "portal": settings.PORTAL_URL.split("://")[-1],
        "letters": [_data(one) for one in made],
    }
    return typeset.pdf(TEMPLATE, data)


def _data(one: Letter) -> dict:
    officer, stand = one.officer, one.stand
    return {
        "name": officer.full_name,
        "license": officer.license_number,
        "address": [line.strip() for line in officer.postal_address.splitlines() if line.strip()],
        "headline": stand.answer.headline,
        "grounds": stand.answer.grounds,
        "deadline": stand.answer.deadline,
        "year": str(stand.year),
        "missing": [[m.name, m.missing, f"{m.earned} of {m.minimum}"] for m in stand.missing],
        "contacts": [contact.line for contact in one.contacts],
    }
