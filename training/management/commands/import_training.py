"""Import training from a CSV or XLSX file."""

from training.imports.classes import Classes
from training.imports.command import ImportCommand, agency_with_code


class Command(ImportCommand):
    """`import_training FILE`: see docs/imports.md."""

    help = "Import completed training from a CSV or XLSX file (docs/imports.md)."

    def add_arguments(self, parser):
        """One option of its own."""
        super().add_arguments(parser)
        parser.add_argument(
            "--agency",
            default="",
            metavar="CODE",
            help="The agency among whose officers names are looked for; its in-service where a row names no source.",
        )

    def importer(self, options):
        """Training."""
        return Classes(body=agency_with_code(options["agency"]), carried_over_from=options["carried_over_from"].strip())
