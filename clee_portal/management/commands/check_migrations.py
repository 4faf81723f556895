"""`bin/manage check_migrations`: does the release at work survive the next one's migrations (docs/operations.md)."""

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from clee_portal.operation import upgrades


class Command(BaseCommand):
    """Names every step since the last release that would break the release before."""

    help = "Fail where a migration since the last release would break the code of that release."

    def add_arguments(self, parser):
        """--release notes a release."""
        parser.add_argument("--release", action="store_true", help="note that everything there is now is released")

    def handle(self, *args, release, **options):
        """Look."""
        loader = MigrationLoader(None, ignore_no_migrations=True)
        if release:
            upgrades.release(loader)
            self.stdout.write(f"Written: {upgrades.RELEASED.name}")
            return
        if found := upgrades.what_breaks_old_code(loader):
            for one in found:
                self.stderr.write(one)
            raise CommandError(
                f"{len(found)} steps would break the release at work. Do it in two releases, or say in the migration "
                "why it does no harm: runs_beside_old_code = “…”."
            )
        self.stdout.write("The release at work survives every migration since it was made.")
