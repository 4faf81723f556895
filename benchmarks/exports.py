"""How long the file of all credit lines takes, and what memory: gunicorn as bin/run starts it, beside bare COPY.

    python3 benchmarks/exports.py [--times 3]

Told are: time from asking to the first byte of the file (headers are not it) and to the last; the highest resident
memory any process of the web server ever had, before and after (Linux); and the time as a multiple of a hand-written
`COPY (SELECT …) TO STDOUT` of the same columns, read by psycopg and thrown away. Runs alternate; what is told is
the median, of the ratios that of the pairs.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import stage
from signed import session_of

PORT = 8791
BLOCK = 1 << 16
BARE = """
COPY (
    SELECT l.id, r.id, o.license_number, r.training_class_id, r.completed_on, r.credited_year, r.source_kind,
           r.delivery, a.code, t.code, l.hours, r.not_counted, r.voided_at
    FROM training_creditline l
    JOIN training_trainingrecord r ON r.id = l.record_id
    JOIN training_officer o ON o.id = r.officer_id
    JOIN training_area a ON a.id = l.area_id
    LEFT JOIN training_topic t ON t.id = l.topic_id
) TO STDOUT (FORMAT csv, HEADER)
"""


def bare() -> tuple[float, int]:
    """Seconds the hand-written COPY takes, and how many lines it has."""
    from django.db import connection  # Django is set up only now

    began, lines = time.perf_counter(), 0
    with connection.cursor() as cursor, cursor.cursor.copy(BARE) as copy:
        for block in copy:
            lines += bytes(block).count(b"\n")
    return time.perf_counter() - began, lines


def taken(cookie: str, kind: str) -> tuple[float, float, int, int]:
    """Seconds to the first byte and to the last, how many lines and bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    began = time.perf_counter()
    headers = {"Host": f"localhost:{PORT}", "Cookie": cookie}
    connection.request("GET", f"/exports/credit-lines.{kind}", headers=headers)
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        raise RuntimeError(f"the file answered {answer.status}")
    answer.read(4)  # past the mark of a CSV: this comes from the database
    first, lines, size = time.perf_counter() - began, 0, 4
    while block := answer.read(BLOCK):
        lines, size = lines + block.count(b"\n"), size + len(block)
    connection.close()
    return first, time.perf_counter() - began, lines, size


def signed_in() -> str:
    """The cookie of a session of POST staff who has just proved the second step."""
    from django.conf import settings

    from clee_portal.accounts.models import StateRole, User

    user, _ = User.objects.get_or_create(email="bench-exports@example.org", defaults={"name": "Bench"})
    StateRole.objects.get_or_create(user=user, role=StateRole.Role.POST_STAFF, defaults={"starts_on": "2020-01-01"})
    return f"{settings.SESSION_COOKIE_NAME}={session_of(user, second_step=True)}"


def highest(pid: int) -> float:
    """The highest resident memory a process of the web server ever had, in MB (Linux)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if pid in (int(said["Pid"]), int(said["PPid"])) and "VmHWM" in said:
            found.append(int(said["VmHWM"].split()[0]) / 1024)
    return max(found)


def wait_until_it_answers(process) -> None:
    """Until the home page is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            connection.request("GET", "/", headers={"Host": f"localhost:{PORT}"})
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("gunicorn does not answer.")


def main() -> None:
    """Start the portal, measure, print, and stop it."""
    from bootstrap.run import web_command

    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"])
    cookie = signed_in()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen([sys.executable, "-m", *web_command("127.0.0.1", PORT)], env=os.environ, **quiet)
    try:
        wait_until_it_answers(web)
        before = highest(web.pid)
        for kind in ("csv", "jsonl"):
            firsts, totals, ratios = [], [], []
            for _ in range(times):
                alone, bare_lines = bare()
                first, total, lines, size = taken(cookie, kind)
                if kind == "csv" and lines != bare_lines:
                    raise RuntimeError(f"{lines} lines of {bare_lines}")
                firsts.append(first)
                totals.append(total)
                ratios.append(total / alone)
            print(
                f"{kind}: {lines:,} lines, {size / 1e6:.0f} MB; first byte {1000 * statistics.median(firsts):.0f} ms, "
                f"{1000 * max(firsts):.0f} at the latest (reach: 1,000), last {statistics.median(totals):.2f} s, "
                f"{statistics.median(ratios):.2f} times bare COPY"
            )
        print(f"resident memory at the highest: {highest(web.pid):.0f} MB (reach: 200), {before:.0f} MB before")
    finally:
        web.terminate()
        web.wait()


if __name__ == "__main__":
    stage.enter(__file__)
    sys.path.insert(0, str(stage.ROOT / "bin"))
    main()
