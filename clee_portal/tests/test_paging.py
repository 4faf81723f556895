"""A list may be asked for any page: whatever stands in its address, it shows one there is, and leads to the others."""

from urllib.parse import urlencode

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse
from django.views.generic import ListView

from clee_portal.paging import OnwardMixin, PagesMixin
from clee_portal.tests import world as state
from training.tests import factories as make

pytestmark = pytest.mark.django_db

ODD = ("99999", "-1", "0", "abc", "last", "", "1.5", "²", "9" * 5000)


def pages(patterns=None, namespace="") -> dict[str, type]:
    """URL name -> view, of every class-based view."""
    found = {}
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            found[f"{namespace}{one.name}"] = getattr(one.callback, "view_class", None)
        else:
            found |= pages(one.url_patterns, f"{namespace}{one.namespace}:" if one.namespace else namespace)
    return {name: view for name, view in found.items() if view}


OTHERS = ("training:officer_find", "training:duplicate_list", "compliance:agency_overview")
LISTS = {name: view for name, view in pages().items() if issubclass(view, ListView) and view.paginate_by}


def test_every_list_in_pages_takes_any_page_number():
    assert len(LISTS) > 8
    assert [name for name, view in LISTS.items() if not issubclass(view, PagesMixin)] == []


@pytest.mark.parametrize("name", [*LISTS, *OTHERS])
def test_page_that_is_not_there_is_another(client, settings, name):
    settings.IS_DEMONSTRATION = True
    world = state.build()
    client.force_login(world.people["POST staff"])
    path = state.of_house(name, world.a)
    for odd in ODD:
        assert (odd[:9], client.get(path, {"page": odd, "agency": "a"}).status_code) == (odd[:9], 200)


@pytest.mark.parametrize("page", ODD)
def test_page_too_high_shows_rows_and_the_way_back(client, page):
    agency = make.agency("harlan")
    for number in range(60):
        make.course(agency, f"Course {number:03}")
    client.force_login(make.ceo(agency))
    answer = client.get("/agencies/harlan/courses/", {"page": page})
    assert len(answer.context["page_obj"]) > 0
    assert 'aria-label="Pages"' in answer.content.decode()


@pytest.mark.parametrize(
    "away",
    ["https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example/", "\t//evil.example",
     "javascript:alert(1)"],
)  # fmt: skip
def test_way_on_never_leads_to_another_site(away):
    view = OnwardMixin()
    view.request = RequestFactory().post(f"/?{urlencode({'next': away})}")
    assert (view.onward, view.go_on("help").url) == ("", reverse("help"))


def test_way_on_leads_to_where_the_item_was_opened():
    view = OnwardMixin()
    view.request = RequestFactory().post(f"/?{urlencode({'next': '/queues/courses/?open=1&after=7'})}")
    assert view.go_on("help").url == "/queues/courses/?open=1&after=7"
