"""Web processes behind a pooler that lends a connection of PostgreSQL for one transaction (docs/scale.md).

Only on demand, since the pooler is not among the packages: `CLEE_POOLER=/usr/sbin/pgbouncer bin/test
clee_portal/tests/test_pooler.py`.
"""

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from bootstrap.postgres import APPLICATION

from clee_portal.tests.scratch import Browser
from clee_portal.tests.test_faults import ENTER, class_of, pairs, there_is_of
from notifications.tests.sink import free_port

POOLER = os.environ.get("CLEE_POOLER")
SETTINGS = """
[databases]
clee = host=127.0.0.1 port={server} dbname=clee
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = plain
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
unix_socket_dir =
"""


@pytest.fixture
def pooled(scratch):
    """A web process of eight threads that has two connections, lent for one transaction each."""
    postgres, port, folder = scratch.servers.postgres, free_port(), scratch.servers.postgres.folder / "pooler"
    folder.mkdir(exist_ok=True)
    password = scratch.home.secrets()["app"]
    (folder / "users.txt").write_text(f'"{APPLICATION}" "{password}"\n')
    (folder / "pooler.ini").write_text(SETTINGS.format(server=postgres.port, port=port, folder=folder))
    log = (folder / "log").open("w")
    pooler = subprocess.Popen(
        [POOLER, folder / "pooler.ini"], stdout=log, stderr=log, cwd="/", **postgres.account.switch
    )
    url = postgres.url(APPLICATION).replace(f":{postgres.port}/", f":{port}/")
    web = free_port()
    command = ["-c", "deploy/gunicorn.conf.py", "-w", "1", "--threads", "8", "-b", f"127.0.0.1:{web}"]
    process = scratch.start(
        "gunicorn", *command, "clee_portal.wsgi", DATABASE_URL=url, DATABASE_PREPARE_AFTER="0", CLEE_AS_OWNER="0"
    )
    try:
        at = SimpleNamespace(port=web)
        scratch.until(lambda: Browser(at).get("/readyz/web").status == 200, 60)
        yield SimpleNamespace(at=at, scratch=scratch)
    finally:
        scratch.end(process, signal.SIGKILL)
        pooler.kill()
        pooler.wait()
        log.close()


@pytest.mark.skipif(not POOLER, reason="CLEE_POOLER names no pooler")
def test_pages_work_behind_a_pooler_of_transactions(pooled):

    chief, form = Browser(pooled.at).sign_in(), class_of(pooled.scratch, "Behind a pooler")
    assert chief.post(ENTER, pairs(form)).status == 302
    assert there_is_of(pooled.scratch, "Behind a pooler") == (1, 2, 8)
    pages = ["/agencies/alderbrook/roster/", "/agencies/alderbrook/", "/calendar/", "/standing/"] * 30
    officer = Browser(pooled.at).sign_in("ona@oakley.example")
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda page: (officer if "standing" in page else chief).get(page).status, pages))
    assert set(told) == {200}
    connections = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clee_app' AND application_name <> 'psql'"
    assert pooled.scratch.ask(connections)[0] <= 2
    made_by = "SELECT count(DISTINCT pgh_context_id) FROM training_trainingclassevent e JOIN training_course c"
    assert pooled.scratch.ask(f"{made_by} ON c.id = e.course_id WHERE c.title = 'Behind a pooler'")[0] >= 1
