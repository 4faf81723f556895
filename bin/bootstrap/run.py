"""bin/run: the whole portal, from nothing to the first page, until Ctrl-C."""

import argparse
import http.client
import ipaddress
import os
import shutil
import subprocess
import sys
import time

from . import environment, mo_login, ports, prepare
from .environment import PYTHON
from .messages import Interrupted, Progress, Stop
from .places import VAR, Home, last_lines, shown
from .postgres import Postgres
from .processes import Child, end_left_over, stop_listening
from .servers import Servers

HELP = """\
Starts the portal: makes its environment, starts its own PostgreSQL and Redis-compatible server, migrates, loads a
demonstration state the first time, and runs web server, worker, beat and a demonstration of MO Login until Ctrl-C.

PORT=8000 changes the port, HOST=0.0.0.0 lets other machines in (name them in ALLOWED_HOSTS too).
DATABASE_URL and REDIS_URL replace the embedded servers; CLEE_PG_BIN names another PostgreSQL's programs.
State lives in var/."""

WEB_PATIENCE = 60  # seconds until the first page must have answered
MARK = str(PYTHON)  # in the command line of each of our processes


def main(arguments: list[str]) -> int:
    """Runs the portal; the exit code is 0 after Ctrl-C, 1 when something of it ended by itself."""
    parser = argparse.ArgumentParser(
        prog="bin/run", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reset", action="store_true", help="remove the embedded data and logs first, and start over")
    parser.add_argument("--yes", action="store_true", help="do not ask before --reset")
    options = parser.parse_args(arguments)
    progress = Progress()
    port, host = wanted_port(), wanted_host(progress)
    home = Home().make()
    if not home.run_lock.take(wait=False):
        raise Stop(f"The portal is already running: {home.state().get('address', 'see the other terminal')}")
    end_children_left_over(home)
    if options.reset:
        reset(home, progress, ask=not options.yes and sys.stdin.isatty())
    if ports.is_taken(port, host):
        raise Stop(f"Port {port} is taken by another program. Choose another one: PORT={port + 1} bin/run")
    return Run(home, progress, host, port).until_the_end()


def wanted_port() -> int:
    """The port named by PORT, else 8000."""
    named = os.environ.get("PORT") or "8000"
    if not named.isdigit() or not 0 < int(named) < 65536:
        raise Stop(f"PORT={named} is not a port: a number from 1 to 65535 is needed.")
    return int(named)


def wanted_host(progress: Progress) -> str:
    """The address named by HOST, else the loopback. Some shells put the machine's name there, which is passed over."""
    named = os.environ.get("HOST", "")
    if named in ("", "localhost"):
        return ports.LOOPBACK
    try:
        ipaddress.ip_address(named)
    except ValueError:
        return ports.LOOPBACK
    if named not in (ports.LOOPBACK, "::1"):
        who = "reach the portal" if os.environ.get("DATABASE_URL") else "use the demonstration accounts"
        progress.say(f"HOST={named}: whoever reaches this machine on the network can {who}.")
    return named


def reset(home: Home, progress: Progress, *, ask: bool) -> None:
    """Removes the embedded data, logs and secrets; the environment stays. Refused while another command uses them."""
    postgres = Postgres(home)
    if ask:
        answer = input(
            f"This removes everything in the embedded database ({shown(postgres.folder)}) for good. Go on? [y/N] "
        )
        if answer.strip().lower() not in ("y", "yes"):
            raise Stop("Nothing was removed.")
    if not home.use_lock.take(wait=False):
        raise Stop("A bin/manage command is using the embedded servers. Let it end, then start over.")
    try:
        Servers(home).stop_all()
        postgres.remove()
        home.remove_data()
        shutil.rmtree(VAR / "static", ignore_errors=True)
    finally:
        home.use_lock.release()
    home.make()
    progress.step("embedded data and logs removed")


def end_children_left_over(home: Home) -> None:
    """After a run that was killed: ends those of its processes that are still there."""
    for pid in home.state().get("children", []):
        end_left_over(pid, MARK)
    home.note(children=None, address=None)


class Run:
    """One run of the portal."""

    def __init__(self, home: Home, progress: Progress, host: str, port: int):
        self.home = home
        self.progress = progress
        self.host = host
        self.port = port
        self.address = f"http://localhost:{port}"
        self.servers = None
        self.mo_login = None
        self.children: list[Child] = []

    def until_the_end(self) -> int:
        """Starts everything, waits, and stops everything in order, whatever happens in between."""
        code = 0
        try:
            self.start()
            while True:
                for _ in range(5):
                    time.sleep(0.4)
                    self.children_must_be_running()
                self.servers.must_be_running()
        except (Interrupted, KeyboardInterrupt):
            stop_listening()
            self.progress.say("\nStopping …")
        except Stop as problem:
            stop_listening()
            code = 1
            self.progress.say(f"\n{problem}\n\nStopping …")
        finally:
            stop_listening()
            self.stop()
        return code

    def start(self) -> None:
        """From nothing to the first page."""
        progress = self.progress
        progress.say("Starting the CLEE Portal. Ctrl-C stops it.")
        self.home.note(address=self.address)
        environment.ensure(progress)
        self.servers = Servers.of_the_portal()
        self.servers.join(progress)
        with prepare.static(self.servers, progress):
            prepare.database(self.servers, progress)
            prepare.demonstration(self.servers, progress)
        if mo_login.is_wanted(is_embedded=self.servers.is_embedded, host=self.host):
            self.mo_login = mo_login.MoLogin(self.home, self.port)
            self.start_child("mo-login", self.mo_login.command())
        self.start_child("web", web_command(self.host, self.port))
        if self.mo_login:
            prepare.connected(self.servers, progress, self.mo_login)
        self.wait_for_first_page()
        progress.step("first page served")
        self.wait_for_mo_login()
        self.start_child("worker", worker_command())
        self.start_child("beat", beat_command())
        self.welcome()

    def start_child(self, name: str, command: list[str]) -> None:
        """Starts one of the portal's processes and notes it for the run after a killed one."""
        env = {"PORTAL_URL": self.address} | self.servers.environment()
        if self.mo_login:
            env |= self.mo_login.environment()
        child = Child(name, [str(PYTHON), "-m", *command], env=env, log=self.home.log(name))
        self.children.append(child)
        self.home.note(children=[child.pid for child in self.children])

    def wait_for_first_page(self) -> None:
        """Waits until the home page is answered without an error."""
        until = time.monotonic() + WEB_PATIENCE
        answer = "no answer"
        while time.monotonic() < until:
            self.children_must_be_running()
            answer = first_page(self.host, self.port)
            if isinstance(answer, int) and answer < 500:
                return
            time.sleep(0.05 if isinstance(answer, str) else 1)
        log = self.home.logs / "web.log"
        raise Stop(f"The home page was not served ({answer}). The last lines of {shown(log)}:\n{last_lines(log)}")

    def wait_for_mo_login(self) -> None:
        """Waits until the demonstration of MO Login answers, where there is one."""
        until = time.monotonic() + WEB_PATIENCE
        while self.mo_login and not self.mo_login.answers():
            self.children_must_be_running()
            if time.monotonic() > until:
                log = self.home.logs / "mo-login.log"
                raise Stop(f"The demonstration of MO Login does not answer. {shown(log)} ends:\n{last_lines(log)}")
            time.sleep(0.1)

    def children_must_be_running(self) -> None:
        """Raises Stop once one of the processes has ended by itself."""
        for child in self.children:
            child.must_be_running()

    def welcome(self) -> None:
        """Says where the portal is, who can sign in, and where its state lives."""
        say = self.progress.say
        say(f"\nThe portal is at {self.address}\n")
        if self.servers.is_embedded:
            say(demonstration_accounts(self.servers))
        if self.mo_login:
            say(f"Demonstration of MO Login, not the state's sign-in: {self.mo_login.issuer}\n")
        where = shown(VAR) + "/"
        if self.servers.postgres and self.servers.postgres.is_outside:
            where += f" and {self.servers.postgres.folder}"
            say("This folder is closed to other accounts, and PostgreSQL never runs as root: its data is elsewhere.")
        over = "   Start over: bin/run --reset" if self.servers.is_embedded else ""
        say(f"State: {where}   Logs: {shown(self.home.logs)}/{over}")

    def stop(self) -> None:
        """Web first, then MO Login, beat and worker, then the broker, PostgreSQL last."""
        began = time.monotonic()
        by_name = {child.name: child for child in self.children}
        for name in ("web", "mo-login", "beat", "worker"):
            if name in by_name:
                by_name[name].stop()
        self.home.note(children=None, address=None)
        if self.servers is not None and not self.servers.leave():
            self.progress.say("A bin/manage command is still running: the embedded servers stop when it ends.")
        self.progress.say(f"Stopped, in {time.monotonic() - began:.1f} s.")


def web_command(host: str, port: int) -> list[str]:
    """The web server: two processes of four threads."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (
        f"gunicorn clee_portal.wsgi:application --config deploy/gunicorn.conf.py --bind {bind} --graceful-timeout 10"
    ).split()


def worker_command() -> list[str]:
    """The worker: two tasks at a time."""
    options = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return ["celery", "-A", "clee_portal", "worker", *options]


def beat_command() -> list[str]:
    """The clock that says when to look for what is due; what is due, the database knows."""
    scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
    return f"celery -A clee_portal beat --loglevel INFO --pidfile= --scheduler {scheduler}".split()


def first_page(host: str, port: int) -> int | str:
    """The status of the home page, or in words why there is none."""
    local = ports.EVERYWHERE.get(host, host)
    name = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection(local, port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": f"{name}:{port}"})
        return connection.getresponse().status
    except OSError as error:
        return str(error)
    except http.client.HTTPException as error:
        return repr(error)
    finally:
        connection.close()


def demonstration_accounts(servers: Servers) -> str:
    """The accounts to sign in with, in the words of the command that knows them."""
    asked = subprocess.run(
        [PYTHON, "manage.py", "demonstration_accounts"],
        cwd=environment.ROOT,
        env=servers.environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    if asked.returncode:
        return "The demonstration accounts could not be listed:\n" + "\n".join(asked.stderr.splitlines()[-5:]) + "\n"
    return asked.stdout
