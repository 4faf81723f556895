"""Import agencies from a CSV or XLSX file."""

from training.imports.agencies import Agencies
from training.imports.command import ImportCommand


class Command(ImportCommand):
    """`import_agencies FILE`: see docs/imports.md."""

    help = "Import agencies from a CSV or XLSX file (docs/imports.md)."
    carries_over = False  # an agency has no moment at which it became known

    def add_arguments(self, parser):
        """Two options of its own."""
        super().add_arguments(parser)
        parser.add_argument(
            "--make-codes", action="store_true", help="Make a code from the name where the file has no code."
        )
        parser.add_argument(
            "--allow-similar",
            action="store_true",
            help="Record agencies whose names differ from others only by spelling.",
        )

    def importer(self, options):
        """Agencies."""
        return Agencies(make_codes=options["make_codes"], allow_similar=options["allow_similar"])
