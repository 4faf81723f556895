"""Opening a file, whatever it is: a table, or one line that says why it cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from openpyxl.utils.datetime import WINDOWS_EPOCH

from training.imports import delimited, limits
from training.imports.allowance import Allowance
from training.imports.problems import Unreadable
from training.imports.workbook import Workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass
class Table:
    """A table as it was found: its rows (number in the file, cells), and the day serial dates count from."""

    name: str
    rows: Iterator[tuple[int, list]]
    epoch: datetime = WINDOWS_EPOCH
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


def open_path(path: str | Path, *, sheet: str = "") -> Table:
    """The table in a file. Raises `Unreadable`."""
    path = Path(path)
    try:
        if not path.is_file():
            raise Unreadable(f"There is no file {path.name}." if not path.exists() else f"{path.name} is not a file.")
        if (size := path.stat().st_size) > limits.MOST_BYTES:
            raise Unreadable(
                f"The file is {limits.in_megabytes(size)}; at most {limits.in_megabytes(limits.MOST_BYTES)} are read. "
                "Divide it, or save only the table as CSV."
            )
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be opened: {error.strerror or error}.") from None
    return open_bytes(data, name=path.name, sheet=sheet, is_trusted=True)


def open_bytes(data: bytes, *, name: str, sheet: str = "", is_trusted: bool = False) -> Table:
    """The table in the bytes of a file called `name`. Raises `Unreadable`, where it takes too long too.

    `is_trusted`: as long as it takes, for a file of the operator's, and one that was read in time when it was taken in.
    """
    if len(data) > limits.MOST_BYTES:
        raise Unreadable(f"The file is larger than {limits.in_megabytes(limits.MOST_BYTES)}.")
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n,;|"):
        raise Unreadable("The file is empty.")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("The workbook is protected by a password. Save it without one and try again.")
        raise Unreadable("This is a workbook of the old kind (XLS). Save it as XLSX or CSV and try again.")
    for start, what in _OTHERS:
        if data.startswith(start):
            raise Unreadable(f"This is {what}, not a table. Give a CSV or XLSX file.")
    allowance = Allowance(None if is_trusted else limits.MOST_SECONDS)
    if data.startswith(b"PK"):
        book = Workbook(data, sheet, allowance)
        others = tuple(title for title in book.sheets if title != book.sheet)
        return Table(name, allowance.within(book.rows()), book.epoch, book.sheet, others)
    if sheet:
        raise Unreadable("A CSV file has no sheets: leave --sheet out.")
    return Table(name, allowance.within(delimited.rows(data)))
