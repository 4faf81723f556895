"""Forms of the second step: codes are counted and used up, passkeys are not counted, and the session learns of both."""

import struct

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from clee_portal.accounts import encryption, limits, second_factor, totp
from clee_portal.accounts.mfa_adapter import MFAAdapter
from clee_portal.history import accesses

# What allauth and fido2 raise for an answer that no browser gives: half of one, or something else altogether.
HALF_AN_ANSWER = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, struct.error)
WRONG = "This code is not right, or was used before. Wait for the next one, then write that."
_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "none",
    "spellcheck": "false",
    "autofocus": True,
}


def code_field(label: str, help_text: str = "") -> forms.CharField:
    """Where a code is written; spaces in it do not matter."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(attrs=_CODE),
        error_messages={"required": "Write the code."},
    )


class CodeForm(AuthenticateForm):
    """A code at sign-in: of the authenticator app, or one of the recovery codes."""

    reauthenticated = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field("Code", "Six figures from your authenticator app, or a recovery code.")

    def clean_code(self) -> str:
        """Counted first; a code is good once."""
        attempt = _begin(self.user)
        code = self.cleaned_data["code"]
        self.authenticator = second_factor.check_code(self.user, code)
        if self.authenticator is None:
            accesses.sign_in_failed(context.request, "Wrong code of the second step", self.user)
            raise ValidationError(WRONG, code="incorrect_code")
        attempt.succeeded()
        return code

    def save(self) -> None:
        """The session learns of it."""
        request = context.request
        post_authentication(request, self.authenticator, reauthenticated=self.reauthenticated)
        second_factor.confirm(request.session, self.user)


class StepUpCodeForm(CodeForm):
    """The same while signed in."""

    reauthenticated = True


class _RecordedMixin:
    """A passkey that does not hold is written into the record of access; it is not counted, there is nothing to guess.
    Of a passkey without a password nobody is named: whose it is was only claimed.
    """

    def clean_credential(self) -> Authenticator:
        """As allauth checks it."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            refusal = error
        except HALF_AN_ANSWER:
            refusal = ValidationError(MFAAdapter.error_messages["incorrect_code"], code="incorrect_code")
        accesses.sign_in_failed(context.request, "A passkey that does not hold", self.user)
        raise refusal


class PasskeySignInForm(_RecordedMixin, LoginWebAuthnForm):
    """A passkey instead of a password."""


class PasskeyForm(_RecordedMixin, AuthenticateWebAuthnForm):
    """A passkey or security key as the second step at sign-in."""

    def save(self) -> None:
        """The session learns of it."""
        super().save()
        second_factor.confirm(context.request.session, self.user)


class StepUpPasskeyForm(_RecordedMixin, ReauthenticateWebAuthnForm):
    """The same while signed in."""

    def save(self) -> None:
        """The session learns of it."""
        super().save()
        second_factor.confirm(context.request.session, self.user)


class SetUpAppForm(forms.Form):
    """The first code of an app that is set up. The secret waits in the session, encrypted, until it is confirmed."""

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["code"] = code_field("The code your app shows now")
        self.secret, self.counter = _waiting_secret(), None

    def clean_code(self) -> str:
        """It has to be of this secret, and of now."""
        attempt = _begin(self.user)
        self.counter = totp.counter_of(self.secret, self.cleaned_data["code"])
        if self.counter is None:
            raise ValidationError("This is not the code of this app just now. Write the one it shows.")
        attempt.succeeded()
        return self.cleaned_data["code"]


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey or security key."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What to call it"
        self.fields["name"].help_text = "So that you know it in the list, for example “Work phone”."
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = "60"
        self.fields["passwordless"].label = "Let it sign me in without a password"
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].help_text = (
            "It then asks for your fingerprint, face or PIN. Take the tick away for a security key without a PIN: it "
            "is asked for after your password."
        )

    def clean(self) -> dict:
        """As allauth checks it; whatever else arrives is a passkey that was not added, and said so."""
        try:
            return super().clean()
        except HALF_AN_ANSWER:
            raise ValidationError(MFAAdapter.error_messages["incorrect_code"], code="incorrect_code") from None


class RenamePasskeyForm(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label="What to call it", max_length=60, error_messages={"required": "Give it a name."}
        )


def _begin(user):
    try:
        return limits.begin(limits.CODE, context.request, account=user.email)
    except limits.TooMany as refusal:
        raise limits.as_error(refusal) from None


def _waiting_secret() -> str:
    session = context.request.session
    if kept := session.get(SECRET_SESSION_KEY):
        return encryption.decrypt(kept)
    secret = generate_totp_secret()
    session[SECRET_SESSION_KEY] = encryption.encrypt(secret)
    return secret
