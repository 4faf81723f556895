"""The sign-in page."""

from allauth.account.views import LoginView
from django.conf import settings

from clee_portal.accounts import interrupted
from clee_portal.accounts.views.asking import CountedMixin


class SignInView(CountedMixin, LoginView):
    """MO Login where it is offered, and e-mail address with password for accounts that have one.

    Beside the embedded servers it also lists the accounts of the demonstration.
    """

    def get_context_data(self, **kwargs) -> dict:
        """The form, whether something typed waits, and, in the demonstration, who can be signed in as."""
        context = super().get_context_data(was_interrupted=interrupted.waits(self.request), **kwargs)
        context["mo_login"] = settings.MO_LOGIN_NAME if settings.MO_LOGIN_ISSUER else ""
        if settings.CLEE_EMBEDDED:
            from clee_portal.accounts import demonstration  # made-up accounts exist nowhere else

            context["demonstration_accounts"] = demonstration.ACCOUNTS
            context["demonstration_password"] = demonstration.PASSWORD
        return context
