"""How often a secret may be guessed: so rarely that it is hopeless, and never so that the innocent are locked out.

Failures are counted, never successes. An account and an address (of a machine, or an IPv6 network) are counted apart. A
browser that was signed in before with the account (`accounts.devices`) has a count of its own: whatever others do, it
may sign in. Passkeys are not counted here: there is nothing to guess.

    attempt = limits.begin(limits.PASSWORD, request, account=email)   # raises TooMany
    if is_right:
        attempt.succeeded()

Everything is in PostgreSQL, so it holds with Redis stopped; the count is taken under a lock of the database, so that a
hundred guesses at the same moment are a hundred. Call it outside a transaction that may be rolled back: what is rolled
back was not counted.
"""

import datetime as dt
import hashlib
import ipaddress
import math
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.accounts import devices
from clee_portal.accounts.models import Attempt

MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60
TOO_MANY = "too_many"
STATUS = 429


@dataclass(frozen=True, slots=True)
class Rate:
    """So many failures in so many seconds; the next try is refused."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Rates for one kind of secret: `what` names it in the sentence the person reads."""

    name: str
    what: str
    per_account: tuple[Rate, ...]
    per_address: tuple[Rate, ...]


PASSWORD = Limit("password", _("wrong passwords"), (Rate(5, 5 * MINUTE), Rate(50, DAY)), (Rate(30, 5 * MINUTE),))
# Of six figures, with three codes valid at a time: 30 a day are one chance in 11,000.
CODE = Limit("code", _("wrong codes"), (Rate(5, 5 * MINUTE), Rate(30, DAY)), (Rate(30, 5 * MINUTE),))
RECOVERY = Limit("recovery", _("links that do not work"), (), (Rate(10, 10 * MINUTE),))
RECOVERY_PASSWORD = Limit("recovery-password", _("wrong passwords"), (Rate(5, 10 * MINUTE),), (Rate(20, 10 * MINUTE),))
# What POST knows of a person and asks for before an invitation is taken up: `account` is the invitation.
INVITATION_FACT = Limit(
    "invitation-fact", _("answers that do not fit"), (Rate(5, 15 * MINUTE), Rate(15, DAY)), (Rate(30, 15 * MINUTE),)
)

# Mails with a code to an address a person names as their own: more would be a nuisance to whoever has it.
CONTACT_MAIL = Limit("contact-mail", _("mails to an address"), (Rate(5, HOUR), Rate(15, DAY)), ())
CONTACT_CODE = Limit("contact-code", _("wrong codes"), (Rate(10, HOUR), Rate(50, DAY)), ())

# A certificate's code has 59 bits; whole agencies share an address, and typing errors are many.
CERTIFICATE = Limit("certificate", _("codes that do not exist"), (), (Rate(30, 10 * MINUTE),))

# Files that anybody puts there to be checked: one that is as it was issued is not counted.
CHECKED_FILE = Limit("checked-file", _("files that were not issued here"), (), (Rate(30, 10 * MINUTE),))

# Nothing is guessed there, but a sign-in that is begun at the state's and not finished costs both sides work. Whole
# agencies share an address, so it is far above what people do; a sign-in that is finished is not counted.
MO_LOGIN = Limit("mo-login", _("sign-ins were begun at MO Login and not finished"), (), (Rate(100, 5 * MINUTE),))
# MO Login's server says who has signed out there. Nothing is guessed, but to check a signature is work.
BACK_CHANNEL = Limit("back-channel", _("sign-outs that do not hold"), (), (Rate(60, 5 * MINUTE),))


class TooMany(Exception):
    """A try is refused for a while. `str()` is fit for the person at the screen; `seconds` is how long to wait."""

    def __init__(self, limit: Limit, seconds: int):
        self.seconds = seconds
        super().__init__(
            gettext("Too many %(what)s. Wait %(time)s, then try again.")
            % {"what": gettext(limit.what), "time": _in_words(seconds)}
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """A try that is counted as a failure until it is said to have succeeded; `rows` may be kept in a session."""

    rows: tuple[int, ...]

    def succeeded(self) -> None:
        """It was no guess: it is not counted."""
        Attempt.objects.filter(pk__in=self.rows).delete()


def begin(limit: Limit, request: HttpRequest, *, account: str = "") -> Counted:
    """Count a try at the secret of `account` (an e-mail address, or whatever names whose secret it is).

    Raises `TooMany`, without counting it, where there were too many failures.
    """
    device = devices.known(request, account) if account else None
    if device:
        counted = [(f"device {device} {account.lower()}", limit.per_account)]
    else:
        counted = [(f"address {address_of(request)}", limit.per_address)]
        if account:
            counted.append((f"account {account.strip().lower()}", limit.per_account))
    keys = {_key(limit, what): rates for what, rates in counted if rates}
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for key in sorted(keys):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_of(key)])
        wait = max((_wait(key, rate, now) for key, rates in keys.items() for rate in rates), default=0)
        if wait > 0:
            raise TooMany(limit, wait)
        made = Attempt.objects.bulk_create(Attempt(key=key, at=now) for key in keys)
    return Counted(tuple(one.pk for one in made))


def forgive(limit: Limit, account: str) -> None:
    """Forget the failures counted against `account` itself, as after it chose a new password by mail."""
    Attempt.objects.filter(key=_key(limit, f"account {account.strip().lower()}")).delete()


def as_error(refusal: TooMany) -> ValidationError:
    """The refusal as the error of a form; `mark` makes its page a 429."""
    return ValidationError(str(refusal), code=TOO_MANY, params={"seconds": refusal.seconds})


def mark(response: HttpResponse, form) -> HttpResponse:
    """Make the page of a form a 429 where that is what is wrong with it (`as_error`)."""
    for error in (one for errors in form.errors.as_data().values() for one in errors):
        if error.code == TOO_MANY:
            return _marked(response, error.params["seconds"])
    return response


def marked(response: HttpResponse, refusal: TooMany) -> HttpResponse:
    """Make the page that says so a 429 with the time to wait; what was typed stays on it."""
    return _marked(response, refusal.seconds)


def address_of(request: HttpRequest) -> str:
    """The address of the machine that asks, behind the proxies that are trusted; of IPv6 the network of 64 bits."""
    given = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    return str(ipaddress.ip_network((given, 64), strict=False) if given.version == 6 else given)


def clear() -> int:
    """Forget what is older than any rate; returns how many."""
    return Attempt.objects.filter(at__lt=clock.now() - dt.timedelta(seconds=DAY)).delete()[0]


def _marked(response: HttpResponse, seconds: int) -> HttpResponse:
    response.status_code = STATUS
    response["Retry-After"] = str(seconds)
    return response


def _wait(key: str, rate: Rate, now: dt.datetime) -> int:
    """Seconds until the oldest of the last `most` failures is out of the window; 0 where there are fewer."""
    window = dt.timedelta(seconds=rate.seconds)
    since = Attempt.objects.filter(key=key, at__gt=now - window).order_by("-at")
    last = list(since.values_list("at", flat=True)[: rate.most])
    return math.ceil((last[-1] + window - now).total_seconds()) if len(last) == rate.most else 0


def _key(limit: Limit, what: str) -> str:
    return salted_hmac("clee_portal.accounts.limits", f"{limit.name} {what}", algorithm="sha256").hexdigest()


def _lock_of(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


def _in_words(seconds: int) -> str:
    if seconds >= HOUR:
        hours = math.ceil(seconds / HOUR)
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    if seconds >= MINUTE:
        minutes = math.ceil(seconds / MINUTE)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
