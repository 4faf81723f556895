"""bin/scan --mutants: changes the code that decides, one small thing at a time, and looks whether a test notices."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from . import environment
from .messages import Progress, Stop
from .places import ROOT, VAR

VENV = VAR / "mutants-venv"
LISTS = [environment.RUNTIME, environment.TESTS, ROOT / "deploy" / "requirements-mutants.txt"]
COPY = VAR / "mutants"
# What decides about a license, and what of a file or a form is taken; and the tests that say so without a database.
CODE = (
    "compliance/verdict.py",
    "training/licensing.py",
    "training/hours.py",
    "training/escaping.py",
    "training/imports/dates.py",
    "training/imports/values.py",
    "training/imports/delimited.py",
)
# Of each all functions but those that ask the database.
FUNCTIONS = (
    "compliance.verdict.*",
    "training.licensing.x_state_on__*",
    "training.licensing.x_misfits__*",
    "training.hours.*",
    "training.escaping.*",
    "training.imports.*",
)
TESTS = (
    "compliance/tests/test_verdict.py",
    "training/tests/test_licensing.py",
    "training/tests/test_hours.py",
    "training/tests/imports/test_import_values.py",
    "training/tests/imports/test_delimited.py",
    "training/tests/imports/test_import_reading.py",
    "training/tests/imports/test_hostile_files.py",
    "training/tests/test_tables.py",
)
LEFT_OUT = "not million and not harm and not bomb and not xlsx and not csv"  # slow, or about other code
# Changes that no test can notice, or should: the function, the line before and after, and why.
SAME_CODEC = "the name of an encoding, which may be written in capitals too"
SAME_PATTERN = "a pattern that is compared without regard to capitals"
LOOKED_AT = {
    ("decode", 'return _decode(data, "utf-16-le" if odd else "utf-16-be")',
     'return _decode(data, "UTF-16-LE" if odd else "utf-16-be")'): SAME_CODEC,
    ("decode", 'return _decode(data, "utf-16-le" if odd else "utf-16-be")',
     'return _decode(data, "utf-16-le" if odd else "UTF-16-BE")'): SAME_CODEC,
    ("decode", 'return data.decode("utf-8")', 'return data.decode("UTF-8")'): SAME_CODEC,
    ("decode", 'return data.decode("cp1252", errors="replace")',
     'return data.decode("CP1252", errors="replace")'): SAME_CODEC,
    ("rows", r'if re.match(r"\s*<(!doctype html|html|table|\?xml)", text, re.IGNORECASE):',
     r'if re.match(r"\s*<(!DOCTYPE HTML|HTML|TABLE|\?XML)", text, re.IGNORECASE):'): SAME_PATTERN,
    ("read_county", r'text = re.sub(r"\s+(county|co\.?)$", "", text, flags=re.IGNORECASE)',
     r'text = re.sub(r"\s+(COUNTY|CO\.?)$", "", text, flags=re.IGNORECASE)'): SAME_PATTERN,
    ("read_county", "listed = None", 'listed = ""'): "neither is a list",
    ("lines_with_topics_anywhere", "if take > 0:", "if take >= 0:"):
        "no hours placed are left out again where lines are made",
    ("find_delimiter", "continue", "break"): "where the first rows are blank they are so whatever divides them",
    ("find_delimiter", "if (score := how_often * (width - 1) * divided**4) > best_score:",
     "if (score := how_often * (width - 1) * divided**5) > best_score:"): "a weight; no one number is the right one",
}  # fmt: skip
# Each change is tried in a copy of a process that has run the tests once: what it remembers would hide the change.
FORGET = """

@pytest.fixture(autouse=True)
def nothing_is_remembered():
    from training.imports import dates, values  # mutated only once they are imported

    for one in [*vars(dates).values(), *vars(values).values()]:
        if hasattr(one, "cache_clear"):
            one.cache_clear()
"""


def main(progress: Progress, names: list[str]) -> int:
    """Tries every change, or those of the functions named (`training.hours.*`); 1 where one is left that no test
    noticed and nobody looked at. What is left is listed."""
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
    run("run", "--max-children", "1", *(names or FUNCTIONS))
    tried = [line.strip().rsplit(": ", 1) for line in run("results", "--all", "true").stdout.splitlines()]
    fates = {name: fate for name, fate in tried if fate != "not checked"}
    return 0 if told_of(progress, fates) else 1


def told_of(progress: Progress, fates: dict[str, str]) -> bool:
    """Says what became of the changes; whether none is left that no test noticed and nobody looked at."""
    every, noticed, reasons = Counter(), Counter(), Counter()
    left = []
    for name, fate in fates.items():
        code, _, mutant = name.rpartition(".")
        function = mutant.removeprefix("x_").partition("__mutmut")[0]
        every[code] += 1
        if fate in ("killed", "timeout"):
            noticed[code] += 1
        elif reason := LOOKED_AT.get((function, *change_of(name))):
            reasons[code] += 1
            progress.say(f"{name}: looked at ({reason})")
        else:
            left.append(name)
            progress.say(f"{name}: {fate}\n    - {change_of(name)[0]}\n    + {change_of(name)[1]}")
    for code, several in every.items():
        progress.say(f"{code}: {noticed[code]} of {several} noticed, {reasons[code]} looked at")
    progress.step(
        f"changes: {noticed.total()} of {every.total()} noticed by a test, {reasons.total()} looked at that make no "
        f"difference, {len(left)} left"
    )
    return not left


def change_of(name: str) -> tuple[str, str]:
    """A change: the line before and the line after."""
    lines = run("show", name).stdout.splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and not line.startswith(sign * 3))
        for sign in "-+"
    )
    return before, after


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
