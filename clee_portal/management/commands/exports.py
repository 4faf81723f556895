"""`bin/manage exports --write` or `--check`: docs/exports.md, made from the definitions of the files."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from training import exports

PAGE = Path(settings.BASE_DIR) / "docs" / "exports.md"


class Command(BaseCommand):
    """The columns of every file, as a page."""

    help = "Make docs/exports.md from training/exports.py (--write), or fail where it differs (--check)."

    def add_arguments(self, parser):
        """--write or --check; neither prints the page."""
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--write", action="store_true", help="write docs/exports.md")
        way.add_argument("--check", action="store_true", help="fail where docs/exports.md differs")

    def handle(self, *args, write, check, **options):
        """Make it."""
        made = exports.document()
        if write:
            PAGE.write_text(made, encoding="utf-8")
            self.stdout.write(f"Written: {PAGE.relative_to(settings.BASE_DIR)}")
        elif check:
            if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
                raise CommandError("docs/exports.md is not what the code says. Run: bin/manage exports --write")
            self.stdout.write("docs/exports.md is what the code says.")
        else:
            self.stdout.write(made)
