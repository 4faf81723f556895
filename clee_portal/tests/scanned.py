"""What `bin/scan --running` does: a portal of its own with the small state of `world.py`, every address of it, and a
scanner that attacks it as one role after the other. Run by bin/bootstrap/scan_running.py with the environment of the
tests; the scanner itself (Wapiti) lives in an environment of its own and only sees what a browser sees.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bootstrap.messages import Progress
from bootstrap.places import VAR
from bootstrap.postgres import OWNER
from bootstrap.processes import die_with_parent

from clee_portal.tests.scanner_notes import how_far, keep_one_of_a_kind, keep_only, lists_in_turn, share
from clee_portal.tests.scratch import Scratch

# Who scans: by what they are in `World.people`.
ROLES = (
    "anonymous", "nobody", "officer of A", "CEO of A", "delegate of A", "staff of P", "head of P", "POST staff",
    "Director", "agent of the Director",
)  # fmt: skip
# What needs neither a server elsewhere that the portal could be made to call (ssrf, xxe, log4shell), nor lists from
# elsewhere (nikto, wapp, cms), nor guesses at names (buster, backup), nor TLS (ssl), nor a directory that is asked
# (ldap: no part of the portal speaks it); nor shellshock, which sends something in the place of the cookies, gets
# others, and has every form refused from then on.
MODULES = (
    "cookieflags", "csp", "csrf", "http_headers", "methods", "htaccess", "crlf", "exec", "file", "redirect", "sql",
    "upload", "xss", "permanentxss",
)  # fmt: skip
# What has so many variants for each value that these are tried in turn: each at a share of the pages, and a share of
# them at every page, another one in every role.
MANY = ("exec", "file", "sql", "xss")
# Told by comparing answers, or by how long they took. What others do meanwhile looks like it: it is asked again alone.
COMPARED = {"SQL Injection": "sql", "Command execution": "exec"}
# Of these links differ in hundreds of values; the forms that have them are attacked with them all the same.
NOT_FOLLOWED = ("sort", "page", "standing", "lacks", "period")
# What would end the scanner's own session, or lock it out.
NOT_ASKED = ("account_logout", "account_sessions", "mo_login_signed_out", "mfa_authenticate")
# What it reports and is no fault, with the reason (docs/security.md).
LOOKED_AT = {
    (
        "Secure Flag cookie",
        "csrftoken",
    ): "the portal that is scanned has no TLS; test_settings.py proves it of a real one",
    ("Secure Flag cookie", "sessionid"): "the same",
    ("Secure Flag cookie", "messages"): "as that of the session, from which Django takes the flags of this one",
    (
        "HttpOnly Flag cookie",
        "csrftoken",
    ): "read by the scripts that keep a session and the door's list; it is no secret",
}
PROGRESS = Progress()
FOLDER = VAR / "scan-running"
CSRF = "k" * 32
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it

STATE = """
import json, sys
import django
django.setup()
from django.db import transaction
from django.test import Client
from clee_portal.accounts import second_factor, sessions
from clee_portal.tests import world as state
from clee_portal.tests.pages import ALLAUTH, OURS, PAGES
from clee_portal.tests.test_url_sweep import of_allauth
role, *left_out = sys.argv[1:]
with transaction.atomic():
    world = state.build()
    client, user = Client(), world.people[role]
    if user is not None:
        client.force_login(user)
        session = client.session
        sessions.begin(session, user)
        if second_factor.is_required_of(user):
            second_factor.confirm(session, user)
        session.save()
opens = {name for name in PAGES if PAGES[name].status(role) == 200 and "GET" in PAGES[name].methods}
files = ("_xlsx", "_csv", "_pdf", "_sig", "_json", "_ics", "_yaml")
names = [name for name in opens if name not in left_out and not name.endswith(files)]
paths = {(of_allauth(name) if name in ALLAUTH else state.of_house(name, world.a)): name for name in names}
takes = [name for name in PAGES if "POST" in PAGES[name].methods and name not in left_out
         and (PAGES[name].is_public or role in PAGES[name].may - PAGES[name].only_look)]
cookie = client.cookies["sessionid"].value if user is not None else ""
own = {"anonymous": "help"}.get(role, "notifications:preferences")
from django.urls import reverse
refused = [reverse(name) for name in left_out]
print(json.dumps({"cookie": cookie, "paths": paths, "takes": takes, "own": reverse(own), "refused": refused}))
"""


class Scanned(Scratch):
    """The portal while it is scanned: nobody is signed out or asked again within a scan that takes long."""

    WEB_PROCESSES = 2

    @property
    def environment(self) -> dict:
        """As the tests have it, with more time."""
        hours = {"SESSION_IDLE_MINUTES": "600", "SESSION_IDLE_MINUTES_STATE": "600", "STEP_UP_MINUTES": "600"}
        return super().environment | hours

    @staticmethod
    def until(holds, seconds: float = 300.0):
        """As the tests wait, for longer: a scan runs beside whatever else the machine does."""
        return Scratch.until(holds, seconds)


def main() -> int:
    """Scans as each role that is named, all without one; 1 where anything was found that is a fault."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scanner", type=Path)
    parser.add_argument("--role", action="append", choices=ROLES)
    parser.add_argument("--modules", default=",".join(MODULES))
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--pages", default="")
    options = parser.parse_args()
    found = [role for role in options.role or ROLES if not scan(role, options)]
    PROGRESS.say("found something as: " + ", ".join(found) if found else "nothing found")
    return 1 if found else 0


def scan(role: str, options: argparse.Namespace) -> bool:
    """One role, from a state as it was made. Whether nothing was found, by somebody who was let in."""
    began, portal = time.monotonic(), Scanned()
    folder = FOLDER / role.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        made = portal.python("-c", STATE, role, *NOT_ASKED, DATABASE_URL=portal.servers.postgres.url(OWNER))
        if made.returncode:
            raise SystemExit(made.stderr)
        told = json.loads(made.stdout.splitlines()[-1])
        told["paths"] = {path: name for path, name in told["paths"].items() if re.search(options.pages, path)}
        portal.start_web()
        wrong, reached = attack(portal, role, told, options, folder)
        wrong += faults_of(portal)
        met = Met.of(portal.log("gunicorn"))
        closed = [path for path, name in told["paths"].items() if met.opened[name] and not is_open(portal, told, path)]
        signed_out = not is_open(portal, told, told["own"])
    finally:
        portal.stop()
    if signed_out:
        wrong["the scanner was signed out before the end"] += 1
    say(role, told, met, reached, closed, (time.monotonic() - began) / 60)
    for one, how_often in wrong.items():
        PROGRESS.say(f"  {how_often} x {one}")
    return not wrong


class Met:
    """What the scanner met, from the portal's own log: how each page answered, by its name in the addresses."""

    def __init__(self):
        self.asked: Counter = Counter()
        self.opened: Counter = Counter()
        self.sent: Counter = Counter()
        self.refused: Counter = Counter()

    @classmethod
    def of(cls, log: str) -> "Met":
        """From the lines of a log. A page that sends elsewhere after it took a form has taken it, unless it was kept
        for a sign-in anew since its token did not hold."""
        met, lines = cls(), list(lines_of(log))
        kept = {told.get("request") for told in lines if told.get("logger") == "django.security.csrf"}
        for told in lines:
            if told.get("message") != "answered":
                continue
            name, status = told["page"], told["status"]
            met.asked[name] += 1
            if status in (401, 403, 404, 429) or told["request"] in kept:
                met.refused[name] += 1
            elif told["method"] == "POST":
                met.sent[name] += 1
            elif told["method"] == "GET" and status == 200:
                met.opened[name] += 1
        return met


def say(role: str, told: dict, met: Met, reached: list[str], closed: list[str], minutes: float) -> None:
    """How far it came, against what the role may open and send to."""
    may, takes = set(told["paths"].values()), set(told["takes"])
    opened, sent = {name for name in may if met.opened[name]}, {name for name in takes if met.sent[name]}
    asked, refused = met.asked.total(), met.refused.total()
    PROGRESS.say(
        f"{role}: opened {len(opened)} of {len(may)} pages it may open, sent to {len(sent)} of {len(takes)} it may "
        f"send to; {asked} requests, {refused} of them refused; {minutes:.1f} minutes"
    )
    for words, names in (("not opened", may - opened), ("not sent to", takes - sent)):
        if names:
            PROGRESS.say(f"  {words}: {', '.join(sorted(names))}")
    PROGRESS.say(f"  of those opened, closed at the end: {', '.join(closed) or 'none'}")
    for line in reached:
        PROGRESS.say(f"  {line}")


def attack(
    portal: Scanned, role: str, told: dict, options: argparse.Namespace, folder: Path
) -> tuple[Counter, list[str]]:
    """First all links and forms of the pages are gathered; of those that differ in their values alone one is kept.
    Then they are attacked side by side: all of them by what is tried once, and a share of them in each turn by what has
    many variants. What was found, and to how much of it each kind of attack came."""
    base = f"http://127.0.0.1:{portal.port}"
    (folder / "addresses.txt").write_text("".join(f"{base}{path}\n" for path in sorted(told["paths"])))
    cookies = {"csrftoken": CSRF} | ({"sessionid": told["cookie"]} if told["cookie"] else {})
    usual = {"version": 0, "expires": None, "secure": False, "port": None}
    jar = {"127.0.0.1": {"/": {name: {"value": value} | usual for name, value in cookies.items()}}}
    (folder / "cookies.json").write_text(json.dumps(jar))
    command = [
        str(options.scanner), "-u", f"{base}/", "-s", str(folder / "addresses.txt"), "-c", str(folder / "cookies.json"),
        "-H", f"X-CSRFToken: {CSRF}",  # what htmx sends has no field for it
        "-H", "Connection: close",  # or what it sends on a connection that was just closed is never answered
        "--skip", "csrfmiddlewaretoken", "-d", "1", "-S", "paranoid", "--max-links-per-page", "200", "--tasks", "4",
        "--max-scan-time", str(12 * 3600), "--max-attack-time", str(options.seconds), "-t", "30",
        "--store-config", str(folder / "config"), "-f", "json", "--no-bugreport", "-v", "1",
    ]  # fmt: skip
    for name in NOT_FOLLOWED:
        command += ["-r", name]
    for path in [*told["refused"], "/static/", "/*.csv", "/*.xlsx", "/*.pdf"]:
        command += ["-x", f"{base}{path}*"]
    # What it notes at every step, and may not wait for: in memory, where the machine has such a folder.
    notes = Path(tempfile.mkdtemp(prefix="clee-scan-", dir=MEMORY if MEMORY.is_dir() else None))
    found: Counter = Counter()
    try:
        _run(command, folder, "pages", notes / "pages", ["-m", ""]).wait()
        # The pages of one's account are the same for everybody, and soon say "too many": two roles attack them.
        left_out = "" if role in ("anonymous", "nobody") else f"{base}/accounts/"
        reached = [f"links and forms that differ: {keep_one_of_a_kind(notes / 'pages', left_out)}"]
        asked = options.modules.split(",")
        # What was left in one page is looked for in all of them by whoever left it.
        many = [name for name in asked if name in MANY or name == "permanentxss"]
        once = [name for name in asked if name not in many]
        parts = {"once": once} | {f"turn {number + 1}": many for number in range(options.turns)}
        parts = {part: names for part, names in parts.items() if names}
        running = {}
        for number, (part, names) in enumerate(parts.items()):
            shutil.copytree(notes / "pages", notes / part)
            share(notes / part, number, options.turns if names is many else 1, [name for name in names if name in MANY])
            if names is many:
                lists_in_turn(options.scanner, notes / part, number + ROLES.index(role), options.turns)
            running[part] = _run(command, folder, part, notes / part, ["--skip-crawl", "-m", ",".join(names)])
        for part, process in running.items():
            process.wait()
            found += findings(folder, part)
        if doubted := {one for one in found if one[0] in COMPARED}:
            shutil.copytree(notes / "pages", notes / "again")
            keep_only(notes / "again", {one[1:3] for one in doubted})
            names = ",".join({COMPARED[one[0]] for one in doubted})
            _run(command, folder, "again", notes / "again", ["--skip-crawl", "-m", names]).wait()
            again = findings(folder, "again")
            reached.append(f"asked again alone: {len(doubted)}, of which there were {len(doubted & set(again))}")
            found = Counter({one: often for one, often in found.items() if one not in doubted}) + again
        for names in filter(None, (once, many)):
            folders = [notes / part for part in parts if parts[part] is names]
            reached += [
                f"{what}: {how_far(folders, method)}" for what, method in (("addresses", "GET"), ("forms", "POST"))
            ]
    finally:
        shutil.rmtree(notes, ignore_errors=True)
        (folder / "web.log").write_text(portal.log("gunicorn"))
    told = {f"{kind}: {method} {path} ({info})".strip(): often for (kind, method, path, info), often in found.items()}
    return Counter(told), reached


def _run(command: list[str], folder: Path, part: str, notes: Path, more: list[str]) -> subprocess.Popen:
    """The scanner, at one part of its work."""
    notes.mkdir(exist_ok=True)
    report = ["--store-session", str(notes), "-o", str(folder / f"{part}.json")]
    with (folder / f"{part}.txt").open("w") as out:
        return subprocess.Popen(
            [*command, *report, *more], stdout=out, stderr=subprocess.STDOUT, cwd=folder,
            env=_environment() | {"PYTHONPATH": str(notes)}, preexec_fn=die_with_parent(os.getpid()),
        )  # fmt: skip


def _environment() -> dict:
    """Ours, without what says which Python is meant."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def is_open(portal: Scanned, told: dict, path: str) -> bool:
    """Whether the scanner's session still opens a page: or what came last was done as somebody else."""
    return portal.get(path, Cookie=f"sessionid={told['cookie']}").status == 200


def findings(folder: Path, part: str) -> Counter:
    """What the scanner reports as a weak spot or an oddity, by kind, place and what it says; without what was looked
    at and is none."""
    report = folder / f"{part}.json"
    if not report.exists():
        last = (folder / f"{part}.txt").read_text().strip().splitlines()[-1:]
        return Counter([("The scanner left no report", "", part, "".join(last))])
    found: Counter = Counter()
    told = json.loads(report.read_text())
    for group in ("vulnerabilities", "anomalies"):
        for kind, ones in told[group].items():
            for one in ones:
                if not any(kind == known and words in one["info"] for known, words in LOOKED_AT):
                    found[kind, one["method"], one["path"].split("?")[0], one["info"]] += 1
    return found


def lines_of(log: str):
    """The lines of the portal's log that it wrote itself."""
    for line in log.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict):
            yield told


def faults_of(portal: Scanned) -> Counter:
    """What the portal logged as its own fault, by where it was and what was raised."""
    found: Counter = Counter()
    for told in lines_of(portal.log("gunicorn")):
        if told.get("level") in ("ERROR", "CRITICAL"):
            kinds = ", ".join(f"{one['type']} at {one['at'][-1:]}" for one in told.get("error", []))
            found[f"{told.get('page', '')}: {told.get('message', '')} {kinds}"] += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
