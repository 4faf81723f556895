"""Addresses whose mail comes back for good: marked by a report or a refusal, cleared by their owner."""

from collections.abc import Collection

from django.db.models.functions import Lower

from clee_portal import clock
from clee_portal.accounts.models import User
from notifications.models import FailingAddress


def mark_failing(address: str, reason: str) -> None:
    """Mark an address; marked already, it stays as it is."""
    FailingAddress.objects.bulk_create([FailingAddress(address=address, reason=reason)], ignore_conflicts=True)


def failing_among(addresses: Collection[str]) -> dict[str, str]:
    """Address in lower case -> why, of those of `addresses` that are marked."""
    wanted = {address.lower() for address in addresses}
    marked = FailingAddress.objects.filter(confirmed_at=None).annotate(lower=Lower("address"))
    return dict(marked.filter(lower__in=wanted).values_list("lower", "reason"))


def is_failing(user: User) -> bool:
    """Whether mail to the address a person signs in with comes back."""
    return bool(failing_among([user.email]))


def confirm(*, by: User) -> bool:
    """The owner says that mail to their address arrives again: from now on it is tried anew. False if nothing was
    marked."""
    marked = FailingAddress.objects.filter(confirmed_at=None).annotate(lower=Lower("address"))
    return bool(marked.filter(lower=by.email.lower()).update(confirmed_at=clock.now()))


def works_again(address: str) -> None:
    """An address proved by a code that went there: mail to it is tried anew."""
    marked = FailingAddress.objects.filter(confirmed_at=None).annotate(lower=Lower("address"))
    marked.filter(lower=address.lower()).update(confirmed_at=clock.now())


SESSION_KEY = "mail_comes_back"


def note_at_sign_in(sender, request, user, **kwargs) -> None:
    """Note in the session that the person's mail comes back, so that pages say so without asking again."""
    if is_failing(user):
        request.session[SESSION_KEY] = user.email
