"""The list of all parts: the lock file's packages and what the browser gets, with licenses that were agreed to."""

import json
import re
from pathlib import Path

import pytest
from bootstrap import parts, scan

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Change the list of parts by a function, in a copy."""

    def change(by) -> list[str]:
        listed = json.loads(parts.SBOM.read_text())
        by(listed["components"])
        copy = tmp_path / "sbom.cdx.json"
        copy.write_text(json.dumps(listed))
        monkeypatch.setattr(parts, "SBOM", copy)
        return parts.wrong()

    return change


def test_list_of_parts_is_that_of_the_lock_file():
    assert parts.wrong() == []
    assert parts.page() == parts.PAGE.read_text()


def test_part_that_is_missing_or_of_another_version_is_named(changed):
    def by(components):
        components.remove(next(one for one in components if one["name"] == "celery"))
        next(one for one in components if one["name"] == "Django")["version"] = "5.1"

    pinned = parts.locked()
    assert changed(by) == [
        f"celery is not in sbom.cdx.json, {pinned['celery'][0]} in the lock file. Run bin/scan --write.",
        f"django 5.1 in sbom.cdx.json, {pinned['django'][0]} in the lock file. Run bin/scan --write.",
    ]


def test_license_not_agreed_to_is_named(changed):
    def by(components):
        components[0]["licenses"] = [{"license": {"id": "AGPL-3.0-only"}}]
        components[1]["licenses"] = []

    first, second = changed(by)
    assert first.endswith("the license AGPL-3.0-only was not agreed to.")
    assert second.endswith("the license is not named was not agreed to.")


def test_each_license_joined_by_and_has_to_be_agreed_to(changed):
    def by(components):
        components[0]["licenses"] = [{"expression": "MIT AND AGPL-3.0-only"}]
        components[1]["licenses"] = [{"expression": "MIT OR AGPL-3.0-only"}]
        components[2]["licenses"] = [{"license": {"id": "MIT"}}, {"license": {"name": "Some license of ours"}}]

    first, second = changed(by)
    assert first.endswith("the license AGPL-3.0-only was not agreed to.")
    assert second.endswith("the license Some license of ours was not agreed to.")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("MIT AND ISC", "MIT and ISC"),
        ("MIT OR ISC", "MIT or ISC"),
        ("(MIT OR ISC) AND Zlib", "(MIT or ISC) and Zlib"),
        ("MIT AND Zlib OR ISC", "(MIT or ISC) and (Zlib or ISC)"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT AND (ISC OR", "MIT AND (ISC OR"),
        ("MIT OR any later one", "MIT OR any later one"),
    ],
)
def test_expression_of_licenses_is_read_as_it_binds(expression, said):
    """What is none is one license of that name."""
    assert parts.said(parts.licenses_of({"name": "one", "licenses": [{"expression": expression}]})) == said


def test_every_package_asked_for_has_its_reason_in_the_readme():
    asked = re.findall(r"^([A-Za-z0-9-]+)", (ROOT / "deploy" / "requirements.in").read_text(), flags=re.MULTILINE)
    table = (ROOT / "README.md").read_text().partition("## What it stands on")[2]
    first = " ".join(re.findall(r"^\| ([^|]+) \|", table, flags=re.MULTILINE))
    given = set(re.findall(r"[\w-]+", first.lower()))
    assert [name for name in asked if name.lower() not in given] == []


@pytest.mark.parametrize("file", sorted(ROOT.glob("deploy/requirements-*.in")), ids=lambda file: file.stem)
def test_every_tool_asked_for_has_its_reason_beside_it(file):
    lines = [line for line in file.read_text().splitlines() if re.match(r"[A-Za-z]", line)]
    assert lines != []
    without = [line for line in lines if not re.search(r"  # \w.{9,}", line)]
    assert without == []


def test_step_without_a_source_of_advisories_says_so(monkeypatch, capsys):
    monkeypatch.setattr(scan, "ADVISORIES", "http://127.0.0.1:9/{name}/{version}/json")
    monkeypatch.setattr(scan, "run", lambda *command, **more: pytest.fail("nothing to ask"))
    assert scan.known_holes(scan.Progress()) is None
    assert "NOT RUN" in capsys.readouterr().out


def quick(monkeypatch, folder, **answers) -> None:
    """bin/scan without its environments; `answers` is what a step finds, all else nothing."""
    monkeypatch.setattr(scan, "VAR", folder)
    monkeypatch.setattr(scan, "install", lambda *given: None)
    monkeypatch.setattr(scan.environment, "ensure", lambda *given: None)
    steps = dict.fromkeys(scan.STEPS, lambda progress: True)
    monkeypatch.setattr(scan, "STEPS", steps | {name: lambda progress, x=x: x for name, x in answers.items()})


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ({}, 0, "nothing found"),
        ({"packages": None}, 0, "nothing found; NOT RUN: packages"),
        ({"secrets": False}, 1, "found something: secrets"),
        ({"packages": None, "code": False}, 1, "found something: code; NOT RUN: packages"),
    ],
)
def test_last_line_names_what_was_not_run(monkeypatch, tmp_path, capsys, answers, code, said):
    quick(monkeypatch, tmp_path, **answers)
    assert scan.main([]) == code
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"  {said}")


@pytest.mark.parametrize("code", [0, 1])
def test_auditor_that_ends_with_an_error_is_a_find(monkeypatch, tmp_path, capsys, code):
    """As it ends where it finds a hole, and with --strict where it could not audit one; asked about every list."""
    program, asked = tmp_path / "bin" / "pip-audit", tmp_path / "asked"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\ncase "$*" in *-scan.txt) exit {code};; esac\n')
    program.chmod(0o755)
    monkeypatch.setattr(scan, "VENV", tmp_path)
    monkeypatch.setattr(scan, "advisories_can_be_reached", lambda: True)
    found = scan.known_holes
    quick(monkeypatch, tmp_path)
    monkeypatch.setitem(scan.STEPS, "packages", found)
    assert scan.main([]) == code
    last = "found something: packages" if code else "nothing found"
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"  {last}")
    lists = [ROOT / "requirements.txt", *sorted(ROOT.glob("deploy/requirements-*.txt"))]
    assert [line.partition(" -r ")[2] for line in asked.read_text().splitlines()] == [str(one) for one in lists]
    assert all(line.startswith("--strict ") for line in asked.read_text().splitlines())
