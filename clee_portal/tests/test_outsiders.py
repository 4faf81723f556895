"""An outsider with a list of every address and every valid number gets nothing: what nothing gets, word by word.

Outsiders are whoever `test_isolation.SEES` gives nothing to: strangers, accounts without a tie, and those whose ties
are over, not yet begun, or were revoked. How many attempts were made is said at the end of the test run.
"""

from itertools import product

import pytest
from django.apps import apps
from django.urls import reverse

from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES
from clee_portal.tests.people_of_world import PEOPLE
from clee_portal.tests.test_isolation import SEES, questions, typed
from clee_portal.tests.test_url_sweep import leads_to_sign_in, sign_in
from clee_portal.tests.world import World

pytestmark = pytest.mark.django_db

OUTSIDERS = [person for person in PEOPLE if not SEES[person]]
NOT_PUBLIC = [name for name in OURS if not PAGES[name].is_public]
HTMX = {"HX-Request": "true"}
WAYS = ("page", "sent", "page with questions", "fragment", "sent as a fragment")
# These try every way; for the others, whose ties open as little, asking and sending will do.
TIRELESS = {"anonymous", "nobody", "CEO of A, revoked"}
LEAST = 5000


def paths(world: World, name: str) -> list[str]:
    """Every address of a page, about nothing first: about each single thing of both agencies and both providers."""
    found = {*state.everything_of(name, world.a), *state.everything_of(name, world.b)}
    for held in (world.joint, world.joint_undone, world.p.held, world.q.held):
        found.add(state.address(name, code="nowhere", reference=held.reference, license_number="9", pk=held.course_id))
    return [state.of_nothing(name), *sorted(found - {state.of_nothing(name)})]


def attempts(world: World, person: str) -> list[tuple[str, str, str]]:
    """What an outsider tries: (name, address, way)."""
    ways = WAYS if person in TIRELESS else WAYS[:2]
    return [(name, path, way) for name in NOT_PUBLIC for path, way in product(paths(world, name), ways)]


def attempt(client, path: str, way: str, asked: dict, sent: dict):
    """Make one."""
    headers = HTMX if "fragment" in way else {}
    if way.startswith("sent"):
        return client.post(path, sent, headers=headers)
    return client.get(path, asked if "questions" in way else {}, headers=headers)


def rows_kept() -> dict[str, int]:
    """How many rows every table of evidence has."""
    kept = [model for model in apps.get_models() if getattr(model, "is_evidence", False)]
    return {model._meta.label: model._base_manager.count() for model in kept}


def test_attempts_are_at_least_five_thousand(world):
    assert sum(len(attempts(world, person)) for person in OUTSIDERS) >= LEAST


@pytest.mark.parametrize("person", OUTSIDERS)
def test_outsider_with_every_address_and_number_gets_nothing(client, world, person, record_property):
    sign_in(client, world.people[person])
    asked = {name: value for question in questions() for name, value in question.items()}
    everybody = [one for house in (world.a, world.b) for one in (house.officer, house.colleague, house.former)]
    sent = typed(*everybody, step="record", reason="Because I can", course=world.a.held.course.title)
    before, made, leaks = rows_kept(), 0, []
    of_nothing: dict[tuple[str, str], tuple[int, str]] = {}
    for name, path, way in attempts(world, person):
        response = attempt(client, path, way, asked, sent)
        made += 1
        answer = response.status_code, "" if response.status_code == 302 else state.body(response)
        alike = of_nothing.setdefault((name, way), answer) == answer
        if state.traces(answer[1]) or not alike or not is_a_refusal(response, person, name, way):
            leaks.append((name, path, way, answer[0], state.traces(answer[1])))
    record_property("attempts", made)
    record_property("leaks", len(leaks))
    assert leaks == []
    assert made == len(attempts(world, person))
    assert rows_kept() == before


def is_a_refusal(response, person: str, name: str, way: str) -> bool:
    """Whether an answer gives nothing away: to sign in, forbidden, not there; or a page that is everybody's own."""
    if person == "anonymous":
        return response.status_code == 401 if "fragment" in way else leads_to_sign_in(response)
    if PAGES[name].is_general and person in PAGES[name].may:
        return response.status_code in (200, 405, PAGES[name].get)
    return response.status_code in (403, 404, 405)


def test_insider_gets_something_by_the_same_attempts(client, world):
    """Or the test before would prove nothing."""
    sign_in(client, world.a.ceo)
    path = reverse("training:roster", args=[world.a.agency.code])
    assert path in paths(world, "training:roster")
    response = attempt(client, path, "page", {}, {})
    assert (response.status_code, "officer of A" in state.traces(state.body(response))) == (200, True)
    assert not is_a_refusal(response, "CEO of A", "training:roster", "page")
