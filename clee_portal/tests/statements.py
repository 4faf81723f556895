"""How many statements each page takes: counted by test_url_sweep.py, kept in docs/statements.md, compared in words.

Counted about one row of each thing, with nothing kept from the page before, at an hour that stands still: then the
number is always the same, and one statement more or fewer is something that somebody did.
"""

import fcntl
import os
import re
from pathlib import Path

from django.conf import settings
from django.core.cache import caches

from compliance import selectors

PAGE = Path(settings.BASE_DIR) / "docs" / "statements.md"
COMMAND = "CLEE_STATEMENTS=write bin/test clee_portal/tests/test_url_sweep.py -k open_to_those_declared"
# Of those who see alike one is enough; whoever has no role opens what each of these opens too.
COUNTED = {
    "anonymous": "Nobody signed in",
    "officer of A": "Officer",
    "CEO of A": "Agency CEO",
    "staff of P": "Provider staff",
    "POST staff": "POST staff",
    "Director": "Director",
}
HEAD = f"""# Statements of each page

Made by `{COMMAND}`; do not edit it. The same walk compares it,
and fails with the pages that take another number. What a page takes does not grow with its rows: the sweep fails on a
page that asks about its rows one by one, and the tests of long lists compare one row with many.

Each number is of one page about the small state of the tests (`clee_portal/tests/world.py`), opened by somebody who
may, from April to December, with nothing kept from a page before: everything between the request and the answer, the
session, the roles and the record of access included. Standing pages and the statewide counts, once made, take fewer
([standing](standing.md)).

"""
ROW = re.compile(r"^\| `([\w:]+)` \| (.*) \|$", re.MULTILINE)


def forget() -> None:
    """Nothing is kept of the pages before: each is counted as the first."""
    for alias in settings.CACHES:
        caches[alias].clear()
    selectors._kept_sets.cache_clear()  # the rules, which a process reads once for each version of them


def kept() -> dict[str, dict[str, int]]:
    """Person -> page -> statements, as the file has it."""
    found: dict[str, dict[str, int]] = {person: {} for person in COUNTED}
    for name, cells in ROW.findall(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else ():
        for person, cell in zip(COUNTED, cells.split(" | "), strict=True):
            if cell.strip().isdecimal():
                found[person][name] = int(cell)
    return found


def differences(person: str, counted: dict[str, int]) -> list[str]:
    """How what was `counted` for a person differs from the file, a line for each page. With CLEE_STATEMENTS=write the
    file is made to say it instead."""
    if os.environ.get("CLEE_STATEMENTS") == "write":
        _write(person, counted)
    before = kept()[person]
    return [
        f"{name} ({COUNTED[person]}) {_differs(before.get(name), counted.get(name))}"
        for name in sorted({*before, *counted})
        if before.get(name) != counted.get(name)
    ]


def _differs(before: int | None, after: int | None) -> str:
    if before is None:
        return f"takes {after} statements and is not in docs/statements.md. Write it anew: {COMMAND}"
    if after is None:
        return f"is in docs/statements.md and was not opened. Write it anew: {COMMAND}"
    more = after - before
    says = f"takes {after} statements, {abs(more)} {'more' if more > 0 else 'fewer'} than the {before} it took"
    return f"{says}. Look what asks; if it has to, write the file anew: {COMMAND}"


def _write(person: str, counted: dict[str, int]) -> None:
    """One person’s column; others may be at theirs at the same time."""
    with (PAGE.parent.parent / "var" / "statements.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        columns = kept() | {person: counted}
        names = sorted({name for column in columns.values() for name in column})
        lines = [f"| page | {' | '.join(COUNTED.values())} |", f"|---|{'---|' * len(COUNTED)}"]
        for name in names:
            lines.append(f"| `{name}` | {' | '.join(str(columns[one].get(name, '–')) for one in COUNTED)} |")
        PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
