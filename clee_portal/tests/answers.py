"""The address of any page, and what its answer shows, whatever it is: a page, a workbook, a paper."""

import io
import re
import zipfile

import pypdf
from django.urls import NoReverseMatch, reverse

_TOKENS = re.compile(
    r'"X-CSRFToken": "[^"]*"|name="(csrfmiddlewaretoken|signed_in_as|submission_key)" value="[^"]*"|data-left="\d+"'
    r'|<b class="text-nowrap">[0-9a-f]{4}(-[0-9a-f]{4}){3}</b>'
)


def body(response) -> str:
    """What an answer shows, without the tokens that differ every time."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):  # a workbook: the words in it
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = sorted(name for name in book.namelist() if not name.startswith("docProps/"))  # when it was made
            content = b" ".join(_words(book.read(name)) for name in sheets)
    return _TOKENS.sub("", _words(content).decode())


# With what a reference number begins, by a word in the name of the page it opens; C- where none is found.
LETTERS = {
    "provider_calendar": "C",
    "brought": "K",
    "held_class": "H",
    **dict.fromkeys(
        ("scheduled", "registrations_of_class", "door", "class_confirm", "confirm_effect", "sign_in_sheet"), "S"
    ),
    "import": "I",
    "relief": "R",
    "record_report": "M",
}


def _words(content: bytes) -> bytes:
    """The words on the pages and in the properties of a paper; anything else as it is."""
    if not content.startswith(b"%PDF-") or b"%%EOF of" in content:
        return content
    paper = pypdf.PdfReader(io.BytesIO(content))
    words = [page.extract_text() for page in paper.pages]
    return " ".join([*words, paper.metadata.title or "", paper.metadata.author or ""]).encode()


def address(name: str, **values) -> str:
    """The address of a page, given more than it may need."""
    for parameter, value in {"token": "not-a-token", "key": "not-a-key", "queue": "extensions", **values}.items():
        try:
            return reverse(name, kwargs={parameter: value})
        except NoReverseMatch:
            continue
    both = {name: values[name] for name in ("code", "pk") if name in values}
    return reverse(name, kwargs=both if len(both) == 2 and _takes(name, both) else {})


def _takes(name: str, both: dict) -> bool:
    """Whether an address is that of one thing of an agency."""
    try:
        return bool(reverse(name, kwargs=both))
    except NoReverseMatch:
        return False
