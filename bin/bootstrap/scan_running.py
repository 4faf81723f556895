"""bin/scan --running: attacks a running portal, in every role, with a scanner that knows all of its addresses."""

import os
import subprocess
from pathlib import Path

from . import environment
from .messages import Progress
from .places import ROOT, VAR
from .processes import die_with_parent

VENV = VAR / "scan-running-venv"
LISTS = [ROOT / "deploy" / "requirements-scan-running.txt"]
WHAT = "clee_portal.tests.scanned"


def scanner() -> Path:
    """The program, in an environment of its own."""
    return VENV / "bin" / "wapiti"


def main(progress: Progress, arguments: list[str]) -> int:
    """Scans, on servers of its own; 1 where anything was found. `arguments` are those of the scanning module."""
    environment.ensure(progress, tests=True)
    paths = os.pathsep.join((str(ROOT), str(ROOT / "bin")))
    env = environment.inherited() | {"PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": "clee_portal.settings"}
    command = [str(environment.PYTHON), "-m", WHAT, str(scanner()), *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, preexec_fn=die_with_parent(os.getpid()), check=False).returncode
