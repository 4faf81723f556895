"""Opens a document that somebody sent, in a process of its own with little memory and time, and says what it is.

Run as a script by `compliance.documents`, with nothing of the portal imported: what a hostile file can bring down is
this process alone. Writes one line of JSON: {"pages": 2} or {"wrong": "..."}; an image is written anew, as
small as reading it needs, without the place and the camera that a phone writes into it and without anything that was
put behind it.
"""

import json
import resource
import sys
import zlib

# Bytes of memory and seconds of computing; both are far above what a document within the limits needs.
MEMORY = 1_500_000_000
SECONDS = 20
MOST_PAGES = 100
MOST_OBJECTS = 50_000
MOST_DEPTH = 40
# Bytes that all compressed parts of a PDF may unfold to; a scan of a hundred pages needs less.
MOST_UNFOLDED = 400_000_000
# Pixels of an image as it is sent (a phone's photo has 12 to 50 million), and of its longer side as it is kept.
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 3000
# What makes a PDF do something, or carries another file.
ACTIVE = {"/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/XFA", "/ImportData"}


def _(words: str) -> str:
    """Names a text for the catalogues of other languages (documents.py translates it): here is no Django."""
    return words


IS_ACTIVE = _(
    "This PDF holds a script or another file. Print it to a new PDF, or take a photo of the paper, and send that."
)
IS_LOCKED = _("This PDF is locked with a password. Save it without one, or take a photo of the paper, and send that.")
IS_BROKEN = _("This file cannot be opened. Save or scan it again, or take a photo of the paper, and send that.")
IS_LONG = _("This PDF has more than %(pages)s pages. Send the pages that show the leave.")
IS_LARGE = _("This image is too large to look at. Take it with fewer pixels, and send that.")


class WrongError(Exception):
    """What is wrong with a document, fit for whoever sent it."""


def pdf(source: str) -> dict:
    """Look through a PDF: opened, without a password, script or file in it, and not too long."""
    import pypdf  # here and below: only the library that is needed is loaded

    with open(source, "rb") as file:
        reader = pypdf.PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise WrongError(IS_LOCKED)
        pages = len(reader.pages)
        if pages > MOST_PAGES:
            raise WrongError(IS_LONG)
        if not pages:
            raise WrongError(IS_BROKEN)
        numbers = {number for generation in reader.xref.values() for number in generation} | set(reader.xref_objStm)
        if len(numbers) > MOST_OBJECTS:
            raise WrongError(IS_BROKEN)
        unfolded = 0
        _walk(reader.trailer, pypdf)
        for number in numbers:
            found = reader.get_object(pypdf.generic.IndirectObject(number, 0, reader))
            _walk(found, pypdf)
            if isinstance(found, pypdf.generic.StreamObject):
                unfolded += _unfolded(found, MOST_UNFOLDED - unfolded)
    return {"pages": pages}


def _unfolded(stream, room: int) -> int:
    """How many bytes a stream unfolds to. Raises `WrongError` for more than `room`; nothing of it is kept."""
    filters = stream.get("/Filter") or []
    filters = [str(one) for one in (filters if isinstance(filters, list) else [filters])]
    if sum(one in ("/FlateDecode", "/LZWDecode", "/RunLengthDecode") for one in filters) > 1:
        raise WrongError(IS_BROKEN)  # unfolding what was unfolded: no scanner does that
    if not filters or filters[0] != "/FlateDecode":
        return 0
    unpack, left, count = zlib.decompressobj(), stream._data, 0
    while left:
        try:
            count += len(unpack.decompress(left, 1_000_000))
        except zlib.error:  # damaged at its end: readers show what there is
            break
        if count > room:
            raise WrongError(IS_BROKEN)
        left = unpack.unconsumed_tail
    return count


def _walk(thing, pypdf, depth: int = 0) -> None:
    """Refuse what is active in one object; what it points to is looked at in its own turn."""
    if depth > MOST_DEPTH:
        raise WrongError(IS_BROKEN)
    if isinstance(thing, dict):
        for key, value in thing.items():
            inner = None if isinstance(value, pypdf.generic.IndirectObject) else value
            if key in ACTIVE or (isinstance(inner, str) and key in ("/S", "/Type", "/Subtype") and inner in ACTIVE):
                raise WrongError(IS_ACTIVE)
            _walk(inner, pypdf, depth + 1)
    elif isinstance(thing, list):
        for value in thing:
            if not isinstance(value, pypdf.generic.IndirectObject):
                _walk(value, pypdf, depth + 1)


def image(source: str, target: str, kind: str) -> dict:
    """Decode an image and write it anew."""
    from PIL import Image, ImageOps  # as above

    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is decoded
    with Image.open(source, formats=[kind]) as sent:
        if sent.width * sent.height > MOST_PIXELS:
            raise WrongError(IS_LARGE)
        sent.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        kept = ImageOps.exif_transpose(sent)
        kept.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        if kind == "JPEG" and kept.mode not in ("L", "RGB"):
            kept = kept.convert("RGB")
        clean = Image.new(kept.mode, kept.size)
        if kept.mode == "P":
            clean = kept.convert("RGBA")
        else:
            clean.paste(kept)
        clean.info.clear()
        clean.save(target, format=kind, **({"quality": 88} if kind == "JPEG" else {"optimize": False}))
    return {"pages": 1}


def main(kind: str, source: str, target: str) -> None:
    """Inspect `source`; an image is written to `target`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        said = pdf(source) if kind == "PDF" else image(source, target, kind)
    except WrongError as wrong:
        said = {"wrong": str(wrong)}
    except Exception:  # whatever a broken or hostile file makes a library raise, MemoryError included
        said = {"wrong": IS_BROKEN}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
