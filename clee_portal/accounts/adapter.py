"""How allauth is bent to the portal: accounts are made by invitation, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: an account exists because POST or an agency made it."""

    def is_open_for_signup(self, request) -> bool:
        """Always closed."""
        return False
