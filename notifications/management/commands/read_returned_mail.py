"""Reads what mail servers report back: one mail from standard input (a pipe of the mail server), or a Maildir."""

import logging
import sys
from pathlib import Path

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from clee_portal.history.commands import NotedCommand
from notifications import returns

log = logging.getLogger(__name__)
# What a mail server understands (sysexits.h): the mail is at fault; try again later.
EX_DATAERR, EX_TEMPFAIL = 65, 75
# A folder of the Maildir (Maildir++), which mail programs show as "unreadable".
ASIDE = ".unreadable"


class Command(NotedCommand):
    """`read_returned_mail` reads one mail from standard input; with --maildir every new one of a Maildir.

    A mail that cannot be read stops no other: it is logged, and kept aside. While the database is away nothing is.
    """

    help = __doc__

    def add_arguments(self, parser):
        """Where the mail is."""
        parser.add_argument(
            "--maildir",
            type=Path,
            help=f"a Maildir; what was read is moved to its folder cur, what cannot be read to its folder {ASIDE}",
        )

    def handle(self, *args, maildir=None, **options):
        """Record every report, and say how many there were."""
        try:
            told = self._one(sys.stdin.buffer.read()) if maildir is None else self._all(maildir)
        except (OperationalError, InterfaceError) as error:
            why = str(error).partition("\n")[0]
            raise CommandError(f"To be read later, the database is away: {why}", returncode=EX_TEMPFAIL) from error
        self.stdout.write(told)

    def _one(self, raw: bytes) -> str:
        count = _read(raw, "from standard input")
        if count is None:
            raise CommandError("The mail could not be read; the log says why.", returncode=EX_DATAERR)
        return f"1 read, {count} recorded."

    def _all(self, maildir: Path) -> str:
        if not (maildir / "new").is_dir():
            raise CommandError(f"{maildir} is no Maildir: it has no folder `new`.")
        counts = []
        for path in sorted(one for one in (maildir / "new").glob("[!.]*") if one.is_file()):
            count = _read(path.read_bytes(), path.name)
            counts.append(count)
            folder, flags = (maildir / ASIDE, "") if count is None else (maildir, "S")
            for name in ("cur", "new", "tmp"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            path.rename(folder / "cur" / f"{path.name.partition(':')[0]}:2,{flags}")
        read = [count for count in counts if count is not None]
        aside = f", {len(counts) - len(read)} kept aside in {ASIDE}" if len(read) < len(counts) else ""
        return f"{len(read)} read, {sum(read)} recorded{aside}."


def _read(raw: bytes, name: str) -> int | None:
    """How many reports of a mail were recorded; None, told in the log, for one that cannot be read."""
    try:
        return len(returns.read(raw))
    except (OperationalError, InterfaceError):
        raise  # of the server, not of the mail
    except Exception:  # whatever a hostile mail makes the library raise
        log.exception("a returned mail could not be read: %s", name)
        return None
