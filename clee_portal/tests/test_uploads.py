"""Files of any size can be sent to any address, and no more of them is kept than the largest page takes."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import RequestFactory

from clee_portal import uploads
from compliance import documents, transcript_checks
from training.imports import limits


def sent(monkeypatch, *sizes, most=200_000, in_all=10_000_000):
    """The sizes of files as a form gets them."""
    monkeypatch.setattr(uploads, "MOST_BYTES", most)
    monkeypatch.setattr(uploads, "MOST_OF_A_REQUEST", in_all)
    files = {f"file{number}": SimpleUploadedFile("a.pdf", b"x" * size) for number, size in enumerate(sizes)}
    request = RequestFactory().post("/", files)
    last = TemporaryFileUploadHandler(request)
    request.upload_handlers = [uploads.NoFurther(request), last]
    try:
        with_sizes = [file.size for file in request.FILES.values()]
    except RequestDataTooBig:
        last.file.close()  # the one it was about; those before are closed by Django
        raise
    for file in request.FILES.values():
        file.close()
    return with_sizes


def test_nothing_that_a_form_takes_is_cut_off():
    assert max(limits.MOST_BYTES, documents.MOST_BYTES, transcript_checks.MOST_BYTES) <= uploads.MOST_BYTES


def test_file_within_the_limit_is_whole(monkeypatch):
    assert sent(monkeypatch, 200_000, 1, 0) == [200_000, 1, 0]


def test_of_a_larger_one_a_piece_more_is_kept_so_that_it_is_seen_to_be_larger(monkeypatch):
    cut, whole = sent(monkeypatch, 5_000_000, 150_000)
    assert 200_000 < cut <= 200_000 + 2**16
    assert whole == 150_000


def test_many_files_that_are_more_than_any_form_takes_are_refused(monkeypatch):
    with pytest.raises(RequestDataTooBig):
        sent(monkeypatch, *[150_000] * 10, in_all=1_000_000)


def test_portal_asks_that_first(settings):
    assert settings.FILE_UPLOAD_HANDLERS[0] == "clee_portal.uploads.NoFurther"
