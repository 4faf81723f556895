"""Who acts for an agency: delegates named and revoked, and the hand-over from one CEO to the next."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import clock, history
from clee_portal.accounts import sessions
from clee_portal.accounts.models import User
from clee_portal.history import seen as pages
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, Invitation, Membership
from training.models.memberships import RIGHTS
from training.services import invitation_mail, invitations

Role = Membership.Role
# A hand-over further ahead than this is a slip of the year.
AHEAD = dt.timedelta(days=366)
NOT_YOURS = "Only the agency’s CEO, or POST, names who acts for it."


class Named(NamedTuple):
    """Somebody who was named: connected at once, or invited, since there is no account with the address yet."""

    membership: Membership | None
    invitation: Invitation | None
    is_new: bool

    @property
    def person(self) -> str:
        """What others see."""
        return str(self.membership.user) if self.membership else self.invitation.name

    @property
    def email(self) -> str:
        """Where they are reached."""
        return self.membership.user.email if self.membership else self.invitation.email


@transaction.atomic
def name_delegate(
    *, by: User | None, agency: Agency, email: str, name: str = "", rights: Mapping[str, bool] | None = None,
    today: dt.date,
) -> Named:  # fmt: skip
    """Name the person with this e-mail address a delegate of the agency's CEO, from today, with `rights` (all, if none
    are given). An account that exists acts for the agency at once and is told; else the person is invited.

    Raises `Refused`.
    """
    lock(by=by, agency=agency)
    rights = {**dict.fromkeys(RIGHTS, True), **(rights or {})}
    user = account(email)
    if user is None:
        return _invite(by, agency, email, name, role=Role.DELEGATE, **rights)
    held = Membership.objects.filter(user=user, agency=agency).current(today)
    if same := held.filter(role=Role.DELEGATE).first():
        return Named(same, None, False)
    if held.filter(role=Role.AGENCY_CEO).exists():
        raise Refused(f"{user} is the agency’s CEO and needs no delegation.", field="email")
    with history.because("Named delegate"):
        made = Membership.objects.create(
            user=user, role=Role.DELEGATE, agency=agency, starts_on=today, named_by=by, **rights
        )
    invitation_mail.tell_named(made)
    return Named(made, None, True)


@transaction.atomic
def change_rights(
    *, by: User | None, membership: Membership, rights: Mapping[str, bool], seen: str | None = None
) -> Membership:
    """Change what a delegate may do, from this moment on. `seen` is the mark of the page
    (`clee_portal.history.seen`). Raises `Refused`."""
    lock(by=by, agency=membership.agency)
    held = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if held.role != Role.DELEGATE or held.revoked_at:
        raise Refused("Only what a delegate may do can be changed.")
    given = {"rights": [name for name in RIGHTS if rights.get(name)]}
    pages.check(
        seen=seen, now=stands(held), given=given, written={"rights": pages.events_about(Membership, pgh_obj=held)}
    )
    with history.because("What the delegate may do was changed"):
        Membership.objects.filter(pk=held.pk).update(**{name: bool(rights.get(name)) for name in RIGHTS})
    held.refresh_from_db()
    return held


def stands(membership: Membership) -> dict:
    """What `change_rights` changes, as it stands."""
    return {"rights": [name for name in RIGHTS if getattr(membership, name)]}


@transaction.atomic
def revoke(*, by: User | None, membership: Membership, leaves_nobody: bool = False, today: dt.date) -> Membership:
    """Take a person's right to act for the agency away at once; their open sessions end. Once revoked stays revoked.

    A CEO does not revoke themself or another CEO: they hand over. POST may. A CEO to come is not revoked: the hand-over
    is taken back. That nobody at all is left to act for the agency has to be meant. Raises `Refused`.
    """
    lock(by=by, agency=membership.agency)
    held = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if held.role == Role.AGENCY_CEO and not access.can_settle_claims(by):
        raise Refused("A CEO is not revoked here: hand over to the next one, or call POST.")
    if held.revoked_at:
        return held
    if held.role == Role.AGENCY_CEO and held.starts_on > today:
        raise Refused("This is a hand-over that is still to come. Take the hand-over back instead.")
    others = Membership.objects.filter(agency=held.agency_id).current(today).exclude(user=held.user_id)
    if not leaves_nobody and not others.exists():
        raise Refused(
            "Nobody would be left to act for the agency. Name who comes after first, or say that it is meant.",
            field="leaves_nobody",
        )
    with history.because(f"{held.get_role_display()} revoked"):
        Membership.objects.filter(pk=held.pk).update(revoked_at=Now())
    sessions.end_all(held.user)
    held.refresh_from_db(fields=["revoked_at"])
    invitation_mail.tell_ended(held)
    return held


@transaction.atomic
def hand_over(
    *, by: User | None, agency: Agency, email: str, name: str = "", last_day: dt.date, today: dt.date
) -> Named:
    """The CEO's last day is `last_day`; from the next day (or today, if that is past) the named person is CEO, at once
    where they have an account, else as soon as they follow their invitation.

    Whoever was a delegate till then is one no more from that day. Without a CEO, as POST finds it, the successor begins
    today. Raises `Refused`.
    """
    lock(by=by, agency=agency)
    if last_day > today + AHEAD:
        raise Refused("The last day is more than a year ahead. Check the year.", field="last_day")
    leaving = list(ceos(agency, today))
    starts_on = _begins(last_day, today) if leaving else today
    if planned := next_ceo(agency, today):
        if planned.email == email.strip().lower() and planned.starts_on == starts_on:
            return Named(planned.membership, planned.invitation, False)
        raise Refused(f"The agency is handed over to {planned.person} already. Take that back first.", field="email")
    if last_day < today and not access.can_settle_claims(by):
        raise Refused("The last day is past. Give today or a later day, or call POST.", field="last_day")
    for one in leaving:
        if last_day < one.starts_on:
            raise Refused(
                f"{one.user} is CEO since {one.starts_on:%B} {one.starts_on.day}, {one.starts_on.year}.",
                field="last_day",
            )
    user = account(email)
    if user and any(one.user_id == user.pk for one in leaving):
        raise Refused(f"{user} is the agency’s CEO now. Name who comes after.", field="email")
    with history.because(f"Handed over to {user or invitations.tidy(name)}"):
        Membership.objects.filter(pk__in=[one.pk for one in leaving]).update(ends_on=last_day)
        if user is None:
            named = _invite(by, agency, email, name, role=Role.AGENCY_CEO, starts_on=starts_on)
        else:
            made = Membership.objects.create(
                user=user, role=Role.AGENCY_CEO, agency=agency, starts_on=starts_on, named_by=by
            )
            delegate = Membership.objects.filter(user=user, agency=agency, role=Role.DELEGATE).current(today)
            delegate.filter(starts_on__lt=starts_on).update(ends_on=starts_on - dt.timedelta(days=1))
            delegate.filter(starts_on__gte=starts_on).update(revoked_at=Now())
            invitation_mail.tell_named(made)
            named = Named(made, None, True)
    for one in leaving:
        if last_day < today:
            sessions.end_all(one.user)
        one.ends_on = last_day
        invitation_mail.tell_ended(one)
    return named


@transaction.atomic
def take_back(*, by: User | None, agency: Agency, today: dt.date) -> "NextCeo | None":
    """Take a hand-over that has not happened yet back: the CEO stays. Returns who would have come."""
    lock(by=by, agency=agency)
    planned = next_ceo(agency, today)
    if planned is None:
        return None
    with history.because("Hand-over taken back"):
        day_before = planned.starts_on - dt.timedelta(days=1)
        stays = Q(role=Role.AGENCY_CEO)
        if planned.membership:
            Membership.objects.filter(pk=planned.membership.pk).update(revoked_at=Now())
            planned.membership.refresh_from_db(fields=["revoked_at"])
            invitation_mail.tell_ended(planned.membership)
            stays |= Q(role=Role.DELEGATE, user=planned.membership.user)
        else:
            Invitation.objects.filter(pk=planned.invitation.pk).update(withdrawn_at=Now(), withdrawn_by=by)
        Membership.objects.filter(stays, agency=agency, ends_on=day_before).current(today).update(ends_on=None)
    return planned


def ceos(agency: Agency, today: dt.date):
    """The CEO of `agency` today; more than one where it was entered so."""
    return Membership.objects.filter(agency=agency, role=Role.AGENCY_CEO).current(today).select_related("user")


class NextCeo(NamedTuple):
    """Whoever will be CEO by a hand-over that was entered: connected already, or invited."""

    membership: Membership | None
    invitation: Invitation | None
    person: str
    email: str
    starts_on: dt.date
    named_by: User | None


def next_ceo(agency: Agency, today: dt.date) -> NextCeo | None:
    """Whoever will be CEO from a later day on, or was invited to be and has not followed the link yet."""
    coming = Membership.objects.filter(agency=agency, role=Role.AGENCY_CEO, starts_on__gt=today, revoked_at=None)
    if one := coming.select_related("user", "named_by").order_by("starts_on", "pk").first():
        return NextCeo(one, None, str(one.user), one.user.email, one.starts_on, one.named_by)
    invited = Invitation.objects.standing().filter(agency=agency, role=Role.AGENCY_CEO).select_related("invited_by")
    if one := invited.first():
        return NextCeo(None, one, one.name or one.email, one.email, one.starts_on or today, one.invited_by)
    return None


def _begins(last_day: dt.date, today: dt.date) -> dt.date:
    return max(last_day + dt.timedelta(days=1), today)


def lock(*, by: User | None, agency: Agency) -> None:
    """Lock an agency's people, and ask whether `by` may name them. Raises `Refused`."""
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_name_people(by, agency):
        raise Refused(NOT_YOURS)


def account(email: str) -> User | None:
    """The account of an e-mail address, if there is one. Raises `Refused` where it is closed."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user and not user.is_active:
        raise Refused("The account with this address is closed. Call POST.", field="email")
    return user


def _invite(by: User | None, agency: Agency, email: str, name: str, **of) -> Named:
    name = invitations.tidy(name)
    if not name:
        raise Refused("There is no account with this address yet. Give the person’s name too.", field="name")
    made = invitations.draft(agency=agency, email=email, name=name, **of)
    same = Invitation.objects.standing().filter(agency=agency, role=made.role, email__iexact=made.email)
    if (held := same.filter(locked_at=None, expires_at__gt=clock.now()).first()) and held.rights == made.rights:
        return Named(None, held, False)
    return Named(None, invitations.send(by=by, instead_of=Q(agency=agency, email__iexact=made.email), made=made), True)
