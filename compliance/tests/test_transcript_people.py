"""Transcripts of officers who are not the usual one, and those who look at them."""

import datetime as dt
import html
import re
import threading
import uuid
from pathlib import Path

import pypdf
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts import limits
from clee_portal.history.models import Access
from compliance import transcript_checks, transcript_figures
from compliance.models import Transcript, TranscriptLook
from compliance.services import transcripts
from compliance.tests import people
from training.models import Commission, CreditLine, Officer, TrainingClass, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def dana(agency):
    one = make.officer(agency, name="Dana Whitlock", license_number="41877")
    make.record(one, clock.today(), course=make.course(agency, "Night shooting"), skill__firearms=2, legal=1)
    return one


@pytest.fixture
def account(dana):
    return make.officer_account(dana)


def this_year() -> int:
    return clock.today().year


def issued(officer, *years, by=None) -> Transcript:
    account = by or make.officer_account(officer)
    return transcripts.issue(by=account, officer=officer, years=years or [this_year()])


def public(client, one: Transcript):
    return client.get(reverse("compliance:check_transcript", args=[one.code]))


def file_of(one: Transcript) -> SimpleUploadedFile:
    return SimpleUploadedFile("transcript.pdf", transcript_checks.read(one, "pdf"))


def paper_of(one: Transcript) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(file_of(one)).pages)


def in_many(officer, course, days) -> None:
    """A class on each of `days`, in a few statements."""
    classes = TrainingClass.objects.bulk_create(
        TrainingClass(
            course=course, starts_on=day, ends_on=day, reported_by_agency=course.agency, submission_key=uuid.uuid4(),
            recorded_at=clock.midday(day),
        )
        for day in days
    )  # fmt: skip
    records = TrainingRecord.objects.bulk_create(
        TrainingRecord(
            officer=officer, training_class=held, completed_on=held.ends_on, credited_year=held.ends_on.year,
            source_kind=course.source_kind, recorded_at=held.recorded_at,
        )
        for held in classes
    )  # fmt: skip
    (line,) = make.lines(legal=1)
    CreditLine.objects.bulk_create(
        CreditLine(record=one, area=line.area, topic=line.topic, hours=line.hours) for one in records
    )


# Officers ------------------------------------------------------------------------------------------------------------


def test_officer_with_no_class_has_a_transcript_that_says_so(client, agency):
    one = issued(make.officer(agency))
    (period,) = transcript_figures.as_issued(one).periods
    assert (period.classes, {need.hours for need in period.needs}) == ((), {0})
    assert f"No class of {this_year()} was on the record." in public(client, one).text
    paper = paper_of(one)
    assert "Classes that counted" in paper
    assert "None." in paper


def test_eight_periods_and_four_hundred_classes(client, agency):
    """A career: every class stands once, on the page and on the paper, and the file is one that can be checked."""
    one = make.officer(agency)
    years = list(range(this_year() - 8, this_year()))
    course = make.course(agency, "Legislative update")
    in_many(one, course, [dt.date(year, 1, 1) + dt.timedelta(days=7 * week) for year in years for week in range(50)])
    made = issued(one, *years)
    figures = transcript_figures.as_issued(made)
    assert [period.year for period in figures.periods] == sorted(years, reverse=True)
    references = [held.reference for period in figures.periods for held in period.classes]
    assert len(references) == len(set(references)) == 400
    page = public(client, made).text
    content = transcript_checks.read(made, "pdf")
    paper = paper_of(made)
    for reference in references:
        assert (page.count(reference), paper.count(reference)) == (1, 1)
    assert len(content) < transcript_checks.MOST_BYTES // 2
    assert len(transcript_checks.read(made, "data")) < transcript_checks.MOST_BYTES // 2
    assert transcript_checks.check(content).outcome == "genuine"
    assert transcript_checks.standing(made).changes == []


@pytest.mark.parametrize("kind", ["revoked", "surrendered", "suspended"])
def test_license_that_is_not_active_is_said(client, agency, dana, account, kind):
    make.license_event(dana, kind, clock.today())
    one = issued(dana, by=account)
    assert one.license_words.startswith(f"{kind.capitalize()} since ")
    page = public(client, one).text
    assert one.license_words in page
    assert "It is current" in page


def test_make_up_credit_counts_in_the_period_it_is_credited_to_alone(agency):
    one = make.officer(agency)
    people.complete(one, agency, this_year() - 1, legal=2)
    people.credit(one, dt.date(this_year(), 1, 10), make.course(agency, "In January"), year=this_year() - 1, legal=2)
    figures = transcript_figures.as_issued(issued(one, this_year(), this_year() - 1))
    told = [(period.year, held) for period in figures.periods for held in period.classes if held.course == "In January"]
    assert [(year, held.counts) for year, held in told] == [(this_year(), False), (this_year() - 1, True)]
    assert str(this_year() - 1) in told[0][1].why_not


def test_who_moves_keeps_their_transcripts_and_the_agencies_only_their_own(client, agency, dana, account):
    """After a transfer the new agency has its own made, with the classes of the old one, which sees nothing now."""
    before, own = issued(dana, by=make.ceo(agency)), issued(dana, by=account)
    other = make.agency("osage", "Osage Police")
    yesterday = clock.today() - dt.timedelta(days=1)
    Commission.objects.filter(officer=dana).update(ended_on=yesterday)
    make.commission(dana, other, since=clock.today())
    new_chief, old_chief = make.ceo(other), make.ceo(agency)
    after = issued(dana, by=new_chief)
    assert (before.agency, after.agency) == (agency, other)
    (period,) = transcript_figures.as_issued(after).periods
    assert [held.source for held in period.classes] == ["Harlan County Sheriff"]
    seen = {by: set(Transcript.objects.visible_to(by)) for by in (old_chief, new_chief, account)}
    assert seen == {old_chief: set(), new_chief: {after}, account: {before, own, after}}
    assert transcript_checks.standing(before).changes == []


def test_undercover_officer_has_their_name_on_paper_and_nowhere_in_public(client, agency, dana, account):
    Officer.objects.filter(pk=dana.pk).update(is_name_closed=True)
    one = issued(Officer.objects.get(pk=dana.pk), by=account)
    assert one.name == "Dana Whitlock"
    paths = [reverse(f"compliance:check_transcript{file}", args=[one.code]) for file in ("", "_pdf_sig", "_json_sig")]
    for path in (*paths, reverse("training:check") + f"?code={one.code}"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200
        for kept in ("Whitlock", "Dana", "41877"):
            assert kept not in answer.text + "".join(answer.headers.values())


# Twice and at once ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one(agency, dana, account):
    key, start, made = uuid.uuid4(), threading.Barrier(2), []

    def click():
        start.wait(20)
        try:
            one = transcripts.issue(by=account, officer=dana, years=[this_year()], submission_key=key)
            made.append(one.code)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(60)
    assert len(made) == 2
    assert set(made) == set(Transcript.objects.values_list("code", flat=True))
    assert Transcript.objects.count() == 1


def test_two_tabs_make_two_and_a_signed_out_tab_makes_none(client, dana, account):
    client.force_login(account)
    address = reverse("compliance:officer_transcripts", args=["41877"])
    tabs = [client.get(address).context["form"].initial["submission_key"] for _ in range(2)]
    for key in tabs:
        assert client.post(address, {"years": [this_year()], "submission_key": key}).status_code == 302
    assert Transcript.objects.count() == 2
    client.logout()
    assert client.post(address, {"years": [this_year()], "submission_key": tabs[0]}).status_code == 302
    assert Transcript.objects.count() == 2


# Who looks -----------------------------------------------------------------------------------------------------------


def test_looks_at_the_public_page_are_counted_for_the_officer(client, dana, account):
    one = issued(dana, by=account)
    public(client, one)
    client.post("/check/transcript/file/", {"file": file_of(one)})
    client.get("/check/transcript/ABCDEFGHJKMN/")
    assert [(look.transcript, look.how) for look in TranscriptLook.objects.order_by("pk")] == [
        (one, "code"),
        (one, "file"),
    ]
    assert not Access.objects.filter(kind="viewed").exists()
    client.force_login(account)
    public(client, one)
    page = client.get(reverse("compliance:issued_transcript", args=[one.code])).text
    assert "2 times on its public page" in page
    assert "Your own looks are not counted." in page


def test_look_of_somebody_signed_in_is_recorded_with_their_name(client, dana, account):
    one = issued(dana, by=account)
    chief = make.ceo(make.agency())
    client.force_login(chief)
    public(client, one)
    look = Access.objects.get(kind="viewed")
    assert (look.by, look.license_number, look.what) == (chief, "41877", f"Transcript {one.code}, on its public page")
    assert TranscriptLook.objects.count() == 1


def test_agency_that_opens_one_it_had_made_is_recorded(client, agency, dana):
    chief = make.ceo(agency)
    one = issued(dana, by=chief)
    client.force_login(chief)
    for name in ("issued_transcript", "issued_transcript_pdf"):
        client.get(reverse(f"compliance:{name}", args=[one.code]))
    assert (
        list(Access.objects.filter(kind="viewed").values_list("by", "license_number", "what"))
        == [(chief.pk, "41877", f"Transcript {one.code}")] * 2
    )
    assert Access.objects.get(kind="exported").what == f"transcript-{one.code}.pdf"


# Without the portal --------------------------------------------------------------------------------------------------


def test_whoever_got_the_file_alone_has_its_signature_from_the_public_page(client, dana, account):
    one = issued(dana, by=account)
    page = public(client, one).text
    client.force_login(account)
    for name in ("pdf_sig", "json_sig"):
        address = reverse(f"compliance:check_transcript_{name}", args=[one.code])
        assert f'href="{address}"' in page
        theirs = client.get(reverse(f"compliance:issued_transcript_{name}", args=[one.code]))
        client.logout()
        anybodys = client.get(address)
        assert anybodys.content == theirs.content
        assert anybodys["Content-Disposition"] == theirs["Content-Disposition"]
        client.force_login(account)


def test_guessing_codes_ends_at_the_signatures_too(client, dana, account):
    one = issued(dana, by=account)
    wrong, right = (reverse("compliance:check_transcript_pdf_sig", args=[code]) for code in ("ABCDEFGHJKMN", one.code))
    for _ in range(limits.CERTIFICATE.per_address[0].most):
        assert client.get(wrong).status_code == 404
    assert [client.get(address).status_code for address in (wrong, right)] == [429, 429]
    assert client.get(reverse("compliance:check_transcript_pdf_sig", args=[one.code.lower()])).status_code == 302


def test_page_shows_the_script_of_the_document(client, dana, account):
    document = (Path(settings.BASE_DIR) / "docs" / "transcripts.md").read_text()
    (script,) = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    (shown,) = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", client.get("/check/transcript/file/").text, re.DOTALL)
    assert html.unescape(shown) == script


def test_file_of_another_transcript_is_told_so(client, dana, account):
    one, other = issued(dana, by=account), issued(dana, by=account)
    page = client.post("/check/transcript/file/", {"file": file_of(other), "of": one.code}).text
    assert "It is another transcript than the one you looked at." in page
    assert f"That was {one.code_in_groups}; this file is {other.code_in_groups}" in page
    same = client.post("/check/transcript/file/", {"file": file_of(one), "of": one.code}).text
    assert "another transcript" not in same
