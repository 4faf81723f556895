"""Reading everything again: every seal, every row that a seal covers, every row of evidence against its last version.

Three things are compared: what the rows hold now, what the seals in the database say, and what is kept outside of it.
What is kept outside is believed first, since whoever has the database can write everything in it anew; the database is
asked for what rows hold, and the hashes are taken here. Rows go by one at a time, so memory does not grow with them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.db import connection

from clee_portal.history.models import Seal, Tombstone, TombstoneRow
from clee_portal.history.sealing import contents, current, guards, keys, marks, statements, status, tombstones
from clee_portal.history.sealing.findings import Finding, Kind
from clee_portal.history.sealing.kept import Kept, SealFile
from clee_portal.history.sealing.merkle import Tree
from clee_portal.history.sealing.rows import Row, Rows
from clee_portal.history.sealing.statements import Part, Statement
from clee_portal.history.sealing.tables import sealed_tables

SEALS_AT_ONCE = 500
# So many rows that are not where they were are compared with each other, to say what was moved where.
MOST_COMPARED = 200


@dataclass
class Result:
    """What a verification saw, beside its findings."""

    seals: int = 0
    kept_roots: int = 0
    rows: int = 0
    unsealed: int = 0
    unsealed_since: object = None
    tombstones: list[Tombstone] = field(default_factory=list)
    findings: int = 0


@dataclass(frozen=True, slots=True)
class _Astray:
    """A row that is not as it was sealed: as it stands (None: it is gone), and the hash it should have (None: it should
    not be there)."""

    table: str
    number: int
    row: Row | None
    expected: bytes | None
    seal: Statement


class Verifier:
    """One verification; `report` is told each finding, `progress` how many rows were read. Inside a transaction."""

    def __init__(self, kept: Kept, trusted: frozenset[str], report: Callable[[Finding], None], progress=lambda rows: 0):
        self.kept = kept
        self.trusted = trusted
        self.result = Result(kept_roots=len(kept.roots))
        self._report = report
        self._progress = progress
        self._tops: dict[str, int] = {}
        self._astray: list[_Astray] = []

    def run(self) -> Result:
        """Read everything, and say what was seen."""
        with connection.cursor() as cursor:
            cursor.execute(contents.USUAL)
        for where, what in self.kept.wrong:
            self._found(Kind.KEPT, where, what)
        self._stones()
        forms, columns = contents.forms(), contents.columns_now()
        with ExitStack() as opened:
            self._rows = {
                name: opened.enter_context(Rows(table, forms[name], columns[name]))
                for name, table in sealed_tables().items()
            }
            for name, rows in self._rows.items():
                for column in sorted(rows.gone):
                    self._found(Kind.CHANGED, name, f"its column {column} is gone: what it held cannot be read again")
            self._seals()
            self._tail()
        self._tell_astray()
        for finding in (*current.differing(), *guards.missing()):
            self._found(finding.kind, finding.where, finding.what)
        return self.result

    def _found(self, kind: Kind, where: str, what: str) -> None:
        self.result.findings += 1
        self._report(Finding(kind, where, what))

    # Tombstones

    def _stones(self) -> None:
        """Those that hold; their rows may be gone."""
        self._holding: set[int] = set()
        for stone in Tombstone.objects.select_related("by", "approved_by").order_by("pk"):
            if problem := tombstones.problem_of(stone, self.trusted):
                self._found(Kind.TOMBSTONE, f"tombstone {stone.pk}", problem)
            else:
                self._holding.add(stone.pk)
                self.result.tombstones.append(stone)

    def _buried(self, table: str, after: int, up_to: int) -> dict[int, bytes]:
        if not self._holding:
            return {}
        rows = TombstoneRow.objects.filter(
            table_name=table, row_id__gt=after, row_id__lte=up_to, tombstone__in=self._holding
        )
        return {number: bytes.fromhex(one) for number, one in rows.values_list("row_id", "hash")}

    # Seals

    def _seals(self) -> None:
        last = max(Seal.objects.order_by("-number").values_list("number", flat=True).first() or 0, self.kept.last)
        standing = Seal.objects.filter(number__lte=last).prefetch_related("parts").order_by("number")
        seals = standing.iterator(chunk_size=SEALS_AT_ONCE)
        seal, previous = next(seals, None), ""
        for number in range(1, last + 1):
            here = seal if seal is not None and seal.number == number else None
            if here is not None:
                seal = next(seals, None)
            statement, file = self._statement(number, here)
            if statement is None:
                previous = ""
                continue
            if previous and statement.previous != previous:
                self._found(Kind.SEAL, f"seal {number}", f"it does not follow seal {number - 1}")
            previous = statement.digest
            for part in statement.parts:
                self._part(part, statement, file)
            self.result.seals = number

    def _statement(self, number: int, seal: Seal | None) -> tuple[Statement | None, SealFile | None]:
        """What seal `number` states, by its file where one is kept, else by the database."""
        root, file, name = self.kept.roots.get(number), None, f"seal {number}"
        if path := self.kept.files.get(number):
            file = SealFile(path)
            for what in file.wrong:
                self._found(Kind.KEPT, str(path), what)
        if seal is None:
            self._found(Kind.SEAL, name, "it is not in the database" + (", and its root is kept" if root else ""))
            return (file.statement if file else None), file
        told = statements.of_seal(seal)
        if told.digest != seal.digest or told.rows != seal.rows:
            self._found(Kind.SEAL, name, "it was changed in the database: it does not make its own digest")
        elif root and root.digest != told.digest:
            self._found(Kind.SEAL, name, "it was changed in the database: the root that is kept is another")
        elif seal.key not in self.trusted:
            self._found(Kind.SEAL, name, f"it is signed by a key that is not trusted ({seal.key[:16]}…)")
        elif not keys.is_signed(statements.signed(number, seal.digest), key=seal.key, signature=seal.signature):
            self._found(Kind.SEAL, name, "its signature does not hold")
        return (file.statement if file else told), file

    # Rows

    def _part(self, part: Part, seal: Statement, file: SealFile | None) -> None:
        if part.table not in self._rows:
            self._found(Kind.REMOVED, part.table, f"the table is gone, of which seal {seal.number} has rows")
            return
        top = self._tops.get(part.table, 0)
        if part.after != top:
            said = f"its rows of {part.table} begin after {part.after}, and those before end at {top}"
            self._found(Kind.SEAL, f"seal {seal.number}", said)
        self._tops[part.table] = max(part.up_to, top)
        buried = self._buried(part.table, part.after, part.up_to)
        if file and file.has_rows_of(part.table):
            self._against_kept(part, seal, file.rows_of(part.table), buried)
        else:
            self._against_root(part, seal, buried)

    def _against_kept(self, part: Part, seal: Statement, kept: Iterator[tuple[int, bytes]], buried: dict) -> None:
        """Every row against the hash of it that is kept: whatever happened to it, it is named."""
        rows = self._rows[part.table]
        number, expected = next(kept, (None, None))
        for row in self._counted(rows.up_to(part.up_to)):
            while number is not None and number < row.number:
                self._is_gone(part, seal, number, expected, buried)
                number, expected = next(kept, (None, None))
            if number == row.number:
                self._stands(part, seal, row, expected, buried)
                number, expected = next(kept, (None, None))
            else:
                self._stray(_Astray(part.table, row.number, row, None, seal))
        while number is not None:
            self._is_gone(part, seal, number, expected, buried)
            number, expected = next(kept, (None, None))

    def _is_gone(self, part: Part, seal: Statement, number: int, expected: bytes, buried: dict) -> None:
        if buried.get(number) != expected:
            self._stray(_Astray(part.table, number, None, expected, seal))

    def _stands(self, part: Part, seal: Statement, row: Row, expected: bytes, buried: dict) -> None:
        rows = self._rows[part.table]
        where = self._name(part.table, row)
        if row.number in buried:
            self._found(Kind.TOMBSTONE, where, "it stands, though a tombstone says that it was removed")
        if not rows.holds(row, expected):
            self._stray(_Astray(part.table, row.number, row, expected, seal))
        elif row.noted is None and row.number > rows.hashed_after:
            self._found(Kind.CHANGED, where, "it has no hash of its own: it was written past the trigger")
        elif row.noted is not None and row.noted != expected:
            self._found(Kind.CHANGED, where, "the hash noted in it was changed; what it holds is as it was sealed")

    def _against_root(self, part: Part, seal: Statement, buried: dict) -> None:
        """Without the kept rows: each row against the hash noted in it, and all of them against the root."""
        rows, tree, named = self._rows[part.table], Tree(), self._named()
        gone = iter(sorted(buried.items()))
        number, content_hash = next(gone, (None, None))
        for row in self._counted(rows.up_to(part.up_to)):
            while number is not None and number < row.number:
                tree.add(number, content_hash)
                number, content_hash = next(gone, (None, None))
            if row.number <= part.after:
                self._stray(_Astray(part.table, row.number, row, None, seal))
                continue
            if number == row.number:
                self._found(Kind.TOMBSTONE, self._name(part.table, row), "it stands under a tombstone")
                number, content_hash = next(gone, (None, None))
            if row.noted is not None and not rows.holds(row, row.noted):
                self._stray(_Astray(part.table, row.number, row, row.noted, seal))
            tree.add(row.number, row.noted or row.hash)
        while number is not None:
            tree.add(number, content_hash)
            number, content_hash = next(gone, (None, None))
        if (tree.count, tree.root) != (part.rows, part.root) and self._named() == named:
            what = (
                f"{part.rows} rows were sealed and {tree.count} stand, or one was changed with its hash; the file of "
                f"seal {seal.number}, kept elsewhere, would name it"
            )
            self._found(Kind.CHANGED, f"{part.table} {part.after + 1} to {part.up_to}", what)

    def _named(self) -> int:
        return self.result.findings + len(self._astray)

    def _tail(self) -> None:
        """What no seal covers yet: counted, and each row against the hash noted in it."""
        numbers = marks.last_numbers()
        for name, rows in self._rows.items():
            top = self._tops.get(name, 0)
            for row in self._counted(rows.rest()):
                where = self._name(name, row)
                if row.number <= top:
                    self._found(Kind.INSERTED, where, "it stands among rows that were sealed without it")
                elif row.number > numbers.get(name, 0):
                    self._found(Kind.INSERTED, where, "its number was never given")
                elif row.noted is not None and not rows.holds(row, row.noted):
                    self._found(Kind.CHANGED, where, "it is not sealed yet, and is not as it was written")
                elif row.noted is None and row.number > rows.hashed_after:
                    self._found(Kind.CHANGED, where, "it has no hash of its own: it was written past the trigger")
                if row.number > top:
                    self.result.unsealed += 1
        self.result.unsealed_since = status.unsealed_since(self._tops)

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            self.result.rows += 1
            self._progress(self.result.rows)
            yield row

    # Names

    def _stray(self, one: _Astray) -> None:
        if len(self._astray) < MOST_COMPARED:
            self._astray.append(one)
        else:
            self._tell(one)

    def _tell_astray(self) -> None:
        """Say of each what happened to it: one that stands under another's number was moved there."""
        wanted = [one for one in self._astray if one.expected is not None]
        for one in self._astray:
            key = sealed_tables()[one.table].key
            came = next(
                (
                    other.number
                    for other in wanted
                    if one.row is not None and other.table == one.table and other.number != one.number
                    and one.row.numbered(other.number, key) == other.expected
                ),
                None,
            )  # fmt: skip
            if came is None:
                self._tell(one)
            else:
                self._found(Kind.MOVED, self._name(one.table, one.row), f"this was number {came} when it was sealed")

    def _tell(self, one: _Astray) -> None:
        sealed = f"seal {one.seal.number} of {one.seal.sealed_at:%Y-%m-%d %H:%M} UTC"
        if one.row is None:
            self._found(Kind.REMOVED, f"{one.table} {one.number}", f"{sealed} has it, and it is gone")
        elif one.expected is None:
            self._found(Kind.INSERTED, self._name(one.table, one.row), f"{sealed} was made without it")
        else:
            self._found(Kind.CHANGED, self._name(one.table, one.row), f"it is not what {sealed} has")

    def _name(self, table: str, row: Row) -> str:
        tracked = sealed_tables()[table].tracked
        return f"{table} {row.number}" + (f" ({tracked._meta.verbose_name} {row.thing})" if tracked else "")
