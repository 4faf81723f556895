"""The address of any page, and what its answer shows, whatever it is: a page, a workbook, a paper."""

import io
import re
import zipfile

import pypdf
from django.urls import NoReverseMatch, reverse

_TOKENS = re.compile(
    r'"X-CSRFToken": "[^"]*"|name="(csrfmiddlewaretoken|signed_in_as|submission_key)" value="[^"]*"|data-left="\d+"'
)


def body(response) -> str:
    """What an answer shows, without the tokens that differ every time."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(b"PK"):  # a workbook: the words in it
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = sorted(name for name in book.namelist() if not name.startswith("docProps/"))  # when it was made
            content = b" ".join(book.read(name) for name in sheets)
    if content.startswith(b"%PDF-") and b"%%EOF of" not in content:  # the words on its pages and in its properties
        paper = pypdf.PdfReader(io.BytesIO(content))
        content = " ".join(
            [*(page.extract_text() for page in paper.pages), paper.metadata.title or "", paper.metadata.author or ""]
        ).encode()
    return _TOKENS.sub("", content.decode())


# With what a reference number begins, by a word in the name of the page it opens; C- where none is found.
LETTERS = {"provider_calendar": "C", "brought": "K", "scheduled": "S", "import": "I", "relief": "R"}


def address(name: str, **values) -> str:
    """The address of a page, given more than it may need."""
    for parameter, value in {"token": "not-a-token", "key": "not-a-key", "queue": "extensions", **values}.items():
        try:
            return reverse(name, kwargs={parameter: value})
        except NoReverseMatch:
            continue
    return reverse(name)
