"""How a page is for whoever uses a keyboard, enlarges it or hears it: what the test client is answered, shown by a real
Chromium without a server of the portal, and looked at with axe, with `looked_at.js` and in the accessibility tree."""

import base64
import copy
import functools
import mimetypes
import threading
from collections import defaultdict
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.db import transaction
from playwright.sync_api import Error

SCRIPT = AXE_SCRIPT + "\n" + (Path(__file__).parent / "looked_at.js").read_text()
# A worker of a page would be asked for by itself, past whoever shows the page.
ALONE = "delete Navigator.prototype.serviceWorker;\n"
ALL = (
    "async (what) => { const all = []; for (const one of what) all.push(...await lookedAt[one]() || []); return all; }"
)
SPACED = ("sticksOutSpaced", "cutOffSpaced")
# A window of 1280 px, and the same window at 200 % and at 400 %.
WIDE, TWICE, FOUR_TIMES = (1280, 900), (640, 450), (320, 256)
TAB = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
MOST_BY_TAB = 100  # what follows in a long list is more of the same
# What of an answer matters to the browser.
KEPT = ("content-type", "content-security-policy", "permissions-policy")
CONTROLS = {
    "link", "button", "textbox", "searchbox", "checkbox", "radio", "combobox", "listbox", "spinbutton", "switch",
    "slider", "menuitem", "tab", "Date", "DateTime", "InputTime", "DisclosureTriangle",
}  # fmt: skip
ORDERED = CONTROLS | {"heading"}


class _Files(BaseHTTPRequestHandler):
    """The files of the pages, which the browser asks for once and keeps; of the manifest nothing is shown."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A file, or that there is none."""
        is_file = self.path.startswith(settings.STATIC_URL)
        file = find(urlsplit(self.path).path.removeprefix(settings.STATIC_URL)) if is_file else None
        body = Path(file).read_bytes() if file else b"{}"
        self.send_response(200 if file or not is_file else 404)
        self.send_header("Content-Type", (file and mimetypes.guess_type(file)[0]) or "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=86400")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Nothing is said."""


@functools.cache
def address_of_files() -> str:
    """Where the files are had from; served until the tests are through."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class Shown:
    """A page of Chromium in which the answers of a test client are shown; its scripts ask the same client. What is
    asked is answered between two calls, where the transaction of the test is open; files come from a server."""

    def __init__(self, page, client):
        self.page, self.client, self.here = page, client, address_of_files()
        self.given: dict[str, object] = {}
        self.asked: list[dict] = []
        self.errors: list[str] = []
        self.session = page.context.new_cdp_session(page)
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.add_init_script(ALONE + SCRIPT)
        self.session.on("Fetch.requestPaused", self._paused)
        asked = [{"urlPattern": "*", "resourceType": kind} for kind in ("Document", "XHR", "Fetch", "Image")]
        self.session.send("Fetch.enable", {"patterns": asked})

    def _paused(self, event: dict) -> None:
        at = urlsplit(event["request"]["url"])
        if at.path.startswith(settings.STATIC_URL):
            self.session.send("Fetch.continueRequest", {"requestId": event["requestId"]})
        elif event["resourceType"] == "Document" and self.given:
            # Whatever its status: the console would name it, and it is not what is wrong with the page.
            self._give(event, self.given.pop(_path(at)), status=200)
        else:
            self.asked.append(event)

    def _give(self, event: dict, response, *, status: int = 0) -> None:
        body = b"".join(response.streaming_content) if response.streaming else response.content
        kept = [{"name": name, "value": value} for name, value in response.headers.items() if name.lower() in KEPT]
        answer = {"responseCode": status or response.status_code, "responseHeaders": kept}
        answer |= {"requestId": event["requestId"], "body": base64.b64encode(body).decode()}
        with suppress(Error):  # a script has given up what it asked for, or its page is gone
            self.session.send("Fetch.fulfillRequest", answer)

    def _ask(self, request: dict):
        """What a script of the page asks for, as it would be answered; nothing of it lasts."""
        path = _path(urlsplit(request["url"]))
        headers = {name: value for name, value in request["headers"].items() if name.lower().startswith("hx-")}
        with undone(self.client):
            if request["method"] == "GET":
                return self.client.get(path, headers=headers)
            kind = request["headers"].get("Content-Type", "application/x-www-form-urlencoded")
            sent = b"".join(base64.b64decode(part.get("bytes", "")) for part in request.get("postDataEntries", ()))
            return self.client.generic(request["method"], path, sent, kind, headers=headers)

    def show(self, path: str, response) -> None:
        """Show an answer in a wide window, with what its scripts ask for."""
        self.given[path] = response
        self.errors.clear()
        self.asked.clear()
        self.resize(WIDE)
        self.page.goto(self.here + path, wait_until="load")
        waiting = "!!document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')"
        while self.page.evaluate(waiting) or self.asked:
            while self.asked:
                event = self.asked.pop(0)
                self._give(event, self._ask(event["request"]))

    def resize(self, size) -> None:
        """Make the window so wide and high."""
        if self.page.viewport_size != {"width": size[0], "height": size[1]}:
            self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def run(self, what: str, *given):
        """Call a function of looked_at.js."""
        return self.page.evaluate(f"(given) => window.lookedAt.{what}(...given)", list(given))

    def all(self, *what: str) -> list[str]:
        """What some functions of looked_at.js find, one after the other, in one call."""
        return self.page.evaluate(ALL, list(what))

    def also(self) -> list[str]:
        """What is wrong with another state of a page that was looked at in every way: what the state can change."""
        wrong = self.told() + self.all("errors", "frame", "tables", "unsaid", "faults")
        self.resize(TWICE)
        wrong += self.all("sticksOut", "cutOff")
        self.resize(FOUR_TIMES)
        return wrong + self.all("sticksOut", "cutOff") + self.heard() + self.all("spaced", *SPACED)

    def quickly(self) -> list[str]:
        """What is wrong with the page that is shown: axe, its frame, its errors, names and order, at 400 %."""
        wrong = self.told() + self.all("errors", "frame", "tables", "unsaid", "faults")
        self.resize(FOUR_TIMES)
        return wrong + self.all("sticksOut") + self.heard()

    def every_way(self) -> list[str]:
        """What is wrong with the page that is shown, looked at in every way."""
        wrong = self.told() + self.all("errors", "frame", "tables", "unsaid", "moves", "faults")
        wrong += self.by_tab() + self.all("unseenFocus")
        self.page.emulate_media(forced_colors="active")
        wrong += self.all("inForcedColors")
        self.page.emulate_media(forced_colors="none")
        self.resize(TWICE)
        wrong += self.all("sticksOut", "cutOff")
        self.resize(FOUR_TIMES)
        wrong += self.all("sticksOut", "cutOff", "unseenFocus") + self.heard() + self.all("spaced", *SPACED)
        self.resize(WIDE)
        return wrong + self.all(*SPACED)

    def told(self) -> list[str]:
        """What the console says."""
        return [f"console: {said[:200]}" for said in self.errors]

    def by_tab(self) -> list[str]:
        """What Tab does not reach in the order of the page, from its top on: what has no focus, and what holds it."""
        most, reached = self.run("kept", MOST_BY_TAB), 0
        while reached < most:
            for _ in range(most - reached):
                self.session.send("Input.dispatchKeyEvent", TAB)
            before, reached = reached, self.run("led")
            if reached == before:
                break
        return self.run("strayed")

    def heard(self) -> list[str]:
        """What is wrong with the page as a screen reader goes through it: controls without a name, the same words for
        different things, and an order that is not the one that is seen."""
        self.all("unstick")
        nodes = self._tree()
        self.all("restick")
        nameless = [f"no name: {role}" for role, name, _ in nodes if role in CONTROLS and not name.strip()]
        seen = [one for one in nodes if one[0] in ORDERED and one[2]]
        # The menu of a narrow window lies below the way out, which is read after it: both are heads of the page.
        first = next((at for at, one in enumerate(seen) if one[0] == "heading"), 0)
        return nameless + out_of_order(seen[first:]) + self.all("alike")

    def _tree(self) -> list[tuple]:
        """(role, name, box) of everything a screen reader goes through, in its order."""
        nodes = self.session.send("Accessibility.getFullAXTree")["nodes"]
        seen = self.session.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})["documents"][0]
        numbers, layout = seen["nodes"]["backendNodeId"], seen["layout"]
        boxes = {numbers[at]: box for at, box in zip(layout["nodeIndex"], layout["bounds"], strict=True) if box[2] > 1}
        by_id = {one["nodeId"]: one for one in nodes}
        found, ahead = [], [nodes[0]["nodeId"]]
        while ahead:
            if (one := by_id.get(ahead.pop())) is None:
                continue
            ahead += reversed(one.get("childIds", []))
            if not one.get("ignored"):
                name = one.get("name", {}).get("value", "")
                found.append((one["role"]["value"], name, boxes.get(one.get("backendDOMNodeId"))))
        return found


def out_of_order(nodes: list[tuple]) -> list[str]:
    """Neighbors of which the later one stands before the earlier: above it and not in the next column, or on its line
    and to the left."""
    wrong = []
    for (role, name, box), (role_after, name_after, after) in pairwise(nodes):
        left, top, width, height = box
        next_left, next_top, next_width, next_height = after
        is_above = next_top + next_height <= top + 1 and next_left < left + width - 1
        overlap = min(top + height, next_top + next_height) - max(top, next_top)
        is_before = overlap > min(height, next_height) / 2 and next_left + next_width <= left + 1
        if is_above or is_before:
            wrong.append(f"heard after, seen before: {role} “{name[:50]}” and {role_after} “{name_after[:50]}”")
    return wrong


def _path(at) -> str:
    return at.path + (f"?{at.query}" if at.query else "")


@contextmanager
def undone(client):
    """Whatever a client does inside is taken back, in the database and of its cookies."""
    cookies = copy.deepcopy(client.cookies)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        client.cookies = cookies


def tell(found: dict[str, list[str]]) -> str:
    """Findings, each once, with where it was found."""
    by = defaultdict(list)
    for where, wrong in found.items():
        for one in wrong:
            by[one].append(where)
    return "\n".join(f"{one}\n    on {len(at)}: {', '.join(at[:4])}" for one, at in sorted(by.items()))
