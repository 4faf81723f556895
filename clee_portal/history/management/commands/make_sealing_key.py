"""Make the key that signs the seals of the history."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clee_portal.history.sealing import keys


class Command(BaseCommand):
    """`manage.py make_sealing_key PATH`: a new Ed25519 key, and what to set on which host."""

    help = "Makes the key that signs seals, in a new file that only its owner reads. To be run on the sealer's host."
    requires_system_checks = ()

    def add_arguments(self, parser):
        """Where."""
        parser.add_argument("path", type=Path)

    def handle(self, *args, path: Path, **options):
        """Make it; never over another."""
        try:
            public = keys.make(path)
        except FileExistsError:
            raise CommandError(f"{path} is there already, and a key is never written over.") from None
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"On the sealer’s host alone:  SEALING_KEY={path.resolve()}")
        self.stdout.write(f"On every host:              SEALING_PUBLIC_KEYS={public}")
