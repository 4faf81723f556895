"""People as files and pasted lines name them, found in the register: certain, possible, or nobody. None are guessed.

The POST license number comes first. A name is looked for inside one agency only; outside it the full license number is
needed, and no more than name and current agency is shown of whom it finds. Badge numbers are never identity.

A provider finds by name, or by number alone, nobody but the people of its own classes. Of anybody else it must give
number and name, and they must agree: where they do not, it is told the same as of a number that nobody has.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from clee_portal import clock
from training import attendees, selectors
from training.bodies import Body, is_provider
from training.matching_names import Alike, Likeness, agrees, alike, is_typo, readings
from training.models import Agency, Commission, Officer, OfficerFormerName, Provider
from training.names import Name, plain

MOST_OFFERED = 5
_NAME = ("first_name", "middle_name", "last_name", "suffix")
_AS_OFFICER = tuple(f"officer__{part}" for part in _NAME)


class Certainty(StrEnum):
    """How sure it is who is meant."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NOBODY = "nobody"


class Candidate(NamedTuple):
    """An officer who is or may be meant: what is needed to decide, and no more."""

    pk: int
    license_number: str
    name: str
    rank: str = ""
    why: str = ""
    agencies: tuple[str, ...] = ()  # of an officer who is not of this agency: where they are commissioned today
    is_here: bool = True  # commissioned at the agency on the day, or of a provider's classes

    def __str__(self) -> str:
        return f"{self.name} ({self.license_number})"


class Match(NamedTuple):
    """Who is meant by what somebody wrote; where that is not certain, what is wrong and how to mend it."""

    text: str
    certainty: Certainty
    person: Candidate | None = None
    candidates: tuple[Candidate, ...] = ()
    wrong: str = ""
    fix: str = ""
    is_for_post: bool = False


@dataclass(slots=True)
class Person:
    """An officer with the names they have and had, and the days of their commissions at the agency."""

    pk: int
    number: str
    name: Name
    rank: str = ""
    former: list[Name] = field(default_factory=list)
    days: list[tuple[dt.date, dt.date | None]] = field(default_factory=list)
    agencies: tuple[str, ...] = ()

    def is_here(self, day: dt.date | None) -> bool:
        """Whether they were commissioned at the agency on the day; on any day where none is given."""
        if day is None:
            return bool(self.days)
        return any(start <= day and (end is None or end >= day) for start, end in self.days)

    def is_called(self, word: str) -> bool:
        """Whether one word, given beside the license number, is the first or the last name."""
        ways = ((Name(held.first, "", word, ""), Name(word, "", held.last, "")) for held in self.names)
        return any(agrees(given, held) for held, both in zip(self.names, ways, strict=True) for given in both)

    @property
    def names(self) -> tuple[Name, ...]:
        """The name they have, and those they had."""
        return self.name, *self.former

    def candidate(self, day: dt.date | None, why: str = "") -> Candidate:
        """Them, as they are shown."""
        last = " ".join(part for part in (self.name.last, self.name.suffix) if part)
        first = " ".join(part for part in (self.name.first, self.name.middle) if part)
        here = self.is_here(day)
        return Candidate(self.pk, self.number, f"{last}, {first}", self.rank if here else "", why, self.agencies, here)


class People:
    """The people of one body, read once: an agency's officers with the days of their commissions, or those of a
    provider's classes. Others are known by number alone; to a provider (`is_closed`) by number and name together.
    """

    def __init__(self, body: Body | None, day: dt.date | None = None, *, is_closed: bool | None = None):
        self.body, self.day = body, day
        self.is_closed = is_provider(body) if is_closed is None else is_closed
        self.own: dict[int, Person] = {}
        self._numbered: dict[str, Person] = {}
        self._formerly: dict[str, list[Person]] = {}
        self._asked: set[str] = set()
        self._by_last: dict[str, list[Person]] = {}
        self._spelled: dict[tuple[int, int], str] = {}

    @classmethod
    def of(cls, body: Body | None, day: dt.date | None = None, *, is_closed: bool | None = None) -> "People":
        """Everybody who was ever commissioned at an agency, or is credited by a provider; nobody where there is no
        body. Two statements. `is_closed` is given where POST, who sees the register, works for a provider.
        """
        people = cls(body, day, is_closed=is_closed)
        if body is not None:
            people._read_attendees(body) if is_provider(body) else people._read_commissions(body)
        for one in people.own.values():
            people._numbered[one.number] = one
            for at, name in enumerate(one.names):
                people._spelled[one.pk, at] = _sorted_words(f"{name.first} {name.last}")
                people._by_last.setdefault(plain(name.last), []).append(one)
        return people

    def _read_attendees(self, provider: Provider) -> None:
        # Who works undercover is known by number and name together alone, also after a class.
        known = attendees.of(provider).filter(is_name_closed=False)
        for pk, number, *name in known.order_by("license_number").values_list("pk", "license_number", *_NAME):
            self.own[pk] = Person(pk, number, Name(*name), days=[(dt.date.min, None)])
        self._add_former(self.own, OfficerFormerName.objects.filter(officer__in=known.values("pk")))

    def _read_commissions(self, agency: Agency) -> None:
        held = Commission.objects.filter(agency=agency).order_by("officer__license_number", "started_on")
        rows = held.values_list(
            "officer", "officer__license_number", *_AS_OFFICER, "rank", "is_reserve", "started_on", "ended_on"
        )
        for pk, number, first, middle, last, suffix, rank, is_reserve, *days in rows:
            one = self.own.get(pk)
            if one is None:
                one = self.own[pk] = Person(pk, number, Name(first, middle, last, suffix))
            one.rank = rank or ("Reserve" if is_reserve else "")
            one.days.append(tuple(days))
        self._add_former(self.own, OfficerFormerName.objects.filter(officer__in=held.values("officer").order_by()))

    @staticmethod
    def _add_former(people: dict[int, Person], names) -> None:
        for pk, *name in names.order_by("pk").values_list("officer", *_NAME):
            people[pk].former.append(Name(*name))

    def know(self, numbers: Iterable[str]) -> None:
        """Read the officers with these license numbers not of the body on the day. At most three statements, and one
        where nobody has one of them: who had it before is offered. A provider's cost the same whoever has them."""
        asked = set(numbers) - self._asked
        self._asked |= asked
        away = [one for one in self.own.values() if one.number in asked and not one.is_here(self.day)]
        found = {}
        if unknown := asked - self._numbered.keys():
            rows = Officer.objects.filter(license_number__in=sorted(unknown))
            found = {pk: Person(pk, number, Name(*name)) for pk, number, *name in rows.values_list(
                "pk", "license_number", *_NAME)}  # fmt: skip
        if found or (unknown and self.is_closed):
            self._add_former(found, OfficerFormerName.objects.filter(officer__license_number__in=sorted(unknown)))
            self._numbered |= {one.number: one for one in found.values()}
        had_it = {}
        if missing := unknown if self.is_closed else unknown - self._numbered.keys():
            for number, officers in selectors.now_known_as(missing).items():
                named = [
                    Person(one.pk, one.license_number, Name(*(getattr(one, part) for part in _NAME)))
                    for one in officers
                ]
                self._formerly[number] = named
                had_it |= {one.pk: one for one in named}
        if (found or away or had_it) and not self.is_closed:
            self.say_where([*found.values(), *away, *had_it.values()])

    @staticmethod
    def say_where(people: Iterable[Person]) -> None:
        """Read where these are commissioned today. One statement."""
        those = {one.pk: one for one in people}
        today = selectors.agencies_today(those, clock.today()) if those else {}
        for one in those.values():
            one.agencies = tuple(str(agency) for agency in today.get(one.pk, ())) or ("no agency today",)

    def person(self, number: str) -> Person | None:
        """The officer with this license number: of the body, or one of those asked for by `know`."""
        return self._numbered.get(number)

    def may_be_told(self, one: Person, names: Iterable[Name]) -> bool:
        """Whether it may be told that a license number is this officer's, given beside these names. A provider is told
        so of its own people only, and of whom it names in full itself."""
        if not self.is_closed or one.pk in self.own:
            return True
        return any(given.first and agrees(given, held) for given in names for held in one.names)

    def match(
        self, *, number: str = "", name: Name | None = None, words: str = "", day: dt.date | None = None, text: str = ""
    ) -> Match:
        """Who is meant by a license number, a name, or both. `words` is a name whose parts stand in any order.

        No statement: the numbers of officers of other agencies are asked for beforehand, by `know`.
        """
        day = day or self.day
        lone = name.last if name and not name.first else ""
        names = [] if lone else [name] if name else list(readings(words.split())) if words else []
        whole = _whole(name) if name else words
        text = text or " ".join(part for part in (number, whole) if part)
        if not number:
            return self._named(names, whole, is_in_order=name is not None, day=day, text=text)
        one = self._numbered.get(number)
        if one is None or not self.may_be_told(one, names):
            return self._near(number, names, whole, day, text)
        is_called = one.is_called(lone) if lone else any(agrees(given, held) for given in names for held in one.names)
        if is_called or not (names or lone):
            return Match(text, Certainty.CERTAIN, one.candidate(day))
        return self._disagree(one, names, whole, day, text)

    def _disagree(self, one: Person, names: list[Name], whole: str, day, text: str) -> Match:
        offered = [one.candidate(day, "has this license number"), *self._called(names, day, but=one)]
        return Match(
            text,
            Certainty.POSSIBLE,
            None,
            tuple(offered),
            f"The license number {one.number} is {one.candidate(day).name}’s, not {whole}’s.",
            "Correct the license number or the name, so that they agree.",
        )

    def _called(self, names: list[Name], day, *, but: Person) -> list[Candidate]:
        return [one.candidate(day, "has this name") for one in self._same(names, day) if one is not but][:MOST_OFFERED]

    def _near(self, number: str, names: list[Name], whole: str, day, text: str) -> Match:
        """A number nobody has: those of the own roster that differ by one slip are offered, never taken."""
        offered: dict[int, Candidate] = {}
        for one in self.own.values():
            if one.is_here(day) and OSA.distance(one.number, number, score_cutoff=1) <= 1:
                fits = any(agrees(given, held) for given in names for held in one.names)
                why = "one digit of the number differs" + (", and the name agrees" if fits else "")
                offered[one.pk] = one.candidate(day, why)
        for one in self._same(names, day):
            offered.setdefault(one.pk, one.candidate(day, "has this name"))
        for one in self._formerly.get(number, ()):
            if self.may_be_told(one, names):
                offered[one.pk] = one.candidate(day, "had this number until it was corrected")
        named = sorted(offered.values(), key=lambda one: (", and" not in one.why, one.name))[:MOST_OFFERED]
        if self.is_closed and not named:
            return self._unknown(number, names, whole, text)
        wrong = f"No officer has the license number {number}."
        if self.is_closed:
            wrong = f"The license number {number} is of nobody in your classes{_called(names, whole)}."
        if not named:
            fix = "Correct the number: it is the POST license number, not a badge number."
            return Match(text, Certainty.NOBODY, None, (), wrong, fix)
        return Match(text, Certainty.POSSIBLE, None, tuple(named), wrong, f"Perhaps it is {_listed(named)}.")

    def _unknown(self, number: str, names: list[Name], whole: str, text: str) -> Match:
        """What a provider is told of a number that is not of its people: the same whether somebody has it or not."""
        if names:
            wrong = f"No officer is called {whole} and has the license number {number}."
            fix = "Correct the number or the name; it is the POST license number, not a badge number."
        else:
            wrong = f"The license number {number} is of nobody in your earlier classes."
            fix = "Give first and last name beside it: a new person is found by number and name together."
        return Match(text, Certainty.NOBODY, None, (), wrong, fix)

    def _same(self, names: list[Name], day) -> list[Person]:
        """Those of the body on the day who have exactly one of these names."""
        found: dict[int, Person] = {}
        for given in names:
            for one in self._by_last.get(plain(given.last), ()):
                if one.is_here(day) and any(_is(given, held) for held in one.names):
                    found[one.pk] = one
        return list(found.values())

    def called(self, words: list[str], day: dt.date) -> list[Person]:
        """Those of the body on the day who are called exactly so, the words in any order."""
        return self._same(list(readings(words)), day)

    def _named(self, names: list[Name], whole: str, *, is_in_order: bool, day, text: str) -> Match:
        if self.body is None:
            return Match(
                text,
                Certainty.NOBODY,
                wrong="There is no license number.",
                fix="Give the license number: names are matched only inside an agency.",
                is_for_post=True,
            )
        same = self._same(names, day)
        if len(same) == 1:
            return Match(text, Certainty.CERTAIN, same[0].candidate(day))
        if same:
            offered = tuple(one.candidate(day, "has this name") for one in same)[: MOST_OFFERED * 2]
            wrong = f"{len(same)} {self._people} are called {whole}."
            return Match(
                text, Certainty.POSSIBLE, None, offered, wrong, f"Give the license number: {_listed(offered)}."
            )
        if offered := self._like(names, whole, day):
            wrong = f"{self._nobody} is called {whole}."
            fix = f"Perhaps it is {_listed(offered)}. Otherwise give the license number."
            return Match(text, Certainty.POSSIBLE, None, offered, wrong, fix)
        if gone := self._same(names, None):
            wrong = f"{_listed([one.candidate(day) for one in gone])} was not commissioned at {self.body} on {day}."
            fix = "Give the license number if this officer attended for another agency."
            return Match(text, Certainty.NOBODY, None, (), wrong, fix)
        if is_provider(self.body):
            fix = "Give the POST license number beside the name: a name alone finds nobody else."
            return Match(text, Certainty.NOBODY, wrong=f"{self._nobody} is called {whole}.", fix=fix)
        return Match(
            text,
            Certainty.NOBODY,
            wrong=f"{self._nobody} is called {whole}.",
            fix="Give the full license number. A name alone finds nobody outside the agency; POST can place it.",
            is_for_post=True,
        )

    @property
    def _nobody(self) -> str:
        return f"Nobody in earlier classes of {self.body}" if is_provider(self.body) else f"No officer of {self.body}"

    @property
    def _people(self) -> str:
        where = "in earlier classes of" if is_provider(self.body) else "of"
        return f"officers {where} {self.body}"

    def _like(self, names: list[Name], whole: str, day) -> tuple[Candidate, ...]:
        """Those of the body on the day whose name may be meant, the likeliest first."""
        if not names:
            return self._with_last_name(whole, day)
        found: dict[int, tuple[Alike, Person]] = {}
        for one in self._worth_a_look(names, whole):
            if not one.is_here(day):
                continue
            for given in names:
                for at, held in enumerate(one.names):
                    if (how := alike(given, held)) and how.how != Likeness.FIRST_ELSE:
                        if at and not how.why:
                            how = Alike(how.how, "a former name")
                        if one.pk not in found or how.how < found[one.pk][0].how:
                            found[one.pk] = how, one
        ranked = sorted(found.values(), key=lambda pair: (pair[0].how, pair[1].number))
        return tuple(one.candidate(day, how.why) for how, one in ranked[:MOST_OFFERED])

    def _worth_a_look(self, names: list[Name], whole: str) -> Iterator[Person]:
        near = process.extract(_sorted_words(whole), self._spelled, scorer=fuzz.ratio, score_cutoff=60, limit=12)
        seen = {key[0] for _, _, key in near}
        yield from (self.own[pk] for pk in seen)
        for last in {plain(part) for given in names for part in (given.last, given.first)}:
            for one in self._by_last.get(last, ()):
                if one.pk not in seen:
                    seen.add(one.pk)
                    yield one

    def _with_last_name(self, word: str, day) -> tuple[Candidate, ...]:
        key = plain(word)
        here = [one for one in self._by_last.get(key, ()) if one.is_here(day)]
        why = "only the last name is given"
        if not here and len(key) > 4:
            here = [
                one for last, held in self._by_last.items() if is_typo(key, last) for one in held if one.is_here(day)
            ]
            why = "spelled a little differently, and only the last name is given"
        return tuple(one.candidate(day, why) for one in here[: MOST_OFFERED * 2])


def _is(given: Name, held: Name) -> bool:
    return (found := alike(given, held)) is not None and found.how is Likeness.SAME


def _whole(name: Name) -> str:
    return " ".join(part for part in (name.first, name.middle, name.last, name.suffix) if part)


def _sorted_words(text: str) -> str:
    return " ".join(sorted(key for part in text.replace("-", " ").replace(",", " ").split() if (key := plain(part))))


def _called(names: list[Name], whole: str) -> str:
    return f" called {whole}" if names else ""


def _listed(people: Iterable[Candidate]) -> str:
    return "; ".join(str(one) for one in people)
