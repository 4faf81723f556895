"""The keys that sign papers: the one in use, and one that is revoked because somebody else may have it."""

from django.db import transaction

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import signing
from compliance.models import SigningKey


@transaction.atomic
def in_use() -> SigningKey:
    """The key that signs now: published from its first signature on. Where it took another's place, that one ends.

    Raises `Refused` where the first key of the environment was revoked.
    """
    public = signing.public_of(signing.secret())
    now = clock.now()
    with history.because("A key signs"):
        key, is_new = SigningKey.objects.get_or_create(
            public_key=public, defaults={"key_id": signing.id_of(public), "valid_from": now}
        )
        if key.revoked_at:
            raise Refused("The portal cannot sign just now, and nothing was made. Call POST at (573) 751-3409.")
        if is_new or key.valid_until:
            SigningKey.objects.filter(valid_until=None).exclude(pk=key.pk).update(valid_until=now)
        if key.valid_until:  # it was taken back into use
            key.valid_until = None
            key.save(update_fields=["valid_until"])
    return key


@transaction.atomic
def revoke(*, by: User | None, key_id: str, reason: str) -> SigningKey:
    """Revoke a key: from now on its signatures prove nothing to anybody. The command line's act alone.

    What it signed stays in the record, and the public page goes on finding such files by their digest. Raises `Refused`
    where there is no such key, it was revoked before, no reason is given, or a person asks.
    """
    if by is not None:
        raise Refused("A key is revoked on the command line, by whoever keeps the portal’s secrets.")
    key = SigningKey.objects.select_for_update().filter(key_id=key_id).first()
    if key is None:
        raise Refused(f"No key is called {key_id}.")
    if key.revoked_at:
        raise Refused(f"{key_id} was revoked before: {key.revoke_reason}")
    if not reason.strip():
        raise Refused("Say why it is revoked: the reason is published with the key.")
    with history.because(f"Key {key_id} revoked: {reason.strip()}"):
        key.revoked_at, key.revoke_reason = clock.now(), reason.strip()
        key.save(update_fields=["revoked_at", "revoke_reason"])
    return key
