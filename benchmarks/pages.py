"""How fast My standing is with 18,000 officers in the state, against a bare Django view of one query.

    python3 benchmarks/pages.py [--seconds 2] [--rounds 7] [--officers 100]

The portal is served by gunicorn as bin/run starts it, twice: with what the page keeps, and without it. The bare view
(benchmarks/bare.py) stands behind the same middleware in the same servers. As many officers as asked, each signed in,
read their own page by turns. One reader at a time tells how long a page takes; fifty at once tell how many pages there
are in a second. Every round measures bare and page one after the other, shortly, since a shared machine is never the
same for long; the ratios are those of one round, and their median is what counts.

Needs wrk (https://github.com/wg/wrk): `apt-get install wrk`.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

import stage

AT_ONCE = 50
PORTS = {"afresh": 8793, "kept": 8794}
REACH = {"afresh": 0.25, "kept": 0.5}
# Each request is the next officer's.
BY_TURNS = """
local people = {%s}
local at = 0
request = function()
  at = at %% #people + 1
  local one = people[at]
  return wrk.format("GET", string.format("%s", one[1]), {["Cookie"] = "sessionid=" .. one[2], ["Host"] = "localhost"})
end
"""


def wrk(port: int, path: str, people: list[dict], connections: int, seconds: int) -> dict:
    """What wrk tells of a path: requests a second, and the latencies at half and at 99 of 100 in ms."""
    rows = ", ".join(f'{{"{one["license"]}", "{one["session"]}"}}' for one in people)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(BY_TURNS % (rows, path.replace("NUMBER", "%s")))
        script.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout",
            "60s",
            "--latency",
            "-s",
            script.name,
        ]
        told = subprocess.check_output([*command, f"http://127.0.0.1:{port}/"], text=True)
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(f"{path} was not answered as it should be:\n{told}")
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
        **{share: in_ms(re.search(rf"{share}%\s+([\d.]+)(us|ms|s)", told)) for share in ("50", "99")},
    }


def in_ms(found: re.Match) -> float:
    """A time as wrk writes it, in ms."""
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def start(which: str) -> subprocess.Popen:
    """The portal with the bare view, on its port; ready to answer."""
    from bootstrap.run import web_command  # the bootstrap's folder is on the path only now

    command = [one.replace("clee_portal.wsgi", "benchmarks.bare") for one in web_command("127.0.0.1", PORTS[which])]
    kept = {"PAGES_ARE_KEPT": "0" if which == "afresh" else "1", "PYTHONPATH": str(stage.ROOT)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    web = subprocess.Popen([sys.executable, "-m", *command], env=os.environ | kept, **quiet)
    wait_until_it_answers(web, PORTS[which])
    return web


def wait_until_it_answers(web: subprocess.Popen, port: int) -> None:
    """Until the home page is there."""
    until = time.monotonic() + 60
    while time.monotonic() < until and web.poll() is None:
        try:
            urlopen(Request(f"http://127.0.0.1:{port}/", headers={"Host": "localhost"})).read()  # nosec B310
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("gunicorn does not answer.")


def measure(which: str, people: list[dict], options) -> bool:
    """The lines of one server; whether they are as they should be."""
    port, page, bare = PORTS[which], "/standing/", "/bare/NUMBER/"
    for path in (page, bare):  # every thread has its connection, every template is read, every page is kept
        wrk(port, path, people, AT_ONCE, 2)
    alone = wrk(port, page, people, 1, options.seconds)
    rounds = []
    for _ in range(options.rounds):
        of_bare = wrk(port, bare, people, AT_ONCE, options.seconds)
        rounds.append((of_bare, wrk(port, page, people, AT_ONCE, options.seconds)))
    ratios = [of_page["rate"] / of_bare["rate"] for of_bare, of_page in rounds]
    bare_rate, page_rate = (statistics.median(one["rate"] for one in column) for column in zip(*rounds, strict=True))
    print(f"built {which}:" if which == "afresh" else "facts unchanged:")
    print(f"  one reader: {alone['50']:.0f} ms, 99 of 100 within {alone['99']:.0f} ms (reach: 100 ms)")
    print(f"  {AT_ONCE} at once: {page_rate:.0f} pages a second, bare view {bare_rate:.0f}")
    told = ", ".join(f"{one:.2f}" for one in sorted(ratios))
    print(f"  of the bare view: {statistics.median(ratios):.2f} (rounds: {told}; reach: {REACH[which]})")
    return statistics.median(ratios) >= REACH[which] and alone["99"] < 100


def main() -> None:
    """Measure and print; exit 1 where a reach is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--officers", type=int, default=100)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    stage.enter(__file__)
    sys.path[:0] = [str(stage.ROOT / "bin"), str(Path(__file__).parent)]
    from registration import signed_in  # Django is set up only now

    from training.models import CreditLine, Officer

    subprocess.check_call([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"])
    people = signed_in(options.officers)
    print(f"{Officer.objects.count():,} officers, {CreditLine.objects.count():,} credit lines; {len(people)} readers")
    is_right = True
    for which in PORTS:
        web = start(which)
        try:
            is_right &= measure(which, people, options)
        finally:
            web.terminate()
            web.wait()
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
