"""Does a page read more because the state is larger? The same pages in the state and in one ten times as large.

    python3 benchmarks/growth.py            1,500 officers, and 15,000
    python3 benchmarks/growth.py --full     18,000 officers, and 180,000 (needs about 15 GB of disk)

The second state is the first ten times over (benchmarks/tenfold.py): every agency and officer is there as before, with
the same rows, and nine others like them. Each page is asked for by turns in both, in a process of its own for each
with a database of its own on one server. Told are the rows it read, as PostgreSQL counts them within the transaction
(rows of tables read through, and entries of indexes), and the median time.

Tables of at most 1,000 rows in the larger state are left out: PostgreSQL reads them through because it costs no more
than to look into an index.

Pages of an officer, of an agency, of a provider and of queues whose length is the same have to read as much (a quarter
and 100 rows more are let pass: with other sizes PostgreSQL joins in another order; what reads a table of the state
through reads ten times as much) and to take at most 30 % longer. A queue that is ten times as long, a plan among ten
times as many classes, and what is of the whole state, may take ten times as long at most.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable

import copies
import stage

COPIES = {"once": "clee_growth_once", "tenfold": "clee_growth_tenfold"}
TIMES, LONGER, ALIKE = 10, 1.3, 1.25
SMALL = 1_000  # rows
LEAST = 3  # ms: of less than that a third is no difference
SAME, STATE = "same", "state"


def addresses() -> list[tuple[str, str, str]]:
    """(Who asks, the page, how it may grow): of the largest agency, a small one, one officer, one provider, POST."""
    from known import known  # Django is set up only now

    one = known()
    officer = f"/officers/{one['license']}"
    pages = [("officer", path, SAME) for path in OFFICERS]
    pages += [("officer", f"/my-plan/what-if/{one['class']}/", SAME), ("officer", f"/calendar/{one['class']}/", SAME)]
    for who in ("largest", "small"):
        pages += [(who, path.format(code=one[who]), SAME) for path in AGENCIES]
    pages += [("provider", path.format(pk=one["provider"]), SAME) for path in PROVIDERS]
    pages += [("provider", f"/scheduled/{one['class']}/{part}", SAME) for part in ("", "registrations/", "door/")]
    pages += [("post", f"{officer}/{part}/", SAME) for part in ("standing", "timeline", "register")]
    pages += [("post", path, SAME) for path in QUEUES]
    return [*pages, ("officer", "/my-plan/", STATE), *(("post", path, STATE) for path in OF_THE_STATE)]


OFFICERS = ("/standing/", "/my-record/", "/my-record/looks/", "/my-classes/", "/messages/")
AGENCIES = (
    "/agencies/{code}/", "/agencies/{code}/waiting/", "/agencies/{code}/classes/enter/", "/agencies/{code}/classes/",
    "/agencies/{code}/roster/", "/agencies/{code}/roster-standing/", "/agencies/{code}/courses/",
    "/agencies/{code}/registrations/", "/agencies/{code}/trends/", "/agencies/{code}/extensions/",
    "/agencies/{code}/cases/", "/agencies/{code}/people/", "/agencies/{code}/statement/", "/agencies/{code}/make-up/",
    "/agencies/{code}/duplicates/",
)  # fmt: skip
PROVIDERS = ("/providers/{pk}/overview/", "/providers/{pk}/calendar/", "/providers/{pk}/late/")
# They wait in tables that were not copied, or for what was not: the queue is as long in both states.
QUEUES = (
    "/candidates/?show=unseen", "/recording-errors/", "/reports/", "/held/", "/invitations/requests/",
)  # fmt: skip
OF_THE_STATE = (
    "/workbench/", "/state/", "/extensions/", "/courses/to-review/", "/commissions/claims/", "/late-rosters/",
    "/duplicates/", "/director/", "/director/reinstate/", "/officers/?q=Smith",
    "/register/agencies/", "/calendar/", "/make-up/",
)  # fmt: skip


class Asker:
    """A process that works on one of the two states."""

    def __init__(self, name: str):
        env = os.environ | {"DATABASE_URL": copies.renamed(os.environ["DATABASE_URL"], name)}
        for one in ("CLEE_AS_OWNER", "DATABASE_OWNER_URL"):
            env.pop(one, None)
        command = [sys.executable, __file__, "--answer"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=env, **pipes)

    def ask(self, *words: str) -> dict:
        """What became of one request."""
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else sys.exit("The process that asks for pages ended.")

    def end(self) -> None:
        """It is not needed any more."""
        self.process.stdin.close()
        self.process.wait()


def answer() -> None:
    """Inside an asker: pages are asked for as the input says."""
    import logging

    stage.enter(__file__)
    from django.conf import settings
    from django.core.cache import caches
    from django.db import transaction
    from known import known_clients
    from rows_read import rows_read

    logging.disable(logging.ERROR)
    told = os.fdopen(os.dup(1), "w")  # the solver writes to the output too
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    clients = known_clients()
    for line in sys.stdin:
        who, path = json.loads(line)
        for each in (caches[alias] for alias in settings.CACHES):
            each.clear()
        with transaction.atomic():
            before, began = rows_read(), time.perf_counter()
            response = clients[who].get(path)
            took = 1000 * (time.perf_counter() - began)
            found = {table: rows - before.get(table, 0) for table, rows in rows_read().items()}
            transaction.set_rollback(True)
        read = {table: rows for table, rows in found.items() if rows}
        print(json.dumps({"ms": took, "status": response.status_code, "rows": read}), file=told, flush=True)


def small_tables() -> set[str]:
    """Those that are small in the larger state, and their indexes."""
    import psycopg

    ask = (
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples <= %s UNION ALL SELECT i.relname FROM pg_index "
        "JOIN pg_class i ON i.oid = indexrelid JOIN pg_class t ON t.oid = indrelid WHERE t.reltuples <= %s"
    )
    with psycopg.connect(copies.renamed(copies.owner_url(), COPIES["tenfold"])) as link:
        return {name for (name,) in link.execute(ask, [SMALL, SMALL])}


def compared(askers: dict[str, Asker], pages: Iterable[tuple[str, str, str]], runs: int, *, details: bool) -> int:
    """Each page by turns in both states; how many grew more than they may."""
    wrong, small = 0, small_tables()
    print(f"{'':52}{'rows read':>10}{'tenfold':>10}{'ms':>8}{'tenfold':>9}{'longer':>8}")
    for who, path, may_grow in pages:
        found = {name: [] for name in askers}
        for number in range(runs + 1):
            for name in sorted(askers, reverse=bool(number % 2)):
                told = askers[name].ask(who, path)
                if told["status"] != 200:
                    sys.exit(f"{path} was answered {told['status']} to {who} ({name})")
                told["rows"] = {table: rows for table, rows in told["rows"].items() if table not in small}
                if number:  # the first one reads templates and catalogues
                    found[name].append(told)
        rows = {name: statistics.median(sum(one["rows"].values()) for one in many) for name, many in found.items()}
        took = {name: statistics.median(one["ms"] for one in many) for name, many in found.items()}
        longer = took["tenfold"] / took["once"]
        if may_grow == SAME:
            is_right = rows["tenfold"] <= ALIKE * rows["once"] + 100
            is_quick = longer <= LONGER or took["tenfold"] - took["once"] < LEAST
        else:
            is_right, is_quick = True, longer <= TIMES
        mark = ("" if is_right else "  reads more") + ("" if is_quick else "  slower")
        wrong += bool(mark)
        print(
            f"{who:9}{path:43}{rows['once']:10,.0f}{rows['tenfold']:10,.0f}{took['once']:8.0f}{took['tenfold']:9.0f}"
            f"{longer:8.2f}{mark}", flush=True,
        )  # fmt: skip
        if details and not is_right:
            first, last = found["once"][-1]["rows"], found["tenfold"][-1]["rows"]
            more = {
                one: (first.get(one, 0), many) for one, many in last.items() if many > ALIKE * first.get(one, 0) + 2
            }
            for table, (few, many) in sorted(more.items(), key=lambda one: -one[1][1])[:6]:
                print(f"{'':14}{table:60}{few:10,}{many:10,}")
    return wrong


def make(folder: str) -> None:
    """The second state out of a copy of the first."""
    import tenfold

    began = time.monotonic()
    tables = tenfold.grow(TIMES, tenfold.superuser_url(COPIES["tenfold"], folder))
    rows = ", ".join(f"{tables[one]:,} {one.partition('_')[2]}" for one in ("training_officer", "training_creditline"))
    print(f"tenfold: {rows}, made in {time.monotonic() - began:.0f} s")


def main() -> None:
    """Make both states, compare, tell; exit 1 where something grew more than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="from 18,000 officers to 180,000")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default="", help="pages with this in their address")
    parser.add_argument("--details", action="store_true", help="of what reads more: from which tables and indexes")
    parser.add_argument("--keep", action="store_true", help="keep both states, and take those that were kept")
    options = parser.parse_args()
    folder = os.environ.get("CLEE_BENCHMARK")
    if folder:
        copies.work_on(COPIES["once"])
        is_made = options.keep and all(map(copies.is_there, COPIES.values()))
        for name in () if is_made else COPIES.values():
            copies.make(name)
    stage.enter(__file__, small=not options.full, as_owner=True)
    sys.path.insert(0, str(stage.ROOT / "bin"))
    from django.db import connection

    askers: dict[str, Asker] = {}
    try:
        if not is_made:
            make(folder)
        subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=stage.ROOT)
        askers |= {which: Asker(name) for which, name in COPIES.items()}
        pages = [one for one in addresses() if options.only in one[1]]
        connection.close()
        wrong = compared(askers, pages, options.runs, details=options.details)
    finally:
        for one in askers.values():
            one.end()
        if not options.keep:
            for name in COPIES.values():
                copies.remove(name)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    answer() if "--answer" in sys.argv else main()
