"""bin/scan: looks for weak spots in the code, known holes in the packages, and secrets in the repository; with --write
it makes the list of all parts anew."""

import argparse
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from . import environment, mutants, parts, scan_running
from .environment import Part, inherited
from .messages import Progress, Stop
from .places import ROOT, VAR, Lock, shown

HELP = """\
Looks, in this order, with programs in an environment of their own (var/scan):
  bandit          patterns in the code that are often a hole; each that is none says why beside it
  pip-audit       packages with a known hole; also fails where a package could not be audited
  detect-secrets  anything that looks like a secret and is not on the list of those looked at
  licenses        a license among the parts that was not agreed to
With --running instead: a scanner (Wapiti) attacks every page of a portal with a small made-up state, on servers of its
own, as one role after the other; --role, --modules, --seconds (for each kind of attack) and --pages say less of it,
--turns 1 tries every variant everywhere.
With --mutants instead: the code that decides what of a form or a file is taken is changed, one small thing at a time
(mutmut), and tests have to notice; names such as "training.hours.*" say which code alone.
Ends with 1 where something was found. Where no source of advisories can be reached, the step says so and is not run,
and so does the last line."""

VENV = VAR / "scan"
LISTS = [ROOT / "deploy" / "requirements-scan.txt"]
AUDITED = [environment.RUNTIME, *sorted((ROOT / "deploy").glob("requirements-*.txt"))]
SECRETS = ROOT / "deploy" / "secrets-looked-at.json"
NO_SECRETS = r"deploy/requirements.*\.txt|^requirements\.txt|static/vendor/|deploy/sbom|deploy/secrets-looked-at"
CODE = ["clee_portal", "compliance", "training", "notifications", "bin", "benchmarks", "manage.py"]
ADVISORIES = "https://pypi.org/pypi/{name}/{version}/json"  # https: opened as it is


def main(arguments: list[str]) -> int:
    """Runs every step and returns 1 where one of them found something."""
    parser = argparse.ArgumentParser(
        prog="bin/scan", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--write", action="store_true", help="write the list of parts and that of secrets looked at")
    parser.add_argument("--running", action="store_true", help="attack a running portal")
    parser.add_argument("--mutants", action="store_true", help="look whether tests notice changes of the code")
    options, more = parser.parse_known_args(arguments)
    if more and not (options.running or options.mutants):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    progress = Progress()
    environment.ensure(progress)
    with Lock(VAR / "scan.lock"):
        if options.mutants:
            install(progress, mutants.VENV, mutants.LISTS)
            return mutants.main(progress, more)
        if options.running:
            install(progress, scan_running.VENV, scan_running.LISTS)
            return scan_running.main(progress, more)
        install(progress, VENV, LISTS)
        if options.write:
            return write(progress)
        told = {name: step(progress) for name, step in STEPS.items()}
    found = [name for name, is_well in told.items() if is_well is False]
    not_run = [name for name, is_well in told.items() if is_well is None]
    words = f"found something: {', '.join(found)}" if found else "nothing found"
    progress.step(f"{words}; NOT RUN: {', '.join(not_run)}" if not_run else words)
    return 1 if found else 0


def install(progress: Progress, venv: Path, lists: list[Path]) -> None:
    """An environment with exactly these lists, made by the installer of the portal's own."""
    part = Part("scan", lists, venv)
    if part.is_installed():
        return
    progress.step(f"installing packages in {shown(venv)}")
    python = str(environment.PYTHON)
    made = [sys._base_executable, "-m", "venv", "--clear", "--without-pip", str(venv)]
    named = [argument for file in lists for argument in ("-r", str(file))]
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", str(venv / "bin" / "python")]
    for command in (made, [*uv, "--require-hashes", *named]):
        done = subprocess.run(command, cwd=ROOT, env=inherited(), capture_output=True, text=True)
        if done.returncode:
            raise Stop(f"The environment for looking could not be made:\n{done.stdout}{done.stderr}")
    part.mark_installed()


def run(*command: str, **more) -> subprocess.CompletedProcess:
    """One of the programs of that environment."""
    env = inherited() | {"VIRTUAL_ENV": str(VENV)}
    return subprocess.run([str(VENV / "bin" / command[0]), *command[1:]], cwd=ROOT, env=env, text=True, **more)


def weak_spots(progress: Progress) -> bool:
    """Bandit over the code, tests aside; from medium severity on."""
    done = run("bandit", "-q", "-ll", "-r", *CODE, "-x", "*/tests/*", "-f", "txt", capture_output=True)
    if done.returncode:
        progress.say(done.stdout)
    progress.step("code: " + ("nothing found" if done.returncode == 0 else "see above"))
    return done.returncode == 0


def known_holes(progress: Progress) -> bool | None:
    """Advisories about the packages of the lock file, and of the lists of every tool; a package that could not be
    audited counts as a find. None where no source of advisories can be reached."""
    if not advisories_can_be_reached():
        progress.step("packages: NOT RUN, no source of advisories can be reached from here")
        return None
    audit = ("pip-audit", "--strict", "--progress-spinner", "off", "--disable-pip", "--require-hashes", "-r")
    wrong = [file for file in AUDITED if run(*audit, str(file)).returncode]
    progress.step(f"packages: see above, of {', '.join(map(shown, wrong))}" if wrong else "packages: no known hole")
    return not wrong


def advisories_can_be_reached() -> bool:
    """Whether the package index tells of one release, which a mirror of the files alone does not."""
    name, (version, *_) = next(iter(parts.locked().items()))
    try:
        with urllib.request.urlopen(ADVISORIES.format(name=name, version=version), timeout=20) as answer:  # noqa: S310  # nosec B310
            return "vulnerabilities" in json.load(answer)
    except (urllib.error.URLError, TimeoutError, ValueError):
        return False


def secrets(progress: Progress) -> bool:
    """Whatever looks like a secret in a tracked file, but for those on the list of what was looked at."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # nosec B607
    known = VAR / "secrets-looked-at.json"  # a copy: the program notes in it where a line has moved to, and ends with 3
    shutil.copyfile(SECRETS, known)
    hook = ("detect-secrets-hook", "--exclude-files", NO_SECRETS, "--baseline", str(known))
    done = run(*hook, *tracked.splitlines(), capture_output=True)
    is_well = done.returncode in (0, 3)
    if not is_well:
        progress.say(done.stdout)
    progress.step("secrets: " + ("none but those looked at" if is_well else "see above"))
    return is_well


def licenses(progress: Progress) -> bool:
    """Every part has a license that was agreed to, and the list of parts is that of the lock file."""
    wrong = parts.wrong()
    for one in wrong:
        progress.say(one)
    progress.step("licenses: " + ("see above" if wrong else "all agreed to"))
    return not wrong


def write(progress: Progress) -> int:
    """The list of parts, the page of licenses, and the list of what looks like a secret and is none."""
    runtime = VAR / "parts"
    install(progress, runtime, [environment.RUNTIME])
    made = run("cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", str(runtime / "bin" / "python"),
               capture_output=True, check=True)  # fmt: skip
    parts.write(json.loads(made.stdout))
    progress.step(f"written: {shown(parts.SBOM)}, {shown(parts.PAGE)}")
    found = run("detect-secrets", "scan", "--exclude-files", NO_SECRETS, capture_output=True, check=True)
    kept = json.loads(found.stdout) | {"generated_at": "-"}
    SECRETS.write_text(json.dumps(kept, indent=1) + "\n")
    progress.step(f"written: {shown(SECRETS)}. Look at what was added before it is kept")
    return 0


STEPS = {"code": weak_spots, "packages": known_holes, "secrets": secrets, "licenses": licenses}
