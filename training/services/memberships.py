"""Who acts for an agency: delegates named and revoked, and the hand-over from one CEO to the next."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from clee_portal import history
from clee_portal.accounts import sessions
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from training import access
from training.models import Agency, Membership

Role = Membership.Role
# A hand-over further ahead than this is a slip of the year.
AHEAD = dt.timedelta(days=366)
NOT_YOURS = "Only the agency’s CEO, or POST, names who acts for it."


@transaction.atomic
def name_delegate(
    *, by: User | None, agency: Agency, email: str, name: str = "", today: dt.date
) -> tuple[Membership, bool]:
    """Name the person with this e-mail address a delegate of the agency's CEO, from today. Returns whether it is new.

    An account that exists acts for the agency at once; else one is made that has no password yet: whoever calls sends
    the invitation once this is committed. Raises `Refused`.
    """
    _lock(by, agency)
    user = _account(email, name)
    held = Membership.objects.filter(user=user, agency=agency).current(today)
    if same := held.filter(role=Role.DELEGATE).first():
        return same, False
    if held.filter(role=Role.AGENCY_CEO).exists():
        raise Refused(f"{user} is the agency’s CEO and needs no delegation.", field="email")
    with history.because("Named delegate"):
        made = Membership.objects.create(user=user, role=Role.DELEGATE, agency=agency, starts_on=today, named_by=by)
    return made, True


@transaction.atomic
def revoke(*, by: User | None, membership: Membership, leaves_nobody: bool = False, today: dt.date) -> Membership:
    """Take a person's right to act for the agency away at once; their open sessions end. Once revoked stays revoked.

    A CEO does not revoke themself or another CEO: they hand over. POST may. A CEO to come is not revoked: the hand-over
    is taken back. That nobody at all is left to act for the agency has to be meant. Raises `Refused`.
    """
    _lock(by, membership.agency)
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
    held.refresh_from_db()
    return held


@transaction.atomic
def hand_over(
    *, by: User | None, agency: Agency, email: str, name: str = "", last_day: dt.date, today: dt.date
) -> tuple[Membership, bool]:
    """The CEO's last day is `last_day`; from the next day (or today, if that is past) the named person is CEO.

    Whoever was a delegate till then is one no more from that day. Without a CEO, as POST finds it, the successor begins
    today. Returns the successor's membership, and whether it is new. Raises `Refused`.
    """
    _lock(by, agency)
    if last_day > today + AHEAD:
        raise Refused("The last day is more than a year ahead. Check the year.", field="last_day")
    if planned := next_ceo(agency, today):
        if planned.user.email == email.strip().lower() and planned.starts_on == _begins(last_day, today):
            return planned, False
        raise Refused(f"The agency is handed over to {planned.user} already. Take that back first.", field="email")
    if last_day < today and not access.can_settle_claims(by):
        raise Refused("The last day is past. Give today or a later day, or call POST.", field="last_day")
    leaving = list(ceos(agency, today))
    user = _account(email, name)
    if any(one.user_id == user.pk for one in leaving):
        raise Refused(f"{user} is the agency’s CEO now. Name who comes after.", field="email")
    starts_on = _begins(last_day, today) if leaving else today
    with history.because(f"Handed over to {user}"):
        for one in leaving:
            if last_day < one.starts_on:
                raise Refused(
                    f"{one.user} is CEO since {one.starts_on:%B} {one.starts_on.day}, {one.starts_on.year}.",
                    field="last_day",
                )
            Membership.objects.filter(pk=one.pk).update(ends_on=last_day)
        made = Membership.objects.create(
            user=user, role=Role.AGENCY_CEO, agency=agency, starts_on=starts_on, named_by=by
        )
        delegate = Membership.objects.filter(user=user, agency=agency, role=Role.DELEGATE).current(today)
        delegate.filter(starts_on__lt=starts_on).update(ends_on=starts_on - dt.timedelta(days=1))
        delegate.filter(starts_on__gte=starts_on).update(revoked_at=Now())
    for one in leaving:
        if last_day < today:
            sessions.end_all(one.user)
    return made, True


@transaction.atomic
def take_back(*, by: User | None, agency: Agency, today: dt.date) -> Membership | None:
    """Take a hand-over that has not happened yet back: the CEO stays. Returns the successor's revoked membership."""
    _lock(by, agency)
    planned = next_ceo(agency, today)
    if planned is None:
        return None
    with history.because("Hand-over taken back"):
        Membership.objects.filter(pk=planned.pk).update(revoked_at=Now())
        day_before = planned.starts_on - dt.timedelta(days=1)
        stays = Q(role=Role.AGENCY_CEO) | Q(role=Role.DELEGATE, user=planned.user)
        Membership.objects.filter(stays, agency=agency, ends_on=day_before).current(today).update(ends_on=None)
    planned.refresh_from_db()
    return planned


def ceos(agency: Agency, today: dt.date):
    """The CEO of `agency` today; more than one where it was entered so."""
    return Membership.objects.filter(agency=agency, role=Role.AGENCY_CEO).current(today).select_related("user")


def next_ceo(agency: Agency, today: dt.date) -> Membership | None:
    """Whoever will be CEO from a later day on, by a hand-over that was entered."""
    coming = Membership.objects.filter(agency=agency, role=Role.AGENCY_CEO, starts_on__gt=today, revoked_at=None)
    return coming.select_related("user").order_by("starts_on", "pk").first()


def _begins(last_day: dt.date, today: dt.date) -> dt.date:
    return max(last_day + dt.timedelta(days=1), today)


def _lock(by: User | None, agency: Agency) -> None:
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not access.can_name_people(by, agency):
        raise Refused(NOT_YOURS)


def _account(email: str, name: str) -> User:
    """The account of an e-mail address; made, without a password, where there is none."""
    email, name = email.strip().lower(), " ".join(name.split())
    if user := User.objects.filter(email__iexact=email).first():
        if not user.is_active:
            raise Refused("The account with this address is closed. Call POST.", field="email")
        return user
    if not name:
        raise Refused("There is no account with this address yet. Give the person’s name too.", field="name")
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name)
    except IntegrityError:
        # Somebody else has just named the same person.
        return User.objects.get(email__iexact=email)
