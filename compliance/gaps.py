"""What would close a gap: pure arithmetic over missing hours. Requirements in, numbers out; no database, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from compliance.models import Requirement
from compliance.verdict import ZERO, Finding

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
    """A class that would bring `helped` of `of` officers to compliance: its hours, what all of them are about (None:
    anything), and the source requirement it serves (None: any source)."""

    hours: Decimal
    content: Requirement | None
    source: Requirement | None
    helped: int
    of: int


def would_help(requirements: Sequence[Requirement], one: OneClass, finding: Finding) -> bool:
    """Whether a class would bring somebody of this finding to compliance: all that is missing, it gives."""
    serves = {r.code for r in requirements if not is_of_content(r) and not is_of_source(r) and not r.in_person_only}
    serves |= {r.code for r in (one.source, one.content) if r}
    short = finding.short
    return bool(short) and short.keys() <= serves and max(short.values()) <= one.hours


def best_class(requirements: Sequence[Requirement], findings: Iterable[Finding]) -> OneClass | None:
    """The one class of at most a day, all of its hours about one thing, that would make most of `findings` compliant.

    `findings` are those with hours missing. Of classes that help as many, the shortest and least particular.
    """
    shorts = [finding.short for finding in findings]
    general = {r.code for r in requirements if not is_of_content(r) and not is_of_source(r) and not r.in_person_only}
    found = []
    for source in (None, *filter(is_of_source, requirements)):
        for content in (None, *filter(is_of_content, requirements)):
            serves = general | {one.code for one in (source, content) if one}
            longest = [max(short.values()) for short in shorts if short.keys() <= serves]
            if each := [hours for hours in longest if hours <= A_DAYS_CLASS]:
                found.append(OneClass(max(each), content, source, len(each), len(shorts)))
    return max(found, key=lambda one: (one.helped, -one.hours, one.source is None, one.content is None), default=None)
