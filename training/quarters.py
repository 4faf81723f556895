"""The quarterly question whether those who act for an agency, a provider or the state are still the right ones.

It is asked from the first day of each quarter, and late after thirty days. Bodies for which nobody acts are not asked.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clee_portal.accounts.models import StateRole
from training.models import Agency, Membership, PeopleConfirmation, Provider

DAYS = 30


def first_day(day: dt.date) -> dt.date:
    """The first day of the quarter in which `day` lies."""
    return dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def in_words(day: dt.date) -> str:
    """The quarter of a day as people say it."""
    ordinal = ("first", "second", "third", "fourth")[(day.month - 1) // 3]
    return f"the {ordinal} quarter of {day.year}"


def is_late(day: dt.date) -> bool:
    """Whether a word not given by `day` is late."""
    return day >= late_from(day)


def late_from(day: dt.date) -> dt.date:
    """From which day of its quarter a word is late."""
    return first_day(day) + dt.timedelta(days=DAYS)


def asked(day: dt.date) -> str:
    """The question, as it stands among what waits."""
    late = f", late since {late_from(day):%B} {late_from(day).day}" if is_late(day) else ""
    return f"Say for {in_words(day)} whether those who act are still the right people{late}"


def confirmation(agency: Agency | None, provider: Provider | None, day: dt.date) -> PeopleConfirmation | None:
    """The word of this quarter, if it was given."""
    found = PeopleConfirmation.objects.filter(agency=agency, provider=provider, quarter_on=first_day(day))
    return found.select_related("confirmed_by").first()


def people_of(agency: Agency | None, provider: Provider | None, day: dt.date) -> int:
    """How many people act on `day` for an agency, a provider, or the state."""
    if agency is None and provider is None:
        return StateRole.objects.current(day).values("user").distinct().count()
    of = {"agency": agency} if agency else {"provider": provider}
    return Membership.objects.filter(**of).current(day).values("user").distinct().count()


class Body(NamedTuple):
    """An agency, a provider or the state that has not given its word."""

    kind: str
    name: str
    body: Agency | Provider | None
    people: int
    has_confirmer: bool
    last_on: dt.date | None


def unconfirmed(day: dt.date) -> list[Body]:
    """Every body that has not given its word for this quarter: the state, agencies, providers. Four statements."""
    found = []
    if confirmation(None, None, day) is None:
        roles = StateRole.objects.current(day)
        told = roles.aggregate(
            people=Count("user", distinct=True), director=Count("pk", filter=Q(role=StateRole.Role.DIRECTOR))
        )
        last = (
            PeopleConfirmation.objects.filter(agency=None, provider=None).values_list("quarter_on", flat=True).first()
        )
        found.append(Body("State", "POST Program and Director", None, told["people"], bool(told["director"]), last))
    for kind, of in BODIES.items():
        for one in _without_word(*of, day):
            found.append(Body(kind.capitalize(), one.name, one, one.acting, one.has_confirmer, one.last_on))
    return found


def _without_word(model, field: str, confirms: Q, day: dt.date) -> QuerySet:
    word = PeopleConfirmation.objects.filter(quarter_on=first_day(day)).exclude(**{field: None})
    return acting_for(model, field, confirms, day).exclude(pk__in=word.values(field)).filter(acting__gt=0)


def acting_for(model, field: str, confirms: Q, day: dt.date) -> QuerySet:
    """Agencies or providers by name, with how many are `acting`, whether somebody `has_confirmer`, and for which
    quarter the word was given last (`last_on`)."""
    given = PeopleConfirmation.objects.filter(**{field: OuterRef("pk")})
    acting = Membership.objects.filter(**{field: OuterRef("pk")}).current(day)
    count = acting.order_by().values(field).annotate(n=Count("user", distinct=True)).values("n")
    return model.objects.annotate(
        acting=Coalesce(Subquery(count), 0),
        has_confirmer=Exists(acting.filter(confirms)),
        last_on=Subquery(given.order_by("-quarter_on").values("quarter_on")[:1]),
    ).order_by("search_name", "pk")


# By the kind of body: its model, the field of a membership that names it, and who gives its word.
BODIES = {
    "agency": (Agency, "agency", Q(role=Membership.Role.AGENCY_CEO)),
    "provider": (Provider, "provider", Q(is_head=True)),
}
