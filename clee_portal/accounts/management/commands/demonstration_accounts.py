"""demonstration_accounts: who one can sign in as, and the password."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clee_portal.accounts.demonstration import ACCOUNTS, PASSWORD
from clee_portal.accounts.models import User


class Command(BaseCommand):
    """Lists the accounts of the demonstration that exist."""

    help = "List the accounts of the demonstration, which exist only beside the embedded servers."

    def handle(self, *args, **options):
        """Prints a table: address, who it is, and the one password."""
        if not settings.CLEE_EMBEDDED:
            raise CommandError("Demonstration accounts exist only beside the embedded servers (bin/run).")
        existing = set(User.objects.filter(email__in=[a.email for a in ACCOUNTS]).values_list("email", flat=True))
        rows = [(a.email, a.name, a.who) for a in ACCOUNTS if a.email in existing]
        if not rows:
            self.stdout.write("There are no demonstration accounts here. bin/run --reset starts over and makes them.")
            return
        address, name = (max(len(row[column]) for row in rows) for column in (0, 1))
        self.stdout.write(f"Demonstration accounts, all with the password  {PASSWORD}\n")
        for row in rows:
            self.stdout.write(f"  {row[0]:{address}}  {row[1]:{name}}  {row[2]}")
