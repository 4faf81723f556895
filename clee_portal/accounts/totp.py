"""Codes of an authenticator app (RFC 6238): each is accepted once, the one that set the app up included.

A code is valid for its half minute and the one before and after, so that a clock may be a little wrong. Which half
minute was used last is kept with the secret, under a lock of its row; nothing before it, or of it, is accepted again.
"""

import time

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction

from clee_portal.accounts import encryption

# In an authenticator's data, beside allauth's "secret".
USED = "used_counter"
PERIOD = 30


def counter_of(secret: str, code: str) -> int | None:
    """The half minute, among those valid now, whose code this is; None where it is of none."""
    valid = yield_hotp_counters_from_time()
    return next((one for one in valid if compare_user_code(actual=code, expected=code_of(secret, one))), None)


def code_of(secret: str, counter: int) -> str:
    """The code of a half minute."""
    return format_hotp_value(hotp_value(secret, counter))


def use(authenticator: Authenticator, code: str) -> bool:
    """Whether `code` is right and was not used before; uses it up."""
    with transaction.atomic():
        one = Authenticator.objects.select_for_update().filter(pk=authenticator.pk).first()
        counter = counter_of(encryption.decrypt(one.data["secret"]), code) if one else None
        if counter is None or counter <= one.data.get(USED, -1):
            return False
        one.data[USED] = counter
        one.save(update_fields=["data"])
    return True


def mark_used(authenticator: Authenticator, counter: int) -> None:
    """The code of `counter` set the app up: it is not accepted at the next sign-in."""
    authenticator.data[USED] = counter
    authenticator.save(update_fields=["data"])


def now_counter() -> int:
    """The half minute it is."""
    return int(time.time()) // PERIOD
