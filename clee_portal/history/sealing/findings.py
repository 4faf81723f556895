"""What a verification finds, each thing by its name."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happened to what."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    UNTRACED = "untraced"
    SEAL = "seal"
    KEPT = "kept"
    TOMBSTONE = "tombstone"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. `where` names it: table and number of the row, the thing it is about."""

    kind: Kind
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind:9}  {self.where}: {self.what}"
