"""Where files lie, by the environment: safe by default, and what cannot be meant is refused when the portal starts."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from clee_portal import storage_from_environment
from clee_portal.buckets import Access, Bucket

FOLDER = Path("/var/lib/clee/documents")
THERE = {"DOCUMENTS_BUCKET": "s3://clee/portal", "S3_ENDPOINT_URL": "https://s3.example.gov"}


@pytest.fixture
def documents(monkeypatch):
    def of(**given: str) -> dict:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return storage_from_environment.documents(environ.Env(), FOLDER, is_real=True)

    return of


@pytest.fixture
def seals(monkeypatch):
    def of(**given: str) -> dict:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return storage_from_environment.seals(environ.Env(), is_real=True)

    return of


def test_without_a_bucket_documents_lie_in_the_folder(documents):
    told = documents()
    assert told["BACKEND"] == "compliance.document_storage.PrivateStorage"
    assert (told["OPTIONS"]["location"], told["OPTIONS"]["file_permissions_mode"]) == (FOLDER, 0o600)


def test_bucket_is_encrypted_unless_it_is_said_otherwise(documents):
    told = documents(**THERE, S3_ACCESS_KEY_ID="a-key", S3_SECRET_ACCESS_KEY="not-shown")
    assert told["BACKEND"] == "compliance.document_storage.PrivateBucket"
    access = Access("https://s3.example.gov", "us-east-1", "a-key", "not-shown", "path")
    assert told["OPTIONS"]["bucket"] == Bucket(access, "clee", "portal", (("ServerSideEncryption", "AES256"),))
    assert "not-shown" not in repr(told)
    assert documents(S3_ENCRYPTION="none")["OPTIONS"]["bucket"].parameters == ()
    with_key = documents(S3_ENCRYPTION="aws:kms", S3_KMS_KEY="key-1")["OPTIONS"]["bucket"].parameters
    assert with_key == (("ServerSideEncryption", "aws:kms"), ("SSEKMSKeyId", "key-1"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DOCUMENTS_BUCKET": "clee"}, "DOCUMENTS_BUCKET: clee is not s3://BUCKET"),
        ({"S3_ENDPOINT_URL": "http://s3.example.gov"}, "documents and seals go over https"),
        ({"S3_ENDPOINT_URL": "s3.example.gov"}, "S3_ENDPOINT_URL: s3.example.gov is no address"),
        ({"S3_ADDRESSING": "somehow"}, "S3_ADDRESSING is auto, path or virtual"),
        ({"S3_ENCRYPTION": "rot13"}, "S3_ENCRYPTION: rot13 is none of"),
        ({"S3_KMS_KEY": "key-1"}, "S3_KMS_KEY goes with"),
    ],
)
def test_what_cannot_be_meant_is_refused(documents, given, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        documents(**THERE | given)


def test_seals_have_a_key_and_a_lock_of_their_own(seals):
    told = seals(S3_REGION="us-east-2", S3_ACCESS_KEY_ID="documents", SEALS_S3_ACCESS_KEY_ID="seals")
    assert told["SEALS_S3"] == Access("", "us-east-2", "seals")
    assert (told["SEALS_S3_LOCK"], told["SEALS_S3_LOCK_DAYS"]) == ("", 3653)
    assert seals(SEALS_S3_LOCK="compliance")["SEALS_S3_LOCK"] == "COMPLIANCE"
    with pytest.raises(ImproperlyConfigured, match="SEALS_S3_LOCK is GOVERNANCE"):
        seals(SEALS_S3_LOCK="forever")
