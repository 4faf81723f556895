"""What is written here means the same as what the library writes, and what needs care is left to the library."""

from email import message_from_bytes, policy

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError

from notifications import mime

BOUNDARY = "==0123456789abcdef=="
URL = "https://clee.example/stop/" + "x" * 120  # longer than a line may be, and nowhere to fold it


def a_mail(subject="24 hours missing", text="Ann,\n\nread this.\n", html="<p>Read this.</p>\n", **more):
    made = EmailMultiAlternatives(
        subject,
        text,
        "bounces+1@clee.example",
        [more.get("to", "ann@example.org")],
        reply_to=["post@dps.mo.gov"],
        headers={
            "From": more.get("sender", "CLEE Portal <post@dps.mo.gov>"),
            "Message-ID": "<1@clee.example>",
            "List-Unsubscribe": f"<{URL}>",
        },
    )
    made.attach_alternative(html, "text/html")
    return made


def read(raw: bytes):
    """Every header but the word that parts the forms, and for each form its headers and its content."""
    mail = message_from_bytes(raw, policy=policy.default)
    said = [(name, " ".join(value.split())) for name, value in mail.items() if name not in ("Content-Type", "Date")]
    return (
        mail.get_content_type(),
        said,
        mail["Date"].datetime,
        [(part.get_content_type(), part["MIME-Version"], part.get_content()) for part in mail.iter_parts()],
    )


def both(mail) -> tuple[bytes, bytes]:
    """As it is written here, and by the library, at one moment."""
    with time_machine.travel(1_790_000_000, tick=False):
        return mime.as_bytes(mail, BOUNDARY), mail.message().as_bytes(linesep="\r\n")


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(),
        a_mail(text="Renée,\n\nes fehlt “eine” Stunde.\n", html="<p>Renée</p>"),
        a_mail(text="no line end", html="<p>\n\n\n</p>\n\n"),
        a_mail(text="one\r\ntwo\rthree\nfour\n"),
        a_mail(text=".\n..\n.a line of dots\nFrom here on\n--" + "-" * 70 + "\n"),
        a_mail(text="x" * mime.LONGEST_LINE + "\n"),
        a_mail(subject="s" * (mime.LONGEST_HEADER - len("Subject: ")), to="o'dell.o+x@a-b.example"),
    ],
)
def test_a_simple_mail_means_what_the_librarys_means(mail):
    ours, theirs = both(mail)
    assert BOUNDARY.encode() in ours
    assert read(ours) == read(theirs)
    assert ours.replace(b"\r\n", b"").count(b"\n") == ours.replace(b"\r\n", b"").count(b"\r") == 0


@pytest.mark.parametrize(
    "mail",
    [
        a_mail(subject="Hours of Renée"),
        a_mail(subject="a long one " * 10),
        a_mail(subject=" a space before"),
        a_mail(sender="Renée <post@dps.mo.gov>"),
        a_mail(to="renée@exämple.org"),
        a_mail(text="é" * (mime.LONGEST_LINE // 2 + 1)),
        a_mail(html="x" * (mime.LONGEST_LINE + 1)),
        a_mail(text=f"--{BOUNDARY}\n"),
    ],
)
def test_what_needs_care_is_left_to_the_library(mail):
    assert mime._simple(mail, BOUNDARY) is None
    ours, theirs = both(mail)
    assert read(ours) == read(theirs)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_break_in_a_header_is_refused(end):
    with pytest.raises(BadHeaderError):
        mime.as_bytes(a_mail(subject=f"News{end}Bcc: everybody@example.org"), BOUNDARY)
    with pytest.raises(BadHeaderError):
        mime.as_bytes(a_mail(to=f"ann@example.org{end}Bcc: everybody@example.org"), BOUNDARY)


def test_addresses_as_they_stand_in_an_envelope():
    assert [mime.address(one) for one in ("ann@example.org", "o'dell.x+y@a-b.example", "ann@exämple.org")] == [
        "ann@example.org",
        "o'dell.x+y@a-b.example",
        "ann@xn--exmple-cua.org",
    ]
    with pytest.raises(ValueError, match="could be parsed"):
        mime.address("ann@a.org, bob@b.org")
