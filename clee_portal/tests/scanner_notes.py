"""What the scanner of `bin/scan --running` notes of the links and forms it met, and the lists of what it sends: what is
kept to be attacked, how it is shared out, and how far each kind of attack came."""

import configparser
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = "wapitiCore"
LISTS = ("execPayloads.ini", "fileHandlingPayloads.ini", "xssPayloads.ini")


def keep_one_of_a_kind(notes: Path, left_out: str = "") -> str:
    """Of links and forms of one address with the same fields the first is kept, none that begins with `left_out`, and
    no link all of whose fields another has too: how many were met and are left."""
    with closing(_store(notes)) as store, store:
        # Whoever reads holds up nobody who writes: it leaves reading open where the time of an attack is up.
        store.execute("PRAGMA journal_mode = WAL")
        ((before,),) = store.execute("SELECT count(*) FROM paths")
        store.execute("DELETE FROM paths WHERE headers IS NULL")  # met, and never asked for
        if left_out:
            store.execute("DELETE FROM paths WHERE path LIKE ?", [f"{left_out}%"])
        fields: dict[int, set[str]] = {}
        for path_id, name in store.execute("SELECT path_id, name FROM params"):
            fields.setdefault(path_id, set()).add(name)
        kinds: dict[tuple[str, str], dict[frozenset[str], int]] = {}
        for path_id, method, path in store.execute("SELECT path_id, method, path FROM paths ORDER BY path_id"):
            kinds.setdefault((method, path), {}).setdefault(frozenset(fields.get(path_id, ())), path_id)
        kept = [
            path_id
            for (method, _path), of_it in kinds.items()
            for these, path_id in of_it.items()
            if method != "GET" or not these or not any(these < others for others in of_it)
        ]
        store.execute("CREATE TEMPORARY TABLE kept (path_id INTEGER PRIMARY KEY)")
        store.executemany("INSERT INTO kept VALUES (?)", [[path_id] for path_id in kept])
        store.execute("DELETE FROM paths WHERE path_id NOT IN (SELECT path_id FROM kept)")
        left = dict(store.execute("SELECT method, count(*) FROM paths GROUP BY method").fetchall())
    return f"{left.get('GET', 0)} addresses and {left.get('POST', 0)} forms, of {before} met"


def share(notes: Path, number: int, shares: int, modules: list[str]) -> None:
    """Of so many shares of the links and of the forms one is ours: the others are noted as attacked by these kinds of
    attack already. All stay there, to be looked at for what was left in one page and shows in another."""
    with closing(_store(notes)) as store, store:
        store.execute("CREATE TABLE ours (path_id INTEGER PRIMARY KEY)")
        store.execute(
            """
            INSERT INTO ours SELECT path_id FROM (
                SELECT path_id, row_number() OVER (PARTITION BY method ORDER BY path_id) AS place FROM paths
            ) WHERE place % ? = ?
            """,
            [shares, number % shares],
        )
        store.executemany(
            "INSERT INTO attack_logs (path_id, module) "
            "SELECT path_id, ? FROM paths WHERE path_id NOT IN (SELECT path_id FROM ours)",
            [[name] for name in modules],
        )


def keep_only(notes: Path, these: set[tuple[str, str]]) -> None:
    """Leave of the links and forms those of this method and path, whatever their fields."""
    with closing(_store(notes)) as store, store:
        for path_id, method, path in store.execute("SELECT path_id, method, path FROM paths").fetchall():
            if (method, urlsplit(path).path) not in these:
                store.execute("DELETE FROM paths WHERE path_id = ?", [path_id])


def lists_in_turn(scanner: Path, folder: Path, number: int, turns: int) -> None:
    """A copy of the scanner's package in a folder, whose long lists hold every so-manieth of what they have."""
    (package,) = scanner.parent.parent.glob(f"lib/python*/site-packages/{PACKAGE}")
    shutil.copytree(package, folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LISTS:
        path = folder / PACKAGE / "data" / "attacks" / name
        whole = configparser.ConfigParser(interpolation=None)
        whole.read(path, encoding="utf-8")
        for place, section in enumerate(whole.sections()):
            if place % turns != number % turns:
                whole.remove_section(section)
        with path.open("w", encoding="utf-8") as file:
            whole.write(file)


def how_far(parts: list[Path], method: str) -> str:
    """To how many of the addresses, or forms, of all parts each kind of attack came before its time was up."""
    every, came = 0, Counter()
    for notes in parts:
        with closing(_store(notes)) as store, store:
            ((these,),) = store.execute(
                "SELECT count(*) FROM ours JOIN paths USING (path_id) WHERE method = ?", [method]
            )
            every += these
            came += Counter(
                dict(
                    store.execute(
                        "SELECT module, count(DISTINCT path_id) FROM ours JOIN attack_logs USING (path_id) "
                        "JOIN paths USING (path_id) WHERE method = ? GROUP BY module",
                        [method],
                    ).fetchall()
                )
            )
    whole = [name for name, of_each in came.items() if of_each == every]
    part = [f"{name} {of_each}" for name, of_each in came.items() if of_each < every]
    return f"all {every} by {', '.join(whole) or 'none'}; when the time was up: {', '.join(part) or 'none'}"


def _store(notes: Path) -> sqlite3.Connection:
    """Where the scanner keeps its links, its forms, and what it attacked."""
    return sqlite3.connect(next(notes.glob("*.db")))
