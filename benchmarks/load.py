"""The December rush: 300 people at work for ten minutes, against the portal as it is run, and what each of them waited.

    python3 benchmarks/load.py [--minutes 10] [--people 300] [--pause 5 15]

gunicorn with deploy/gunicorn.conf.py, PostgreSQL, the broker, a worker and beat, with the demonstration state in full
(18,000 officers, about 600,000 credit lines), and the people (benchmarks/rush.py): 70 in 100 are officers who read
where they stand and register for classes, 20 keep the training of an agency and enter its classes, 5 are of a provider
and take attendance, 5 are POST staff in their queues. Each has a session and does one thing every 5 to 15 seconds.

Told are: answers and errors (an unexpected status, a redirection to the sign-in, a form that was not taken); what
people waited, by page; the memory of the web server at the start, in the middle and at the end; what each part took of
the two cores, the people themselves too. Then, in the same run and behind the same server, the same people without
pauses by turns with a bare view of one query (benchmarks/bare.py): how many answers there are in a second at the most,
and their ratio.

Works on a copy of the benchmark state, which is thrown away after it. Needs wrk: `apt-get install wrk`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import copies
import pages
import processor
import stage

PORT, COPY = 8795, "clee_load"
SHARES = {"officer": 70, "agency": 20, "provider": 5, "post": 5}
REACH = 500  # ms, p95
GROWTH = 1.1  # the memory at the end may be so many times that in the middle
AT_ONCE = 16
SOME = 20  # of fewer answers p95 says little
CATCH_UP = """
import django; django.setup()
from clee_portal import clock
from compliance.recording_errors.seasons import periods_due
from compliance.services import recording_gaps, seasons
seasons.catch_up(today=clock.today())
for one in periods_due(clock.today()):
    recording_gaps.find(period=one, now=clock.now(), by=None)
"""


def started(name: str, command: list[str], port: int | None = None) -> subprocess.Popen:
    """One of the portal's processes; its log is kept in var/bench/logs."""
    log = (stage.ROOT / "var" / "bench" / "logs" / f"load-{name}.log").open("w")
    env = os.environ | {"PYTHONPATH": str(stage.ROOT), "PORTAL_URL": f"http://localhost:{PORT}"}
    process = subprocess.Popen([sys.executable, "-m", *command], env=env, cwd=stage.ROOT, stdout=log, stderr=log)
    if port:
        pages.wait_until_it_answers(process, port)
    return process


def memory(pid: int) -> float:
    """What a process and its children hold, in MB: pages they share are counted once (Linux)."""
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if pid in (int(folder.name), parent):
                found += int((folder / "smaps_rollup").read_text().partition("\nPss:")[2].split()[0])
        except (OSError, IndexError):
            continue
    return found / 1024


class Watch(threading.Thread):
    """Looks at the memory of the web server every two seconds."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.seen, self.is_over = pid, [], threading.Event()

    def run(self) -> None:
        """Until it is over."""
        while not self.is_over.wait(2):
            self.seen.append(memory(self.pid))

    def parts(self) -> tuple[float, float, float]:
        """The median after the start (the first tenth is left out), in the middle, and at the end."""
        size = max(len(self.seen) // 10, 1)
        middle = len(self.seen) // 2
        thirds = self.seen[size : 2 * size], self.seen[middle : middle + size], self.seen[-size:]
        return tuple(statistics.median(one or [0]) for one in thirds)


def live(people: list[dict], seconds: float, pause: tuple[float, float]) -> dict:
    """Everybody lives so long, in a process of its own; what they lived through."""
    task = {"people": people, "port": PORT, "seconds": seconds, "pause": pause}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("rush.py"))], input=json.dumps(task), stdout=subprocess.PIPE,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def at(share: float, seconds: list[float]) -> float:
    """The time within which so many of a hundred are answered, in ms."""
    in_order = sorted(seconds)
    return 1000 * in_order[min(int(share * len(in_order) / 100), len(in_order) - 1)]


def tell(lived: dict) -> bool:
    """What they waited, page by page; whether nothing went wrong and it is quick enough."""
    print(f"\n{'':44}{'answers':>8}{'p50':>7}{'p95':>7}{'p99':>7}{'most':>7} ms{'KB':>8}")
    rows = sorted(lived["took"].items(), key=lambda one: -sum(one[1]))
    for name, took in rows:
        told = "".join(f"{at(share, took):7,.0f}" for share in (50, 95, 99, 100))
        over = "  over" if len(took) >= SOME and at(95, took) >= REACH else ""
        print(f"{name:44}{len(took):8,}{told}{lived['sizes'][name] / 1000:11,.0f}{over}")
    everything = [one for took in lived["took"].values() for one in took]
    told = "".join(f"{at(share, everything):7,.0f}" for share in (50, 95, 99, 100))
    print(f"{'all of it':44}{len(everything):8,}{told}   (reach: p95 under {REACH})")
    for what, many in sorted(lived["said"].items()):
        print(f"  {what}: {many:,}")
    print(f"errors: {len(lived['errors'])} of {len(everything):,} answers (reach: none)")
    for one in sorted(set(lived["errors"]))[:10]:
        print(f"  {one}")
    print(f"in a second: {len(everything) / lived['seconds']:.1f} answers")
    return not lived["errors"] and at(95, everything) < REACH


def costs(people: list[dict], seconds: float, pids: dict[str, int]) -> bool:
    """What each page takes of the processor: one person after the other does one thing, nobody else is there."""
    import random
    import time

    from rush import KINDS
    from rush_browser import Log, WentWrong

    class Costs(Log):
        """What was spent since the answer before, by page."""

        def __init__(self):
            super().__init__()
            self.before, self.of = processor.exact([*pids.values()]), {}

        def add(self, name: str, seconds: float, size: int) -> None:
            """One answer."""
            super().add(name, seconds, size)
            now, spent = processor.exact([*pids.values()]), [0.0] * len(pids)
            for (at, thread), taken in now.items():
                spent[at] += taken - self.before.get((at, thread), 0.0)
            self.of.setdefault(name, []).append(spent)
            self.before = now

    log, rng = Costs(), random.Random(1)  # noqa: S311 - chances of a benchmark
    crowd = [KINDS[told["kind"]](told, PORT, log) for told in people]
    end = time.time() + seconds
    while time.time() < end:
        try:
            for _ in rng.choice(crowd).next_act():
                pass
        except WentWrong as wrong:
            log.errors.append(str(wrong))
    total = sum(map(sum, (one for took in log.of.values() for one in took)))
    print(f"\n{'':44}{'answers':>8}{'share':>7}{''.join(f'{name:>12}' for name in pids)} ms, mean{'KB':>8}")
    for name, took in sorted(log.of.items(), key=lambda one: -sum(map(sum, one[1]))):
        means = "".join(f"{1000 * statistics.fmean(column):12.1f}" for column in zip(*took, strict=True))
        share = 100 * sum(map(sum, took)) / total
        print(f"{name:44}{len(took):8,}{share:6.1f}%{means}{log.sizes[name] / 1000:16,.0f}")
    many = sum(map(len, log.of.values()))
    means = [1000 * sum(one[at] for took in log.of.values() for one in took) / many for at in range(len(pids))]
    print(f"{'all of it':44}{many:8,}       {''.join(f'{one:12.1f}' for one in means)}")
    for one in sorted(set(log.errors))[:10]:
        print(f"  {one}")
    return not log.errors


def ratio(people: list[dict], rounds: int, seconds: int) -> None:
    """The same people without pauses and a bare view, one after the other, some rounds: the medians and their ratio."""
    readers = [one for one in people if one["kind"] == "officer"]
    pages.wrk(PORT, "/bare/NUMBER/", readers, AT_ONCE, 2)
    found = []
    for number in range(rounds):
        bare = pages.wrk(PORT, "/bare/NUMBER/", readers, AT_ONCE, seconds)["rate"]
        some = Random(number).sample(people, AT_ONCE)  # noqa: S311 - chances of a benchmark
        lived = live(some, seconds, (0, 0))
        found.append((bare, sum(map(len, lived["took"].values())) / lived["seconds"]))
    if found:
        bare, mixed = (statistics.median(column) for column in zip(*found, strict=True))
        ratios = sorted(one / of for of, one in found)
        told = ", ".join(f"{one:.3f}" for one in ratios)
        print(
            f"without pauses, {AT_ONCE} at once: {mixed:.0f} answers a second, bare view {bare:.0f}: "
            f"{statistics.median(ratios):.3f} of it (rounds: {told})"
        )


def main() -> None:
    """Prepare, let everybody work, tell what came of it; exit 1 where a reach is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--pause", type=float, nargs=2, default=(5, 15), metavar=("LEAST", "MOST"), help="seconds")
    parser.add_argument("--costs", type=float, default=0, metavar="MINUTES", help="instead: what each page takes")
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison with the bare view, 0 leaves it out")
    options = parser.parse_args()
    if not shutil.which("wrk") and options.rounds:
        sys.exit("wrk is not installed: apt-get install wrk")
    if os.environ.get("CLEE_BENCHMARK"):
        subprocess.check_call([sys.executable, "-c", CATCH_UP])  # what the worker has done long since in December
        copies.make(COPY)
        copies.work_on(COPY)
    stage.enter(__file__, as_owner=True)
    sys.path.insert(0, str(stage.ROOT / "bin"))
    try:
        is_right = measure(options)
    finally:
        from django.db import connections

        connections.close_all()
        copies.remove(COPY)
    sys.exit(0 if is_right else 1)


def measure(options) -> bool:
    """Start the portal, let them work, and tell."""
    from bootstrap.run import (  # the bootstrap's folder is on the path only now
        beat_command,
        web_command,
        worker_command,
    )
    from crowd import crowd

    from training.models import CreditLine, Officer

    subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=stage.ROOT)
    people = crowd({kind: max(1, share * options.people // 100) for kind, share in SHARES.items()})
    print(f"{Officer.objects.count():,} officers, {CreditLine.objects.count():,} credit lines; {len(people)} people")
    web_ = [one.replace("clee_portal.wsgi", "benchmarks.bare") for one in web_command("127.0.0.1", PORT)]
    portal = {"web": started("web", web_, PORT)}
    try:
        portal["worker"], portal["beat"] = started("worker", worker_command()), started("beat", beat_command())
        pids = {name: one.pid for name, one in portal.items()} | {"PostgreSQL": postmaster()}
        if options.costs:
            return costs(people, 60 * options.costs, {name: pids[name] for name in ("web", "PostgreSQL")})
        live(people, 10, (1, 9))  # every thread has its connection, every template is read
        before, machine = {name: processor.seconds(pid) for name, pid in pids.items()}, processor.machine_seconds()
        watch = Watch(portal["web"].pid)
        watch.start()
        lived = live(people, 60 * options.minutes, tuple(options.pause))
        watch.is_over.set()
        spent = {name: processor.seconds(pid) - before[name] for name, pid in pids.items()}
        spent |= {"the people": lived["processor"], "everything on the machine": processor.machine_seconds() - machine}
        is_right = tell(lived)
        cores = lived["seconds"] * (os.cpu_count() or 1)
        told = ", ".join(f"{name} {100 * one / cores:.0f}" for name, one in spent.items())
        print(f"of {os.cpu_count()} cores, in percent: {told}")
        start, middle, end = watch.parts()
        print(f"memory of the web server: {start:.0f} MB, {middle:.0f} in the middle, {end:.0f} at the end")
        ratio(lived["left"], options.rounds, 8)
        return is_right and end < GROWTH * middle
    finally:
        for one in portal.values():
            one.terminate()
        for one in portal.values():
            one.wait()


def postmaster() -> int:
    """The first process of PostgreSQL."""
    noted = json.loads((stage.ROOT / "var" / "bench" / "servers.json").read_text())
    return noted["postgres"]["pid"]


if __name__ == "__main__":
    main()
