"""How long it takes to put and to send reminders to 18,000 officers, against a bare `smtplib` loop to the same server.

    python3 benchmarks/reminders.py            (--no-disk: without waiting for the disk; --pause 20: a slower server)
    python3 benchmarks/reminders.py --limit 200 --processes 1 2 3 4     (a server that takes so many a second at most)

Everybody of the demonstration state gets an account and is short of next year's hours. Prints, in one run: how long the
rows take; mails a second of a bare loop over one connection and of one worker process, in alternating runs, with the
median of the ratios of neighbours, and what a mail costs of the processor, by who takes it (the worker: all of its
processes); and the same for four of each. The mail server takes 10 ms for each mail on each connection, and with
--limit no more in a second than so many over all connections. Arrivals are counted every 2 ms.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import smtplib
import statistics
import subprocess
import sys
import time
from pathlib import Path

import processor
import stage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bin"))

from bootstrap.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
POLL = 0.002  # seconds between looks at how many mails have arrived


class Turns:
    """When the mail server takes its next mail: at most `limit` a second over all connections; 0 is as many as come."""

    def __init__(self, limit: float):
        self.apart, self.free_from = 1 / limit if limit else 0.0, 0.0

    def wait(self) -> float:
        """Seconds until the turn of the mail that comes now."""
        now = time.monotonic()
        turn = max(now, self.free_from)
        self.free_from = turn + self.apart
        return turn - now


async def serve(reader, writer, taken, pause, turns) -> None:
    """One SMTP connection of the mail server."""
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            await asyncio.sleep(pause + turns.wait())
            with taken.get_lock():
                taken.value += 1
        if verb == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        writer.write(b"250 sink\r\n" if verb != b"NOOP" else b"250 OK\r\n")
    with contextlib.suppress(ConnectionError):
        await writer.drain()
        writer.close()


def sink(taken, port, pause, limit) -> None:
    """The mail server, in a process of its own, which takes `pause` seconds for each mail, and `limit` mails a second.
    `taken` counts, `port` says where it listens."""

    async def run():
        turns = Turns(limit)
        one = lambda reader, writer: serve(reader, writer, taken, pause, turns)  # noqa: E731
        server = await asyncio.start_server(one, "127.0.0.1", 0, limit=2**20)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(run())


def bare_loop(port: int, mail: bytes, how_many: int) -> None:
    """A bare loop over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(how_many):
            server.sendmail("post@example.gov", ["renee@example.org"], mail)


def bare(taken, port: int, mail: bytes, how_many: int, loops: int) -> float:
    """Mails a second of `loops` bare loops at once, from the first mail to the last."""
    context = multiprocessing.get_context("fork")
    share = how_many // loops
    processes = [context.Process(target=bare_loop, args=(port, mail, share)) for _ in range(loops)]
    before = taken.value
    for one in processes:
        one.start()
    return rate(taken, before, share * loops)


def rate(taken, before: int, how_many: int, patience: float = 120, look=lambda: None) -> float:
    """Mails a second, from the first that arrives after `before` to the last of `how_many`; `look` is called at
    both."""
    until = time.monotonic() + patience
    while taken.value == before and time.monotonic() < until:
        time.sleep(POLL)
    look()
    began, first = time.perf_counter(), taken.value
    while taken.value < before + how_many and time.monotonic() < until:
        time.sleep(POLL)
    if taken.value < before + how_many:
        sys.exit(f"Only {taken.value - before} of {how_many} mails arrived.")
    seconds = time.perf_counter() - began
    look()
    return (before + how_many - first) / seconds


@contextlib.contextmanager
def worker(port: int, processes: int):
    """A real worker with so many processes, on the queue of mail."""
    env = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    options = ["-Q", "mail", "--concurrency", str(processes), "--loglevel", "ERROR", "--without-gossip"]
    running = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "clee_portal", "worker", *options],
        cwd=ROOT,
        env=env,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running.pid
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


class Meter:
    """Processor time by who takes it, read at the first mail and at the last."""

    def __init__(self, sink_pid: int):
        servers = json.loads((ROOT / "var" / "bench" / "servers.json").read_text())
        self.pids = {"PostgreSQL": servers["postgres"]["pid"], "mail server": sink_pid}
        self.read: list[dict[str, float]] = []

    def look(self) -> None:
        """Note what each has taken so far."""
        now = {name: processor.seconds(pid) for name, pid in self.pids.items()}
        self.read.append(now | {"the whole machine": processor.machine_seconds(), "clock": time.perf_counter()})

    def said(self, how_many: int) -> str:
        """Milliseconds of processor a mail, and how busy the machine was."""
        first, last = self.read[-2:]
        spent = {name: last[name] - first[name] for name in first}
        busy = spent["the whole machine"] / spent.pop("clock") / os.cpu_count()
        parts = ", ".join(f"{name} {1000 * seconds / how_many:.2f}" for name, seconds in spent.items())
        return f"    ms of processor a mail: {parts}; its {os.cpu_count()} cores were {busy:.0%} busy\n"


def ours(taken, port: int, how_many: int, processes: int, meter: Meter) -> float:
    """Mails a second of a worker with so many processes, each busy from the start."""
    from compliance import reminders  # Django is set up only now
    from notifications import outbox
    from notifications.models import Message
    from notifications.tasks import send_waiting

    before = taken.value
    outbox.release(Message.objects.filter(pk__in=list(ready().values_list("pk", flat=True)[:how_many])))
    with worker(port, processes) as pid:
        meter.pids["worker"] = pid
        for _ in range(processes):  # what beat does within seconds
            send_waiting.delay()
        reached = rate(taken, before, how_many, look=meter.look)
        while Message.objects.unsettled().filter(occasion=reminders.CODE).exists():
            time.sleep(0.1)
    return reached


def ready():
    """The rows that wait to be sent: those of next year's first reminder."""
    from compliance import reminders  # Django is set up only now
    from notifications.models import Message

    return Message.objects.filter(
        occasion=reminders.CODE, state="held", key__startswith=f"{clock_year() + 1}:1:"
    ).order_by("pk")


def clock_year() -> int:
    """This year, by the portal's clock."""
    from clee_portal import clock  # Django is set up only now

    return clock.today().year


def connect_everybody() -> None:
    """An account for every officer who has none."""
    from django.contrib.auth.hashers import make_password  # Django is set up only now

    from clee_portal.accounts.models import User
    from training.models import Membership, Officer

    tied = Membership.objects.filter(role="officer").values("officer")
    officers = list(Officer.objects.exclude(pk__in=tied).values_list("pk", flat=True))
    closed = make_password(None)
    users = User.objects.bulk_create(
        [User(email=f"officer{pk}@bench.example.org", name=f"Officer {pk}", password=closed) for pk in officers],
        batch_size=5000,
    )
    Membership.objects.bulk_create(
        [
            Membership(user=user, role="officer", officer_id=pk, starts_on="2015-01-01")
            for user, pk in zip(users, officers, strict=True)
        ],
        batch_size=5000,
    )


def put_rows(runs: int) -> None:
    """Time how long the rows of a reminder nobody has yet take, each time anew; and keep those of the first, held."""
    import datetime as dt  # only here

    from django.db import transaction  # Django is set up only now

    from clee_portal import clock
    from compliance import reminders
    from compliance.models import ReminderDate, ReportingPeriod
    from compliance.services.reminders import put
    from notifications.models import Message

    day = clock.today()
    period = ReportingPeriod.objects.get(year=day.year + 1)
    ReminderDate.objects.filter(period=period, number=1).update(due_on=day)
    first, fresh = (ReminderDate.objects.select_related("period").get(period=period, number=n) for n in (1, 2))
    fresh.due_on = day + dt.timedelta(days=1)
    for _ in range(runs):
        with transaction.atomic():
            started = time.perf_counter()
            rows = put(period=period, due=[fresh], day=day)
            seconds = time.perf_counter() - started
            transaction.set_rollback(True)
        sys.stdout.write(f"{rows:,} officers short, found and put: {seconds:.2f} s\n")
    put(period=period, due=[first], day=day)
    started = time.perf_counter()
    again = put(period=period, due=[first], day=day)
    sys.stdout.write(f"a second look, which finds {again} more: {time.perf_counter() - started:.2f} s\n")
    there = Message.objects.filter(occasion=reminders.CODE).exclude(state="superseded")
    there.update(state="held", next_try_at=None, attempts=0, times_unknown=0)


def disk() -> float:
    """Milliseconds this machine takes to write 8 KB for good, the median of 40: each mail costs one such wait."""
    path = ROOT / "var" / "benchmark-disk"
    waits = []
    with path.open("wb") as file:
        for _ in range(40):
            file.write(b"x" * 8192)
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - started)
            time.sleep(0.01)
    path.unlink()
    return statistics.median(waits) * 1000


def wait_for_disk(is_waited_for: bool) -> None:
    """Whether a commit waits for the disk, for the connections made from now on."""
    from django.db import connection  # Django is set up only now

    with connection.cursor() as cursor:
        setting = "RESET synchronous_commit" if is_waited_for else "SET synchronous_commit = off"
        cursor.execute(f"ALTER ROLE CURRENT_USER {setting}")
    connection.close()


def a_mail() -> bytes:
    """A mail as the worker sends it."""
    from compliance import reminders  # Django is set up only now
    from notifications import composing

    message = ready().first()
    said = composing.words(reminders.OCCASION, reminders.contexts([message.key])[message.key])
    return composing.mail(message, said).message().as_bytes(linesep="\r\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=1000, help="mails of each process in each run")
    parser.add_argument("--runs", type=int, default=3, help="alternating runs")
    parser.add_argument("--pause", type=float, default=10, help="milliseconds the mail server takes for each mail")
    parser.add_argument("--limit", type=float, default=0, help="mails a second the mail server takes at most")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4], help="so many loops and processes")
    parser.add_argument("--no-disk", action="store_true", help="do not wait for the disk: what it costs beside that")
    options = parser.parse_args()
    stage.enter(__file__)
    context = multiprocessing.get_context("fork")
    taken, port = context.Value("q", 0), context.Value("i", 0)
    server = context.Process(target=sink, args=(taken, port, options.pause / 1000, options.limit), daemon=True)
    server.start()
    meter = Meter(server.pid)
    connect_everybody()
    put_rows(2)
    mail = a_mail()
    from django.db import connection  # forked processes must not share it

    wait_for_disk(not options.no_disk)
    waited = "not waited for" if options.no_disk else "waited for once a mail"
    sys.stdout.write(f"the disk takes {disk():.1f} ms to write for good, {waited}; load {os.getloadavg()[0]:.1f}\n")
    connection.close()
    for processes in options.processes:
        ratios = []
        for _ in range(options.runs):
            how_many = options.mails * processes
            hand = bare(taken, port.value, mail, how_many, processes)
            mine = ours(taken, port.value, how_many, processes, meter)
            ratios.append(mine / hand)
            sys.stdout.write(
                f"{processes} bare loop(s) {hand:6.1f}/s, worker with {processes} process(es) {mine:6.1f}/s, "
                f"ratio {mine / hand:.2f}\n"
            )
            sys.stdout.write(meter.said(how_many))
            sys.stdout.flush()
        sys.stdout.write(f"median ratio with {processes}: {statistics.median(ratios):.2f}\n")


if __name__ == "__main__":
    main()
