"""The accounts of the demonstration: who they are, and their password. They exist only beside the embedded servers."""

from dataclasses import dataclass

from clee_portal.accounts.models import StateRole

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
