"""The pages of the rules: a change from the list to its publication, each page as it is for whom."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance import rules
from compliance.models import ReportingPeriod, RequirementSet
from compliance.tests.rule_people import NEXT, YEAR, approve, begin, case_of, hand_in, latest, ready
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    return factories.post_staff("petra@example.org", "Petra Post")


@pytest.fixture
def second():
    return factories.post_staff("sam@example.org", "Sam Second")


def at(name: str, *args) -> str:
    return reverse(f"compliance:{name}", args=args)


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def fields(response) -> dict:
    """What the form of a page would send as it stands."""
    form = response.context["form"]
    found = {name: form[name].value() for name in form.fields}
    found["seen"] = response.context.get("seen")
    return {name: "" if value is None else value for name, value in found.items() if value is not False}


def test_from_the_list_to_the_publication(client, author, second):
    factories.officer(factories.agency("cedar", "Cedar Hollow Police"))
    client.force_login(author)
    assert "No change of the rules is under way" in text(client.get(at("rules")))
    asked = client.get(at("rule_begin"), {"year": YEAR})
    assert [asked.context["form"][name].value() for name in ("year", "source")] == [YEAR, latest().pk]
    made = client.post(at("rule_begin"), {"year": YEAR, "source": latest().pk})
    draft = RequirementSet.objects.get(drafted_at__isnull=False)
    assert made.url == at("rule_set", draft.pk)
    assert "No requirement is changed yet" in text(client.get(made.url))

    one = draft.requirements.get(code="legal")
    page = client.get(at("rule_requirement", one.pk))
    sent = fields(page) | {"minimum": "4"}
    assert client.post(at("rule_requirement", one.pk), sent).url == f"{made.url}#legal"
    seen = text(client.get(made.url))
    assert "1 requirement would be different" in seen
    assert "minimum 4 h, was 2 h" in seen
    assert "the wording does not name its minimum, 4 h" in seen
    assert "You need 4 hours of legal studies." in seen
    page = client.get(at("rule_requirement", one.pk))
    client.post(at("rule_requirement", one.pk), fields(page) | {"wording": "At least 4 hours of Legal Studies."})
    assert "does not name its minimum" not in text(client.get(made.url))

    assert "It cannot be handed in yet Say what changes" in text(client.get(at("rule_set_hand_in", draft.pk)))
    page = client.get(at("rule_set_frame", draft.pk))
    client.post(at("rule_set_frame", draft.pk), fields(page) | {"note": "11 CSR 75-15.010 as amended"})
    assert "write at least one golden case" in text(client.get(at("rule_set_hand_in", draft.pk)))
    page = client.get(at("rule_set_case_new", draft.pk))
    assert client.post(at("rule_set_case_new", draft.pk), fields(page)).url == at("rule_set_cases", draft.pk)
    assert "The case agrees" in text(client.get(at("rule_set_cases", draft.pk)))
    assert "1 golden case" in text(client.get(made.url))

    tried = text(client.get(at("rule_set_dry_run", draft.pk)))
    assert "Nobody would change standing; 1 of 1 officers would lack other hours" in tried
    page = client.get(at("rule_set_hand_in", draft.pk))
    client.post(at("rule_set_hand_in", draft.pk), {"seen": page.context["form"]["seen"].value()})
    decide = at("rule_set_decide", draft.pk)
    assert "You worked on this draft; somebody else approves it" in text(client.get(decide))
    seen_by = {"act": "approve", "seen": rules.fingerprint(RequirementSet.objects.get(pk=draft.pk))}
    assert "You worked on this draft." in text(client.post(decide, seen_by))

    client.force_login(second)
    assert "1 draft waits for approval" in text(client.get(at("rules")))
    page = client.get(decide)
    assert "Approve and publish?" in text(page)
    assert f"Published for {YEAR} and, since it asks the same now, for {NEXT}." in text(page)
    assert client.post(decide, {"act": "approve", "seen": page.context["seen"]}).url == made.url
    done = text(client.get(made.url))
    assert "Version 2 differs from version 1 in 1 requirement" in done
    assert "Approved and published by Sam Second" in done
    assert "At least 4 hours of Legal Studies." in text(client.get(reverse("help")))


def test_what_is_published_is_not_changed_by_its_address(client, author):
    client.force_login(author)
    one = latest()
    requirement = one.requirements.get(code="legal")
    for name, pk in (
        ("rule_requirement", requirement.pk),
        ("rule_set_frame", one.pk),
        ("rule_set_add", one.pk),
        ("rule_set_topic", one.pk),
        ("rule_set_case_new", one.pk),
        ("rule_set_hand_in", one.pk),
        ("rule_set_discard", one.pk),
    ):
        sent = {"act": "remove", "minimum": "1", "note": "x", "reason": "x", "seen": rules.of_requirement(requirement)}
        for answer in (client.get(at(name, pk)), client.post(at(name, pk), sent)):
            assert (name, answer.status_code) == (name, 200)
            assert "is published and never changes. To correct it, begin a draft" in text(answer)
            assert "<textarea" not in answer.content.decode()
    assert one.requirements.get(code="legal").minimum == 2
    assert RequirementSet.objects.get(pk=one.pk).note == one.note


def test_director_reads_and_changes_nothing(client, author):
    draft = ready(author)
    client.force_login(factories.director())
    for name in ("rules", "rule_set", "rule_set_dry_run", "rule_set_cases"):
        page = client.get(at(name, *([] if name == "rules" else [draft.pk])))
        assert (name, page.status_code) == (name, 200)
        assert "btn-primary" not in page.content.decode().partition("<main")[2].partition("</main>")[0]
    for name in ("rule_set_frame", "rule_set_decide", "rule_set_hand_in", "rule_set_case_new"):
        assert client.get(at(name, draft.pk)).status_code == 403
    assert client.post(at("rule_set_cases", draft.pk), {"source": latest().pk}).status_code == 403


def test_what_was_typed_is_kept_beside_what_is_wrong(client, author):
    draft = begin(author)
    client.force_login(author)
    sent = {"name": "Autism", "short_name": "autism", "code": "autism", "minimum": "9000", "wording": "1 hour on it"}
    page = client.post(at("rule_set_add", draft.pk), sent)
    assert "Nobody can complete more than 2,000 hours in a year." in text(page)
    assert "Cite the rule." in text(page)
    assert 'value="9000"' in page.content.decode()
    bad = case_of(YEAR, {"cooking": 1})
    page = client.post(at("rule_set_case_new", draft.pk), {"text": bad})
    assert "no requirement of the period" in text(page)
    assert page.context["form"]["text"].value() == bad


def test_cases_of_an_earlier_version_are_copied(client, author, second):
    draft = ready(author)
    hand_in(author, draft)
    approve(second, draft)
    fresh = begin(author, NEXT, source=latest(2020))
    client.force_login(author)
    path = at("rule_set_cases", fresh.pk)
    assert "Choose the set whose cases are copied." in text(client.post(path, {}))
    assert client.post(path, {"source": latest(YEAR).pk}).status_code == 302
    assert "1 of 1 case does not agree" in text(client.get(path))
    yaml = client.get(at("rule_set_cases_yaml", fresh.pk)).content.decode()
    assert f"period: {NEXT}" in yaml


def test_dry_run_has_its_list_in_pages_and_files(client, author):
    agency = factories.agency("cedar", "Cedar Hollow Police")
    factories.roster(agency, 60)
    factories.officer(factories.agency("birch", "Birch Police"), name="Ona Rowan")
    draft = ready(author)
    client.force_login(author)
    path = at("rule_set_dry_run", draft.pk)
    page = client.get(path, {"show": "more"})
    assert "1–50 of 61" in text(page)
    assert "61 lack more" in text(page)
    assert len(client.get(path, {"show": "more", "page": "2"}).context["rows"]) == 11
    assert [
        row["officer"].last_name for row in client.get(path, {"show": "all", "agency": "birch"}).context["rows"]
    ] == ["Rowan"]
    assert client.get(path, {"show": "nonsense", "requirement": "x", "year": "1", "page": "x"}).status_code == 200
    lines = b"".join(client.get(at("rule_set_dry_run_csv", draft.pk), {"show": "more"})).decode().splitlines()
    assert len(lines) == 62
    assert "missing after: Legal studies" in lines[0]
    agencies = b"".join(client.get(at("rule_set_agencies_csv", draft.pk))).decode().splitlines()
    assert agencies[1:] == ["Cedar Hollow Police,cedar,0,0,0,60", "Birch Police,birch,0,0,0,1"]


def test_same_statements_for_one_row_and_many(client, author):
    draft = ready(author)
    client.force_login(author)

    def statements(path) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    agency = factories.agency()
    factories.roster(agency, 1)
    pages = [at("rule_set_dry_run", draft.pk) + "?show=all", at("rules"), at("rule_set", draft.pk)]
    few = [statements(path) for path in pages]
    factories.roster(agency, 99, first_number=50000)
    begin(author, NEXT)
    begin(author, 2022)
    assert [statements(path) for path in pages] == few


def test_stale_draft_follows_by_a_button(client, author, second):
    draft = ready(author)
    RequirementSet.objects.filter(pk=draft.pk).update(base=None)
    client.force_login(author)
    page = text(client.get(at("rule_set", draft.pk)))
    assert "version 1 was published after this draft was begun" in page
    client.post(at("rule_set_hand_in", draft.pk), {"act": "follow"})
    draft.refresh_from_db()
    assert draft.base == latest()


def test_discarded_draft_says_so_and_frees_the_period(client, author):
    draft = begin(author)
    client.force_login(author)
    assert "Say why." in text(client.post(at("rule_set_discard", draft.pk), {}))
    client.post(at("rule_set_discard", draft.pk), {"reason": "Begun by mistake"})
    assert "This draft was discarded" in text(client.get(at("rule_set", draft.pk)))
    assert "Correct" in text(client.get(at("rules")))
    change_after = client.post(at("rule_set_frame", draft.pk), {"note": "x"})
    assert "This draft was discarded." in text(change_after)


def test_days_are_changed_on_their_page(client, author):
    draft = begin(author, NEXT)
    client.force_login(author)
    path = at("rule_set_frame", draft.pk)
    sent = fields(client.get(path)) | {"note": "Later", "show_by": f"{NEXT + 1}-04-01"}
    assert client.post(path, sent).status_code == 302
    page = text(client.get(at("rule_set", draft.pk)))
    assert f"April 1, {NEXT + 1} now March 15, {NEXT + 1}" in page
    page = client.post(path, fields(client.get(path)) | {"note": "Later", "ends_on": f"{NEXT - 1}-01-01"})
    assert "is past. Give a day from today on." in text(page)
    assert ReportingPeriod.objects.get(year=NEXT).show_by.year == NEXT + 1
