"""`bin/manage backup`: a copy of everything at one moment, while the portal is at work (docs/operations.md)."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clee_portal.buckets import Away
from clee_portal.operation import backups, copies
from clee_portal.refusal import Refused


class Command(BaseCommand):
    """Copies of the portal: make one, list them, make a key."""

    help = "Make a copy of the database and the documents in BACKUP_FOLDER, and remove copies that need not be kept."

    def add_arguments(self, parser):
        """Where to, or what else."""
        parser.add_argument("--to", type=Path, help="the folder of the copies; default: BACKUP_FOLDER")
        parser.add_argument("--keep-all", action="store_true", help="remove no older copy")
        parser.add_argument("--list", action="store_true", help="list the copies, and make none")
        parser.add_argument("--new-key", action="store_true", help="make a key for encryption, and no copy")

    def handle(self, *args, to, keep_all, new_key, **options):
        """Do it."""
        if new_key:
            public, secret = copies.new_key()
            self.stdout.write(f"# The machine that makes copies: BACKUP_RECIPIENTS={public}")
            self.stdout.write("# To be kept elsewhere, in a file; whoever has it can read the copies:")
            self.stdout.write(secret)
            return
        folder = to or settings.BACKUP_FOLDER
        if not folder:
            raise CommandError("Set BACKUP_FOLDER in the environment, or name a folder with --to.")
        try:
            self.list(folder) if options["list"] else self.make(Path(folder), keep_all)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        except Away as away:
            raise CommandError(f"The storage of documents does not answer ({away.strerror}): no copy made.") from None

    def make(self, folder: Path, keep_all: bool) -> None:
        """A copy, then the older ones."""
        made = backups.make(folder=folder, recipients=settings.BACKUP_RECIPIENTS, said=self.say)
        how = "encrypted" if made.is_encrypted else "NOT encrypted (set BACKUP_RECIPIENTS)"
        self.stdout.write(f"Copy made: {made.folder} ({made.size():,} bytes, {how}, {made.manifest['seconds']} s)")
        if missing := made.manifest["missing"]:
            self.stderr.write(f"{len(missing)} documents that rows name were not found: {', '.join(missing[:5])}")
        if not keep_all:
            there = copies.kept_in(folder)
            for copy in set_apart(there, copies.to_keep(there, **settings.BACKUP_KEEP)):
                copies.remove(copy)
                self.say(f"removed, not to be kept any longer: {copy.folder.name}")

    def list(self, folder: Path) -> None:
        """What is there."""
        for copy in copies.kept_in(Path(folder)):
            self.stdout.write(f"{copy.folder}  {copy.size():,} bytes{'  encrypted' if copy.is_encrypted else ''}")

    def say(self, words: str) -> None:
        """A step that is done."""
        self.stdout.write(f"  {words}")


def set_apart(there: list[copies.Copy], kept: list[copies.Copy]) -> list[copies.Copy]:
    """Those that are not kept."""
    names = {copy.folder for copy in kept}
    return [copy for copy in there if copy.folder not in names]
