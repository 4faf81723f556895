"""The people of benchmarks/load.py: accounts with a session each, and what they know. Django has to be set up."""

import datetime as dt
from random import Random

from django.db.models import Count
from signed import session_of

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from training.models import Agency, Commission, Membership, Officer, Provider, Registration, ScheduledClass

Role = Membership.Role
LARGE = 5  # so many of the largest agencies are among those at work
SINCE = "2020-01-01"


def crowd(many: dict[str, int], seed: int = 1) -> list[dict]:
    """So many of each kind: officers of all sizes of agencies, agencies (the largest, and others by chance), every
    provider, POST staff."""
    rng = Random(seed)  # noqa: S311 - chances of a benchmark
    return [
        *officers(many["officer"], rng),
        *agencies(many["agency"], rng),
        *providers(many["provider"]),
        *staff(many["post"], rng),
    ]


def accounts(kind: str, many: int) -> list[User]:
    """New accounts."""
    mails = [f"{kind}-{number}@rush.example.org" for number in range(many)]
    return User.objects.bulk_create(User(email=one, name=one.partition("@")[0]) for one in mails)


def officers(many: int, rng: Random) -> list[dict]:
    """Officers commissioned today who have no account yet."""
    free = Officer.objects.commissioned(clock.today()).exclude(memberships__isnull=False).order_by("pk")
    chosen = rng.sample(list(free.values_list("pk", "license_number").distinct()), many)
    users = accounts("officer", many)
    Membership.objects.bulk_create(
        Membership(user=user, officer_id=pk, role=Role.OFFICER, starts_on=SINCE)
        for user, (pk, _) in zip(users, chosen, strict=True)
    )
    return [
        {"kind": "officer", "session": session_of(user), "license": number}
        for user, (_, number) in zip(users, chosen, strict=True)
    ]


def agencies(many: int, rng: Random) -> list[dict]:
    """The largest agencies and others: each with one who keeps its training."""
    here = Commission.objects.in_force(clock.today()).order_by().values("agency").annotate(size=Count("officer"))
    by_size = list(here.order_by("-size", "agency").values_list("agency", flat=True))
    chosen = [*by_size[: min(LARGE, many)], *rng.sample(by_size[LARGE:], max(many - LARGE, 0))]
    codes, users = dict(Agency.objects.values_list("pk", "code")), accounts("agency", many)
    Membership.objects.bulk_create(
        Membership(user=user, agency_id=pk, role=Role.DELEGATE, starts_on=SINCE)
        for user, pk in zip(users, chosen, strict=True)
    )
    return [
        {"kind": "agency", "session": session_of(user), "code": codes[pk]}
        for user, pk in zip(users, chosen, strict=True)
    ]


def providers(many: int) -> list[dict]:
    """The offices of the providers, again from the first where there are fewer of them. What is to be confirmed is
    shared out, since it can be done once; half of it stays open at the door."""
    bodies, users, now = list(Provider.objects.order_by("pk")), accounts("provider", many), clock.now()
    of = [bodies[number % len(bodies)] for number in range(many)]
    Membership.objects.bulk_create(
        Membership(user=user, provider=body, role=Role.PROVIDER_STAFF, starts_on=SINCE)
        for user, body in zip(users, of, strict=True)
    )
    published = ScheduledClass.objects.filter(state=ScheduledClass.State.PUBLISHED)
    people = []
    for number, (user, body) in enumerate(zip(users, of, strict=True)):
        seated = Registration.objects.filter(state=Registration.State.REGISTERED).values("scheduled_class")
        ended = published.filter(provider=body, ends_at__lt=now, training_class=None, pk__in=seated).order_by(
            "-ends_at"
        )
        ended = [one.reference for one in ended]
        coming = published.filter(provider=body, begins_at__gt=now).order_by("begins_at")[:20]
        together = of.count(body)
        mine = ended[of[:number].count(body) :: together]
        people.append(
            {
                "kind": "provider",
                "session": session_of(user),
                "pk": body.pk,
                "to_confirm": mine[::2],
                "doors": mine[1::2],
                "coming": [one.reference for one in coming],
            }
        )
    return people


def staff(many: int, rng: Random) -> list[dict]:
    """POST staff who proved the second step, and officers who will call."""
    users = accounts("post", many)
    since = clock.today() - dt.timedelta(days=400)
    StateRole.objects.bulk_create(StateRole(user=one, role=StateRole.Role.POST_STAFF, starts_on=since) for one in users)
    known = list(Officer.objects.filter(merged_into=None).values_list("license_number", "first_name", "last_name"))
    callers = [(number, f"{first} {last}") for number, first, last in rng.sample(known, min(len(known), 200))]
    return [{"kind": "post", "session": session_of(one, second_step=True), "officers": callers} for one in users]
