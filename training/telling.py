"""To whom mail about an officer or an agency goes: the accounts connected to the license, the agency's people."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Lower

from clee_portal import compiled
from clee_portal.accounts.models import ContactDetails
from notifications.models import FailingAddress
from training.models import Agency, Membership

# The codes of the occasions; the key of each says for which day, officer or agency, and account.
HOURS_CREDITED, HOURS_CHANGED = "hours_credited", "hours_changed"
COURSE_DECIDED, ROWS_SETTLED = "course_decided", "rows_settled"
CLAIM_ASKED, CLAIM_ANSWERED = "claim_asked", "claim_answered"
ROLES_OF_AN_AGENCY = (Membership.Role.AGENCY_CEO, Membership.Role.DELEGATE)


class Reader(NamedTuple):
    """An account and its address."""

    user: int
    address: str


def _fails(address: str) -> Exists:
    marked = FailingAddress.objects.filter(confirmed_at=None).annotate(lower=Lower("address"))
    return Exists(marked.filter(lower=Lower(OuterRef(address))))


def address_of_tie() -> Case:
    """Of memberships: where mail about the person goes. As an officer to the own, confirmed address where they want
    that or mail to the address of the sign-in comes back; in every other role to the address of the sign-in."""
    own = Q(role=Membership.Role.OFFICER, user__contact__email__gt="") & ~_fails("user__contact__email")
    wanted = Q(user__contact__mail_to=ContactDetails.MailTo.OWN) | _fails("user__email")
    return Case(When(own & wanted, then=F("user__contact__email")), default=F("user__email"))


def accounts_of(officers: Collection[int], day: dt.date) -> dict[int, list[Reader]]:
    """Officer id -> the open accounts connected to the license on `day`, each with the address mail to the officer goes
    to. Officers without one are left out."""
    found: dict[int, list[Reader]] = {}
    for officer, *reader in _ties().rows(officers=officers, day=day) if officers else ():
        found.setdefault(officer, []).append(Reader(*reader))
    return found


@compiled.written(officers=compiled.SOME, day=compiled.FIRST_DAY)
def _ties(officers, day) -> QuerySet:
    ties = Membership.objects.current(day).filter(
        role=Membership.Role.OFFICER, officer__in=officers, user__is_active=True
    )
    rows = ties.annotate(address=address_of_tie()).order_by("officer", "user").values_list("officer", "user", "address")
    return rows.distinct()


def people_of(agencies: Collection[int], day: dt.date) -> dict[int, list[Reader]]:
    """Agency id -> its CEO and delegates of `day`, each account once. Agencies without anybody are left out."""
    found: dict[int, list[Reader]] = {}
    ties = Membership.objects.current(day).filter(
        role__in=ROLES_OF_AN_AGENCY, agency__in=agencies, user__is_active=True
    )
    for agency, *reader in ties.order_by("agency", "user").values_list("agency", "user", "user__email").distinct():
        found.setdefault(agency, []).append(Reader(*reader))
    return found


def acts_for(user: int, agency: int, day: dt.date) -> bool:
    """Whether an account acts for an agency on `day`."""
    return any(reader.user == user for reader in people_of([agency], day).get(agency, ()))


class Contact(NamedTuple):
    """Whom an officer asks at an agency."""

    agency: str
    person: str
    phone: str
    email: str

    @property
    def line(self) -> str:
        """In one line: "Cedar Hollow Police (Ann Smith), (555) 0100, desk@cedar.example"."""
        who = f"{self.agency} ({self.person})" if self.person else self.agency
        return ", ".join(filter(None, (who, self.phone, self.email)))


def contacts(agencies: Collection[int], day: dt.date) -> dict[int, Contact]:
    """Agency id -> its contact: the name of its CEO, else of a delegate, and its own phone and address. Where the
    agency has given no address, the person's."""
    people: dict[int, tuple[str, str]] = {}
    ties = Membership.objects.current(day).filter(
        role__in=ROLES_OF_AN_AGENCY, agency__in=agencies, user__is_active=True
    )
    for agency, *person in ties.order_by("role", "starts_on", "pk").values_list("agency", "user__name", "user__email"):
        people.setdefault(agency, tuple(person))
    return {
        one.pk: Contact(one.name, *_reached(one, *people.get(one.pk, ("", ""))))
        for one in Agency.objects.filter(pk__in=agencies)
    }


def _reached(agency: Agency, name: str, address: str) -> tuple[str, str, str]:
    return name, agency.phone, agency.email or address
