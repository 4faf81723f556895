"""The notice to an officer on the list: to whom, whether it is still true, and what it says.

It goes only when POST lets it go, after the record was looked at. It accuses nobody: it says what is missing, what to
do, whom to call, and that only the Director can decide.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance import candidacies, gaps, reminders, selectors, standings, stands, wording
from compliance.models import Listing
from notifications.models import Message
from notifications.occasions import Occasion
from training.models import Officer

CODE = "candidate_listed"


class Key(NamedTuple):
    """What a notice is about: one time on the list. No date, so nobody gets two about the same."""

    year: int
    officer: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}:{self.officer}:{self.number}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        return cls(*map(int, key.split(":")))

    @classmethod
    def of(cls, listing: Listing) -> "Key":
        """The key of the notice about a listing, its case loaded."""
        return cls(listing.candidacy.period.year, listing.candidacy.officer_id, listing.number)


def listings_of(keys: Collection[str]) -> dict[str, Listing]:
    """Key -> the listing it is about."""
    read = {Key.read(key) for key in keys}
    rows = Listing.objects.filter(
        candidacy__officer__in={one.officer for one in read}, candidacy__period__year__in={one.year for one in read}
    ).select_related("candidacy__period")
    wanted = set(keys)
    return {key: one for one in rows if (key := str(Key.of(one))) in wanted}


def contexts(keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the notice says.

    Left out are those no longer due: the officer is not on the list any more, the latest look at the record found an
    error, or the account is no longer the one connected to the license.
    """
    now = clock.now()
    found = listings_of(keys)
    rows = {one.pk for one in Listing.objects.open().ready().filter(pk__in=[one.pk for one in found.values()])}
    accounts = reminders.connected_officers_of({Key.read(key).officer for key in keys}, clock.day_of(now))
    to = dict(Message.objects.filter(occasion=CODE, key__in=keys).values_list("key", "user"))
    return said(
        key
        for key, one in found.items()
        if one.pk in rows and to.get(key) in accounts.get(one.candidacy.officer_id, ())
    )


def _held(found: dict[str, Listing], now) -> dict[str, tuple]:
    """Key -> question and finding, of those whom a list made now would hold."""
    by_year: dict[int, set[int]] = {}
    for one in found.values():
        by_year.setdefault(one.candidacy.period.year, set()).add(one.candidacy.officer_id)
    asked = selectors.questions(now, by_year)
    findings = {
        year: standings.of_officers(asked[year], Officer.objects.filter(pk__in=officers))
        for year, officers in by_year.items()
    }
    return {
        key: (asked[year], findings[year][officer])
        for key in found
        for year, officer, _ in [Key.read(key)]
        if officer in candidacies.listed(findings[year])
    }


def said(keys: Iterable[str]) -> dict[str, dict]:
    """Key -> what the notice says now; whoever a list made now would not hold is left out."""
    now = clock.now()
    day = clock.day_of(now)
    found = listings_of(list(keys))
    officers = selectors.officers_with_places(day).in_bulk({one.candidacy.officer_id for one in found.values()})
    said = {}
    for key, (asked, finding) in _held(found, now).items():
        listing = found[key]
        officer = officers[listing.candidacy.officer_id]
        needed = gaps.fewest_hours(asked.requirements, finding.short)
        said[key] = {
            "name": officer.full_name,
            "license_number": officer.license_number,
            "year": asked.period.year,
            "needed": wording.hours_words(needed),
            "is_one": needed == 1,
            "last_day": wording.full_date(listing.last_day),
            "was_extended": listing.last_day != asked.period.show_by,
            "missing": stands.missing(asked, finding),
            "content": wording.missing_words(asked.requirements, finding),
            "places": officer.places,
            "url": f"{settings.PORTAL_URL}{reverse('compliance:my_standing')}",
        }
    return said


def sample(officer: int) -> str | None:
    """The key of the notice about an officer who is on the list now; None where the officer is on none."""
    listing = Listing.objects.open().filter(candidacy__officer=officer).select_related("candidacy__period").last()
    return str(Key.of(listing)) if listing else None


def preview(key: str) -> dict | None:
    """What the notice of a key would say, whether or not it was put; None where a list made now would not hold the
    officer."""
    return said([key]).get(key)


OCCASION = Occasion(
    code=CODE,
    title=_("Hours missing after the last day"),
    contexts=contexts,
    in_bulk=True,
    purpose=_("Hours are still missing after the last day, and POST released the notice."),
    audience=_("Officers on the list of those past the last day, if connected."),
    about="officer",
    sample=sample,
    preview=preview,
)
