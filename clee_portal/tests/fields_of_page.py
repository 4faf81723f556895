"""What a browser sends of the forms of a page, and which of them show what stands without a mark of it."""

from html.parser import HTMLParser

from clee_portal.history import seen

NEW, ACT = "something new is made", "an act on what is ticked, each refused where it was done already"
REPLACED = "a row is voided and made anew, so that whoever comes later is told by the row"
# Pages that fill something in and carry no mark of it; and why.
WITHOUT_MARK = {
    "notifications:preferences": "only what was ticked or unticked on it is changed",
    "training:class_enter": NEW,
    "training:provider_class_enter": NEW,
    "training:agency_add": NEW,
    "training:provider_add": NEW,
    "training:source_add": NEW,
    "training:people_name": NEW,
    "training:provider_calendar_plan": NEW,
    "training:provider_course_add": NEW,
    "compliance:relief_ask": NEW,
    "compliance:outside_training": NEW,
    "compliance:agency_plans": NEW,
    "compliance:officer_transcripts": NEW,
    "compliance:rule_begin": NEW,
    "compliance:rule_set_case_new": NEW,
    "compliance:case_appeal": NEW,
    "training:invitation_requests": NEW,
    "training:invitation_detail": NEW,
    "training:class_correct": REPLACED,
    "training:provider_license_change": REPLACED,
    "training:source_end": REPLACED,
    "training:door_mark": REPLACED,
    "training:class_confirm": "confirmed once; what is marked at the door meanwhile is shown before",
    "compliance:make_up": ACT,
    "compliance:make_up_of_state": ACT,
    "compliance:class_make_up": ACT,
    "compliance:gap_queue": ACT,
    "compliance:candidate_list": ACT,
    "compliance:case_list": ACT,
}


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
    has_mark = any(name.partition("-")[0] == seen.FIELD for one in page.forms for name in one)
    return [] if has_mark else sorted(set(page.shown))
