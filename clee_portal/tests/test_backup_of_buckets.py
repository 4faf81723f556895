"""A copy of a portal whose documents and seals lie in buckets, put back after everything but the seals was lost: the
same register to the byte, every document in the bucket again, and a history that `verify_history` accepts by the seals
kept there."""

import json
from types import SimpleNamespace

import pytest

from clee_portal.operation import copies

RESTORED = "clee_out_of_buckets"
SAID = """
import io, json, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from clee_portal import clock
from clee_portal.history.sealing import keys, sealer
from clee_portal.operation import backups, copies, digests

def said(name, *arguments):
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as end:
        return [end.code, out.getvalue().splitlines()]
    return [0, out.getvalue().splitlines()]
"""
SEAL_AND_COPY = """
keys.make(Path(settings.SEALING_KEY))
sealer.look()
call_command("backup")
print(json.dumps(said("check_documents")))
"""
# The register of both at one moment; then, as whoever owns the database could, one name is changed past the triggers.
RESTORE_AND_VERIFY = """
def register():
    with backups.one_snapshot(), clock.turned_to(moment):
        return digests.of_register()

folder, restored = sys.argv[1:]
moment = copies.opened(Path(folder)).made_at
told = {"restore": said("restore", folder, "--into", restored)}
before = register()
connection.close()
connection.settings_dict["NAME"] = restored
told["register"] = [len(before), before == register()]
told["documents"] = said("check_documents")
told["verify"] = said("verify_history")
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE training_officerevent DISABLE TRIGGER USER")
    cursor.execute("UPDATE training_officerevent SET last_name = 'Other' WHERE last_name = 'Oakley'")
    cursor.execute("ALTER TABLE training_officerevent ENABLE TRIGGER USER")
told["changed"] = said("verify_history")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def lost_and_back(scratch, s3, tmp_path_factory):
    """What each command said; the copy; and the two buckets: documents were taken away between copy and restore."""
    folder = tmp_path_factory.mktemp("buckets")
    documents, seals = s3.bucket("portal"), s3.bucket("seals", locks=True)
    for path in (one for one in (scratch.folder / "documents").rglob("*") if one.is_file()):
        documents.put(path.relative_to(scratch.folder / "documents").as_posix(), path.read_bytes())
    environment = {
        "DOCUMENTS_BUCKET": f"s3://{documents.name}/portal",
        "DOCUMENTS_ROOT": str(folder / "no-folder"),
        "S3_ENDPOINT_URL": s3.access.endpoint,
        "S3_ACCESS_KEY_ID": s3.access.key_id,
        "S3_SECRET_ACCESS_KEY": s3.access.secret,
        "S3_ENCRYPTION": "none",
        "SEALING_KEY": str(folder / "key.pem"),
        "SEAL_DESTINATIONS": f"s3://{seals.name}/seals",
        "SEALS_S3_LOCK": "COMPLIANCE",
        "SEALS_S3_LOCK_DAYS": "1",
        "BACKUP_FOLDER": str(folder / "copies"),
    }
    made = scratch.python("-c", SAID + SEAL_AND_COPY, **environment)
    assert made.returncode == 0, made.stderr
    (copy,) = copies.kept_in(folder / "copies")
    for key, _ in list(documents.listed()):
        documents.delete(key)
    done = scratch.python("-c", SAID + RESTORE_AND_VERIFY, str(copy.folder), RESTORED, owner=True, **environment)
    assert done.returncode == 0, done.stderr
    told = {"documents_before": json.loads(made.stdout.splitlines()[-1]), **json.loads(done.stdout.splitlines()[-1])}
    yield SimpleNamespace(named=copy.manifest["documents"], documents=documents, seals=seals, told=told)
    scratch.ask(f"DROP DATABASE {RESTORED}")


def test_copy_and_restore_where_documents_and_seals_lie_in_buckets(lost_and_back, scratch):
    named, told = lost_and_back.named, lost_and_back.told
    assert len(named) > 2
    code, lines = told["restore"]
    assert (code, lines[-1]) == (0, f"Restored into the database {RESTORED}.")
    assert lines[-2].startswith("The same: ")
    assert lines[-2].endswith(f" {len(named)} documents.")
    files, is_the_same = told["register"]
    assert (files > 10, is_the_same) == (True, True)
    for name in named:
        assert lost_and_back.documents.get(name)[0] == (scratch.folder / "documents" / name).read_bytes()
    assert told["documents"] == told["documents_before"]
    assert told["documents"][1][-1].startswith(f"{len(named)} files: 0 missing, ")
    seals = [key for key, _ in lost_and_back.seals.listed()]
    code, lines = told["verify"]
    assert (code, lines[-1]) == (0, "Nothing was changed")
    assert f"Compared with {len(seals)} roots kept elsewhere" in lines
    assert len(seals) >= 1


def test_name_changed_in_what_was_restored_is_found_by_the_seals_in_the_bucket(lost_and_back):
    code, lines = lost_and_back.told["changed"]
    assert code == 1
    assert [line for line in lines if line.startswith("changed") and "training_officerevent" in line]
