"""What every place has that gets a file for each seal: the oldest it lacks goes first, one at a time."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from clee_portal.history.models import Seal, SealKept
from clee_portal.history.sealing import contents, statements

ONE_AT_A_TIME = 0x5EA1_0002
IN_ONE_FOLDER = 10_000


class NotKept(Exception):
    """A seal could not be brought to where it is to be kept; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Place(ABC):
    """A place named in SEAL_DESTINATIONS. Files are added to it, never changed."""

    name: str

    def keep_what_is_due(self) -> None:
        """Bring every seal it has not, the oldest first. Raises `NotKept`."""
        while self._keep_next():
            pass

    @transaction.atomic
    def _keep_next(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(contents.USUAL)
        last = SealKept.objects.filter(destination=self.name).order_by("-seal").values_list("seal", flat=True).first()
        due = Seal.objects.filter(number__gt=last or 0).prefetch_related("parts").order_by("number").first()
        if due is None:
            return False
        self.write(due)
        SealKept.objects.create(seal=due, destination=self.name)
        return True

    @abstractmethod
    def write(self, seal: Seal) -> None:
        """Bring one seal there; where it lies there already nothing is done. Raises `NotKept`, also where another seal
        of its number lies there."""


def file_name(number: int) -> str:
    """Where the file of a seal lies in a place."""
    return f"{number // IN_ONE_FOLDER:06}/{number:010}.seal"


def is_another(where: str) -> NotKept:
    """What is said where another seal of the same number is kept."""
    return NotKept(f"{where} has another seal of this number: was an older backup restored?")


def lines_of(seal: Seal) -> Iterator[bytes]:
    """The file of a seal. Inside a transaction."""
    statement = statements.of_seal(seal)
    yield statement.as_bytes() + b"\n"
    yield root_line_of(seal)
    forms = contents.forms()
    count = 0
    for part in statement.parts:
        yield f"table {part.table}\n".encode()
        for number, content_hash in contents.hashes(part.table, part.after, part.up_to, forms[part.table][0]):
            count += 1
            yield b"%d %s\n" % (number, base64.b64encode(content_hash))
    yield b"end %d\n" % count


def root_line_of(seal: Seal) -> bytes:
    """The second line of its file: the root, signed."""
    return str(statements.root_of(seal)).encode() + b"\n"
