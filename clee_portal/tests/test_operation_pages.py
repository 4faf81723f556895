"""What the pages about operation name is there: settings, commands, benchmarks, tests."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS, SCALE, HISTORY = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("operations", "scale", "history")
)
CODE = [
    ROOT / "clee_portal" / "settings.py",
    ROOT / "clee_portal" / "operation" / "from_environment.py",
    ROOT / "clee_portal" / "storage_from_environment.py",
    ROOT / "clee_portal" / "sign_in_from_environment.py",
]
# What bin/ and the tests set, and no operator.
NOT_FOR_OPERATORS = {
    "CLEE_EMBEDDED", "CLEE_TESTING", "CLOCK_OFFSET_FILE", "DEBUG", "TEST_DATABASE_NAME", "TEST_DATABASE_TEMPLATE",
}  # fmt: skip
_READ = re.compile(r"""(?:env(?:\.\w+)?|required)\(\s*"([A-Z][A-Z0-9_]+)\"""")
_S3 = ("ENDPOINT_URL", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "ADDRESSING", "CA_BUNDLE")


def read() -> set[str]:
    """Every variable of the environment that the settings read."""
    found = {name for path in CODE for name in _READ.findall(path.read_text(encoding="utf-8"))}
    return found | {f"S3_{name}" for name in _S3} | {f"SEALS_S3_{name}" for name in _S3}


def documented() -> set[str]:
    """Every variable of the table, those with a common beginning (`SEALS_S3_…`) among them."""
    table = OPERATIONS.partition("## Environment")[2].partition("\n## ")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split(" | ")[0])}
    return named | ({f"SEALS_S3_{name}" for name in _S3} if "`SEALS_S3_…`" in table else set())


def test_every_setting_is_in_the_table_and_every_line_of_it_is_a_setting():
    shortest = set(
        re.findall(r'"([A-Z_]+_DAYS)": \(', (ROOT / "clee_portal/operation/from_environment.py").read_text())
    )
    there = read() | shortest
    assert there - documented() - NOT_FOR_OPERATORS == set()
    assert documented() - there == set()


@pytest.mark.parametrize(("name", "page"), [("operations", OPERATIONS), ("scale", SCALE), ("history", HISTORY)])
def test_what_a_page_tells_to_run_is_there(name, page):
    files = re.findall(r"(?:bin/test |python3 )((?:[\w./-]+\.py ?)+)", page)
    assert [one for said in files for one in said.split() if not (ROOT / one).exists()] == []
    commands = set(re.findall(r"(?:manage\.py|bin/manage) ([a-z_]{4,})", page))
    assert commands - set(get_commands()) == set()


def test_the_page_of_scale_names_settings_that_there_are():
    named = set(re.findall(r"`([A-Z][A-Z0-9]+_[A-Z0-9_]+)(?:=[^`]*)?`", SCALE))
    assert named
    assert named - read() == {"CLEE_POOLER"}  # of a test on demand
