"""Import officers from a CSV or XLSX file."""

from training.imports.command import ImportCommand, agency_with_code
from training.imports.officers import Officers


class Command(ImportCommand):
    """`import_officers FILE`: see docs/imports.md."""

    help = "Import officers, their license dates and commissions from a CSV or XLSX file (docs/imports.md)."

    def add_arguments(self, parser):
        """One option of its own."""
        super().add_arguments(parser)
        parser.add_argument("--agency", default="", metavar="CODE", help="The agency of rows that name none.")

    def importer(self, options):
        """Officers."""
        return Officers(
            agency=agency_with_code(options["agency"]), carried_over_from=options["carried_over_from"].strip()
        )
