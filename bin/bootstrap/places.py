"""Where state lives: the folder `var`, its secrets and notes, and the locks that keep two commands apart."""

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path

from .messages import Stop

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"

FOLDER_MODE = 0o711  # the database's own account passes through, and cannot look around
SECRET_MODE = 0o600
SECRET_NAMES = ("superuser", "owner", "app", "broker", "secret_key", "field_key", "signing_key", "home", "mo_login")


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "w") as file:
        file.write(text)
    new.replace(path)


def new_secret(name: str) -> str:
    """A secret made by chance, in the form its use asks for."""
    return secrets.token_urlsafe({"secret_key": 50, "field_key": 32, "signing_key": 32}.get(name, 24))


class Lock:
    """A lock on a file, for one holder or (shared) for many; it ends with the process that holds it."""

    def __init__(self, path: Path):
        self.path = path
        self._file = None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Takes the lock, or changes one held already; False when another holds it and `wait` is off."""
        if self._file is None:
            try:
                self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, SECRET_MODE), "r+")
            except PermissionError:
                raise Stop(belongs_to_another(self.path)) from None
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Gives the lock up; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self):
        self.take()
        return self

    def __exit__(self, *unused):
        self.release()


def belongs_to_another(path: Path) -> str:
    """The sentence for a file or folder that another account made."""
    return (
        f"{path} was made by another account, so this one may not use it.\n"
        "As that account, run the command, or start over with bin/run --reset;\n"
        f"or remove {shown(VAR)}/ and start over here."
    )


class Home:
    """One state folder: `var` for bin/run and bin/manage, `var/test-N` for one run of bin/test."""

    def __init__(self, path: Path = VAR):
        self.path = path
        self.logs = path / "logs"
        self.broker = path / "broker"
        self.seals = path / "seals"
        self.sealing_key = path / "sealing-key.pem"
        self.secrets_file = path / "secrets.json"
        self.state_file = path / "servers.json"
        self.run_lock = Lock(path / "run.lock")
        self.start_lock = Lock(path / "start.lock")
        self.use_lock = Lock(path / "use.lock")
        self.prepare_lock = Lock(path / "prepare.lock")

    @property
    def is_the_portal(self) -> bool:
        """Whether this is the state that bin/run uses, rather than that of a test run."""
        return self.path == VAR

    def make(self) -> "Home":
        """Makes the folder, with its modes; never touches a folder above it."""
        try:
            if VAR.exists() and VAR.stat().st_uid != os.geteuid():
                raise Stop(belongs_to_another(VAR))
            for folder, mode in (
                (VAR, FOLDER_MODE),
                (self.path, FOLDER_MODE),
                (self.logs, 0o700),
                (self.broker, 0o700),
            ):
                folder.mkdir(exist_ok=True)
                if folder.stat().st_mode & 0o777 != mode:
                    folder.chmod(mode)
        except PermissionError as error:
            raise Stop(belongs_to_another(Path(error.filename))) from None
        return self

    def secrets(self) -> dict:
        """The passwords of this home, made by chance the first time."""
        try:
            known = json.loads(self.secrets_file.read_text())
        except FileNotFoundError:
            known = {}
        except PermissionError:
            raise Stop(belongs_to_another(self.secrets_file)) from None
        if missing := [name for name in SECRET_NAMES if name not in known]:
            known |= {name: new_secret(name) for name in missing}
            write_private(self.secrets_file, json.dumps(known))
        return known

    def state(self) -> dict:
        """What is running: ports and process ids; empty when nothing was noted."""
        try:
            return json.loads(self.state_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def note(self, **changes) -> None:
        """Changes the notes of `state`; None takes a note away."""
        state = {name: value for name, value in (self.state() | changes).items() if value is not None}
        write_private(self.state_file, json.dumps(state))

    def log(self, name: str) -> Path:
        """A fresh log file for a process; the one of the run before is kept beside it."""
        path = self.logs / f"{name}.log"
        if path.exists():
            path.replace(path.with_suffix(".log.1"))
        return path

    def remove_data(self) -> None:
        """Removes what the embedded servers keep, with logs, secrets and seals; never the environment, never a lock."""
        for folder in (self.logs, self.broker, self.seals):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.secrets_file, self.state_file, self.sealing_key):
            file.unlink(missing_ok=True)


def last_lines(path: Path, count: int = 15) -> str:
    """The end of a log, indented, for a message."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return "    (nothing was logged)"
    return "\n".join("    " + line for line in lines[-count:]) or "    (nothing was logged)"


def shown(path: Path) -> str:
    """A path as a person at the checkout would type it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
