"""What a seal states, as the bytes that are hashed and signed: the same from the database and from a kept file."""

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass

from clee_portal.history.models import Seal

FORMAT = "clee-seal-1"
ROOT = re.compile(
    rf"\b{FORMAT} (?P<number>\d+) (?P<digest>[0-9a-f]{{64}}) (?P<key>[0-9a-f]{{64}}) (?P<sign>[0-9a-f]{{128}})\b"
)


@dataclass(frozen=True, slots=True)
class Part:
    """Of one table: the rows numbered above `after` up to `up_to`, how many, and their root."""

    table: str
    after: int
    up_to: int
    rows: int
    root: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a seal states."""

    number: int
    sealed_at: dt.datetime
    previous: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """How many rows it is of."""
        return sum(one.rows for one in self.parts)

    def as_bytes(self) -> bytes:
        """In its one form."""
        told = {
            "format": FORMAT,
            "number": self.number,
            "sealed_at": self.sealed_at.astimezone(dt.UTC).isoformat(),
            "previous": self.previous,
            "parts": [[one.table, one.after, one.up_to, one.rows, one.root] for one in self.parts],
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """Its SHA-256, in hexadecimal."""
        return hashlib.sha256(self.as_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Root:
    """What is kept of a seal at the least: one line, with which the whole chain up to it is fixed."""

    number: int
    digest: str
    key: str
    signature: str

    @property
    def signed(self) -> bytes:
        """What the signature is of."""
        return signed(self.number, self.digest)

    def __str__(self) -> str:
        return f"{FORMAT} {self.number} {self.digest} {self.key} {self.signature}"


def signed(number: int, digest: str) -> bytes:
    """What the sealer signs of a seal."""
    return f"{FORMAT} {number} {digest}".encode()


def of_seal(seal: Seal) -> Statement:
    """The statement of a seal as the database has it; its parts are fetched before."""
    parts = (Part(one.table_name, one.after_id, one.up_to_id, one.rows, one.root) for one in seal.parts.all())
    return Statement(seal.number, seal.sealed_at, seal.previous, tuple(sorted(parts, key=lambda one: one.table)))


def read(data: bytes) -> Statement:
    """The statement in a kept file. Raises ValueError where it is none."""
    try:
        told = json.loads(data)
        if told["format"] != FORMAT:
            raise ValueError(told["format"])
        return Statement(
            told["number"],
            dt.datetime.fromisoformat(told["sealed_at"]),
            told["previous"],
            tuple(Part(*one) for one in told["parts"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from None


def roots_in(text: str) -> list[Root]:
    """Every root that stands in a text."""
    return [Root(int(one["number"]), one["digest"], one["key"], one["sign"]) for one in ROOT.finditer(text)]


def root_of(seal: Seal) -> Root:
    """The line of a seal."""
    return Root(seal.number, seal.digest, seal.key, seal.signature)
