"""Which browser somebody uses, in two words, and browsers that were signed in before.

Nothing precise is kept: no version, no address, no place. A browser that was signed in once with an account carries a
signed cookie for it (`remember`); failures of others never stop that browser from signing in (`accounts.limits`).
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

UNKNOWN = "A browser"
COOKIE = "known_device"
# Half a year: long enough for whoever signs in once a quarter.
LONGEST = 60 * 60 * 24 * 180
MOST_ACCOUNTS = 8
_SALT = "clee_portal.accounts.devices"
# In this order: Edge and Opera also say Chrome, and Chrome says Safari.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


def name_of(agent: str) -> str:
    """What a `User-Agent` header says, coarsely: "Chrome on Windows"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), UNKNOWN)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    return f"{browser} on {system}" if system else browser


def known(request: HttpRequest, account: str) -> str | None:
    """The number this browser was given when `account` (an e-mail address) signed in here before; None if it never
    did, or so long ago that it is forgotten."""
    return _read(request).get(_mark(account))


def remember(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """`account` has signed in with this browser: let it be known the next time."""
    devices = _read(request)
    number = devices.pop(_mark(account), None) or secrets.token_urlsafe(12)
    latest = dict([*devices.items(), (_mark(account), number)][-MOST_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        signing.dumps(latest, salt=_SALT),
        max_age=LONGEST,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _mark(account: str) -> str:
    return salted_hmac(_SALT, account.strip().lower(), algorithm="sha256").hexdigest()[:24]


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LONGEST)
    except signing.BadSignature:
        return {}
