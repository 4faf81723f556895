"""Papers of other apps that are checked by a code like a certificate's: one page takes the codes of all of them."""

from collections.abc import Callable
from typing import NamedTuple


class Paper(NamedTuple):
    """A kind of paper: what finds the page of a code (None where it has none), and the page that checks a file."""

    address_of: Callable[[str], str | None]
    file_page: str


_KINDS: list[Paper] = []


def register(paper: Paper) -> None:
    """Take up a kind of paper; an app does it when it starts."""
    _KINDS.append(paper)


def address_of(code: str) -> str | None:
    """The page on which the paper of a code is checked; None where there is none of any kind."""
    return next((found for one in _KINDS if (found := one.address_of(code))), None)


def file_pages() -> list[str]:
    """The names of the pages on which a file is checked."""
    return [one.file_page for one in _KINDS]
