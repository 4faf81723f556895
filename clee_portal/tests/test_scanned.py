"""What `bin/scan --running` says of itself: a scanner that met only refusals has scanned nothing, and must not look as
if it had."""

import json
import re
import sqlite3
from contextlib import closing

from clee_portal.tests.scanned import MODULES, Met
from clee_portal.tests.scanner_notes import LISTS, PACKAGE, how_far, keep_one_of_a_kind, keep_only, lists_in_turn, share


def answered(page, method, status, request="1"):
    return json.dumps({"message": "answered", "page": page, "method": method, "status": status, "request": request})


def test_what_was_refused_or_kept_for_a_sign_in_counts_as_neither_opened_nor_sent():
    refusal = {"logger": "django.security.csrf", "message": "Forbidden", "page": "enter", "request": "5"}
    lines = [
        "Not one of its lines", "[1]",
        answered("home", "GET", 200), answered("list", "GET", 403), answered("list", "OPTIONS", 200),
        answered("enter", "POST", 302, "4"), json.dumps(refusal), answered("enter", "POST", 302, "5"),
        answered("enter", "POST", 429), answered("enter", "GET", 302),
    ]  # fmt: skip
    met = Met.of("\n".join(lines))
    assert (met.asked, met.opened) == ({"home": 1, "list": 2, "enter": 4}, {"home": 1})
    assert (met.sent, met.refused) == ({"enter": 1}, {"list": 1, "enter": 2})


def test_one_of_a_kind_is_kept_and_what_was_attacked_is_counted(tmp_path):
    with closing(sqlite3.connect(tmp_path / "scan.db")) as store:
        store.executescript("""
            CREATE TABLE paths (path_id INTEGER, method TEXT, path TEXT, headers TEXT, evil BOOLEAN);
            CREATE TABLE params (path_id INTEGER, name TEXT);
            CREATE TABLE attack_logs (path_id INTEGER, module TEXT);
            INSERT INTO paths VALUES (1, 'GET', '/a/', 'x', 0), (2, 'GET', '/a/', 'x', 0), (3, 'GET', '/a/', 'x', 0),
                (4, 'GET', '/a/', 'x', 0), (5, 'POST', '/a/', 'x', 0), (6, 'GET', '/b/', NULL, 0), (7, 'GET', '/c/', 'x', 0);
            INSERT INTO params VALUES (1, 'q'), (1, 'sort'), (2, 'sort'), (2, 'q'), (2, 'q'), (3, 'q'), (5, 'q'), (5, 'sort');
            INSERT INTO attack_logs VALUES (1, 'xss'), (1, 'xss'), (1, 'sql'), (3, 'sql'), (4, 'sql'), (7, 'sql'), (5, 'sql');
        """)  # noqa: E501 - a table
    # The link with one field of two is attacked in the one that has both; that without any in another way.
    assert keep_one_of_a_kind(tmp_path) == "3 addresses and 1 forms, of 7 met"
    share(tmp_path, 0, 1, [])
    assert how_far([tmp_path], "GET") == "all 3 by sql; when the time was up: xss 1"
    assert how_far([tmp_path], "POST") == "all 1 by sql; when the time was up: none"
    keep_only(tmp_path, {("GET", "/a/"), ("POST", "/c/")})
    assert keep_one_of_a_kind(tmp_path) == "2 addresses and 0 forms, of 2 met"
    assert keep_one_of_a_kind(tmp_path, "/a/") == "0 addresses and 0 forms, of 2 met"


def test_what_has_many_variants_is_tried_in_turn_and_no_page_and_no_variant_is_left_out(tmp_path):
    package = tmp_path / "scanner" / "lib" / "python3.11" / "site-packages" / PACKAGE
    (package / "data" / "attacks").mkdir(parents=True)
    (package / "scanner.py").write_text("whole = True\n")
    sections = "".join(f"[variant{number}]\npayload = 100%{number}\n" for number in range(7))
    for name in LISTS:
        (package / "data" / "attacks" / name).write_text(f"[DEFAULT]\nrules = None\n{sections}")
    pages, variants = [], []
    for number in range(3):
        notes = tmp_path / f"turn {number}"
        notes.mkdir()
        with closing(sqlite3.connect(notes / "scan.db")) as store, store:
            store.execute("CREATE TABLE paths (path_id INTEGER, method TEXT, path TEXT, evil BOOLEAN)")
            store.execute("CREATE TABLE attack_logs (path_id INTEGER, module TEXT)")
            rows = [(place, ("GET", "POST")[place > 4], f"/{place}/") for place in range(8)]
            store.executemany("INSERT INTO paths VALUES (?, ?, ?, 0)", rows)
        share(notes, number, 3, ["file"])
        lists_in_turn(tmp_path / "scanner" / "bin" / "wapiti", notes, number + 2, 3)
        with closing(sqlite3.connect(notes / "scan.db")) as store, store:
            left = "FROM paths WHERE path_id NOT IN (SELECT path_id FROM attack_logs)"
            pages.append([place for (place,) in store.execute(f"SELECT path_id {left} ORDER BY path_id")])
            store.execute(f"INSERT INTO attack_logs SELECT path_id, 'file' {left} AND path_id <> 7")
        lists = [(notes / PACKAGE / "data" / "attacks" / name).read_text() for name in LISTS]
        variants.append([re.findall("payload = 100%([0-9])", one) for one in lists])
        assert (notes / PACKAGE / "scanner.py").read_text() == "whole = True\n"
        assert all("rules = None" in one for one in lists)
    assert pages == [[2, 7], [0, 3, 5], [1, 4, 6]]
    assert variants == [[["2", "5"]] * 3, [["0", "3", "6"]] * 3, [["1", "4"]] * 3]
    turns = [tmp_path / f"turn {number}" for number in range(3)]
    assert how_far(turns, "GET") == "all 5 by file; when the time was up: none"
    assert how_far(turns, "POST") == "all 3 by none; when the time was up: file 2"


def test_what_takes_the_scanners_cookies_is_not_tried():
    assert "shellshock" not in MODULES
