"""An identity provider that answers as it is told, in a process of its own: for tests, and for benchmarks/sign_in.py.

It speaks OpenID Connect over plain HTTP on the loopback and signs with a key of its own; PKCE and the client's secret
are checked, a code works once. `PUT /told` takes a JSON object that bends the answers from then on:

    claims, header, userinfo, discovery   merged into what it would say (null takes a member away)
    sign                                  "none", "hs256", "other key", "unknown kid", or the key's own way (nothing)
    slow, large                           seconds before the discovery document; bytes added to it
    rotate                                a new key from now on
    repeat                                the ID token of the last sign-in again
    callback                              members of the authorization answer (`iss`, `state`, `error`)

Run as a program it prints its address, and counts the time each of its answers took by the code it belongs to.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "clee portal"  # a space and a colon in id and secret: both have to be encoded
CLIENT_SECRET = "secret:of the tests"


class Key:
    """A signing key with its name."""

    def __init__(self):
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = secrets.token_hex(4)

    @property
    def public(self) -> dict:
        """As it is published."""
        found = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**found, "kid": self.kid, "use": "sig", "alg": "RS256"}

    @property
    def public_pem(self) -> bytes:
        """What somebody might use as the secret of HS256."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


class State:
    """What the process knows."""

    def __init__(self):
        self.keys = [Key()]
        self.told: dict = {}
        self.codes: dict[str, dict] = {}
        self.tokens: dict[str, dict] = {}
        self.asked: list[str] = []
        self.last_token = ""
        self.took: dict[str, float] = {}
        self.lock = threading.Lock()


def merged(said: dict, told: dict) -> dict:
    """`said` with the members of `told`; those that are null are taken away."""
    return {name: value for name, value in {**said, **told}.items() if value is not None}


def signed(state: State, claims: dict) -> str:
    """The ID token, signed as told."""
    key, way = state.keys[-1], state.told.get("sign")
    header = {"kid": key.kid, **state.told.get("header", {})}
    if way == "none":
        return jwt.encode(claims, None, algorithm="none", headers=header)
    if way == "hs256":
        parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT", **header}, claims)]
        text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        digest = hmac.new(key.public_pem, text, "sha256").digest()
        return (text + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()
    if way == "other key":
        return jwt.encode(claims, Key().private, algorithm="RS256", headers=header)
    if way == "unknown kid":
        header["kid"] = "nobody-knows"
    return jwt.encode(claims, key.private, algorithm="RS256", headers=header)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    state: State
    issuer: str

    def log_message(self, *unused):
        """Nothing on the terminal."""

    def answer(self, status: int, body: dict | None = None, **headers):
        """One JSON answer."""
        text = json.dumps(body or {}).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def sent(self) -> bytes:
        """The body of the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self):
        """Be told how to answer from now on."""
        told = json.loads(self.sent())
        with self.state.lock:
            if told.pop("rotate", False):
                self.state.keys = [Key()]
            self.state.told = told
            self.state.asked.clear()
        self.answer(200)

    def do_GET(self):
        """The public addresses."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.state.asked.append(parts.path)
        match parts.path:
            case "/.well-known/openid-configuration":
                self.discovery()
            case "/keys":
                self.answer(200, {"keys": [key.public for key in self.state.keys]})
            case "/authorize":
                self.authorize(query)
            case "/userinfo":
                self.userinfo()
            case "/end":
                self.answer(302, Location=query.get("post_logout_redirect_uri", "/"))
            case "/asked":
                self.answer(200, {"asked": self.state.asked[:-1]})
            case "/logout-token":
                self.answer(200, {"logout_token": signed(self.state, self.logout_claims(query))})
            case "/took":
                self.answer(200, self.state.took)
            case _:
                self.answer(404)

    def do_POST(self):
        """The token endpoint."""
        began = time.perf_counter()
        form = {name: values[0] for name, values in parse_qs(self.sent().decode()).items()}
        self.state.asked.append("/token")
        with self.state.lock:
            code = self.state.codes.pop(form.get("code", ""), None)
        if self.headers.get("Authorization", "").startswith("Basic "):
            pair = base64.b64decode(self.headers["Authorization"][6:]).decode().split(":")
            client = tuple(map(unquote_plus, pair))
        else:
            client = form.get("client_id"), form.get("client_secret")
        if client != (CLIENT_ID, CLIENT_SECRET):
            return self.answer(401, {"error": "invalid_client"})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if code is None or code["challenge"] != verifier or code["redirect_uri"] != form.get("redirect_uri"):
            return self.answer(400, {"error": "invalid_grant"})
        access_token = secrets.token_urlsafe(16)
        self.state.tokens[access_token] = {"sub": code["sub"], "code": form["code"]}
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        said = {
            "iss": self.issuer,
            "sub": code["sub"],
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": code["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        }
        token = signed(self.state, merged(said, self.state.told.get("claims", {})))
        if self.state.told.get("repeat"):
            token = self.state.last_token
        self.state.last_token = token
        self.answer(200, {"access_token": access_token, "token_type": "Bearer", "id_token": token})
        self.count(form["code"], began)

    def logout_claims(self, query: dict) -> dict:
        """What a logout token for `sub` and `sid` of the address says, as it would send it to the portal's server."""
        now = int(time.time())
        event = "http://schemas.openid.net/event/backchannel-logout"
        said = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8)}
        return merged({**said, "events": {event: {}}, **query}, self.state.told.get("claims", {}))

    def discovery(self):
        """What it says of itself."""
        time.sleep(self.state.told.get("slow", 0))
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256"],
            "filler": "x" * self.state.told.get("large", 0),
        }
        self.answer(200, merged(said, self.state.told.get("discovery", {})))

    def authorize(self, query: dict):
        """The person named by `login_hint`, else the one told, signs in at once."""
        if query.get("code_challenge_method") != "S256" or not query.get("nonce"):
            return self.answer(400, {"error": "PKCE with S256 and a nonce are needed"})
        code = secrets.token_urlsafe(16)
        self.state.codes[code] = {
            "sub": self.state.told.get("sub") or query.get("login_hint", "nobody"),
            "nonce": query["nonce"],
            "challenge": query["code_challenge"],
            "redirect_uri": query["redirect_uri"],
        }
        said = merged({"code": code, "state": query["state"]}, self.state.told.get("callback", {}))
        self.answer(302, Location=f"{query['redirect_uri']}?{urlencode(said, quote_via=quote)}")

    def userinfo(self):
        """Address and name."""
        began = time.perf_counter()
        token = self.state.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None:
            return self.answer(401)
        said = {"sub": token["sub"], "email": f"{token['sub']}@example.org", "name": token["sub"].title()}
        self.answer(200, merged(said, self.state.told.get("userinfo", {})))
        self.count(token["code"], began)

    def count(self, code: str, began: float):
        """Note how long an answer took."""
        self.state.took[code] = self.state.took.get(code, 0) + time.perf_counter() - began


class Server(ThreadingHTTPServer):
    """Many callers at once."""

    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Listen on a free port and say where."""
    Handler.state = State()
    server = Server(("127.0.0.1", 0), Handler)
    Handler.issuer = f"http://127.0.0.1:{server.server_port}"
    sys.stdout.write(f"{Handler.issuer}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
