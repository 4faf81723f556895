"""connect_demonstration: the accounts of the demonstration can be chosen at the demonstration of MO Login."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clee_portal.accounts.demonstration import ACCOUNTS
from clee_portal.accounts.models import User


class Command(BaseCommand):
    """Connects each account of the demonstration with its person at the provider the settings name."""

    help = "Connect the accounts of the demonstration with the demonstration of MO Login. bin/run does this by itself."

    @transaction.atomic
    def handle(self, *args, **options):
        """Connections with the provider at another address, of an earlier run, are replaced."""
        if not (settings.CLEE_EMBEDDED and settings.MO_LOGIN_ISSUER):
            raise CommandError("Demonstration accounts are connected beside the embedded servers only (bin/run).")
        by_email = {account.email: account for account in ACCOUNTS}
        users = User.objects.filter(email__in=by_email)
        SocialAccount.objects.filter(user__in=users).delete()
        SocialAccount.objects.bulk_create(
            SocialAccount(
                user=user,
                provider=settings.MO_LOGIN_ISSUER,
                uid=by_email[user.email].subject,
                extra_data={"email": user.email},
            )
            for user in users
        )
        self.stdout.write(f"{len(users)} accounts of the demonstration are connected with MO Login.")
