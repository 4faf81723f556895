"""A button pressed twice, or a form sent from two tabs: every form of every page, sent again as it was, changes nothing
the second time, or is refused in words. What is meant to be said more than once is named here.

`CLEE_TWICE=all` sends every form, in fourteen parts; without it one of these.
"""

import os
from functools import cache
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from django.apps import apps
from django.db import connection, transaction

from clee_portal import clock
from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES
from clee_portal.tests.test_url_sweep import sign_in
from notifications.models import Message

pytestmark = [pytest.mark.django_db]
ONE_IN = 14
PARTS = range(ONE_IN) if os.environ.get("CLEE_TWICE") == "all" else [4]
# Who sends, in this order: whoever may open a page first.
PEOPLE = ("CEO of A", "POST staff", "Director", "officer of A", "staff of P")
WORDS = "As the letter of this morning says"
# (page, what the button says) -> why the second one is another act.
MEANT_TWICE: dict[tuple[str, str], str] = {
    ("training:not_connected", "all"): "One question to POST, which says how often it was asked, and the page says so.",
    ("training:not_connected", ""): "The same, for one officer.",
}


class Form(NamedTuple):
    """A form of a page as a browser would send it, and its buttons (name, value)."""

    action: str
    fields: list[tuple[str, str]]
    buttons: list[tuple[str, str]]


class Forms(HTMLParser):
    """The forms of a page, filled: what stands in it stays, what is empty is given something that fits its kind."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[Form] = []
        self._form = self._select = self._text = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._form = Form(given.get("action", ""), [], [])
            self.found.append(self._form)
        if self._form is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button" and kind in ("submit", "text"):
            self._form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            self._input(name, kind, given)
        elif tag == "select" and name:
            self._select = [name, None]
        elif tag == "option" and self._select and given.get("value") and self._select[1] in (None, ""):
            self._select[1] = given["value"]
        elif tag == "option" and self._select and "selected" in given:
            self._select[1] = given.get("value", "")
        elif tag == "textarea" and name:
            self._text = [name, ""]

    def handle_data(self, data):
        if self._text:
            self._text[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select and self._form:
            if self._select[1]:
                self._form.fields.append(tuple(self._select))
            self._select = None
        elif tag == "textarea" and self._text and self._form:
            self._form.fields.append((self._text[0], self._text[1].strip() or WORDS))
            self._text = None

    def _input(self, name, kind, given):
        value, fields = given.get("value", ""), self._form.fields
        if kind == "file":
            return
        if kind in ("checkbox", "radio"):
            is_first = not any(one == name for one, _ in fields)
            if "checked" in given or is_first:
                fields.append((name, value or "on"))
            return
        if kind in ("submit", "image"):
            self._form.buttons.append((name, value))
            return
        default = {"date": clock.today().isoformat(), "number": "1", "email": "nora@next.example"}.get(kind, WORDS)
        fields.append((name, value if value or kind == "hidden" else default))


def changes() -> dict[str, int]:
    """The last version in each history table, and the last message: what was written and taken back is none."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        return dict(cursor.fetchall())


@cache
def _statement() -> str:
    last = [
        (model._meta.db_table, model._meta.pk.column)
        for model in apps.get_models()
        if model is Message or (model._meta.app_label != "pghistory" and hasattr(model, "pgh_tracked_model"))
    ]
    assert len(last) > 50
    return " UNION ALL ".join(f"SELECT '{table}', coalesce(max({key}), 0) FROM {table}" for table, key in last)


def more(before: dict[str, int]) -> list[str]:
    """The tables that have more than before."""
    return sorted(name for name, count in changes().items() if count > before.get(name, 0))


def pages(world) -> list[tuple[str, str]]:
    """Every page that has a form, with somebody who may send it."""
    found = []
    for name in OURS:
        page = PAGES[name]
        who = next((one for one in PEOPLE if one in world.people and page.status(one) == 200), None)
        if who and {"GET", "POST"} <= set(page.methods) and who not in page.only_look:
            found.append((name, who))
    return found


def send_twice(client, path: str, form: Form, button: tuple[str, str]) -> tuple[list[str], list[str], int]:
    """What the first and the second changed, and the status of the second; both are taken back."""
    data: dict[str, list[str]] = {}
    for name, value in [*form.fields, *([button] if button[0] else [])]:
        data.setdefault(name, []).append(value)
    target = form.action if form.action.startswith("/") else f"{path.partition('?')[0]}{form.action}"
    with transaction.atomic():
        before = changes()
        client.post(target, data)
        first, between = more(before), changes()
        answer = client.post(target, data)
        second = more(between)
        transaction.set_rollback(True)
    return first, second, answer.status_code


@pytest.mark.parametrize("part", PARTS)
def test_form_sent_twice_changes_once(client, world, record_property, part):
    every = pages(world)
    assert len(every) > 50
    sent, acted, wrong, signed_in = 0, 0, [], None
    for name, who in every[part::ONE_IN]:
        if who != signed_in:
            sign_in(client, world.people[who])
            signed_in = who
        path = state.of_house(name, world.a)
        for form in Forms(client.get(path).content.decode(errors="replace")).found:
            if form.action.startswith("/accounts/logout"):
                continue
            for button in form.buttons or [("", "")]:
                first, second, status = send_twice(client, path, form, button)
                sent += 1
                acted += bool(first)
                if status >= 500 or (first and second and (name, button[1]) not in MEANT_TWICE):
                    wrong.append(f"{name} ({who}) {button}: {status}, first {first}, second {second}")
    record_property("sent twice", sent)
    record_property("acts", acted)
    assert not wrong, "\n".join(wrong)


def test_forms_are_read_as_a_browser_sends_them():
    page = (
        '<form method="post" action="?x"><input type="hidden" name="key" value="1"><textarea name="words"></textarea>'
        '<select name="kind"><option value="">-</option><option value="a">A</option></select>'
        '<button name="step" value="go">Go</button></form>'
    )
    assert Forms(page).found == [Form("?x", [("key", "1"), ("words", WORDS), ("kind", "a")], [("step", "go")])]
