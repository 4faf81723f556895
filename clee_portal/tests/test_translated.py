"""An officer's pages are ready for another language: every word on them that is no name comes from a catalogue.

The catalogue of the test has everything: it puts whatever is asked of it between brackets. What stands outside of them
was not asked for, and would stay English in any translation.
"""

import datetime as dt
import html
import re
from pathlib import Path

import pytest
import time_machine
import yaml
from django.core.cache import caches
from django.utils import translation
from django.utils.translation import trans_real

from clee_portal import clock
from compliance import relief, rule_words, seed
from compliance.models import ReliefRequest
from compliance.tests import people
from training.licensing import LicenseStatus
from training.models import SourceKind, TrainingRecord
from training.services import feeds
from training.tests import factories as make

pytestmark = pytest.mark.django_db

LANGUAGE = "eo"  # one that Django has dates and numbers of, and the portal no catalogue
NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
# Names and numbers: of the register, of the rule, of POST.
DATA = re.compile(
    r"Harlan County Sheriff|Ozark Bluffs Academy|Spring firearms and use of force|Search and seizure update|Arrest law"
    r"|Interview|Academy \d+|CLEE Portal|Missouri|POST|RSMo [\d.]+"
    r"|\d+ CSR [\d.-]+(\(\d+\))?(?:; [\d.()-]+)*(?:, \.\d+)*"
    r"|P\.O\. Box \d+, Jefferson City \d+|post@dps\.mo\.gov|Fax|as amended, effective January 1, 2021|No synopsis"
    r"|[\w.+-]+@[\w.-]+|https?://\S+|ANSI"
)


class Everything:
    """A catalogue that has a translation of everything."""

    def gettext(self, message: str) -> str:
        return f"⟦{message.rpartition(chr(4))[2]}⟧" if message.strip() else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)

    def language(self) -> str:
        return LANGUAGE

    to_language = language


@pytest.fixture(autouse=True)
def another_language(monkeypatch):
    """Everything is asked of the catalogue of the test."""
    monkeypatch.setitem(trans_real._translations, LANGUAGE, Everything())
    caches["standings"].clear()
    with translation.override(LANGUAGE), time_machine.travel(NOVEMBER, tick=False):
        yield


def outside(page: str) -> list[str]:
    """The words of a page, and of what a screen reader says, that no catalogue was asked for."""
    page = re.sub(r"<(script|style|svg class=\"icon\").*?</(script|style|svg)>", " ", page, flags=re.DOTALL)
    spoken = " ".join(re.findall(r"(?:aria-label|data-label|title|alt|placeholder)=\"([^\"]*)\"", page))
    text = html.unescape(re.sub(r"<[^>]+>", "", page) + " " + spoken)
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    return re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", text))


def of_main(page: str) -> str:
    return re.search(r"<main.*?</main>", page, re.DOTALL)[0]


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def opened(client):
    """Opens a page as an officer, and tells what stands on it outside of any catalogue."""

    accounts = {}

    def call(officer, path: str, data=None) -> list[str]:
        if officer not in accounts:
            accounts[officer] = make.officer_account(officer)
        client.force_login(accounts[officer])
        answer = client.post(path, data) if data else client.get(path)
        assert answer.status_code == 200
        names = [*officer.full_name.split(), "de", "la"]  # the last two Django writes in dates
        return [word for word in outside(answer.content.decode()) if word not in names]

    return call


def test_a_sentence_that_no_catalogue_was_asked_for_is_found():
    assert outside("<p aria-label='x'>⟦You ⟦have⟧⟧ <b>need</b> 3</p>") == ["need"]


@pytest.mark.parametrize("year", [2025, 2026])
def test_my_standing_in_every_standing(opened, agency, year):
    for standing, officer in people.in_every_standing(agency, 2025).items():
        people.credit(officer, dt.date(2026, 1, 22), people.academy_course("Interview"), year=2025, legal=2)
        assert (standing, opened(officer, f"/standing/?period={year}")) == (standing, [])
    assert opened(officer, "/standing/?as_of=2026-02-02") == []
    assert opened(officer, "/standing/?as_of=2027-02-02") != []  # what is wrong with an address is not translated


def test_seats_and_what_they_will_change(opened, agency):
    officer = make.officer(agency, name="Dana Whitlock", license_number="41877")
    held = make.scheduled_class(make.provider_course(make.provider(), "Arrest law", legal=2))
    make.registration(held, officer)
    said = opened(officer, "/officers/41877/will-be/")
    days = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "December", "November", "AM"}
    assert set(said) <= {*days, "PM", "noon", "to"}  # moments of classes are written by the calendar


def test_asking_for_more_time(opened, agency):
    officer = make.officer(agency, name="Dana Whitlock", license_number="41877")
    path = "/officers/41877/extension/"
    assert opened(officer, path) == []
    period = ReliefRequest._meta.get_field("period").related_model.objects.get(year=2026)
    given = {"period": period.pk, "reason": "military", "leave_from": "2026-11-01", "kind": "extension"}
    assert opened(officer, path, {**given, "step": "check"}) == []


def test_calendar_feed(opened, agency):
    officer = make.officer(agency)
    assert opened(officer, "/my-classes/feed/") == []
    feeds.make(by=officer.memberships.get().user)
    assert opened(officer, "/my-classes/feed/") == []


def test_account_without_a_license(client):
    client.force_login(make.user())
    assert outside(of_main(client.get("/standing/").content.decode())) == []


def test_words_of_the_rules_and_of_the_register_are_named_for_a_catalogue():
    rows = yaml.safe_load((Path(seed.__file__).parent / "requirements.yaml").read_text())
    asked = [one for row in rows for one in row["requirements"] if "code" in one]
    assert {one["name"] for one in asked} <= {*rule_words.NAMES}
    assert {one["short_name"] for one in asked} <= {*rule_words.SHORT_NAMES}
    assert {one["wording"] for one in asked} <= {*rule_words.WORDINGS}
    statuses = {one.value for one in LicenseStatus if one is not LicenseStatus.NONE}
    assert {one.capitalize() for one in statuses} | {f"License {one}" for one in statuses} <= {*rule_words.LICENSES}
    kinds = [*SourceKind.labels, *TrainingRecord.NotCounted.labels, *ReliefRequest.Reason.labels]
    assert {*kinds} <= {*rule_words.KINDS}
    assert {*relief.State.labels} <= {*rule_words.STATES}
