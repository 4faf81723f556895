"""How a name that somebody wrote may be the name in the register: short forms, initials, typos, parts swapped."""

from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from training.names import Name, is_same, plain

# A full first name and what it is cut short to. Cuttings that are a beginning of the name (Ben, Greg) need no row.
_SHORT = """
abigail abby gail; albert al bert; alexander alex al xander sandy lex; alexandra alex sandra sandy lexi; alfred al fred
andrew andy drew; angela angie; anthony tony; arthur art; barbara barb babs; benjamin ben benny; bernard bernie
beverly bev; bradley brad; caroline carrie carol; catherine cathy kate katie cat; charles chuck charlie chas chip
charlotte charlie lottie; christina chris tina chrissy; christine chris tina chrissy; christian chris
christopher chris kit topher; cynthia cindy; daniel dan danny; david dave davey; deborah deb debbie; dennis denny
donald don donnie; dorothy dot dottie; douglas doug; edward ed eddie ted ned; elizabeth liz beth betty eliza lisa libby
eugene gene; evelyn evie; florence flo; frances fran; francis frank; franklin frank; frederick fred rick; gabriel gabe
gerald gerry jerry; gregory greg; harold harry hal; henry hank harry; isabella bella izzy; jacob jake; jacqueline jackie
james jim jimmy jamie jay; janet jan; jeffrey jeff; jennifer jen jenny; jeremy jerry; jerome jerry; jessica jess jessie
john jack johnny jon; jonathan jon jonny nathan; joseph joe joey; joshua josh; judith judy; katherine kate kathy katie
kathleen kathy kate; kenneth ken kenny; kimberly kim; kristopher kris chris; lawrence larry; leonard len lenny leo
leroy roy; lewis lew lou; louis lou louie; margaret maggie meg peggy marge rita; martin marty; mathew matt; matthew matt
melissa missy mel; michael mike mick mickey micky; mitchell mitch; nancy nan; nathan nate; nathaniel nate nathan
nicholas nick nicky; nicole nikki nicky; norman norm; pamela pam; patricia pat patty tricia trish; patrick pat paddy
peter pete; philip phil; phillip phil; randall randy; randolph randy; raymond ray; rebecca becky becca; richard rick
dick rich ricky; robert rob bob bobby robbie bert; roberta bobbie; rodney rod; ronald ron ronnie; russell russ rusty
samantha sam; samuel sam sammy; sandra sandy; sarah sally; solomon sol; stanley stan; stephanie steph; stephen steve
steven steve; susan sue suzy; teresa terry tess; terrence terry; terrance terry; theodore ted teddy theo; theresa terry
thomas tom tommy; timothy tim timmy; tobias toby; valerie val; veronica ronnie; victor vic; victoria vicky tori
vincent vince vinny; virginia ginny; walter walt wally; wesley wes; william bill billy will willy liam; winston win
zachary zach zack; guadalupe lupe; francisco paco pancho frank; jesus chuy; jose pepe joe; ignacio nacho; enrique henry
roberto rob bob beto; eduardo ed eddie; miguel mike; antonio tony; alejandro alex; guillermo memo bill
"""
# First names that are often second ones, beside those above.
_SECOND = """
aaron adam alan allan allen allison amber amy ann anna anne annette april ashley austin blake brandon brent brett
brian brooke bruce bryan caleb carl casey chad claire clay clayton clifford clyde cody cole colin connor corey cory
craig crystal curtis dale dallas danielle darrell darren daryl dawn dean denise derek devin diane don drew duane
dustin dwayne dylan earl elaina elaine ellen emily eric erica erik erin ethan evan faye felix garrett gary gavin gayle
glen glenn grace grant hannah harvey heath heather herbert holly howard hunter ian irene ivan jane janelle jared jason
jay jean jeanne jill jo joan joel jordan joyce juan juanita julia julie justin karen karl kathryn kay kayla keith
kelly kelsey kent kerry kevin kirk kristen kristin kristine kurt kyle lance landon laura lauren laurie lee leigh
leslie lewis linda lisa lloyd logan lois lori louise lucas lucille luis luke lyle lynn lynne mae marcus maria marie
marilyn mario marion marissa marjorie mark marlene marshall marvin mary mason maurice max may megan melanie merle
michele michelle miles milton monica morgan nathaniel neal neil nelson noah noel oliver oscar owen paige paul paula
perry phyllis preston quinn rachel ralph ramon raquel ray reid rene renee rex rhonda roger roland rosa rose ross roy
ruben russel ruth ryan sabrina sean seth shane shannon sharon shaun shawn sheila shelby shelly sheri sherri shirley
sidney spencer stacey stacy stewart stuart tamara tammy tanner tara taylor thelma tiffany todd toni tracey tracy
travis trent trevor tricia troy tyler vanessa vernon vivian wade wanda warren wayne wendell wendy whitney wyatt
yolanda yvonne
"""
_GIVEN = frozenset(_SECOND.split())
_GROUPS: dict[str, set[int]] = {}
for _at, _group in enumerate(
    words for row in _SHORT.strip().splitlines() for part in row.split(";") if (words := part.split())
):
    for _word in _group:
        _GROUPS.setdefault(_word, set()).add(_at)


class Likeness(IntEnum):
    """How a name is like another; the less, the more."""

    SAME = 0
    SWAPPED = 1
    DIFFERS = 2  # another middle name or suffix
    SHORT = 3
    TYPO = 4
    PART = 5  # only a part of it is given
    FIRST_ELSE = 6  # the last name is the same, the first name is another one


class Alike(NamedTuple):
    """How, and what people are told of it."""

    how: Likeness
    why: str


@lru_cache(maxsize=50_000)
def is_short_for(one: str, other: str) -> bool:
    """Whether one first name (compared plain) is a short form of the other, or both are of the same one."""
    if min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one)):
        return True
    return bool(_GROUPS.get(one, set()) & _GROUPS.get(other, set()))


def is_a_given_name(word: str) -> bool:
    """Whether a word (compared plain) is a first name that is known here, whole or cut short."""
    return word in _GROUPS or word in _GIVEN


@lru_cache(maxsize=50_000)
def is_typo(one: str, other: str) -> bool:
    """Whether one word differs from another by a slip or, where it is long, by two."""
    shorter = min(len(one), len(other))
    most = 0 if shorter < 4 else 1 if shorter < 8 else 2
    return most > 0 and OSA.distance(one, other, score_cutoff=most) <= most


def readings(words: list[str], suffix: str = "") -> Iterator[Name]:
    """Every way in which words in any order can be first, middle and last names; "First Last" before "Last First"."""
    for backwards in (False, True):
        for at in range(len(words) - 1, 0, -1):
            first, last = (words[at:], words[:at]) if backwards else (words[:at], words[at:])
            yield Name(first[0], " ".join(first[1:]), " ".join(last), suffix)
            if len(first) > 1:
                yield Name(" ".join(first), "", " ".join(last), suffix)


def alike(given: Name, held: Name) -> Alike | None:
    """How the name somebody wrote may be the one in the register; None where it is another one."""
    first, last = plain(given.first), plain(given.last)
    held_first, held_last = plain(held.first), plain(held.last)
    if first == held_first and last == held_last:
        if not is_same(given, held):
            of_suffix = given.suffix and held.suffix and plain(given.suffix) != plain(held.suffix)
            return Alike(Likeness.DIFFERS, "another suffix" if of_suffix else "another middle name")
        if given.suffix and not held.suffix:
            return Alike(Likeness.DIFFERS, f"no “{given.suffix}” in the register")
        return Alike(Likeness.SAME, "")
    if (first, last) == (held_last, held_first):
        return Alike(Likeness.SWAPPED, "first and last name swapped")
    of_last = _last(given, held, last, held_last)
    if of_last is None:
        return None
    of_first = _first(given, held, first, held_first)
    if of_first is None:
        return Alike(Likeness.FIRST_ELSE, "the same last name") if last == held_last else None
    how = max(of_last.how, of_first.how)
    return Alike(how, ", ".join(dict.fromkeys(one.why for one in (of_first, of_last) if one.why)))


def _last(given: Name, held: Name, last: str, held_last: str) -> Alike | None:
    if last == held_last:
        return Alike(Likeness.SAME, "")
    parts, held_parts = ({plain(part) for part in name.replace("-", " ").split()} for name in (given.last, held.last))
    if parts < held_parts or held_parts < parts:
        return Alike(Likeness.PART, f"a part of the last name “{max(given.last, held.last, key=len)}”")
    if is_typo(last, held_last):
        return Alike(Likeness.TYPO, f"“{given.last}” may be a slip of {held.last}")
    return None


def _first(given: Name, held: Name, first: str, held_first: str) -> Alike | None:
    if first == held_first:
        return Alike(Likeness.SAME, "")
    if len(first) == 1 and held_first.startswith(first):
        return Alike(Likeness.PART, "only the initial of the first name is given")
    if is_short_for(first, held_first):
        return Alike(Likeness.SHORT, f"{given.first} may be short for {held.first}")
    if is_typo(first, held_first):
        return Alike(Likeness.TYPO, f"“{given.first}” may be a slip of {held.first}")
    if len(first) > 1 and first in (plain(part) for part in held.middle.split()):
        return Alike(Likeness.PART, f"{held.middle} is the middle name")
    return None


def agrees(given: Name, held: Name) -> bool:
    """Whether a name beside a license number is that officer's: it may be cut short or misspelled, not another one."""
    if plain(given.last) == plain(held.last) and plain(given.first) == plain(held.first):
        return True
    found = alike(given, held)
    return found is not None and found.how != Likeness.FIRST_ELSE
