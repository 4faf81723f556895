"""bin/scan --mutants: changes the code that decides, one small thing at a time, and looks whether a test notices."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from . import environment
from .messages import Progress, Stop
from .places import ROOT, VAR

VENV = VAR / "mutants-venv"
LISTS = [environment.RUNTIME, environment.TESTS, ROOT / "deploy" / "requirements-mutants.txt"]
COPY = VAR / "mutants"
# What decides what of a file or a form is taken, and the tests that say so without a database.
CODE = (
    "training/hours.py",
    "training/escaping.py",
    "training/imports/dates.py",
    "training/imports/values.py",
    "training/imports/delimited.py",
)
TESTS = (
    "training/tests/test_hours.py",
    "training/tests/imports/test_import_values.py",
    "training/tests/imports/test_import_reading.py",
    "training/tests/imports/test_hostile_files.py",
    "training/tests/test_tables.py",
)
LEFT_OUT = "not million and not harm and not bomb and not xlsx and not csv"  # slow, or about other code
# Each change is tried in a copy of a process that has run the tests once: what it remembers would hide the change.
FORGET = """

@pytest.fixture(autouse=True)
def nothing_is_remembered():
    from training.imports import dates, values  # mutated only once they are imported

    for one in [*vars(dates).values(), *vars(values).values()]:
        if hasattr(one, "cache_clear"):
            one.cache_clear()
"""


def main(progress: Progress) -> int:
    """Tries every change; 1 where none of the tests noticed one. What is left is listed."""
    shutil.rmtree(COPY, ignore_errors=True)
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # nosec B607
    files = told.stdout.splitlines()
    for file in files:
        (COPY / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, COPY / file)
    with (COPY / "conftest.py").open("a") as conftest:
        conftest.write(FORGET)
    others = sorted({Path(file).parts[0] for file in files})
    named = {"source_paths": CODE, "also_copy": others, "pytest_add_cli_args_test_selection": TESTS,
             "pytest_add_cli_args": ("-p", "no:cacheprovider", "-k", LEFT_OUT)}  # fmt: skip
    lines = [f"{name}=\n" + "".join(f"    {one}\n" for one in several) for name, several in named.items()]
    (COPY / "setup.cfg").write_text("[mutmut]\n" + "".join(lines))
    run("run", "--max-children", "1")
    run("export-cicd-stats")
    stats = json.loads((COPY / "mutants" / "mutmut-cicd-stats.json").read_text())
    progress.say(run("results").stdout)
    noticed = stats["killed"] + stats.get("timeout", 0)
    progress.step(f"changes: {noticed} of {stats['total']} noticed by a test")
    return 0 if noticed == stats["total"] else 1


def run(*arguments: str) -> subprocess.CompletedProcess:
    """The program, in the copy; the tests it runs need no server."""
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1"}
    env = environment.inherited() | nowhere | {"CLEE_TESTING": "1", "DJANGO_SETTINGS_MODULE": "clee_portal.settings"}
    env |= {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "VIRTUAL_ENV": str(VENV)}
    done = subprocess.run(
        [str(VENV / "bin" / "mutmut"), *arguments], cwd=COPY, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(f"mutmut {arguments[0]} did not end well:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done
