"""Where somebody MO Login vouches for becomes an account of the portal."""

from dataclasses import asdict, dataclass

from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from clee_portal.accounts.models import User
from clee_portal.refusal import Refused

LONGEST_NAME = User._meta.get_field("name").max_length


@dataclass(frozen=True)
class Identity:
    """A person as the provider vouches for them. Only `issuer` and `subject` say who it is; the rest changes with time.

    `is_email_verified` is None where the provider does not say.
    """

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    is_email_verified: bool | None = None

    @classmethod
    def of_claims(cls, issuer: str, claims: dict) -> "Identity":
        """From the claims of a verified ID token (and of the user information that goes with it)."""
        email = claims.get("email")
        name = claims.get("name")
        if not isinstance(name, str) or not name.strip():
            parts = [claims.get(part) for part in ("given_name", "family_name")]
            name = " ".join(part for part in parts if isinstance(part, str))
        verified = claims.get("email_verified")
        return cls(
            issuer=issuer,
            subject=claims["sub"],
            email=(valid_email_or_none(email) or "").lower() if isinstance(email, str) else "",
            name=" ".join("".join(sign for sign in name if sign.isprintable()).split())[:LONGEST_NAME],
            is_email_verified=verified if isinstance(verified, bool) else None,
        )

    def as_data(self) -> dict:
        """For the session, and for allauth's account data."""
        return asdict(self)


def account_of(identity: Identity) -> SocialAccount | None:
    """The connection of an identity with an account of the portal, if there is one."""
    return account_of_subject(identity.issuer, identity.subject)


def account_of_subject(issuer: str, subject: str) -> SocialAccount | None:
    """The connection of whom an issuer calls so, if there is one."""
    return SocialAccount.objects.filter(provider=issuer, uid=subject).select_related("user").first()


def admit(identity: Identity) -> SocialAccount:
    """Make an account for somebody who was invited and signs in through MO Login for the first time.

    Called with an identity that is connected already it returns that connection: two windows may arrive at once.
    Nobody is joined to an account that exists because the address is the same: an address changes hands, and the
    provider may not have checked it. Raises `Refused` where there is no address that could be used, or it is taken.
    """
    if existing := account_of(identity):
        return existing
    if not identity.email:
        raise Refused("MO Login gave no e-mail address for you. Add one to your MO Login account, then sign in again.")
    if identity.is_email_verified is False:
        raise Refused(
            f"MO Login has not confirmed that {identity.email} is yours. Confirm it there, then sign in again."
        )
    if User.objects.filter(email__iexact=identity.email).exists():
        raise _taken(identity)
    try:
        with transaction.atomic():
            user = User.objects.create_user(identity.email, name=identity.name or identity.email)
            return SocialAccount.objects.create(
                user=user, provider=identity.issuer, uid=identity.subject, extra_data=identity.as_data()
            )
    except IntegrityError:
        if existing := account_of(identity):
            return existing
        raise _taken(identity) from None


def _taken(identity: Identity) -> Refused:
    return Refused(
        f"The portal has an account with {identity.email} already. Sign in with that address and its password, then "
        "connect MO Login to it on the page “MO Login of your account”.",
        field="email",
    )
