"""The pages of cases: prepared by POST, answered by officer and agency, each on their own."""

import datetime as dt

import pytest

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance.models import (
    CaseAnswer,
    CaseDecision,
    CaseNotice,
    RecordingGap,
)
from compliance.services import cases
from compliance.tests import case_people as made
from compliance.tests.case_people import of, text
from compliance.tests.relief_people import pdf, upload
from notifications.models import Message

pytestmark = pytest.mark.django_db
Kind = CaseDecision.Kind
TODAY = clock.today()


@pytest.fixture
def people():
    return made.everybody()


# Notice, answers ------------------------------------------------------------------------------------------------------


def test_notice_is_served_and_both_are_told(client, people):
    case = made.listed(people.officer)
    client.force_login(people.post)
    served = TODAY - dt.timedelta(days=3)
    path = of("case_notice", case.pk)
    assert "Type the number" in text(client.post(path, {"how": "certified", "served_on": served.isoformat()}))
    sent = client.post(path, {"how": "certified", "served_on": served.isoformat(), "certified_number": "9414 7266 99"})
    assert sent.url == of("candidate", case.pk)
    notice = CaseNotice.objects.get()
    assert (notice.certified_number, notice.answer_by) == ("9414726699", served + dt.timedelta(days=30))
    mails = Message.objects.filter(occasion="case_notice")
    assert set(mails.values_list("address", flat=True)) == {people.own.email, people.ceo.email}
    assert "Time to answer" in text(client.get(sent.url))


def test_notice_of_a_record_that_is_likely_in_error_takes_a_reason(client, people):
    case = made.listed(people.officer)
    gap = RecordingGap.objects.create(officer=people.officer, period=made.period(), kind="nothing", score=80)
    client.force_login(people.post)
    path = of("case_notice", case.pk)
    sent = {"how": "person", "served_on": TODAY.isoformat(), "override_reason": ""}
    page = client.post(path, sent)
    assert (page.status_code, gap.words in text(page)) == (200, True)
    assert 'name="override_reason"' in page.content.decode()
    assert not CaseNotice.objects.exists()
    assert client.post(path, sent | {"override_reason": "The academy says no"}).status_code == 302
    gap.refresh_from_db()
    assert (gap.how, gap.reason) == ("overridden", "The academy says no")
    assert case.listings.get().checks.get().words == "The academy says no"
    assert CaseNotice.objects.count() == 1


def test_error_that_post_found_keeps_the_notice_back(people):
    case = made.listed(people.officer)
    made.looked_at(people, case, "error", "A roster of May is missing")
    with pytest.raises(Refused, match="A roster of May is missing"):
        made.served(people, case)
    assert not CaseNotice.objects.exists()


def test_days_to_answer_are_set_for_the_year(client, people):
    case = made.listed(people.officer)
    with pytest.raises(Refused, match="between 7 and 180"):
        cases.set_response_days(by=people.post, period=made.period(), days=6, reason="x")
    cases.set_response_days(by=people.post, period=made.period(), days=45, reason="As the Director asked")
    notice = made.served(people, case, days_ago=5)
    assert notice.answer_by == notice.served_on + dt.timedelta(days=45)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"served_on": TODAY + dt.timedelta(days=1)}, "still to come"),
        ({"served_on": dt.date(made.YEAR + 1, 3, 1)}, "notice comes after that"),
        ({"certified_number": " "}, "Type the number"),
    ],
)
def test_notice_that_does_not_fit(people, more, words):
    case = made.listed(people.officer)
    given = {"how": "certified", "served_on": TODAY, "certified_number": "1"} | more
    with pytest.raises(Refused, match=words):
        cases.serve_notice(by=people.post, case=case, today=TODAY, **given)


def test_officer_and_agency_answer_each_on_their_own_page(client, people):
    case = made.listed(people.officer)
    path = of("case", case.pk)
    client.force_login(people.own)
    assert client.get(path).status_code == 404  # no notice is served
    made.served(people, case, days_ago=3)
    assert "Read the case and answer" in text(client.get(of("my_standing") + f"?period={made.YEAR}"))
    page = text(client.get(path))
    assert "You can answer until" in page
    assert "still need" in page  # the words of the standing page
    sent = client.post(path, {"words": "I was in the class of May 3", "documents": [upload(pdf())]})
    assert sent.url == path + "#answers"
    client.force_login(people.ceo)
    page = text(client.get(path))
    assert "I was in the class" not in page
    client.post(path, {"words": "The roster was mislaid"})
    page = text(client.get(path))
    assert "The roster was mislaid" in page
    assert [(one.given_by, one.agency) for one in CaseAnswer.objects.all()] == [
        ("officer", None),
        ("agency", people.agency),
    ]
    client.force_login(people.post)
    page = text(client.get(of("candidate", case.pk)))
    assert "I was in the class" in page
    assert "The roster was mislaid" in page


def test_agency_has_a_list_of_what_waits_for_its_answer(client, people):
    case = made.listed(people.officer)
    made.served(people, case, days_ago=3)
    client.force_login(people.ceo)
    waits = text(client.get(of("waiting", people.agency.code)))
    assert "1 notice of missing hours: read and answer" in waits
    path = of("cases_of_agency", people.agency.code)
    assert "1 notice waits for your answer." in text(client.get(path))
    client.post(of("case", case.pk), {"words": "We know of no class"})
    assert "Every notice is answered" in text(client.get(path))
    assert "notice of missing hours" not in text(client.get(of("waiting", people.agency.code)))
    people.officer.commissions.update(ended_on=TODAY - dt.timedelta(days=1))
    assert "No notice is served about your officers." in text(client.get(path))
    client.force_login(people.own)
    assert client.get(path).status_code == 404


def test_answer_written_down_by_post_names_who(client, people):
    case = made.listed(people.officer)
    made.served(people, case, days_ago=3)
    client.force_login(people.post)
    path = of("case", case.pk)
    assert "Say whose answer it is" in text(client.post(path, {"words": "By phone"}))
    client.post(path, {"words": "On sick leave", "teller": "The officer, by letter"})
    assert CaseAnswer.objects.get().teller == "The officer, by letter"


def test_papers_of_the_officer_are_not_the_agencys(client, people):
    case = made.listed(people.officer)
    made.served(people, case, days_ago=3)
    client.force_login(people.own)
    client.post(of("case", case.pk), {"words": "See it", "documents": [upload(pdf())]})
    path = of("case_document", CaseAnswer.objects.get().documents.get().pk)
    seen = {}
    for who in ("own", "ceo", "post", "director"):
        client.force_login(getattr(people, who))
        seen[who] = client.get(path).status_code
    assert seen == {"own": 200, "ceo": 404, "post": 200, "director": 200}
