"""Invented people and places, in the shapes real registers show: hyphens, blanks, apostrophes, accents, suffixes."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

import yaml

HERE = Path(__file__).parent
LARGEST_TOWN = "Port Laurent"
INITIALS = "ABCDEFGHJKLMNPRSTVW"


@cache
def lists() -> dict[str, list[str]]:
    """The lists of names.yaml; a list written as running text is split at blanks."""
    raw = yaml.safe_load((HERE / "names.yaml").read_text(encoding="utf-8"))
    return {key: value.split() if isinstance(value, str) else value for key, value in raw.items()}


def plain(name: str) -> str:
    """`name` in small letters without accents, blanks and signs, for addresses and codes."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@dataclass(slots=True)
class Name:
    """A person's name, in its parts."""

    first: str
    middle: str
    last: str
    suffix: str = ""

    @property
    def full(self) -> str:
        """First to last."""
        return " ".join(part for part in (self.first, self.middle, self.last, self.suffix) if part)


class People:
    """Draws names. Some are far commoner than others, so that namesakes occur as in a state (about 4 in 100)."""

    def __init__(self, rng: Random):
        self.rng = rng
        known = lists()
        self.firsts = list(known["first_names"])
        self.lasts = [a + b for a in known["surname_beginnings"] for b in known["surname_endings"]]
        self.lasts += known["surnames"] * 5
        for names in (self.firsts, self.lasts):
            rng.shuffle(names)
        self.first_weights = list(accumulate(1 / (rank + 60) for rank in range(len(self.firsts))))
        self.last_weights = list(accumulate(1 / (rank + 200) for rank in range(len(self.lasts))))
        self.rare = [known[f"surnames_with_{kind}"] for kind in ("accents", "blanks", "apostrophes")]

    def surname(self) -> str:
        """A surname: 2.8 % with a blank, 0.7 % with a hyphen, a few with an apostrophe or accents."""
        rng = self.rng
        dice = rng.random()
        if dice < 0.006:
            return rng.choice(self.rare[2])
        if dice < 0.034:
            return rng.choice(self.rare[1])
        if dice < 0.046:
            return rng.choice(self.rare[0])
        plain_one = rng.choices(self.lasts, cum_weights=self.last_weights)[0]
        if dice < 0.053:
            return f"{plain_one}-{rng.choices(self.lasts, cum_weights=self.last_weights)[0]}"
        return plain_one

    def name(self) -> Name:
        """A whole name: no middle name for a fifth, an initial or a full middle name for the others, 3.9 % a suffix."""
        rng = self.rng
        first = rng.choices(self.firsts, cum_weights=self.first_weights)[0]
        dice = rng.random()
        middle = "" if dice < 0.21 else rng.choice(INITIALS) + "." if dice < 0.85 else rng.choice(self.firsts)
        suffix = rng.choice(("Jr.", "Jr.", "Jr.", "Sr.", "II", "III", "III", "IV")) if rng.random() < 0.039 else ""
        return Name(first, middle, self.surname(), suffix)


def towns(rng: Random) -> list[str]:
    """Every town there is, the largest first, then in random order, those with a story to their name early."""
    known = lists()
    made = [beginning + ending for beginning in known["town_beginnings"] for ending in known["town_endings"]]
    rng.shuffle(made)
    old = list(known["towns_of_old"])
    rng.shuffle(old)
    old.remove(LARGEST_TOWN)
    for position, town in enumerate(old):
        made.insert(1 + position * 4, town)
    return [LARGEST_TOWN, *made]


def counties(rng: Random, count: int) -> list[str]:
    """`count` counties."""
    known = lists()
    names = list(known["counties"])
    rng.shuffle(names)
    more = list(known["town_beginnings"])
    rng.shuffle(more)
    return (names + more)[:count]
