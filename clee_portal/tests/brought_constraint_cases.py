"""What the database must refuse of calendars that are brought in; registered like those of constraint_cases.py."""

from clee_portal.tests.constraint_cases import refused
from training.models import CalendarImport, CalendarImportRow
from training.tests import factories


def brought(**more) -> CalendarImport:
    return CalendarImport.objects.create(provider=factories.provider(), name="our.ics", kind="ics", **more)


@refused("calendar_import_has_seats")
def _():
    brought(capacity=0)


@refused("calendar_import_row_once")
def _():
    calendar = brought()
    for number in (1, 2):
        calendar.rows.create(number=number, uid="a")


@refused("calendar_import_row_read_whole")
def _():
    row: CalendarImportRow = brought().rows.create(number=1, uid="a")
    CalendarImportRow.objects.filter(pk=row.pk).update(begins_at=row.calendar_import.uploaded_at)
