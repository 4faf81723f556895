"""Two people open the form of one thing, and both save: the second is told what the first changed, loses nothing of
what was typed, and goes on. On every page whose form changes what stands.
"""

import datetime as dt
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from clee_portal.history import seen
from clee_portal.tests import world as state
from training.models import Agency
from training.services import agencies
from training.tests import factories

pytestmark = pytest.mark.django_db

WHY = "Letter of today"
# Page -> who saves (of the world), and what the first and the second change.
EDITED = {
    "training:officer_edit": ("POST staff", {"email": "first@example.org"}, {"middle_name": "Quincy"}),
    "training:agency_edit": ("POST staff", {"phone": "573 555 0101"}, {"city": "Rolla"}),
    "training:provider_edit": ("POST staff", {"phone": "573 555 0101"}, {"address": "1 First Street\nRolla"}),
    "training:scheduled_edit": ("staff of P", {"note": "Bring a vest"}, {"contact_name": "Dana Yates"}),
    "training:scheduled_move": ("staff of P", {"place": "Annex"}, {"address": "2 Second Street"}),
    "training:catalogue_course_edit": ("staff of P", {"audience": "Sergeants"}, {"prerequisites": "Part one"}),
    "training:course_submission": ("CEO of A", {"synopsis": "Night driving"}, {"instructors": "Sgt. Lindqvist"}),
    "training:commission_correct": ("CEO of A", {"rank": "Sergeant"}, {"is_reserve": "on"}),
    "training:member_rights": ("CEO of A", {"rights": "may_correct"}, {"rights": "may_keep_roster"}),
    "training:brought_event": ("staff of P", {"place": "Annex"}, {"capacity": "12"}),
    "compliance:case_response_days": ("POST staff", {"days": "31"}, {"days": "33"}),
    "compliance:rule_set_frame": ("POST staff", {"note": "Voted in fall"}, {"carries_on": "on"}),
    "compliance:rule_requirement": ("POST staff", {"wording": "Hours of law"}, {"citation": "11 CSR 75-15.011"}),
}
# Of the events of a calendar that is being brought in no history is kept.
WITHOUT_HISTORY = {"training:brought_event"}


class Fields(HTMLParser):
    """What a browser sends of the form of a page that has a mark of what it shows, with no button; `shown` says what is
    filled in by itself, of every form that is sent."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.actions: list[str] = []
        self.shown: list[str] = []
        self._open: dict | None = None
        self._select = self._text = ""
        self.feed(page)

    @property
    def marked(self) -> dict[str, list[str]]:
        """Those of the one form."""
        return next(one for one in self.forms if seen.FIELD in one)

    @property
    def action(self) -> str:
        """Where it goes, if not to the page itself."""
        return next(to for to, one in zip(self.actions, self.forms, strict=True) if seen.FIELD in one)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = {} if given.get("method", "").lower() == "post" else None
            if self._open is not None:
                self.forms.append(self._open)
                self.actions.append(given.get("action", ""))
        if self._open is None:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._put(self._select, given.get("value", ""), shown=bool(given.get("value")))
        elif tag == "textarea":
            self._text = name
            self._put(name, "")
        elif tag == "input" and name and kind in ("checkbox", "radio"):
            if "checked" in given:
                self._put(name, given.get("value", "on"), shown=True)
        elif tag == "input" and name and kind not in ("submit", "file"):
            self._put(name, given.get("value", ""), shown=kind != "hidden" and bool(given.get("value")))

    def handle_data(self, data):
        if self._open is not None and self._text:
            self._open[self._text][-1] += data
            if data.strip():
                self.shown.append(self._text)

    def handle_endtag(self, tag):
        if tag == "textarea" and self._text:
            self._open[self._text][-1] = self._open[self._text][-1].removeprefix("\n")
            self._text = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._open = None

    def _put(self, name, value, *, shown=False):
        self._open.setdefault(name, []).append(value)
        if shown:
            self.shown.append(name)


def opened(client, path: str) -> dict[str, list[str]]:
    return Fields(client.get(path).text).marked


def send(client, path: str, fields: dict, **changes):
    """The form of a page, with what is changed and why; a page of several buttons by its first."""
    why = {name: [WHY] for name in ("source", "reason") if name in fields}
    return client.post(path, fields | why | {"step": "move", "save": "1"} | changes)


def said(fields: dict, names) -> dict:
    return {name: fields.get(name) for name in names}


@pytest.mark.parametrize("name", EDITED)
def test_second_of_two_pages_is_told_and_goes_on(client, world, name):
    who, first, second = EDITED[name]
    path = state.of_house(name, world.a)
    client.force_login(world.people[who])
    fields = opened(client, path)
    assert send(client, path, fields, **first).status_code == 302
    late = send(client, path, fields, **second)
    assert late.status_code == 200
    assert "Somebody changed this after you opened the page. Nothing of yours is saved yet." in late.text
    [row] = late.context["meanwhile"]
    assert f'href="#{row.target}"' in late.text
    assert f'id="{row.target}"' in late.text
    assert (row.is_touched, bool(row.at)) == (first.keys() == second.keys(), name not in WITHOUT_HISTORY)
    # Everything of the second is in the form still, with what the first changed; sent again it is kept.
    both = {key: [value] for key, value in (first | second).items()}
    page = Fields(late.text)
    assert said(page.marked, both) == both
    saved = send(client, page.action or path, page.marked)
    assert saved.status_code == 302
    path = f"{saved.url}edit/" if name == "training:catalogue_course_edit" else path
    assert said(opened(client, path), both) == both


def test_what_stands_is_said_beside_what_was_typed(client, world):
    path = reverse("training:agency_edit", args=[world.a.agency.code])
    client.force_login(world.people["POST staff"])
    fields = opened(client, path)
    Agency.objects.filter(pk=world.a.agency.pk).update(phone="573 555 0100")
    now = agencies.stands(Agency.objects.get(pk=world.a.agency.pk))
    robin = factories.post_staff("robin@dps.example.org", "Robin Park")
    agencies.edit(
        by=robin, agency=world.a.agency, source="Call", today=dt.date(2026, 11, 26), **now | {"kind": "county"}
    )
    late = send(client, path, fields, phone="573 555 0102", kind="city")
    rows = {one.label: one for one in late.context["meanwhile"]}
    assert {label: (one.now, one.given, one.by, one.why) for label, one in rows.items()} == {
        "Telephone": ("573 555 0100", "573 555 0102", "", ""),
        "Kind": ("County", "City", "", "Agency corrected: Call"),
    }


def test_mark_of_no_page_is_of_another():
    facts = {"name": "Elm Fork", "closed_on": None}
    seen.check(seen=None, now=facts, given=facts | {"name": "Oak"})  # a program has no page
    seen.check(seen=seen.mark(facts), now=facts, given=facts | {"name": "Oak"})
    for mark in ("", ":", "name", "name:,closed_on", "x" * 10_000):
        seen.check(seen=mark, now=facts, given=facts)  # nothing would change
        with pytest.raises(seen.ChangedMeanwhile) as refusal:
            seen.check(seen=mark, now=facts, given=facts | {"name": "Oak"})
        [one] = refusal.value.differences
        assert (one.name, one.now, one.given, one.is_touched, one.by) == ("name", "Elm Fork", "Oak", True, None)
        assert refusal.value.seen == seen.mark(facts)
