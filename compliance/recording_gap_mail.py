"""The mail that something may be missing in the record of an agency's officers: it asks, and accuses nobody."""

from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance.models import RecordingGap
from notifications.occasions import Occasion
from training import telling

CODE = "recording_gaps"
# So many stand in a mail; the page has the rest.
MOST = 20


class Key(NamedTuple):
    """The agency, the year, the latest thing that was asked, and the account. No date."""

    agency: int
    year: int
    gap: int
    user: int

    def __str__(self) -> str:
        return f"{self.agency}:{self.year}-{self.gap}:{self.user}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        agency, about, user = key.split(":")
        year, gap = about.split("-")
        return cls(int(agency), int(year), int(gap), int(user))


def series(key: Key) -> str:
    """All such mails of one reader for one agency and year: of several that wait the latest goes."""
    return f"{CODE}:{key.agency}:{key.year}:{key.user}"


def waiting():
    """What was put to agencies and waits for an answer, the likeliest first."""
    asked = RecordingGap.objects.unresolved().filter(asked_at__isnull=False, answer="")
    return asked.with_sources().order_by("-score", "officer__search_name", "pk")


def contexts(keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the mail says; left out where nothing waits any more or the reader no longer acts for the agency."""
    read = {key: Key.read(key) for key in keys}
    day = clock.today()
    readers = telling.people_of({one.agency for one in read.values()}, day)
    rows: dict[tuple[int, int], list[RecordingGap]] = {}
    for gap in waiting().filter(agency__in={one.agency for one in read.values()}):
        rows.setdefault((gap.agency_id, gap.period.year), []).append(gap)
    found = {}
    for key, one in read.items():
        gaps = rows.get((one.agency, one.year))
        if not gaps or all(reader.user != one.user for reader in readers.get(one.agency, ())):
            continue
        agency = gaps[0].agency
        found[key] = {
            "agency": agency.name,
            "year": one.year,
            "officers": len({gap.officer_id for gap in gaps}),
            "shown": gaps[:MOST],
            "more": max(len(gaps) - MOST, 0),
            "url": f"{settings.PORTAL_URL}{reverse('compliance:gaps_of_agency', args=[agency.code])}",
        }
    return found


def sample(agency: int) -> str | None:
    """The key of the mail an agency would get now; None where nothing waits or nobody is connected."""
    readers = telling.people_of([agency], clock.today()).get(agency)
    gap = waiting().filter(agency=agency).first()
    return str(Key(agency, gap.period.year, gap.pk, readers[0].user)) if gap and readers else None


OCCASION = Occasion(
    code=CODE,
    title=_("Something may be missing in the record"),
    contexts=contexts,
    in_bulk=True,
    purpose=_("Hours of officers who are short may never have been entered: the agency is asked to look."),
    audience=_("The CEO and the delegates of the agency that can say, if connected."),
    about="agency",
    sample=sample,
)
