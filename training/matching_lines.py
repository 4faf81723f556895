"""Pasted lines matched to officers: each line with who is meant, who may be meant, or why it will be held."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from training import said
from training.bodies import Body
from training.matched_line import Fate, LineMatch
from training.matching import Candidate, Certainty, Match, People, Person
from training.matching_names import agrees, readings
from training.matching_parts import A_PLACE, OF_WORDS
from training.matching_text import TOO_LONG, Piece, read
from training.matching_words import NEGATIONS, Beside, is_harmless, number_in, word_of
from training.names import Name, plain, read_full_name, split_suffix
from training.wrong import Wrong


def match_lines(
    text: str,
    *,
    body: Body,
    day: dt.date,
    picks: Mapping[str, str] | None = None,
    people: People | None = None,
) -> list[LineMatch]:
    """Every line of a pasted text, in order. `picks` are the choices made, their values by the key of the line.

    `people` are those of the body, where somebody has read them already. None are guessed: who is meant, and how they
    attended, is either understood to the last word or left to decide. A constant number of statements, however many
    lines.
    """
    pieces = read(text)
    if not pieces:
        return []
    matching = _Matching(people or People.of(body, day), day, picks or {})
    matching.people.know(number for one in pieces for number in one.numbers)
    found: list[LineMatch] = []
    seen: set[int] = set()
    for piece in pieces:
        for one in matching.lines(piece):
            who = one.person or one.named
            if who and who.pk in seen:
                one = one._replace(is_again=True)
            if who:
                seen.add(who.pk)
            found.append(one)
    return found


class _Matching:
    """The people of the body, and what was matched already."""

    def __init__(self, people: People, day: dt.date, picks: Mapping[str, str]):
        self.people, self.day, self.picks = people, day, picks
        self.own = frozenset(word for word in map(word_of, people.body.name.split()) if word not in NEGATIONS)
        self._known: dict[tuple, list[tuple[str, Match]]] = {}

    def lines(self, piece: Piece) -> Iterator[LineMatch]:
        """The people a line names, one by one; or the line as one that names nobody."""
        if piece.ignored == TOO_LONG:
            fix = "Put each person on a line of their own."
            yield LineMatch(piece.line, piece.text, _key(piece.text, 0), Fate.HELD, wrong=TOO_LONG, fix=fix)
            return
        if piece.ignored and not _is_somebody(piece, self.people, self.day):
            if piece.ignored in OF_WORDS and (found := self._in_a_sentence(piece)):
                yield from found
            else:
                yield LineMatch(piece.line, piece.text, _key(piece.text, 0), Fate.IGNORED, why=piece.ignored)
            return
        asked = piece.numbers, piece.names
        if asked not in self._known:
            self._known[asked] = list(_matches(piece, self.people, self.day))
        matches = self._known[asked]
        is_nobody = not piece.numbers and not any(match.person or match.candidates for _, match in matches)
        if is_nobody and (found := self._in_a_sentence(piece, is_name=True)):
            # A name among other words, or one of which a word was read as attendance.
            yield from found
            return
        several = len(matches) > 1
        doubts = self._doubts(piece, matches)
        for at, ((part, match), doubt) in enumerate(zip(matches, doubts, strict=True)):
            key = _key(piece.text, piece.at + at)
            yield self._line(piece, part if several else piece.text, key, match, doubt)

    def _names(self, person: Candidate) -> tuple[Name, ...]:
        held = self.people.person(person.license_number)
        return held.names if held else ()

    def _own(self, matches: Iterable[Match]) -> frozenset[str]:
        """Words of the agencies that those who are meant belong to."""
        agencies = (name for one in matches if one.person for name in one.person.agencies)
        return self.own | {word_of(word) for name in agencies for word in name.split()}

    def _doubts(self, piece: Piece, matches: Sequence[tuple[str, Match]]) -> list[tuple[str, ...]]:
        """For each person in a line the words that are not understood beside them."""
        certain = [self._names(match.person) for _, match in matches if match.person]
        if not certain:
            certain = [self._names(one) for _, match in matches for one in match.candidates]
        parts = [set(re.split(r"[\s,]+", part)) for part, _ in matches]
        has_hours = piece.hours is not None
        beside = Beside(piece.cells, piece.quoted, has_hours=has_hours, own=self._own(m for _, m in matches))
        others = {
            word for words, (_, match) in zip(parts, matches, strict=True) if not match.person for word in words
        } if len(matches) > 1 else set()  # fmt: skip
        of_line = tuple(beside.unread(certain, also=others))
        if len(matches) > 1 and piece.said.is_anything and not piece.is_of_all:
            of_line = (*piece.said.words, *of_line)
        found = []
        for at, (_, match) in enumerate(matches):
            doubt = of_line
            for near in (at + 1, *((at - 1,) if at == 1 else ())):
                # Nobody here has this name: it may be something said of the one beside it.
                if match.person and near < len(matches) and matches[near][1].certainty is Certainty.NOBODY:
                    doubt = (*doubt, matches[near][0])
            if match.person and _is_in_name(piece, self._names(match.person)):
                doubt = (*piece.said.words, *doubt)
            found.append(doubt)
        return found

    def _line(self, piece: Piece, text: str, key: str, match: Match, unread: Sequence[str]) -> LineMatch:
        is_unclear = bool(piece.said.unclear) or any(word in piece.said.words for word in unread)
        how, hours = ("", None) if is_unclear else (piece.how, piece.hours)
        told = [piece.said.unclear] if piece.said.unclear else []
        unread = [*told, *unread]
        doubt = piece.doubt
        if unread:
            doubt = " ".join(filter(None, (doubt, f"The line also says “{' '.join(unread)}”.")))
        base = LineMatch(
            piece.line, text, key, Fate.HELD, how=how, hours=hours, doubt=doubt, words=piece.said.words,
            below=piece.below,
        )  # fmt: skip
        if not match.candidates and not match.person and not piece.numbers and len(text.split()) == 1:
            return base._replace(fate=Fate.IGNORED, doubt="", why="one word, and nobody’s last name here")
        if match.person and not doubt:
            return base._replace(fate=Fate.CREDITED, person=match.person)
        if match.person:
            number = piece.hours if is_unclear else number_in(unread) if hours is None else None
            is_only = number is not None and not is_unclear
            base = base._replace(candidates=(match.person,), named=match.person, number=number, is_only_number=is_only)
            base = base._replace(wrong=doubt, fix=_how_to_mend(base))
        else:
            wrong = " ".join(filter(None, (match.wrong, doubt if match.candidates else "")))
            base = base._replace(candidates=match.candidates, wrong=wrong, fix=match.fix, is_for_post=match.is_for_post)
        return self._decided(base)

    def _decided(self, line: LineMatch) -> LineMatch:
        """The line as somebody decided it; as it is where nobody did."""
        chosen = self.picks.get(line.key, "")
        pk, _, way = chosen.partition("-")
        person = next((one for one in line.candidates if str(one.pk) == pk), None)
        if person is None or chosen not in {one.value for one in line.choices}:
            return line._replace(is_declined=line.key in self.picks and not chosen)
        how, hours = line.how, line.hours
        if way:
            how = {"left": said.LEFT, "taught": said.TAUGHT}.get(way, said.COMPLETED)
            hours = Decimal(way[1:]) if way.startswith("h") else None
        return line._replace(fate=Fate.CREDITED, person=person, how=how, hours=hours, pick=chosen)

    def _in_a_sentence(self, piece: Piece, *, is_name: bool = False) -> list[LineMatch]:
        """Officers of the agency whom a sentence names in full and of whom it says something; or words with a name."""
        tokens = re.split(r"[\s,;:()/]+", piece.text)
        found: dict[int, tuple[int, Person]] = {}
        for size in (4, 3, 2):
            for at in range(len(tokens) - size + 1):
                words = [word.strip(".!?*<>") for word in tokens[at : at + size]]
                if all(any(c.isalpha() for c in word) for word in words):
                    for one in self.people.called(words, self.day):
                        found.setdefault(one.pk, (at, one))
        people = [one for _, one in found.values()]
        if not people:
            return []
        beside = Beside(piece.cells, piece.quoted, has_hours=piece.hours is not None, own=self.own)
        unread = beside.unread([one.names for one in people], is_sentence=piece.ignored not in ("", A_PLACE))
        if piece.ignored == A_PLACE and not unread:
            # The head of a letter names the sheriff and the county too.
            parts = {plain(part) for one in people for name in one.names for each in name for part in each.split()}
            unread = [word for word in tokens if plain(word) not in parts]
        is_in_front = ":" not in piece.text and any(
            all(is_harmless(word) for word in tokens[:at]) and at < 3 for at, _ in found.values()
        )
        if not unread and not piece.said.words and not (is_in_front or is_name):
            return []
        if len(people) > 1 and piece.said.is_anything and not piece.is_of_all:
            unread = [*piece.said.words, *unread]
        several = len(people) > 1
        lines = []
        for at, one in enumerate(people):
            match = Match(piece.text, Certainty.CERTAIN, one.candidate(self.day))
            text = f"{match.person.name}: {piece.text}" if several else piece.text
            doubt = [*piece.said.words, *unread] if _is_in_name(piece, one.names) else unread
            lines.append(self._line(piece, text, _key(piece.text, piece.at + at), match, doubt))
        return lines


def _is_somebody(piece: Piece, people: People, day: dt.date) -> bool:
    """Whether a line that reads like a heading is exactly the name of an officer here, such as June Carter."""
    return len(piece.names) == 1 and _match(piece.names[0], people, day).certainty is Certainty.CERTAIN


def _key(text: str, at: int) -> str:
    return hashlib.sha256(f"{at}\x1f{text}".encode()).hexdigest()[:16]


def _how_to_mend(line: LineMatch) -> str:
    name = line.named.name
    if line.number is not None:
        return f"If these are hours, write “{line.number.normalize():f} h”. Otherwise take the number out."
    if line.below:
        return f"Say how {name} attended, or write “Attended:” above those who completed the class."
    return f"Say how {name} attended, or take out what says nothing of it."


def _is_in_name(piece: Piece, names: Iterable[Name]) -> bool:
    """Whether a word that was read as attendance is a part of the officer's name, such as Pass."""
    if not piece.said.is_anything:
        return False
    parts = {plain(part) for name in names for one in name for part in one.split()}
    return any(plain(word) in parts for one in piece.said.words for word in one.split())


def _matches(piece: Piece, people: People, day: dt.date) -> Iterator[tuple[str, Match]]:
    """(the part of the line, who is meant by it)."""
    if piece.numbers:
        yield piece.text, _numbered(piece, people, day)
    else:
        yield from _named(piece, people, day)


def _numbered(piece: Piece, people: People, day: dt.date) -> Match:
    ways = list(_ways(piece.names))
    names = [name for words in ways for name in readings(split_suffix(words)[0].split())]
    known = [one for number in piece.numbers if (one := people.person(number)) and people.may_be_told(one, names)]
    if len(known) > 1:
        fitting = [one for one in known if any(_agrees(words, one) for words in ways)]
        if len(fitting) != 1:
            offered = tuple(one.candidate(day, "has one of the license numbers") for one in known)
            wrong, fix = "The line has more than one license number.", "Put each person on a line of their own."
            return Match(piece.text, Certainty.POSSIBLE, None, offered, wrong, fix)
        known = fitting
    one = known[0] if known else None
    number = one.number if one else piece.numbers[0]
    words = next((words for words in ways if one and _agrees(words, one)), ways[0] if ways else "")
    words, _ = split_suffix(words)
    if one and len(words.split()) == 1:
        return _beside_one_word(one, words, piece.text, day)
    return people.match(number=number, words=words if len(words.split()) > 1 else "", text=piece.text)


def _beside_one_word(one: Person, word: str, text: str, day: dt.date) -> Match:
    """A license number beside one word, which has to be a part of that officer's name."""
    if one.is_called(word):
        return Match(text, Certainty.CERTAIN, one.candidate(day))
    offered = (one.candidate(day, "has this license number"),)
    wrong = f"The license number {one.number} is {offered[0].name}’s, not {word}’s."
    return Match(
        text,
        Certainty.POSSIBLE,
        None,
        offered,
        wrong,
        "Correct the license number or the name, so that they agree.",
    )


def _ways(cells: tuple[str, ...]) -> Iterator[str]:
    """What may be the name: two cells side by side, or a cell of two words or more, or one of one."""
    yield from (f"{one} {other}" for one, other in pairwise(cells))
    yield from sorted(cells, key=lambda cell: -min(2, len(cell.split())))


def _agrees(words: str, person: Person) -> bool:
    rest, _ = split_suffix(words)
    if len(rest.split()) == 1:
        return _beside_one_word(person, rest, "", None).certainty is Certainty.CERTAIN
    return any(agrees(given, held) for given in readings(rest.split()) for held in person.names)


def _named(piece: Piece, people: People, day: dt.date) -> Iterator[tuple[str, Match]]:
    cells = list(piece.names)
    while cells:
        taken, part, match = _first_of(cells, people, day)
        yield part, match
        del cells[:taken]


def _first_of(cells: list[str], people: People, day: dt.date) -> tuple[int, str, Match]:
    """The person at the beginning of the cells: how many cells name them, those cells, who it is."""
    alone = _match(cells[0], people, day)
    if len(cells) == 1 or alone.certainty is Certainty.CERTAIN:
        return 1, cells[0], alone
    pair = f"{cells[0]}, {cells[1]}"
    both = _match(pair, people, day)
    if both.certainty is Certainty.CERTAIN or len(cells[0].split()) == 1 or alone.certainty is Certainty.NOBODY:
        # Several full names with commas between, of which the first is nobody here, stay several.
        if both.certainty is Certainty.NOBODY and all(len(cell.split()) > 1 for cell in cells):
            return 1, cells[0], alone
        return 2, pair, both
    return 1, cells[0], alone


def _match(words: str, people: People, day: dt.date) -> Match:
    rest, suffix = split_suffix(words.replace(",", " , ")) if "," not in words else (words, "")
    if "," in words or suffix:
        try:
            named = people.match(name=read_full_name(words), day=day, text=words)
        except Wrong:
            named = None
        if named and (named.candidates or named.person):
            return named
        rest = rest.replace(",", " ")
    return people.match(words=rest, day=day, text=words)
