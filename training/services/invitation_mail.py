"""What onboarding hands to the outbox, in the transaction of its cause."""

from collections.abc import Iterable

from clee_portal.accounts.models import StateRole
from notifications import outbox
from notifications.outbox import Mail
from training import occasions
from training.models import Invitation, Membership


def queue(invitations: Iterable[Invitation]) -> None:
    """Hand the mail of new invitations to the outbox, in one statement. It lapses when the link does."""
    mails = [Mail(str(one.pk), one.email, lapses_at=one.expires_at) for one in invitations]
    outbox.put_many(occasion=occasions.INVITATION, mails=mails)


def tell_named(membership: Membership) -> None:
    """Tell somebody who has an account already that they were named."""
    user = membership.user
    outbox.put(occasion=occasions.NAMED, key=str(membership.pk), address=user.email, user=user)


def tell_state_role(role: StateRole) -> None:
    """Tell somebody who has an account already that the state gave them a role."""
    outbox.put(occasion=occasions.STATE_ROLE, key=str(role.pk), address=role.user.email, user=role.user)


def tell_ended(one: Membership | StateRole) -> None:
    """Tell whoever had it that a membership or a role of the state was revoked, or that it ends on a day that was
    set; `one` as it stands now, with its user."""
    key = occasions.ended_key(one)
    outbox.put(occasion=occasions.ACCESS_ENDED, key=key, address=one.user.email, user=one.user)
