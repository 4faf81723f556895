"""Documents people send: what may come in, and how it is looked at before it is kept (decision 11).

What a file is, its first bytes say, never its name. It is opened in a process of its own (`document_inspector`).
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from clee_portal.refusal import Refused
from compliance import document_inspector as inspector
from compliance.models import ReliefDocument

Type = ReliefDocument.Type

MOST_BYTES = 15 * 1024 * 1024
MOST_AT_ONCE = 5
MOST_IN_ALL = 20
# Seconds the inspector may take by the clock on the wall; it has fewer of computing.
PATIENCE = 45
# First bytes -> what it is, and how the inspector calls it.
KINDS = ((b"%PDF-", Type.PDF, "PDF"), (b"\xff\xd8\xff", Type.JPEG, "JPEG"), (b"\x89PNG\r\n\x1a\n", Type.PNG, "PNG"))
ENDINGS = {Type.PDF: ".pdf", Type.JPEG: ".jpg", Type.PNG: ".png"}
# What may stand behind the last mark of a PDF's end. More of it is another file hidden there.
MOST_AFTER_THE_END = 1024
ACCEPT = "application/pdf,image/jpeg,image/png,.pdf,.jpg,.jpeg,.png"


class Checked(NamedTuple):
    """A document that was looked at: its bytes as they are kept."""

    name: str
    type: str
    pages: int
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def check_all(files: Sequence[UploadedFile], *, there_are: int = 0) -> list[Checked]:
    """Look at every file; `there_are` is how many the request has already. Raises `Refused` at the field "documents",
    naming the file."""
    if len(files) > MOST_AT_ONCE:
        raise Refused(
            gettext("Send at most %(most)s documents at once. You chose %(number)s.")
            % {"most": MOST_AT_ONCE, "number": len(files)},
            field="documents",
        )
    if there_are + len(files) > MOST_IN_ALL:
        raise Refused(
            gettext("A request has room for %(most)s documents, and has %(there_are)s.")
            % {"most": MOST_IN_ALL, "there_are": there_are},
            field="documents",
        )
    return [check(file) for file in files]


def check(file: UploadedFile) -> Checked:
    """Look at one file. Raises `Refused` at the field "documents", naming the file and how to mend it."""
    name = plain_name(file.name or "")

    def wrong(why: str) -> Refused:
        return Refused(f"“{name}”: {why}", field="documents")

    if file.size > MOST_BYTES:
        raise wrong(
            gettext("It is larger than %(most)s MB. Send fewer pages, or a smaller photo.")
            % {"most": MOST_BYTES // 1024 // 1024}
        )
    if not file.size:
        raise wrong(gettext("The file is empty. Choose it again."))
    content = file.read()
    found = next(((kind, called) for start, kind, called in KINDS if content.startswith(start)), None)
    if found is None:
        raise wrong(gettext("It is neither a PDF nor a JPEG or PNG image, whatever its name says. Send one of these."))
    kind, called = found
    if called == "PDF" and len(content) - content.rfind(b"%%EOF") > MOST_AFTER_THE_END:
        raise wrong(gettext(inspector.IS_BROKEN))
    pages, kept = _inspect(called, content, wrong)
    return Checked(f"{name.rpartition('.')[0] or name}{ENDINGS[kind]}"[-120:], kind, pages, kept)


def plain_name(name: str) -> str:
    """The name of a file without any path, control or unusual character, at most 100 long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in last).strip(" .")
    return kept[-100:] or "document"


def _inspect(called: str, content: bytes, wrong) -> tuple[int, bytes]:
    """The pages and the bytes to keep. Raises what `wrong` makes."""
    with tempfile.TemporaryDirectory(prefix="clee-document-") as folder:
        source, target = Path(folder, "sent"), Path(folder, "kept")
        source.write_bytes(content)
        command = [sys.executable, "-I", inspector.__file__, called, str(source), str(target)]
        try:
            ran = subprocess.run(command, capture_output=True, timeout=PATIENCE, env={}, check=True)  # noqa: S603
            said = json.loads(ran.stdout)
        except (subprocess.SubprocessError, ValueError):  # stopped by its limits, or it said nothing
            raise wrong(gettext(inspector.IS_BROKEN)) from None
        if "wrong" in said:
            raise wrong(gettext(said["wrong"]) % {"pages": inspector.MOST_PAGES})
        return said["pages"], target.read_bytes() if called != "PDF" else content
