"""Mail to somebody who was given the right to act: an account that is new is asked to choose a password."""

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str

from clee_portal.accounts.models import User


def send(request, user: User, *, named_by: User, place: str, role: str) -> None:
    """Tell `user` that `named_by` made them `role` at `place`; where no password is set yet, with the link to choose
    one. Call it after the change is committed: a mail cannot be taken back. The link works once and for a few days."""
    adapter = get_adapter(request)
    context = {"user": user, "named_by": named_by, "place": place, "role": role}
    if not user.has_usable_password():
        key = f"{user_pk_to_url_str(user)}-{app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)}"
        context["password_url"] = adapter.get_reset_password_from_key_url(key)
    adapter.send_mail("account/email/invitation", user.email, context)
