"""`bin/manage permissions --write` or `--check`: docs/permissions.md, made from the code."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clee_portal import permissions

PAGE = Path(settings.BASE_DIR) / "docs" / "permissions.md"


class Command(BaseCommand):
    """Who may do what, as a page; it writes samples into the database, asks the code, and takes them back."""

    help = "Make docs/permissions.md from the code (--write), or fail where it differs (--check)."

    def add_arguments(self, parser):
        """--write or --check; neither prints the page."""
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--write", action="store_true", help="write docs/permissions.md")
        way.add_argument("--check", action="store_true", help="fail where docs/permissions.md differs")

    def handle(self, *args, write, check, **options):
        """Make it."""
        try:
            made = permissions.document()
        except permissions.Unreadable as problem:
            raise CommandError(str(problem)) from None
        if write:
            PAGE.write_text(made, encoding="utf-8")
            self.stdout.write(f"Written: {PAGE.relative_to(settings.BASE_DIR)}")
        elif check:
            if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
                raise CommandError("docs/permissions.md is not what the code says. Run: bin/manage permissions --write")
            self.stdout.write("docs/permissions.md is what the code says.")
        else:
            self.stdout.write(made)
