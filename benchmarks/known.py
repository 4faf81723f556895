"""Whom benchmarks/growth.py asks as: the same in a state and in one that is it several times over. Django is set up."""

from datetime import timedelta

from django.db.models import Count
from django.test import Client
from signed import session_of
from tenfold import OFFSET

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from training.models import Agency, Commission, Membership, Officer, Registration, ScheduledClass

Role = Membership.Role
SMALL = 31  # officers: the sheriff's office of the demonstration


def known() -> dict:
    """An officer, the largest agency and a small one, a provider and its next class: what stands in addresses."""
    here = Commission.objects.in_force(clock.today()).filter(agency__lt=OFFSET, officer__lt=OFFSET).order_by()
    by_size = list(here.values("agency").annotate(size=Count("officer")).order_by("-size", "agency"))
    small = min(by_size, key=lambda one: (abs(one["size"] - SMALL), one["agency"]))
    codes = dict(Agency.objects.filter(pk__lt=OFFSET).values_list("pk", "code"))
    published = ScheduledClass.objects.filter(state=ScheduledClass.State.PUBLISHED, pk__lt=OFFSET)
    seated = Registration.objects.filter(state=Registration.State.REGISTERED).values("scheduled_class")
    one = published.filter(begins_at__gt=clock.now(), pk__in=seated).order_by("begins_at", "pk").first()
    officer = _officer(here)
    return {
        "largest": codes[by_size[0]["agency"]],
        "small": codes[small["agency"]],
        "license": officer.license_number,
        "class": one.reference,
        "provider": one.provider_id,
    }


def _officer(here) -> Officer:
    """An officer without an account of the demonstration who has been trained."""
    free = here.filter(officer__memberships=None, officer__records__isnull=False) | here.filter(
        officer__memberships__user__email="officer@growth.example.org"
    )
    return Officer.objects.get(pk=free.order_by("officer").values_list("officer", flat=True)[10])


def known_clients() -> dict[str, Client]:
    """Who asks -> a client that is signed in."""
    one, since = known(), clock.today() - timedelta(days=30)
    ties = {
        "officer": {"role": Role.OFFICER, "officer": Officer.objects.get(license_number=one["license"])},
        "largest": {"role": Role.DELEGATE, "agency": Agency.objects.get(code=one["largest"])},
        "small": {"role": Role.DELEGATE, "agency": Agency.objects.get(code=one["small"])},
        "provider": {"role": Role.PROVIDER_STAFF, "provider_id": one["provider"]},
    }
    clients = {}
    for who in (*ties, "post"):
        user, is_new = User.objects.get_or_create(email=f"{who}@growth.example.org", defaults={"name": who})
        if is_new and who == "post":
            StateRole.objects.create(user=user, role=StateRole.Role.POST_STAFF, starts_on=since)
        elif is_new:
            Membership.objects.create(user=user, starts_on=since, **ties[who])
        clients[who] = Client(headers={"host": "testserver"})
        clients[who].cookies["sessionid"] = session_of(user, second_step=who == "post")
    return clients
