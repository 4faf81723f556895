"""Pages that say that something went wrong: each has the reference of its request, and nothing typed is lost.

While a server is away: `test_faults.py`. Over a sign-in: `test_interrupted.py`.
"""

import re
import uuid
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from training.models import Agency, Course, TrainingClass
from training.services import classes
from training.tests import factories as make

pytestmark = pytest.mark.django_db

NOTES = "Night driving, second part:\n<b>skid pad</b> & cones"


def too_many_fields(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    return Client(), Client.post, reverse("account_login"), {"login": "one", "remember": "two", "next": "/"}


def host_of_nobody(settings):
    return Client(headers={"host": "elsewhere.example.org"}), Client.get, "/", {}


def not_ones_own(settings):
    client, agency = Client(), make.agency()
    client.force_login(make.delegate(agency))
    return client, Client.post, f"/agencies/{agency.code}/people/", {"step": "confirm"}


def without_its_token(settings):
    return Client(enforce_csrf_checks=True), Client.post, reverse("account_login"), {"login": "somebody"}


def nothing_there(settings):
    return Client(), Client.get, "/nothing/", {}


def too_often(settings):
    reset = "reset_password"
    settings.ACCOUNT_RATE_LIMITS = {reset: "1/m/ip"}
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
    return client, Client.post, reverse("account_reset_password"), {"email": "nobody@example.org"}


@pytest.mark.parametrize(
    ("status", "what", "words"),
    [
        (400, too_many_fields, "The request could not be read. Nothing was saved."),
        (400, host_of_nobody, "The request could not be read. Nothing was saved."),
        (403, not_ones_own, "Your account may not do this."),
        (403, without_its_token, "The page was open too long. Nothing was saved."),
        (404, nothing_there, "This page does not exist, or is not yours to see."),
        (429, too_often, "Too many attempts. Wait a minute, then try again."),
    ],
)
def test_page_of_what_went_wrong_has_the_reference_of_its_request(settings, status, what, words):
    client, method, address, sent = what(settings)
    client.raise_request_exception = False
    answer = method(client, address, sent)
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert f'Reference, if you call POST: <b class="text-nowrap">{answer["X-Request-ID"]}</b>' in page


@pytest.mark.parametrize("what", [too_many_fields, not_ones_own, without_its_token])
def test_refused_form_leads_back_to_what_was_typed(settings, what):
    client, method, address, sent = what(settings)
    client.raise_request_exception = False
    page = method(client, address, sent).content.decode()
    assert "Back button of your browser: what you typed is usually still there." in page


@pytest.fixture
def chief(client):
    """Somebody who enters a class; an error is answered, not raised."""
    agency = make.agency("harlan", "Harlan County Sheriff")
    client.force_login(make.ceo(agency))
    client.raise_request_exception = False
    return client


@pytest.fixture
def broken(monkeypatch):
    """Recording a class fails in a way that nobody expected, after it has written; a function that mends it."""
    record = classes.record

    def fail(**given):
        record(**given)
        raise ValueError

    monkeypatch.setattr("training.services.classes.record", fail)
    return lambda: monkeypatch.setattr("training.services.classes.record", record)


def test_form_that_ends_in_an_error_is_kept_whole_and_sent_again_from_the_page(chief, broken):
    """Of the hidden fields the page sends, none is missing or changed; what was written can be read and copied."""
    officer, address = make.officer(Agency.objects.get()), "/agencies/harlan/classes/enter/"
    form = {
        "step": "record", "submission_key": str(uuid.UUID(int=7)), "course": NOTES.partition(":")[0],
        "ends_on": "2026-11-18", "starts_on": "", "delivery": "classroom", "hours-area-skill": "6",
        "officers": [str(officer.pk)], "pasted": "", "words": NOTES,
    }  # fmt: skip
    answer = chief.post(address, form)
    page = answer.content.decode()
    assert (answer.status_code, answer["Cache-Control"]) == (500, "no-store")
    assert "Something went wrong on our side." in page
    assert "nothing you typed is lost" in page
    assert f'action="{address}"' in page
    assert answer["X-Request-ID"] in page
    assert '<blockquote class="mt-3">Night driving, second part:<br>&lt;b&gt;skid pad&lt;/b&gt; &amp; cones<' in page
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    again: dict[str, list[str]] = {}
    for name, value in found:
        again.setdefault(unescape(name), []).append(unescape(value))
    assert again == {name: value if isinstance(value, list) else [value] for name, value in form.items()}
    assert (TrainingClass.objects.count(), Course.objects.count()) == (0, 0)
    broken()
    assert chief.post(address, again).status_code == 302
    assert (TrainingClass.objects.count(), Course.objects.get().title) == (1, "Night driving, second part")


@pytest.mark.parametrize(
    "more", [{"password": "a-secret-of-mine"}, {"file": SimpleUploadedFile("a.csv", b"a-secret-of-mine")}]
)
def test_secret_or_file_is_not_put_on_the_page_of_an_error(client, monkeypatch, more):
    """The page says how to go back to them."""

    def fail(self, *args, **kwargs):
        raise ValueError

    monkeypatch.setattr("clee_portal.accounts.views.sign_in.SignInView.post", fail)
    client.raise_request_exception = False
    answer = client.post(reverse("account_login"), {"login": "a long login", **more})
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "a-secret-of-mine" not in page
    assert "a long login" not in page
    assert "What you just sent was not saved.</b> Go back with the Back button of your browser" in page
    assert answer["X-Request-ID"] in page
