"""How allauth is bent to the portal: accounts are made by invitation, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter

from clee_portal.accounts import interrupted


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: an account exists because POST or an agency made it."""

    def is_open_for_signup(self, request) -> bool:
        """Always closed."""
        return False

    def format_email_subject(self, subject) -> str:
        """The subject as it is written, without the name of the machine before it."""
        return str(subject)

    def post_login(self, request, user, **details):
        """What somebody else had typed in this browser is forgotten; then on to the page that was asked for."""
        interrupted.forget_unless_of(request, user)
        return super().post_login(request, user, **details)
