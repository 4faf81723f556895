"""A walk through the pages in the eyes of one person after the other: as they are, and as their forms become.

`test_accessible.py` walks; how a page is looked at in one state is in `looked_at.py`.
"""

import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, resolve

from clee_portal.tests import world as state
from clee_portal.tests.looked_at import Shown, undone
from clee_portal.tests.pages import PAGES
from clee_portal.tests.test_url_sweep import sign_in

# How a form is sent: as it is shown, as somebody would fill it who wants to be through, with nothing, with nonsense.
HOW = ("unchanged", "likely", "empty", "wrong")
MASTHEAD = re.compile(r'<header class="masthead">.*?</header>', re.DOTALL)
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
TAG = re.compile(r"<(\w+)([^>]*)>")
ATTRIBUTE = re.compile(r"([\w-]+)(?:=[\"']([^\"']*)[\"'])?")


def is_page(response) -> bool:
    """Whether an answer is a page for people, and not a file, a fragment or the way elsewhere."""
    is_html = response.headers.get("content-type", "").startswith("text/html")
    return not response.streaming and is_html and b"<html" in response.content


def lead(client, at: str, response) -> tuple:
    """The address and the answer; where it leads elsewhere in the portal, those of that page."""
    for _ in range(4):
        to = urlsplit(response.url) if response.status_code in (301, 302) else None
        if to is None or to.netloc:
            break
        at = to.path + (f"?{to.query}" if to.query else "")
        response = client.get(at)
    return at, response


class Walk:
    """What was looked at, and what was found. What was seen once is not looked at again."""

    def __init__(self, page, client, seen: set):
        page.emulate_media(reduced_motion="reduce")
        self.shown, self.client = Shown(page, client), client
        self.found: dict[str, list[str]] = {}
        self.pages: set[str] = set()
        self.templates: set[str] = set()
        self.followed: dict[tuple, set[str]] = defaultdict(set)
        self.seen: set = seen
        self.language, self.of = "", ""  # the language it is read in; what state the portal is in
        self.began = time.monotonic()

    def be(self, user) -> None:
        """Sign in, anew for each page: the second step is asked for again after some minutes. None is nobody."""
        self.client.cookies.clear()
        sign_in(self.client, user)
        if self.language:
            self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = self.language

    def sent(self, name: str, ways: tuple = HOW, *, reads: bool = True) -> Iterator[tuple]:
        """(how, address, answer) of each form of the page that is shown, sent in each way by each of its buttons, where
        a page comes of it, of its own or of where it leads. Forms that only ask, where `reads`. What was sent is taken
        back when the next is asked for."""
        asked = set()
        forms = [(how, form) for how in ways for form in self.shown.run("filled", how)]
        for how, form in forms:
            data: dict[str, list] = {}
            for field, value in form["entries"]:
                data.setdefault(field, []).append(value)
            if (key := json.dumps([form["path"], data])) in asked or not (reads or form["method"] == "post"):
                continue
            asked.add(key)
            if how in ("wrong", "likely"):
                data |= {file: SimpleUploadedFile("wrong.pdf", b"\0\xff no paper") for file in form["files"]}
            with undone(self.client):
                try:
                    at, response = self.answer(form, data)
                except Exception as error:  # the walk goes on, and tells of it
                    self.found[f"{name}, sent {how}"] = [f"{form['path']} raises {error!r:.200}"]
                    continue
                if response.status_code not in (200, 302, 403, 404, 422, 429):
                    self.found[f"{name}, sent {how}"] = [f"{form['path']} answers {response.status_code}"]
                if is_page(response):
                    yield how, at, response

    def answer(self, form: dict, data: dict) -> tuple:
        """The address and the answer of a form that is sent; where it leads elsewhere in the portal, that page."""
        if form["method"] == "post":
            return lead(self.client, form["path"], self.client.post(form["path"], data))
        at = f"{form['path']}?{urlencode(data, doseq=True)}"
        return lead(self.client, at, self.client.get(at))

    def is_new(self, response) -> bool:
        """Whether the content or the head of a page is of another shape than all that was looked at in the same state
        of the portal."""
        self.templates |= {one.name for one in getattr(response, "templates", ()) if one.name}
        text = state.body(response)
        parts = {(self.of, shape(part[0] if (part := kind.search(text)) else text)) for kind in (MASTHEAD, MAIN)}
        is_new = not parts <= self.seen
        self.seen |= parts
        return is_new

    def look(self, name: str, path: str, response, as_seen: str, how) -> None:
        """Look at one page in one state, in one of the ways of `Shown`."""
        self.pages.add(name)
        self.shown.show(path, response)
        wrong = how(self.shown)
        self.found.setdefault(f"{name} {as_seen}", []).extend(wrong)

    def through(self, person, words: str, paths: dict[str, list[str]], *, ways=HOW) -> None:
        """Look at every page in the eyes of a person, at each of its addresses, in the other views it offers, and at
        what becomes of its forms."""
        ahead = deque((name, path) for name, all_paths in paths.items() for path in all_paths)
        while ahead:
            name, path = ahead.popleft()
            self.be(person)
            ahead.extend(self.visit(name, words, lambda client, path=path: (path, client.get(path)), ways=ways))

    def visit(self, name: str, words: str, get, *, ways=HOW) -> list[tuple[str, str]]:
        """Look at the page that `get(client)` gives with its address, and at what becomes of its forms. Returns where
        it leads on."""
        with undone(self.client):
            path, first = get(self.client)
            at, response = lead(self.client, path, first)
            if not is_page(response):
                return []
            if not self.is_new(response):
                return []
            self.look(name, at, response, f"{words}, {at}", Shown.every_way)
            onward = self.onward(at)
            for how, to, answer in self.sent(name, ways) if ways else ():
                if self.is_new(answer):
                    self.look(name, to, answer, f"{words}, sent {how}, {to}", Shown.also)
        return onward

    def onward(self, path: str) -> list[tuple[str, str]]:
        """(name, address) of other views of the page that is shown (a month, a year, an order, the next rows), and of
        pages that only another page leads to; of each kind two."""
        found = []
        for to in self.shown.run("links"):
            at = urlsplit(to)
            name = name_of(at.path)
            kind = (name, *sorted(parse_qs(at.query)))
            is_view = at.path == urlsplit(path).path and at.query
            if not (is_view or (name in PAGES and PAGES[name].get != 200)) or (to in self.followed[kind]):
                continue
            if len(self.followed[kind]) < 2:
                self.followed[kind].add(to)
                found.append((name, to))
        return found


def shape(text: str) -> str:
    """The elements of a page in their order, with their classes and what they are, without words; rows alike once."""
    elements = []
    for tag, attributes in TAG.findall(text):
        names = sorted(name for name, _ in ATTRIBUTE.findall(attributes))
        kinds = [value for name, value in ATTRIBUTE.findall(attributes) if name in ("class", "type", "role")]
        elements.append(f"<{tag} {' '.join(names + kinds)}")
    rows = re.split(r"(?=<(?:tr|li) )", "".join(elements))
    return "".join(row for row, before in zip(rows, ["", *rows], strict=False) if row != before)


def name_of(path: str) -> str:
    """The name of the page at an address; empty where there is none."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
