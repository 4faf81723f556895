"""Every command of docs/runbook.md is executed, in its order, as an operator would type it: by a shell, with the
settings of production, against a portal of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bootstrap.postgres import APPLICATION, OWNER
from cryptography.fernet import Fernet

from clee_portal.tests.scratch import CHIEF, ROOT
from clee_portal.tests.test_settings import PRODUCTION

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
COMMANDS = [
    pytest.param(block, id=f"{title}-{number}")
    for title, text in BLOCKS
    for number, block in enumerate(re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S), 1)
]
# Where there is no systemd: the unit has to be one of deploy/systemd.
SYSTEMCTL = f"""#!/bin/sh
shift
for unit in "$@"; do
  name=$(echo "$unit" | sed 's/@.*/@/')
  test -e "{ROOT}/deploy/systemd/$name.service" || {{ echo "there is no unit $unit" >&2; exit 4; }}
done
"""
SAID = {
    "Is it up?-1": [
        "the process lives",
        "broker: ready",
        'clee_up{part="database"} 1.0',
        "\nclee_history_unsealed_seconds ",
    ],
    "Somebody reads out a reference-1": ['"status": 200', '"page": "help"'],
    "Before an upgrade, and if it goes wrong-1": ["The release at work survives", "Copy made: ", "no issues"],
    "The database is lost-1": ["The same: ", "Restored into the database clee_again."],
    "What is past six years-1": [" classes ended before 20"],
    "The record of access could not be written-1": ["an entry of the record"],
}


@pytest.fixture(scope="module")
def environment(scratch, tmp_path_factory) -> dict:
    """That of production, but for where the servers are."""
    scratch.start_web()
    tools, key = tmp_path_factory.mktemp("tools"), Fernet.generate_key()
    told = scratch.manage_all(["backup", "--new-key"])[0][0]
    (tools / "key").write_text(told)
    reference = scratch.get("/help/").headers["X-Request-ID"]
    shims = {"systemctl": SYSTEMCTL, "journalctl": f"#!/bin/sh\ncat {scratch.home.logs}/gunicorn.log\n"}
    for name, text in shims.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    env = scratch.environment
    servers = {
        "DATABASE_URL": scratch.servers.postgres.url(APPLICATION),
        "DATABASE_OWNER_URL": scratch.servers.postgres.url(OWNER),
        "REDIS_URL": scratch.servers.broker.url,
        "PATH": f"{tools}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{env['PATH']}",
    }
    words = {
        "METRICS_TOKEN": "the-token",
        "BACKUP_FOLDER": str(tools / "copies"),
        "BACKUP_RECIPIENTS": told.splitlines()[0].partition("=")[2],
        "DOCUMENTS_ROOT": env["DOCUMENTS_ROOT"],
        "STATIC_ROOT": str(tools / "static"),
        "KEYFILE": str(tools / "key"),
        "FIELD_ENCRYPTION_KEYS": key.decode(),
        "SEALED": Fernet(key).encrypt(b"an entry of the record").decode(),
        "ACCOUNT": CHIEF,
        "REFERENCE_OF_THE_TEST": reference,
        "HOME": str(tools),
    }
    scratch_keys = "b25seS1mb3ItdGVzdHMtYW5kLXRoZS1lbWJlZGRlZC0="
    words["FIELD_ENCRYPTION_KEYS"] += f",{scratch_keys}"  # what the world's accounts were encrypted with
    yield PRODUCTION | servers | words
    scratch.ask("DROP DATABASE IF EXISTS clee_again")


def test_the_runbook_has_commands():
    assert len(COMMANDS) == 13
    assert set(SAID) <= {command.id for command in COMMANDS}


@pytest.mark.parametrize("block", COMMANDS)
def test_command_of_the_runbook(scratch, environment, block, request):
    """It ends well, and says what the page says of it."""
    name = request.node.callspec.id
    typed = re.sub(r"127\.0\.0\.1:(8000|\$port)", f"127.0.0.1:{scratch.port}", block)
    typed = re.sub(r"REFERENCE=\S+", f"REFERENCE={environment['REFERENCE_OF_THE_TEST']}", typed)
    command = ["timeout", "--kill-after=5", "600", "bash", "-euo", "pipefail", "-c", typed]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{typed}\n{done.stdout}\n{done.stderr}"
    assert [words for words in SAID.get(name, ()) if words not in done.stdout] == []
