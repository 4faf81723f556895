"""What is kept beside the event tables of evidence (which stand beside the models they follow): the record of access,
and the seals by which a changed history is found out."""

from clee_portal.history.models.access import NEVER_REMOVED_BEFORE, Access, AccessQuerySet
from clee_portal.history.models.seals import RowForm, Seal, SealKept, SealMark, SealPart, Verification
from clee_portal.history.models.tombstones import Tombstone, TombstoneRow

__all__ = [
    "NEVER_REMOVED_BEFORE",
    "Access",
    "AccessQuerySet",
    "RowForm",
    "Seal",
    "SealKept",
    "SealMark",
    "SealPart",
    "Tombstone",
    "TombstoneRow",
    "Verification",
]
