"""MO Login as OpenID Connect, on top of allauth: the one place to change should it speak another protocol.

allauth sends the person away with `state` and PKCE and fetches the token. Here is added what it leaves out: a `nonce`,
an ID token that is always verified whole, the check of who answers (`iss`, RFC 9207), a description of the provider
that is kept, and signing out there too.
"""

import secrets
from collections.abc import Callable
from functools import cached_property
from urllib.parse import quote_plus, urlencode

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts import second_factor
from clee_portal.accounts.mo_login import discovery, kept, tokens
from clee_portal.accounts.mo_login.discovery import NotTrusted
from clee_portal.accounts.mo_login.identities import Identity

# What the user information may add to the ID token.
TOLD = ("email", "email_verified", "name", "given_name", "family_name")


class MoLoginClient(OAuth2Client):
    """Fetches the token; whatever the answer looks like, it is a token or an `OAuth2Error`."""

    def get_access_token(self, code, pkce_code_verifier=None, extra_data=None) -> dict:
        """The token endpoint's answer. For `client_secret_basic`, id and secret are encoded (RFC 6749, 2.3.1)."""
        if self.basic_auth:
            self.consumer_key, self.consumer_secret = map(quote_plus, (self.consumer_key, self.consumer_secret))
        try:
            found = super().get_access_token(code, pkce_code_verifier, extra_data)
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error(f"the token endpoint's answer cannot be read: {error!r}") from error
        if not isinstance(found, dict) or not isinstance(found["access_token"], str):
            raise OAuth2Error("the token endpoint's answer is none")
        return found


class MoLoginAdapter(OpenIDConnectOAuth2Adapter):
    """The protocol. `id_token` is the verified ID token, once there is one, and `sid` what the provider calls its
    session there, if it says."""

    client_class = MoLoginClient

    def __init__(self, request, issuer: str):
        super().__init__(request, issuer)
        self.issuer = issuer
        self.nonce = ""
        self.id_token = ""
        self.sid = ""

    @cached_property
    def openid_config(self) -> dict:
        """The provider's description, as kept (`discovery.metadata`), read once a request."""
        return discovery.metadata(self.issuer, settings.MO_LOGIN_ORIGINS)

    @property
    def basic_auth(self) -> bool:
        """How the portal shows who it is. What a provider that says nothing expects is `client_secret_basic`."""
        if method := self.get_provider().token_auth_method:
            return method == "client_secret_basic"
        return "client_secret_basic" in self.openid_config.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )

    def get_callback_url(self, request, app) -> str:
        """Where the provider sends the person back to."""
        return build_absolute_uri(request, reverse("account_mo_login_callback"), self.redirect_uri_protocol)

    def check_who_answers(self, request) -> None:
        """The answer's `iss` is the provider the person was sent to (RFC 9207); `NotTrusted` otherwise."""
        named = request.GET.get("iss")
        must = self.openid_config.get("authorization_response_iss_parameter_supported") is True
        if (named is None and must) or (named is not None and named != self.issuer):
            raise NotTrusted(f"the answer is that of {named!r}")

    def complete_login(self, request, app, token, *, response, **kwargs):
        """allauth's record of a sign-in that was verified. Raises `NotTrusted`."""
        config = self.openid_config
        claims = tokens.verified_claims(
            response.get("id_token"),
            metadata=config,
            client_id=app.client_id,
            nonce=self.nonce,
            now=clock.now().timestamp(),
            access_token=token.token,
            keys=lambda anew: discovery.keys(self.issuer, config["jwks_uri"], anew=anew),
        )
        self.id_token, sid = response["id_token"], claims.get("sid")
        self.sid = sid if isinstance(sid, str) else ""
        kept.remember_strength(request, second_factor.said_by(claims))
        if "email" not in claims and "userinfo_endpoint" in config:
            claims = {**claims, **self._user_information(token.token, claims["sub"])}
        identity = Identity.of_claims(self.issuer, claims)
        return self.get_provider().sociallogin_from_response(request, identity.as_data())

    def _user_information(self, access_token: str, subject: str) -> dict:
        found = self._fetch_user_info(access_token)
        if not isinstance(found, dict) or found.get("sub") != subject:
            raise NotTrusted("the user information is of another subject")
        return {name: found[name] for name in TOLD if name in found}

    def signed_out(self, token, *, ask_anew: Callable[[], bool]) -> dict:
        """Whose session, and which, the provider says has ended there: the claims of a logout token that holds.

        Anybody may send one, so the keys are asked for anew only where `ask_anew()` allows it. Raises `NotTrusted`, and
        as `discovery.metadata` does.
        """
        config = self.openid_config
        return tokens.verified_logout(
            token,
            metadata=config,
            client_id=self.get_provider().app.client_id,
            now=clock.now().timestamp(),
            keys=lambda anew: discovery.keys(self.issuer, config["jwks_uri"], anew=anew and ask_anew()),
        )

    def sign_out_url(self, request, id_token: str) -> str | None:
        """Where the person's session at the provider ends; None where the provider has no such page. Raises as
        `discovery.metadata` does."""
        end = self.openid_config.get("end_session_endpoint")
        if end is None:
            return None
        app = self.get_provider().app
        back = build_absolute_uri(request, reverse("home"), self.redirect_uri_protocol)
        query = {"id_token_hint": id_token, "client_id": app.client_id, "post_logout_redirect_uri": back}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(query)}"


class MoLoginProvider(OpenIDConnectProvider):
    """allauth's provider. Its `sub_id`, kept as `SocialAccount.provider`, is the issuer: an account belongs to
    (issuer, subject), and to nobody else once the settings name another issuer."""

    oauth2_adapter_class = MoLoginAdapter

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        """Send the person to the provider, with a nonce of this sign-in's own, kept beside its state."""
        nonce = secrets.token_urlsafe(32)
        kwargs |= {"auth_params": {"nonce": nonce}, "scope": self.get_default_scope(), "nonce": nonce}
        return super().redirect(request, process, next_url, data, **kwargs)

    def extract_uid(self, data) -> str:
        """The subject."""
        return data["subject"]

    def extract_extra_data(self, data) -> dict:
        """What is kept beside the subject: the address and name MO Login has now."""
        return data

    def extract_common_fields(self, data) -> dict:
        """Nothing of MO Login's is written over what the portal has."""
        return {}

    def extract_email_addresses(self, data) -> list:
        """None: an address at MO Login is no address to sign in with here."""
        return []


def current(request) -> MoLoginProvider | None:
    """The provider the settings name; None where MO Login is not offered."""
    return get_adapter(request).get_provider(request, settings.MO_LOGIN_ISSUER) if settings.MO_LOGIN_ISSUER else None
