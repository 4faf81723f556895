"""What is told about a decision of the Director or a designated agent: to whom, whether it still stands, what it says.

The officer is told, and whoever acts for the agencies of the officer: a license that is inactive bars a commission, and
who was told that it does is told when it no longer does (11 CSR 75-15.080). What a license is comes from its events as
mail is sent, never from the decision alone.

Where decisions are kept is not known here: whoever keeps them says what was decided (`read_from`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from compliance import selectors, standings, stands
from compliance.decision_words import WORDS, About, Decided, What
from compliance.models import Listing
from notifications.models import Message
from notifications.occasions import Occasion
from training import licensing, telling
from training.licensing import EventFact, LicenseState
from training.models import Commission, LicenseEvent, Officer


class Key(NamedTuple):
    """What a message is about: an officer, a decision, and for whom."""

    officer: int
    thing: str
    user: int

    def __str__(self) -> str:
        return f"{self.officer}:{self.thing}:{self.user}"

    @classmethod
    def read(cls, key: str) -> "Key":
        """The key of a message."""
        officer, thing, user = key.split(":")
        return cls(int(officer), thing, int(user))


# Stands in the place of a decision where POST reads what one would say.
AS_IF = "as-if"

Find = Callable[[Collection[str]], Mapping[str, Decided]]
_found: list[Find] = []


def read_from(find: Find) -> None:
    """From now on `find` says what was decided: `thing` -> decision, of those that still stand. One that was taken
    back, or after which something else was decided about the case, is left out, and nothing is sent about it."""
    _found[:] = [find]


def code(what: What) -> str:
    """The code of the occasion."""
    return f"decision_{what}"


def people(decided: Decided, day: dt.date) -> dict[int, str]:
    """User id -> address of everybody who is told on `day`."""
    own = telling.accounts_of([decided.officer], day).get(decided.officer, [])
    of_agencies = telling.people_of(_agencies([decided], day)[decided.officer] | {*decided.agencies}, day)
    return dict([*own, *(reader for together in of_agencies.values() for reader in together)])


def _agencies(decisions: Collection[Decided], day: dt.date) -> dict[int, set[int]]:
    """Officer id -> the agencies where the officer is commissioned on `day`."""
    found: dict[int, set[int]] = {one.officer: set() for one in decisions}
    for officer, agency in Commission.objects.in_force(day).filter(officer__in=found).values_list("officer", "agency"):
        found[officer].add(agency)
    return found


# Asked when mail is sent ---------------------------------------------------------------------------------------------


def _decided(keys: Mapping[str, Key], what: What, day: dt.date) -> dict[str, Decided]:
    """Key -> decision, of those that stand and whose reader is still told."""
    found: dict[str, Decided] = {}
    for find in _found:
        found |= find({one.thing for one in keys.values()})
    told = {thing: people(one, day) for thing, one in found.items()}
    return {
        key: found[one.thing]
        for key, one in keys.items()
        if one.thing in found and found[one.thing].what == what and one.user in told[one.thing]
    }


def _is_true(one: Decided, license_state: LicenseState) -> bool:
    """Whether the license is what the mail would say of it."""
    is_inactive = one.year in license_state.inactive_for
    if one.what == What.MADE_INACTIVE:
        return is_inactive
    return not is_inactive


def contexts_of(what: What, keys: Collection[str]) -> dict[str, dict]:
    """Key -> what the mail says, of decisions that stand and are true of the license now."""
    now = clock.now()
    read = {key: Key.read(key) for key in keys}
    decided = _decided(read, what, clock.day_of(now))
    events = _events({one.officer for one in decided.values()}, now)
    states = {pk: licensing.state_on(rows, clock.day_of(now)) for pk, rows in events.items()}
    true = {key: one for key, one in decided.items() if _is_true(one, states[one.officer])}
    return _said({key: (one, read[key].user) for key, one in true.items()}, states, now)


def _events(officers: Collection[int], now: dt.datetime) -> dict[int, list[EventFact]]:
    found: dict[int, list[EventFact]] = {pk: [] for pk in officers}
    rows = LicenseEvent.objects.known(now).filter(officer__in=officers).order_by("occurred_on", "recorded_at", "pk")
    for pk, *event in rows.values_list("officer", "kind", "occurred_on", "period_year"):
        found[pk].append(EventFact(*event))
    return found


def _said(told: Mapping[str, tuple[Decided, int]], states: Mapping[int, LicenseState], now) -> dict[str, dict]:
    """Key -> what the mail to one reader says. A constant number of statements, and two for each year."""
    day = clock.day_of(now)
    officers = stands.officers_and_contacts({one.officer for one, _ in told.values()}, day)
    own = telling.accounts_of(officers, day)
    here = _agencies([one for one, _ in told.values()], day)
    readers = telling.people_of({pk for ids in here.values() for pk in ids}, day)
    missing = _missing([one for one, _ in told.values()], now)
    found = {}
    for key, (one, user) in told.items():
        officer, contacts = officers[one.officer]
        is_own = user == 0 or user in {reader.user for reader in own.get(one.officer, ())}
        sees = is_own or any(user == reader.user for pk in here[one.officer] for reader in readers.get(pk, ()))
        words = WORDS[one.what](About(one, officer, states[one.officer], is_own))
        found[key] = {
            "name": " ".join(officer.full_name.split()) if is_own else "",
            "headline": words.headline,
            "sentences": [sentence for sentence in words.sentences if sentence],
            "missing": missing.get((one.year, one.officer), []) if words.owes and sees else [],
            "to_do": words.to_do,
            "contacts": contacts,
            "says_contacts": is_own and words.owes,
            "year": one.year,
            "step": words.step if sees else "Open the portal",
            "url": _url(officer, one.year) if sees else settings.PORTAL_URL,
            "is_own": is_own,
        }
    return found


def _url(officer: Officer, year: int) -> str:
    page = reverse("compliance:officer_standing", args=[officer.license_number])
    return f"{settings.PORTAL_URL}{page}?period={year}"


def _missing(decisions: Collection[Decided], now: dt.datetime) -> dict[tuple[int, int], list[stands.Missing]]:
    """(Year, officer id) -> the requirements with hours missing, inactive or not."""
    asked = selectors.questions(now, {one.year for one in decisions})
    found = {}
    for year, question in asked.items():
        ids = [one.officer for one in decisions if one.year == year]
        for pk, finding in standings.of_officers(question, Officer.objects.filter(pk__in=ids)).items():
            found[year, pk] = stands.missing(question, finding)
    return found


# For POST to read beforehand -----------------------------------------------------------------------------------------


def _sample(what: What):
    def find(officer: int) -> str | None:
        """The latest such mail about an officer; else one as if it were decided today, of whoever it could be about."""
        latest = Message.objects.filter(occasion=code(what), key__startswith=f"{officer}:").order_by("-put_at", "-pk")
        key = latest.values_list("key", flat=True).first()
        return key or (str(Key(officer, AS_IF, 0)) if _year_of(officer) else None)

    return find


def _year_of(officer: int) -> int | None:
    """The year a decision about an officer could be about today: that of an inactive license, or of the list."""
    now = clock.now()
    inactive = licensing.state_on(_events([officer], now)[officer], clock.day_of(now)).inactive_for
    listed = Listing.objects.open().filter(candidacy__officer=officer).values_list("candidacy__period__year", flat=True)
    return next(iter([*inactive[-1:], *listed.order_by("-candidacy__period__year")]), None)


def _preview(what: What):
    def said(key: str) -> dict | None:
        """What the mail of a key says; of `AS_IF` to the officer, had it been decided today."""
        one = Key.read(key)
        if one.thing != AS_IF:
            return contexts_of(what, [key]).get(key)
        now = clock.now()
        day, year = clock.day_of(now), _year_of(one.officer)
        if year is None:
            return None
        events = _events([one.officer], now)[one.officer]
        kind = LicenseEvent.Kind.MADE_INACTIVE if what == What.MADE_INACTIVE else LicenseEvent.Kind.REINSTATED
        state = licensing.state_on([*events, EventFact(kind, day, year)], day)
        decided = Decided(
            AS_IF, what, one.officer, year, day, "The Director", "(its number)", "(the words of the Director)",
            until=day + dt.timedelta(days=60) if what == What.LEFT_ACTIVE else None,
        )  # fmt: skip
        return _said({key: (decided, 0)}, {one.officer: state}, now)[key]

    return said


_TITLES = {
    What.MADE_INACTIVE: (
        _("License made inactive"),
        _("The Director made the license inactive: since when, why, what is missing, and the way back."),
    ),
    What.LEFT_ACTIVE: (
        _("License left active"),
        _("The Director left the license active although hours are missing: until when the case is not brought again."),
    ),
    What.REFERRED_BACK: (_("Case sent back to POST"), _("The Director decided nothing yet, and POST looks again.")),
    What.REVERSED: (_("Decision taken back"), _("A decision that made the license inactive was taken back.")),
    What.REINSTATED: (
        _("License reinstated"),
        _("The hours were shown, and the license is reinstated for that year: whether a commission may be held again."),
    ),
}


def _occasion(what: What) -> Occasion:
    title, purpose = _TITLES[what]
    return Occasion(
        code=code(what),
        title=title,
        contexts=lambda keys: contexts_of(what, keys),
        purpose=purpose,
        audience=_(
            "The officer, and the CEO and delegates of the officer’s agencies and of those told before, if "
            "connected. To read it beforehand give somebody on the list, or with an inactive license."
        ),
        about="officer",
        sample=_sample(what),
        preview=_preview(what),
    )


OCCASIONS = tuple(_occasion(what) for what in What)
