"""What must not be believed: forged, expired, replayed, mixed-up. Each time nobody is signed in."""

import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from clee_portal.accounts.mo_login import discovery, fetching, tokens
from clee_portal.accounts.mo_login.discovery import NotTrusted
from clee_portal.accounts.models import User
from clee_portal.accounts.tests.provider_process import CLIENT_ID
from training.tests import factories

pytestmark = pytest.mark.django_db
CALLBACK = "/accounts/mo-login/callback/"


@pytest.fixture
def ada(provider):
    """Somebody who could sign in if all were well."""
    user = factories.user("ada@agency.example.org")
    SocialAccount.objects.create(user=user, provider=provider.issuer, uid="ada")
    return user


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def assert_nobody(client, response, status=401) -> None:
    assert (response.status_code, signed_in(client)) == (status, False)
    assert ("mo_login_id_token" in client.session) is False


def assert_begins_again(client, response) -> None:
    assert (response.status_code, response.url, signed_in(client)) == (302, reverse("account_login"), False)
    assert "used already, or began in another browser. Try again." in client.get(response.url).content.decode()


def now() -> int:
    return int(time.time())


FORGED = {
    "signed by another key": ({"sign": "other key"}, "Signature verification failed"),
    "not signed": ({"sign": "none"}, "signed by 'none'"),
    "HS256 with the public key": ({"sign": "hs256"}, "signed by 'HS256'"),
    "a key nobody knows": ({"sign": "unknown kid"}, "publishes 0 keys that fit 'nobody-knows'"),
    "another issuer": ({"claims": {"iss": "https://evil.example.org"}}, "Invalid issuer"),
    "no issuer": ({"claims": {"iss": None}}, "MissingRequiredClaimError('iss')"),
    "another audience": ({"claims": {"aud": "somebody else"}}, "Audience doesn"),
    "no audience": ({"claims": {"aud": None}}, "MissingRequiredClaimError('aud')"),
    "several audiences, and none it was made for": ({"claims": {"aud": [CLIENT_ID, "somebody else"]}}, "(azp)"),
    "several audiences, made for another": ({"claims": {"aud": [CLIENT_ID, "other"], "azp": "other"}}, "(azp)"),
    "made for another": ({"claims": {"azp": "other"}}, "(azp)"),
    "expired": ({"claims": {"exp": now() - 3600, "iat": now() - 4000}}, "Signature has expired"),
    "no expiry": ({"claims": {"exp": None}}, "MissingRequiredClaimError('exp')"),
    "not yet valid": ({"claims": {"nbf": now() + 3600}}, "not yet valid (nbf)"),
    "made in the future": ({"claims": {"iat": now() + 3600, "exp": now() + 7200}}, "not yet valid (iat)"),
    "made long ago": ({"claims": {"iat": now() - 3600}}, "made too long ago"),
    "no time": ({"claims": {"iat": None}}, "MissingRequiredClaimError('iat')"),
    "no nonce": ({"claims": {"nonce": None}}, "(nonce)"),
    "an empty nonce": ({"claims": {"nonce": ""}}, "(nonce)"),
    "another nonce": ({"claims": {"nonce": "another"}}, "(nonce)"),
    "a nonce that is no text": ({"claims": {"nonce": 1}}, "(nonce)"),
    "no subject": ({"claims": {"sub": None}}, "MissingRequiredClaimError('sub')"),
    "an empty subject": ({"claims": {"sub": ""}}, "the subject is empty"),
    "a subject too long to be kept": ({"claims": {"sub": "a" * 192}}, "the subject is empty"),
    "made for another access token": ({"claims": {"at_hash": "x" * 22}}, "(at_hash)"),
    "user information of another": ({"userinfo": {"sub": "chief"}}, "the user information is of another subject"),
    "user information of nobody": ({"userinfo": {"sub": None}}, "the user information is of another subject"),
    "a description of another issuer": (
        {"discovery": {"issuer": "https://evil.example.org"}},
        "calls itself 'https://evil.example.org'",
    ),
    "a description that ends with a slash": (
        {"discovery": {"issuer": "http://127.0.0.1/"}},
        "calls itself 'http://127.0.0.1/'",
    ),
    "keys elsewhere over FTP": ({"discovery": {"jwks_uri": "ftp://evil.example.org/keys"}}, "jwks_uri of"),
    "a page of another site": (
        {"discovery": {"authorization_endpoint": "https://evil.example.org/authorize"}},
        "authorization_endpoint of",
    ),
    "an end of another site": (
        {"discovery": {"end_session_endpoint": "https://evil.example.org/end"}},
        "end_session_endpoint of",
    ),
    "no token endpoint": ({"discovery": {"token_endpoint": None}}, "token_endpoint of"),
    "an answer of another provider": (
        {"callback": {"iss": "https://evil.example.org"}},
        "the answer is that of 'https://evil.example.org'",
    ),
    "no name in the answer though it is announced": (
        {"discovery": {"authorization_response_iss_parameter_supported": True}},
        "the answer is that of None",
    ),
}


@pytest.mark.parametrize(("told", "reason"), FORGED.values(), ids=FORGED)
def test_refused(client, provider, ada, told, reason, caplog):
    provider.told(**told)
    begun = client.post(reverse("account_mo_login"))
    response = begun if begun.status_code != 302 else provider.back(client, provider.answer(begun.url, "ada"))
    assert_nobody(client, response)
    assert "The answer that came back from MO Login could not be checked" in response.content.decode()
    assert "evil" not in response.content.decode()
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 1)
    assert reason in caplog.text


def test_the_same_without_a_fault_is_let_in(client, provider, ada):
    """What the cases above are compared with: only the fault keeps Ada out."""
    provider.told(
        claims={"azp": CLIENT_ID, "aud": [CLIENT_ID, "somebody else"]},
        discovery={"authorization_response_iss_parameter_supported": True},
        callback={"iss": provider.issuer},
    )
    assert provider.sign_in(client, "ada").url == "/"
    assert signed_in(client)


def test_clocks_may_differ_by_a_minute(provider, ada):
    for claims in ({"iat": now() + 30}, {"exp": now() - 30, "iat": now() - 60}):
        client = Client()
        provider.told(claims=claims)
        assert provider.sign_in(client, "ada").url == "/"


def test_id_token_of_an_earlier_sign_in_is_refused(client, provider, ada):
    first = Client()
    provider.sign_in(first, "ada")
    assert signed_in(first)
    provider.told(repeat=True)
    assert_nobody(client, provider.sign_in(client, "ada"))


def test_state_is_needed(client, provider, ada):
    location = provider.answer(provider.begin(client), "ada")
    code = parse_qs(urlsplit(location).query)["code"][0]
    response = client.get(CALLBACK, {"code": code})
    assert (response.url, signed_in(client)) == (reverse("account_login"), False)


def test_state_of_nobody_is_refused(client, provider, ada):
    location = provider.answer(provider.begin(client), "ada")
    code = parse_qs(urlsplit(location).query)["code"][0]
    assert_begins_again(client, client.get(CALLBACK, {"code": code, "state": "guessed-by-somebody"}))


def test_state_of_another_browser_is_refused(client, provider, ada):
    """An attacker sends their own answer to somebody, who would then work in the attacker's account."""
    attacker = Client()
    location = provider.answer(provider.begin(attacker), "ada")
    provider.begin(client)
    assert_begins_again(client, provider.back(client, location))


def test_state_serves_once(client, provider, ada):
    location = provider.answer(provider.begin(client), "ada")
    provider.back(client, location)
    client.logout()
    provider.begin(client)
    assert_begins_again(client, provider.back(client, location))


def test_answer_twice_after_it_went_well_leads_home(client, provider, ada):
    """Back, or a reload, in the browser of somebody who is signed in."""
    location = provider.answer(provider.begin(client), "ada")
    provider.back(client, location)
    assert provider.back(client, location).url == "/"
    assert signed_in(client)


def test_state_serves_ten_minutes(client, provider, ada, monkeypatch):
    location = provider.answer(provider.begin(client), "ada")
    monkeypatch.setattr(statekit, "STATE_TTL", -1)
    assert_begins_again(client, provider.back(client, location))


def test_code_serves_once(client, provider, ada):
    """With a state of one's own: whoever saw the address of somebody's answer."""
    location = provider.answer(provider.begin(client), "ada")
    code = parse_qs(urlsplit(location).query)["code"][0]
    provider.back(client, location)
    thief = Client()
    state = parse_qs(urlsplit(provider.begin(thief)).query)["state"][0]
    assert_nobody(thief, thief.get(CALLBACK, {"code": code, "state": state}))


def test_code_of_another_browser_is_refused_by_pkce(client, provider, ada):
    """Not used yet, and put into the thief's own sign-in."""
    code = parse_qs(urlsplit(provider.answer(provider.begin(client), "ada")).query)["code"][0]
    thief = Client()
    state = parse_qs(urlsplit(provider.begin(thief)).query)["state"][0]
    assert_nobody(thief, thief.get(CALLBACK, {"code": code, "state": state}))


def test_error_of_another_provider_is_refused(client, provider, ada):
    provider.told(callback={"iss": "https://evil.example.org", "error": "access_denied", "code": None})
    assert_nobody(client, provider.sign_in(client, "ada"))


def test_callback_takes_get_only(client, provider):
    assert client.post(CALLBACK, {"state": "x", "code": "y"}).status_code == 405


def test_changed_keys_are_asked_for_once(provider, ada):
    provider.sign_in(Client(), "ada")
    provider.told(rotate=True)
    client = Client()
    assert provider.sign_in(client, "ada").url == "/"
    assert provider.asked().count("/keys") == 1
    provider.told(sign="unknown kid")
    assert_nobody(client := Client(), provider.sign_in(client, "ada"))
    assert provider.asked().count("/keys") == 1


def unavailable(response) -> bool:
    return response.status_code == 503 and "MO Login does not answer just now." in response.content.decode()


def test_provider_that_is_gone(client, provider, settings, ada):
    settings.MO_LOGIN_ISSUER = "http://127.0.0.1:1"
    app = {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0], "provider_id": "http://127.0.0.1:1"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": [app]}
    }
    assert unavailable(client.post(reverse("account_mo_login")))
    assert client.get(reverse("account_login")).status_code == 200


def test_provider_that_is_gone_between_there_and_back(client, provider, settings, ada):
    location = provider.answer(provider.begin(client), "ada")
    cache.clear()
    provider.told(large=fetching.MOST_BYTES)
    assert unavailable(provider.back(client, location))
    assert signed_in(client) is False


def test_description_too_large_is_not_read(client, provider, ada):
    provider.told(large=fetching.MOST_BYTES)
    assert unavailable(client.post(reverse("account_mo_login")))


def test_description_too_slow_is_not_waited_for(client, provider, ada, monkeypatch):
    monkeypatch.setattr(fetching, "SILENCE_SECONDS", 0.2)
    provider.told(slow=2)
    began = time.monotonic()
    assert unavailable(client.post(reverse("account_mo_login")))
    assert time.monotonic() - began < 1.5


def test_description_that_drips_is_not_waited_for(provider, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", -1)
    with pytest.raises(fetching.Unavailable, match="took longer"):
        fetching.json_object(provider.issuer + discovery.WELL_KNOWN)


def test_provider_that_was_silent_is_left_alone_for_a_moment(client, provider, ada):
    provider.told(large=fetching.MOST_BYTES)
    assert unavailable(client.post(reverse("account_mo_login")))
    provider.told()
    assert unavailable(client.post(reverse("account_mo_login")))
    assert provider.asked() == []
    cache.clear()
    assert provider.sign_in(client, "ada").url == "/"


@pytest.mark.parametrize("path", ["/end?post_logout_redirect_uri=/keys", "/nothing", "/authorize"])
def test_only_an_object_that_is_there_is_read(provider, path):
    """No redirection is followed, no error taken for an answer."""
    with pytest.raises(requests.RequestException):
        fetching.json_object(provider.issuer + path)


# The token alone, with kinds of keys the provider's process has not.


def verified(token, keys, **more):
    about = {
        "metadata": {"issuer": "https://login.example.org"},
        "client_id": "clee",
        "nonce": "n",
        "now": time.time(),
        "access_token": "a",
        "keys": lambda anew: keys,
    }
    return tokens.verified_claims(token, **about | more)


def claims(**more) -> dict:
    return {
        "iss": "https://login.example.org", "sub": "ada", "aud": "clee", "nonce": "n", "iat": now(), "exp": now() + 60
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def published(rsa_key):
    return RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True)


def test_elliptic_keys_hold_too(rsa_key, published):
    key = ec.generate_private_key(ec.SECP256R1())
    public = {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "e"}
    token = jwt.encode(claims(), key, algorithm="ES256", headers={"kid": "e"})
    assert verified(token, [published, public])["sub"] == "ada"


def test_one_key_without_a_name_holds(rsa_key, published):
    assert verified(jwt.encode(claims(), rsa_key, algorithm="RS256"), [published])["sub"] == "ada"


@pytest.mark.parametrize(
    "key", [{"use": "enc"}, {"alg": "RS512"}, {"kid": "another"}, {"kty": "oct", "k": "c2VjcmV0"}], ids=str
)
def test_key_of_another_use_does_not_hold(rsa_key, published, key):
    token = jwt.encode(claims(), rsa_key, algorithm="RS256", headers={"kid": "r"})
    with pytest.raises(NotTrusted, match="publishes 0 keys"):
        verified(token, [{**published, "kid": "r", **key}])


def test_two_keys_of_one_name_do_not_hold(rsa_key, published):
    with pytest.raises(NotTrusted, match="publishes 2 keys"):
        verified(jwt.encode(claims(), rsa_key, algorithm="RS256"), [published, published])


def test_algorithm_that_is_not_announced_does_not_hold(rsa_key, published):
    about = {"metadata": {"issuer": "https://login.example.org", "id_token_signing_alg_values_supported": ["ES256"]}}
    with pytest.raises(NotTrusted, match="signed by 'RS256'"):
        verified(jwt.encode(claims(), rsa_key, algorithm="RS256"), [published], **about)


def test_no_nonce_expected_is_none_that_fits(rsa_key, published):
    with pytest.raises(NotTrusted, match="nonce"):
        verified(jwt.encode(claims(nonce=""), rsa_key, algorithm="RS256"), [published], nonce="")


@pytest.mark.parametrize("token", [None, "", "a.b.c", "x" * 20_000, 7, "ey.ey"])
def test_what_is_no_token_does_not_hold(token):
    with pytest.raises(NotTrusted):
        verified(token, [])


def test_client_secret_is_no_key():
    token = jwt.encode(claims(), "x" * 32, algorithm="HS256")
    with pytest.raises(NotTrusted, match="signed by 'HS256'"):
        verified(token, [{"kty": "oct", "k": "eHh4"}])
