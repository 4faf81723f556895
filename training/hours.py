"""Hours as people state them (by area, with topics inside) turned into credit lines, each hour on exactly one line."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from clee_portal.refusal import Refused
from clee_portal.templatetags.look import hours_words
from training.models import Area, Topic
from training.models.curriculum import HUNDREDTH, MOST_HOURS

MOST_A_DAY = Decimal(24)
_NUMBER = re.compile(r"[-+]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3},[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Line:
    """Hours of one area with one topic or none; the credit of a class or a record is a tuple of these."""

    area: Area
    topic: Topic | None
    hours: Decimal


def total(lines) -> Decimal:
    """The sum of the hours of `lines` (anything with `.hours`)."""
    return sum((line.hours for line in lines), Decimal(0))


def in_words(lines) -> str:
    """The hours of `lines`, a line for each area and topic, in the order of the curriculum."""
    told = sorted(lines, key=lambda one: (one.area.order, one.topic is not None, one.topic.order if one.topic else 0))
    return "\n".join(
        f"{one.area.name}{f', {one.topic.name}' if one.topic else ''}: {hours_words(one.hours)}" for one in told
    )


def parse_hours(text) -> Decimal:
    """A number of hours, 0 or more, of at most two decimals, from text or a number. Raises `Refused` with what to mend.

    A float of a spreadsheet is taken at its hundredth only where it is one (1.1 is 1.10; 1.234 is refused).
    """
    if isinstance(text, float) and math.isfinite(text):
        exact = Decimal(repr(text))
        rounded = exact.quantize(HUNDREDTH)
        value = rounded if abs(exact - rounded) < Decimal("0.000001") else exact
    elif isinstance(text, int | Decimal):
        value = Decimal(text)
    else:
        typed = str(text).strip() or "0"
        if not _NUMBER.fullmatch(typed) or _THOUSANDS.fullmatch(typed):
            raise Refused(f"“{text}” is not a number of hours. Write it like 1.5.")
        value = Decimal(typed.replace(",", "."))
    if not value.is_finite():
        raise Refused(f"“{text}” is not a number of hours. Write it like 1.5.")
    if value < 0:
        raise Refused("Hours cannot be negative.")
    if value > MOST_HOURS:
        raise Refused(f"{value} hours is more than one class can give.")
    if value != value.quantize(HUNDREDTH):
        raise Refused(f"{value} has more than two decimals. Round it to hundredths of an hour.")
    return value.quantize(HUNDREDTH)


def check_days(hours: Decimal, days: int) -> None:
    """Refuse more hours than `days` days hold."""
    if hours > days * MOST_A_DAY:
        held = "1 day holds" if days == 1 else f"{days} days hold"
        raise Refused(f"{hours_words(hours)} is more than {held}. Check the hours and the dates.", field="hours")


def lines_with_topics_placed(
    by_area: Mapping[Area, Decimal], in_areas: Mapping[tuple[Area, Topic], Decimal]
) -> tuple[Line, ...]:
    """Lines from hours by area and, inside them, hours by topic of a stated area. All hours are Decimals of 0 or more.

    Raises `Refused` (field `area:<code>` or `topic:<code>`) where topics exceed the hours they lie in, a topic stands
    in an area that cannot carry it, or nothing is left to credit.
    """
    lines = []
    for (area, topic), hours in in_areas.items():
        if hours and topic.only_area_id and topic.only_area_id != area.pk:
            raise Refused(f"{topic} can only lie in {topic.only_area}.", field=f"topic:{topic.code}")
        if hours:
            lines.append(Line(area, topic, hours))
    for area, hours in by_area.items():
        inside = total(line for line in lines if line.area.pk == area.pk)
        if inside > hours:
            raise Refused(
                f"The topics inside {area} come to {hours_words(inside)}, but {area} has only "
                f"{hours.normalize():f}. Topics lie inside the hours of their area, never on top.",
                field=f"area:{area.code}",
            )
        if hours - inside:
            lines.append(Line(area, None, hours - inside))
    known = {area.pk for area in by_area}
    if stray := [line for line in lines if line.area.pk not in known]:
        topic = stray[0].topic
        raise Refused(f"{topic} lies in {stray[0].area}, which has no hours.", field=f"topic:{topic.code}")
    if not lines:
        raise Refused("Give the hours of at least one area.", field="hours")
    return tuple(sorted(lines, key=lambda line: (line.area.order, line.topic.order if line.topic else 0)))


def lines_with_topics_anywhere(by_area: Mapping[Area, Decimal], topics: Mapping[Topic, Decimal]) -> tuple[Line, ...]:
    """Lines from hours by area and hours by topic where nobody said in which area a topic was taught.

    A topic bound to one area (firearms: Skill Development) goes there; any other first to its usual area, then wherever
    there is room. Raises `Refused` where the topics do not fit.
    """
    room = dict(by_area)
    placed: dict[tuple[Area, Topic], Decimal] = {}
    bound_first = sorted(topics.items(), key=lambda item: (item[0].only_area_id is None, item[0].order))
    for topic, wanted in bound_first:
        if topic.only_area_id:
            order = [area for area in room if area.pk == topic.only_area_id]
        else:
            order = sorted(room, key=lambda area: (area.pk != topic.usual_area_id, area.order))
        left = wanted
        for area in order:
            take = min(left, room[area])
            if take > 0:
                placed[area, topic] = take
                room[area] -= take
                left -= take
        if left > 0:
            where = f"the hours of {topic.only_area}" if topic.only_area_id else "the hours left in any area"
            do = "does" if wanted == 1 else "do"
            raise Refused(
                f"{hours_words(wanted)} of {topic} {do} not fit into {where}. "
                "Topics lie inside the hours, never on top.",
                field=f"topic:{topic.code}",
            )
    return lines_with_topics_placed(by_area, placed)
