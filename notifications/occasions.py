"""Occasions: the things the portal writes about. Each app registers its own when it starts (`AppConfig.ready`).

The outbox knows no rule of the domain. It asks an occasion two things when a message's turn comes, outside any
transaction: is it still due, and what does it say.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

# Lower goes first, so that an invitation does not wait behind 18,000 reminders.
SECURITY, PERSONAL, BULK = 0, 1, 2


@dataclass(frozen=True)
class Occasion:
    """One thing the portal writes about.

    `context(key)` gives what its templates need (`templates/notifications/mail/<code>.subject.txt`, `.txt`, `.html`);
    `still_due(key)` says whether it is still true. Both are asked outside the claiming transaction, at sending time.
    Where asking one by one is dear, `contexts(keys)` answers both for many: a mapping of key to context, in which a key
    left out is no longer due.

    `purpose` and `audience` say in a sentence what it is for and who gets it. `about` is what it is about, "officer" or
    "agency"; `sample(pk)` gives the key of a mail that could be written about that one just now, or None: with it POST
    reads what the mail would say. `preview(key)` is the context of such a key, where `contexts` asks for a message.

    `to_unconnected`: may go to somebody without a membership or state role (an invitation). `account_security`: about
    the account itself; goes to anybody, and first. `is_optional`: the person may switch it off. `in_bulk`: goes after
    what concerns one person. `lapses(key)`: the moment after which it is not sent any more. `keeps_text`: whether
    what was written is kept; never for mail with a link that lets somebody in.
    """

    code: str
    title: str
    context: Callable[[str], dict] | None = None
    still_due: Callable[[str], bool] | None = None
    contexts: Callable[[Collection[str]], Mapping[str, dict]] | None = None
    to_unconnected: bool = False
    purpose: str = ""
    audience: str = ""
    about: str = ""
    sample: Callable[[int], str | None] | None = None
    preview: Callable[[str], dict | None] | None = None
    account_security: bool = False
    is_optional: bool = False
    in_bulk: bool = False
    lapses: Callable[[str], dt.datetime | None] | None = None

    def __post_init__(self):
        if not self.contexts and not (self.context and self.still_due):
            raise ValueError(f"The occasion {self.code} must say its context and whether it is still due.")
        if self.is_optional and (self.to_unconnected or self.account_security):
            raise ValueError(f"The occasion {self.code} cannot be optional: invitations and security mail are not.")

    @property
    def priority(self) -> int:
        """Its place in the queue."""
        if self.account_security or self.to_unconnected:
            return SECURITY
        return BULK if self.in_bulk else PERSONAL

    @property
    def goes_to_anybody(self) -> bool:
        """Whether it may go to a person who is not connected."""
        return self.to_unconnected or self.account_security

    @property
    def keeps_text(self) -> bool:
        """Whether the text of the mail is kept. Invitations and security mail hold links that let somebody in."""
        return not self.goes_to_anybody

    def contexts_of(self, keys: Collection[str]) -> dict[str, dict]:
        """Key -> what its templates need, of those of `keys` about which there is still something to write."""
        if self.contexts:
            return dict(self.contexts(keys))
        return {key: self.context(key) for key in keys if self.still_due(key)}


_registered: dict[str, Occasion] = {}


def register(occasion: Occasion) -> None:
    """Make an occasion known; called once for each, by the app that owns it. Raises ValueError for a second of the
    same code."""
    if _registered.setdefault(occasion.code, occasion) is not occasion:
        raise ValueError(f"There is an occasion {occasion.code} already.")


def get(code: str) -> Occasion:
    """The occasion of a code. Raises LookupError where no app has registered it."""
    try:
        return _registered[code]
    except KeyError:
        raise LookupError(f"No app has registered the occasion {code!r}.") from None


def registered() -> list[Occasion]:
    """Every occasion, by code."""
    return [_registered[code] for code in sorted(_registered)]
