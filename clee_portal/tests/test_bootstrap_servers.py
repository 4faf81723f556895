"""The embedded servers, really started: roles, rights, what a killed run leaves behind, and that nothing stays open."""

import os
import signal
import stat

import psycopg
import pytest
import redis
from bootstrap import places, testing
from bootstrap.messages import Progress, Stop
from bootstrap.places import Home
from bootstrap.postgres import Postgres
from bootstrap.processes import command_line, is_running, wait_gone
from bootstrap.servers import Servers


@pytest.fixture(scope="module")
def home():
    """A state folder inside the checkout's, as a run of the tests has; removed with its cluster."""
    home = Home(places.VAR / f"test-{os.getpid()}").make()
    home.run_lock.take()
    yield home
    Servers(home, for_tests=True).stop_all()
    testing.remove(home)
    home.run_lock.release()


@pytest.fixture
def servers(home):
    """Both servers, running."""
    servers = Servers(home, for_tests=True)
    with open(os.devnull, "w") as nowhere:
        servers.join(Progress(nowhere))
    yield servers
    servers.leave()


def one(servers, role, statement):
    with psycopg.connect(servers.postgres.url(role), autocommit=True) as connection:
        return connection.execute(statement).fetchone()


def test_roles_have_the_rights_they_need_and_no_others(servers):
    rights = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert one(servers, "clee_owner", rights) == (False, True, True, False)
    assert one(servers, "clee_app", rights) == (False, False, False, False)
    assert one(servers, "clee_owner", "SELECT pg_has_role('clee_app', 'SET')") == (True,)
    assert one(servers, "clee_app", "SELECT pg_has_role('clee_owner', 'MEMBER')") == (False,)


def test_cluster_is_set_up_as_the_portal_needs(servers):
    settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN "
    names = "('listen_addresses', 'max_connections', 'shared_preload_libraries', 'unix_socket_directories')"
    url = f"postgres://postgres:{servers.home.secrets()['superuser']}@127.0.0.1:{servers.postgres.port}/clee"
    with psycopg.connect(url) as connection:
        assert connection.execute(settings + names).fetchone() == (
            "listen_addresses=127.0.0.1 max_connections=120 shared_preload_libraries=pg_stat_statements "
            "unix_socket_directories=",
        )
    assert one(servers, "clee_app", "SELECT lower('ÉCOLE')") == ("école",)
    assert one(servers, "clee_app", "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == (1,)


def test_owner_makes_the_extensions_that_migrations_need(servers):
    with psycopg.connect(servers.postgres.url("clee_owner")) as connection:
        for name in ("pg_trgm", "unaccent", "btree_gist", "citext"):
            connection.execute(f"CREATE EXTENSION {name}")
        connection.rollback()


def test_wrong_password_is_refused_by_both_servers(servers):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgres://clee_app:wrong@127.0.0.1:{servers.postgres.port}/clee")
    with (
        redis.Redis(port=servers.broker.port, retry=None) as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


def test_passwords_are_on_no_command_line(servers):
    for pid in (servers.postgres.pid, servers.broker.pid):
        line = command_line(pid)
        assert str(servers.home.path) in line
        assert not [name for name, value in servers.home.secrets().items() if value in line]


def test_files_of_the_servers_are_closed_to_others(servers):
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (
            servers.postgres.data,
            servers.broker.configuration,
            servers.home.secrets_file,
            servers.home.broker,
        )
    }
    assert modes == {"data": 0o700, "broker.conf": 0o600, "secrets.json": 0o600, "broker": 0o700}
    assert not (servers.postgres.folder / "password").exists()
    assert not (servers.home.path / "pgpass").exists()


def test_second_command_uses_the_same_servers_and_the_last_one_stops_them(servers):
    other = Servers(Home(servers.home.path), for_tests=True)
    with open(os.devnull, "w") as nowhere:
        other.join(Progress(nowhere))
    assert other.started is False
    assert (other.postgres.pid, other.broker.pid) == (servers.postgres.pid, servers.broker.pid)
    assert other.leave() is False
    assert servers.postgres.is_running()
    pids = servers.postgres.pid, servers.broker.pid
    assert servers.leave() is True
    assert [is_running(pid, str(servers.home.path)) for pid in pids] == [False, False]


def test_servers_left_by_a_killed_command_are_ended_and_keep_their_data(servers):
    with redis.Redis.from_url(servers.broker.url) as client:
        client.set("queue", "kept")
    with psycopg.connect(servers.postgres.url("clee_owner"), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    before = servers.postgres.pid, servers.broker.pid
    servers.home.use_lock.release()  # as when the process that held it is killed
    os.kill(servers.postgres.pid, signal.SIGKILL)
    assert wait_gone(servers.postgres.pid, str(servers.postgres.data), 5)
    again = Servers(Home(servers.home.path), for_tests=True)
    with open(os.devnull, "w") as nowhere:
        again.join(Progress(nowhere))
    try:
        assert not {again.postgres.pid, again.broker.pid} & set(before)
        assert one(again, "clee_owner", "SELECT n FROM kept") == (7,)
        with redis.Redis.from_url(again.broker.url) as client:
            assert client.get("queue") == b"kept"
    finally:
        servers.broker._process.wait()
        again.leave()


def test_data_of_another_major_version_is_refused_and_left_alone(servers):
    servers.leave()
    version = servers.postgres.data / "PG_VERSION"
    made_with = version.read_text()
    version.write_text("15\n")
    try:
        with pytest.raises(Stop, match=r"(?s)made by PostgreSQL 15; this is .*bin/run --reset"):
            Postgres(servers.home, for_tests=True).start()
    finally:
        version.write_text(made_with)


def test_data_of_an_earlier_checkout_is_refused_and_left_alone(servers):
    servers.leave()
    mark = servers.postgres.folder / "home"
    belongs_to = mark.read_text()
    mark.write_text("another")
    try:
        with pytest.raises(Stop, match=r"(?s)that of an earlier checkout.*bin/run --reset"):
            Postgres(servers.home, for_tests=True).start()
    finally:
        mark.write_text(belongs_to)
