"""Second steps for tests: an app set up as the portal sets it up, and the code it shows now."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.urls import reverse

from clee_portal.accounts import encryption, totp

PASSWORD = "correct-horse-battery"


def app_of(user, secret: str = "") -> Authenticator:
    """An authenticator app of `user`."""
    data = {"secret": encryption.encrypt(secret or generate_totp_secret())}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


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
