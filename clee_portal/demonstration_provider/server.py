"""The protocol's other side, by Authlib: codes that work once, PKCE with S256, ID tokens signed with a key of this run.

Everything is in memory: it ends with the process, and the portal then asks for the new key by itself.
"""

import time
from dataclasses import dataclass, field

from authlib.common.urls import add_params_to_uri
from authlib.integrations.django_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    InvalidRequestError,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from django.conf import settings
from django.utils.crypto import constant_time_compare
from joserfc.jwk import KeySet, RSAKey

from clee_portal.accounts.demonstration import PERSONS, DemonstrationAccount

SCOPES = "openid profile email"
CODE_SECONDS = 60
BY_SUBJECT = {person.subject: person for person in PERSONS}


@dataclass(frozen=True)
class Portal(ClientMixin):
    """The one client: the portal, as the environment names it."""

    client_id: str
    secret: str

    @property
    def client_metadata(self) -> dict:
        """Where people may be sent after they signed out."""
        return {"post_logout_redirect_uris": [f"{address}/" for address in settings.PORTAL_ADDRESSES]}

    def get_client_id(self):
        """As the portal names itself."""
        return self.client_id

    def get_default_redirect_uri(self):
        """None: the portal always says where."""
        return

    def get_allowed_scope(self, scope):
        """Those there are."""
        return " ".join(part for part in (scope or "").split() if part in SCOPES.split())

    def check_redirect_uri(self, redirect_uri):
        """The portal's own address, whole."""
        return redirect_uri in [f"{address}/accounts/mo-login/callback/" for address in settings.PORTAL_ADDRESSES]

    def check_client_secret(self, client_secret):
        """The secret the portal was started with."""
        return constant_time_compare(client_secret, self.secret)

    def check_endpoint_auth_method(self, method, endpoint):
        """With its secret, always."""
        return method in Codes.TOKEN_ENDPOINT_AUTH_METHODS

    def check_response_type(self, response_type):
        """Codes."""
        return response_type == "code"

    def check_grant_type(self, grant_type):
        """Codes."""
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """What a code stands for."""

    code: str
    person: DemonstrationAccount
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    made: float = field(default_factory=time.time)

    def get_redirect_uri(self):
        """Where it was sent."""
        return self.redirect_uri

    def get_scope(self):
        """What it is for."""
        return self.scope

    def get_nonce(self):
        """Of the portal, given back in the ID token."""
        return self.nonce

    def get_auth_time(self):
        """When the person was chosen."""
        return int(self.made)

    def get_acr(self):
        """Not told."""

    def get_amr(self):
        """Not told."""


@dataclass(frozen=True)
class Token(TokenMixin):
    """An access token: it opens the user information."""

    person: DemonstrationAccount
    scope: str
    ends: float

    def get_scope(self):
        """What it is for."""
        return self.scope

    def is_expired(self):
        """Whether its time is over."""
        return time.time() > self.ends

    def is_revoked(self):
        """Never, within its short time."""
        return False


CODES: dict[str, Code] = {}
TOKENS: dict[str, Token] = {}
KEYS = KeySet([RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)])


def _forget_the_old() -> None:
    now = time.time()
    for code in [name for name, code in list(CODES.items()) if now - code.made > CODE_SECONDS]:
        CODES.pop(code, None)
    for token in [name for name, token in list(TOKENS.items()) if token.is_expired()]:
        TOKENS.pop(token, None)


class Codes(AuthorizationCodeGrant):
    """Codes, kept for a minute and used once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code, request):
        """Kept with what the portal asked for."""
        _forget_the_old()
        asked = request.payload.data
        CODES[code] = Code(
            code,
            request.user,
            request.payload.redirect_uri,
            request.scope,
            asked.get("nonce"),
            asked.get("code_challenge"),
            asked.get("code_challenge_method"),
        )

    def query_authorization_code(self, code, client):
        """Taken out at once: of two who come with the same code one goes away with nothing."""
        _forget_the_old()
        return CODES.pop(code, None)

    def delete_authorization_code(self, authorization_code):
        """It is gone already."""

    def authenticate_user(self, authorization_code):
        """The person who was chosen."""
        return authorization_code.person


class OnlyS256(CodeChallenge):
    """PKCE, which nobody may leave out."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant, redirect_uri):
        """Asks for a challenge from everybody."""
        if not grant.request.payload.data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'", redirect_uri=redirect_uri)
        super().validate_code_challenge(grant, redirect_uri)


class IdTokens(OpenIDCode):
    """ID tokens: who it is, and nothing more; address and name are user information."""

    def exists_nonce(self, nonce, request):
        """Whether a code with it waits."""
        return any(code.nonce == nonce for code in list(CODES.values()))

    def resolve_client_private_key(self, client):
        """The key of this run."""
        return KEYS.keys[0]

    def get_encode_header(self, client):
        """Its name, so that a portal with another key in mind asks anew."""
        return {"alg": "RS256", "kid": KEYS.keys[0].kid}

    def get_client_algorithm(self, client):
        """RSA."""
        return "RS256"

    def get_client_claims(self, client):
        """By whom, for whom, and for how long."""
        now = int(time.time())
        return {"iss": settings.MO_LOGIN_ISSUER, "aud": client.get_client_id(), "iat": now, "exp": now + 300}

    def generate_user_info(self, user, scope):
        """The subject."""
        return {"sub": user.subject}


class Named(IssuerParameter):
    """The answer says whose it is (RFC 9207)."""

    def get_issuer(self):
        """This one's."""
        return settings.MO_LOGIN_ISSUER

    def add_issuer_parameter(self, authorization_server, response):
        """Into the address the person is sent to; Authlib's own looks for it where Flask has it."""
        if "Location" in response:
            response["Location"] = add_params_to_uri(response["Location"], {"iss": self.get_issuer()})


class End(EndSessionEndpoint):
    """Signing out here when the portal says so."""

    def get_server_jwks(self):
        """The keys an ID token of ours is signed with."""
        return KEYS

    def get_algorithms(self):
        """RSA."""
        return ["RS256"]

    def end_session(self, end_session_request):
        """Done by the view, which has the browser's session."""


class Provider(AuthorizationServer):
    """The server, with one client and its memory."""

    def __init__(self):
        super().__init__(None, None)
        self.portal = Portal(*(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0][name]
                               for name in ("client_id", "secret")))  # fmt: skip
        self.register_grant(Codes, [IdTokens(require_nonce=True), OnlyS256(required=True)])
        self.register_extension(Named())
        self.register_endpoint(End)

    def query_client(self, client_id):
        """The portal, or nobody."""
        return self.portal if client_id == self.portal.client_id else None

    def save_token(self, token, request):
        """For as long as it lasts."""
        TOKENS[token["access_token"]] = Token(request.user, token["scope"], time.time() + 300)


class Bearer(BearerTokenValidator):
    """Access tokens of this run."""

    def authenticate_token(self, token_string):
        """The token, if there is one."""
        return TOKENS.get(token_string)


PROVIDER = Provider()
PROTECTED = ResourceProtector()
PROTECTED.register_token_validator(Bearer())
