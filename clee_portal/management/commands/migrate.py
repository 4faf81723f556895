"""`bin/manage migrate`: Django's own, one at a time. Two hosts that are given a release at once both say it, as their
deployment does; the second waits until the first is through, and finds nothing left to do."""

import time

from django.core.management.commands import migrate
from django.db import connections

# An advisory lock of PostgreSQL: whoever holds it migrates. It vanishes with its connection.
ONE_AT_A_TIME = 0x5EA1_0002
# Seconds between looks. One that waited for it in a statement would be waited for by an index built concurrently.
LOOK_EVERY = 0.5


class Command(migrate.Command):
    """Updates the tables, and what is done after that (rights, areas, periods)."""

    def handle(self, *args, **options):
        """Wait for whoever migrates, then look what is left to do."""
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            while not _take(cursor):
                time.sleep(LOOK_EVERY)
        try:
            super().handle(*args, **options)
        finally:
            if connection.connection is not None and not connection.connection.closed:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def _take(cursor) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
    return cursor.fetchone()[0]
