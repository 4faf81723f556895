"""When two entries are one training, and which of them counts: one rule for pages and files. Rulebook 11, 19 and 20."""

from decimal import Decimal
from functools import lru_cache

from training.models import SourceKind
from training.names import plain, tidy

# Two entries are one class where their credit differs by at most this many hours.
SAME_WITHIN = Decimal(1)

# The approved provider's entry goes first; then what else POST has approved or recognized; then an agency's own word.
_RANKS = {
    SourceKind.APPROVED_PROVIDER: 0,
    SourceKind.INDIVIDUAL_COURSE: 1,
    SourceKind.OUT_OF_STATE: 1,
    SourceKind.IN_SERVICE: 2,
    SourceKind.COLLEGE: 2,
}


def rank(source_kind: str) -> int:
    """How far back an entry of this source stands among entries of one training: the lowest counts."""
    return _RANKS[SourceKind(source_kind)]


def goes_before(source_kind: str, other: str) -> bool:
    """Whether an entry of one source takes the credit from one of the other that is there already."""
    return rank(source_kind) < rank(other)


@lru_cache(maxsize=20_000)
def title_key(title: str) -> str:
    """How titles of courses are compared: case, accents, punctuation and blanks are no difference."""
    return plain(tidy(title).replace("&", "and")) or tidy(title).casefold()


def is_same_credit(one: Decimal, other: Decimal) -> bool:
    """Whether two credits differ by at most an hour."""
    return abs(one - other) <= SAME_WITHIN
