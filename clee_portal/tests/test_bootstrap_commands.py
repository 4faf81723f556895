"""What bin/run, bin/test and bin/manage start, with which environment, and what they say."""

import json
import os
import sys
from pathlib import Path

import pytest
from bootstrap import manage, mo_login, places, postgres, prepare, processes, run, template, testing
from bootstrap.messages import Interrupted, Progress, Stop
from bootstrap.servers import Servers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A state folder of its own; what the real one holds is not touched."""
    monkeypatch.setattr(places, "VAR", tmp_path / "var")
    home = places.Home(tmp_path / "var").make()
    yield home
    for lock in (home.run_lock, home.start_lock, home.use_lock, home.prepare_lock):
        lock.release()


# The environment of what is started


@pytest.fixture
def embedded(home, monkeypatch):
    monkeypatch.setattr(postgres, "outside_folder", lambda: home.path)
    servers = Servers(home)
    servers.postgres.port, servers.broker.port = 5001, 5002
    return servers


def test_application_does_not_learn_the_owners_password(embedded):
    env = embedded.environment()
    assert env["DATABASE_URL"] == f"postgres://clee_app:{embedded.home.secrets()['app']}@127.0.0.1:5001/clee"
    assert env["CLEE_EMBEDDED"] == "1"
    assert "CLEE_AS_OWNER" not in env
    assert not any(embedded.home.secrets()["owner"] in value for value in env.values())
    assert not any(embedded.home.secrets()["superuser"] in value for value in env.values())


def test_owner_works_under_a_name_of_its_own(embedded):
    env = embedded.environment(as_owner=True)
    assert env["DATABASE_OWNER_URL"] == f"postgres://clee_owner:{embedded.home.secrets()['owner']}@127.0.0.1:5001/clee"
    assert env["CLEE_AS_OWNER"] == "1"


def test_settings_for_another_postgres_do_not_reach_the_embedded_one(embedded, monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.gov")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://db.example.gov/x")
    assert not {"PGHOST", "DATABASE_OWNER_URL"} & set(embedded.environment())


def test_server_of_ones_own_is_used_as_it_is_and_gets_no_demonstration(home, monkeypatch):
    for name in ("DATABASE_OWNER_URL", "CLEE_EMBEDDED"):
        monkeypatch.delenv(name, raising=False)
    servers = Servers(home, database_url="postgres://a:b@db.example.gov/clee", broker_url="redis://r.example.gov/0")
    env = servers.environment(as_owner=True)
    assert env["DATABASE_URL"] == env["DATABASE_OWNER_URL"] == "postgres://a:b@db.example.gov/clee"
    assert env["REDIS_URL"] == "redis://r.example.gov/0"
    assert "CLEE_EMBEDDED" not in env
    assert not servers.is_embedded


@pytest.mark.parametrize(
    ("is_embedded", "host", "named", "expected"),
    [
        (True, "127.0.0.1", None, True),
        (True, "::1", None, True),
        (True, "192.0.2.1", None, False),
        (True, "127.0.0.1", "https://login.example.org", False),
        (True, "127.0.0.1", "", False),
        (False, "127.0.0.1", None, False),
    ],
)
def test_demonstration_of_mo_login_is_for_the_embedded_default_on_this_machine(
    monkeypatch, is_embedded, host, named, expected
):
    monkeypatch.delenv("MO_LOGIN_ISSUER", raising=False)
    if named is not None:
        monkeypatch.setenv("MO_LOGIN_ISSUER", named)
    assert mo_login.is_wanted(is_embedded=is_embedded, host=host) is expected


def test_demonstration_of_mo_login_keeps_its_address(home, monkeypatch):
    monkeypatch.setattr(mo_login.ports, "choose", lambda wanted: 9555 if wanted == mo_login.FIRST_PORT else wanted)
    first = mo_login.MoLogin(home, 8000).environment()
    assert first == mo_login.MoLogin(home, 8000).environment()
    assert first["MO_LOGIN_ISSUER"] == "http://127.0.0.1:9555"
    assert first["MO_LOGIN_CLIENT_SECRET"] == home.secrets()["mo_login"]
    assert first["DEMONSTRATION_PORTAL"] == "http://localhost:8000,http://127.0.0.1:8000"
    assert not mo_login.MoLogin(home, 8000).answers()


def test_tests_run_as_the_owner_without_the_persons_own_settings(embedded, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "mine")
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example.gov")
    monkeypatch.setenv("MO_LOGIN_ISSUER", "https://login.example.gov")
    env = embedded.test_environment()
    assert env["DATABASE_URL"] == env["DATABASE_OWNER_URL"] == embedded.postgres.url("clee_owner")
    assert env["CLEE_TESTING"] == "1"
    assert not {"SECRET_KEY", "EMAIL_URL", "MO_LOGIN_ISSUER", "CLEE_EMBEDDED"} & set(env)


def test_tests_never_use_the_servers_of_the_portal(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example.gov/clee")
    monkeypatch.setenv("REDIS_URL", "redis://r.example.gov/0")
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.delenv("TEST_REDIS_URL", raising=False)
    servers = Servers.of_the_tests(home)
    assert (servers.database_url, servers.broker_url) == (None, None)


# What is done again only after a change


def test_code_that_a_migration_depends_on_is_told_from_tests(tmp_path):
    for name in ("app/__init__.py", "app/migrations/0001.py", "app/seed/rules.yaml", "app/tests/test_x.py", "var/x.py"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    found = {str(file.relative_to(tmp_path)) for file in prepare.code_files(tmp_path)}
    assert found == {"app/__init__.py", "app/migrations/0001.py", "app/seed/rules.yaml"}


def test_digest_changes_with_name_and_content(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("1")
    first = prepare._digest([file], tmp_path)
    assert prepare._digest([file], tmp_path) == first
    file.write_text("2")
    assert prepare._digest([file], tmp_path) != first
    file.write_text("1")
    assert prepare._digest([file.rename(tmp_path / "b.py")], tmp_path) != first


# Processes


def test_child_that_ended_is_named_with_its_exit_code_and_last_lines(home):
    code = "import sys; sys.stderr.write('no such table'); sys.exit(3)"
    child = processes.Child("worker", [sys.executable, "-c", code], env=dict(os.environ), log=home.log("worker"))
    child.process.wait()
    with pytest.raises(Stop, match=r"(?s)worker ended by itself with exit code 3.*no such table"):
        child.must_be_running()
    child.stop()


def test_child_and_what_it_started_are_ended(home):
    code = "import subprocess as s, sys, time; p = s.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    child = processes.Child("web", [sys.executable, "-c", code], env=dict(os.environ), log=home.log("web"))
    while not (noted := child.log.read_text().strip()):
        child.must_be_running()
    child.stop()
    assert child.process.returncode is not None
    assert processes.wait_gone(int(noted), "sleep", 5)


def test_number_used_by_another_process_is_not_taken_for_ours():
    assert processes.is_running(os.getpid(), "python")
    assert not processes.is_running(os.getpid(), "/no/such/cluster")
    processes.end_left_over(os.getpid(), "/no/such/cluster")


def test_interrupt_is_not_caught_as_an_error():
    assert not issubclass(Interrupted, Exception)


# The commands


def test_second_copy_says_where_the_first_one_is(home, monkeypatch):
    monkeypatch.setattr(run, "Home", lambda: home)
    monkeypatch.setenv("PORT", "1")
    first = places.Home(home.path)
    first.run_lock.take()
    first.note(address="http://localhost:8123")
    with pytest.raises(Stop, match="already running: http://localhost:8123"):
        run.main([])
    first.run_lock.release()


def test_reset_is_refused_while_a_command_uses_the_servers(home):
    other = places.Home(home.path)
    other.use_lock.take(shared=True)
    with pytest.raises(Stop, match="bin/manage command is using"):
        run.reset(home, Progress(), ask=False)
    other.use_lock.release()


def test_commands_that_change_tables_work_as_the_owner():
    assert manage.CHANGES_TABLES <= manage.AS_OWNER
    assert {"migrate", "createcachetable", "makemigrations", "dbshell"} <= manage.AS_OWNER


def test_marker_of_the_person_is_joined_with_ours():
    expression, others = testing.taken_out_marker(["training", "-m", "slow or quick", "-x"])
    assert testing.both("not browser", expression) == "not browser and (slow or quick)"
    assert others == ["training", "-x"]


@pytest.mark.parametrize(
    ("expression", "left_out"),
    [
        ("", []),
        ("browser", ["not browser"]),
        ("browser and timed", ["not browser"]),
        ("not browser", ["browser"]),
        ("not browser and long", ["browser"]),
        ("browser or long", []),
        ("browser_like", []),
    ],
)
def test_tests_nobody_asks_for_are_not_collected(expression, left_out):
    assert [kind for kind in ("browser", "not browser") if testing.leaves_out(kind, expression)] == left_out


def test_single_files_are_told_apart_by_whether_they_drive_a_browser(tmp_path, monkeypatch):
    for name, text in (
        ("a/tests/browser/test_b.py", ""),
        ("a/tests/test_c.py", ""),
        ("a/tests/test_d.py", "mark.browser"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    meant = {
        name: (testing.has_tests_without_browser([name]), testing.has_browser_tests([name]))
        for name in ("a/tests/browser/test_b.py", "a/tests/test_c.py::test_x", "a/tests/test_d.py", "a/tests", "-x")
    }
    assert meant == {
        "a/tests/browser/test_b.py": (False, True),
        "a/tests/test_c.py::test_x": (True, False),
        "a/tests/test_d.py": (True, True),
        "a/tests": (True, True),
        "-x": (True, True),
    }


class _Recorder:
    def __init__(self, *codes):
        self.codes, self.calls, self.lines = list(codes), [], []

    def pytest(self, arguments, expression, env):
        self.calls.append(expression)
        return self.codes.pop(0)

    def say(self, text):
        self.lines.append(text)


@pytest.mark.parametrize(("ci", "expected"), [("", 0), ("true", 1)])
def test_missing_browser_is_said_in_one_line_and_fails_only_in_ci(embedded, monkeypatch, ci, expected):
    recorder = _Recorder(0)
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(testing, "pytest", recorder.pytest)
    monkeypatch.setattr(testing, "browser_test_files", lambda: [ROOT / "training/tests/browser/test_enter.py"])
    assert testing.run(embedded, recorder, [], None, {}) == expected
    assert recorder.calls == ["not browser"]
    assert len(recorder.lines) == 1
    assert recorder.lines[0].startswith(
        "Left out, as no Chromium was found: training/tests/browser/test_enter.py. To get"
    )


@pytest.mark.parametrize(
    ("codes", "expected"), [((0, 0), 0), ((5, 0), 0), ((0, 5), 0), ((5, 5), 5), ((1, 0), 1), ((0, 1), 1), ((5, 4), 4)]
)
def test_halves_of_the_tests_give_one_exit_code(embedded, monkeypatch, codes, expected):
    recorder = _Recorder(*codes)
    monkeypatch.setattr(testing, "pytest", recorder.pytest)
    assert testing.run(embedded, recorder, [], "/usr/bin/chromium", {}) == expected
    assert recorder.calls == ["not browser", "browser"]


def test_state_file_is_json(home):
    home.note(postgres={"port": 1})
    assert json.loads(home.state_file.read_text()) == {"postgres": {"port": 1}}


def test_kept_database_of_the_tests_is_made_anew_for_a_migration_only(tmp_path):
    """Whoever changes a page does not wait for migrations; whoever changes one, or what one reads, does."""
    files = [tmp_path / "training" / name for name in ("__init__.py", "views.py", "migrations/0001_first.py", "a.yaml")]
    files[2].parent.mkdir(parents=True)
    for file in files:
        file.write_text("")
    seen = [template.fingerprint(tmp_path)]
    for file in files[1:]:
        file.write_text("x = 1\n")
        seen.append(template.fingerprint(tmp_path))
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
