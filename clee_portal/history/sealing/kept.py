"""What is kept of seals outside of the database, as it is read: files of seals, and texts with lines of roots."""

import base64
import binascii
import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clee_portal.history.sealing import keys, statements
from clee_portal.history.sealing.merkle import Tree
from clee_portal.history.sealing.statements import Part, Root, Statement

LONGEST_TEXT = 5_000_000


@dataclass
class Kept:
    """Everything kept that was found: roots by number, files of seals by number, and what is wrong with them."""

    roots: dict[int, Root] = field(default_factory=dict)
    files: dict[int, Path] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)  # (which file, what is wrong with it)

    @property
    def last(self) -> int:
        """The highest number kept; 0 for none."""
        return max(self.roots, default=0)


def collect(paths: Iterable[Path], trusted: frozenset[str]) -> Kept:
    """Everything kept in folders and files. Raises FileNotFoundError for one that is not there."""
    kept = Kept()
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
        found = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in found:
            if file.suffix == ".seal":
                _take_seal(kept, file, trusted)
            elif file.suffix != ".new":
                for root in _roots_of_text(file):
                    _take(kept, root, file, trusted)
    if kept.files:
        missing = sorted(set(range(min(kept.files), max(kept.files))) - set(kept.files))
        kept.wrong += [("what is kept", f"the file of seal {number} is not there") for number in missing]
    return kept


def _roots_of_text(path: Path) -> list[Root]:
    if path.stat().st_size > LONGEST_TEXT:
        return []
    data = path.read_bytes()
    text = data.decode(errors="replace")
    if path.suffix in (".eml", ".mbox", ".msg"):
        body = email.message_from_bytes(data, policy=email.policy.default).get_body(("plain",))
        text = body.get_content() if body else text
    return statements.roots_in(text)


def _take_seal(kept: Kept, path: Path, trusted: frozenset[str]) -> None:
    with path.open("rb") as file:
        first, second = file.readline(), file.readline()
    roots = statements.roots_in(second.decode(errors="replace"))
    try:
        statement = statements.read(first)
    except ValueError:
        statement = None
    if statement is None or len(roots) != 1 or not second.endswith(b"\n"):
        kept.wrong.append((str(path), "this is no whole file of a seal"))
        return
    if (statement.number, statement.digest) != (roots[0].number, roots[0].digest):
        kept.wrong.append((str(path), "what it states is not what was signed"))
        return
    if _take(kept, roots[0], path, trusted):
        kept.files[statement.number] = path


def _take(kept: Kept, root: Root, path: Path, trusted: frozenset[str]) -> bool:
    if root.key not in trusted or not keys.is_signed(root.signed, key=root.key, signature=root.signature):
        kept.wrong.append((str(path), f"the root of seal {root.number} is not signed by a key that is trusted"))
        return False
    if (known := kept.roots.get(root.number)) and known.digest != root.digest:
        kept.wrong.append((str(path), f"two roots of seal {root.number} are kept, and they differ"))
        return False
    kept.roots[root.number] = root
    return True


class SealFile:
    """The file of one seal: what it states, and the rows of each part that can be believed."""

    def __init__(self, path: Path):
        self.path = path
        self.wrong: list[str] = []
        self._offsets: dict[str, int] = {}
        with path.open("rb") as file:
            self.statement: Statement = statements.read(file.readline())
        self._look_through()

    def _look_through(self) -> None:
        """Note where the rows of each part begin, if they make its root."""
        parts = {one.table: one for one in self.statement.parts}
        part: Part | None = None
        tree, offset, count, is_whole = Tree(), 0, 0, False
        with self.path.open("rb") as file:
            file.readline(), file.readline()
            for line in iter(file.readline, b""):
                if not line.endswith(b"\n"):
                    break
                word, _, rest = line.rstrip(b"\n").partition(b" ")
                if word in (b"table", b"end"):
                    self._end(part, tree, offset)
                    count += tree.count
                    tree, offset = Tree(), file.tell()
                    part = parts.get(rest.decode(errors="replace"))
                    is_whole = word == b"end" and rest == str(count).encode()
                else:
                    try:
                        tree.add(int(word), base64.b64decode(rest, validate=True))
                    except (ValueError, OverflowError, binascii.Error):
                        part = None
        if not is_whole:
            self.wrong.append("it is cut short, or was written over")

    def _end(self, part: Part | None, tree: Tree, offset: int) -> None:
        if part and (tree.count, tree.root) == (part.rows, part.root):
            self._offsets[part.table] = offset
        elif part:
            self.wrong.append(f"its rows of {part.table} do not make the root that was signed")

    def has_rows_of(self, table: str) -> bool:
        """Whether it has the rows of a part, whole."""
        return table in self._offsets

    def rows_of(self, table: str) -> Iterator[tuple[int, bytes]]:
        """(number, hash) of every row of a part."""
        with self.path.open("rb") as file:
            file.seek(self._offsets[table])
            for line in iter(file.readline, b""):
                number, _, content_hash = line.partition(b" ")
                if number in (b"table", b"end"):
                    return
                yield int(number), base64.b64decode(content_hash)
