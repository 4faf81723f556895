"""The version of everything a standing page shows of one officer, and of the rules it is judged by.

It follows from the rows as they are (docs/decisions: what a standing page keeps): whoever changes one, by whatever way,
makes another version, and a page that was kept under the version before is never found again.
"""

from typing import NamedTuple

from django.db import connection


class Facts(NamedTuple):
    """The versions, and of what there is anything at all, so that nobody asks for the rest."""

    facts: str
    rules: str
    has_relief: bool
    has_gaps: bool
    has_cases: bool
    has_seats: bool
    has_held: bool
    has_reports: bool


def of_officer(officer: int) -> Facts:
    """The version of the facts about an officer, by their id. One statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM version_of_a_standing(%s)", [officer])
        return Facts(*cursor.fetchone())
