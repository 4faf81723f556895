"""docs/imports.md names what the imports know."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import load_command_class

from training.tests.imports import world

DOCS = (Path(settings.BASE_DIR) / "docs" / "imports.md").read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "heading"), [("agencies", "Agencies"), ("officers", "Officers"), ("training", "Training")]
)
def test_docs_list_every_field(kind, heading):
    section = DOCS.partition(f"### {heading}\n")[2].partition("\n##")[0]
    columns = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(columns))) == set(world.importer(kind, {}).fields)


@pytest.mark.parametrize("command", ["import_agencies", "import_officers", "import_training"])
def test_docs_list_every_option(command):
    parser = load_command_class("training", command).create_parser("manage.py", command)
    own = [action.option_strings[0] for action in parser._actions if action.option_strings]
    standard = {
        "-h",
        "--version",
        "-v",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }
    assert [option for option in own if option not in standard and f"| `{option}" not in DOCS] == []
