"""bin/test: every test, on servers of its own that are removed afterwards; the browser tests in a second call."""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from . import chromium, environment, template
from .environment import PYTHON
from .messages import Progress
from .places import ROOT, VAR, Home
from .postgres import Postgres
from .processes import die_with_parent, stop_listening
from .servers import Servers

HELP = """\
Runs every test, browser tests included, on servers of its own. Anything else on the command line goes to pytest:
  bin/test training/tests/test_classes.py -k roster -x
  bin/test -n 2                                          (two test processes at a time)
TEST_DATABASE_URL and TEST_REDIS_URL replace the servers of its own. CLEE_CHROMIUM names a browser; with CI=true a
missing one is a failure."""

NO_TESTS = 5  # pytest's exit code when nothing matched


def main(arguments: list[str]) -> int:
    """Runs the tests and returns pytest's exit code, the first that is not a success."""
    parser = argparse.ArgumentParser(
        prog="bin/test", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--prepare", action="store_true", help="install what the tests need, and run none")
    options, for_pytest = parser.parse_known_args(arguments)
    progress = Progress()
    environment.ensure(progress, tests=True)
    if options.prepare:
        return 0
    browser = chromium.find()
    Home().make()
    remove_left_over()
    home = Home(VAR / f"test-{os.getpid()}").make()
    home.run_lock.take()
    servers = Servers.of_the_tests(home)
    try:
        made_from = {"TEST_DATABASE_TEMPLATE": template.start_from_copy(home, progress)} if servers.postgres else {}
        servers.join(progress)
        return run(servers, progress, for_pytest, browser, made_from)
    finally:
        stop_listening()
        servers.leave()
        remove(home)


def run(servers: Servers, progress: Progress, arguments: list[str], browser: str | None, settings: dict) -> int:
    """The tests without a browser, then those with one; `settings` are added to their environment."""
    env = servers.test_environment() | settings
    expression, arguments = taken_out_marker(arguments)
    codes = []
    if has_tests_without_browser(arguments) and not leaves_out("not browser", expression):
        codes.append(pytest(arguments, both("not browser", expression), env))
    stopped = codes == [2]  # by the person
    if has_browser_tests(arguments) and not leaves_out("browser", expression) and not stopped:
        if browser:
            codes.append(pytest(arguments, both("browser", expression), env | {"CLEE_CHROMIUM": browser}))
        elif files := browser_test_files():
            left_out = ", ".join(str(file.relative_to(ROOT)) for file in files)
            progress.say(f"Left out, as no Chromium was found: {left_out}. To get one: {chromium.how_to_get()}")
            if os.environ.get("CI") == "true":
                codes.append(1)
    failed = [code for code in codes if code not in (0, NO_TESTS)]
    if failed:
        return failed[0]
    return 0 if 0 in codes else NO_TESTS


def pytest(arguments: list[str], expression: str, env: dict) -> int:
    """One call of pytest, in front."""
    process = subprocess.Popen(
        [str(PYTHON), "-m", "pytest", "-m", expression, *arguments],
        cwd=ROOT,
        env=env,
        preexec_fn=die_with_parent(os.getpid()),
    )
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def taken_out_marker(arguments: list[str]) -> tuple[str, list[str]]:
    """A marker expression given with -m, and the other arguments."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", default="")
    known, others = parser.parse_known_args(arguments)
    return known.m, others


def both(first: str, second: str) -> str:
    """Two marker expressions, both of which have to hold."""
    return f"{first} and ({second})" if second else first


def leaves_out(kind: str, expression: str) -> bool:
    """Whether a marker expression says by its beginning that no test of a kind is meant: to collect them takes long."""
    other = "browser" if kind == "not browser" else "not browser"
    return " or " not in expression and f"{expression} and ".startswith(f"{other} and ")


def named_files(arguments: list[str]) -> list[Path] | None:
    """The test files named on the command line; None when none, or a folder, is named too."""
    paths = [ROOT / argument.partition("::")[0] for argument in arguments if not argument.startswith("-")]
    paths = [path for path in paths if path.exists()]
    return paths if paths and all(path.is_file() for path in paths) else None


def is_browser_file(path: Path) -> bool:
    """Whether a test file has browser tests: by its folder, or by the marker in it."""
    return "browser" in path.parent.parts or "mark.browser" in path.read_text(errors="replace")


def has_tests_without_browser(arguments: list[str]) -> bool:
    """Whether such tests can be meant; False only for files that all lie in a browser folder."""
    files = named_files(arguments)
    return files is None or not all("browser" in path.parent.parts for path in files)


def has_browser_tests(arguments: list[str]) -> bool:
    """Whether browser tests can be meant; False only for files none of which has any."""
    files = named_files(arguments)
    return files is None or any(map(is_browser_file, files))


def browser_test_files() -> list[Path]:
    """Every file with browser tests."""
    return sorted(
        path for path in ROOT.glob("*/**/tests/**/test_*.py") if VAR not in path.parents and is_browser_file(path)
    )


def remove(home: Home) -> None:
    """Removes the state of one test run. Its servers must be stopped."""
    Postgres(home, for_tests=True).remove()
    shutil.rmtree(home.path, ignore_errors=True)


def remove_left_over() -> None:
    """Removes what test runs that were killed left behind, with their servers; never that of one that still runs."""
    for path in VAR.glob("test-*"):
        if not path.name.removeprefix("test-").isdigit() or path.stat().st_uid != os.geteuid():
            continue
        home = Home(path)
        if home.run_lock.take(wait=False):
            Servers(home, for_tests=True).stop_all()
            remove(home)
            home.run_lock.release()
