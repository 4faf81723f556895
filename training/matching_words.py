"""Words beside a name: which are part of it, which say nothing of attendance, and which somebody has to look at.

No list of words for absence is complete. So it is the other way about: what is not known to be harmless is unread, and
a line with unread words is shown to somebody instead of being credited.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from training.matching_names import is_a_given_name, is_short_for, is_typo
from training.names import SUFFIXES, Name, plain
from training.said import could_be_hours

RANKS = """
officer ofc deputy dep sgt sergeant cpl corporal lt lieutenant capt captain chief major maj col colonel sheriff det
detective tpr trooper ptl patrolman po mr mrs ms dr asst sro inv investigator reserve off pfc master
"""
OF_PLACES = """
county sheriff's sheriffs police department dept pd so office division patrol academy city town squad shift precinct
district bureau unit missouri
"""
OF_SENTENCES = """
hi hello hey dear good morning afternoon evening all everyone the a an who was were is are be been for of from to in
on at by with here below above attached attendance attendees attended roster list class course training session
please see let me know my our your you we i it this that these those following names name license number last first
hours date today yesterday monday tuesday wednesday thursday friday saturday sunday january february march june july
august september october november december subject sent phone cell fax email mail records clerk coordinator room re
fwd fw cc bcc iphone title completed officers students total rank signature print and or regards thanks thank
sincerely best respectfully cheers also plus there people forward forwarded message original agency hour role status
line no post
"""
# Jobs, and what a column or a label is called: harmless beside a name. Nothing here may say whether somebody was there.
_OF_JOBS = """
officers deputies sergeants assistant associate deputy's undersheriff commander marshal constable warden ranger agent
special senior jailer jail corrections correctional corporal's detention bailiff dispatcher dispatch communications
patrolwoman patrolmen investigations investigative narcotics drug drugs crime crimes criminal traffic crash
reconstruction canine k9 k-9 swat srt ert tactical civil process warrants court-services community relations resource
resources school field fto administration administrative administrator admin operations services service support
supervisor manager director records coordinator specialist technician tech analyst clerk secretary evidence property
public safety law enforcement peace state highway conservation park parks university college airport municipal village
full-time fulltime full time parttime part-time probationary sworn commissioned certified licensed reserves bike marine
motor motors mounted training lead rank trainee recruit cadet
"""
_OF_LABELS = """
name names full license licence lic post id number numbers nr num no. dob dsn badge phone cell mobile tel telephone
email e-mail mail fax signature signed sign initials print printed date dated class course roster list row member
members employee employees personnel attendance the a an of at in from with and to for as on his her their our my your
he she they we who whose was were is are be been this that these those which here there also plus day
today all please thanks thank you hi hello dear attached everyone everybody jan feb mar apr may jun jul aug sep sept oct
nov dec january february march april june july august september october november december missouri mo
"""
# What may stand in a heading beside what it says.
_OF_HEADINGS = """
following below above individuals individual people persons person personnel folks staff members member those these
list listed them last night tonight our agency name names officer officers deputy deputies who that did monday tuesday
wednesday thursday friday saturday sunday only for today's yesterday section part here's heres who's whos range
in-service inservice
"""
_WITH_HOURS = frozenset(("only", "just", "credit", "credited", "credits", "total", "clee", "ce", "for", "worth"))
JOBS = frozenset(_OF_JOBS.split())
RANKS, OF_PLACES, OF_SENTENCES = (frozenset(words.split()) for words in (RANKS, OF_PLACES, OF_SENTENCES))
_HARMLESS = (RANKS - {"off"}) | (OF_PLACES - {"shift"}) | JOBS | frozenset(_OF_LABELS.split())
_HEADING = (OF_SENTENCES | OF_PLACES | RANKS | frozenset(_OF_HEADINGS.split())) - {"no", "or", "off"}
_NEGATIONS = "not no never without except excluding excluded but unable nobody none neither nor"
NEGATIONS = frozenset(_NEGATIONS.split())
_CONNECTING = frozenset(("of", "the", "and", "&", "for"))
_UNIT = re.compile(r"#?(?:\d{3,}|K-?9|(?:19|20)\d\d)", re.IGNORECASE)
_DAY = re.compile(r"\d{1,3}(?:st|nd|rd|th)?|\d{1,2}[/-]\d{1,2}(?:[/-](?:\d\d|\d{4}))?|\d{4}-\d\d-\d\d")
_DOUBT = re.compile(r"[?*✗✘❌✖☒☐]|\[ ?\]")


def word_of(token: str) -> str:
    """A token as it is looked up in lists of words."""
    return token.strip(".,;:!()[]{}<>*_\"'=#/\\|-–—+~•·").casefold()


@lru_cache(maxsize=20_000)
def is_harmless(token: str) -> bool:
    """Whether a word beside a name says nothing of attendance."""
    if _DOUBT.search(token):
        return False
    word = word_of(token)
    if not any(c.isalnum() for c in word):
        return True
    if _is_one_capital(word, token):
        return False
    if any(c.isdigit() for c in word):
        return bool(_UNIT.fullmatch(word))
    return all(one in _HARMLESS for one in re.split(r"[/&+]", word.removesuffix("'s")) if one)


def is_of_a_heading(token: str) -> bool:
    """Whether a word in a line without a person only carries what the line says: "the following did not complete"."""
    word = word_of(token)
    if not any(c.isalnum() for c in word):
        return not _DOUBT.search(token)
    return word in _HEADING or word in _HARMLESS or word.isdigit() or bool(_DAY.fullmatch(word))


def is_of_a_sentence(token: str) -> bool:
    """Whether a word is one of those sentences and headings are made of."""
    word = word_of(token)
    return word in OF_SENTENCES - NEGATIONS - {"or"} and not _is_one_capital(word, token)


def _is_one_capital(word: str, token: str) -> bool:
    """One capital may be a code: A for absent."""
    return len(word) == 1 and word.isalpha() and word.upper() in token


class Beside:
    """What stands beside the names in a line: its words by cell, judged by who is named."""

    def __init__(self, cells: Sequence[Sequence[str]], quoted: Sequence[str], *, has_hours: bool, own: Collection[str]):
        self.cells, self.quoted, self.own = cells, quoted, own
        self.known = _WITH_HOURS if has_hours else frozenset()

    def unread(self, people: Iterable[Sequence[Name]], *, also: Collection[str] = (), is_sentence=False) -> list[str]:
        """The words that are neither of the names of `people` (each with the names they have and had) nor harmless.

        `also` are words that were taken for the name of somebody else.
        """
        people = list(people)
        tokens = [token for cell in self.cells for token in cell]
        quoted = [token for phrase in self.quoted for token in phrase.split()]
        exact = {plain(token) for token in (*tokens, *quoted)}
        parts = [_parts(names) for names in people]
        left_over = [{key for key in one if key not in exact} for one in parts]
        elsewhere = {plain(one) for one in also}

        def is_of_name(token: str) -> bool:
            key = plain(word_of(token))
            if not key:
                return True
            if any(key in one for one in parts) or key in elsewhere or key in SUFFIXES:
                return True
            return any(_may_stand_for(key, names, missing) for names, missing in zip(people, left_over, strict=True))

        found: list[str] = []
        for cell in self.cells:
            rest = [
                token
                for at, token in enumerate(cell)
                if _DOUBT.search(token)
                or not (is_of_name(token) or any(_is_middle(cell, at, names) for names in people))
            ]
            if len(rest) < len(cell) or not _is_place(rest):
                unread = [token for token in rest if not self._is_harmless(token, is_sentence)]
                # "On a call" is told whole; of words and a number the number.
                found += rest if any(could_be_hours(token) is None for token in unread) else unread
        for phrase in self.quoted:
            if not all(self._is_harmless(token, False) or is_of_name(token) for token in phrase.split()):
                found.append(phrase)
        return found

    def _is_harmless(self, token: str, is_sentence: bool) -> bool:
        word = word_of(token)
        return is_harmless(token) or word in self.own or word in self.known or (is_sentence and is_of_a_sentence(token))


def number_in(unread: Sequence[str]):
    """The number that is all that is unread, if it may be hours."""
    return could_be_hours(unread[0].strip(".,;:")) if len(unread) == 1 else None


def _parts(names: Sequence[Name]) -> set[str]:
    found: set[str] = set()
    for name in names:
        for part in (name.first, name.middle, name.last):
            found |= {plain(part), *(plain(one) for one in re.split(r"[\s'’.-]+", part))}
            found |= {plain("".join(part.split()[:2]))}
    return found - {""}


def _may_stand_for(key: str, names: Sequence[Name], missing: Collection[str]) -> bool:
    """Whether a word is a part of the name that is not given otherwise: an initial, a short form, a slip."""
    if len(key) == 1:
        return any(one.startswith(key) for one in missing)
    if any(is_typo(key, one) for one in missing):
        return True
    given = {plain(one) for name in names for one in (name.first, *name.middle.split())}
    # Robert (Bob) has both.
    if (len(key) > 2 or key in ("al", "ed", "jo", "bo", "cy", "lu", "ty")) and any(
        is_short_for(key, one) for one in given if len(one) > 2
    ):
        return True
    # "James" where the register has only the initial of the middle name.
    return any(len(one) == 1 and key.startswith(one) and is_a_given_name(key) for one in given & set(missing))


def _is_middle(cell: Sequence[str], at: int, names: Sequence[Name]) -> bool:
    """Whether a word stands where a middle name does that the register does not have."""
    if not at or any(name.middle for name in names):
        return False
    key, before = plain(cell[at]), plain(cell[at - 1])
    if not key.isalpha():
        return False
    after = plain(cell[at + 1]) if at + 1 < len(cell) else ""
    for name in names:
        if before != plain(name.first) and not is_short_for(before, plain(name.first)):
            continue
        if after and after in _parts([name]):
            return True
        if not after and ((len(key) == 1 and cell[at].endswith(".")) or is_a_given_name(key)):
            return True
        if not after and len(key) == 1 and key not in "nfaiwxelsupv":
            return True
    return False


def _is_place(tokens: Sequence[str]) -> bool:
    """Whether a cell is the name of an agency: up to three words with capitals and its kind, or its kind "of" them."""
    words = [word_of(token) for token in tokens]
    words = [word for word in words if word]
    if not words or not any(word in OF_PLACES for word in words):
        return False
    others = [token for token in tokens if (word := word_of(token)) and word not in OF_PLACES | _CONNECTING]
    others = [token for token in others if not is_harmless(token)]
    is_named = all(token[:1].isupper() and len(plain(token)) > 2 and plain(token).isalpha() for token in others)
    is_named = is_named and ("of" in words or words[-1] in OF_PLACES)
    is_told = any(word_of(token).endswith(("ed", "ing")) for token in others)
    return len(others) <= 3 and is_named and not is_told and not set(words) & NEGATIONS
