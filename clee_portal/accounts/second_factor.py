"""The second step of a sign-in: an authenticator app or a passkey, beside the password or the state's sign-in.

Whoever acts for the state (POST staff, the Director, designated agents) needs one; everybody else may have one. A
session knows when its person last proved it (`confirm`): that is what opens the portal to the state's people, and what
an act that changes a license's standing asks for anew (`accounts.step_up`).
"""

import math

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest

from clee_portal import clock
from clee_portal.accounts import sessions, totp
from clee_portal.accounts.models import FactorRecovery, User

Type = Authenticator.Type
FACTORS = (Type.TOTP, Type.WEBAUTHN)
_CONFIRMED = "second_factor"
_MUST_SET_UP = "must_set_up_second_factor"
_PASSWORD_AT = "password_at"  # noqa: S105 - the name of a key


def is_required_of(user: User) -> bool:
    """Whether `user` may do nothing without a second step: whoever holds a role of the state today."""
    return user.sees_the_state


def has(user: User) -> bool:
    """Whether `user` has set one up."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def confirm(session, user: User) -> None:
    """`user` has proved the second step just now, in this session or in the sign-in that makes it."""
    session[_CONFIRMED] = {"user": user.pk, "at": _now()}
    session.pop(_MUST_SET_UP, None)


def minutes_since(session, user: User) -> float:
    """Minutes since `user` proved it in this session; infinity where they did not."""
    known = session.get(_CONFIRMED)
    return (_now() - known["at"]) / 60 if known and known["user"] == user.pk else math.inf


def is_fresh(session, user: User) -> bool:
    """Whether that was within the last minutes (`STEP_UP_MINUTES`)."""
    return minutes_since(session, user) < settings.STEP_UP_MINUTES


def opens(request: HttpRequest) -> bool:
    """Whether the portal is open to the person who asks, as far as the second step goes. Fails closed."""
    session, user = request.session, request.user
    if minutes_since(session, user) < math.inf:
        return True
    return not (session.get(_MUST_SET_UP) or is_required_of(user))


def ask_for_a_new_one(session, user: User) -> None:
    """At sign-in: whose second step was removed by a recovery sets it up anew before anything else opens."""
    recovered = FactorRecovery.objects.filter(user=user).exclude(used_at=None)
    if recovered.exists() and not has(user):
        session[_MUST_SET_UP] = True


def said_by(claims: dict) -> bool:
    """Whether an ID token of the state's sign-in says that the person gave a second factor there.

    Only by an `acr` or `amr` that the settings name; by default none is, and nobody is exempt. Call `confirm` before
    the sign-in is completed where it is so.
    """
    amr = claims.get("amr") or []
    said = {amr} if isinstance(amr, str) else set(amr)
    return claims.get("acr") in settings.STRONG_SIGN_IN_ACR or bool(said & set(settings.STRONG_SIGN_IN_AMR))


def password_was_given(session) -> None:
    """The person has just written their password once more."""
    session[_PASSWORD_AT] = _now()


def may_be_changed(request: HttpRequest) -> bool:
    """Whether the person has just proved who they are, so that what proves it may be changed.

    By the second step where they have one; else by signing in, or by the password once more.
    """
    session, user = request.session, request.user
    if has(user):
        return is_fresh(session, user)
    given = (_now() - session.get(_PASSWORD_AT, 0)) / 60
    return min(given, sessions.minutes_signed_in(session)) < settings.STEP_UP_MINUTES


def may_be_removed(authenticator: Authenticator) -> bool:
    """Whether a factor may go: the last one of somebody who needs one may not."""
    others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
    return not is_required_of(authenticator.user) or others.exists()


def check_code(user: User, code: str) -> Authenticator | None:
    """The factor of `user` that a code belongs to, which is used up by it: of the app, or a recovery code."""
    for one in Authenticator.objects.filter(user=user, type__in=(Type.TOTP, Type.RECOVERY_CODES)):
        is_right = totp.use(one, code) if one.type == Type.TOTP else one.wrap().validate_code(code)
        if is_right:
            one.user = user
            return one
    return None


class SecondStep(AuthenticateStage):
    """The second step of signing in; left out where this very sign-in proved it, by a passkey or at the state's."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        is_proved = user and get_authentication_records(request, user) and is_fresh(request.session, user)
        return not is_proved and super()._should_handle(request)


def _now() -> int:
    return int(clock.now().timestamp())
