"""PostgreSQL's own programs for copies: one that cannot do what is asked of it is not taken."""

import subprocess
from types import SimpleNamespace

import pytest

from clee_portal.operation import programs
from clee_portal.refusal import Refused


@pytest.fixture
def connected(monkeypatch, tmp_path):
    """To a server of PostgreSQL 18, encrypted or not; no programs but those of the package are on this machine."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CLEE_PG_BIN", raising=False)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path)

    def to(*, encrypted: bool, version: int = 18):
        info, wire = SimpleNamespace(server_version=version * 10_000), SimpleNamespace(ssl_in_use=encrypted)
        link = SimpleNamespace(connection=SimpleNamespace(info=info, pgconn=wire))
        monkeypatch.setattr(programs, "connection", SimpleNamespace(cursor=lambda: link))

    return to


def test_programs_of_the_package_speak_no_tls_and_are_taken_only_where_none_is_spoken(connected):
    connected(encrypted=False)
    package = programs.find("pg_dump")
    assert package == str(programs.EMBEDDED / "pg_dump")
    asked = subprocess.run([package, "-h", "127.0.0.1"], env={"PGSSLMODE": "require"}, capture_output=True, check=False)
    assert b"SSL support is not compiled in" in asked.stderr
    connected(encrypted=True)
    with pytest.raises(Refused, match=r"No pg_dump of PostgreSQL 18 or later that speaks TLS was found\. Install"):
        programs.find("pg_dump")


def test_program_older_than_the_server_is_not_taken(connected):
    connected(encrypted=False, version=19)
    with pytest.raises(Refused, match=r"No pg_restore of PostgreSQL 19 or later was found\. Found: 18\."):
        programs.find("pg_restore")
