"""Tables handed out as files: CSV and XLSX, with real numbers and dates, and no cell that is taken for a formula."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from clee_portal import clock
from training.escaping import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NARROW, _WIDE = 10, 60


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence]) -> StreamingHttpResponse:
    """A CSV file called `name`, written line by line as it is sent. UTF-8 with the mark that Excel looks for.

    `how_many` is said before the first line leaves, for the record of access.
    """
    rows = rows if isinstance(rows, Sequence) else list(rows)
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8", headers=_as_attachment(name)
    )
    response.how_many = len(rows)
    return response


def csv_lines(header: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    """The lines of a CSV file, the header's first."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([escape(one) for one in header])
    for row in rows:
        yield writer.writerow([_as_text(value) for value in row])


def xlsx_response(name: str, header: Sequence[str], rows: Iterable[Sequence]) -> HttpResponse:
    """A workbook called `name` with one sheet; dates are dates and hours are numbers in it. `how_many` as in CSV."""
    out = io.BytesIO()
    how_many = write_xlsx(out, header, rows)
    response = HttpResponse(out.getvalue(), content_type=XLSX, headers=_as_attachment(name))
    response.how_many = how_many
    return response


def write_xlsx(out, header: Sequence[str], rows: Iterable[Sequence]) -> int:
    """Write a workbook with one sheet: the header stands still, the columns are as wide as their names need.

    Returns how many rows it has under the header.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Table")
    sheet.freeze_panes = "A2"
    for at, title in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(_WIDE, max(_NARROW, len(title) + 4))
    sheet.append([_cell(sheet, title, bold=True) for title in header])
    how_many = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        how_many += 1
    book.save(out)
    return how_many


def file_response(kind: str, name: str, header: Sequence[str], rows: Iterable[Sequence]) -> HttpResponseBase:
    """The table as a file of `kind`: "csv" or "xlsx"; `name` is without its ending."""
    make = {"csv": csv_response, "xlsx": xlsx_response}[kind]
    return make(f"{name}.{kind}", header, rows)


def _as_attachment(name: str) -> dict[str, str]:
    plain = "".join(one for one in name if one.isascii() and (one.isalnum() or one in "._- ")).strip() or "table"
    return {"Content-Disposition": f'attachment; filename="{plain}"'}


def _as_text(value) -> str:
    """A value as it stands in a CSV file: hours without trailing zeros, days and moments as ISO writes them."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return _number_text(value)
        case int() | float():
            return str(value)
        case dt.datetime():
            return value.astimezone(clock.CHICAGO).strftime("%Y-%m-%d %H:%M")
        case dt.date():
            return value.isoformat()
    return escape(str(value))


def _number_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cell(sheet, value, bold: bool = False) -> WriteOnlyCell:
    match value:
        case None | bool():
            value = None if value is None else _as_text(value)
        case dt.datetime():
            value = value.astimezone(clock.CHICAGO).replace(tzinfo=None, microsecond=0)
        case dt.date() | Decimal() | int() | float():
            pass
        case _:
            value = escape(ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # also where it reads like an error value, such as #N/A
    elif isinstance(value, dt.datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    if bold:
        cell.font = Font(bold=True)
    return cell


class _Echo(io.TextIOBase):
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        """The value itself."""
        return value
