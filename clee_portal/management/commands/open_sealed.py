"""`bin/manage open_sealed TEXT`: what a line of the log holds encrypted, since logs hold nothing personal."""

from django.core.management.base import BaseCommand, CommandError

from clee_portal.accounts.encryption import Unreadable, decrypt


class Command(BaseCommand):
    """Reads what stands behind "Sealed:" in a line of the log."""

    help = "Print what a line of the log holds encrypted, behind “Sealed:”."

    def add_arguments(self, parser):
        """What was sealed."""
        parser.add_argument("text", help="what stands behind “Sealed:”")

    def handle(self, *args, text, **options):
        """Print it."""
        try:
            self.stdout.write(decrypt(text))
        except Unreadable as unreadable:
            raise CommandError(str(unreadable)) from None
