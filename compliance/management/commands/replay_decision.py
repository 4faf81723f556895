"""Judges a decision of the Director anew, from its packet alone."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from compliance import packets, replaying
from compliance.models import CaseDecision


class Command(BaseCommand):
    """`replay_decision D-000123`, or `--file packet.json` for one that was produced; ends with 1 on a difference."""

    help = "Judges a decision of the Director anew from its packet alone, and says whether the standing is the same."

    def add_arguments(self, parser):
        """A number, or a file."""
        parser.add_argument("number", nargs="?", help="The number of the decision, for example D-000123.")
        parser.add_argument("--file", type=Path, help="The data of a packet, as it was produced.")

    def handle(self, *, number, file, **options):
        """Say what the packet says and what came out."""
        if bool(number) == bool(file):
            raise CommandError("Give the number of a decision, or --file with the data of a packet.")
        try:
            replayed = replaying.replay(file.read_bytes() if file else self._kept(number))
        except (replaying.PacketError, OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{replayed.number}: the packet says {replayed.said['standing']}.")
        if replayed.differences:
            raise CommandError("\n".join(replayed.differences))
        self.stdout.write("Judged anew it is the same, requirement by requirement.")

    def _kept(self, number: str) -> bytes:
        one = CaseDecision.objects.with_reference(number).select_related("packet").first()
        if one is None:
            raise CommandError(f"There is no decision {number}.")
        return packets.read(one.packet)
