"""Pages that no address of `world.py` leads to: those of a link in a mail, of a second step, and of what went wrong.

Each is (its name, what gives its address and the page to a client that nobody is signed in with).
"""

import hashlib

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.shortcuts import render
from django.test import Client
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import FactorRecovery
from clee_portal.accounts.services import recoveries
from clee_portal.accounts.tests.factors import app_of, give_code, give_password, with_password
from clee_portal.operation import faults
from notifications import preferences
from training import invitation_tokens

# What is shown where a server is away, or somebody tried too often: templates without an address.
OF_FAULTS = (
    "400.html", "429.html", "account/mo_login_refused.html", "account/mo_login_stranger.html",
    "account/mo_login_too_many.html", "account/mo_login_unavailable.html", "account/account_inactive.html",
    "compliance/document_gone.html",
)  # fmt: skip


def elsewhere(world) -> list[tuple]:
    """They are of the officer and the people of agency A."""
    officer, post = with_password(world.a.officer_account), with_password(world.people["POST staff"])
    app = app_of(post)
    invited = invitation_tokens.token_of_nonce(world.a.invitation.nonce)
    FactorRecovery.objects.filter(pk=world.a.recovery.pk).update(
        token_digest=hashlib.sha256(b"by-mail").hexdigest(), expires_at=clock.now() + recoveries.TO_USE
    )
    stop = preferences.stop_url(officer.pk, next(iter(preferences.optional().values())))
    reset = {"uidb36": user_pk_to_url_str(officer), "key": default_token_generator.make_token(officer)}

    def at(address: str, *, by=None):
        def get(client):
            if by is not None:
                client.force_login(by)
            return address, client.get(address)

        return get

    def second_step(client):
        return "", give_password(client, post)

    def wrong_code(client):
        give_password(client, post)
        return reverse("mfa_authenticate"), give_code(client, "000000")

    def without_its_token(client):
        strict = Client(enforce_csrf_checks=True)
        return reverse("account_login"), strict.post(reverse("account_login"), {"login": "somebody"})

    def as_somebody_else(client):
        client.force_login(post)
        return reverse("help"), render(client.get(reverse("help")).wsgi_request, "403_csrf.html", {"is_another": True})

    def of_fault(template: str):
        def get(client):
            return reverse("help"), render(client.get(reverse("help")).wsgi_request, template)

        return get

    def broken(passes: bool):
        def get(client):
            request = client.post(reverse("account_logout"), {"words": "What was typed"}).wsgi_request
            try:
                raise OSError(28, "full") if passes else ValueError
            except (OSError, ValueError):
                return reverse("help"), faults.server_error(request)

        return get

    assert app.pk
    return [
        ("training:invitation", at(reverse("training:invitation", args=[invited]))),
        ("training:invitation", at(reverse("training:invitation", args=[invited]), by=world.people["nobody"])),
        ("notifications:stop", at(reverse("notifications:stop", args=[stop.rstrip("/").rpartition("/")[2]]))),
        ("recovery_use", at(reverse("recovery_link", args=["by-mail"]))),
        ("recovery_link", at(reverse("recovery_link", args=["another"]))),
        ("account_reset_password_from_key", at(reverse("account_reset_password_from_key", kwargs=reset))),
        ("mfa_authenticate", second_step),
        ("mfa_authenticate", wrong_code),
        ("403_csrf", without_its_token),
        ("403_csrf", as_somebody_else),
        ("404", at("/nowhere/")),
        ("500", broken(False)),
        ("503", broken(True)),
        *((template.removesuffix(".html"), of_fault(template)) for template in OF_FAULTS),
    ]
