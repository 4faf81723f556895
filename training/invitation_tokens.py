"""The token in the link of an invitation: never stored, made anew from the invitation's nonce and the portal's secret.

It is written into the mail when the mail is sent, minutes or hours after the invitation was made, so it has to be made
twice; only its SHA-256 is kept. Whoever reads the database alone can make no link (docs/decisions).
"""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings
from django.utils.crypto import salted_hmac

from training.models import Invitation

_SALT = "training.invitation_tokens"
LENGTH = 43  # of a token: 256 bits in base64 without padding


def token_of_nonce(nonce: uuid.UUID, secret: str | None = None) -> str:
    """The token that belongs to a nonce, under the present secret or the one given."""
    digest = salted_hmac(_SALT, nonce.bytes, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(invitation: Invitation) -> str | None:
    """The token of an invitation; None where the secret it was made with is gone (then it has to be sent again)."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = token_of_nonce(invitation.nonce, secret)
        if hmac.compare_digest(hash_of(token), invitation.token_hash):
            return token
    return None


def find(token: str) -> Invitation | None:
    """The invitation of a token; None for one that was guessed. One statement, whatever the token is."""
    found = Invitation.objects.filter(token_hash=hash_of(token))
    return found.select_related("officer", "agency", "provider", "used_by", "invited_by").first()
