"""Reads what mail servers report back: one mail from standard input (a pipe of the mail server), or a Maildir."""

import mailbox
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from notifications import returns


class Command(BaseCommand):
    """`read_returned_mail` reads one mail from standard input; with --maildir every new one of a Maildir."""

    help = __doc__

    def add_arguments(self, parser):
        """Where the mail is."""
        parser.add_argument("--maildir", type=Path, help="a Maildir; what was read is moved to its folder cur")

    def handle(self, *args, maildir=None, **options):
        """Record every report, and say how many there were."""
        if maildir is None:
            mails = [sys.stdin.buffer.read()]
            count = len(returns.read(mails[0]))
        else:
            if not (maildir / "new").is_dir():
                raise CommandError(f"{maildir} is no Maildir: it has no folder `new`.")
            count, mails = 0, []
            box = mailbox.Maildir(maildir, create=False)
            for key in list(box.keys()):
                if box[key].get_subdir() != "new":
                    continue
                raw = box.get_bytes(key)
                count += len(returns.read(raw))
                mails.append(raw)
                seen = box[key]
                seen.set_subdir("cur")
                seen.add_flag("S")
                box[key] = seen
        self.stdout.write(f"{len(mails)} read, {count} recorded.")
