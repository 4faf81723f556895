"""Kinds of things that have a state, and what people can do to them: the tables of the race tests."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from django.db import transaction
from django.db.models import Model

from clee_portal.accounts.models import StateRole, User
from training.tests import factories


@dataclass(frozen=True)
class Act:
    """One act on a thing: a service, who does it (a name among the thing's people, of each two; None where the service
    asks for nobody), and what the page that they opened gives it. `named` tells two acts of one service apart."""

    service: Callable
    who: str | None
    given: Callable[[SimpleNamespace], dict]
    named: str = ""

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.service.__name__}{f' ({self.named})' if self.named else ''}"

    def of(self, thing: SimpleNamespace, place: int) -> Callable:
        """The act of the first (0) or the second person (1), with what their page shows now."""
        own = {name: value if name in thing.shared else copy.deepcopy(value) for name, value in vars(thing).items()}
        given = self.given(SimpleNamespace(**own))
        if self.who is not None:
            people = getattr(thing, self.who)
            person = people[place] if isinstance(people, tuple) else people
            given["by"] = User.objects.get(pk=person.pk)  # nothing is remembered of an earlier page
        return lambda: self.service(**given)


@dataclass(frozen=True)
class Kind:
    """A kind of thing: how one is made, and every act on it. `is_grave`: evidence or a license is at stake."""

    name: str
    make: Callable[[SimpleNamespace], SimpleNamespace]
    acts: tuple[Act, ...]
    is_grave: bool = False

    def anew(self, state: SimpleNamespace) -> SimpleNamespace:
        """One more, committed, with the people of the state."""
        with transaction.atomic():
            thing = self.make(state)
        thing.shared = set(vars(state)) - set(vars(thing))
        vars(thing).update((name, getattr(state, name)) for name in thing.shared)
        return thing


def people_of_the_state() -> SimpleNamespace:
    """Two of each who act for the state, for an agency and for a provider."""
    agents = tuple(factories.user(f"agent{n}@races.example.org", f"Agent {n}") for n in (1, 2))
    for one in agents:
        StateRole.objects.create(user=one, role=StateRole.Role.DIRECTOR_AGENT, starts_on=factories.LONG_AGO)
    agency, school = factories.agency(), factories.provider()
    return SimpleNamespace(
        post=tuple(factories.post_staff(f"post{n}@races.example.org") for n in (1, 2)),
        director=(factories.director("director@races.example.org"), agents[0]),
        agents=agents,
        seconds=tuple(factories.post_staff() for _ in range(2)),
        agency=agency,
        chiefs=(factories.ceo(agency), factories.delegate(agency)),
        school=school,
        staff=(factories.provider_staff(school), factories.provider_staff(school)),
    )


def known(thing: SimpleNamespace) -> dict[tuple[str, str], str]:
    """The rows a thing consists of, by table and key: the name each has in it."""
    found = {}

    def look(name, value):
        if isinstance(value, Model):
            found[value._meta.db_table, str(value.pk)] = name
        elif isinstance(value, tuple | list):
            for at, one in enumerate(value):
                look(f"{name}{at}", one)

    for name, value in vars(thing).items():
        if name != "shared":
            look(name, value)
    return found
