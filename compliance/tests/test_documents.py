"""Documents that come in: what they are by their content, small enough, whole, and without anything that acts."""

import io
import time
import zipfile
import zlib

import pypdf
import pytest
from PIL import Image
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

from clee_portal.refusal import Refused
from compliance import document_inspector, documents
from compliance.tests.relief_people import pdf, photo, upload


def refusal(content: bytes, name: str = "orders.pdf") -> str:
    with pytest.raises(Refused) as refused:
        documents.check(upload(content, name))
    assert refused.value.field == "documents"
    return refused.value.message


def test_a_pdf_is_kept_as_it_came():
    content = pdf(3)
    found = documents.check(upload(content, "Orders 2026.pdf"))
    assert (found.name, found.type, found.pages, found.content) == ("Orders 2026.pdf", "application/pdf", 3, content)


@pytest.mark.parametrize(("kind", "type_"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_an_image_is_written_anew(kind, type_):
    found = documents.check(upload(photo(kind) + b"PK\x03\x04 a file behind the picture", "IMG_0001.heic"))
    assert (found.type, b"PK\x03\x04" in found.content) == (type_, False)
    assert Image.open(io.BytesIO(found.content)).size == (60, 40)


def test_the_place_and_camera_of_a_photo_are_left_out_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 6  # maker; turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    found = documents.check(upload(photo("JPEG", exif=exif), "IMG_0001.jpg"))
    kept = Image.open(io.BytesIO(found.content))
    assert (dict(kept.getexif()), kept.size) == ({}, (40, 60))


def test_a_large_photo_is_made_smaller():
    found = documents.check(upload(photo("JPEG", (6000, 4000)), "IMG.jpg"))
    assert Image.open(io.BytesIO(found.content)).size == (3000, 2000)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00 a program", "orders.pdf"),
        (b"<html><script>alert(1)</script></html>", "orders.pdf"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "photo.png"),
        (b"GIF89a\x01\x00\x01\x00", "photo.png"),
        (b"PK\x03\x04 a folder", "orders.pdf"),
        (b"\n%PDF-1.7 not at its beginning", "orders.pdf"),
    ],
)
def test_what_its_name_does_not_make_it(content, name):
    assert refusal(content, name) == (
        f"“{name}”: It is neither a PDF nor a JPEG or PNG image, whatever its name says. Send one of these."
    )


def test_a_pdf_that_is_another_file_too():
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as inside:
        inside.writestr("run.js", "alert(1)" * 300)
    assert document_inspector.IS_BROKEN in refusal(pdf() + folder.getvalue())


def test_a_pdf_with_a_script():
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('here')")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.write(made)
    assert document_inspector.IS_ACTIVE in refusal(made.getvalue())


def test_a_pdf_with_a_file_in_it():
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_attachment("run.exe", b"MZ")
    writer.write(made)
    assert document_inspector.IS_ACTIVE in refusal(made.getvalue())


def test_a_locked_pdf():
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(made)
    assert document_inspector.IS_LOCKED in refusal(made.getvalue())


def test_too_many_pages():
    assert documents.check(upload(pdf(100))).pages == 100
    assert document_inspector.IS_LONG % {"pages": 100} in refusal(pdf(101))


def bomb(megabytes: int) -> bytes:
    """A PDF whose one page unfolds to so much."""
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(100, 100)
    stream = DecodedStreamObject()
    packer = zlib.compressobj(9)
    stream._data = b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(made)
    return made.getvalue()


def test_a_pdf_that_unfolds_to_gigabytes():
    content, began = bomb(600), time.monotonic()
    assert len(content) < 1_000_000
    assert document_inspector.IS_BROKEN in refusal(content)
    assert time.monotonic() - began < documents.PATIENCE


def test_an_image_of_too_many_pixels_is_not_decoded():
    """A picture of 10,000 by 10,000 of one colour is small as a file."""
    content = photo("PNG", (10_000, 10_000))
    assert len(content) < 1_000_000
    assert document_inspector.IS_LARGE in refusal(content, "photo.png")


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"\xff\xd8\xff\xe0 torn off", b"\x89PNG\r\n\x1a\n torn off"])
def test_a_broken_one(content):
    assert document_inspector.IS_BROKEN in refusal(content)


def test_too_large_and_empty():
    assert "larger than 15 MB" in refusal(b"%PDF-" + bytes(documents.MOST_BYTES))
    assert "empty" in refusal(b"")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\scan.pdf", "scan.pdf"),
        ('a"b\r\nSet-Cookie: x.pdf', "a_b__Set-Cookie_ x.pdf"),
        ("..", "document"),
        ("", "document"),
        ("ü" * 300 + ".pdf", "ü" * 96 + ".pdf"),
    ],
)
def test_a_name_is_only_words(name, plain):
    assert documents.plain_name(name) == plain


def test_not_too_many_at_once_or_in_all():
    with pytest.raises(Refused, match=r"at most 5 documents at once\. You chose 6\."):
        documents.check_all([upload(pdf())] * 6)
    with pytest.raises(Refused, match="room for 20 documents, and has 20"):
        documents.check_all([upload(pdf())], there_are=20)
