"""Papers: whatever was typed, a paper is made; and what the font is said to show it shows."""

import io
import unicodedata

import pypdf
import pytest

from clee_portal import typeset

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
