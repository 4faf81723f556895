"""`bin/manage check_documents`: rows and the files they name, compared (docs/operations.md)."""

import sys

from django.core.management.base import BaseCommand, CommandError

from clee_portal.operation import kept_documents

MOST_TOLD = 100


class Command(BaseCommand):
    """Files that are missing or changed, and files without a row; exit code 1 where one is missing or changed."""

    help = (
        "Compares the documents of the storage with the rows that name them: files that are missing, that are not what "
        "was kept (their digest), and files older than a day that no row names or ever named."
    )

    def add_arguments(self, parser):
        """How much is read, and what becomes of files without a row."""
        parser.add_argument("--names-only", action="store_true", help="read no file: whether they are there")
        parser.add_argument(
            "--remove-unnamed",
            action="store_true",
            help="remove files without a row; never after a restore before what is missing was understood",
        )

    def handle(self, *args, names_only, remove_unnamed, **options):
        """Look, and tell."""
        try:
            found = kept_documents.look(reads=not names_only)
            if remove_unnamed:
                kept_documents.remove(found.unnamed)
        except OSError as error:
            raise CommandError(f"The storage of documents does not answer: {error.strerror or error}") from None
        end = "removed" if remove_unnamed else "no row names it"
        for what, names in (("missing", found.missing), ("changed", found.changed), (end, found.unnamed)):
            for name in names[:MOST_TOLD]:
                self.stdout.write(f"{name}: {what}")
        self.stdout.write(
            f"{found.files:,} files: {len(found.missing):,} missing, {len(found.changed):,} changed, "
            f"{len(found.unnamed):,} without a row"
        )
        if found.missing or found.changed:
            sys.exit(1)
