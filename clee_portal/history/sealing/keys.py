"""The key that signs seals: an Ed25519 key in a file of the sealer's host, which the host of the database has not."""

import contextlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def make(path: Path) -> str:
    """Write a new key to a file that only its owner reads; returns the public key. FileExistsError: there is one."""
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return public_of(key)


def public_of(key: Ed25519PrivateKey) -> str:
    """The public key, in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def private() -> Ed25519PrivateKey | None:
    """The key of this host, from the file SEALING_KEY; None where none is named. The embedded default makes its own.

    Raises ImproperlyConfigured for a file that others can read or that is no such key.
    """
    if not settings.SEALING_KEY:
        return None
    path = Path(settings.SEALING_KEY)
    if settings.CLEE_EMBEDDED and not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker
            make(path)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ImproperlyConfigured(f"SEALING_KEY: others can read {path}. Close it: chmod 600 {path}")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ImproperlyConfigured(f"SEALING_KEY: {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ImproperlyConfigured(f"SEALING_KEY: {path} is no key. Make one: manage.py make_sealing_key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured(f"SEALING_KEY: {path} is not an Ed25519 key. Make one: manage.py make_sealing_key")
    return key


def trusted() -> frozenset[str]:
    """The public keys whose seals are believed: those named in SEALING_PUBLIC_KEYS, else that of this host."""
    if settings.SEALING_PUBLIC_KEYS:
        return frozenset(settings.SEALING_PUBLIC_KEYS)
    key = private()
    return frozenset({public_of(key)} if key else ())


def is_signed(message: bytes, *, key: str, signature: str) -> bool:
    """Whether `signature` is that of the public key for the message."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
