"""Text tables: CSV with any usual delimiter and encoding."""

import codecs
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator

from training.imports import limits
from training.imports.problems import Unreadable

# Where two divide alike, it is the one that is rarer inside words and numbers.
DELIMITERS = ("|", "\t", ";", ",")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEP = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")
_END = "\x00"  # a line of its own below the last, or inside a quotation mark that is open; no table has the sign
_NEVER_CLOSED = "Row {} cannot be read: a quotation mark is opened there and never closed."


def decode(data: bytes) -> str:
    """The text of a file: by its byte-order mark, else UTF-8, UTF-16 without mark, or the Windows code page 1252."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(data, encoding)
    head = data[: limits.BYTES_TO_LOOK_FOR_ENCODING]
    if head.count(0) * 4 > len(head):
        odd, even = head[1::2].count(0), head[0::2].count(0)
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
    if "\x00" in text or len(_CONTROLS.findall(text[: limits.TEXT_TO_LOOK_AT])) > 5:
        raise Unreadable("This is not a table: the file is binary. Give a CSV or XLSX file.")
    if re.match(r"\s*<(!doctype html|html|table|\?xml)", text, re.IGNORECASE):
        raise Unreadable("This is a web page or XML, not a table. Save it as CSV or XLSX and try again.")
    text = text.removeprefix("\ufeff")
    told = _SEP.match(text)
    delimiter = told[1] if told else find_delimiter(text)
    return _rows(text, delimiter, 1 if told else 0)


def _rows(text: str, delimiter: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    lines = itertools.chain(io.StringIO(text, newline=None), [_END])
    number = blanks = 0
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if number <= skip:
                continue
            if row == [_END]:
                return
            if not row:  # an empty line; a file of nothing else costs no more than to be read past
                if (blanks := blanks + 1) <= limits.MOST_BLANK_ROWS:
                    yield number, row
                continue
            if row[-1].endswith(_END):  # what was opened has taken in all that stands below
                raise Unreadable(_NEVER_CLOSED.format(number))
            if blanks > limits.MOST_BLANK_ROWS:
                where = f"Something stands in row {number:,}, far below the rest."
                raise Unreadable(f"{where} Delete the empty rows above it, and retry.")
            blanks = 0
            if any(cell.strip() for cell in row[limits.MOST_COLUMNS :]):
                raise Unreadable(f"Row {number} has {len(row)} columns; at most {limits.MOST_COLUMNS} are read.")
            yield number, row
    except csv.Error:
        raise Unreadable(_NEVER_CLOSED.format(number + 1)) from None


def find_delimiter(text: str) -> str:
    """The delimiter that divides the first rows into the most columns, most evenly."""
    head = text[: limits.TEXT_TO_LOOK_AT]
    best, best_score = ",", 0
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(head, newline=None), delimiter=delimiter)
        widths = [len(row) for row in itertools.islice(reader, limits.ROWS_TO_LOOK_FOR_DELIMITER) if row]
        if not widths:
            continue
        width, how_often = max(Counter(widths).items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        # A sign inside the words of some rows alone, such as a list within a cell, divides the others into nothing.
        divided = sum(one > 1 for one in widths)
        if (score := how_often * (width - 1) * divided**4) > best_score:
            best, best_score = delimiter, score
    return best
