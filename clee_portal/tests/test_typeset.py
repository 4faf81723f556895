"""Papers: whatever was typed, a paper is made; and what the font is said to show it shows."""

import io
import unicodedata

import pypdf
import pytest

from clee_portal import typeset
from clee_portal.tests import world as state
from clee_portal.tests.pages import PAGES

ODD = ["日本", "👮🏽\u200d♂️", "\0\x07", "a\u202eb", "\u0378", "e\u0301", "\ud83d", "a\tb\r\nc", "नमस्ते", "\U0001f46e"]


@pytest.fixture
def template(tmp_path):
    """A paper that shows what it is told, and has it in its title."""
    path = tmp_path / "paper.typ"
    path.write_text(
        '#let data = json(bytes(sys.inputs.data))\n#set document(title: data.title)\n#set text(lang: "en")\n'
        "#for line in data.lines [#line \\ ]\n"
    )
    return path


def text(paper: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)


def test_font_shows_every_sign_it_is_said_to(template):
    signs = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    shown = [sign for sign in signs if typeset.showable(sign) not in ("", typeset.UNKNOWN) and sign != "\n"]
    assert len(shown) > 2000
    lines = [" ".join(shown[at : at + 40]) for at in range(0, len(shown), 40)]
    assert typeset.pdf(template, {"title": "Signs", "lines": lines}).startswith(b"%PDF-")


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_paper_is_made_of_whatever_was_typed(template, odd):
    made = typeset.pdf(template, {"title": f"Of {odd}", "lines": [f"before {odd} after"]})
    assert text(made).startswith("before ")
    assert "after" in text(made)


def test_what_is_left_out_is_seen(template):
    assert typeset.showable("Kenji 日本 Sato") == "Kenji �� Sato"
    assert "Kenji" in text(typeset.pdf(template, {"title": "x", "lines": ["Kenji 日本 Sato"]}))


def test_words_of_missouri_are_left_as_they_are():
    for words in ("José Núñez-O’Brien", "Łukasz Đặng", "“Use of force” – 8 h, § 590.050, ½ day…", "Q\nA"):
        assert typeset.showable(words) == unicodedata.normalize("NFC", words) == words


@pytest.mark.django_db
def test_every_paper_of_the_portal_can_be_heard(client, world):
    """Each PDF that anybody gets is tagged, says its language and its title, and that it is PDF/UA-1."""
    papers = {}
    for person in ("POST staff", "CEO of A", "officer of A", "head of P"):
        client.force_login(world.people[person])
        for name, page in PAGES.items():
            is_paper = name.endswith(("pdf", "sheet", "letters", "letter"))
            if not is_paper or "GET" not in page.methods or person not in page.may:
                continue
            response = client.get(state.of_house(name, world.a))
            if response.headers.get("content-type") == "application/pdf":
                papers[name] = b"".join(response) if response.streaming else response.content
    told = {}
    for name, paper in papers.items():
        read = pypdf.PdfReader(io.BytesIO(paper))
        root = read.trailer["/Root"]
        is_tagged = bool(root["/MarkInfo"]["/Marked"]) and "/StructTreeRoot" in root
        is_ua = b"pdfuaid:part>1<" in root["/Metadata"].get_data()
        told[name] = (is_tagged, str(root["/Lang"])[:2], bool(read.metadata.title), is_ua)
    assert told == dict.fromkeys(told, (True, "en", True, True))
    assert len(told) >= 6
