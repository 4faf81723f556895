"""What is missing, as part of one sentence: "at least 1 of them in legal studies and 2 from an approved provider".

Pure, and translated whole: every phrase is a message with named places, so that another language may turn it around.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext, ngettext, pgettext

from clee_portal.templatetags import look
from compliance import gaps
from compliance.models import Requirement

IN, ON, FROM = "in", "on", "from"


class Part(NamedTuple):
    """Some of the missing hours and what they must be: hours of areas, on topics, or from a source."""

    hours: Decimal
    link: str
    names: tuple[str, ...]


def first_small(name: str) -> str:
    """A name, or the beginning of a sentence, as it stands inside one."""
    return name[:1].lower() + name[1:]


def number_for(hours: Decimal) -> int:
    """The number that decides between singular and plural: any fraction is plural, as in "0.5 hours"."""
    return 1 if hours == 1 else 2


def more_hours(hours: Decimal) -> str:
    """The hours still missing: "3 more hours", "1 more hour"."""
    said = ngettext("%(hours)s more hour", "%(hours)s more hours", number_for(hours))
    return said % {"hours": look.hours(hours)}


def row_of(names: Sequence[str], *, apart: bool = False) -> str:
    """Names in a row: "a", "a and b", "a, b and c"; `apart` where they hold rows themselves: "a, and b"."""
    if len(names) == 1:
        return names[0]
    last = gettext("%(before)s, and %(last)s") if apart else gettext("%(before)s and %(last)s")
    return last % {"before": ", ".join(names[:-1]), "last": names[-1]}


def parts_of(requirements: Sequence[Requirement], short: Mapping[str, Decimal]) -> list[Part]:
    """What the missing hours must be, beside their number: areas and topics in the order of the rule, sources last.

    Areas with as many hours missing stand together, and so do topics.
    """
    grouped: dict[tuple[Decimal, str], list[str]] = {}
    missing = [one for one in requirements if short.get(one.code)]
    for one in sorted(missing, key=gaps.is_of_source):
        if not (gaps.is_of_content(one) or gaps.is_of_source(one)):
            continue
        link = FROM if gaps.is_of_source(one) else IN if one.area_id else ON
        grouped.setdefault((short[one.code], link), []).append(_name(one, link))
    return [Part(hours, link, tuple(names)) for (hours, link), names in grouped.items()]


def phrase(requirements: Sequence[Requirement], short: Mapping[str, Decimal]) -> str:
    """What the fewest missing hours must be, to stand after their number between commas; empty where anything will do.

    An hour may serve several of them at once, so their numbers need not add up.
    """
    needed = gaps.fewest_hours(requirements, short)
    parts = parts_of(requirements, short)
    whole = [_what(part) for part in parts if part.hours == needed]
    some = [part for part in parts if part.hours != needed]
    said = []
    if whole:
        said.append(row_of(whole) if needed <= 1 else gettext("all of them %(what)s") % {"what": row_of(whole)})
    said += [_portion(part, needed, is_first=not at) for at, part in enumerate(some)]
    if not said:
        return ""
    return row_of(said, apart=any(len(part.names) > 1 for part in parts) or (bool(whole) and len(said) > 1))


def overlaps(requirements: Sequence[Requirement], short: Mapping[str, Decimal]) -> bool:
    """Whether the hours named in `phrase` are more than are missing, since an hour may serve an area and a topic."""
    contents = [short[one.code] for one in requirements if short.get(one.code) and gaps.is_of_content(one)]
    return sum(contents, Decimal(0)) > gaps.fewest_hours(requirements, short)


def _portion(part: Part, needed: Decimal, *, is_first: bool) -> str:
    said = {"hours": look.hours(part.hours), "what": _what(part)}
    is_each = len(part.names) > 1
    if not is_first:
        return (gettext("%(hours)s each %(what)s") if is_each else gettext("%(hours)s %(what)s")) % said
    if is_each:
        return gettext("at least %(hours)s each %(what)s") % said
    of_it = ngettext("at least %(hours)s of it %(what)s", "at least %(hours)s of them %(what)s", number_for(needed))
    return of_it % said


def _what(part: Part) -> str:
    """What the hours of a part are: "in legal studies and firearms (in person)", "from an approved provider"."""
    said = {"names": row_of(part.names)}
    if part.link == FROM:
        return gettext("from %(names)s") % said
    return (pgettext("an area", "in %(names)s") if part.link == IN else pgettext("a topic", "on %(names)s")) % said


def _name(one: Requirement, link: str) -> str:
    name = first_small(gettext(one.name))
    if link == FROM:
        return _with_article(one.name)
    return gettext("%(name)s (in person)") % {"name": name} if one.in_person_only else name


def _with_article(name: str) -> str:
    """A source as one of its kind: "an approved provider"; in another language the whole phrase is translated."""
    small = first_small(name)
    return gettext(f"{'an' if small[0] in 'aeiou' else 'a'} {small}")
