"""Keeping documents that were checked: the row and its file, and neither where the act they are of fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.db.models import Model
from django.db.models.fields.files import FieldFile

from compliance.documents import Checked


@contextmanager
def files() -> Iterator[list[FieldFile]]:
    """Whatever files are put into the list: they are taken away again where what is inside fails."""
    kept: list[FieldFile] = []
    try:
        yield kept
    except BaseException:
        for file in kept:
            file.storage.delete(file.name)
        raise


def keep(kind: type[Model], document: Checked, kept: list[FieldFile], **about) -> Model:
    """The row of a document, of a model with name, type, size, pages, sha256 and file; `about` says of what it is and
    who sent it. Its file is put into `kept` (see `files`)."""
    row = kind(
        name=document.name,
        type=document.type,
        size=len(document.content),
        pages=document.pages,
        sha256=document.sha256,
        **about,
    )
    row.file.save("", ContentFile(document.content), save=False)
    kept.append(row.file)
    row.save(force_insert=True)
    return row
