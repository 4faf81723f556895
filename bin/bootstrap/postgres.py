"""The embedded PostgreSQL: one cluster per state folder, on the loopback with passwords, never run as root."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import binaries, ports
from .messages import Stop
from .places import ROOT, Home, belongs_to_another, last_lines, shown, write_private
from .processes import is_running, wait_gone

FIRST_PORT = 54320
SUPERUSER, OWNER, APPLICATION, DATABASE = "postgres", "clee_owner", "clee_app", "clee"
MAX_CONNECTIONS = 120
OUTSIDE = Path("/var/tmp")  # noqa: S108 (kept over a restart; what is made in it is checked to be ours alone)  # nosec B108
PSQL = ["-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-h", ports.LOOPBACK, "-U", SUPERUSER, "-d", "postgres"]
START_OVER = "Nothing of it is touched. To remove it and start over: bin/run --reset"

ROLES = """
SET pg_stat_statements.track_utility = off;
SELECT 'CREATE ROLE {owner}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec
SELECT 'CREATE ROLE {app}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{app}') \\gexec
ALTER ROLE {owner} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS PASSWORD '{owner_password}';
ALTER ROLE {app} LOGIN NOCREATEDB NOCREATEROLE NOSUPERUSER NOREPLICATION NOBYPASSRLS PASSWORD '{app_password}';
GRANT {app} TO {owner} WITH ADMIN OPTION;
SELECT 'CREATE DATABASE {database} OWNER {owner}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
\\connect {database}
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
"""


@dataclass(frozen=True)
class Account:
    """The account of the system that PostgreSQL runs as."""

    uid: int
    gid: int
    is_ours: bool

    @property
    def switch(self) -> dict:
        """What `subprocess` needs to run something as this account."""
        return {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}


def account() -> Account:
    """Ours; for root, whom PostgreSQL refuses, that of `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_ours=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, is_ours=False)


def outside_folder(parent: Path = OUTSIDE) -> Path:
    """For root in a checkout closed to others: a folder of root's own, named after it, that `nobody` may pass."""
    folder = parent / f"clee-portal-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    try:
        folder.mkdir(mode=0o711)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise Stop(
                f"{folder} is not a folder of this account alone, so no data is put there. Remove it first."
            ) from None
    folder.chmod(0o711)
    return folder


class Postgres:
    """The cluster of one state folder."""

    def __init__(self, home: Home, *, for_tests: bool = False):
        self.home = home
        self.for_tests = for_tests
        self.account = account()
        self.is_outside = not self.account.is_ours and not binaries.open_to_others(home.path)
        self.folder = outside_folder() / home.path.name if self.is_outside else home.path / "postgres"
        self.data = self.folder / "data"
        self.port = None
        self.pid = None

    # What can be asked

    @property
    def exists(self) -> bool:
        """Whether the cluster was made."""
        return self.folder.exists() and self.data.exists()

    def url(self, role: str) -> str:
        """The address of the database for one of the two roles."""
        password = self.home.secrets()["owner" if role == OWNER else "app"]
        return f"postgres://{role}:{password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def is_running(self) -> bool:
        """Whether the server process is there and is that of this cluster."""
        return self.pid is not None and is_running(self.pid, str(self.data))

    # Starting

    def start(self) -> None:
        """Starts the server, making the cluster the first time; ends one left over by a killed run before."""
        self.programs = self.find_programs()
        major, self.version = binaries.postgres_version(self.programs, **self.account.switch)
        if major < binaries.OLDEST_POSTGRES:
            raise Stop(
                f"PostgreSQL {self.version} in {self.programs} is\n"
                f"too old: {binaries.OLDEST_POSTGRES} is the oldest that will do."
            )
        if not self.exists:
            self._initialise(major)
        self._must_be_usable(major)
        self.stop_left_over()
        self._start_server()
        self._make_roles()

    def find_programs(self) -> Path:
        """The folder of PostgreSQL's programs that the account can use, copied to where it can pass if need be."""
        found = binaries.find_postgres()
        is_wheel = found == binaries.wheel_folder()
        sample = found.parent / "share" / "postgres.bki" if is_wheel else found / "postgres"
        if self.account.is_ours or (binaries.open_to_others(sample) and binaries.open_to_others(found)):
            return found
        if is_wheel:
            return binaries.copy_wheel(outside_folder())
        raise Stop(f"PostgreSQL in {found} cannot be used by the account nobody, as which it runs for root.")

    def _initialise(self, major: int) -> None:
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o711)
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password = self.folder / "password"
        write_private(password, self.home.secrets()["superuser"])
        os.chown(new, self.account.uid, self.account.gid)
        os.chown(password, self.account.uid, self.account.gid)
        locale = (
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else ["--locale=C"]
        )
        command = [self.programs / "initdb", "-D", new, "-U", SUPERUSER, "-E", "UTF8", "-A", "scram-sha-256"]
        command += ["--pwfile", password, "--no-instructions", *locale, *(["--no-sync"] if self.for_tests else [])]
        log = self.home.log("initdb")
        try:
            if self._run(command, log):
                raise Stop(f"PostgreSQL's data folder could not be made:\n{last_lines(log)}")
        finally:
            password.unlink(missing_ok=True)
        write_private(self.folder / "home", self.home.secrets()["home"])
        new.rename(self.data)

    def _must_be_usable(self, major: int) -> None:
        """Refuses data of another account, another checkout or another major version, each in its own words."""
        if self.data.stat().st_uid != self.account.uid:
            raise Stop(belongs_to_another(self.data))
        if (self.folder / "home").read_text() != self.home.secrets()["home"]:
            raise Stop(f"The database in {self.folder} is that of an earlier checkout in this folder.\n{START_OVER}")
        made_with = (self.data / "PG_VERSION").read_text().strip()
        if made_with != str(major):
            raise Stop(
                f"The database in {self.data} was made by PostgreSQL {made_with}; this is {self.version}.\n{START_OVER}"
            )

    def _start_server(self) -> None:
        wanted = self.home.state().get("postgres", {}).get("port") or FIRST_PORT
        for _ in range(5):
            self.port = ports.choose(wanted)
            log = self.home.log("postgres")
            if (
                self._run(
                    [self.programs / "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-o", self._options()], log
                )
                == 0
            ):
                break
            if "Address already in use" not in log.read_text(errors="replace"):
                raise Stop(f"PostgreSQL did not start. The last lines of {shown(log)}:\n{last_lines(log)}")
            wanted = self.port + 1
        else:
            raise Stop("PostgreSQL found no free port on this machine.")
        self.pid = self._pid_on_file()
        self.home.note(postgres={"port": self.port, "pid": self.pid})

    def _options(self) -> str:
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "shared_preload_libraries": "pg_stat_statements",
            "max_connections": MAX_CONNECTIONS,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.for_tests:  # nothing in it has to outlive a power cut
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return " ".join(f"-c {name}={value}" for name, value in settings.items())

    def _make_roles(self) -> None:
        secrets = self.home.secrets()
        script = ROLES.format(
            owner=OWNER,
            app=APPLICATION,
            database=DATABASE,
            owner_password=secrets["owner"],
            app_password=secrets["app"],
        )
        made = self.folder / "roles"
        mark = hashlib.sha256(script.encode()).hexdigest()
        if made.exists() and made.read_text() == mark:
            return
        passwords = self.home.path / "pgpass"
        write_private(passwords, f"{ports.LOOPBACK}:*:*:{SUPERUSER}:{secrets['superuser']}\n")
        try:
            done = subprocess.run(
                [self.programs / "psql", *PSQL, "-p", str(self.port), "-f", "-"],
                input=script,
                capture_output=True,
                text=True,
                env=self._env() | {"PGPASSFILE": str(passwords)},
            )
        finally:
            passwords.unlink(missing_ok=True)
        if done.returncode:
            self.stop()
            raise Stop(f"The database's roles could not be made: {done.stderr.strip()}\n{START_OVER}")
        write_private(made, mark)

    # Stopping

    def stop(self) -> None:
        """Stops the server, ending its sessions; a crash-safe stop where it takes too long."""
        if not self.is_running():
            return
        log = self.home.logs / "postgres.log"
        stop = [self.find_programs() / "pg_ctl", "stop", "-w", "-D", self.data]
        if self._run([*stop, "-t", "20", "-m", "fast"], log):
            self._run([*stop, "-t", "20", "-m", "immediate"], log)
        wait_gone(self.pid, str(self.data), 5)
        self.pid = None
        self.home.note(postgres={"port": self.port} if self.port else None)

    def stop_left_over(self) -> None:
        """Stops a server that a killed run left behind. Its note is removed if the number is another's now."""
        self.pid = self._pid_on_file()
        if self.pid is None:
            return
        self.stop()
        if not self.is_running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def adopt(self, noted: dict) -> bool:
        """Takes over what another command of ours started; False when it is not there any more."""
        self.port, self.pid = noted["port"], noted["pid"]
        return self.is_running()

    def remove(self) -> None:
        """Removes the cluster for good. The server must be stopped."""
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
        except PermissionError as error:
            raise Stop(belongs_to_another(Path(error.filename))) from None

    def _pid_on_file(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _env(self) -> dict:
        return {"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)}

    def _run(self, command: list, log: Path) -> int:
        """Runs a program as the account; its output goes to a file, since the server keeps it open."""
        with log.open("ab") as output:
            return subprocess.run(
                command,
                cwd="/",
                env=self._env(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.switch,
            ).returncode
