"""Anybody can work with every page: by keyboard, enlarged, in high contrast, by ear (WCAG 2.1 AA).

The short form looks at the pages of each role's main work, at each as it becomes where its form is refused.
`CLEE_ACCESS=all bin/test clee_portal/tests/test_accessible.py -s` looks in every way at every page in the eyes of each
role: as it is, with its forms sent empty and wrong, long, and with nothing in it; and says how many that were
(docs/accessibility.md).
"""

import json
import os
from types import SimpleNamespace

import pytest
from django.urls import reverse

from clee_portal.tests import world as state
from clee_portal.tests.long_of_world import lengthen
from clee_portal.tests.looked_at import SCRIPT, Shown, tell, undone
from clee_portal.tests.pages import ALLAUTH, PAGES, WORKBOOKS
from clee_portal.tests.provider_desk_of_world import PAGES_OF_A_PROVIDER
from clee_portal.tests.test_url_sweep import of_allauth, sign_in
from training.tests import factories

pytestmark = pytest.mark.django_db

WHOLE = os.environ.get("CLEE_ACCESS") == "all"
whole = pytest.mark.skipif(not WHOLE, reason="CLEE_ACCESS=all looks at every page in every state")
# Whoever may do most with a page sees most of it, and looks first. Others open nothing that these do not.
ROLES = ("POST staff", "CEO of A", "officer of A", "head of P", "Director", "staff of P", "nobody", "anonymous")
HOW = ("empty", "wrong")
# A test may take ten minutes: what takes longer is looked at in parts.
PARTS = 6
# The main work of each role: what is looked at with every run of the tests.
MAIN = {
    "anonymous": ("account_login", "accessibility", "training:calendar"),
    "officer of A": (
        "home", "compliance:my_standing", "compliance:my_record", "compliance:report_record", "compliance:relief_ask",
        "training:my_classes", "notifications:preferences",
    ),
    "CEO of A": (
        "compliance:agency_overview", "compliance:trends", "training:class_enter", "training:held_rows",
        "training:duplicate_settle", "training:class_move", "training:roster", "training:roster_add",
        "training:agency_people", "compliance:make_up", "compliance:plan_requests", "compliance:gaps_of_agency",
    ),
    "head of P": (
        "training:provider_overview", "training:provider_calendar_plan", "training:door", "training:class_confirm",
        "training:provider_class_enter",
    ),
    "POST staff": (
        "compliance:workbench", "training:course_review", "compliance:relief_grant", "compliance:candidate_list",
        "training:officer_add", "compliance:glance", "compliance:rule_requirement",
    ),
    "Director": ("compliance:case_queue", "compliance:case_review"),
}  # fmt: skip


def addresses(house) -> dict[str, str]:
    """The address of each page that is read, by its name."""
    return {
        name: of_allauth(name) if name in ALLAUTH else state.of_house(name, house)
        for name, page in PAGES.items()
        if "GET" in page.methods and name not in WORKBOOKS
    }


def some(paths: dict[str, str], part: int) -> dict[str, str]:
    """One part of the pages."""
    return dict(list(paths.items())[part::PARTS])


def is_page(response) -> bool:
    """Whether an answer is a page for people, and not a file, a fragment or the way elsewhere."""
    is_html = response.headers.get("content-type", "").startswith("text/html")
    return response.status_code in (200, 422) and is_html and not response.streaming and b"<html" in response.content


class Walk:
    """What was looked at, and what was found. What was seen once is not looked at again."""

    def __init__(self, page, client):
        page.emulate_media(reduced_motion="reduce")
        self.shown, self.client = Shown(page, client), client
        self.found: dict[str, list[str]] = {}
        self.seen: set = set()

    def be(self, user) -> None:
        """Sign in, anew for each page: the second step is asked for again after some minutes. None is nobody."""
        self.client.cookies.clear()
        sign_in(self.client, user)

    def get(self, path: str):
        """The page at an address, or None."""
        with undone(self.client):
            response = self.client.get(path)
        return response if is_page(response) else None

    def refused(self, name: str, how: str) -> list[tuple]:
        """(address, answer) of each form of the page that is shown, sent with nothing or with nonsense in it, where it
        comes back as a page; each answer once."""
        found, asked = {}, set()
        for form in self.shown.run("filled", how):
            data: dict[str, list] = {}
            for field, value in form["entries"]:
                data.setdefault(field, []).append(value)
            if (key := json.dumps([form["path"], data])) in asked or form["path"] == reverse("account_logout"):
                continue
            asked.add(key)
            with undone(self.client):
                response = self.client.post(form["path"], data)
            if response.status_code not in (200, 302, 422):
                self.found[f"{name}, sent {how}"] = [f"{form['path']} answers {response.status_code}"]
            if is_page(response):
                found.setdefault(state.body(response), (form["path"], response))
        return list(found.values())

    def once(self, *what) -> bool:
        """Whether this was not looked at yet."""
        is_new = what not in self.seen
        self.seen.add(what)
        return is_new

    def look(self, name: str, path: str, response, as_seen: str, *, in_every_way: bool) -> None:
        """Look at one page in one state."""
        self.shown.show(path, response)
        wrong = self.shown.every_way() if in_every_way else self.shown.quickly()
        self.found[f"{name} {as_seen}"] = wrong

    def through(self, person, words: str, paths: dict[str, str], *, forms=True) -> None:
        """Look at every page in the eyes of a person, and at what becomes of its forms, in every way."""
        for name, path in paths.items():
            self.be(person)
            if (response := self.get(path)) is None or not self.once(state.body(response)):
                continue
            self.look(name, path, response, words, in_every_way=True)
            for how in HOW if forms and "POST" in PAGES[name].methods else ():
                self.shown.show(path, response)
                for at, answer in self.refused(name, how):
                    if self.once(state.body(answer)):
                        self.look(name, at, answer, f"{words}, sent {how}", in_every_way=True)

    def said(self) -> str:
        """How much was looked at."""
        pages = {where.split(" ")[0] for where in self.found}
        return f"{len(pages)} pages, {len(self.found)} of them and of their states"


@pytest.fixture
def walk(page, client):
    """A walk in a browser of its own."""
    return Walk(page, client)


# A page with each fault that is looked for, once.
FAULTY = """<!DOCTYPE html><html lang="fr"><head><title>x</title><base href="http://portal.example/"><style>
a.unseen:focus { outline: 0 } .clip { width: 40px; overflow: hidden; white-space: nowrap }
.flip { display: flex; flex-direction: column-reverse } .wide { width: 1400px } .chip { border: 0 }
@keyframes turn { to { opacity: .5 } } .turns { animation: turn 5s infinite }
</style></head><body><a href="#nowhere">Past it</a><main><h1>One</h1><h1>Two</h1><p class="wide">Wide</p>
<p class="clip">Words that are cut off</p><div class="flip"><h2>Said first</h2><h2>Said after</h2></div>
<a class="unseen" href="/somewhere/">Somewhere</a> <a href="/a/">Open</a> <a href="/b/">Open</a>
<button type="button"></button><span class="chip">Met</span><p class="turns">Turns</p>
<div class="error-summary"><a href="#field">Name: say it</a> <a href="#gone">Gone</a></div>
<label>Name <input id="field"></label>
</main></body></html>"""


# What has to be found in it.
FAULTS = (
    "axe button-name",
    "axe region",
    "frame: 2 h1",
    "frame: lang is fr",
    "frame: title is x",
    "frame: no skip link",
    'moves: <p class="turns">',
    'focus not seen: <a class="unseen"',
    "sticks out: page 1",
    'cut off at 640 px: <p class="clip"',
    "no border in high contrast: SPAN.chip",
    "no name: button",
    "the same words do different things: A “Open”",
    "heard after, seen before: heading “Said first” and heading “Said after”",
    "problems: leads nowhere: #gone",
    "problems: not aria-invalid: #field",
    "problems: the title does not begin with Error",
    "problems: focus on BODY",
    "with wider letters: sticks out",
)


@pytest.mark.browser
def test_faults_are_found(page, client):
    """Or a walk that finds nothing would prove nothing."""
    shown = Shown(page, client)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_content(FAULTY)
    page.evaluate(SCRIPT)
    found = shown.every_way()
    assert [fault for fault in FAULTS if not any(fault in one for one in found)] == []


@pytest.mark.browser
@pytest.mark.long
def test_pages_of_the_main_work_are_sound(walk, world):
    """Each as it becomes where its form is refused."""
    paths = addresses(world.a)
    for role, names in MAIN.items():
        for name in names:
            walk.be(world.people[role])
            response, answers = walk.get(paths[name]), []
            if "POST" in PAGES[name].methods:
                walk.shown.show(paths[name], response)
                answers = walk.refused(name, "wrong") or walk.refused(name, "empty")
            at, answer = answers[0] if answers else (paths[name], response)
            walk.look(name, at, answer, f"to {role}, {'refused' if answers else 'as it is'}", in_every_way=False)
    assert tell(walk.found) == ""
    assert len(walk.found) == sum(map(len, MAIN.values()))


@whole
@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(walk, world, capsys, role, part):
    walk.through(world.people[role], f"to {role}", some(addresses(world.a), part))
    report(walk, capsys, f"{role}, part {part + 1}")


@whole
@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("role", ROLES[:4])
def test_every_long_page_of_a_role(walk, world, capsys, role, part):
    lengthen(world)
    walk.through(world.people[role], f"to {role}, long", some(addresses(world.a), part), forms=False)
    report(walk, capsys, f"{role}, long, part {part + 1}")


@whole
@pytest.mark.browser
def test_every_page_with_nothing_on_it(walk, db, capsys):
    """A portal in which nobody has done anything yet."""
    agency, provider = factories.agency("empty", "Empty Police"), factories.provider("Empty Academy")
    officer = factories.officer(agency, license_number="EMPTY-1")
    held = SimpleNamespace(reference="C-999999")
    house = SimpleNamespace(agency=agency, officer=officer, colleague=officer, held=held)
    house.by_word = {word: [provider] for word in ("provider_people", *PAGES_OF_A_PROVIDER)}
    people = {
        "POST staff": factories.post_staff(),
        "CEO": factories.ceo(agency),
        "officer": factories.officer_account(officer),
        "staff": factories.provider_staff(provider),
        "Director": factories.director(),
    }
    for role, person in people.items():
        walk.through(person, f"of {role}, empty", addresses(house), forms=False)
    report(walk, capsys, "empty")


def report(walk, capsys, what: str) -> None:
    """Say how much was looked at, and fail with what was found."""
    with capsys.disabled():
        print(f"\n{what}: {walk.said()}")  # noqa: T201 - whoever asks for the whole walk is told its extent
    assert walk.found
    assert tell(walk.found) == ""
