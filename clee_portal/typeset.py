"""Papers as accessible PDFs (PDF/UA-1) of a template and what it is told.

The standard forbids a sign that the font cannot show, and typst makes no paper rather than break it. Names and titles
are typed by people and brought in by files, so what no font of ours has stands as U+FFFD: the paper is made, and shows
that something is left out. The fonts are those typst brings along: the same paper on every machine.
"""

import json
import re
import unicodedata
from pathlib import Path

import typst

UNKNOWN = "\ufffd"
# What the font shows, in ranges (a test asks it sign by sign): Latin, Greek, Cyrillic, punctuation, currencies, arrows,
# mathematics, shapes.
SHOWN = (
    "\n -~\u00a0-\u036f\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ff\u0400-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u202f-\u2040\u2042\u2044-\u2052\u2054-\u205e"
    "\u20a0-\u20bf\u2100-\u211e\u2120\u2122\u2124\u2126-\u214f\u2190-\u22ff\u25a0-\u25ff\ufb01\ufb02\ufffd"
)
_BLANKS = re.compile(r"[\t\x0b-\r\u2000-\u200a\u3000]")
# Signs without a shape: controls, marks of direction, joiners, the soft hyphen. Nothing is lost with them.
_WITHOUT_SHAPE = re.compile(
    r"[\x00-\x09\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_NOT_SHOWN = re.compile(f"[^{SHOWN}]")


def pdf(template: Path, told) -> bytes:
    """The PDF of a template that reads `told` (lists, dictionaries, text, numbers) as `sys.inputs.data`."""
    inputs = {"data": json.dumps(_showable(told))}
    return typst.compile(
        str(template), sys_inputs=inputs, format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True
    )


def showable(text: str) -> str:
    """The text with what can be shown of it: composed, without signs that have no shape, unknown ones as U+FFFD."""
    composed = unicodedata.normalize("NFC", _BLANKS.sub(" ", text))
    return _NOT_SHOWN.sub(UNKNOWN, _WITHOUT_SHAPE.sub("", composed))


def _showable(told):
    if isinstance(told, str):
        return showable(told)
    if isinstance(told, dict):
        return {key: _showable(value) for key, value in told.items()}
    return [_showable(one) for one in told] if isinstance(told, list | tuple) else told
