"""Who gave a training and who attended it: sources and people as files name them, found in the register."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from clee_portal.accounts.models import User
from training.bodies import Body, field_of, is_provider
from training.imports.agency_names import Agencies
from training.matching import People
from training.models import (
    Agency,
    Commission,
    Officer,
    OfficerFormerName,
    Provider,
    ProviderLicense,
    RecognizedSource,
    SourceKind,
)
from training.names import Name, is_same, may_be_same, plain
from training.wrong import Wrong

SOURCE_FIELDS = ("source", "provider", "source_agency", "sponsor", "control_number")
_SPONSORED = (SourceKind.INDIVIDUAL_COURSE, SourceKind.OUT_OF_STATE, SourceKind.COLLEGE)


@dataclass(frozen=True)
class Manner:
    """How rows of training come in: on which day, by whom, from which older register, at a body's desk or not.

    At a desk people read what is wrong on a page. `only_own`: nothing but what the body gave itself is credited.
    """

    today: dt.date
    by: User | None = None
    carried_over_from: str = ""
    is_desk: bool = False
    only_own: bool = False


class Misplaced(Wrong):
    """As `Wrong`, with the field it concerns, and whether only POST can place it."""

    def __init__(self, field_name: str, wrong: str, fix: str, *, is_for_post: bool = False):
        super().__init__(wrong, fix)
        self.field = field_name
        self.is_for_post = is_for_post


class Source(NamedTuple):
    """Who gave a course: its kind, and the provider, the agency or the sponsor."""

    kind: str
    provider: int | None
    agency: int | None
    sponsor: str

    @property
    def key(self) -> tuple:
        """How sources are compared."""
        return self.kind, self.provider, self.agency, plain(self.sponsor)


class Sources:
    """The providers and agencies that give training."""

    def __init__(self, agencies: Agencies, own: Body | None):
        self._agencies = agencies
        self._own = own
        self._providers: dict[str, list[Provider]] = {}
        self.names: dict[int, str] = {}
        for one in Provider.objects.order_by("pk"):
            self._providers.setdefault(plain(one.name), []).append(one)
            self.names[one.pk] = one.name
        self._recognized: dict[str, list[RecognizedSource]] = {}
        for one in RecognizedSource.objects.live():
            self._recognized.setdefault(plain(one.name), []).append(one)
        self._licenses: dict[int, list[ProviderLicense]] = {}
        for license_ in ProviderLicense.objects.live().order_by("valid_from").select_related("provider"):
            self._licenses.setdefault(license_.provider_id, []).append(license_)
            held = self._providers.setdefault(plain(license_.number), [])
            if license_.provider not in held:
                held.append(license_.provider)

    def own_only(self, kind: str, names: dict[str, str]) -> Source:
        """What the body gave itself: all that its file may give. Raises `Misplaced` for another source."""
        if is_provider(self._own):
            return self._own_class(kind, names)
        for name, value in names.items():
            if not value or self._is_own(value):
                continue
            raise Misplaced(
                name,
                f"“{value[:60]}” gave this training: whoever gives a class reports it, and an agency’s file gives "
                "in-service credit of the agency itself.",
                f"Empty the cell if it was in-service of {self._own}; else ask them to report it, or leave it to POST.",
                is_for_post=True,
            )
        if kind not in ("", SourceKind.IN_SERVICE) and not any(names.values()):
            raise Misplaced(
                "source",
                "An agency’s file gives in-service credit only.",
                f"Empty the cell if it was in-service of {self._own}; else leave it to POST.",
                is_for_post=True,
            )
        return self._of_own

    def _own_class(self, kind: str, names: dict[str, str]) -> Source:
        """A class of the own provider. Raises `Misplaced`: nobody is told whether there is another of that name."""
        for name, value in names.items():
            if value and self._own not in self._providers.get(plain(value), ()):
                raise Misplaced(
                    name,
                    f"“{value[:60]}” gave this training: whoever gives a class reports it, and a provider’s file gives "
                    "credit of its own classes.",
                    f"Empty the cell if it was a class of {self._own}; else leave the row out.",
                )
        if kind not in ("", SourceKind.APPROVED_PROVIDER):
            raise Misplaced(
                "source",
                "A provider’s file gives credit of its own approved classes only.",
                f"Empty the cell if it was a class of {self._own}; else leave the row out.",
            )
        return self._of_own

    @property
    def _of_own(self) -> Source:
        """The own body as who gave a training: a provider's class, or an agency's in-service."""
        if is_provider(self._own):
            return Source(SourceKind.APPROVED_PROVIDER, self._own.pk, None, "")
        return Source(SourceKind.IN_SERVICE, None, self._own.pk, "")

    @property
    def own_kind(self) -> str:
        """Whether the own body is an agency or a provider, in a word."""
        return field_of(self._own)

    @property
    def own_training(self) -> str:
        """What the own body gives, in words."""
        return "of your catalogue" if is_provider(self._own) else "in-service of your agency"

    def is_own(self, source: "Source") -> bool:
        """Whether it was given by the own body."""
        return source == self._of_own

    def _is_own(self, text: str) -> bool:
        if plain(text) in (plain(self._own.name), plain(self._own.code), "inservice", "inhouse"):
            return True
        try:
            return self._agencies.read(text) == self._own
        except Wrong:
            return False

    def stated(self, kind: str, names: dict[str, str], *, needed: bool) -> Source | None:
        """The source a row states; where it states none, the own body's. Raises `Misplaced`."""
        given = {name: value for name, value in names.items() if value}
        if len(given) > 1:
            raise Misplaced(
                next(iter(given)), f"{' and '.join(given)} are both given.", "Leave the one who gave the training."
            )
        name, value = next(iter(given.items()), ("", ""))
        kind = kind or {"provider": SourceKind.APPROVED_PROVIDER, "source_agency": SourceKind.IN_SERVICE}.get(name, "")
        if not kind and name == "sponsor":
            raise Misplaced(
                "source", "The kind of source is not given.", f"Set source to one of {', '.join(_SPONSORED)}."
            )
        if not kind:
            if self._own:
                return self._of_own
            if needed:
                raise Misplaced(
                    "source",
                    "It does not say who gave the training.",
                    "Give --agency CODE for its in-service, or map or set provider, source_agency, or sponsor.",
                )
            return None
        wanted = (
            "provider"
            if kind == SourceKind.APPROVED_PROVIDER
            else "source_agency" if kind == SourceKind.IN_SERVICE else "sponsor"
        )  # fmt: skip
        if name and name != wanted:
            raise Misplaced(name, f"A source of the kind {kind} is named in {wanted}, not {name}.", f"Use {wanted}.")
        if kind == SourceKind.IN_SERVICE:
            if not value and self._own and not is_provider(self._own):
                return self._of_own
            return Source(kind, None, self._agency(value).pk, "")
        if not value and kind == SourceKind.APPROVED_PROVIDER and is_provider(self._own):
            return self._of_own
        if not value:
            raise Misplaced(wanted, f"A source of the kind {kind} needs its {wanted}.", f"Fill in {wanted}, or set it.")
        if kind == SourceKind.APPROVED_PROVIDER:
            return Source(kind, self._provider(value).pk, None, "")
        return Source(kind, None, None, value)

    def _agency(self, text: str) -> Agency:
        if not text:
            raise Misplaced("source_agency", "In-service needs the agency that gave it.", "Fill in source_agency.")
        try:
            return self._agencies.read(text)
        except Wrong as wrong:
            raise Misplaced("source_agency", wrong.wrong, wrong.fix) from None

    def _provider(self, text: str) -> Provider:
        found = self._providers.get(plain(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Misplaced("provider", f"“{text[:60]}” is the name of several providers.", "Give the license number.")
        raise Misplaced(
            "provider", f"There is no provider “{text[:60]}”.", "Correct its name or license number, or call POST."
        )

    def recognized(self, name: str, day: dt.date) -> RecognizedSource | None:
        """The entry of the Director's list under this name that held on a day; None where none did (75-15.050)."""
        held = self._recognized.get(plain(name), ())
        return next((one for one in held if one.holds_in(day.year)), None)

    def not_licensed(self, provider: int, day: dt.date) -> str:
        """Why a provider could give no approved hours on a day; empty where it could. RSMo 590.050."""
        name, covering = self.names[provider], None
        for one in self._licenses.get(provider, ()):
            if one.valid_from <= day and (one.valid_until is None or one.valid_until >= day):
                covering = one
                if one.standing in (ProviderLicense.Standing.VALID, ProviderLicense.Standing.PROBATION):
                    return ""
        if covering:
            return f"The license of {name} was {covering.get_standing_display().lower()} on {day}."
        return f"{name} had no license on {day}, the day the class ended."


@dataclass(slots=True)
class Person:
    """An officer with the names they have and had."""

    pk: int
    number: str
    name: Name
    former: list[Name] = field(default_factory=list)

    def __str__(self) -> str:
        last = " ".join(part for part in (self.name.last, self.name.suffix) if part)
        return f"{last}, {self.name.first} ({self.number})"

    def may_be(self, name: Name) -> bool:
        """Whether a name beside the license number may be this officer's."""
        return any(may_be_same(one, name) for one in (self.name, *self.former))


_NAME = ("first_name", "middle_name", "last_name", "suffix")


def people_with(numbers: Iterable[str]) -> dict[str, Person]:
    """The officers with these license numbers. Two statements."""
    found = Officer.objects.filter(license_number__in=list(numbers)).values_list("pk", "license_number", *_NAME)
    people = {number: Person(pk, number, Name(*name)) for pk, number, *name in found}
    _add_former(people.values())
    return people


def _add_former(people: Iterable[Person]) -> None:
    by_pk = {one.pk: one for one in people}
    for pk, *name in OfficerFormerName.objects.filter(officer__in=list(by_pk)).values_list("officer", *_NAME):
        by_pk[pk].former.append(Name(*name))


class Memory:
    """The people of one body (`People`), read once for a whole run; of an agency the days of their commissions."""

    def __init__(self, body: Body | None):
        self.body = body
        self._people: dict[int, Person] | None = None
        self._register: People | None = None
        self._days: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
        self._by_name: dict[str, list[Person]] = {}

    def _load(self) -> None:
        held = Commission.objects.filter(agency=self.body).values_list(
            "officer", "officer__license_number", *(f"officer__{part}" for part in _NAME), "started_on", "ended_on"
        )
        self._people = {}
        for pk, number, first, middle, last, suffix, *days in held.order_by("officer__license_number"):
            self._people.setdefault(pk, Person(pk, number, Name(first, middle, last, suffix)))
            self._days.setdefault(pk, []).append(tuple(days))
        _add_former(self._people.values())
        for one in self._people.values():
            for last in {plain(name.last) for name in (one.name, *one.former)}:
                self._by_name.setdefault(last, []).append(one)

    def matcher(self) -> People:
        """The body's people as its desk matches them: certain, possible, or nobody."""
        if self._register is None:
            self._register = People.of(self.body)
        return self._register

    def knows(self, officer: int) -> bool:
        """Whether an officer is or was of the agency, or in a class of the provider."""
        return officer in self.matcher().own

    def named(self, name: Name, day: dt.date) -> Person:
        """The one officer of the agency with this name who was commissioned on the day. Raises `Wrong`."""
        if self._people is None:
            self._load()
        near = self._by_name.get(plain(name.last), [])
        same = [one for one in near if any(is_same(held, name) for held in (one.name, *one.former))]
        here = [
            one
            for one in same
            if any(start <= day and (end is None or end >= day) for start, end in self._days[one.pk])
        ]
        if len(here) == 1:
            return here[0]
        whole = " ".join(part for part in (name.first, name.middle, name.last, name.suffix) if part)
        if here:
            raise Wrong(
                f"{len(here)} officers of {self.body} are called {whole}.", f"Give the license number: {_list(here)}."
            )
        if same:
            raise Wrong(
                f"{_list(same)} was not commissioned at {self.body} on {day}.",
                "Give the license number if this officer attended for another agency.",
            )
        hint = f" Near it: {_list(near[:3])}." if near else ""
        raise Wrong(f"No officer of {self.body} is called {whole}.", f"Give the license number.{hint}")


def _list(people: list[Person]) -> str:
    return "; ".join(str(one) for one in people)
