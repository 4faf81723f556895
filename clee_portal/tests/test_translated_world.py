"""Every page of the world that an officer opens, and its form sent empty, in another language (`test_translated.py`).

In a module of its own, since the rows of the world stay until its module is through.
"""

import pytest

from clee_portal import languages
from clee_portal.tests import world as state
from clee_portal.tests.pages import PAGES
from clee_portal.tests.test_translated import NOT_IN_WORLD, another_language, outside, typed  # noqa: F401

pytestmark = pytest.mark.django_db


def test_every_page_an_officer_opens(client, world):
    client.force_login(world.people["officer of A"])
    names, found = typed(), {}
    for name in sorted(languages.READY - NOT_IN_WORLD):
        page, path = PAGES[name], state.of_house(name, world.a)
        if "GET" not in page.methods or page.status("officer of A") != 200:
            continue
        answer = client.get(path)
        assert (name, answer.status_code, answer.content.count("⟦".encode()) > 5) == (name, 200, True)
        found[name] = outside(answer.content.decode(), names)
        if "POST" in page.methods:
            answer = client.post(path)
            if answer.status_code == 200:
                found[f"{name}, sent empty"] = outside(answer.content.decode(), names)
    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) > 30
