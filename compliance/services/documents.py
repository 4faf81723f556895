"""Keeping documents that were checked: the row and its file, and neither where the act they are of fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError
from django.db.models import Model
from django.db.models.fields.files import FieldFile

from compliance.documents import Checked

log = logging.getLogger(__name__)


@contextmanager
def files() -> Iterator[list[FieldFile]]:
    """Whatever files are put into the list: they are taken away again where what is inside fails.

    Not where the database went away: it may have committed and could not say so, and a row without its file is worse
    than a file without a row, which `bin/manage check_documents` finds.
    """
    kept: list[FieldFile] = []
    try:
        yield kept
    except (OperationalError, InterfaceError):
        if kept:
            log.error("Whether %s files have a row is not known: bin/manage check_documents tells.", len(kept))
        raise
    except BaseException:
        for file in kept:
            try:
                file.storage.delete(file.name)
            except OSError:  # the storage is away; what went wrong first is what is told
                log.exception("A file stayed without a row: bin/manage check_documents tells.")
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
