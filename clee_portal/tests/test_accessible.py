"""Anybody can work with every page: by keyboard, enlarged, in high contrast, by ear (WCAG 2.1 AA).

The short form looks at the pages of each role's main work, at each as it becomes where its form is refused.
`CLEE_ACCESS=all bin/test clee_portal/tests/test_accessible.py -s` looks in every way at every page in the eyes of each
role: as it is, with its forms sent empty and wrong, long, and with nothing in it; and says how many that were
(docs/accessibility.md).
"""

import os
import re
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.utils.translation import trans_real

from clee_portal import languages
from clee_portal.tests import world as state
from clee_portal.tests.elsewhere_of_world import OF_FAULTS, ONLY_ELSEWHERE, elsewhere
from clee_portal.tests.long_of_world import lengthen
from clee_portal.tests.looked_at import SCRIPT, Shown, tell, undone
from clee_portal.tests.pages import ALLAUTH, PAGES, WORKBOOKS
from clee_portal.tests.provider_desk_of_world import PAGES_OF_A_PROVIDER
from clee_portal.tests.test_translated import LANGUAGE, Everything
from clee_portal.tests.test_url_sweep import of_allauth
from clee_portal.tests.walked import Walk, is_page, lead
from training.tests import factories

pytestmark = pytest.mark.django_db

WHOLE = os.environ.get("CLEE_ACCESS") == "all"
whole = pytest.mark.skipif(not WHOLE, reason="CLEE_ACCESS=all looks at every page in every state")
# A test may take ten minutes: what takes longer is looked at in so many parts.
ROLES = {
    "CEO of A": 5, "officer of A": 3, "head of P": 3, "Director": 4, "POST staff": 10, "delegate of A": 2,
    "staff of P": 1, "agent of the Director": 2, "former officer of A": 1, "nobody": 1, "anonymous": 1,
}  # fmt: skip
LONG = {"POST staff": 5, "CEO of A": 3, "officer of A": 1, "head of P": 1, "Director": 3}
# They look at the pages of whatever an agency has: what is undone, ended, revoked, of those who left, too.
IN_EVERY_STATE = {"POST staff", "CEO of A", "officer of A", "head of P"}
SEEN: set[str] = set()
PARTS = [f"{role}, part {part + 1}" for role, parts in ROLES.items() for part in range(parts)]
PARTS += [f"{role}, long, part {part + 1}" for role, parts in LONG.items() for part in range(parts)]
PARTS += ["empty", "elsewhere", "in another language"]
MORE = "··· ····· ·· ······· ···· " * 20  # no letters: they would be told for parts of a date
TEMPLATES = Path(__file__).parents[2] / "templates"
OF_NO_PAGE = ("allauth/layouts/", "demonstration_provider/")
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


def addresses(house, *, of=state.of_house) -> dict[str, list[str]]:
    """The addresses of each page that is read, by its name: one of each, or those of everything it may be about."""
    found = {}
    for name, page in PAGES.items():
        if "GET" in page.methods and name not in WORKBOOKS:
            of_page = of_allauth(name) if name in ALLAUTH else of(name, house)
            found[name] = [of_page] if isinstance(of_page, str) else of_page
    return found


def some(paths: dict[str, list[str]], part: int, parts: int) -> dict[str, list[str]]:
    """One part of the pages."""
    return dict(list(paths.items())[part::parts])


@pytest.fixture
def walk(page, client):
    """A walk in a browser of its own."""
    return Walk(page, client, SEEN)


# A page with each fault that is looked for, once.
FAULTY = """<!DOCTYPE html><html lang="fr"><head><title>x</title><base href="http://portal.example/"><style>
a.unseen:focus { outline: 0 } .clip { width: 40px; overflow: hidden; white-space: nowrap }
.flip { display: flex; flex-direction: column-reverse } .wide { width: 1400px } .chip { border: 0 }
@keyframes turn { to { opacity: .5 } } .turns { animation: turn 5s infinite } .slides { transition: left 2s }
a.lit:focus { outline: 0; box-shadow: 0 0 0 3px red }
</style></head><body><a href="#nowhere">Past it</a><main><h1>One</h1><h1>Two</h1><p class="wide">Wide</p>
<p class="clip">Words that are cut off</p><div class="flip"><h2>Said first</h2><h2>Said after</h2></div>
<a class="unseen" href="/somewhere/">Somewhere</a> <a href="/a/">Open</a> <a href="/b/">Open</a>
<a class="lit" href="/c/">Lit</a> <input id="holds" aria-label="Holds"> <a href="/d/">After it</a>
<h4>Deep</h4> <table><tbody><tr><td>1</td></tr></tbody></table>
<div hx-get="/x/" hx-trigger="every 3s">2 of 3 sent</div>
<p class="slides">Slides</p> <button type="button"></button><span class="chip">Met</span><p class="turns">Turns</p>
<div class="error-summary"><a href="#field">Name: say it</a> <a href="#gone">Gone</a></div>
<label>Name <input id="field"></label>
</main><script>document.getElementById("holds").onkeydown = (event) => event.preventDefault();</script></body></html>"""


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
    "frame: a level of headings is left out before: <h4>",
    "frame: not one body > header",
    'would move: <p class="slides">',
    'in forced colors: focus not seen: <a class="lit"',
    'not reached by Tab in its turn: <a href="/d/">',
    "a table without a name: <table>",
    "a table without a head: <table>",
    "changes without a word: <div hx-get",
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


def test_every_table_has_a_name():
    """A caption, or the heading it stands under."""
    nameless = [
        f"{file.relative_to(TEMPLATES)}: {table[0]}"
        for file in TEMPLATES.rglob("*.html")
        if "/mail/" not in str(file) and "elements" not in str(file)
        for table in re.finditer(r"<table[^>]*>(?!\s*<caption)", file.read_text())
        if "aria-label" not in table[0]
    ]
    assert nameless == []


@pytest.mark.browser
@pytest.mark.long
def test_pages_of_the_main_work_are_sound(walk, world, client):
    """Each as it becomes where its form is refused."""
    paths = addresses(world.a)
    for role, names in MAIN.items():
        for name in names:
            walk.be(world.people[role])
            [path] = paths[name]
            at, response, how = path, client.get(path), "as it is"
            ways = ("wrong", "empty") if "POST" in PAGES[name].methods else ()
            if ways:
                walk.shown.show(path, response)
            with closing(walk.sent(name, ways, reads=False)) as sent:
                refused = (one for one in sent if one[1] == path and one[2].status_code in (200, 422))
                how, at, response = next(refused, (how, at, response))
                walk.look(name, at, response, f"to {role}, {how}", Shown.quickly)
    assert tell(walk.found) == ""
    assert len(walk.found) == sum(map(len, MAIN.values()))


@whole
@pytest.mark.browser
@pytest.mark.parametrize(("role", "part"), [(role, part) for role, parts in ROLES.items() for part in range(parts)])
def test_every_page_of_a_role(walk, world, capsys, cache, role, part):
    of = state.everything_of if role in IN_EVERY_STATE else state.of_house
    walk.through(world.people[role], f"to {role}", some(addresses(world.a, of=of), part, ROLES[role]))
    report(walk, capsys, cache, f"{role}, part {part + 1}")


@whole
@pytest.mark.browser
@pytest.mark.parametrize(("role", "part"), [(role, part) for role, parts in LONG.items() for part in range(parts)])
def test_every_long_page_of_a_role(walk, world, capsys, cache, role, part):
    lengthen(world)
    walk.of = "long"
    walk.through(world.people[role], f"to {role}, long", some(addresses(world.a), part, LONG[role]), ways=())
    report(walk, capsys, cache, f"{role}, long, part {part + 1}")


@whole
@pytest.mark.browser
def test_every_page_with_nothing_on_it(walk, db, capsys, cache):
    """A portal in which nobody has done anything yet."""
    agency, provider = factories.agency("empty", "Empty Police"), factories.provider("Empty Academy")
    officer = factories.officer(agency, license_number="EMPTY-1")
    held = SimpleNamespace(reference="C-999999")
    house = SimpleNamespace(agency=agency, officer=officer, colleague=officer, held=held)
    house.by_word = {word: [provider] for word in ("provider_people", *PAGES_OF_A_PROVIDER)}
    walk.of = "empty"
    people = {
        "POST staff": factories.post_staff(),
        "CEO": factories.ceo(agency),
        "officer": factories.officer_account(officer),
        "staff": factories.provider_staff(provider),
        "Director": factories.director(),
    }
    for role, person in people.items():
        walk.through(person, f"of {role}, empty", addresses(house), ways=())
    report(walk, capsys, cache, "empty")


def templates_of_pages() -> set[str]:
    """Each template of a page of the portal."""
    found = {str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html") if "{% extends" in file.read_text()}
    return {name for name in found if "/mail/" not in name and not name.startswith(OF_NO_PAGE)}


@whole
@pytest.mark.browser
def test_every_page_of_an_officer_in_another_language(walk, world, capsys, cache, settings, monkeypatch):
    """Of which every word is longer by a third, as German and Vietnamese are."""
    settings.LANGUAGES = [*settings.LANGUAGES, (LANGUAGE, "Esperanto")]
    monkeypatch.setitem(trans_real._translations, LANGUAGE, Longer())
    caches["standings"].clear()
    walk.language = walk.of = LANGUAGE
    paths = {name: of for name, of in addresses(world.a).items() if name in languages.READY}
    walk.through(world.people["officer of A"], "to officer of A, in another language", paths)
    caches["standings"].clear()
    report(walk, capsys, cache, "in another language")


class Longer(Everything):
    """A catalogue that has a translation of everything, longer by a third."""

    def gettext(self, message: str) -> str:
        """The message with more words after it."""
        words = message.rpartition(chr(4))[2]
        return f"{words} {MORE[: max(3, len(words) // 3)]}".rstrip() if message.strip() else message


def test_pages_that_are_elsewhere_are_reached(client, world):
    """Or the walk would pass them by: each is a page, and of the templates that no other part shows none is missing."""
    shown, astray = set(), []
    for name, get in elsewhere(world):
        client.cookies.clear()
        with undone(client):
            at, response = lead(client, *get(client))
        shown |= {one.name for one in getattr(response, "templates", ())}
        if not is_page(response):
            astray.append((name, at, response.status_code))
    assert astray == []
    assert sorted(ONLY_ELSEWHERE - shown) == []


@whole
@pytest.mark.browser
def test_every_page_that_is_elsewhere(walk, world, capsys, cache):
    """Behind a link in a mail, behind a second step, and where something went wrong."""
    for name, get in elsewhere(world):
        walk.client.cookies.clear()
        walk.visit(name, "elsewhere", get)
    walk.templates |= {*OF_FAULTS, "500.html"}
    report(walk, capsys, cache, "elsewhere")


@whole
@pytest.mark.browser
def test_no_template_of_a_page_was_left_out(cache):
    """After the parts, whenever they were: the sum of what they looked at."""
    parts = [cache.get(f"access/{part}", None) for part in PARTS]
    shown = {name for part in parts if part for name in part["templates"]}
    pages = {name for part in parts if part for name in part["pages"]}
    states, minutes = (sum(part[what] for part in parts if part) for what in ("states", "seconds"))
    print(f"In all: {len(pages)} pages, {states} states, {minutes // 60} minutes")  # noqa: T201
    assert [part for part, kept in zip(PARTS, parts, strict=True) if not kept] == []
    assert sorted(templates_of_pages() - shown) == []


def report(walk, capsys, cache, what: str) -> None:
    """Say how much was looked at, keep it for the sum, and fail with what was found."""
    extent = {"states": len(walk.found), "pages": sorted(walk.pages), "templates": sorted(walk.templates)}
    cache.set(f"access/{what}", extent | {"seconds": round(time.monotonic() - walk.began)})
    told = tell(walk.found)
    with capsys.disabled():
        print(f"\n{what}: {len(walk.pages)} pages, {len(walk.found)} states\n{told}")  # noqa: T201 - asked for
    if told:
        pytest.fail(f"{what}: what was found is told above", pytrace=False)
