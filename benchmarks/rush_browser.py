"""A browser of benchmarks/rush.py: cookies, forms, what htmx fetches, and a log of how long each answer took.

Standard library only, as its people are: what it costs can then be told from what the portal costs.
"""

import html
import http.client
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin, urlsplit

OK, FOUND = http.client.OK, http.client.FOUND
MOST_REDIRECTIONS = 3
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
WITH_HTMX = re.compile(r"<[a-z]+ [^>]*hx-(?:get|post)=[^>]*>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
SAID = re.compile(r'role="alert".*?</div>', re.DOTALL)
TAGS = re.compile(r"<[^>]+>|\s+")
CLOSED = ("/accounts/login/", "/accounts/step-up/", "/accounts/2fa/", "/accounts/reauthenticate/")


class WentWrong(Exception):
    """What was answered is not what this person had to get."""


class Browser:
    """One person's browser: cookies, and how long everything took."""

    def __init__(self, port: int, session: str, log: "Log"):
        self.port, self.log = port, log
        self.cookies = {"sessionid": session}

    def get(self, name: str, path: str) -> str:
        """Open a page, with what it fetches by itself; its HTML."""
        page = self._followed(name, "GET", path)
        for number, (method, address, form) in enumerate(fragments(page)):
            headers = {"HX-Request": "true", "X-CSRFToken": token_of(page)}
            self._asked(f"{name}: part {number + 1}", method, urljoin(path, address), form, headers)
        return page

    def post(self, name: str, path: str, form: list[tuple[str, str]]) -> str:
        """Press a button; the HTML of the page it leads to."""
        page = self._followed(name, "POST", path, form)
        for number, (method, address, inner) in enumerate(fragments(page)):
            headers = {"HX-Request": "true", "X-CSRFToken": token_of(page)}
            self._asked(f"{name}: part {number + 1}", method, urljoin(path, address), inner, headers)
        return page

    def part(self, name: str, path: str, form: list[tuple[str, str]], page: str) -> str:
        """A part of the page that a script asks for when something is chosen on it."""
        headers = {"HX-Request": "true", "X-CSRFToken": token_of(page)}
        return self._asked(name, "POST", path, form, headers)[1]

    def _followed(self, name: str, method: str, path: str, form=None) -> str:
        for _ in range(MOST_REDIRECTIONS):
            status, page, location = self._asked(name, method, path, form)
            if status != FOUND:
                return page
            path = urljoin(path, location)
            method, form, name = "GET", None, name if name.endswith(", then") else f"{name}, then"
        raise WentWrong(f"{name} leads on and on, to {path}")

    def _asked(self, name: str, method: str, path: str, form=None, headers=None) -> tuple[int, str, str]:
        """One request, timed from the first byte sent to the last one read."""
        sent = {"Host": f"localhost:{self.port}", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if method == "POST":
            body = urlencode(form or [])
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        began = time.perf_counter()
        try:
            link.request(method, path, body, sent | (headers or {}))
            answer = link.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise WentWrong(f"{name}: {error!r}") from error
        finally:
            link.close()
        took = time.perf_counter() - began
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            key, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[key] = value
        location = answer.headers.get("Location", "")
        self.log.add(name, took, len(page))
        if answer.status not in (OK, FOUND) or urlsplit(location).path.startswith(CLOSED):
            raise WentWrong(f"{name}: {method} {path} was answered {answer.status} {location}")
        return answer.status, page, location


class Log:
    """What everybody lived through."""

    def __init__(self):
        self.took: dict[str, list[float]] = defaultdict(list)
        self.sizes: dict[str, int] = defaultdict(int)
        self.errors: list[str] = []
        self.said: dict[str, int] = defaultdict(int)

    def add(self, name: str, seconds: float, size: int) -> None:
        """One answer."""
        self.took[name].append(seconds)
        self.sizes[name] = max(self.sizes[name], size)


def fragments(page: str) -> Iterator[tuple[str, str, list]]:
    """What htmx fetches once the page is there: method, address, and the fields it sends along."""
    for tag in WITH_HTMX.findall(page):
        has = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        if "load" in re.split(r"[ ,]+", has.get("hx-trigger", "")):
            inner = fields_of(page, has["hx-include"].lstrip("#")) if "hx-include" in has else []
            yield ("POST", has["hx-post"], inner) if "hx-post" in has else ("GET", has["hx-get"], [])


def token_of(page: str) -> str:
    """What protects a form against forgery."""
    found = TOKEN.search(page)
    return found[1] if found else ""


def fields_of(page: str, form: str) -> list[tuple[str, str]]:
    """The hidden fields of the form with this id."""
    begins = page.find(f'id="{form}"')
    if begins < 0:
        return []
    part = page[begins : page.find("</form>", begins)]
    return [(name, html.unescape(value)) for name, value in INPUT.findall(part)]


def said_in(page: str) -> str:
    """What a page that refuses says, in short."""
    found = SAID.search(page)
    return html.unescape(TAGS.sub(" ", found[0])[:200]) if found else "nothing is said"
