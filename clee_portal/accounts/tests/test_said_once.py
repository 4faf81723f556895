"""What a page says once ("Dana Whitlock is told by mail") can name people: it waits in the session, in no cookie."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal.accounts.models import Session
from training.tests import factories

pytestmark = pytest.mark.django_db

PREFERENCES = reverse("notifications:preferences")


def cookies_of(response) -> str:
    return "".join(f"{name}={one.value}" for name, one in response.cookies.items())


def test_what_is_said_lies_in_no_cookie_and_is_said_once(client):
    agency = factories.agency("harlan", "Harlan County Sheriff")
    factories.user("lena@example.org", "Lena Macklin")
    client.force_login(factories.ceo(agency))
    said = "Lena Macklin (lena@example.org) is told by mail."
    named = {"email": "lena@example.org", "rights": []}
    answer = client.post(reverse("training:people_name", args=[agency.code]), named)
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [said]
    assert set(client.cookies) <= {"sessionid", "csrftoken"}
    assert "Macklin" not in cookies_of(answer)
    page = client.get(answer.url)
    assert said in page.text
    assert "Macklin" not in cookies_of(page)
    assert said not in client.get(answer.url).text


def test_page_without_anything_to_say_costs_nothing_more(client, settings):
    client.force_login(factories.user("lena@example.org", "Lena Macklin"))
    counts = []
    for kept_in in (settings.MESSAGE_STORAGE, "django.contrib.messages.storage.cookie.CookieStorage"):
        settings.MESSAGE_STORAGE = kept_in
        client.get(PREFERENCES)
        with CaptureQueriesContext(connection) as statements:
            client.get(PREFERENCES)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    before = Session.objects.count()
    client.logout()
    client.get(reverse("account_login"))
    assert Session.objects.count() == before - 1  # a page for nobody begins no session


def test_signing_out_is_said_after_the_session_has_ended(client):
    client.force_login(factories.user("lena@example.org", "Lena Macklin"))
    page = client.post(reverse("account_logout"), follow=True)
    assert "You are signed out." in page.text
    assert Session.objects.filter(user__isnull=False).count() == 0


def test_what_was_said_before_the_sign_in_is_said_after_it(client):
    user = factories.user("lena@example.org", "Lena Macklin")
    client.force_login(user)
    client.post(reverse("account_logout"))  # says so on the next page, which is not opened
    client.force_login(user)
    assert "You are signed out." in client.get(PREFERENCES).text
