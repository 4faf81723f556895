"""The parts behind bin/run, bin/test and bin/manage that can be tried without a server."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from bootstrap import binaries, chromium, environment, places, ports, postgres, run
from bootstrap.messages import Progress, Stop

ROOT = Path(__file__).resolve().parents[2]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A state folder of its own; what the real one holds is not touched."""
    monkeypatch.setattr(places, "VAR", tmp_path / "var")
    home = places.Home(tmp_path / "var").make()
    yield home
    for lock in (home.run_lock, home.start_lock, home.use_lock, home.prepare_lock):
        lock.release()


# The state folder


def test_state_folder_is_passed_through_by_others_but_not_read(home):
    assert mode(home.path) == 0o711
    assert mode(home.logs) == 0o700
    assert mode(home.broker) == 0o700


def test_state_folder_leaves_the_folder_above_as_it_is(tmp_path, monkeypatch):
    above = tmp_path / "closed"
    above.mkdir(mode=0o700)
    monkeypatch.setattr(places, "VAR", above / "var")
    places.Home(above / "var").make()
    assert mode(above) == 0o700


def test_state_of_another_account_is_refused_and_left_as_it_is(home, monkeypatch):
    home.path.chmod(0o755)
    monkeypatch.setattr(places.os, "geteuid", lambda: home.path.stat().st_uid + 1)
    with pytest.raises(Stop, match="was made by another account"):
        home.make()
    assert mode(home.path) == 0o755


def test_secrets_are_read_by_nobody_else_and_stay_the_same(home):
    first = home.secrets()
    assert mode(home.secrets_file) == 0o600
    assert set(first) == set(places.SECRET_NAMES)
    assert len(set(first.values())) == len(places.SECRET_NAMES)
    assert home.secrets() == first


def test_secrets_hold_nothing_that_would_need_quoting(home):
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert set("".join(home.secrets().values())) <= allowed


def test_notes_are_changed_one_by_one_and_taken_away_by_none(home):
    home.note(address="http://localhost:8000", children=[1, 2])
    home.note(children=None)
    assert home.state() == {"address": "http://localhost:8000"}
    assert mode(home.state_file) == 0o600


def test_notes_that_were_cut_off_are_as_none(home):
    home.state_file.write_text('{"address": "htt')
    assert home.state() == {}


def test_reset_removes_data_and_keeps_environment_and_locks(home):
    home.secrets()
    home.note(address="x")
    home.log("web").write_text("x")
    (home.path / "venv").mkdir()
    home.run_lock.take()
    home.remove_data()
    assert sorted(path.name for path in home.path.iterdir()) == ["run.lock", "venv"]


def test_log_of_the_run_before_is_kept_beside(home):
    home.log("web").write_text("first")
    assert not home.log("web").exists()
    assert (home.logs / "web.log.1").read_text() == "first"


def test_last_lines_of_a_missing_log_say_so(home):
    assert places.last_lines(home.logs / "web.log") == "    (nothing was logged)"


def test_last_lines_are_the_last_ones(home):
    log = home.log("web")
    log.write_text("\n".join(map(str, range(10))))
    assert places.last_lines(log, 2) == "    8\n    9"


# Locks


def test_lock_is_refused_to_a_second_holder_until_released(home):
    first, second = places.Lock(home.path / "a.lock"), places.Lock(home.path / "a.lock")
    assert first.take(wait=False)
    assert not second.take(wait=False)
    first.release()
    assert second.take(wait=False)
    second.release()


def test_shared_lock_is_given_to_many_and_keeps_a_single_holder_out(home):
    locks = [places.Lock(home.path / "a.lock") for _ in range(3)]
    assert locks[0].take(shared=True, wait=False)
    assert locks[1].take(shared=True, wait=False)
    assert not locks[2].take(wait=False)
    for lock in locks:
        lock.release()


# The environment


@pytest.fixture
def part(tmp_path):
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    (tmp_path / "list.txt").write_text("django==5.2.19\n")
    return environment.Part("trial", [tmp_path / "list.txt"], venv)


def test_environment_without_a_stamp_is_not_installed(part):
    assert not part.is_installed()


def test_environment_with_its_stamp_is_installed(part):
    part.mark_installed()
    assert part.is_installed()


def test_environment_is_installed_again_after_the_list_changed(part):
    part.mark_installed()
    part.files[0].write_text("django==5.2.20\n")
    assert not part.is_installed()


@pytest.mark.parametrize(("version", "expected"), [("3.12.9", True), ("3.13.0", False)])
def test_environment_is_installed_again_only_for_another_minor_python(part, version, expected):
    part.mark_installed()
    (part.venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    assert part.is_installed() is expected


def test_children_are_not_kept_from_writing_compiled_files(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"} & set(environment.inherited())


@pytest.mark.parametrize(
    "file", ["requirements.txt", "deploy/requirements-test.txt", "deploy/requirements-installer.txt"]
)
def test_locked_lists_pin_every_package_by_hash_and_name_no_index(file):
    text = (ROOT / file).read_text()
    pinned = [line for line in text.splitlines() if line[:1].isalnum()]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert "index-url" not in text.replace("--no-emit-index-url", "")
    assert "://" not in text


def test_bootstrap_imports_the_standard_library_only():
    code = "import sys; sys.path.insert(0, 'bin'); import bootstrap.manage, bootstrap.run, bootstrap.testing"
    done = subprocess.run([sys.executable, "-ISc", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# Ports


def test_port_is_taken_while_something_listens():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert ports.is_taken(port)
        assert ports.choose(port) != port
    assert ports.choose(port) == port


@pytest.mark.parametrize("named", ["0", "65536", "web", "-1"])
def test_port_that_is_none_is_refused(monkeypatch, named):
    monkeypatch.setenv("PORT", named)
    with pytest.raises(Stop, match=f"PORT={named} is not a port"):
        run.wanted_port()


@pytest.mark.parametrize(("named", "expected"), [("", 8000), ("1", 1), ("65535", 65535)])
def test_port_is_that_of_the_environment(monkeypatch, named, expected):
    monkeypatch.setenv("PORT", named)
    assert run.wanted_port() == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("my-machine", "127.0.0.1"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "::1"),
    ],
)
def test_host_is_an_address_or_the_loopback(monkeypatch, named, expected):
    monkeypatch.setenv("HOST", named)
    with Path(os.devnull).open("w") as nowhere:
        assert run.wanted_host(Progress(nowhere)) == expected


def test_web_server_is_bound_to_an_address_of_either_family():
    assert "127.0.0.1:8000" in run.web_command("127.0.0.1", 8000)
    assert "[::1]:8000" in run.web_command("::1", 8000)


# Finding programs


def test_debian_folders_are_tried_newest_first(tmp_path):
    for version in ("9", "17", "15", "common"):
        (tmp_path / version / "bin").mkdir(parents=True)
    found = [folder for folder in binaries.postgres_folders(tmp_path) if tmp_path in folder.parents]
    assert [folder.parent.name for folder in found] == ["17", "15", "9"]
    assert binaries.postgres_folders(tmp_path)[0] == binaries.wheel_folder()


def test_wrong_postgres_folder_is_an_error_and_not_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv("CLEE_PG_BIN", str(tmp_path))
    with pytest.raises(Stop, match="CLEE_PG_BIN names"):
        binaries.find_postgres()


def test_wrong_browser_is_an_error_and_not_passed_over(monkeypatch, tmp_path):
    monkeypatch.setenv("CLEE_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(Stop, match="CLEE_CHROMIUM names"):
        chromium.find()


def test_folder_below_a_closed_one_is_closed_to_others(tmp_path):
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert not binaries.open_to_others(inner)


def test_outside_folder_that_is_a_link_is_refused(tmp_path):
    folder = postgres.outside_folder(tmp_path)
    assert mode(folder) == 0o711
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Stop, match="not a folder of this account alone"):
        postgres.outside_folder(tmp_path)


def test_outside_folder_that_others_may_write_to_is_refused(tmp_path):
    folder = postgres.outside_folder(tmp_path)
    folder.chmod(0o777)
    with pytest.raises(Stop, match="not a folder of this account alone"):
        postgres.outside_folder(tmp_path)
