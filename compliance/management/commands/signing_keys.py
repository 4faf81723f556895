"""The keys that sign transcripts: listed, or one of them revoked."""

from django.core.management.base import CommandError

from clee_portal.history.commands import NotedCommand
from clee_portal.refusal import Refused
from compliance.models import SigningKey
from compliance.services import signing_keys


class Command(NotedCommand):
    """`signing_keys`, or `signing_keys --revoke KEY --reason WHY`."""

    help = "Lists the keys that sign transcripts, or revokes one: its signatures prove nothing from then on."

    def add_arguments(self, parser):
        """A key to revoke, and why."""
        parser.add_argument("--revoke", metavar="KEY", help="The id of the key, as listed.")
        parser.add_argument("--reason", default="", help="Why. It is published with the key.")

    def handle(self, *, revoke, reason, **options):
        """Revoke, then list."""
        if revoke:
            try:
                signing_keys.revoke(by=None, key_id=revoke, reason=reason)
            except Refused as refusal:
                raise CommandError(str(refusal)) from None
        for one in SigningKey.objects.order_by("valid_from", "pk"):
            until = f" until {one.valid_until:%Y-%m-%d}" if one.valid_until else ""
            revoked = f", revoked {one.revoked_at:%Y-%m-%d}: {one.revoke_reason}" if one.revoked_at else ""
            self.stdout.write(f"{one.key_id}  from {one.valid_from:%Y-%m-%d}{until}{revoked}")
