"""The Python environment under var/venv: made once, installed from the hash-locked lists, repeated when they change."""

import hashlib
import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

from .messages import Progress, Stop
from .places import ROOT, VAR, Home, Lock, last_lines, shown
from .processes import run_watched

VENV = VAR / "venv"
PYTHON = VENV / "bin" / "python"
INSTALLER = ROOT / "deploy" / "requirements-installer.txt"
RUNTIME = ROOT / "requirements.txt"
TESTS = ROOT / "deploy" / "requirements-test.txt"

UNWANTED = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "__PYVENV_LAUNCHER__",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
)


def inherited() -> dict:
    """The environment for everything we start: ours, without what would bend Python or slow each of its starts."""
    return {name: value for name, value in os.environ.items() if name not in UNWANTED} | {"VIRTUAL_ENV": str(VENV)}


def fingerprint(files: list[Path], version: str) -> str:
    """What an installation depends on: the locked lists, the Python version (major.minor) and the kind of machine."""
    digest = hashlib.sha256(f"{version} {sys.platform} {platform.machine()}".encode())
    for file in files:
        digest.update(b"\0" + file.read_bytes())
    return digest.hexdigest()


class Part:
    """A set of lists installed together, with a stamp that is written when the installation is complete."""

    def __init__(self, name: str, files: list[Path], venv: Path = VENV):
        self.name = name
        self.files = files
        self.venv = venv
        self.stamp = venv / f".installed-{name}"

    def is_installed(self) -> bool:
        """Whether exactly this was installed, to the end, by this Python."""
        try:
            return self.stamp.read_text() == fingerprint(self.files, version_of(self.venv))
        except FileNotFoundError:
            return False

    def mark_installed(self) -> None:
        """Writes the stamp; the last thing an installation does."""
        self.stamp.write_text(fingerprint(self.files, version_of(self.venv)))


def version_of(venv: Path) -> str:
    """The Python version (major.minor) an environment was made with."""
    for line in (venv / "pyvenv.cfg").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "version":
            return ".".join(value.strip().split(".")[:2])
    raise FileNotFoundError(venv / "pyvenv.cfg")


def runtime() -> Part:
    """What the portal needs to run."""
    return Part("runtime", [RUNTIME])


def with_tests() -> Part:
    """What the tests need on top of it."""
    return Part("tests", [RUNTIME, TESTS])


def packages_fingerprint() -> str:
    """Changes whenever the installed packages do."""
    return fingerprint([RUNTIME], version_of(VENV))


def ensure(progress: Progress, *, tests: bool = False) -> None:
    """Makes the environment, or brings it up to the lists; does nothing when it is complete already."""
    home = Home().make()
    parts = [runtime(), with_tests()] if tests else [runtime()]
    if _is_usable() and all(part.is_installed() for part in parts):
        return
    with Lock(VAR / "environment.lock"):
        if not _is_usable():
            _make(progress)
        missing = [part for part in parts if not part.is_installed()]
        if missing:
            _install(progress, missing, home)


def _is_usable() -> bool:
    """Whether the environment's Python starts and has pip; known without asking when it is the one running this."""
    if not PYTHON.exists():
        return False
    if Path(sys.prefix) == VENV:
        return importlib.util.find_spec("pip") is not None
    asked = subprocess.run(
        [PYTHON, "-c", "import sys, pip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"],
        env=inherited(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return asked.returncode == 0


def _make(progress: Progress) -> None:
    base = sys._base_executable
    known = subprocess.run([base, "-c", "import ensurepip, venv"], env=inherited(), stderr=subprocess.DEVNULL)
    if known.returncode:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Stop(
            f"Python {version} at {base} comes without the module that makes environments.\n"
            f"Debian and Ubuntu: apt-get install python{version}-venv"
        )
    progress.step(f"making the Python environment in {shown(VENV)} (Python {platform.python_version()})")
    made = subprocess.run([base, "-m", "venv", "--clear", VENV], env=inherited(), capture_output=True, text=True)
    if made.returncode:
        raise Stop(f"The Python environment could not be made:\n{made.stdout}{made.stderr}")


def _install(progress: Progress, parts: list[Part], home: Home) -> None:
    os.umask(0o022)  # the database's own account has to read the server's files
    lists = list(dict.fromkeys(file for part in parts for file in part.files))
    log = home.log("install")
    named = [argument for file in lists for argument in ("-r", str(file))]
    env = inherited()
    progress.step("installing packages, once (log: " + shown(log) + ")")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--require-hashes"]
    # Without --compile-bytecode: Python compiles what is imported, which is a small part of what is installed.
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "--require-hashes"]
    code = run_watched(progress, "installing the installer uv", [*pip, "-r", str(INSTALLER)], log=log, env=env)
    if code == 0:
        code = run_watched(progress, "installing packages", [*uv, *named], log=log, env=env)
    if code != 0:
        progress.step("the installer uv did not do it (see the log): installing with pip, which takes longer")
        code = run_watched(progress, "installing packages with pip", [*pip, *named], log=log, env=env)
    if code != 0:
        raise Stop(
            f"The packages could not be installed. The last lines of {shown(log)}:\n{last_lines(log)}\n"
            "Without a network nothing can be installed; run the same command again once there is one."
        )
    for part in parts:
        part.mark_installed()
    progress.step("packages installed")
