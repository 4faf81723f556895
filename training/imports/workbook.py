"""XLSX workbooks, read as a stream. Formulas are never evaluated; a merged cell's value holds for all its rows."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime

import openpyxl
from openpyxl.utils import range_boundaries

from training.imports import limits
from training.imports.allowance import Allowance
from training.imports.cells import CellError, Formula
from training.imports.problems import Unreadable

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML through defusedxml: install it, and do not set OPENPYXL_DEFUSEDXML")

_MERGE = re.compile(rb'<mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
# A row, mostly with its number, or the sign of something in a cell: a value, a text, a formula.
_ROW_OR_VALUE = re.compile(rb'<(?:\w+:)?(?:row\b(?:[^>]*?\sr="([0-9]{1,7})")?|(v|is|f)[\s>])')
_DAMAGED = (
    "The workbook is damaged or only half of it arrived. Open it in a spreadsheet program, save it again, and retry."
)
_PARTS = {
    "mimetype": "an OpenDocument file",
    "word/document.xml": "a Word file",
    "Index/Document.iwa": "a Numbers file",
}


class Workbook:
    """One sheet of an XLSX file: its rows, its name, and the day its serial numbers count from."""

    def __init__(self, data: bytes, sheet: str, allowance: Allowance):
        _check_archive(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions openpyxl does not know: none holds a value
                self._book = openpyxl.load_workbook(allowance.file(data), read_only=True, data_only=False)
            self.sheets = [one.title for one in self._book.worksheets]
        except Unreadable:
            raise
        except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble over
            raise Unreadable(_DAMAGED) from error
        if not self.sheets:
            raise Unreadable("The workbook has no sheet with cells.")
        self.sheet = self._chosen(sheet)
        self.epoch: datetime = self._book.epoch

    def _chosen(self, wanted: str) -> str:
        if wanted:
            for title in self.sheets:
                if title.strip().casefold() == wanted.strip().casefold():
                    return title
            if wanted.isdecimal() and 1 <= int(wanted) <= len(self.sheets):
                return self.sheets[int(wanted) - 1]
            raise Unreadable(f"There is no sheet “{wanted}”. The sheets are: {', '.join(self.sheets)}.")
        visible = [one.title for one in self._book.worksheets if one.sheet_state == "visible"]
        return (visible or self.sheets)[0]

    def rows(self) -> Iterator[tuple[int, list]]:
        """The rows with their numbers, down to the last one in which anything stands."""
        blanks = cells = 0
        last: int | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                sheet = self._book[self.sheet]
                sheet.reset_dimensions()  # the stated size is often wrong, and may be a lie
                held = _Merged(sheet)
                for number, row in enumerate(sheet.iter_rows(), 1):
                    cells += len(row)
                    if cells > limits.MOST_CELLS:
                        raise Unreadable("The sheet has too many cells. Delete the empty columns and rows, and retry.")
                    values = held.fill(number, [_value(cell) for cell in row[: limits.MOST_COLUMNS]])
                    if any(value is not None for value in values):
                        blanks = 0
                    elif (blanks := blanks + 1) >= limits.BLANK_ROWS_ON_END:
                        # Sheets run on for a million blank rows, but nothing that stands below some is left out.
                        last = _below(sheet, number) if last is None else last
                        if number >= last:
                            return
                        continue
                    yield number, values
            except Unreadable:
                raise
            except Exception as error:  # as above
                raise Unreadable(_DAMAGED) from error


class _Merged:
    """Cells merged downwards: the value of the first row belongs to all rows of the range."""

    def __init__(self, sheet):
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, tuple[int, object]] = {}
        for place in _merged_ranges(sheet):
            column, first, _, last = range_boundaries(place)
            if last > first and column <= limits.MOST_COLUMNS:
                self._starts.setdefault(first, []).append((column - 1, last))

    def fill(self, number: int, values: list) -> list:
        """The values of a row, with those of merged cells that began above it."""
        for column, (last, value) in list(self._open.items()):
            if number > last:
                del self._open[column]
                continue
            values.extend([None] * (column + 1 - len(values)))
            values[column] = value
        for column, last in self._starts.get(number, ()):
            if column < len(values) and values[column] is not None:
                self._open[column] = (last, values[column])
        return values


def _merged_ranges(sheet) -> list[str]:
    found: list[str] = []
    for text in _blocks(sheet):
        for match in _MERGE.finditer(text):
            found.append(match[1].decode())
            if len(found) > limits.MOST_MERGES:
                raise Unreadable("The sheet has too many merged cells. Unmerge them, and retry.")
    return list(dict.fromkeys(found))


def _below(sheet, number: int) -> int:
    """The last row in which anything stands. Raises `Unreadable` where it lies too far below row `number`."""
    row = last = 0
    for text in _blocks(sheet):
        for match in _ROW_OR_VALUE.finditer(text):
            if match[2]:
                last = row
            else:
                row = int(match[1]) if match[1] else row + 1
    if last > number + limits.MOST_BLANK_ROWS:
        raise Unreadable(
            f"Something stands in row {last:,} of the sheet, far below the rest. Delete it, or the empty rows above "
            "it, and retry."
        )
    return last


def _blocks(sheet) -> Iterator[bytes]:
    """The source of a sheet in blocks; a tag that is cut stands whole at the beginning of the next one."""
    tail = b""
    with sheet._get_source() as source:
        while block := source.read(1 << 20):
            text = tail + block
            yield text
            cut = text.rfind(b"<")
            tail = text[cut:] if cut >= 0 and len(text) - cut < 500 else b""


def _value(cell):
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    kind = cell.data_type
    if kind == "f":
        return Formula(value if isinstance(value, str) else str(getattr(value, "text", value)), cell.coordinate)
    if kind == "e":
        return CellError(str(value), cell.coordinate)
    return value


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise Unreadable(_DAMAGED) from error
    names = {part.filename for part in parts}
    if "xl/workbook.bin" in names:
        raise Unreadable("This is a binary workbook (XLSB). Save it as XLSX or CSV and try again.")
    if not any(name.startswith("xl/") for name in names):
        what = next((what for part, what in _PARTS.items() if part in names), "a ZIP archive")
        raise Unreadable(f"This is {what}, not an XLSX workbook. Save the table as XLSX or CSV and try again.")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if unpacked > limits.MOST_UNPACKED or (unpacked > 10_000_000 and unpacked / packed > limits.MOST_PACKING):
        raise Unreadable(
            f"Unpacked, the workbook is {limits.in_megabytes(unpacked)}: that is no honest table. Save only the sheet "
            "that is needed, as XLSX or CSV."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("The workbook is protected by a password. Save it without one and try again.")
