"""What a state of the portal takes: rows, disk, what one look reads, memory, and the work of a night (docs/scale.md).

    python3 benchmarks/sizes.py            18,000 officers
    python3 benchmarks/sizes.py --nation   800,000 officers (made the first time, which takes long)
    python3 benchmarks/sizes.py --small    40 agencies with 1,500 officers; and the database without anybody

Prints, of one state: rows and bytes of the largest tables with their indexes, and for each officer; how many blocks of
8 kB the looks read that people wait for (the hours of one officer and of an agency, one license number, an agency's
people), and whether any of them read a large table from end to end; what a
connection holds in PostgreSQL and a process of the portal here; and what the night costs.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path

import stage

TABLES = """
SELECT relname, reltuples::bigint, pg_relation_size(c.oid), pg_indexes_size(c.oid), pg_total_relation_size(c.oid)
FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(c.oid) DESC
"""
LARGE = 1_000  # blocks: a table of less is read from end to end with good reason
MB = 1024 * 1024


def tables(cursor) -> None:
    """The largest, and all together."""
    cursor.execute(TABLES)
    found = cursor.fetchall()
    cursor.execute("SELECT pg_database_size(current_database()), (SELECT count(*) FROM training_officer)")
    whole, officers = cursor.fetchone()
    print(f"\n{'table':40}{'rows':>14}{'MB':>9}{'indexes':>9}")
    for name, rows, bytes_of, indexes, _ in found[:12]:
        print(f"{name:40}{max(rows, 0):14,}{bytes_of / MB:9,.1f}{indexes / MB:9,.1f}")
    versions = [one for one in found if one[0].endswith("event")]
    total = sum(one[4] for one in found)
    print(
        f"database {whole / MB:,.0f} MB, of it versions {sum(one[4] for one in versions) / MB:,.0f} MB, "
        f"indexes {sum(one[3] for one in found) / MB:,.0f} MB"
    )
    print(f"{officers:,} officers: {total / max(officers, 1) / 1024:,.1f} kB for each, "
          f"{sum(max(one[1], 0) for one in found) / max(officers, 1):,.0f} rows")  # fmt: skip


def looks() -> dict:
    """What people wait for: name -> what makes its statements."""
    from clee_portal import clock  # Django is set up only now
    from compliance import periods, standings
    from training.models import Agency, Officer

    now, today = clock.now(), clock.today()
    asked = standings.question(periods.by_year(today.year), now)
    middle = Officer.objects.order_by("pk")[Officer.objects.count() // 2]
    agency = Agency.objects.order_by("pk")[Agency.objects.count() // 2]
    serving = Officer.objects.filter(commissions__agency=agency).distinct()
    return {
        "the hours of one officer": lambda: standings.of_officer(asked, middle),
        "the hours of an agency": lambda: standings.of_officers(asked, serving.values("pk")),
        "one license number": lambda: list(Officer.objects.filter(license_number=middle.license_number)),
        "an agency's people by name": lambda: list(serving.order_by("last_name")[:25]),
    }


def blocks(plan: dict) -> tuple[int, list[str]]:
    """What a plan has read in all, and the large tables it read from end to end."""
    whole, below = [], [plan]
    while below:
        one = below.pop()
        if (
            one["Node Type"] == "Seq Scan"
            and one.get("Shared Hit Blocks", 0) + one.get("Shared Read Blocks", 0) > LARGE
        ):
            whole.append(one["Relation Name"])
        below += one.get("Plans", [])
    return _read(plan), whole


def _read(plan: dict) -> int:
    return plan.get("Shared Hit Blocks", 0) + plan.get("Shared Read Blocks", 0)


def reading(cursor) -> None:
    """Each look once, and each of its statements explained."""
    from django.db import connection  # as above
    from django.test.utils import CaptureQueriesContext

    print(f"\n{'look':34}{'statements':>11}{'blocks':>9}{'ms':>8}  read from end to end")
    for name, look in looks().items():
        look()
        with CaptureQueriesContext(connection) as caught:
            look()
        total, whole, took = 0, [], 0.0
        for one in caught.captured_queries:
            if not one["sql"].lstrip("( ").upper().startswith(("SELECT", "WITH")):
                continue
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + one["sql"])
            told = cursor.fetchone()[0]
            told = json.loads(told) if isinstance(told, str) else told
            read, ends = blocks(told[0]["Plan"])
            total, whole, took = total + read, whole + ends, took + told[0]["Execution Time"]
        print(f"{name:34}{len(caught):11}{total:9,}{took:8.1f}  {', '.join(sorted(set(whole))) or 'none'}")


def depth(cursor) -> None:
    """What a look by an index reads where the table of credit lines has ten times its rows: keys of the same kind, in a
    table of this connection's own."""
    from training.models import CreditLine  # as above

    lines = CreditLine.objects.count()
    for times in (1, 10):
        cursor.execute("DROP TABLE IF EXISTS grown")
        cursor.execute(
            "CREATE TEMPORARY TABLE grown AS SELECT n AS id, n * 7 / 12 AS record_id, 1.5 AS hours "
            "FROM generate_series(1, %s::bigint) n",
            [lines * times],
        )
        cursor.execute("CREATE INDEX ON grown (record_id)")
        cursor.execute("ANALYZE grown")
        cursor.execute("SELECT pg_relation_size('grown_record_id_idx')")
        size = cursor.fetchone()[0]
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT hours FROM grown WHERE record_id = %s", [lines // 3]
        )
        told = cursor.fetchone()[0]
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        blocks_read = plan["Local Hit Blocks"] + plan["Local Read Blocks"]
        print(f"{lines * times:,} lines: {blocks_read} blocks for those of one record, an index of {size / MB:,.0f} MB")


def held(pid: int) -> float:
    """What a process holds by itself, in MB (Linux; pages shared with others are not counted)."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return float("nan")
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Private")) / 1024


def night(cursor) -> None:
    """What is done for everybody, once each, with what it took of the clock and what this process held at the most."""
    from clee_portal import clock  # as above
    from compliance import glance, periods, reminders, standings

    today = clock.today()
    asked = standings.question(periods.by_year(today.year), clock.end_of_day(today))
    work = {
        "every standing of the state": lambda: len(standings.of_officers(asked)),
        "the state at a glance, counted": lambda: glance.count(today),
        "who is connected, for reminders": lambda: len(list(reminders.officers_connected(today).values_list("pk"))),
        "every version read once": lambda: _all_versions(cursor),
    }
    cursor.execute("SELECT pg_backend_pid()")
    pid = cursor.fetchone()[0]
    ours, theirs = held(os.getpid()), held(pid)
    print(f"\nthe connection holds {theirs:,.0f} MB in PostgreSQL, this process {ours:,.0f} MB")
    for name, do in work.items():
        began = time.perf_counter()
        do()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:64}{time.perf_counter() - began:8.2f} s   {most:6,.0f} MB at the most so far")
    print(f"afterwards PostgreSQL's process holds {held(pid):,.0f} MB")


def _all_versions(cursor) -> None:
    cursor.execute("SELECT table_name FROM information_schema.columns WHERE column_name = 'content_hash' ORDER BY 1")
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{name}" WHERE content_hash IS NOT NULL')  # nosec B608


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nation", action="store_true", help="800,000 officers")
    parser.add_argument("--depth", action="store_true", help="also what a look reads with ten times the credit lines")
    parser.add_argument("--small", action="store_true", help="1,500 officers")
    options = parser.parse_args()
    stage.enter(__file__, nation=options.nation, small=options.small)
    from django.db import connection  # as above

    with connection.cursor() as cursor:
        tables(cursor)
        reading(cursor)
        if options.depth:
            depth(cursor)
        night(cursor)


if __name__ == "__main__":
    main()
