"""What people write of somebody's attendance: completed, did not, taught it, a part of it, so many hours.

One vocabulary for files (`STATUS_WORDS`, one word in a cell) and for pasted lines (`read`, words among others). What is
said twice and differently, or of which it is not clear what it means, is told as unclear, never decided.
"""

import re
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from training.names import plain

COMPLETED, TAUGHT, LEFT, PARTLY = "", "taught", "left", "partly"
STATUS_WORDS = {
    COMPLETED: (
        "passed", "pass", "completed", "complete", "attended", "present", "satisfactory", "yes", "y", "x", "✓", "✔",
        "full credit", "p",
    ),
    TAUGHT: ("instructed", "instructor", "taught", "teaching"),
    LEFT: (
        "incomplete", "not completed", "did not complete", "did not finish", "failed", "fail", "f", "absent", "no show",
        "no", "n", "not present", "not there", "not attended", "did not attend", "unable to attend", "missed",
        "withdrawn", "withdrew", "dropped", "dropped out", "cancelled", "canceled", "unsatisfactory", "in progress",
        "registered", "enrolled", "excused", "excused absence", "unexcused", "on leave", "sick", "no credit", "dnf",
        "waitlisted",
    ),
}  # fmt: skip
ROLE_WORDS = {
    COMPLETED: ("student", "attended", "attendee", "participant", "trainee", "learner"),
    TAUGHT: ("instructor", "instructed", "teacher", "trainer", "taught", "lead instructor"),
}
HOURS_COLUMNS = (
    "hours", "hrs", "credit hours", "hours credited", "credited hours", "total hours", "clee hours", "hours earned",
    "hours attended", "attended hours", "hours completed", "training hours", "course hours", "class hours",
    "contact hours", "number of hours", "no of hours", "hours received", "hours awarded", "hours of credit", "credits",
    "clee credit", "duration", "total",
)  # fmt: skip
STATUS_COLUMNS = (
    "result", "completion status", "outcome", "attendance", "attended", "attendance status", "present", "pass/fail",
    "did attend", "passed", "class status", "course status",
)  # fmt: skip

# One way to begin saying no, and what was not done.
_NOT = (
    r"(?:(?:did|does|do|has|have|had|was|were|is|are|could|can|would|will)(?:[ ]?not|n'?t)|cannot|not|never|unable to|"
    r"failed to|refused to|declined to|not able to)"
)
_DONE = (
    r"(?:complet(?:e|ed|ing)|finish(?:ed|ing)?|attend(?:ed|ing)?|show(?:ed|n)?(?:[ ]up)?|present|pass(?:ed)?|there|"
    r"here|come|came|(?:make|made)(?:[ ]it)?|participat(?:e|ed)|take(?:n)?[ ](?:it|part)|in attendance|"
    r"in class|able to (?:attend|come|make it|complete|finish|participate))"
)
_PATTERNS = (  # in this order: what is read once is not read again as something else
    (
        PARTLY,
        r"\b(?:(?:had|has) to )?(?:left|leaves?|leaving|departed|went home)(?: class| training| the class)?"
        r" (?:early|at|after|before|around|during|for|sick|ill)\b"
        r"(?: (?:noon|lunch|midday|(?:the )?break|\d{1,2}:\d\d))?"
        r"|\b(?:part(?! ?-?time)(?: of (?:it|(?:the )?(?:class|course|day|training|time)))?|partial(?:ly)?"
        r"|(?:arrived|came|showed up|was) late|late|tardy"
        r"|half(?:(?: of| a)?(?: the)? (?:day|class|course|time))?|(?:first|second|1st|2nd|one) half"
        r"|(?:morning|afternoon|a\.?m\.?|p\.?m\.?)(?: session)? only|left)\b",
    ),
    (
        LEFT,
        rf"\b{_NOT} (?:{_DONE})\b(?: (?:it|(?:the|this) (?:class|course|training)|class|training))?"
        r"|\b(?:no[ -]shows?|did not show|no credit|in progress|incomplete|unsatisfactory|dnf|absent(?:ee)?s?|"
        r"(?:un)?excused(?: absences?)?|withdr[ae]wn?|withdrew|dropped(?: out)?|fail(?:ed|s)?|cancell?ed|"
        r"missed(?: (?:it|(?:the|this) (?:class|course|training)))?|missing|skipped|registered|enrolled|wait-?listed|"
        r"called (?:in )?sick|out sick|sick(?: leave)?|"
        r"(?:on (?:medical |military |annual |family |maternity |paternity |administrative |admin )?|"
        r"(?:medical|military|annual|family|maternity|paternity|administrative|admin) )leave|(?:on )?vacation)\b",
    ),
    (
        TAUGHT,
        r"\b(?:(?:(?:lead|adjunct|assistant|guest|co)[ -])?instructors?|instr\b\.?|instructed|instructing|taught|"
        r"teaching|teachers?|presenters?|presented by|taught by)\b",
    ),
    (
        COMPLETED,
        r"\b(?:(?:has |have |was |were )?(?:attended|attending|attendees?|completed?|present|passed|in attendance)|"
        r"came|(?:was|were) (?:there|here)|showed(?: up)?|made it|participated|took (?:it|part)|"
        r"pass|yes|students?|participants?|satisfactory|full(?:y)? (?:credit|hours|attended|completed)|all hours|ok|"
        r"okay)\b|[✓✔☑✅]|\[[xX]\]",
    ),
)
_PATTERNS = tuple((how, re.compile(pattern + r":?", re.IGNORECASE)) for how, pattern in _PATTERNS)
_STUDENT = re.compile(r"students?|participants?", re.IGNORECASE)
_SHIFT = re.compile(  # units that begin with a word of time
    r"\b(?:day|night|evening|morning|afternoon|swing|mid(?:night)?|graveyard|late|early|[a-d]|\d(?:st|nd|rd|th)?|first|"
    r"second|third)[ -](?:shift|squad|watch|platoon|team|crew)\b",
    re.IGNORECASE,
)

_ONE_TO_TWELVE = "one two three four five six seven eight nine ten eleven twelve"
_WORDS = {word: number for number, word in enumerate(_ONE_TO_TWELVE.split(), 1)}
_FRACTIONS = {"1/2": "0.5", "½": "0.5", "half": "0.5", "1/4": "0.25", "¼": "0.25", "3/4": "0.75", "¾": "0.75"}
_H = r"(?:(?:credit|clee|contact|training|class|total)[ -])?(?:hours?|hrs?|h)\b\.?"
_M = r"(?:minutes?|mins?)\b\.?"
_BEFORE = r"(?<![\w.,½¼¾])(?<!\b\d[/:–-])(?<!\b\d\d[/:–-])"
_NUMBER = r"(?:\d{1,3}(?:[.,]\d{1,2})?|[.,]\d{1,2})"
_FRACTION = rf"(?:{'|'.join(_FRACTIONS)})"
_WORD = rf"(?:{'|'.join(_WORDS)})"
_HOURS = re.compile(
    rf"{_BEFORE}(?:(?P<clock>\d{{1,2}}:[0-5]\d)\s*-?{_H}"
    rf"|(?P<h>\d{{1,2}})\s*(?:hours?|hrs?|h)\.?\s*(?:and\s+)?(?P<m>[0-5]?\d)\s*{_M}"
    rf"|(?P<glued>\d{{1,2}}h[0-5]\d)\b"
    rf"|(?:(?P<whole>\d{{1,2}}|{_WORD})(?:\s+and\s+(?:an?\s+)?|[ -]?))?(?P<part>{_FRACTION})"
    rf"\s*-?(?:of\s+)?(?:an?\s+)?{_H}"
    rf"|(?P<and_half>\d{{1,2}}|{_WORD}|an)\s*{_H}\s+and\s+a\s+half\b"
    rf"|(?P<number>{_NUMBER})\s*-?{_H}"
    rf"|(?P<word>{_WORD}|an)[ -]{_H}"
    rf"|(?P<minutes>\d{{1,3}})\s*-?{_M}"
    rf"|(?:hours|hrs|hours attended|credit)\s*[:=]\s*(?P<labelled>{_NUMBER})(?![\d/:.,]))",
    re.IGNORECASE,
)
# Hours that were missed, not attended, or may be either.
_AROUND = re.compile(
    r"(?P<before>\b(?:late|missed|missing|short|absent|except|minus|less|lacks?|needs?|owes?)(?: by| for| of| the|"
    r" first| last){0,3})?[ ,:-]*\x00[ ]?(?P<after>(?:late|early|short|missed|missing|absent|off|behind)\b)?",
    re.IGNORECASE,
)
MOST_HOURS = 99


class Said(NamedTuple):
    """What is said of a person. Without `words` nothing is: completed, as everybody."""

    how: str = COMPLETED
    hours: Decimal | None = None  # where it is unclear what is said, those that may be meant
    unclear: str = ""  # said, but not clear what it means
    words: tuple[str, ...] = ()  # all that was read here, as it was written

    @property
    def is_anything(self) -> bool:
        """Whether it is more than that somebody completed all of it."""
        return bool(self.how or self.hours is not None or self.unclear)


def read(text: str) -> tuple[Said, str]:
    """What a text says of attendance, and the text without it."""
    text = _SHIFT.sub(" ", text)
    hours: list[Decimal] = []
    words: list[str] = []

    def take_hours(match: re.Match) -> str:
        hours.append(_hours_of(match))
        words.append(" ".join(match[0].split()))
        return "\x00"

    marked = _HOURS.sub(take_hours, text)
    doubtful = hours and [m for m in _AROUND.finditer(marked) if m["before"] or m["after"]]
    found: list[str] = []

    def taking(how: str):
        def take(match: re.Match) -> str:
            found.append("student" if how == COMPLETED and _STUDENT.fullmatch(match[0].rstrip(":")) else how)
            words.append(match[0].strip(" :"))
            return " "

        return take

    for how, pattern in _PATTERNS:
        marked = pattern.sub(taking(how), marked)
    rest = marked.replace("\x00", " ")
    kinds = {how for how in found if how and how != "student"}
    how = kinds.pop() if len(kinds) == 1 else COMPLETED
    is_unclear = (
        doubtful
        or kinds
        or len(set(hours)) > 1
        or (how == LEFT and (any(hours) or COMPLETED in found))
        or (how == TAUGHT and "student" in found)
    )
    if is_unclear:
        in_order = sorted(words, key=lambda one: text.find(one) if one in text else len(text))
        return Said(COMPLETED, None if doubtful else _only(hours), ", ".join(in_order), tuple(words)), rest
    return Said(how, hours[0] if hours else None, "", tuple(words)), rest


def with_hours_in_figures(text: str) -> str:
    """The text with hours that are spelled with an "and", such as two and a half hours, in figures."""
    return _HOURS.sub(lambda m: f"{_hours_of(m).normalize():f} h" if " and " in m[0].casefold() else m[0], text)


def within(section: Said, own: Said) -> Said:
    """What is said of somebody in a line below a heading, or behind a label, that says something itself."""
    words = section.words + own.words
    if section.unclear or own.unclear:
        return Said(unclear=section.unclear or own.unclear, words=words)
    is_same_how = not section.how or not own.words or own.how == section.how
    is_same_hours = None in (section.hours, own.hours) or section.hours == own.hours
    if not is_same_how or not is_same_hours:
        return Said(unclear=", ".join(words), words=words)
    how = section.how or own.how
    hours = section.hours if own.hours is None else own.hours
    if how == LEFT and hours:
        return Said(unclear=", ".join(words), words=words)
    return Said(how, hours, "", words)


def hours_in(text: str) -> Decimal | None:
    """The hours in a cell of a column of hours: a number, with or without its unit; None where it is something else."""
    text = " ".join(text.split()).strip("() ")
    if re.fullmatch(_NUMBER, text):
        return Decimal(text.replace(",", "."))
    for given in (text, f"{text} h"):
        if match := _HOURS.fullmatch(given):
            return _hours_of(match)
    return None


def could_be_hours(token: str) -> Decimal | None:
    """A bare number that may be hours: neither a year nor as large as a badge number."""
    token = token.strip("()[]")
    if re.fullmatch(r"\d{1,2}:[0-5]\d", token):
        return _hours_and_minutes(*token.split(":"))
    if re.fullmatch(_NUMBER, token) and Decimal(token.replace(",", ".")) <= MOST_HOURS:
        return Decimal(token.replace(",", "."))
    return None


def status_of(text: str) -> str | None:
    """What one word or phrase in a column of a status means; None where it is not known."""
    return _STATUSES.get(plain(text) or text.strip())


def _only(hours: list[Decimal]) -> Decimal | None:
    return hours[0] if len(set(hours)) == 1 and hours[0] else None


def role_of(text: str) -> str | None:
    """What one word in a column of roles means; None where it is not known."""
    return _ROLES.get(plain(text))


def _hours_of(match: re.Match) -> Decimal:
    of = match.groupdict()
    if clock := of["clock"] or (of["glued"] or "").casefold().replace("h", ":"):
        hours, _, minutes = clock.partition(":")
        return _hours_and_minutes(hours, minutes)
    if of["h"]:
        return _hours_and_minutes(of["h"], of["m"])
    if of["minutes"]:
        return of_minutes(int(of["minutes"]))
    if of["part"]:
        return _whole(of["whole"]) + Decimal(_FRACTIONS[of["part"].casefold()])
    if of["and_half"]:
        return _whole(of["and_half"]) + Decimal("0.5")
    if of["word"]:
        return _whole(of["word"])
    return Decimal((of["number"] or of["labelled"]).replace(",", "."))


def _whole(text: str | None) -> Decimal:
    text = (text or "0").casefold()
    return Decimal(1) if text == "an" else Decimal(_WORDS.get(text) or text)


def _hours_and_minutes(hours: str, minutes: str) -> Decimal:
    return (Decimal(hours) + Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_DOWN)


def of_minutes(minutes: int) -> Decimal:
    """Hours of credit for minutes of training: 50 minutes an hour, rounded down to the half hour."""
    return Decimal(minutes * 2 // 50) / 2


_STATUSES = {plain(word) or word: how for how, words in STATUS_WORDS.items() for word in words}
_ROLES = {plain(word): how for how, words in ROLE_WORDS.items() for word in words}
