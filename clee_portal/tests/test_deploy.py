"""What lies under deploy/ is true: every file, command, option and variable named there exists. (No engine for
containers is needed: test_containers.py builds and runs them where there is one.)"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from celery.bin.celery import celery
from click.testing import CliRunner
from django.conf import settings
from django.core.management import get_commands, load_command_class

from clee_portal.operation.from_environment import SHORTEST
from clee_portal.tests.test_settings import PRODUCTION

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OF_THE_IMAGE = {
    name: one for name, one in COMPOSE["services"].items() if one["image"].startswith("clee-portal:${CLEE_RELEASE")
}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", "")


def commands() -> list[list[str]]:
    """Every command that starts something: of the image, the containers and the units, without shell and path."""
    found = [json.loads(re.search(r"^CMD (.*)$", DOCKERFILE, re.M)[1])]
    for service in OF_THE_IMAGE.values():
        if command := service.get("command"):
            found += [part.split() for part in command[2].split(" && ")] if command[0] == "sh" else [command]
    for unit in UNITS:
        found += [line.split() for line in re.findall(r"^ExecStart=/opt/clee/venv/bin/(.*)$", unit.read_text(), re.M)]
    return [[re.sub(r"%i|\$CONCURRENCY", "8", word) for word in one] for one in found]


STARTED = commands()


def test_every_way_to_start_is_looked_at():
    assert len(STARTED) == 14
    assert {one[0] for one in STARTED} == {"gunicorn", "celery", "python"}


@pytest.mark.parametrize("command", [one for one in STARTED if one[0] == "python"], ids=" ".join)
def test_management_command_exists_and_takes_its_options(command):
    _, program, name, *options = command
    assert program == "manage.py"
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    parser.parse_args(options)


def test_workers_and_beat_take_their_options():
    """Celery reads the options before it shows its help, and ends with an error where it does not know one."""
    for _, *options in [one for one in STARTED if one[0] == "celery"]:
        told = CliRunner().invoke(celery, [*options, "--help"])
        assert (told.exit_code, told.output.startswith("Usage")) == (0, True), told.output


def test_web_server_takes_its_options_and_loads_the_portal():
    wanted = {" ".join(one[1:]) for one in STARTED if one[0] == "gunicorn"}
    for options in sorted(wanted)[:1]:
        env = {"PATH": os.environ["PATH"], **PRODUCTION}
        done = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--check-config", *options.split()],
            cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert {options.split("-b")[0] for options in wanted} == {"-c deploy/gunicorn.conf.py "}


def test_image_has_every_folder_the_portal_is_made_of():
    copied = {word for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    assert ours | {"templates", "static", "manage.py", "requirements.txt", "deploy/gunicorn.conf.py"} <= copied


def test_containers_are_whole():
    services = COMPOSE["services"]
    named = {volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", ())}
    assert named == set(COMPOSE["volumes"])
    for name, one in services.items():
        assert set(one.get("depends_on", ())) <= set(services), name
        if name != "broker":
            assert one["read_only"] is True
            assert one["environment"]["REDIS_URL"] == "redis://broker:6379/0"
    assert services["migrate"]["environment"]["CLEE_AS_OWNER"] == "1"
    folder = services["backup"]["environment"]["BACKUP_FOLDER"]
    assert f"backups:{folder}" in services["backup"]["volumes"]


def test_what_containers_write_to_is_the_accounts_own():
    """A volume takes over whose the folder of the image is."""
    made = re.search(r"install -d -o clee -g clee -m 700 (.*)$", DOCKERFILE, re.M)[1].split()
    written = {volume.split(":")[1] for one in OF_THE_IMAGE.values() for volume in one["volumes"]}
    assert written == set(made)


def test_image_is_built_once_and_never_somebody_elses():
    assert [name for name, one in COMPOSE["services"].items() if "build" in one] == ["web-a"]
    assert {one["pull_policy"] for one in OF_THE_IMAGE.values()} == {"never"}


def test_proxy_knows_the_web_services():
    published = [port.rpartition(":")[0] for one in COMPOSE["services"].values() for port in one.get("ports", ())]
    named = re.findall(r"^\s+server (127\.0\.0\.1:\d+) ", (DEPLOY / "nginx.conf").read_text(), re.M)
    assert published == named
    assert len(named) == 2


def test_queues_are_those_of_the_settings():
    served = {one[one.index("-Q") + 1] for one in STARTED if "-Q" in one} - {"8"}
    assert served == {queue.name for queue in settings.CELERY_TASK_QUEUES}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here to read the units")
def test_units_can_be_read(tmp_path):
    """As systemd reads them; that the portal is installed under /opt/clee is not asked."""
    for unit in UNITS:
        text = re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text(), flags=re.M)
        (tmp_path / unit.name.replace("@.", "@8000.")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "clee-" in line]
    assert (done.returncode, ours) == (0, [])


def test_every_timer_has_its_service():
    timers = {unit.stem for unit in UNITS if unit.suffix == ".timer"}
    assert timers == {"clee-backup", "clee-returned-mail", "clee-verify-history"}
    assert timers <= {unit.stem for unit in UNITS if unit.suffix == ".service"}


def test_every_setting_of_the_environment_is_told_of():
    """Each variable the settings read stands in docs/operations.md, but for those of bin/run and bin/test."""
    files = ("settings.py", "sign_in_from_environment.py", "operation/from_environment.py")
    text = "".join((ROOT / "clee_portal" / name).read_text() for name in files)
    read = set(re.findall(r'(?:env\.\w+|required)\(\s*"([A-Z_]+)"', text)) | set(SHORTEST)
    inner = {
        "CLEE_EMBEDDED",
        "CLEE_TESTING",
        "CLOCK_OFFSET_FILE",
        "DEBUG",
        "TEST_DATABASE_NAME",
        "TEST_DATABASE_TEMPLATE",
    }
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "operations.md").read_text()))
    assert len(read) > 40
    assert read - inner - told == set()
