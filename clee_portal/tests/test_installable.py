"""The portal on a phone: it can be installed, its pages are small, and reading needs no script."""

import datetime as dt
import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from clee_portal import clock
from training.tests import factories

pytestmark = pytest.mark.django_db
MOST_BYTES = 100_000
PAGES_OF_AN_OFFICER = (
    "home",
    "help",
    "compliance:my_standing",
    "compliance:my_record",
    "compliance:my_plan",
    "compliance:who_looked",
    "compliance:report_record",
    "compliance:outside_training",
    "compliance:my_contact",
    "compliance:my_contact_address",
    "compliance:my_contact_confirm",
    "training:my_classes",
    "training:calendar",
    "notifications:my_messages",
    "notifications:preferences",
    "account_sessions",
)


def file_of(url: str) -> Path:
    """The file behind the address of a static file."""
    return Path(finders.find(url.removeprefix(settings.STATIC_URL)))


@pytest.fixture
def officer(client):
    """An officer, signed in."""
    one = factories.officer(factories.agency(), name="Renee Abbott")
    client.force_login(factories.officer_account(one))
    return one


def test_manifest_names_icons_that_are_there_in_their_sizes(client):
    response = client.get(reverse("web_manifest"))
    assert response["Content-Type"] == "application/manifest+json"
    told = response.json()
    assert (told["display"], told["start_url"], told["scope"]) == ("standalone", "/", "/")
    for icon in told["icons"]:
        with Image.open(file_of(icon["src"])) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    page = client.get("/").content.decode()
    assert f'<link rel="manifest" href="{reverse("web_manifest")}">' in page


def test_pages_of_an_officer_with_four_hundred_entries_are_under_100_kb(client, officer):
    course, last = factories.course(factories.agency(), "Interviewing"), dt.date(clock.today().year - 1, 12, 31)
    for number in range(400):  # one a week, through eight periods
        factories.record(officer, last - dt.timedelta(weeks=number), course=course)
    paths = [reverse(name) for name in PAGES_OF_AN_OFFICER]
    paths += [f"/officers/{officer.license_number}/{page}/" for page in ("standing", "timeline", "contact")]
    paths += [f"/my-record/?page={number}" for number in range(1, 9)]
    sizes = {path: len(client.get(path).content) for path in paths}
    assert {path: size for path, size in sizes.items() if size >= MOST_BYTES} == {}


def test_styles_scripts_and_letters_of_a_first_visit_are_under_100_kb(client, officer):
    page = client.get(reverse("compliance:my_record")).content.decode()
    head = page.partition("</head>")[0]
    linked = re.findall(r'<(?:link rel="(?:stylesheet|preload)"|script)[^>]* (?:href|src)="([^"]+)"', head)
    assert len(linked) >= 5
    assert sum(len(gzip.compress(file_of(url).read_bytes())) for url in linked) < MOST_BYTES


def test_reading_needs_no_script(client, officer):
    """Nothing of one's own is fetched by a script alone: a fragment that is, has a link beside it."""
    for name in PAGES_OF_AN_OFFICER:
        page = client.get(reverse(name)).content.decode()
        for part in re.findall(r'<[^>]+hx-trigger="load[^"]*"[^>]*>(.*?)</', page, re.DOTALL):
            assert (name, "<noscript>" in part) == (name, True)
