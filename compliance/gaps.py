"""What would close a gap: pure arithmetic over missing hours. Requirements in, numbers out; no database, no clock."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from compliance.models import Requirement
from compliance.verdict import ZERO, Finding
from training.models import SourceKind

A_DAYS_CLASS = Decimal(8)


def is_of_source(requirement: Requirement) -> bool:
    """Whether a requirement asks only where hours come from, whatever they are about."""
    return bool(requirement.source_kinds) and not is_of_content(requirement)


def is_of_content(requirement: Requirement) -> bool:
    """Whether a requirement asks what hours are about: an area, a topic, or both."""
    return bool(requirement.area_id or requirement.topic_id)


def fewest_hours(requirements: Iterable[Requirement], short: Mapping[str, Decimal]) -> Decimal:
    """The fewest further hours that can meet everything missing.

    An hour lies in one area and carries one topic at most, so missing areas add up and so do missing topics, while one
    hour may serve an area and a topic at once. Any hour serves the total and may come from any source.
    """
    areas: dict[int, Decimal] = defaultdict(Decimal)
    topics: dict[int, Decimal] = defaultdict(Decimal)
    both: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    anything = ZERO
    for requirement in requirements:
        if not (missing := short.get(requirement.code)):
            continue
        area = requirement.area_id or (requirement.topic_id and requirement.topic.only_area_id)
        if area and requirement.topic_id:
            both[area, requirement.topic_id] = max(both[area, requirement.topic_id], missing)
        elif area:
            areas[area] = max(areas[area], missing)
        elif requirement.topic_id:
            topics[requirement.topic_id] = max(topics[requirement.topic_id], missing)
        else:
            anything = max(anything, missing)
    for (area, topic), missing in both.items():
        areas[area] = max(ZERO, areas[area] - missing)
        topics[topic] = max(ZERO, topics[topic] - missing)
    inside = sum(both.values(), ZERO) + max(sum(areas.values(), ZERO), sum(topics.values(), ZERO))
    return max(anything, inside)


class OneClass(NamedTuple):
    """A class that would bring `helped` of `of` officers to compliance.

    Its hours; what at least so many of them are about, which may overlap (a topic's hour lies in an area); and the
    source requirement it serves (None: an agency's own in-service will do).
    """

    hours: Decimal
    parts: tuple[tuple[Requirement, Decimal], ...]
    source: Requirement | None
    helped: int
    of: int


# Whose class it may be; in-service first, since it costs an agency least.
OWN, ANY = (SourceKind.IN_SERVICE,), (SourceKind.IN_SERVICE, SourceKind.APPROVED_PROVIDER)


def would_help(requirements: Sequence[Requirement], one: OneClass, finding: Finding) -> bool:
    """Whether a class would bring somebody of this finding to compliance: all that is missing, it gives."""
    given = {requirement.code: hours for requirement, hours in one.parts}
    given |= {r.code: one.hours for r in requirements if not is_of_content(r) and not r.source_kinds}
    given |= {one.source.code: one.hours} if one.source else {}
    short = finding.short
    return bool(short) and all(hours <= given.get(code, ZERO) for code, hours in short.items())


def best_class(
    requirements: Sequence[Requirement], findings: Iterable[Finding], kinds: Sequence[SourceKind] = ANY
) -> OneClass | None:
    """The one class of at most a day, held in person, that would make most of `findings` compliant; None: none would.

    `findings` are those with hours missing. It is the best there is: every mix of areas and topics is considered. Of
    classes that help as many, an agency's own, then the shortest, then the one that asks least.
    """
    missing = Counter(tuple(one.short.get(r.code, ZERO) for r in requirements) for one in findings)
    found = []
    for kind in kinds:
        serves = [not r.source_kinds or kind in r.source_kinds for r in requirements]
        able = {
            needs: many
            for needs, many in missing.items()
            if any(needs)
            and all(is_served or not hours for is_served, hours in zip(serves, needs, strict=True))
            and _hours_for(requirements, needs) <= A_DAYS_CLASS
        }
        if not able:
            continue
        helped, needs = _most_helped(requirements, able)
        asked = [(r, hours) for r, hours in zip(requirements, needs, strict=True) if hours]
        parts = tuple((r, hours) for r, hours in asked if is_of_content(r))
        is_any = kind == SourceKind.IN_SERVICE or not any(r.source_kinds for r, _ in asked)
        source = None if is_any else next((r for r in requirements if is_of_source(r) and kind in r.source_kinds), None)
        found.append(OneClass(_hours_for(requirements, needs), parts, source, helped, missing.total()))
    return max(found, key=lambda one: (one.helped, one.source is None), default=None)


def _hours_for(requirements: Sequence[Requirement], needs: Sequence[Decimal]) -> Decimal:
    return fewest_hours(requirements, {r.code: hours for r, hours in zip(requirements, needs, strict=True)})


def _most_helped(
    requirements: Sequence[Requirement], able: Mapping[tuple[Decimal, ...], int]
) -> tuple[int, tuple[Decimal, ...]]:
    """How many the best class helps, and what it gives to each requirement.

    `able` are those whom a class could help alone, with how many are alike. It begins with a class for all of them;
    while that is too long for a day, somebody has to be left out: whoever lacks most of one thing. Whatever class there
    is lies behind one of these steps, and the fullest is looked at first: the first that is short enough is the best.
    """
    rows = list(able)
    alike = [able[row] for row in rows]

    def of(who: frozenset[int]) -> tuple[int, tuple[Decimal, ...]]:
        needs = tuple(max(column) for column in zip(*(rows[at] for at in who), strict=True))
        return sum(alike[at] for at in who), needs

    everyone = frozenset(range(len(rows)))
    waiting = [(-of(everyone)[0], 0, everyone)]
    seen, best = {everyone}, None
    while waiting:
        count, _, who = heappop(waiting)
        if best and -count < best[0]:
            break
        helped, needs = of(who)
        if (hours := _hours_for(requirements, needs)) <= A_DAYS_CLASS:
            asks = sum(1 for one in needs if one)
            best = min(best or (helped, hours, asks, needs), (helped, hours, asks, needs))
            continue
        for at, most in enumerate(needs):
            fewer = frozenset(one for one in who if rows[one][at] < most)
            if fewer and fewer not in seen:
                seen.add(fewer)
                heappush(waiting, (-of(fewer)[0], len(seen), fewer))
    helped, *_, needs = best  # one of them alone is short enough, so there is a best
    return helped, needs
