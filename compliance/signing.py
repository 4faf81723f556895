"""Signatures of papers: Ed25519 (RFC 8032) over a file's bytes, in a small file beside it.

The secret keys are in the environment (`SIGNING_KEYS`): the first signs. The public ones are rows (`SigningKey`), so
that a key can be taken out of the environment and what it signed is checked all the same. `docs/transcripts.md` says
how anybody checks a file without the portal.
"""

import base64
import binascii
import hashlib
import json
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from compliance.models import SigningKey

FORMAT = "clee-signature-1"
KEYS_FORMAT = "clee-signing-keys-1"
ALGORITHM = "Ed25519"


class UnreadableError(Exception):
    """What was given as a signature file is none."""


class Signature(NamedTuple):
    """What a signature file says: by which key, and the signature itself (64 bytes)."""

    key_id: str
    signature: bytes


def secret() -> Ed25519PrivateKey:
    """The key that signs: the first of the environment."""
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(settings.SIGNING_KEYS[0]))


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half of a key, as it is kept: its 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def id_of(public_key: str) -> str:
    """What a key is called: the first 16 signs of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def sign(content: bytes) -> str:
    """The signature over `content`, in base64."""
    return base64.b64encode(secret().sign(content)).decode()


def holds(key: SigningKey, content: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `content` by the key; it says nothing of whether the key is revoked."""
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key))
    try:
        public.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def as_file(name: str, sha256: str, key: SigningKey, signature: str) -> bytes:
    """The signature file of the file `name`."""
    said = {
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "file": name,
        "sha256": sha256,
        "key_id": key.key_id,
        "signature": signature,
    }
    return (json.dumps(said, indent=2) + "\n").encode()


def read_file(content: bytes) -> Signature:
    """What a signature file says. Raises `UnreadableError`."""
    try:
        said = json.loads(content)
        if said["format"] != FORMAT or said["algorithm"] != ALGORITHM or not isinstance(said["key_id"], str):
            raise UnreadableError
        signature = base64.b64decode(said["signature"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise UnreadableError from None
    if len(signature) != 64:
        raise UnreadableError
    return Signature(said["key_id"], signature)


def published() -> dict:
    """Every key the portal has ever signed with, as it is published."""
    return {
        "format": KEYS_FORMAT,
        "keys": [
            {
                "key_id": one.key_id,
                "algorithm": ALGORITHM,
                "public_key": one.public_key,
                "valid_from": one.valid_from.isoformat(),
                "valid_until": one.valid_until.isoformat() if one.valid_until else None,
                "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
                "revoke_reason": one.revoke_reason or None,
            }
            for one in SigningKey.objects.order_by("valid_from", "pk")
        ],
    }
