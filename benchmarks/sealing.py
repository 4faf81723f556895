"""What it costs that a changed history is found out: an import with and without, the first seal, and a verification.

    python3 benchmarks/sealing.py              three pairs on 18,000 officers
    python3 benchmarks/sealing.py --pairs 5
    python3 benchmarks/sealing.py --pairs 5 --sealer       with the hash a sealer is at work too, all the time
    python3 benchmarks/sealing.py --pairs 0    the seals and the verification alone
    python3 benchmarks/sealing.py --pairs 0 --seals 4000   with as many small seals more: a day has 4,320 at the most

In each pair, one after the other and in turns: 10,000 rows of a file imported with the trigger that takes the hash of
every version, and without it. The median of the ratios within a pair is the result, since machines wobble. Then a first
seal over everything that has none, and `verify_history` over all of it against the roots kept in a folder, in a process
of its own, with its highest memory.
"""

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import imports
import stage

ROWS = 10_000
LOOKS = """
import time
import django
django.setup()
from clee_portal.history.sealing import sealer
while True:
    print(sum(seal.rows for seal in sealer.look(seconds=3600)), flush=True)
    time.sleep(0.25)
"""


@contextlib.contextmanager
def sealer_at_work():
    """Meanwhile a process of its own seals, as a worker does but eighty times as often; it begins once it has sealed
    what there was."""
    process = subprocess.Popen([sys.executable, "-c", LOOKS], cwd=stage.ROOT, stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        told = [int(line) for line in process.communicate()[0].split()]
        print(f"  the sealer looked {len(told)} times meanwhile and sealed {sum(told):,} rows", flush=True)


def switch(*, on: bool) -> None:
    """The trigger that takes the hash, on every table that has it."""
    from django.db import connection

    from clee_portal.history.sealing.tables import sealed_tables

    with connection.cursor() as cursor:
        for name in sealed_tables():
            cursor.execute(f'ALTER TABLE "{name}" {"ENABLE" if on else "DISABLE"} TRIGGER content_hash')


def imported(agency, mark: str, *, hashed: bool, sealer: bool) -> float:
    """Seconds one file takes."""
    data = imports.file_of(agency, ROWS, mark)
    switch(on=hashed)
    try:
        with sealer_at_work() if hashed and sealer else contextlib.nullcontext():
            took, _ = imports.ours(agency, data)
    finally:
        switch(on=True)
    if not hashed:
        hash_what_has_none()
    return took


def hash_what_has_none() -> None:
    """What was written without is given its hash afterwards, so that the state can be verified as any other."""
    from django.db import connection, transaction
    from psycopg import sql

    from clee_portal.history.sealing import contents

    for name, forms in contents.forms().items():
        table = sql.Identifier(name)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(contents.USUAL)
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
            cursor.execute(
                sql.SQL("UPDATE {0} t SET content_hash = {1} WHERE content_hash IS NULL AND t.{2} > {3}").format(
                    table,
                    contents.hash_of(forms[0].columns),
                    sql.Identifier(forms[0].columns[0]),
                    sql.Literal(forms[-1].after_id),
                )
            )
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def pairs(count: int, *, sealer: bool) -> None:
    """With and without, in turns."""
    from django.db.models import Count, Q

    from training.models import Agency

    now = Count("commissions", filter=Q(commissions__ended_on=None))
    agency = Agency.objects.annotate(n=now).order_by("-n").first()
    stamp, ratios = uuid.uuid4().hex[:6], []
    for number in range(count):
        took = {}
        for hashed in (True, False) if number % 2 else (False, True):
            took[hashed] = imported(agency, f"{stamp} {number} {hashed}", hashed=hashed, sealer=sealer)
        ratios.append(took[True] / took[False])
        print(f"pair {number + 1}: with the hash {took[True]:.2f} s, without {took[False]:.2f} s", flush=True)
    print(f"{ROWS:,} rows imported: {statistics.median(ratios):.2f} times without the hash (reach: below 1.30)")


def sealed() -> None:
    """A first seal over everything that has none yet."""
    from clee_portal.history.models import Seal
    from clee_portal.history.sealing import sealer

    before, began = Seal.objects.count(), time.perf_counter()
    rows = 0
    while made := sealer.look(seconds=3600):
        rows += sum(one.rows for one in made)
    took = time.perf_counter() - began
    if rows:
        count = Seal.objects.count() - before
        print(f"sealed and kept: {rows:,} rows in {count} seals, {took:.1f} s, {rows / took:,.0f} a second", flush=True)


def sealed_often(count: int) -> None:
    """As many seals of one row each."""
    from clee_portal.history.models import Seal
    from clee_portal.history.sealing import sealer
    from training.models import Agency

    agency, before, began = Agency.objects.order_by("pk").first(), Seal.objects.count(), time.perf_counter()
    for number in range(count):
        Agency.objects.filter(pk=agency.pk).update(phone=f"(573) 555-{number % 10_000:04}")
        while not sealer.look():
            time.sleep(0.01)  # another transaction is at work
    made, took = Seal.objects.count() - before, time.perf_counter() - began
    print(f"{made:,} small seals made and kept in {took:.1f} s, {1000 * took / made:.0f} ms each", flush=True)


def verified(place: str) -> None:
    """`verify_history` in a process of its own."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(stage.ROOT / "manage.py"), "verify_history", "--roots", place, "--most", "5"],
        cwd=stage.ROOT,
        env={name: value for name, value in os.environ.items() if name != "CLEE_BENCHMARK"},
        check=False,
    )
    highest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    took = time.perf_counter() - began
    print(f"verify_history: {took:.1f} s, {highest:.0f} MB at the highest, exit code {done.returncode}")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--pairs", type=int, default=3)
    asked.add_argument("--seals", type=int, default=0, help="small seals to be made beside the usual ones")
    asked.add_argument("--sealer", action="store_true", help="a sealer at work in the half with the hash")
    options = asked.parse_args()
    count = options.pairs
    from django.conf import settings

    from clee_portal.history.sealing import destinations

    if count:
        pairs(count, sealer=options.sealer)
    with tempfile.TemporaryDirectory() as other:
        place = next(iter(destinations.readable()), Path(other).as_uri())
        settings.SEAL_DESTINATIONS = [place]
        sealed()
        if options.seals:
            sealed_often(options.seals)
        verified(place)


if __name__ == "__main__":
    stage.enter(__file__, as_owner=True)
    main()
