"""What the provider says of itself: its addresses and its keys, kept in the database's cache for an hour.

A provider that does not answer is left alone for a few seconds, so that those who click meanwhile are told at once and
hold up nobody else. Everything here is about one provider: the one the settings name.
"""

import hashlib
from urllib.parse import urlsplit

import requests
from django.core.cache import cache

from clee_portal.accounts.mo_login import fetching
from clee_portal.accounts.mo_login.fetching import Unavailable

KEPT_SECONDS = 60 * 60
LEFT_ALONE_SECONDS = 10
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ADDRESSES = (*NEEDED, "userinfo_endpoint", "end_session_endpoint")


class NotTrusted(Exception):
    """The provider says something that cannot be believed. `str()` is for the log, not for the person."""


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as a browser compares them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def metadata(issuer: str, origins: list[str]) -> dict:
    """The provider's own description. `origins` are those its pages may lie on (the browser is let go nowhere else).

    Raises `fetching.Unavailable` (or another `requests.RequestException`) where it cannot be had, and `NotTrusted`
    where it is that of somebody else, or leads to an address that is not as well protected as the issuer.
    """
    return _kept("metadata", issuer, lambda: _checked(_ask(issuer, issuer.rstrip("/") + WELL_KNOWN), issuer, origins))


def keys(issuer: str, jwks_uri: str, *, anew: bool = False) -> list[dict]:
    """The provider's public keys, as it publishes them; `anew` asks again, as for a key that is not among those kept.
    Raises like `metadata`."""

    def ask() -> list[dict]:
        found = _ask(issuer, jwks_uri).get("keys")
        if not isinstance(found, list):
            raise NotTrusted(f"{jwks_uri} holds no keys")
        return [key for key in found if isinstance(key, dict)]

    return _kept("keys", issuer, ask, anew=anew)


def _name(what: str, issuer: str) -> str:
    return f"mo_login:{what}:{hashlib.sha256(issuer.encode()).hexdigest()}"


def _kept(what: str, issuer: str, ask, *, anew: bool = False):
    name = _name(what, issuer)
    found = None if anew else cache.get(name)
    if found is None:
        found = ask()
        cache.set(name, found, KEPT_SECONDS)
    return found


def _ask(issuer: str, url: str) -> dict:
    silent = _name("silent", issuer)
    if cache.get(silent):
        raise Unavailable(f"{issuer} did not answer a moment ago")
    try:
        return fetching.json_object(url)
    except requests.RequestException:
        cache.set(silent, True, LEFT_ALONE_SECONDS)
        raise


def _checked(found: dict, issuer: str, origins: list[str]) -> dict:
    if found.get("issuer") != issuer:
        raise NotTrusted(f"the provider at {issuer} calls itself {found.get('issuer')!r}")
    scheme = urlsplit(issuer).scheme
    for name in ADDRESSES:
        address = found.get(name)
        if address is None and name not in NEEDED:
            continue
        if not isinstance(address, str) or urlsplit(address).scheme not in ("https", scheme):
            raise NotTrusted(f"{name} of {issuer} is not an address that can be trusted: {address!r}")
    for name in ("authorization_endpoint", "end_session_endpoint"):
        if name in found and origin_of(found[name]) not in origins:
            raise NotTrusted(f"{name} of {issuer} is at {origin_of(found[name])}: add it to MO_LOGIN_ORIGINS")
    return {name: found[name] for name in found if name in KEPT}


# Of the description only what is used, so that the cache holds no more.
KEPT = {
    "issuer",
    *ADDRESSES,
    "token_endpoint_auth_methods_supported",
    "id_token_signing_alg_values_supported",
    "authorization_response_iss_parameter_supported",
}
