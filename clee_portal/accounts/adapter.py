"""How allauth is bent to the portal: accounts are made by invitation, guesses are counted, sessions are begun."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.urls import reverse

from clee_portal.accounts import devices, interrupted, limits, second_factor, sessions

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up: an account exists because POST or an agency made it."""

    def is_open_for_signup(self, request) -> bool:
        """Always closed."""
        return False

    def format_email_subject(self, subject) -> str:
        """The subject as it is written, without the name of the machine before it."""
        return str(subject)

    def get_login_stages(self) -> list[str]:
        """Allauth's, with the portal's own second step."""
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "clee_portal.accounts.second_factor.SecondStep"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def authenticate(self, request, **credentials):
        """Whose address and password these are. A wrong one is counted; after too many nothing is looked at."""
        try:
            attempt = limits.begin(limits.PASSWORD, request, account=credentials.get("email") or "")
        except limits.TooMany as refusal:
            raise limits.as_error(refusal) from None
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeeded()
        return user

    def reauthenticate(self, user, password: str) -> bool:
        """Whether it is the password of `user`."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def login(self, request, user) -> None:
        """Every way of signing in ends here: the session begins to count its time."""
        super().login(request, user)
        sessions.begin(request.session, user, agent=self.get_http_user_agent(request))
        second_factor.ask_for_a_new_one(request.session, user)

    def post_login(self, request, user, **details):
        """What somebody else had typed in this browser is forgotten, and the browser is known from now on; then on to
        the page that was asked for."""
        interrupted.forget_unless_of(request, user)
        response = super().post_login(request, user, **details)
        devices.remember(request, response, user.email)
        return response

    def set_password(self, user, password: str) -> None:
        """Whoever chose a new password by mail need not wait for the failures with the old one."""
        super().set_password(user, password)
        limits.forgive(limits.PASSWORD, user.email)

    def get_reauthentication_methods(self, user) -> list[dict]:
        """How one proves once more who one is: by the second step where there is one, else by the password."""
        if not user.is_authenticated:
            return []
        if second_factor.has(user):
            return [{"id": "step_up", "description": "Use your second step", "url": reverse("account_step_up")}]
        if user.has_usable_password():
            url = reverse("account_reauthenticate")
            return [{"id": "reauthenticate", "description": "Use your password", "url": url}]
        return []

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Before the second step is changed: unless the person has just proved who they are."""
        return not second_factor.may_be_changed(context.request)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """Tell a person what was changed about their sign-in, at the address they sign in with.

        The change stands where the mail cannot be sent.
        """
        agent = self.get_http_user_agent(self.request)
        more = {"user": user, "device": devices.name_of(agent), **(context or {})}
        try:
            super().send_notification_mail(template_prefix, user, more, email or user.email)
        except OSError:
            log.exception("Mail about a change of the sign-in could not be sent: %s", template_prefix)
