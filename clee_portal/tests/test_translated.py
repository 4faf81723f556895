"""An officer's pages are ready for another language: every word on them that is no name comes from a catalogue.

The catalogue of the test has everything: it puts whatever is asked of it between brackets. What stands outside of them
was not asked for, and would stay English in any translation. Only this is taken out before anybody looks: what people
typed (names, titles, addresses, words of a request), numbers of rules and references, and what is marked as English
because it is evidence (`lang="en"`: the mails that were sent, the record of access, the history, a transcript as it was
issued).
"""

import ast
import datetime as dt
import html
import re
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
import time_machine
import yaml
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.db import models
from django.utils import translation
from django.utils.translation import trans_real

import training
from clee_portal import clock, languages, rooms
from clee_portal.accounts.models import StateRole
from clee_portal.tests import world as state
from clee_portal.tests.pages import PAGES
from compliance import relief, rule_words, seed, timeline, transcript_checks
from compliance.models import (
    CaseNotice,
    PlanRequest,
    RecordReport,
    RecordReportDocument,
    ReliefDecision,
    ReliefDocument,
    ReliefRequest,
    Requirement,
)
from compliance.tests import people
from notifications import messages_said, occasions
from training.calendar_search import Sort
from training.class_states import Stage
from training.licensing import LicenseStatus
from training.models import Area, Delivery, Registration, SourceKind, Topic, TrainingRecord
from training.services import feeds
from training.tests import factories as make

pytestmark = pytest.mark.django_db

LANGUAGE = "eo"  # one that Django has dates and numbers of, and the portal no catalogue
NOVEMBER = dt.datetime(2026, 11, 23, 12, tzinfo=clock.CHICAGO)
# Names and numbers: of the register, of the rule, of POST.
DATA = re.compile(
    r"Harlan County Sheriff|Ozark Bluffs Academy|Spring firearms and use of force|Search and seizure update|Arrest law"
    r"|Interview|Main hall|1 College Road|Columbia|Academy \d+|CLEE Portal|Missouri|POST|RSMo [\d.]+"
    r"|\d+ CSR [\d.-]+(\(\d+\))?(?:; [\d.()-]+)*(?:, \.\d+)*"
    r"|\b[A-Z0-9]{4}(?: [A-Z0-9]{4}){2}\b|\b[A-Z]-\d{6}\b"
    r"|P\.O\. Box \d+, Jefferson City \d+|post@dps\.mo\.gov|Fax|as amended, effective January 1, 2021|No synopsis"
    r"|[\w.+-]+@[\w.-]+|https?://\S+|ANSI|CSV|XLSX|PDF|QR|MO\b"
)


# Words of the rules, which a catalogue has (`rule_words`).
NOT_TYPED = {Requirement, Area, Topic}


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
def another_language(monkeypatch, settings, client, request):
    """Everything is asked of the catalogue of the test: the reader has chosen its language."""
    settings.LANGUAGES = [*settings.LANGUAGES, (LANGUAGE, "Esperanto")]
    monkeypatch.setitem(trans_real._translations, LANGUAGE, Everything())
    caches["standings"].clear()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = LANGUAGE
    # The world is of the day on which the test runs.
    day = nullcontext() if "world" in request.fixturenames else time_machine.travel(NOVEMBER, tick=False)
    with translation.override(LANGUAGE), day:
        yield
    caches["standings"].clear()


def left_over(page: str) -> str:
    """The text of a page, and what a screen reader says, that no catalogue was asked for."""
    page = re.sub(
        r"<(script|style|pre|code|svg class=\"icon\").*?</(script|style|pre|code|svg)>", " ", page, flags=re.DOTALL
    )
    page = re.sub(r"<(\w+)[^>]* lang=\"en\"[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r"<form [^>]*class=\"languages\".*?</form>", " ", page, flags=re.DOTALL)  # each by its own name
    spoken = " ".join(re.findall(r"(?:aria-label|data-label|title|alt|placeholder)=\"([^\"]*)\"", page))
    text = html.unescape(re.sub(r"<[^>]+>", "", page) + " " + spoken)
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    return text


def outside(page: str, names: Sequence[str] = ()) -> list[str]:
    """The words of a page that no catalogue was asked for and nobody typed."""
    text = left_over(page)
    for one in names:
        text = text.replace(one, " ")
    words = re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", text))
    return [word for word in words if word not in {"de", "la", "je"}]  # Django writes these in dates of the language


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
        names = officer.full_name.split()
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
    assert opened(officer, "/officers/41877/will-be/") == []


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
    curriculum = yaml.safe_load((Path(training.__file__).parent / "seed" / "curriculum.yaml").read_text())
    assert {one["name"] for kind in ("areas", "topics") for one in curriculum[kind]} <= {*rule_words.CURRICULUM}
    statuses = {one.value for one in LicenseStatus if one is not LicenseStatus.NONE}
    assert {one.capitalize() for one in statuses} | {f"License {one}" for one in statuses} <= {*rule_words.LICENSES}
    kinds = [*SourceKind.labels, *TrainingRecord.NotCounted.labels, *ReliefRequest.Reason.labels]
    assert {*kinds} <= {*rule_words.KINDS}
    assert {*relief.State.labels} <= {*rule_words.STATES}


def typed() -> list[str]:
    """What people typed into the rows of the world, the longest first: names, titles, places, words."""
    found = {word for words in state.WORDS.values() for word in words.split()}
    for model in (m for m in apps.get_models() if m._meta.app_label in {"accounts", "training", "compliance"}):
        names = [
            one.name for one in model._meta.concrete_fields
            if isinstance(one, models.CharField | models.TextField) and not (one.choices or one.name.startswith("pgh"))
        ]  # fmt: skip
        if names and not hasattr(model, "pgh_tracked_model") and model not in NOT_TYPED:
            found |= {str(one) for row in model.objects.values_list(*names) for one in row if one}
    return sorted((one for one in found if re.search(r"[^\W\d_]{2}", one)), key=len, reverse=True)


# The world has none of these for the officer: tests of their own below, or above.
NOT_IN_WORLD = {"training:calendar_class", "training:register", "compliance:what_if", "notifications:stop"}


def test_pages_that_are_ready_are_pages_of_the_portal():
    assert set(PAGES) >= languages.READY


CALENDAR = (
    "",
    "?gives=legal&least=2&zip=65201&miles=50&delivery=classroom&fee=100&hours_from=2&hours_to=8&seats=on&sort=fee",
    "?words=nothing+of+this+kind",
    "?since=2026-12-01&until=2026-12-31&gives=firearms",
    "?view=month&since=2026-12-01",
    "?zip=1&least=x&since=y",
)


def test_calendar_and_what_a_class_would_change(opened, agency):
    officer = make.officer(agency, name="Dana Whitlock", license_number="41877")
    course = make.provider_course(make.provider(), "Arrest law", legal=2, skill__firearms=2)
    for more in ({"meetings": 2, "fee": 45}, {"capacity": 2}, {"delivery": "online", "place": "", "address": ""}):
        held = make.scheduled_class(course, **more)
        found = {path: opened(officer, path) for path in (
            f"/calendar/{held.reference}/", f"/my-plan/what-if/{held.reference}/",
            f"/calendar/{held.reference}/register/",
        )}  # fmt: skip
        assert {path: words for path, words in found.items() if words} == {}
    assert {path: words for path in CALENDAR if (words := opened(officer, f"/calendar/{path}"))} == {}
    plans = {path: opened(officer, f"/my-plan/{path}") for path in ("", "?others=1", "?zip=65201&fee=3&off=1&zip=1")}
    assert {path: words for path, words in plans.items() if words} == {}


@pytest.mark.parametrize("state", Registration.State)
def test_a_registration_in_every_state(opened, agency, state):
    officer = make.officer(agency, name="Dana Whitlock", license_number="41877")
    held = make.scheduled_class(make.provider_course(make.provider(), "Arrest law", legal=2))
    more = {"offered_at": clock.now(), "offered_until": clock.now() + dt.timedelta(hours=3)}
    ended = {"ended_at": clock.now(), "end_reason": "The seat offered was let go"}
    given = {"offered": more, "lapsed": more | ended, "cancelled": ended | {"was_late": True}, "called_off": ended}
    one = make.registration(held, officer, state=state, **given.get(state, {}))
    assert opened(officer, f"/registrations/{one.code}/") == []
    assert opened(officer, "/my-classes/") == []
    assert opened(officer, f"/calendar/{held.reference}/register/") == []
    if one.is_live:
        assert opened(officer, f"/registrations/{one.code}/give-back/") == []


def named() -> set[str]:
    """Every text that `makemessages` finds in Python."""
    found = set()
    for path in (
        one
        for app in ("clee_portal", "notifications", "training", "compliance")
        for one in (settings.BASE_DIR / app).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id.startswith(("_", "gettext"))
            ):
                found |= {
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    return found


def test_words_that_templates_translate_by_a_variable_are_named_for_a_catalogue():
    shown = [
        SourceKind, Delivery, Stage, Sort, TrainingRecord.Role, TrainingRecord.NotCounted, Registration.State,
        ReliefRequest.Kind, ReliefRequest.Reason, ReliefDocument.Type, ReliefDecision.Decision, CaseNotice.How,
        RecordReport.Kind, RecordReportDocument.Proof, PlanRequest.State, transcript_checks.Outcome,
        transcript_checks.Signed, timeline.Kind, StateRole.Role,
    ]  # fmt: skip
    words = {label for kind in shown for label in kind.labels}
    words |= {words for one in occasions.registered() for words in (one.title, one.purpose, one.audience) if words}
    words |= {said for tone, label, icon, sentence in messages_said.STATES.values() for said in (label, sentence)}
    words |= {page.label for room in (*rooms.STATE, *rooms.AGENCY, *rooms.PROVIDER) for page in (room, *room.pages)}
    assert words - named() == set()


def test_language_is_chosen_at_the_foot_of_a_page_and_kept(client, agency):
    client.cookies.clear()
    client.force_login(make.officer_account(make.officer(agency)))
    page = client.get("/my-classes/").content.decode()
    assert ("⟦" in page, re.search(r"<html lang=\"([\w-]+)\">", page)[1]) == (False, "en-US")
    assert '<button class="plain" name="language" value="eo" lang="eo">Esperanto</button>' in page
    answer = client.post("/language/", {"language": "eo", "next": "/my-classes/"})
    assert (answer.status_code, answer.url) == (302, "/my-classes/")
    page = client.get("/my-classes/").content.decode()
    assert ("⟦" in page, re.search(r"<html lang=\"([\w-]+)\">", page)[1]) == (True, "eo")
    for given, leads_to in (({"language": "tlh"}, "/"), ({"language": "en-us", "next": "https://else.example/"}, "/")):
        assert client.post("/language/", given).url == leads_to
    assert "⟦" not in client.get("/my-classes/").content.decode()


def test_page_that_is_not_ready_is_whole_in_english(client, agency):
    client.force_login(make.ceo(agency))
    page = client.get("/agencies/harlan/").content.decode()
    assert ("⟦" in page, re.search(r"<html lang=\"([\w-]+)\">", page)[1]) == (False, "en-US")


def test_without_a_catalogue_there_is_nothing_to_choose(client, settings, tmp_path):
    settings.LANGUAGES = languages.found(settings.LOCALE_PATHS[0])
    assert (settings.LANGUAGES, languages.found(tmp_path)) == ([languages.ENGLISH], [languages.ENGLISH])
    page = client.get("/").content.decode()
    assert ("⟦" in page, "set_language" in page, 'action="/language/"' in page) == (False, False, False)
    made = tmp_path / "es" / "LC_MESSAGES" / "django.mo"
    made.parent.mkdir(parents=True)
    made.touch()
    assert languages.found(tmp_path) == [languages.ENGLISH, ("es", "Español")]


def test_scripts_say_in_the_language_of_the_page_what_they_say_in_english(agency, client):
    said = {}
    for name in ("portal", "session"):
        script = Path(finders.find(f"portal/{name}.js")).read_text()
        said |= dict(re.findall(r"said\(\"([a-z-]+)\", \"([^\"]+)\"\)", script))
    client.force_login(make.officer_account(make.officer(agency)))
    page = html.unescape(client.get("/my-classes/").content.decode())
    assert dict(re.findall(r"<dd data-name=\"([a-z-]+)\">⟦(.*?)⟧</dd>", page)) == said
    assert len(said) > 10
