"""How allauth is bent to the portal: accounts are made by invitation, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter

from clee_portal.accounts import interrupted
from clee_portal.accounts.models import User
from clee_portal.history import accesses


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: an account exists because POST or an agency made it."""

    def is_open_for_signup(self, request) -> bool:
        """Always closed."""
        return False

    def authentication_failed(self, request, **credentials) -> None:
        """Written down: whose address it was, if it is one of an account, and why; never what was typed."""
        user = User.objects.filter(email__iexact=str(credentials.get("email", ""))[:254]).first()
        why = "No account has this address"
        if user is not None:
            why = "Wrong password" if user.is_active else "The account is closed"
        accesses.sign_in_failed(request, why, user)

    def format_email_subject(self, subject) -> str:
        """The subject as it is written, without the name of the machine before it."""
        return str(subject)

    def post_login(self, request, user, **details):
        """What somebody else had typed in this browser is forgotten; then on to the page that was asked for."""
        accesses.signed_in(request, user)
        interrupted.forget_unless_of(request, user)
        return super().post_login(request, user, **details)
