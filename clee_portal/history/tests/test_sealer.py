"""The sealer beside others: nothing is sealed too early, nothing is missed, nobody waits, and killed it starts over."""

import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clee_portal.history import tasks
from clee_portal.history.models import Seal, SealKept, SealMark
from clee_portal.history.sealing import destinations, keys, sealer, statements
from clee_portal.history.tests.verified import findings, verify
from training.models import Area
from training.tests import factories

TABLE = "training_areaevent"


def another() -> psycopg.Connection:
    """A connection of somebody else, as the application's role."""
    told = connection.get_connection_params()
    made = psycopg.connect(**{name: told[name] for name in ("host", "port", "user", "password", "dbname")})
    made.execute(f'SET ROLE "{django_settings.DATABASE_APP_ROLE}"')
    made.commit()
    return made


def rename(who: psycopg.Connection, name: str) -> None:
    """Write one version, and stay in the transaction."""
    who.execute("UPDATE training_area SET name = %s WHERE id = (SELECT min(id) FROM training_area)", [name])


def sealed() -> int:
    """How many versions of areas are sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(rows), 0) FROM history_sealpart WHERE table_name = %s", [TABLE])
        return int(cursor.fetchone()[0])


def committed() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608
        return cursor.fetchone()[0]


def write_version(who: psycopg.Connection) -> None:
    """A version added straight to the table, so that two can be written at once."""
    who.execute(
        f"INSERT INTO {TABLE} SELECT (jsonb_populate_record(e, jsonb_build_object('pgh_id',"  # noqa: S608
        f" nextval(pg_get_serial_sequence('{TABLE}', 'pgh_id'))))).* FROM {TABLE} e ORDER BY pgh_id LIMIT 1"
    )


@pytest.mark.django_db(transaction=True)
class TestBesideOthers:
    """Real transactions of several connections."""

    @pytest.fixture(autouse=True)
    def something(self, kept):
        if not Area.objects.exists():  # the tables are emptied between these tests
            Area.objects.create(code="legal", name="Legal Studies", order=1)

    def test_what_is_committed_late_is_neither_passed_over_nor_waited_for(self):
        """40 is still at work when 41 is committed: both are sealed, once each, after 40 is committed."""
        sealer.look()
        before = committed()
        with another() as slow, another() as quick:
            write_version(slow)
            write_version(quick)
            quick.commit()
            assert sealer.look() == []
            assert SealMark.objects.get(table_name=TABLE).waits_for != []
            # A transaction of an hour delays its own tables only.
            factories.agency("cedar-hollow")
            (seal,) = sealer.look()
            assert [one.table_name for one in seal.parts.all()] == ["training_agencyevent"]
            # Whoever begins after the mark is not waited for, or there would never be an end.
            write_version(quick)
            slow.commit()
            assert [one.rows for one in sealer.look()] == [2]
            quick.commit()
        assert [one.rows for one in sealer.look()] == [1]
        assert sealed() == committed() == before + 3
        assert findings() == []

    def test_no_writer_waits_for_a_sealer_and_of_two_one_seals(self):
        """It holds its transaction open, with everything done in it, while somebody writes and another sealer looks."""
        with another() as writer, transaction.atomic():
            write_version(writer)
            writer.commit()
            assert sealer._seal(keys.private()) is not None
            writer.execute("SET lock_timeout = '50ms'")
            rename(writer, "Legal Studies of today")
            write_version(writer)
            writer.commit()
            found = []
            beside = threading.Thread(target=lambda: (found.append(sealer.look()), connection.close()))
            beside.start()
            beside.join()
            assert found == [[]]
        assert (Seal.objects.count(), sealed()) == (1, committed() - 2)

    def test_many_sealers_and_writers_at_once_lose_nothing(self):
        stop, wrong = time.monotonic() + 2, []

        def write():
            with another() as who:
                while time.monotonic() < stop:
                    write_version(who)
                    who.commit() if who.info.backend_pid % 3 else who.rollback()

        def seal():
            try:
                while time.monotonic() < stop:
                    sealer.look()
            except Exception as error:
                wrong.append(error)
            finally:
                connection.close()

        at_work = [threading.Thread(target=one) for one in (write, write, write, seal, seal)]
        [one.start() for one in at_work]
        [one.join() for one in at_work]
        assert wrong == []
        sealer.look()
        sealer.look()
        assert sealed() == committed()
        assert findings() == []

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["write", "commit", "rollback"])), max_size=10))
    def test_whatever_the_order_of_commits_every_row_is_sealed_once(self, acts):
        """Three connections; after each act the sealer looks. What it sealed never has to be sealed again."""
        with another() as one, another() as two, another() as three:
            who = (one, two, three)
            for number, act in acts:
                write_version(who[number]) if act == "write" else getattr(who[number], act)()
                sealer.look()
        sealer.look()
        sealer.look()
        assert sealed() == committed()
        assert findings() == []

    def test_a_sealer_that_is_killed_leaves_a_whole_seal_or_none(self):
        """A process of its own, killed with no chance to tidy up, within each step."""
        told = connection.settings_dict
        env = os.environ | {
            "DATABASE_URL": f"postgres://{told['USER']}:{told['PASSWORD']}@{told['HOST']}:{told['PORT']}/{told['NAME']}",
            "SEALING_KEY": django_settings.SEALING_KEY,
            "SEAL_DESTINATIONS": django_settings.SEAL_DESTINATIONS[0],
        }
        for step, seals in (("marking", 0), ("sealing", 0), ("keeping", 1)):
            command = [sys.executable, "-c", KILLED, step]
            ended = subprocess.run(command, cwd=django_settings.BASE_DIR, env=env, check=False)
            assert ended.returncode == -signal.SIGKILL
            assert (step, Seal.objects.count()) == (step, seals)
        sealer.look()
        assert sealed() == committed()
        assert SealKept.objects.count() == Seal.objects.count() == 1
        assert findings() == []


KILLED = """
import os, signal, sys
import django

django.setup()
from clee_portal.history.sealing import destinations, marks, sealer

def kill(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "marking":
    ready = marks.ready
    marks.ready = lambda: (ready(), kill())
elif sys.argv[1] == "sealing":
    sealer.SealPart.objects.bulk_create = kill
else:
    destinations.os.fsync = kill
sealer.look()
"""


def test_what_is_committed_is_sealed_within_a_minute():
    """The second look after it was committed covers it at the latest: a mark may have been set just before it."""
    (look,) = [one for one in current_app.conf.beat_schedule.values() if one["task"] == tasks.seal_history.name]
    assert (look["schedule"], look["options"]) == (20.0, {"expires": 20.0})
    assert 2 * look["schedule"] < 60
    assert current_app.amqp.router.route({}, look["task"])["queue"].name == "seal"


# Where seals are kept -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_seal_is_kept_as_a_file_that_is_not_written_over(kept):
    factories.officer()
    (seal,) = sealer.look()
    path = kept / "000000" / "0000000001.seal"
    lines = path.read_text().splitlines()
    assert lines[0] == statements.of_seal(seal).as_bytes().decode()
    assert statements.roots_in(lines[1]) == [statements.root_of(seal)]
    assert lines[-1] == f"end {seal.rows}"
    assert path.stat().st_mode & 0o777 == 0o444
    assert [(one.seal_id, one.destination) for one in SealKept.objects.all()] == [(1, kept.as_uri())]


@pytest.mark.django_db
def test_a_folder_that_was_away_gets_what_it_lacks(kept, caplog):
    kept.parent.joinpath("kept").write_text("a file where the folder should be")
    for name in ("Abbott", "Bell"):
        factories.officer(name=f"Dana {name}")
        assert len(sealer.look()) == 1
    assert [one.levelname for one in caplog.records] == ["ERROR", "ERROR"]
    assert "A seal could not be kept" in caplog.text
    kept.unlink()
    sealer.look()
    assert sorted(path.name for path in kept.rglob("*.seal")) == ["0000000001.seal", "0000000002.seal"]


@pytest.mark.django_db
def test_another_seal_of_that_number_is_never_written_over(kept, caplog):
    path = kept / destinations.file_name(1)
    path.parent.mkdir(parents=True)
    path.write_text("statement\nroot of another\n")
    factories.officer()
    sealer.look()
    assert path.read_text() == "statement\nroot of another\n"
    assert "has another seal of this number: was an older backup restored?" in caplog.text


@pytest.mark.django_db
def test_the_latest_root_goes_by_mail_once_a_day_and_a_kept_mail_is_enough(kept, settings, tmp_path):
    settings.SEAL_DESTINATIONS = ["mailto:auditor@example.gov"]
    for name in ("Abbott", "Bell"):
        factories.officer(name=f"Dana {name}")
        sealer.look()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["auditor@example.gov"], "History sealed: seal 1")
    (tmp_path / "kept.eml").write_bytes(sent.message().as_bytes())
    code, lines = verify(tmp_path / "kept.eml")
    assert (code, lines[-3]) == (0, "Compared with 1 roots kept elsewhere")
    settings.SEAL_MAIL_EVERY_HOURS = 0
    sealer.look()
    assert [one.subject for one in mail.outbox] == ["History sealed: seal 1", "History sealed: seal 2"]
    sealer.look()
    assert len(mail.outbox) == 2


@pytest.mark.django_db
def test_a_destination_that_is_none_is_refused(kept, settings):
    settings.SEAL_DESTINATIONS = ["ftp://example.org/seals"]
    with pytest.raises(ImproperlyConfigured, match=r"ftp://example\.org/seals is none of file:///FOLDER, s3://"):
        sealer.look()


# The key --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_is_sealed_without_a_key(settings):
    settings.SEALING_KEY = ""
    factories.officer()
    assert tasks.seal_history() == 0
    assert Seal.objects.count() == 0


@pytest.mark.django_db
def test_the_task_seals_and_says_how_many_rows(kept):
    factories.officer()
    assert tasks.seal_history() == Seal.objects.get().rows
    assert tasks.seal_history() == 0


def test_a_key_that_others_can_read_is_refused(tmp_path, settings):
    settings.SEALING_KEY = str(tmp_path / "key.pem")
    keys.make(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match=r"others can read .*: chmod 600 "):
        keys.private()


@pytest.mark.parametrize(("data", "told"), [(b"no key", "is no key"), (None, "cannot be read")])
def test_a_file_that_is_no_key_is_refused(tmp_path, settings, data, told):
    settings.SEALING_KEY, settings.CLEE_EMBEDDED = str(tmp_path / "key.pem"), False
    if data:
        (tmp_path / "key.pem").write_bytes(data)
        (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(ImproperlyConfigured, match=told):
        keys.private()


def test_a_key_is_never_written_over(tmp_path):
    keys.make(tmp_path / "key.pem")
    with pytest.raises(FileExistsError):
        keys.make(tmp_path / "key.pem")
