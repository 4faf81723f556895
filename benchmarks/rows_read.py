"""How many rows were read, as PostgreSQL itself counts them within a transaction: exact, and nobody else's."""

from django.db import connection

# Of a table the rows that a scan of the whole table gave; of an index its entries that a scan gave. What is fetched
# from a table by an index is not counted a second time.
READ = """
SELECT relname, pg_stat_get_xact_tuples_returned(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND pg_stat_get_xact_tuples_returned(oid) > 0
"""


def rows_read() -> dict[str, int]:
    """Table or index -> rows read from it so far in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return {name: rows for name, rows in cursor.fetchall() if not name.startswith("cache")}
