"""A mail as the bytes that are handed over.

The library's way of writing one costs as much processor as saying what stands in it, and what it is careful about,
hardly any mail has: lines to fold, words to encode. So a mail of short headers in ASCII and lines that are not too long
is written here; any other by the library. Both mean the same (`tests/test_mime.py`).
"""

import functools
import re
from email.utils import formatdate

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

LONGEST_HEADER = 78  # RFC 5322, 2.1.1: longer ones are folded
LONGEST_LINE = 998  # the same: no line may be longer
_IN_ONE_LINE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@functools.lru_cache(maxsize=1000)
def address(said: str) -> str:
    """An address as it stands in an envelope. Raises ValueError for what is none. Remembered: the sender is nearly
    always the same, and to read one with a name costs a tenth of writing the mail."""
    return said if _PLAIN_ADDRESS.fullmatch(said) else sanitize_address(said, "utf-8")


def as_bytes(mail: EmailMultiAlternatives, boundary: str) -> bytes:
    """A mail of plain text and HTML, with lines ending CR LF. `boundary` is what parts its two forms: a word that is in
    no mail. Raises what the library raises for a header that cannot be written, a line break in a name for instance."""
    return _simple(mail, boundary) or mail.message().as_bytes(linesep="\r\n")


def _simple(mail: EmailMultiAlternatives, boundary: str) -> bytes | None:
    """The bytes of a mail that needs no care; None for any other."""
    (html,) = mail.alternatives
    headers = {
        "MIME-Version": "1.0",
        "Subject": mail.subject,
        "From": mail.extra_headers["From"],
        "To": ", ".join(mail.to),
        "Reply-To": ", ".join(mail.reply_to),
        "Date": formatdate(),
        **{name: value for name, value in mail.extra_headers.items() if name != "From"},
    }
    if not all(_is_one_line(name, value) for name, value in headers.items()):
        return None
    parts = (_part("plain", mail.body), _part("html", html.content))
    edge = b"--" + boundary.encode()
    if not all(parts) or any(edge in part for part in parts):
        return None
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    head = (kind + "".join(f"{name}: {value}\r\n" for name, value in headers.items())).encode()
    return b"".join((head, b"\r\n", *(edge + b"\r\n" + part + b"\r\n" for part in parts), edge, b"--\r\n"))


def _is_one_line(name: str, value: str) -> bool:
    """Whether a header is one line as it is. One without a space cannot be folded, however long it is."""
    longest = LONGEST_HEADER if " " in value else LONGEST_LINE
    return len(name) + 2 + len(value) <= longest and _IN_ONE_LINE.fullmatch(value) is not None


def _part(kind: str, said: str) -> bytes | None:
    """One form of the mail; None where it has lines that are too long, or characters no mail can have."""
    try:
        body = _LINE_END.sub(b"\r\n", said.encode())
    except UnicodeEncodeError:
        return None
    if any(len(line) > LONGEST_LINE for line in body.split(b"\r\n")):
        return None
    bits = b"7bit" if body.isascii() else b"8bit"
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: '.encode()
    return head + bits + b"\r\n\r\n" + body
