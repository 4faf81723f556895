"""The settings of MO Login, the state's sign-in, from the environment: a part of `clee_portal.settings`."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env


def mo_login(env: Env, *, is_real: bool) -> tuple[str, str, list[str], dict | None]:
    """The issuer, the name on pages, the sites its pages lie on (the only others a form of the portal may lead to), and
    the provider as allauth wants it; None where no issuer is set. Raises ImproperlyConfigured where it is not safe."""
    issuer, name = env.str("MO_LOGIN_ISSUER", default=""), env.str("MO_LOGIN_NAME", default="MO Login")
    if not issuer:
        return issuer, name, [], None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and is_real:
        raise ImproperlyConfigured("MO_LOGIN_ISSUER has to begin with https://: who signs in would be anybody's guess.")
    if not parts.hostname or parts.query or parts.fragment or len(issuer) > 200:
        raise ImproperlyConfigured(
            "MO_LOGIN_ISSUER is the address the provider calls itself by, of at most 200 characters."
        )
    for needed in ("MO_LOGIN_CLIENT_ID", "MO_LOGIN_CLIENT_SECRET"):
        if not env.str(needed, default=""):
            raise ImproperlyConfigured(f"Set {needed} in the environment, or leave MO_LOGIN_ISSUER out.")
    provider = {
        "provider_id": issuer,
        "name": name,
        "client_id": env.str("MO_LOGIN_CLIENT_ID", default=""),
        "secret": env.str("MO_LOGIN_CLIENT_SECRET", default=""),
        "settings": {
            "server_url": issuer,
            "oauth_pkce_enabled": True,
            "token_auth_method": env.str("MO_LOGIN_TOKEN_AUTH_METHOD", default="") or None,
        },
    }
    return issuer, name, env.list("MO_LOGIN_ORIGINS", default=[f"{parts.scheme}://{parts.netloc}".lower()]), provider
