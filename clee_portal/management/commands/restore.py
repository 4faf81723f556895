"""`bin/manage restore FOLDER`: a copy put into an empty database, and proved (docs/operations.md)."""

import contextlib
import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clee_portal.buckets import Away
from clee_portal.operation import copies, restoring
from clee_portal.refusal import Refused


class Command(BaseCommand):
    """Puts a copy back, or rehearses it."""

    help = "Put a copy into an empty database, with its documents, and prove that it is the same as what was copied."

    def add_arguments(self, parser):
        """Which copy, and where to."""
        parser.add_argument("folder", type=Path, nargs="?", help="the folder of the copy; default: the latest one")
        parser.add_argument("--into", help="make a new database of this name on the same server, and restore into it")
        parser.add_argument("--identity", type=Path, help="the file with the secret key; default: BACKUP_IDENTITY_FILE")
        parser.add_argument(
            "--rehearse", action="store_true", help="into a database that is removed again; no document is written"
        )

    def handle(self, *args, folder, into, identity, rehearse, **options):
        """Do it. Exit code 1 where anything is not the same."""
        if rehearse and into:
            raise CommandError("--rehearse makes a database of its own: leave --into out.")
        try:
            copy = copies.opened(folder) if folder else self.latest()
            file = identity or settings.BACKUP_IDENTITY_FILE
            keys = copies.identities_in(Path(file)) if file and copy.is_encrypted else None
            name = f"clee_rehearsal_{os.getpid()}" if rehearse else into
            there = restoring.database(name, for_good=not rehearse) if name else contextlib.nullcontext()
            self.stdout.write(f"Copy of {copy.made_at.isoformat()}: {copy.folder}")
            with there:
                proof = restoring.restore(copy, identities=keys, said=self.say, documents=not rehearse)
                restored_into = connection.settings_dict["NAME"]
        except Refused as refused:
            raise CommandError(str(refused)) from None
        except Away as away:
            raise CommandError(f"The storage of documents does not answer: {away.strerror}") from None
        self.tell(proof)
        if not rehearse:
            self.stdout.write(f"Restored into the database {restored_into}.")

    def latest(self) -> copies.Copy:
        """The last copy in BACKUP_FOLDER."""
        there = copies.kept_in(Path(settings.BACKUP_FOLDER)) if settings.BACKUP_FOLDER else []
        if not there:
            raise CommandError("Name the folder of a copy: there is none in BACKUP_FOLDER.")
        return there[0]

    def tell(self, proof: restoring.Proof) -> None:
        """The same, or every difference."""
        for difference in proof.differences:
            self.stderr.write(difference)
        if proof.differences:
            raise CommandError(
                f"The restored state is NOT the same: {len(proof.differences)} differences, named above."
            )
        self.stdout.write(
            f"The same: {proof.rows:,} rows of {proof.tables} tables, {proof.register} files of the register, "
            f"{proof.documents:,} documents."
        )

    def say(self, words: str) -> None:
        """A step that is done."""
        self.stdout.write(f"  {words}")
