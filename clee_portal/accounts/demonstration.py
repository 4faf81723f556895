"""The accounts of the demonstration: who they are, their password, and the codes of their second step.

They exist only beside the embedded servers. Whoever tries the portal out has no phone with the secrets of made-up
people on it, so where mail ends on a page of the demonstration the code is shown beside the field (`code_for`). It goes
the same way as any other code: it is checked, counted and used up.
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.conf import settings

from clee_portal.accounts import encryption, totp
from clee_portal.accounts.models import StateRole, User

PASSWORD = "clee-demonstration"  # noqa: S105 - shown on the sign-in page; no such account exists elsewhere


@dataclass(frozen=True)
class DemonstrationAccount:
    """Someone to sign in as. `key` tells the demonstration state what to connect the account to."""

    key: str
    email: str
    name: str
    who: str
    state_role: str = ""

    @property
    def subject(self) -> str:
        """Who it is at the demonstration of MO Login."""
        return f"demonstration-{self.key.replace('_', '-')}"


ACCOUNTS = (
    DemonstrationAccount(
        "chief", "chief@demo.example.org", "Dana Whitlock", "chief of a police department of twelve (agency CEO)"
    ),
    DemonstrationAccount(
        "sheriff", "sheriff@demo.example.org", "Wade Corrigan", "sheriff, office of 31 officers (agency CEO)"
    ),
    DemonstrationAccount(
        "coordinator",
        "coordinator@demo.example.org",
        "Lena Macklin",
        "training coordinator of the largest agency (delegate)",
    ),
    DemonstrationAccount(
        "near_miss",
        "deputy@demo.example.org",
        "Marcus Calloway",
        "deputy: enough hours, but none in firearms that count",
    ),
    DemonstrationAccount("compliant", "corporal@demo.example.org", "Renée Thibodeau", "deputy: has what is required"),
    DemonstrationAccount(
        "candidate",
        "candidate@demo.example.org",
        "Owen O'Carrick",
        "deputy: past March 15 with hours missing",
    ),
    DemonstrationAccount(
        "hats",
        "officer@demo.example.org",
        "Priya Castellano",
        "two hats: officer of the department of twelve, and its delegate",
    ),
    DemonstrationAccount("provider", "provider@demo.example.org", "Joel Vandermeer", "staff of a training provider"),
    DemonstrationAccount(
        "post_staff", "post@demo.example.org", "Grace Lindqvist", "POST staff", StateRole.Role.POST_STAFF
    ),
    DemonstrationAccount(
        "post_second",
        "second@demo.example.org",
        "Tomás Eberhart",
        "POST staff too: approves the rules that somebody else drafted",
        StateRole.Role.POST_STAFF,
    ),
    DemonstrationAccount(
        "director",
        "director@demo.example.org",
        "Eleanor Whitcombe",
        "Director of Public Safety",
        StateRole.Role.DIRECTOR,
    ),
)

# Known to the demonstration of MO Login, and not to the portal: an officer who has not been invited, or not yet.
NOT_CONNECTED = DemonstrationAccount(
    "newcomer",
    "newcomer@demo.example.org",
    "Theo Brandt",
    "signs in for the first time: not connected to the portal yet",
)
PERSONS = (*ACCOUNTS, NOT_CONNECTED)
EMAILS = frozenset(one.email for one in PERSONS)


def code_for(user: User) -> str | None:
    """The next good code of a demonstration account's app; None for everybody else, everywhere else."""
    if not _is_made_up(user):
        return None
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return None
    # Valid are the half minute it is and the next; the one used last is not.
    counter = max(totp.now_counter(), app.data.get(totp.USED, -1) + 1)
    return totp.code_of(encryption.decrypt(app.data["secret"]), counter)


def code_of_secret(user: User, secret: str) -> str | None:
    """The code of an app that a demonstration account is setting up; None for everybody else, everywhere else."""
    return totp.code_of(secret, totp.now_counter()) if _is_made_up(user) else None


def _is_made_up(user: User) -> bool:
    return settings.IS_DEMONSTRATION and user.email in {account.email for account in ACCOUNTS}
