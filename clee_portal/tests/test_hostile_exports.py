"""Every file that leaves the portal, with words in the database that begin like a formula: no cell of it is one.

The words of every table are changed where the database lets them be, and each CSV page is asked for by somebody who
may. A workbook is made by the view of its CSV from the same rows (test_url_sweep.py), by one function whose cells are
looked at in training/tests/test_tables.py.
"""

import csv
import io
import re

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client

from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES
from training.escaping import STARTS
from training.imports import reading

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NUMBER = re.compile(r"-\d+(\.\d+)?")
ASKING = ("POST staff", "CEO of A", "head of P", "officer of A")
# What addresses are made of, or what the page needs to find the row.
LEFT = {
    "code",
    "license_number",
    "email",
    "password",
    "key",
    "occasion",
    "reference",
    "token",
    "digest",
    "sha256",
    "facts",
}


def begin_like_formulas() -> int:
    """Puts the beginning of a formula before the words of every row that takes it; of how many columns."""
    changed = 0
    for number, model in enumerate(apps.get_models()):
        if model._meta.app_label not in ("training", "compliance", "notifications", "accounts"):
            continue
        for one in model._meta.concrete_fields:
            is_words = type(one) in (models.CharField, models.TextField) and not one.choices and not one.primary_key
            if not is_words or one.name in LEFT:
                continue
            start = ("=", "+", "-", "@", "\t=")[(number + changed) % 5]
            try:
                with transaction.atomic():
                    rows = model._base_manager.exclude(**{one.name: ""})
                    changed += bool(rows.update(**{one.name: Concat(Value(start), F(one.name))}))
            except DatabaseError:  # a constraint of its own, or the history, does not let it be
                continue
    return changed


def cells_of(answer) -> list[str]:
    """Of a CSV; our own reader finds the same in it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row for _, row in reading.open_bytes(content, name="a.csv").rows] == rows
    return [cell for row in rows for cell in row]


def test_no_cell_of_any_file_is_a_formula(world):
    assert begin_like_formulas() > 40
    clients: dict[str, Client] = {}
    formulas, escaped, asked = [], set(), 0
    for name in (one for one in OURS if one.endswith("_csv")):
        person = next(one for one in ASKING if PAGES[name].status(one) == 200)
        if person not in clients:
            clients[person] = Client()
            clients[person].force_login(world.people[person])
        answer = clients[person].get(state.of_house(name, world.a))
        assert (name, answer.status_code) == (name, 200)
        asked += 1
        for cell in cells_of(answer):
            if cell[:1] in STARTS and cell and not NUMBER.fullmatch(cell):
                formulas.append((name, cell))
            if cell[:1] == "'" and cell[1:2] in STARTS:
                escaped.add(name)
    assert formulas == []
    assert (asked > 70, len(escaped) > 50) == (True, True), (asked, len(escaped))
