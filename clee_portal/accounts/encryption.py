"""Secrets that must be read again are kept encrypted: a stolen copy of the database does not hold them.

Keys are in the environment (`FIELD_ENCRYPTION_KEYS`), the first one encrypts, every one decrypts. To change keys put a
new one in front, run `manage.py encrypt_anew`, then take the old one out.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """A secret was encrypted with a key that is not among those of the environment."""


def encrypt(text: str) -> str:
    """`text`, to be kept."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(kept: str) -> str:
    """What was encrypted. Raises `Unreadable` where no key fits."""
    try:
        return _keys().decrypt(kept.encode()).decode()
    except InvalidToken:
        raise Unreadable("No key in FIELD_ENCRYPTION_KEYS decrypts this; put the one back that did.") from None


def encrypt_anew(kept: str) -> str:
    """The same secret, encrypted with the first key. Raises `Unreadable`."""
    return encrypt(decrypt(kept))


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
