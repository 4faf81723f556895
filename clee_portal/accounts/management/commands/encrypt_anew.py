"""encrypt_anew: after a change of keys, encrypt every kept secret with the first one."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from clee_portal.accounts import encryption

FIELDS = ("secret", "seed")


class Command(BaseCommand):
    """Puts every secret of a second step under the first key of FIELD_ENCRYPTION_KEYS; safe to run again."""

    help = "Encrypt the secrets of all second steps with the first of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args, **options):
        """All or nothing: with one that no key reads, nothing is changed, and the old key is still needed."""
        changed = 0
        with transaction.atomic():
            for one in Authenticator.objects.select_for_update().order_by("pk"):
                for name in FIELDS:
                    if name in one.data:
                        one.data[name] = encryption.encrypt_anew(one.data[name])
                        one.save(update_fields=["data"])
                        changed += 1
        self.stdout.write(f"{changed} secrets are encrypted with the first key.")
