"""Where files lie, from the environment: a part of `clee_portal.settings`."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from clee_portal.buckets import Access, Bucket, place

LOCKS = ("", "GOVERNANCE", "COMPLIANCE")
ENCRYPTIONS = ("AES256", "aws:kms", "none")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def documents(env: Env, folder: Path, *, is_real: bool) -> dict:
    """The storage of documents, as Django's STORAGES want it: a bucket where DOCUMENTS_BUCKET names one, else `folder`.
    Raises ImproperlyConfigured."""
    if not (named := env.str("DOCUMENTS_BUCKET", default="")):
        options = {"location": folder, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "compliance.document_storage.PrivateStorage", "OPTIONS": options}
    encryption = env.str("S3_ENCRYPTION", default="AES256")
    if encryption not in ENCRYPTIONS:
        raise ImproperlyConfigured(f"S3_ENCRYPTION: {encryption} is none of {', '.join(ENCRYPTIONS)}.")
    key = env.str("S3_KMS_KEY", default="")
    if key and encryption != "aws:kms":
        raise ImproperlyConfigured("S3_KMS_KEY goes with S3_ENCRYPTION=aws:kms.")
    told = {} if encryption == "none" else {"ServerSideEncryption": encryption}
    told |= {"SSEKMSKeyId": key} if key else {}
    try:
        name, prefix = place(named)
    except ValueError as error:
        raise ImproperlyConfigured(f"DOCUMENTS_BUCKET: {error}") from None
    bucket = Bucket(access(env, "S3_", is_real=is_real), name, prefix, tuple(told.items()))
    return {"BACKEND": "compliance.document_storage.PrivateBucket", "OPTIONS": {"bucket": bucket}}


def seals(env: Env, *, is_real: bool) -> dict:
    """How buckets in SEAL_DESTINATIONS are reached, and for how long what is written there is locked.

    Raises ImproperlyConfigured.
    """
    found = {
        "SEALS_S3": access(env, "SEALS_S3_", is_real=is_real),
        "SEALS_S3_LOCK": env.str("SEALS_S3_LOCK", default="").upper(),
        "SEALS_S3_LOCK_DAYS": env.int("SEALS_S3_LOCK_DAYS", default=3653),
        "SEALS_S3_CACHE": env.str("SEALS_S3_CACHE", default=""),
    }
    if found["SEALS_S3_LOCK"] not in LOCKS:
        raise ImproperlyConfigured("SEALS_S3_LOCK is GOVERNANCE, COMPLIANCE or nothing.")
    if found["SEALS_S3_LOCK_DAYS"] < 1:
        raise ImproperlyConfigured("SEALS_S3_LOCK_DAYS is one day or more.")
    return found


def access(env: Env, start: str, *, is_real: bool) -> Access:
    """The variables that begin with `start`; what is not set for the seals is as for the documents."""

    def told(name: str, default: str = "") -> str:
        return env.str(f"{start}{name}", default=env.str(f"S3_{name}", default=default))

    endpoint = told("ENDPOINT_URL")
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ImproperlyConfigured(f"{start}ENDPOINT_URL: {endpoint} is no address: https://HOST.")
    if is_real and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ImproperlyConfigured(f"{start}ENDPOINT_URL: documents and seals go over https.")
    addressing = told("ADDRESSING", "path" if endpoint else "auto")
    if addressing not in ("auto", "path", "virtual"):
        raise ImproperlyConfigured(f"{start}ADDRESSING is auto, path or virtual.")
    region = told("REGION", "us-east-1" if endpoint else "")
    return Access(endpoint, region, told("ACCESS_KEY_ID"), told("SECRET_ACCESS_KEY"), addressing, told("CA_BUNDLE"))
