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

from clee_portal.tests.scratch import Scratch

# Who scans: by what they are in `World.people`.
ROLES = ("anonymous", "officer of A", "CEO of A", "delegate of A", "staff of P", "POST staff", "Director")
# What needs neither a server elsewhere that the portal could be made to call (ssrf, xxe, log4shell), nor lists from
# elsewhere (nikto, wapp, cms), nor guesses at names (buster, backup), nor TLS (ssl).
MODULES = (
    "cookieflags", "csp", "csrf", "http_headers", "methods", "htaccess", "crlf", "exec", "file", "ldap", "redirect",
    "shellshock", "sql", "upload", "xss", "permanentxss",
)  # fmt: skip
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
paths = {of_allauth(name) if name in ALLAUTH else state.of_house(name, world.a) for name in names}
cookie = client.cookies["sessionid"].value if user is not None else ""
own = {"anonymous": "help"}.get(role, "notifications:preferences")
from django.urls import reverse
refused = [reverse(name) for name in left_out]
print(json.dumps({"cookie": cookie, "paths": sorted(paths), "own": reverse(own), "refused": refused}))
"""


class Scanned(Scratch):
    """The portal while it is scanned: nobody is signed out or asked again within a scan that takes long."""

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
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--pages", default="")
    options = parser.parse_args()
    found = [role for role in options.role or ROLES if not scan(role, options)]
    PROGRESS.say("found something as: " + ", ".join(found) if found else "nothing found")
    return 1 if found else 0


def scan(role: str, options: argparse.Namespace) -> bool:
    """One role, from a state as it was made. Whether nothing was found."""
    began, portal = time.monotonic(), Scanned()
    try:
        made = portal.python("-c", STATE, role, *NOT_ASKED, DATABASE_URL=portal.servers.postgres.url(OWNER))
        if made.returncode:
            raise SystemExit(made.stderr)
        told = json.loads(made.stdout.splitlines()[-1])
        told["paths"] = [path for path in told["paths"] if re.search(options.pages, path)]
        portal.start_web()
        report, said = attack(portal, role, told, options)
        in_time = "still signed in" if open_to(portal, told) else "SIGNED OUT BEFORE THE END"
        faults = faults_of(portal)
        asked = portal.log("gunicorn").count('"message": "answered"')
        out_of_time = re.findall(r"Max attack time was reached for module (\w+)", said)
    finally:
        portal.stop()
    minutes, wrong = (time.monotonic() - began) / 60, findings(report)
    resources = (re.findall(r"found (\d+) URLs and forms", said) or ["0"])[0]
    PROGRESS.say(
        f"{role}: {len(told['paths'])} addresses, {resources} with their forms and questions, {asked} requests, "
        f"{minutes:.1f} minutes, {in_time}; {sum(wrong.values())} findings, {sum(faults.values())} errors of the portal"
        f"; stopped when its time was up: {', '.join(out_of_time) or 'none'}"
    )
    for one, how_often in [*wrong.items(), *faults.items()]:
        PROGRESS.say(f"  {how_often} x {one}")
    return not wrong and not faults and in_time == "still signed in"


def attack(portal: Scanned, role: str, told: dict, options: argparse.Namespace) -> tuple[dict, str]:
    """The scanner's report, and what it said."""
    folder = FOLDER / role.replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = f"http://127.0.0.1:{portal.port}"
    (folder / "addresses.txt").write_text("".join(f"{base}{path}\n" for path in told["paths"]))
    cookies = {"csrftoken": CSRF} | ({"sessionid": told["cookie"]} if told["cookie"] else {})
    usual = {"version": 0, "expires": None, "secure": False, "port": None}
    jar = {"127.0.0.1": {"/": {name: {"value": value} | usual for name, value in cookies.items()}}}
    (folder / "cookies.json").write_text(json.dumps(jar))
    # What it notes at every step, and may not wait for: in memory, where the machine has such a folder.
    notes = tempfile.mkdtemp(prefix="clee-scan-", dir=MEMORY if MEMORY.is_dir() else None)
    command = [
        str(options.scanner), "-u", f"{base}/", "-s", str(folder / "addresses.txt"), "-c", str(folder / "cookies.json"),
        "-H", f"X-CSRFToken: {CSRF}",  # what htmx sends has no field for it
        "-m", options.modules, "-d", "1", "-S", "normal", "--max-links-per-page", "200", "--tasks", "4",
        "--max-scan-time", str(30 * 60), "--max-attack-time", str(options.seconds), "-t", "30",
        "--store-session", notes, "--store-config", str(folder / "config"), "--flush-session",
        "-f", "json", "-o", str(folder / "report.json"), "--no-bugreport", "-v", "1",
    ]  # fmt: skip
    for path in [*told["refused"], "/static/", "/*.csv", "/*.xlsx", "/*.pdf"]:
        command += ["-x", f"{base}{path}*"]
    with (folder / "said.txt").open("w") as out:
        subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False, cwd=folder, env=_environment())
    shutil.rmtree(notes, ignore_errors=True)
    (folder / "web.log").write_text(portal.log("gunicorn"))
    said = (folder / "said.txt").read_text()
    if not (folder / "report.json").exists():
        last = said.strip().splitlines()[-1:]
        failed = {"The scanner left no report": [{"method": "", "path": role, "info": "".join(last)}]}
        return {"vulnerabilities": failed, "anomalies": {}}, said
    return json.loads((folder / "report.json").read_text()), said


def _environment() -> dict:
    """Ours, without what says which Python is meant."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def open_to(portal: Scanned, told: dict) -> bool:
    """Whether the scanner's session still opens what is its own: or most of it was done as nobody."""
    return portal.get(told["own"], Cookie=f"sessionid={told['cookie']}").status == 200


def findings(report: dict) -> Counter:
    """What the scanner reports as a weak spot or an oddity, by kind, place and what it says; without what was looked
    at and is none."""
    found: Counter = Counter()
    for group in ("vulnerabilities", "anomalies"):
        for kind, ones in report[group].items():
            for one in ones:
                if not any(kind == known and words in one["info"] for known, words in LOOKED_AT):
                    found[f"{kind}: {one['method']} {one['path'].split('?')[0]} ({one['info']})"] += 1
    return found


def faults_of(portal: Scanned) -> Counter:
    """What the portal logged as its own fault, by where it was and what was raised."""
    found: Counter = Counter()
    for line in portal.log("gunicorn").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if told.get("level") in ("ERROR", "CRITICAL"):
            kinds = ", ".join(f"{one['type']} at {one['at'][-1:]}" for one in told.get("error", []))
            found[f"{told.get('page', '')}: {told.get('message', '')} {kinds}"] += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
