"""Make-up credit as a file: what the page shows, of an agency or of the state."""

from clee_portal import clock
from compliance import wording
from compliance.views.make_up import AgencyMakeUpView, Row, StateMakeUpView
from training.views.listing import FileMixin


class _MakeUpFileMixin(FileMixin):
    """A row for each entry: both years, the better choice, and where each year stands by either."""

    header = (
        "License number", "Name", "Reference", "Course", "Completed on", "Hours", "Earlier year", "Own year",
        "Counts now in", "Decided", "Better choice", "Open to whoever reported it until",
        "If in the earlier year: that year", "If in the earlier year: its own",
        "If in its own year: the earlier", "If in its own year: that year",
    )  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """Those to be decided first, as on the page."""
        waiting, decided = self.rows()
        return [_line(row) for row in (*waiting, *decided)]


def _line(row: Row) -> tuple:
    case, record = row.case, row.record
    earlier, own = case.options
    now = next(one.year for one in case.options if one.is_now)
    standings = [
        wording.owing_chip(case.requirements[year], choice.findings[year]).label
        for choice in case.options
        for year in (earlier.year, own.year)
    ]
    return (
        record.officer.license_number, record.officer.sorted_name, record.training_class.reference,
        record.training_class.course.title, record.completed_on, case.hours, earlier.year, own.year, now,
        case.is_decided, case.options.better.year, row.until, *standings,
    )  # fmt: skip


class AgencyMakeUpFileView(_MakeUpFileMixin, AgencyMakeUpView):
    """Of an agency, as it is filtered."""

    def file_name(self) -> str:
        """Of which agency, as of today."""
        return f"make-up-{self.agency.code}-{clock.today():%Y-%m-%d}"


class StateMakeUpFileView(_MakeUpFileMixin, StateMakeUpView):
    """Of the state, as it is filtered."""

    def file_name(self) -> str:
        """Of which year, as of today."""
        return f"make-up-{self.year() or 'none'}-{clock.today():%Y-%m-%d}"
