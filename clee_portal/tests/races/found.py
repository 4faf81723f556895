"""What two people at once could bring about before it was mended: each is raced every time."""

from typing import NamedTuple


class Found(NamedTuple):
    """What was wrong, and the two acts of a kind by which it was."""

    what: str
    kind: str
    one: str
    other: str


FOUND = (
    Found(
        "an invitation sent again and one sent anew locked each other up",
        "invitation of an officer",
        "invite_officer",
        "send_again",
    ),
    Found(
        "an invitation followed while POST sent another locked both up",
        "invitation of an officer",
        "invite_officer",
        "accept (by whom it is for)",
    ),
    Found(
        "a wrong answer while a campaign was sent locked both up",
        "invitation of an officer",
        "send",
        "accept (a wrong answer)",
    ),
    Found(
        "an agency asked POST to invite an officer who connected just then",
        "invitation of an officer",
        "ask",
        "accept (by whom it is for)",
    ),
    Found(
        "a license reinstated while the decision on it was reversed was both",
        "license inactive, the hours shown",
        "reinstate",
        "reverse",
    ),
    Found(
        "an agency closed while somebody was commissioned there had an officer",
        "agency of the register",
        "edit (closes it)",
        "add (commissions)",
    ),
    Found(
        "a row of a file was credited while the file was undone, and stayed so",
        "held row",
        "send_again",
        "undo",
    ),
    Found("a file undone while its class was undone locked both up", "held row", "undo", "void"),
    Found("a draft thrown away twice ended in an error page", "class, a draft", "discard", "publish"),
    Found("two agencies of one code ended in an error page", "agency of the register", "add (of one code)", "add"),
    Found("two agencies of one name came to be", "agency of the register", "edit", "add"),
    Found("a source listed twice ended in an error page", "recognized source", "add", "add"),
    Found("one course of another state became two", "training elsewhere", "record", "record (a colleague)"),
    Found("a group saved while it was deleted ended in an error page", "group of officers", "save", "delete"),
    Found("a group renamed after it was deleted ended in an error page", "group of officers", "rename", "delete"),
    Found("a group renamed to one just saved ended in an error page", "group of officers", "save (another)", "rename"),
)
