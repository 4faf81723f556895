"""An outsider with a list of every address and every valid number gets nothing: what nothing gets, word by word.

Outsiders are whoever `test_isolation.SEES` gives nothing to: strangers, accounts without a tie, and those whose ties
are over, not yet begun, or were revoked. A tie only ever opens something, so one account with all those ties at once
(`ALL_OVER`) tries for all of them; each of them alone opens every page once in test_url_sweep.py, and here those that
are everybody's own. How many attempts were made is said at the end of the test run.
"""

from itertools import product

import pytest
from django.apps import apps
from django.urls import reverse

from clee_portal.accounts.models import User
from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES, WORKBOOKS
from clee_portal.tests.people_of_world import PEOPLE
from clee_portal.tests.test_isolation import SEES, questions, typed
from clee_portal.tests.test_url_sweep import leads_to_sign_in, sign_in
from clee_portal.tests.world import World
from training.models.memberships import NOTHING, scope_of
from training.tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.long]

OUTSIDERS = [person for person in PEOPLE if not SEES[person]]
NOT_PUBLIC = [name for name in OURS if not PAGES[name].is_public]
HTMX = {"HX-Request": "true"}
WAYS = ("page", "sent", "page with questions", "fragment", "sent as a fragment")
# Whose ties are all those of outsiders.
ALL_OVER = "whose every tie is over"
LEAST = 5000


def paths(world: World, name: str) -> list[str]:
    """Every address of a page, about nothing first: about each single thing of both agencies and both providers."""
    found = {*state.everything_of(name, world.a), *state.everything_of(name, world.b)}
    for held in (world.joint, world.joint_undone, world.p.held, world.q.held):
        found.add(state.address(name, code="nowhere", reference=held.reference, license_number="9", pk=held.course_id))
    return [state.of_nothing(name), *sorted(found - {state.of_nothing(name)})]


def whose_ties_are_over(world: World) -> User:
    """Somebody with every tie of the outsiders."""
    somebody = factories.user("all-over@else.example")
    for person in OUTSIDERS:
        user = world.people[person]
        for tie in [*user.memberships.all(), *user.state_roles.all()] if user else ():
            tie.pk, tie.user, tie._state.adding = None, somebody, True
            tie.save()
    return somebody


def attempts(world: World) -> list[tuple[str, str]]:
    """What an outsider tries, in each way: (name, address)."""
    return [(name, path) for name in NOT_PUBLIC if name not in WORKBOOKS for path in paths(world, name)]


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
    assert 2 * len(WAYS) * len(attempts(world)) >= LEAST


def test_one_account_has_every_tie_of_the_outsiders(world):
    """As many as they have together, and it may do as little as nobody."""
    ties = [user for person in OUTSIDERS if (user := world.people[person])]
    somebody = whose_ties_are_over(world)
    assert somebody.memberships.count() == sum(user.memberships.count() for user in ties) > 0
    assert somebody.state_roles.count() == sum(user.state_roles.count() for user in ties) > 0
    assert scope_of(somebody) == scope_of(world.people["nobody"]) == NOTHING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("person", ["anonymous", ALL_OVER])
def test_outsider_with_every_address_and_number_gets_nothing(client, world, person, way, record_property):
    sign_in(client, whose_ties_are_over(world) if person == ALL_OVER else None)
    tried = attempts(world)
    assert made_without_a_leak(client, world, person, [way], tried, record_property) == len(tried)


@pytest.mark.parametrize("person", [person for person in OUTSIDERS if person != "anonymous"])
def test_pages_that_are_everybodys_own_show_an_outsider_nothing(client, world, person, record_property):
    sign_in(client, world.people[person])
    tried = [(name, state.of_nothing(name)) for name in NOT_PUBLIC if person in PAGES[name].may]
    assert made_without_a_leak(client, world, person, WAYS, tried, record_property) == len(WAYS) * len(tried) > 0


def made_without_a_leak(client, world, person: str, ways, tried: list[tuple[str, str]], record_property) -> int:
    """Makes the attempts; how many. Each has to get what one about nothing gets, no words of others, and change
    nothing."""
    asked = {name: value for question in questions() for name, value in question.items()}
    everybody = [one for house in (world.a, world.b) for one in (house.officer, house.colleague, house.former)]
    sent = typed(*everybody, step="record", reason="Because I can", course=world.a.held.course.title)
    before, made, leaks = rows_kept(), 0, []
    of_nothing: dict[tuple[str, str], tuple[int, str]] = {}
    for (name, path), way in product(tried, ways):
        response = attempt(client, path, way, asked, sent)
        made += 1
        answer = response.status_code, "" if response.status_code == 302 else state.body(response)
        alike = of_nothing.setdefault((name, way), answer) == answer
        if state.traces(answer[1]) or not alike or not is_a_refusal(response, person, name, way):
            leaks.append((name, path, way, answer[0], state.traces(answer[1])))
    record_property("attempts", made)
    record_property("leaks", len(leaks))
    assert leaks == []
    assert rows_kept() == before
    return made


def is_a_refusal(response, person: str, name: str, way: str) -> bool:
    """Whether an answer gives nothing away: to sign in, forbidden, not there; or a page that is everybody's own."""
    if person == "anonymous":
        return response.status_code == 401 if "fragment" in way else leads_to_sign_in(response)
    if PAGES[name].is_general and "nobody" in PAGES[name].may:
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
