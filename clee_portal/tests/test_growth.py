"""A page of an officer or an agency reads no more because there are others: exactly, as PostgreSQL counts it.

The world of the tests, and the same one many times over beside it. Tables as small as these PostgreSQL reads through,
whatever indexes there are, so that it is told not to where it can help it: what then still reads more has no index to
go by, or asks for everything. `benchmarks/growth.py` measures the same, and the time, with what PostgreSQL chooses by
itself.
"""

import pytest
from django.db import connection

from benchmarks import tenfold
from benchmarks.rows_read import rows_read
from clee_portal.tests import world as state

pytestmark = pytest.mark.django_db

TIMES = 30
# By another order of its joins, and for a statistic more or less, a page may read so many rows more; whatever reads
# even a small table through reads hundreds.
BY_CHANCE = 80
# Hours are added up without those of refused courses, of which there are few: every sum reads all of these.
REFUSALS = "training_coursereview"
PAGES = {
    "officer of A": ("compliance:my_standing", "compliance:my_record", "compliance:who_looked", "training:my_classes"),
    "CEO of A": (
        "compliance:agency_overview", "compliance:waiting", "compliance:roster_standing", "compliance:officer_standing",
        "compliance:trends", "compliance:make_up", "compliance:statement", "training:class_enter",
        "training:class_list", "training:class_detail", "training:course_list", "training:roster",
        "training:registrations_of_agency",
        "training:duplicate_list", "training:held_rows",
    ),
    "POST staff": (
        "compliance:officer_standing", "compliance:officer_timeline", "training:officer_register",
        "training:held_for_post", "compliance:report_queue", "compliance:gap_queue", "training:invitation_requests",
    ),
}  # fmt: skip


@pytest.fixture
def read(client, world):
    """(Who, page) -> the rows that each table and index gave for it."""

    def ask() -> dict[tuple[str, str], dict[str, int]]:
        found = {}
        with connection.cursor() as cursor:
            for way in ("seqscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        for who, names in PAGES.items():
            client.force_login(world.people[who])
            for name in names:
                path = state.of_house(name, world.a)
                client.get(path)  # what is read once for each process
                before = rows_read()
                assert (name, client.get(path).status_code) == (name, 200)
                rows = {table: rows - before.get(table, 0) for table, rows in rows_read().items()}
                found[who, name] = {table: many for table, many in rows.items() if not table.startswith(REFUSALS)}
        return found

    return ask


def test_pages_read_no_more_because_there_are_others(read, as_owner):
    once = read()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in tenfold.grown():
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        tenfold.copy_all(TIMES, cursor.execute)
        cursor.execute("ANALYZE")
    many = read()
    more = {page: sum(rows.values()) - sum(once[page].values()) for page, rows in many.items()}
    assert {page: _of(once[page], many[page]) for page, rows in more.items() if rows > BY_CHANCE} == {}


def _of(once: dict[str, int], many: dict[str, int]) -> dict[str, tuple[int, int]]:
    """From which tables and indexes more was read."""
    return {table: (once.get(table, 0), rows) for table, rows in many.items() if rows > once.get(table, 0) + 10}
