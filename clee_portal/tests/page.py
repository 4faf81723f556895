"""What is declared of an address: who may open it, and who only looks or knows that it is there (see pages.py)."""

from dataclasses import dataclass, field

from clee_portal.tests.people_of_world import PEOPLE

SIGNED_IN = frozenset(PEOPLE) - {"anonymous"}
CHIEFS = frozenset({"CEO of A", "delegate of A"})
POST = frozenset({"POST staff"})
DIRECTOR = frozenset({"Director", "agent of the Director"})
STATE = POST | DIRECTOR
OFFICER = frozenset({"officer of A"})
# Of an agency the CEO alone names people; these know of the page and are refused.
CEO = frozenset({"CEO of A"})
HEAD = frozenset({"head of P"})
SCHOOL = HEAD | {"staff of P"}
OF_B = frozenset({"officer of B", "CEO of B", "delegate of B"})
OTHERS_OF_A = frozenset({"delegate of A"}) | DIRECTOR


@dataclass(frozen=True)
class Page:
    """Who may open a page about agency A's things: `may` get it, `refused` know that it is there (403), for all others
    it does not exist. A page about nothing in particular is `general`: there whoever may not open it is refused."""

    may: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    is_public: bool = False
    is_general: bool = False
    get: int = 200  # what whoever may gets
    methods: frozenset[str] = field(default=frozenset({"GET"}))
    only_look: frozenset[str] = frozenset()  # who may open it and may send nothing to it

    def status(self, person: str) -> int:
        """What a person is answered; for the anonymous on a page that is not public, the way to sign in."""
        if self.is_public:
            return self.get
        if person == "anonymous":
            return 302
        if person in self.may:
            return self.get
        return 403 if person in self.refused or self.is_general else 404


def public(**more) -> Page:
    return Page(frozenset(PEOPLE), is_public=True, is_general=True, **more)


def own(**more) -> Page:
    return Page(SIGNED_IN, is_general=True, **more)


BOTH = frozenset({"GET", "POST"})
