"""Whatever form a session ends under: what was typed into it is shown again after the sign-in, and was not sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from clee_portal.accounts.models import Session
from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES
from clee_portal.tests.test_outsiders import rows_kept

pytestmark = pytest.mark.django_db

# What somebody types into a field, by its type; without one nothing is typed into it.
TYPED = {
    "text": "7",
    "": "7",
    "textarea": "Seven words",
    "email": "seven@example.org",
    "date": "2026-03-07",
    "number": "7",
    "tel": "5735550107",
}
PERSONS = ("CEO of A", "officer of A", "head of P", "POST staff", "Director")
# Not shown again, and why.
NOT_KEPT = {
    "training:invitation": "a password to be, and nobody is signed in",
    "training:invitation_confirm": "the answer to a question of security",
    "recovery_use": "a password",
}


@dataclass
class Form:
    """A form of a page as it would be sent: `values` as they stand, `typed` the names of what one types into."""

    values: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page that send something."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.area = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form() if given.get("method", "").lower() == "post" else None
        if self.open is None or not (name := given.get("name", "")):
            return
        kind = "textarea" if tag == "textarea" else given.get("type", "text" if tag == "input" else tag)
        if tag in ("input", "textarea") and kind in TYPED and "readonly" not in given:
            self.open.typed[name] = TYPED[kind]
        if kind not in ("radio", "checkbox", "submit", "button", "file") or "checked" in given:
            self.open.values[name] = given.get("value", "")
        if tag == "button":
            self.open.values.setdefault(name, given.get("value", ""))
        self.area = name if tag == "textarea" else ""

    def handle_data(self, data):
        if self.open is not None and self.area:
            self.open.values[self.area] = self.open.values.get(self.area, "") + data.strip("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""
        if tag == "form" and self.open is not None:
            self.forms.append(self.open)
            self.open = None


def of_page(response) -> list[Form]:
    """Its forms into which something is typed."""
    if response.status_code != 200 or "text/html" not in response["Content-Type"]:
        return []
    return [one for one in Forms(response.content.decode()).forms if one.typed]


def test_what_was_typed_is_shown_again_on_every_page(client, world):
    lost, seen, before = [], 0, rows_kept()
    for name in OURS:
        for person in PERSONS:
            user = world.people[person]
            if "POST" not in PAGES[name].methods or person not in PAGES[name].may:
                continue
            path = state.of_house(name, world.a)
            client.force_login(user)
            for number, form in enumerate(of_page(client.get(path))):
                seen += 1
                sent = {**form.values, **form.typed}
                Session.objects.all().delete()  # it ended
                answer = client.post(path, sent)
                assert (name, answer.status_code) == (name, 302)
                client.force_login(user)
                again = of_page(client.get(path))
                shown = {(key, one.values[key]) for one in again for key in one.typed}
                if missing := {key for key, value in form.typed.items() if (key, value) not in shown}:
                    lost.append((name, person, number, sorted(missing)[:6]))
    assert [one for one in lost if one[0] not in NOT_KEPT] == []
    assert seen > 30
    assert rows_kept() == before
