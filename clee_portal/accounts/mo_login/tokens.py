"""Whether an ID token may be believed (OpenID Connect Core 1.0, 3.1.3.7): always checked whole, on every path.

The signature is checked though the token came over TLS from the provider itself: a path on which it is not checked is
the one an attacker would look for.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

import jwt

from clee_portal.accounts.mo_login.discovery import NotTrusted

# Signed with a private key; never "none", never HS256, whose key would be the client secret or, worse, the public key.
ALGORITHMS = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "PS384": "RSA",
    "PS512": "RSA",
    "ES256": "EC",
    "ES384": "EC",
    "ES512": "EC",
    "EdDSA": "OKP",
}
LEEWAY_SECONDS = 60  # clocks differ
OLDEST_SECONDS = 10 * 60  # a token is fetched within the ten minutes a sign-in may take
LONGEST_TOKEN = 16 * 1024
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_SUBJECT = 191  # what allauth can keep


def verified_claims(
    token,
    *,
    metadata: dict,
    client_id: str,
    nonce: str,
    now: float,
    access_token: str,
    keys: Callable[[bool], list[dict]],
) -> dict:
    """The claims of an ID token that holds; else `NotTrusted`.

    `keys(anew)` gives the provider's public keys, asked for anew once where the token names one that is not among them
    (the provider has changed its keys since). `now` is in seconds since 1970.
    """
    required = ["iss", "sub", "aud", "exp", "iat"]
    claims, algorithm = _decoded(token, metadata, client_id, now, keys, required=required)
    if not nonce or not _same(claims.get("nonce"), nonce):
        raise NotTrusted("ID token: not made for this sign-in (nonce)")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotTrusted("ID token: the subject is empty, too long, or no text")
    if "at_hash" in claims and not _same(claims["at_hash"], _half_hash(access_token, algorithm)):
        raise NotTrusted("ID token: made for another access token (at_hash)")
    return claims


def verified_logout(token, *, metadata: dict, client_id: str, now: float, keys: Callable[[bool], list[dict]]) -> dict:
    """The claims of a logout token that holds (OpenID Connect Back-Channel Logout 1.0, 2.6); else `NotTrusted`.

    Used a second time it holds again: the caller ends only sessions that began before it was made.
    """
    claims, _ = _decoded(token, metadata, client_id, now, keys, required=["iss", "aud", "exp", "iat", "jti"])
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise NotTrusted("logout token: it tells of no sign-out (events)")
    if "nonce" in claims:
        raise NotTrusted("logout token: it has a nonce, so it is an ID token")
    told = [claims[name] for name in ("sub", "sid") if name in claims]
    if not told or not all(isinstance(one, str) and one for one in told):
        raise NotTrusted("logout token: it says neither who nor which session (sub, sid)")
    return claims


def _decoded(token, metadata: dict, client_id: str, now: float, keys, *, required: list[str]) -> tuple[dict, str]:
    """Claims and algorithm of a token the provider has signed just now for the portal."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise NotTrusted("no ID token, or one too long")
    try:
        key = _key(token, metadata, keys)
        claims = jwt.decode(
            token,
            key=key,
            algorithms=[key.algorithm_name],
            issuer=metadata["issuer"],
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": required},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise NotTrusted(f"ID token: {error!r}") from error
    _check_audience(claims, client_id)
    if now - claims["iat"] > OLDEST_SECONDS + LEEWAY_SECONDS:
        raise NotTrusted("ID token: made too long ago")
    return claims, key.algorithm_name


def _key(token: str, metadata: dict, keys) -> jwt.PyJWK:
    header = jwt.get_unverified_header(token)
    algorithm = header.get("alg")
    announced = metadata.get("id_token_signing_alg_values_supported")
    if algorithm not in ALGORITHMS or (announced is not None and algorithm not in announced):
        raise NotTrusted(f"ID token: signed by {algorithm!r}")
    for anew in (False, True):
        fitting = [key for key in keys(anew) if _fits(key, algorithm, header.get("kid"))]
        if len(fitting) == 1:
            return jwt.PyJWK(fitting[0], algorithm=algorithm)
    raise NotTrusted(f"ID token: the provider publishes {len(fitting)} keys that fit {header.get('kid')!r}")


def _fits(key: dict, algorithm: str, kid) -> bool:
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    )


def _check_audience(claims: dict, client_id: str) -> None:
    """One audience, the portal; of several, or where the provider says so, the portal is the one it was made for."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise NotTrusted("ID token: made for another client (azp)")


def _half_hash(access_token: str, algorithm: str) -> str:
    name = "sha512" if algorithm == "EdDSA" else f"sha{algorithm[2:]}"
    digest = hashlib.new(name, access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def _same(one, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode(), other.encode())
