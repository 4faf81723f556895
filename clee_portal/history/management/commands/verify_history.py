"""Verify the history against its seals."""

import sys
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clee_portal import clock
from clee_portal.history.models import Verification
from clee_portal.history.sealing import destinations, kept, keys, vault
from clee_portal.history.sealing.places import NotKept
from clee_portal.history.sealing.verifying import Result, Verifier

MOST_TOLD = 1_000
TELL_EVERY = 5.0


class Command(BaseCommand):
    """`manage.py verify_history [--roots PATH]`: names every row that is not as it was sealed; exit code 1 if any."""

    help = (
        "Reads the whole history again and names every row that was changed, removed, moved or inserted since it was "
        "sealed, whoever did it; exits with 1 where there is one. Without --roots it compares with what lies in the "
        "folders and buckets of SEAL_DESTINATIONS."
    )

    def add_arguments(self, parser):
        """Where roots are kept, and whose signature is believed."""
        parser.add_argument(
            "--roots", action="append", help="a folder of seals, s3://BUCKET/PREFIX, or a file with roots"
        )
        parser.add_argument("--public-key", action="append", help="in hexadecimal; else SEALING_PUBLIC_KEYS")
        parser.add_argument("--most", type=int, default=MOST_TOLD, help="findings told at the most, all are counted")

    def handle(self, *args, roots, public_key, most, **options):
        """Verify, tell, and note that it was done."""
        trusted = frozenset(public_key or ()) or keys.trusted()
        if not trusted:
            raise CommandError("No key is trusted: give --public-key, or set SEALING_PUBLIC_KEYS.")
        places = roots if roots is not None else destinations.readable()
        began, started_at, told = time.monotonic(), clock.now(), [0]
        spoke = [began]

        def report(finding):
            told[0] += 1
            if told[0] <= most:
                self.stdout.write(str(finding))

        def progress(rows):
            if rows % 1000 == 0 and time.monotonic() - spoke[0] > TELL_EVERY:
                spoke[0] = time.monotonic()
                self.stderr.write(f"{rows:,} rows in {spoke[0] - began:.0f} s", ending="\n")

        try:
            with transaction.atomic(), vault.brought(places) as (paths, wrong):
                found = kept.collect(paths, trusted)
                found.wrong += wrong
                result = Verifier(found, trusted, report, progress).run()
        except FileNotFoundError as missing:
            raise CommandError(f"{missing} is not there.") from None
        except NotKept as away:
            raise CommandError(str(away)) from None
        Verification.objects.create(
            started_at=started_at, seals=result.seals, kept_roots=result.kept_roots, rows=result.rows,
            unsealed=result.unsealed, findings=result.findings,
        )  # fmt: skip
        self._sum_up(result, time.monotonic() - began, most)
        if result.findings:
            sys.exit(1)

    def _sum_up(self, result: Result, seconds: float, most: int) -> None:
        for stone in result.tombstones:
            self.stdout.write(
                f"Removed under tombstone {stone.pk}: {stone.rows:,} versions, on {stone.laid_at:%Y-%m-%d}, "
                f"asked for by {stone.by}, approved by {stone.approved_by}: {stone.reason}"
            )
        if result.findings > most:
            self.stdout.write(f"… and {result.findings - most:,} more")
        self.stdout.write(f"{result.rows:,} rows under {result.seals:,} seals read in {seconds:.1f} s")
        if result.kept_roots:
            self.stdout.write(f"Compared with {result.kept_roots:,} roots kept elsewhere")
        else:
            self.stdout.write("No root kept elsewhere was compared: whoever has the database could have sealed it anew")
        if result.unsealed:
            since = f" since {result.unsealed_since:%Y-%m-%d %H:%M:%S} UTC" if result.unsealed_since else ""
            self.stdout.write(f"Not sealed yet: {result.unsealed:,} rows{since}")
        else:
            self.stdout.write("Not sealed yet: nothing")
        self.stdout.write(f"{result.findings:,} findings" if result.findings else "Nothing was changed")
