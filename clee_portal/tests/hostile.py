"""What nobody sends by mistake: values that break forms elsewhere, the fields of a page as they would be sent, and the
forms of the portal caught while a page makes them, so that they can be tried again with anything.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.forms import DeclarativeFieldsMetaclass
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import strategies as some

# The product stands nowhere unless somebody worked it out.
TEMPLATE, WORKED_OUT = "{{1234567*7654321}}${1234567*7654321}{% debug %}", "9449772114007"
TAG = "<b id=hostile>"
ZIPPED = b"PK\x03\x04" + bytes(60)
HOSTILE = (
    "a\x00b",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "x" * 70_000,
    "'; DROP TABLE training_officer; --",
    f"{TAG}<script>alert(1)</script>",
    TEMPLATE,
    "a\r\nBcc: everybody@example.org\r\n\r\nb",
    "=cmd|'/c calc'!A1",
    "four",
    "-1",
    "0",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "1e-999",
    "1_000",
    "٣",
    "99999999999999999999999",
    "9223372036854775808",
    "-2147483649",
    "0.0000000001",
    "0000-00-00",
    "10000-01-01",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-13-45T99:99:99Z",
    "99:99",
    "12/31/0000",
    "C-999999999999",
    "../../../../etc/passwd",
    "%00%ff%",
    "javascript:alert(1)",
    "//evil.example/",
    "a@b@c",
    f"{'a' * 400}@example.org",
    "[]",
    "{}",
    "null",
    "true",
    "on",
    " ",
    "\t",
    "",
    "\U0001f693",
    "\ufffd\ufffe",
    "e\u0301" * 200,
)
# Added to what is sent: fields of rows that no form declares, or that another role sets.
EXTRA = {
    "id": "1", "pk": "1", "is_staff": "on", "is_superuser": "on", "is_active": "", "is_head": "on", "user": "1",
    "by": "1", "role": "director", "voided_at": "2020-01-01", "void_reason": "x", "recorded_at": "2001-01-01",
    "decided_by": "1", "status": "approved", "state": "done", "created_by": "1", "approved_by": "1", "__class__": "x",
    "constructor": "x", "_state": "x", "next": "https://evil.example/",
}  # fmt: skip
TOKENS = {"csrfmiddlewaretoken", "signed_in_as", "submission_key"}
# What somebody types into a field, by its type; the attack is added to words.
PLAUSIBLE = {"date": "2026-03-07", "number": "2", "tel": "5735550107", "email": "seven@example.org", "time": "09:00"}


@dataclass
class Sent:
    """A form of a page: where it goes ("" is the page itself), what it would send, and the kind of each field."""

    action: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def with_words(self) -> dict[str, list[str]]:
        """Filled in as somebody would who puts an attack wherever words are taken."""
        words = {name: f"Because {TAG}{TEMPLATE}'\";--" for name, kind in self.kinds.items() if kind in ("text", "")}
        filled = {name: PLAUSIBLE[kind] for name, kind in self.kinds.items() if kind in PLAUSIBLE}
        filled |= words
        kept = {name: filled.get(name, "") for name, values in self.values.items() if not any(values)}
        areas = {name: words[name] for name, kind in self.kinds.items() if kind == "text" and name not in kept}
        return self.values | {name: [value] for name, value in (kept | areas).items()}

    def with_anything(self, first: int) -> dict[str, list[str]]:
        """Every field with another of the hostile values, every third with two of them; and what no form declares."""
        taken = {name: [value] for name, value in EXTRA.items() if name not in self.values}
        for at, name in enumerate(self.values):
            if name in TOKENS:
                taken[name] = self.values[name]
                continue
            values = [HOSTILE[(first + at) % len(HOSTILE)], HOSTILE[(first + 7 * at + 3) % len(HOSTILE)]]
            taken[name] = values if at % 3 == 0 else values[:1]
        return taken


class SentForms(HTMLParser):
    """The forms of a page that send something."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[Sent] = []
        self.open: Sent | None = None
        self.select = self.area = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.open = Sent(given.get("action", ""))
            self.forms.append(self.open)
        if self.open is None:
            return
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "option" and self.select:
            # The last one that says anything: an answer, where one has to be chosen.
            if given.get("value"):
                self.open.values[self.select] = [given["value"]]
        elif name and tag == "select":
            self.select = name
            self.open.values.setdefault(name, [""])
            self.open.kinds[name] = "select"
        elif name and tag == "textarea":
            self.area = name
            self.open.values[name], self.open.kinds[name] = [""], "text"
        elif name and tag == "input" and kind in ("radio", "checkbox"):
            self.open.values[name] = [given.get("value", "on")]
            self.open.kinds[name] = kind
        elif name and tag in ("input", "button") and kind != "file":
            known = tag == "button" and name in self.open.values
            if not known:
                self.open.values[name] = [given.get("value", "")]
                self.open.kinds[name] = "button" if tag == "button" else kind or "text"

    def handle_data(self, data):
        if self.open is not None and self.area:
            self.open.values[self.area] = [self.open.values[self.area][0] + data.strip("\n")]

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""
        elif tag == "form":
            self.open = None


def forms_of(response) -> list[Sent]:
    """Those of an answer."""
    if response.status_code != 200 or "text/html" not in response.get("Content-Type", ""):
        return []
    return SentForms(response.content.decode()).forms


# What the policy of content forbids, whether or not a browser holds to it: scripts and styles inside the page, and
# anything fetched from, or sent, elsewhere.
_FORBIDDEN = re.compile(
    r"""<script(?![^>]*\bsrc=)(?![^>]*type="application/json")[^>]*>|<style\b[^>]*>|<[a-z][^>]*\sstyle\s*=[^>]*>"""
    r"""|<[a-z][^>]*\son[a-z]+\s*=[^>]*>|<[a-z][^>]*\s(?:href|src|action|formaction)="\s*javascript:[^>]*>"""
    r"""|<(?:script|link|img|iframe|source|video|audio|embed|object|use|input|base)\b[^>]*\b(?:src|href|data|srcset)"""
    r"""="\s*(?:https?:)?//[^>]*>|<form\b[^>]*\baction="\s*(?:https?:)?//[^>]*>""",
    re.IGNORECASE,
)


def against_the_policy(page: str) -> list[str]:
    """The tags of a page that do."""
    return _FORBIDDEN.findall(page)


@dataclass(frozen=True)
class Made:
    """How a page made a form: to make it again with other data."""

    form: type[forms.BaseForm]
    positional: tuple
    named: dict

    def again(self, data: QueryDict, files: MultiValueDict) -> forms.BaseForm:
        """The same form, with other data and files."""

        def other(value):
            if isinstance(value, QueryDict):
                return data
            return files if type(value) is MultiValueDict else value

        return self.form(*map(other, self.positional), **{name: other(value) for name, value in self.named.items()})


def made_by_hand(form: type[forms.BaseForm], **named) -> Made:
    """A form that no page of the walk makes."""
    takes_files = any(isinstance(one, forms.FileField) for one in form.base_fields.values())
    return Made(form, (QueryDict(), MultiValueDict()) if takes_files else (QueryDict(),), named)


@contextmanager
def catching(made: dict[type, Made]) -> Iterator[None]:
    """Keeps how each class of form was last made with something sent."""
    patch = pytest.MonkeyPatch()
    plain = DeclarativeFieldsMetaclass.__call__

    def make(cls, *positional, **named):
        if any(isinstance(value, QueryDict) for value in (*positional, *named.values())):
            made[cls] = Made(cls, positional, named)
        return plain(cls, *positional, **named)

    patch.setattr(DeclarativeFieldsMetaclass, "__call__", make)
    try:
        yield
    finally:
        patch.undo()


def every_form() -> set[type[forms.BaseForm]]:
    """All of the portal's own that are not only there for others to be made from."""

    def below(cls) -> set[type]:
        return {one for sub in cls.__subclasses__() for one in {sub, *below(sub)}}

    ours = ("clee_portal.", "training.", "compliance.", "notifications.")
    return {
        one
        for one in below(forms.BaseForm)
        if one.__module__.startswith(ours) and ".tests." not in one.__module__ and not one.__name__.startswith("_")
    }


ANY = some.one_of(
    some.sampled_from([one for one in HOSTILE if len(one) < 1_000]),
    some.text(some.characters(exclude_categories=["Cs"]), max_size=30),
)


def values_of(one: forms.Field) -> some.SearchStrategy[list[str]]:
    """What may be sent for a field: nothing, one of its choices, anything, or several of these."""
    choices = [str(value) for value, _ in _flat(one)]
    usual = some.sampled_from(choices) if choices else some.sampled_from(["2026-03-07", "2", "Words", "a@b.example"])
    return some.one_of(some.just([]), some.lists(some.one_of(usual, ANY), min_size=1, max_size=2))


def _flat(one: forms.Field) -> list[tuple]:
    found = list(getattr(one, "choices", None) or ())[:20]
    return [pair for value, label in found for pair in (label if isinstance(label, list | tuple) else [(value, label)])]


def data_for(form: forms.BaseForm) -> some.SearchStrategy[QueryDict]:
    """What may be sent for a form, with fields that it does not have."""
    names = {form.add_prefix(name): values_of(one) for name, one in form.fields.items()}
    prefix = next(iter(names), "x")
    by_name = some.fixed_dictionaries(
        names, optional=dict.fromkeys({*EXTRA, f"{prefix}-more"} - set(names), some.just(["1"]))
    )
    return by_name.map(_as_query)


def _as_query(values: dict[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, several in values.items():
        query.setlist(name, several)
    query._mutable = False
    return query


CONTENTS = some.sampled_from([b"", b"\x00" * 50, ZIPPED, b"%PDF-1.7 \x00", b"a,b\n1,2\n", b"\xff\xd8\xff", b"<svg/>"])
NAMES = some.sampled_from(["a.pdf", "a.xlsx", "../../a.csv", "\u202ea.pdf", f"{'x' * 300}.png", "a\r\nb.pdf", "a"])


def files_for(form: forms.BaseForm) -> some.SearchStrategy[MultiValueDict]:
    """Files for those fields that take one."""
    file = some.builds(SimpleUploadedFile, NAMES, CONTENTS)
    names = [form.add_prefix(name) for name, one in form.fields.items() if isinstance(one, forms.FileField)]
    several = some.lists(file, max_size=2)
    return some.fixed_dictionaries(dict.fromkeys(names, several)).map(
        lambda found: MultiValueDict({name: files for name, files in found.items() if files})
    )
