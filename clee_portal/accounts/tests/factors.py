"""Second steps for tests: an app set up as the portal sets it up, and the code it shows now."""

import hashlib
import secrets

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from clee_portal.accounts import encryption, totp

PASSWORD = "correct-horse-battery"


def app_of(user, secret: str = "") -> Authenticator:
    """An authenticator app of `user`."""
    data = {"secret": encryption.encrypt(secret or generate_totp_secret())}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def passkey_of(user, name: str = "Work laptop") -> Authenticator:
    """A passkey of `user`, kept as the portal keeps what a browser gives it; nobody has its private half."""
    raw, flag = secrets.token_bytes(16), AuthenticatorData.FLAG
    key = ES256({1: 2, 3: -7, -1: 1, -2: secrets.token_bytes(32), -3: secrets.token_bytes(32)})
    about = AttestedCredentialData.create(bytes(16), raw, key)
    held = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flag.UP | flag.UV | flag.AT, 0, about)
    said = CollectedClientData.create("webauthn.create", secrets.token_bytes(32), "https://testserver")
    answer = {
        "clientDataJSON": websafe_encode(said),
        "attestationObject": websafe_encode(AttestationObject.create("none", held, {})),
    }
    one = {"id": websafe_encode(raw), "rawId": websafe_encode(raw), "type": "public-key", "response": answer}
    data = {"name": name, "credential": {**one, "clientExtensionResults": {"credProps": {"rk": True}}}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def code_now(app: Authenticator, ahead: int = 0) -> str:
    """What the app shows now, or `ahead` half minutes later."""
    return totp.code_of(encryption.decrypt(app.data["secret"]), totp.now_counter() + ahead)


def with_password(user):
    """The account, with the password of these tests."""
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(client, user, **more):
    """The first step of a sign-in."""
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **more})


def give_code(client, code: str):
    """The second."""
    return client.post(reverse("mfa_authenticate"), {"code": code})
