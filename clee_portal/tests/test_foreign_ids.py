"""What another agency's number does in an address's question or in a form of one's own: the same as no number at all.

Nothing is listed by hand: each page is asked once while everything it reads is noted, and then asked again with each
of those names carrying what belongs to agency B (`world.NUMBER_OF_B` names one thing of each kind of it). The answer
has to be the one that a number of nothing gets: the same status, the same words, by as many statements.
"""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clee_portal.tests import world as state
from clee_portal.tests.noting import noting
from clee_portal.tests.pages import OURS, PAGES
from clee_portal.tests.test_isolation import SEES, said_openly, typed
from clee_portal.tests.test_outsiders import rows_kept
from clee_portal.tests.test_url_sweep import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# An officer of another agency is found by license number, and so is one who has to be added to a roster.
BY_LICENSE = {"pasted", "number"}
# More than so many are tried; an officer has no form of their own.
LEAST = {("CEO of A", "get"): 100, ("CEO of A", "post"): 50, ("officer of A", "get"): 5, ("officer of A", "post"): -1}


def ask(client, method: str, path: str, given: dict, *, hides: tuple[str, ...] = ()):
    """The answer to one request that is taken back: status, words (without those given) and number of statements."""
    session = client.cookies["sessionid"].value
    client.cookies.clear()
    client.cookies["sessionid"] = session
    connection.queries_log.clear()  # it holds the last 9,000 only
    with transaction.atomic():
        with CaptureQueriesContext(connection) as statements:
            response = getattr(client, method)(path, given)
        words = state.body(response) + response.headers.get("Location", "")
        transaction.set_rollback(True)
    for value in hides:
        for written in {value, value.lower(), value.title(), f"{int(value):,}" if value.isdecimal() else value}:
            words = words.replace(written, "·")
    return response.status_code, words, len(statements)


def pairs(world) -> list[tuple[str, str]]:
    """What names something of agency B, and what is written alike and names nothing."""
    here, nothing = str(state.NUMBER_OF_B), str(state.NUMBER_OF_NOTHING)
    return [
        (here, nothing),
        (f"C-{here}", f"C-{nothing}"),
        (f"I-{here}", f"I-{nothing}"),
        (world.b.agency.code, "zzzzzzzzz"),
        (world.b.officer.license_number, "ZZZZZ-1"),
    ]


def tries(name: str, method: str, field: str, kinds: set[str]) -> int:
    """With how many of the pairs a field is tried: those of addresses with all; those of forms with the number, which
    is of every kind, and the reference, where they take one value; a fragment that shows an effect reads the form of
    its page; hours name nothing."""
    if field.startswith("hours-"):
        return 0
    if "one" not in kinds or name.endswith("_effect"):
        return 1
    return 5 if method == "get" else 2


@pytest.mark.parametrize("person", ["CEO of A", "officer of A"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_number_of_another_agency_does_what_a_number_of_nothing_does(
    client, world, still, person, method, record_property
):
    sign_in(client, world.people[person])
    kept, made, leaks = rows_kept(), 0, []
    for name in (one for one in OURS if not one.endswith("_xlsx")):  # the CSV of each is made by the same view
        page = PAGES[name]
        if method.upper() not in page.methods or page.status(person) not in (200, 302) or person in page.only_look:
            continue
        path = state.of_house(name, world.a)
        base: dict = {}
        read: dict[str, set[str]] = {}
        with noting(read):
            ask(client, method, path, base)
        if "hours-area-skill" in read:  # the form of a class, which reads more of one that is well filled
            base = typed(world.a.officer)
            with noting(read):
                ask(client, method, path, base)
        for field, kinds in sorted(read.items()):
            for foreign, nothing in pairs(world)[: tries(name, method, field, kinds)]:
                if field in BY_LICENSE and foreign == world.b.officer.license_number:
                    continue
                answers = [
                    ask(client, method, path, base | {field: value}, hides=(value,)) for value in (foreign, nothing)
                ]
                made += 1
                if answers[0] != answers[1] or state.traces(answers[0][1]) - SEES[person] - said_openly(path):
                    leaks.append((name, field, foreign, answers[0][0::2], answers[1][0::2]))
    record_property("attempts", made)
    record_property("leaks", len(leaks))
    assert not leaks, "\n".join(map(str, leaks))
    assert rows_kept() == kept
    assert made > LEAST[person, method]
