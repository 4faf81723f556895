"""What POST finds under Messages: officers with accounts, last year's wave, this year's held by the catch, the list of
those past the last day with records looked at, and notices. Made by the services, as POST and the worker would."""

import datetime as dt
from collections.abc import Mapping

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance import reminders
from compliance.demonstration import cases
from compliance.models import CandidacyCheck, Listing, ReportingPeriod
from compliance.services import candidacies, candidate_notices
from compliance.services import reminders as reminder_service
from notifications import campaigns, outbox
from notifications.models import Campaign, Message
from notifications.outbox import Mail
from training.models import Agency, Commission, Invitation, InvitationRequest, Membership, Officer

CONNECTED = 500
Found = CandidacyCheck.Found
MISSING = "The roster of the September in-service names this officer; no record of it is here. Asked the agency."


def lay_out(users: Mapping[str, User], largest: Agency, today: dt.date) -> None:
    """Make all of it. Runs inside the transaction that writes the state, after the accounts."""
    before = set(Membership.objects.filter(role=Membership.Role.OFFICER).values_list("officer", flat=True))
    _last_years_wave(today)
    _connect(largest, before, today)
    reminder_service.put_due(day=today)
    period = ReportingPeriod.objects.filter(show_by__lt=today).order_by("-year").first()
    if period:
        _past_the_last_day(users["post_staff"], period, today)
        cases.make(by=users["post_staff"], period=period, today=today)


def _last_years_wave(today: dt.date) -> None:
    """The latest reminder that was due by this day of last year: three officers were connected then."""
    year = today.year - 1
    dates = ReportingPeriod.objects.get(year=year).reminder_dates
    wave = dates.filter(due_on__lte=today - dt.timedelta(days=365)).order_by("-due_on").first() or dates.first()
    made = campaigns.begin(occasion=reminders.CODE, key=reminders.wave(year, wave.number), coming=3)
    accounts = reminders.connected_officers(today)
    mails = [
        Mail(
            str(reminders.Key(year, wave.number, officer)),
            address,
            user,
            reminders.series(year, officer),
            0,
            None,
            made.pk,
        )
        for officer, (user, address) in sorted(accounts.items())[:3]
    ]
    outbox.put_many(occasion=reminders.CODE, mails=mails)
    then = clock.midday(wave.due_on)
    made.messages.update(
        state=Message.State.SENT,
        put_at=then,
        first_tried_at=then,
        settled_at=then,
        next_try_at=None,
        attempts=1,
    )
    Campaign.objects.filter(pk=made.pk).update(made_at=then, began_at=then)


def _connect(largest: Agency, before: set[int], today: dt.date) -> None:
    """Accounts of many officers, whom nobody can sign in as: half of them at the largest agency."""
    asked = Invitation.objects.filter(officer__isnull=False).values("officer")
    asked_for = InvitationRequest.objects.filter(officer__isnull=False).values("officer")
    held = Commission.objects.in_force(today).exclude(officer__in=before)
    held = held.exclude(officer__in=asked).exclude(officer__in=asked_for)
    ids = list(held.filter(agency=largest).order_by("officer").values_list("officer", flat=True)[: CONNECTED // 2])
    others = held.exclude(agency=largest).exclude(officer__in=ids).order_by("officer")
    ids += list(others.values_list("officer", flat=True).distinct()[: CONNECTED - len(ids)])
    officers = list(Officer.objects.filter(pk__in=ids).order_by("pk"))
    users = User.objects.bulk_create(
        User(
            email=f"officer.{one.license_number}@mail.example.org".lower(),
            name=f"{one.first_name} {one.last_name}",
            password="!",  # noqa: S106 - no password fits it
        )
        for one in officers
    )
    Membership.objects.bulk_create(
        Membership(user=user, role=Membership.Role.OFFICER, officer=one, starts_on=today - dt.timedelta(days=40))
        for user, one in zip(users, officers, strict=True)
    )


def _past_the_last_day(post: User, period: ReportingPeriod, today: dt.date) -> None:
    """The lists of some days since the last day, some records looked at, and notices: sent, and laid ready."""
    now = clock.midday(today)
    first = period.show_by + dt.timedelta(days=1)
    days = {first + dt.timedelta(days=n) for n in range(0, (today - first).days, 90)} | {today}
    for day in sorted(days):
        candidacies.make_list(period=period, day=day, now=now)
    on_it = Listing.objects.open().filter(candidacy__period=period).order_by("pk")
    accounts = reminders.connected_officers(today)
    connected = [pk for pk, officer in on_it.values_list("pk", "candidacy__officer") if officer in accounts]
    everyone = list(on_it.values_list("pk", flat=True))
    looked_at = connected[:4] + [pk for pk in everyone if pk not in connected][:4]
    if not looked_at:
        return
    candidacies.look(by=post, listings=looked_at, found=Found.NO_ERROR)
    if doubtful := [pk for pk in everyone if pk not in looked_at][:2]:
        candidacies.look(by=post, listings=doubtful, found=Found.LIKELY_ERROR, words=MISSING)
    first_ones, rest = looked_at[:2] + looked_at[4:6], looked_at[2:4] + looked_at[6:]
    sent = candidate_notices.prepare(by=post, period=period, listings=first_ones)
    campaigns.release(by=post, campaign=sent)
    if rest:
        candidate_notices.prepare(by=post, period=period, listings=rest)
