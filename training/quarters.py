"""The quarterly question whether those who act for an agency, a provider or the state are still the right ones.

It is asked from the first day of each quarter, and late after thirty days. Bodies for which nobody acts are not asked.
"""

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from clee_portal.accounts.models import StateRole
from training.models import Agency, Membership, PeopleConfirmation, Provider

DAYS = 30
_ACTING = ("agency_ceo", "delegate")


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
    for kind, model, confirms in (
        ("Agency", Agency, Q(role=Membership.Role.AGENCY_CEO)),
        ("Provider", Provider, Q(is_head=True)),
    ):
        field = kind.lower()
        for one in _without_word(model, field, confirms, day):
            found.append(Body(kind, one.name, one, one.acting, one.has_confirmer, one.last_on))
    return found


def _without_word(model, field: str, confirms: Q, day: dt.date) -> QuerySet:
    given = PeopleConfirmation.objects.filter(**{field: OuterRef("pk")})
    acting = Membership.objects.filter(**{field: OuterRef("pk")}).current(day)
    acting = acting.filter(role__in=_ACTING) if field == "agency" else acting
    count = acting.order_by().values(field).annotate(n=Count("user", distinct=True)).values("n")
    return (
        model.objects.exclude(pk__in=PeopleConfirmation.objects.filter(quarter_on=first_day(day)).exclude(
            **{field: None}).values(field))
        .annotate(
            acting=Subquery(count),
            has_confirmer=Exists(acting.filter(confirms)),
            last_on=Subquery(given.order_by("-quarter_on").values("quarter_on")[:1]),
        )
        .filter(acting__gt=0)
        .order_by("search_name", "pk")
    )  # fmt: skip
