"""Finds a Chromium for the browser tests."""

import os
import shutil
import sys
from pathlib import Path

from .messages import Stop

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find() -> str | None:
    """The program, or None. CLEE_CHROMIUM names one; a wrong name is an error, not passed over."""
    if named := os.environ.get("CLEE_CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise Stop(f"CLEE_CHROMIUM names {named}, which is not a program.")
        return named
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    return next((str(path) for path in APPLICATIONS if os.access(path, os.X_OK)), None)


def how_to_get() -> str:
    """How to get one on this kind of machine."""
    if sys.platform == "darwin":
        return "brew install --cask chromium"
    return "apt-get install chromium (Debian), or name one in CLEE_CHROMIUM"
