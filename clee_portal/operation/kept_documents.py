"""Rows and the files they name, compared: both are written, in two places, and each could be without the other."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.core.files.storage import storages
from django.db.models import FileField, Model

from clee_portal import clock
from compliance.services import medical_documents

DOCUMENTS = "documents"
# A file is written before its row is committed: until then it is nobody's, and must not be taken for left over.
AT_WORK = dt.timedelta(days=1)


@dataclass
class Found:
    """`files`: how many were looked at; names of files that a row names and that are `missing` or `changed`, and of
    those older than a day that no row names, nor ever did (`unnamed`)."""

    files: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


def look(*, reads: bool) -> Found:
    """Compare both ways; with `reads` every file is read and its digest compared. Raises OSError where the storage does
    not answer."""
    storage, now, found = storages[DOCUMENTS], clock.now(), Found()
    there = dict(storage.all_files())
    found.files = len(there)
    removed = set(medical_documents.past(clock.day_of(now)).values_list("file", flat=True))  # in their time
    named = set(_ever_named())  # before the rows of today: what is committed meanwhile is young, and so passed over
    for name, digest in _named_with_digests():
        if name not in there:
            if name not in removed and not storage.exists(name):
                found.missing.append(name)
        elif reads:
            with storage.open(name) as file:
                if hashlib.sha256(file.read()).hexdigest() != digest:
                    found.changed.append(name)
    found.unnamed = [name for name, at in there.items() if name not in named and at < now - AT_WORK]
    return found


def remove(names: list[str]) -> None:
    """Remove files that no row names (`Found.unnamed`)."""
    for name in names:
        storages[DOCUMENTS].delete(name)


def fields_of_documents() -> Iterator[tuple[type[Model], str]]:
    """(model, name of the field) of every file that lies in the storage of documents; tables of versions too."""
    for model in apps.get_models():
        for one in model._meta.get_fields():
            if isinstance(one, FileField) and one.storage is storages[DOCUMENTS]:
                yield model, one.name


def _is_of_versions(model: type[Model]) -> bool:
    return hasattr(model, "pgh_tracked_model")


def _ever_named() -> Iterator[str]:
    for model, name in fields_of_documents():
        yield from model._base_manager.values_list(name, flat=True).iterator()


def _named_with_digests() -> Iterator[tuple[str, str]]:
    for model, name in fields_of_documents():
        if not _is_of_versions(model):
            digest = "sha256" if name == "file" else f"{name}_sha256"
            yield from model._base_manager.exclude(**{name: ""}).values_list(name, digest).order_by("pk").iterator()
