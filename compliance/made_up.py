"""Until which day a period may be made up, asked of hours that were credited to it and moved to another day."""

import datetime as dt
from collections.abc import Sequence

from clee_portal import clock
from compliance import standings
from compliance.models import ReportingPeriod
from training.making_up import MadeUp


def still(made_up: Sequence[MadeUp], completed_on: dt.date) -> set[int]:
    """Officers whose hours still make up their year if they were completed on `completed_on`, a later day.

    By the period's show-by date (March 15) and inside an extension that was granted, also where it has ended since.
    What was outside both POST had credited, and that holds. Rulebook 11, 8. Two statements.
    """
    show_by = dict(
        ReportingPeriod.objects.filter(year__in={one.year for one in made_up}).values_list("year", "show_by")
    )
    granted = (
        standings.relief_requests(clock.END_OF_TIME)
        .filter(officer__in=[one.officer for one in made_up], period__year__in=list(show_by))
        .filter(kind="extension", latest="granted")
    )
    due: dict[tuple[int, int], dt.date] = {}
    for officer, year, due_on in granted.values_list("officer", "period__year", "latest_due_on"):
        due[officer, year] = max(due.get((officer, year), dt.date.min), due_on or dt.date.max)

    def is_open(one: MadeUp, day: dt.date) -> bool:
        return day <= max(show_by[one.year], due.get((one.officer, one.year), dt.date.min))

    return {
        one.officer
        for one in made_up
        if one.year in show_by and (is_open(one, completed_on) or not is_open(one, one.was_on))
    }
