"""Which optional kinds of mail a person has switched off, and the link in a mail that switches one off.

The link is signed for one account and one kind: whoever holds the mail can stop that kind, and do nothing else.
"""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from clee_portal import clock, history
from clee_portal.accounts.models import User
from notifications import occasions
from notifications.models import Preference
from notifications.occasions import Occasion

NOTE = "The person has switched this kind off."
_SALT = "notifications.preferences.stop"


def optional() -> dict[str, Occasion]:
    """Code -> occasion, of those that a person may switch off."""
    return {one.code: one for one in occasions.registered() if one.is_optional}


def switched_off(code: str, user_ids: Collection[int]) -> set[int]:
    """Those of `user_ids` who do not want this kind."""
    off = Preference.objects.filter(occasion=code, user__in=user_ids, wanted=False)
    return set(off.values_list("user", flat=True))


def choices_of(user: User) -> dict[str, bool]:
    """Code -> whether the person gets it, of every optional kind."""
    said = dict(Preference.objects.filter(user=user).values_list("occasion", "wanted"))
    return {code: said.get(code, True) for code in optional()}


@transaction.atomic
def choose(*, by: User, wanted: Mapping[str, bool], how: str = "Chosen on the page") -> dict[str, bool]:
    """Keep which optional kinds a person wants; what cannot be switched off is left alone. Returns every choice."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    before = choices_of(by)
    with history.because(how):
        for code, wants in wanted.items():
            if code in before and before[code] != wants:
                Preference.objects.update_or_create(
                    user=by, occasion=code, defaults={"wanted": wants, "changed_at": clock.now()}
                )
    return choices_of(by)


def stop_url(user_id: int | None, occasion: Occasion) -> str:
    """The address that switches an optional kind off for one account; empty for other kinds."""
    if not occasion.is_optional or user_id is None:
        return ""
    token = signing.dumps([user_id, occasion.code], salt=_SALT)
    return f"{settings.PORTAL_URL}{reverse('notifications:stop', args=[token])}"


def read_stop(token: str) -> tuple[User, Occasion] | None:
    """Whose mail, and of which kind, a token is to stop; None for one that is not ours. It holds for ever."""
    try:
        user_id, code = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user, occasion = User.objects.filter(pk=user_id).first(), optional().get(code)
    return (user, occasion) if user and occasion else None
