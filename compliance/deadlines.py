"""The days by which an officer's hours have to be complete, for the officer's own calendar."""

import datetime as dt

from django.urls import reverse

from clee_portal import clock
from compliance import selectors, standings
from compliance.standings import Question
from compliance.verdict import Finding, Standing
from training.feeds import Deadline
from training.models import Officer


def of_officer(officer: int, now: dt.datetime) -> list[Deadline]:
    """What still lies ahead of an officer whose hours of this or the last period are not complete: the period's last
    day, the last day to make up and show them (11 CSR 75-15.080), or the end of the officer's own extension. Nothing is
    said of how many are missing: a calendar leaves the portal."""
    day = clock.day_of(now)
    asked = selectors.questions(now, (day.year - 1, day.year))
    found = standings.of_periods(list(asked.values()), Officer.objects.filter(pk=officer))
    deadlines = [
        one for year, findings in found.items() for pk, finding in findings.items() for one in _of(asked[year], finding)
    ]
    return sorted((one for one in deadlines if one.day >= day), key=lambda one: one.day)


def _of(asked: Question, finding: Finding) -> list[Deadline]:
    period = asked.period
    year, path = period.year, reverse("compliance:my_standing")
    known_at = dt.datetime.combine(period.starts_on, dt.time(), clock.CHICAGO)
    end = Deadline(
        f"{year}-end",
        period.ends_on,
        f"CLEE {year}: last day to earn this year’s hours",
        "Your hours are not complete yet. What is missing stands on your page:",
        path,
        known_at,
    )
    show = Deadline(
        f"{year}-show",
        period.show_by,
        f"CLEE {year}: last day to make up hours and show them",
        "Hours missing at the end of the year can be made up until this day. What is missing stands on your page:",
        path,
        known_at,
    )
    due = finding.due_on
    extension = due and Deadline(
        f"{year}-extension-{due:%Y%m%d}",
        due,
        f"CLEE {year}: your extension ends",
        "The last day to complete the year’s hours. What is missing stands on your page:",
        path,
        known_at,
    )
    if finding.standing == Standing.IN_PROGRESS:
        return [end, extension or show]
    if finding.standing in (Standing.GRACE, Standing.EXTENSION_PENDING):
        return [show]
    if finding.standing == Standing.EXTENDED and extension:
        return [extension]
    return []
