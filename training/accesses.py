"""The record of access as it is read: by POST, and of one officer by that officer."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history.models import Access, AccessQuerySet
from training.models import Officer
from training.names import plain

# What is shown where no first day is asked for.
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: words of an account's name or address, words of an officer's name or a license number, a kind
    of `Access.Kind`, first and last day. Empty and None ask for nothing."""

    person: str = ""
    officer: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


def accesses_of(officer: Officer) -> AccessQuerySet:
    """Who looked at the record of `officer`, and in which capacity, the latest first. Their own looks are not kept."""
    former = officer.former_numbers.filter(voided_at=None).order_by().values("license_number")
    return Access.objects.of_license(officer.license_number, former).select_related("by")


def found(asked: Asked) -> AccessQuerySet:
    """The accesses asked for, the latest first."""
    rows = Access.objects.select_related("by").order_by("-at", "-pk")
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.person:
        rows = rows.filter(by__in=_accounts(asked.person))
    if asked.officer:
        number = asked.officer.upper().lstrip("#")
        rows = rows.filter(Q(license_number=number) | Q(license_number__in=_license_numbers(asked.officer)))
    if asked.since:
        rows = rows.filter(at__gt=clock.end_of_day(asked.since - dt.timedelta(days=1)))
    if asked.until:
        rows = rows.filter(at__lte=clock.end_of_day(asked.until))
    return rows


def officers_of(rows: list[Access]) -> dict[str, Officer]:
    """The officers whose records were looked at, by license number."""
    numbers = {row.license_number for row in rows if row.license_number}
    return {one.license_number: one for one in Officer.objects.filter(license_number__in=numbers)}


def _accounts(words: str):
    people = User.objects.all()
    for word in words.split():
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return people.values("pk")


def _license_numbers(words: str):
    officers = Officer.objects.all()
    for word in words.split():
        officers = officers.filter(search_name__contains=plain(word))
    return officers.exclude(license_number="").values("license_number")
