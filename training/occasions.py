"""What onboarding writes about: invitations, and that somebody with an account was named. Asked when mail is sent."""

from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from notifications.occasions import Occasion, register
from training import invitation_states, invitation_tokens
from training.models import Invitation, Membership

INVITATION = "invitation"
NAMED = "named"
STATE_ROLE = "state_role"
ACCESS_ENDED = "access_ended"
# What a key of ACCESS_ENDED begins with: whose row the number after it is of.
OF_MEMBERSHIP, OF_STATE_ROLE = "membership", "state_role"


def register_all() -> None:
    """Make them known; called once, when the app starts."""
    register(
        Occasion(
            code=INVITATION,
            title=_("Invitation to the portal"),
            contexts=invitation_contexts,
            preview=invitation_preview,
            to_unconnected=True,
            purpose=_("The link that connects a license, an agency, a provider or a role of the state to an account."),
            audience=_("Whoever was invited, connected or not."),
        )
    )
    # These go to people who may begin on a later day, and so are not connected yet: they are invitations too.
    register(
        Occasion(
            code=NAMED, title=_("You can act for somebody"), context=named_context, still_due=named_due,
            to_unconnected=True,
            purpose=_("Somebody was named to act for an agency or a provider, or took it over."),
            audience=_("Whoever was named."),
        )
    )  # fmt: skip
    register(
        Occasion(
            code=STATE_ROLE, title=_("You can act for the state"), context=state_role_context, still_due=state_role_due,
            to_unconnected=True, purpose=_("Somebody was named to act for the state."),
            audience=_("Whoever was named."),
        )
    )  # fmt: skip
    register(
        Occasion(
            code=ACCESS_ENDED, title=_("You can no longer act for somebody"), context=ended_context,
            still_due=ended_due,
            account_security=True,
            purpose=_("A right of the account was taken away, or ends with a hand-over: which, when, and whom to ask."),
            audience=_("Whoever had it, whether or not anything else is connected to the account."),
        )
    )  # fmt: skip


def invitation_contexts(keys: Collection[str]) -> dict[str, dict]:
    """What the mail of each invitation says: the link, what it is for, and until when. One statement.

    Left out are those whose link connects nobody any more, and those whose secret is gone: their link would be dead.
    The mail names an officer by the end of the license number alone: it may reach the wrong mailbox.
    """
    found = Invitation.objects.filter(pk__in=map(int, keys)).usable(clock.now())
    said = {}
    for one in found.select_related("officer", "agency", "provider", "invited_by"):
        if token := invitation_tokens.token_of(one):
            said[str(one.pk)] = {
                "invitation": one,
                "what": what_for(one),
                "named_by": one.invited_by,
                "until": invitation_states.until(one),
                "path": reverse("training:invitation", args=[token]),
            }
    return said


def invitation_preview(key: str) -> dict | None:
    """What the mail of an invitation says, for POST to read. The link in it leads nowhere: whoever holds the real one
    can take the invitation."""
    said = invitation_contexts([key]).get(key)
    return said and said | {"path": reverse("training:invitation", args=["link-of-the-person-invited"])}


def what_for(one: Invitation) -> str:
    """What an invitation is for, as its mail and its page say it."""
    match one.role:
        case Invitation.Role.OFFICER:
            return f"your peace officer license ending in {license_end(one)}"
        case Invitation.Role.AGENCY_CEO:
            return f"{one.agency}, as its CEO"
        case Invitation.Role.DELEGATE:
            return f"{one.agency}, as a delegate of its CEO"
        case Invitation.Role.PROVIDER_STAFF:
            return f"{one.provider}, as {'its head' if one.is_head else 'its staff'}"
    return f"the POST Program, as {one.get_role_display()}"


def license_end(one: Invitation | Membership) -> str:
    """The last two characters of the license number."""
    return one.officer.license_number[-2:]


def named_context(key: str) -> dict:
    """Who named whom to what."""
    one = Membership.objects.select_related("user", "agency", "provider", "officer", "named_by").get(pk=int(key))
    return {"membership": one, "place": one.agency or one.provider, "user": one.user, "named_by": one.named_by}


def named_due(key: str) -> bool:
    """Whether they still have what they were named to."""
    lasting = Q(ends_on=None) | Q(ends_on__gte=clock.today())
    return Membership.objects.filter(lasting, pk=int(key), revoked_at=None).exists()


def state_role_context(key: str) -> dict:
    """Who named whom to what."""
    one = StateRole.objects.select_related("user", "named_by").get(pk=int(key))
    return {"role": one, "user": one.user, "named_by": one.named_by}


def state_role_due(key: str) -> bool:
    """Whether they still have the role."""
    return StateRole.objects.filter(pk=int(key)).current(clock.today()).exists()


def ended_key(one: Membership | StateRole) -> str:
    """The key of the mail about what ended. The last day of one that ends later is part of it: after a hand-over that
    was taken back, the next one is told too."""
    of = OF_STATE_ROLE if isinstance(one, StateRole) else OF_MEMBERSHIP
    return f"{of}:{one.pk}:{'' if one.revoked_at or not one.ends_on else one.ends_on.isoformat()}"


def _ended(key: str) -> Membership | StateRole | None:
    of, pk, _ = key.split(":")
    if of == OF_STATE_ROLE:
        return StateRole.objects.filter(pk=int(pk)).select_related("user").first()
    found = Membership.objects.filter(pk=int(pk))
    return found.select_related("user", "agency", "provider", "officer").first()


def ended_context(key: str) -> dict:
    """What ended, when, and whether it was taken away. An officer is named by the end of the license number alone."""
    one = _ended(key)
    return {
        "user": one.user,
        "what": _what_ended(one),
        "is_revoked": one.revoked_at is not None,
        "revoked_at": one.revoked_at,
        "last_day": one.ends_on,
        "is_over": bool(one.ends_on) and one.ends_on < clock.today(),
    }


def _what_ended(one: Membership | StateRole) -> str:
    if isinstance(one, StateRole):
        if one.role == StateRole.Role.MEDICAL_READER:
            return "read the medical documents of requests for more time"
        return f"act for the state as {one.get_role_display()}"
    if one.role == Membership.Role.OFFICER:
        return f"see the record of the peace officer license ending in {license_end(one)}"
    return f"act for {one.agency or one.provider} as {one.get_role_display()}"


def ended_due(key: str) -> bool:
    """Whether it did end, or ends on the day the mail is about: a hand-over that was taken back ends nothing."""
    one = _ended(key)
    return one is not None and one.user.is_active and ended_key(one) == key
