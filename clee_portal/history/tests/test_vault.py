"""Seals in S3-compatible storage: locked, never written over, and whatever is done to them there is found out."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from clee_portal import clock
from clee_portal.buckets import Bucket
from clee_portal.history.models import SealKept
from clee_portal.history.sealing import destinations, sealer, vault
from clee_portal.history.tests.verified import findings, verify
from clee_portal.tests.bucket_server import NOWHERE
from training.tests import factories

pytestmark = pytest.mark.django_db
FIRST, SECOND = "000000/0000000001.seal", "000000/0000000002.seal"


@pytest.fixture
def bucket(s3, kept, settings) -> Bucket:
    """A bucket whose objects are locked, in the place of the folder."""
    one = s3.bucket("seals", locks=True)
    settings.SEALS_S3, settings.SEALS_S3_LOCK, settings.SEALS_S3_LOCK_DAYS = one.access, "COMPLIANCE", 30
    settings.SEAL_DESTINATIONS = [f"s3://{one.name}/seals"]
    return one


@pytest.fixture
def sealed(bucket) -> Bucket:
    """Two seals, kept there."""
    for name in ("Abbott", "Bell"):
        factories.officer(name=f"Dana {name}")
        sealer.look()
    return bucket


def test_seals_are_kept_locked_and_a_changed_row_is_named_from_there(sealed, tampering):
    keys = [key for key, _ in sealed.listed()]
    assert keys == [FIRST, SECOND]
    told = sealed.head(FIRST)
    days = told["ObjectLockRetainUntilDate"] - clock.now()
    assert (told["ObjectLockMode"], dt.timedelta(days=29) < days <= dt.timedelta(days=30)) == ("COMPLIANCE", True)
    assert [one.destination for one in SealKept.objects.all()] == [f"s3://{sealed.name}/seals"] * 2
    tampering(("UPDATE training_officerevent SET last_name = 'Smith' WHERE last_name = 'Bell'", []))
    code, lines = verify()
    assert (code, lines[-3]) == (1, "Compared with 2 roots kept elsewhere")
    assert any("it is not what seal 2" in one for one in lines)


def test_seal_written_over_removed_or_not_locked_is_found_and_its_first_version_compared(sealed, settings):
    sealed.put(FIRST, b"something else")
    sealed.delete(SECOND)
    settings.SEALS_S3_LOCK = ""
    factories.officer(name="Dana Cole")
    sealer.look()
    settings.SEALS_S3_LOCK = "COMPLIANCE"
    place = f"s3://{sealed.name}/seals"
    assert findings(place) == [
        f"kept {place}/{FIRST}: it was written over; its first version is compared",
        f"kept {place}/{SECOND}: it was removed; its first version is compared",
        f"kept {place}/000000/0000000003.seal: it is not locked (COMPLIANCE), so it could be removed",
    ]


def test_what_is_here_already_is_not_asked_for_again(sealed, settings, tmp_path, monkeypatch):
    settings.SEALS_S3_CACHE = str(tmp_path / "cache")
    name, asked, get = f"s3://{sealed.name}/seals", [], Bucket.get
    monkeypatch.setattr(Bucket, "get", lambda self, key, **more: asked.append(key) or get(self, key, **more))

    def bring() -> tuple[list, int]:
        with vault.brought([name]) as (_, wrong):
            return wrong, len(asked)

    assert (bring(), bring()) == (([], 2), ([], 2))
    (changed,) = (tmp_path / "cache").rglob("0000000001.seal")
    changed.write_text("something else")
    assert (bring(), asked[2:]) == (([], 3), [FIRST])
    changed.with_name("0000000009.seal").write_bytes(changed.read_bytes())
    assert bring() == ([(f"{name}/000000/0000000009.seal", "it is not there any more")], 3)


def test_another_seal_of_that_number_is_never_written_over(bucket, caplog):
    bucket.put(FIRST, b"statement\nroot of another\n")
    factories.officer()
    sealer.look()
    assert bucket.get(FIRST)[0] == b"statement\nroot of another\n"
    assert "has another seal of this number: was an older backup restored?" in caplog.text


def test_seal_that_was_there_before_its_sealer_was_killed_is_kept_once(bucket, settings):
    """It had been written to the bucket, and that it was there not yet to the database."""
    (name,), settings.SEAL_DESTINATIONS = settings.SEAL_DESTINATIONS, []
    factories.officer()
    (seal,) = sealer.look()
    vault.at(name).write(seal)
    settings.SEAL_DESTINATIONS = [name]
    sealer.look()
    assert (SealKept.objects.count(), len(list(bucket.versions()))) == (1, 1)


def test_bucket_that_was_away_gets_what_it_lacks(bucket, settings, caplog):
    settings.SEALS_S3 = NOWHERE
    factories.officer()
    sealer.look()
    assert f"A seal could not be kept: s3://{bucket.name}/seals/{FIRST}: HeadObject:" in caplog.text
    with pytest.raises(CommandError, match="cannot be read: ListObjects: EndpointConnectionError"):
        call_command("verify_history", stdout=io.StringIO())
    settings.SEALS_S3 = bucket.access
    sealer.look()
    assert [key for key, _ in bucket.listed()] == [FIRST]


@pytest.mark.parametrize("name", ["s3://", "s3:///seals", "s3://key@bucket/seals", "s3://bucket?x=1"])
def test_place_that_is_no_bucket_is_refused(settings, name):
    settings.SEAL_DESTINATIONS = [name]
    with pytest.raises(ImproperlyConfigured, match="is not s3://BUCKET or s3://BUCKET/PREFIX"):
        destinations.configured()
