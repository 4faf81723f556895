"""What a browser sends of the forms of a page, and which of them show what stands without a mark of it."""

from html.parser import HTMLParser

from clee_portal.history import seen

# Pages that fill something in that does not stand, or that no two people keep; and why.
WITHOUT_MARK: dict[str, str] = {}


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


def unmarked(response) -> list[str]:
    """What of a page is filled in by itself, where no form on it has a mark of what stands."""
    page = Fields(response.text)
    return [] if any(seen.FIELD in one for one in page.forms) else sorted(set(page.shown))
