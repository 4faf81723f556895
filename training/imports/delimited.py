"""Text tables: CSV with any usual delimiter and encoding."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from training.imports import limits
from training.imports.problems import Unreadable

DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def decode(data: bytes) -> str:
    """The text of a file: by its byte-order mark, else UTF-8, UTF-16 without mark, or the Windows code page 1252."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding)
    half = data[:4096]
    if half.count(0) > len(half) // 4:
        odd, even = half[1::2].count(0), half[0::2].count(0)
        if not min(odd, even):
            return _decode(data, "utf-16-le" if odd else "utf-16-be")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Five bytes have no meaning there; they are shown as the sign for an unknown character.
        return data.decode("cp1252", errors="replace")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("The file's text is damaged. Export it again, as CSV (UTF-8).") from None


def rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a text table with their numbers, counted from 1 as a spreadsheet program shows them."""
    text = decode(data)
    controls = _CONTROLS.findall(text[:65536])
    if "\x00" in controls or len(controls) > 5:
        raise Unreadable("This is not a table: the file is binary. Give a CSV or XLSX file.")
    if re.match(r"\s*<(!doctype html|html|table|\?xml)", text[:500], re.IGNORECASE):
        raise Unreadable("This is a web page or XML, not a table. Save it as CSV or XLSX and try again.")
    text = text.removeprefix("\ufeff")
    told = _SEP.match(text)
    delimiter = told[1] if told else find_delimiter(text)
    return _rows(text, delimiter, 1 if told else 0)


def _rows(text: str, delimiter: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    number = blanks = 0
    try:
        for number, row in enumerate(reader, 1):
            if number <= skip:
                continue
            if not row:  # an empty line; a file of nothing else costs no more than to be read past
                if (blanks := blanks + 1) <= limits.MOST_BLANK_ROWS:
                    yield number, row
                continue
            if blanks > limits.MOST_BLANK_ROWS:
                where = f"Something stands in row {number:,}, far below the rest."
                raise Unreadable(f"{where} Delete the empty rows above it, and retry.")
            blanks = 0
            if len(row) > limits.MOST_COLUMNS and any(cell.strip() for cell in row[limits.MOST_COLUMNS :]):
                raise Unreadable(f"Row {number} has {len(row)} columns; at most {limits.MOST_COLUMNS} are read.")
            yield number, row
    except csv.Error:
        raise Unreadable(
            f"Row {number + 1} cannot be read: a quotation mark is opened there and never closed."
        ) from None


def find_delimiter(text: str) -> str:
    """The delimiter that divides the first rows into the most columns, most evenly."""
    head = text[:65536].rpartition("\n")[0] or text[:65536]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [
                len(row)
                for row, _ in zip(
                    csv.reader(io.StringIO(head, newline=None), delimiter=delimiter), range(60), strict=False
                )
                if row
            ]
        except csv.Error:
            continue
        if not widths:
            continue
        width, how_often = max(Counter(widths).items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        # A sign inside the words of some rows alone, such as a list within a cell, divides the others into nothing.
        divided = sum(one > 1 for one in widths) / len(widths)
        if (score := how_often * (width - 1) * divided**4) > best_score:
            best, best_score = delimiter, score
    return best
