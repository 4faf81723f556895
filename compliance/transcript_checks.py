"""Whether a file is a transcript of the portal, byte for byte: by its digest, and by its signature.

Nothing of a file that somebody puts there is opened, run or kept: it is looked at as bytes.
"""

import base64
import hashlib
import re
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import signing, transcript_figures
from compliance.models import SigningKey, Transcript
from compliance.transcript_figures import Figures
from compliance.transcript_papers import FORMAT, MARK
from training.models import Officer
from training.models.registrations import CODE_LENGTH, CODE_LETTERS

# Bytes. A transcript of eight periods and four hundred classes has a fifth of it.
MOST_BYTES = 2 * 1024 * 1024
MOST_OF_A_SIGNATURE = 4096
_PDF = b"%PDF-"
_CODE = f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}".encode()
_KEY_ID = re.compile("[0-9a-f]{16}")
_IN_PDF = re.compile(MARK.encode() + b"(" + _CODE + b")")
_IN_DATA = re.compile(rb'"code":\s*"(' + _CODE + rb')"')


class Outcome(models.TextChoices):
    """What a file is."""

    GENUINE = "genuine", _("This file is genuine")
    REVOKED = "revoked", _("This file was issued, but its key was revoked")
    ALTERED = "altered", _("This file was altered")
    FORGED = "forged", _("This file was not issued by the portal")
    UNKNOWN = "unknown", _("This file is not a transcript of the portal")


class Signed(models.TextChoices):
    """What a signature file that was put beside it is worth."""

    FITS = "fits", _("The signature fits the file.")
    OTHER = "other", _("The signature beside it is not that of this file.")
    UNKNOWN_KEY = "unknown_key", _("The signature beside it names a key that the portal never had.")
    REVOKED_KEY = "revoked_key", _("The signature beside it is by a key that was revoked: it proves nothing.")
    UNREADABLE = "unreadable", _("The signature file cannot be read as one. Send the .sig file as you got it.")


class Checked(NamedTuple):
    """A file that was looked at: what it is, which transcript it is or says it is, and what its signature is worth."""

    outcome: Outcome
    transcript: Transcript | None
    signed: Signed | None

    @property
    def is_altered(self) -> bool:
        """Whether it is taken for a transcript that it is not."""
        return self.outcome == Outcome.ALTERED


class Standing(NamedTuple):
    """A transcript with what it said, and what has changed since, in words ([] while it is current)."""

    transcript: Transcript
    figures: Figures
    changes: list[str]


def found(code: str) -> Transcript | None:
    """The transcript of a code; None where there is none."""
    return Transcript.objects.filter(code=code).select_related("officer__merged_into", "key", "agency").first()


def officer_of(transcript: Transcript) -> Officer:
    """Whose it is today: two records of one person may have been joined since."""
    return transcript.officer.merged_into or transcript.officer


def address_of(code: str) -> str | None:
    """The page on which the transcript of a code is checked; None where there is none."""
    is_one = Transcript.objects.filter(code=code).exists()
    return reverse("compliance:check_transcript", args=[code]) if is_one else None


def standing(transcript: Transcript) -> Standing:
    """What a transcript said, and what no longer is so. As many statements for one class as for four hundred."""
    officer = officer_of(transcript)
    issued = transcript_figures.as_issued(transcript)
    now = transcript_figures.of_officer(officer, [one.year for one in issued.periods], clock.now())
    return Standing(transcript, issued, transcript_figures.changes(issued, now))


def check(content: bytes, signature: bytes | None = None, code: str = "") -> Checked:
    """Look at a file: `signature` is the signature file, where one was put beside it, `code` that of the transcript it
    is taken for. Raises `Refused` at the field "file" where it is neither a PDF nor data of a transcript."""
    is_pdf = content.startswith(_PDF)
    if not is_pdf and FORMAT.encode() not in content[:200]:
        raise Refused(
            gettext(
                "This is neither a PDF nor the data file of a transcript, whatever its name says. Choose the file as "
                "you got it, not a photo or a scan of it."
            ),
            field="file",
        )
    digest = hashlib.sha256(content).hexdigest()
    kept = Transcript.objects.filter(Q(pdf_sha256=digest) | Q(data_sha256=digest))
    one = kept.select_related("officer__merged_into", "key", "agency").first()
    signed = _signed(content, signature) if signature is not None else None
    if one is not None:
        own = one.pdf_signature if one.pdf_sha256 == digest else one.data_signature
        if not signing.holds(one.key, content, base64.b64decode(own)):
            return Checked(Outcome.FORGED, None, signed)  # the record itself was tampered with
        return Checked(Outcome.REVOKED if one.key.revoked_at else Outcome.GENUINE, one, signed)
    if named := found(code) or found(_named(content, is_pdf)):
        return Checked(Outcome.ALTERED, named, signed)
    return Checked(Outcome.FORGED if signed else Outcome.UNKNOWN, None, signed)


def _named(content: bytes, is_pdf: bool) -> str:
    """The code a file says it has, or ""."""
    match = (_IN_PDF if is_pdf else _IN_DATA).search(content)
    return match[1].decode() if match else ""


def _signed(content: bytes, file: bytes) -> Signed:
    """What a signature file is worth for this content."""
    try:
        given = signing.read_file(file)
    except signing.UnreadableError:
        return Signed.UNREADABLE
    key = SigningKey.objects.filter(key_id=given.key_id).first() if _KEY_ID.fullmatch(given.key_id) else None
    if key is None:
        return Signed.UNKNOWN_KEY
    if not signing.holds(key, content, given.signature):
        return Signed.OTHER
    return Signed.REVOKED_KEY if key.revoked_at else Signed.FITS


def read(transcript: Transcript, field: str) -> bytes:
    """The "pdf" or the "data" of a transcript as it is kept. Raises ValueError where it is not what was kept."""
    with getattr(transcript, field).open("rb") as kept:
        content = kept.read()
    if hashlib.sha256(content).hexdigest() != getattr(transcript, f"{field}_sha256"):
        raise ValueError(f"The {field} of {transcript} is not what was kept: its digest is another.")
    return content
