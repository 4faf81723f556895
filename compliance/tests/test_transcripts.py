"""Transcripts: what they say, who has them made, that they are kept as they were made, and what changed since."""

import base64
import datetime as dt
import io
import json
import uuid

import pypdf
import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import signing, transcript_checks, transcript_figures
from compliance.models import SigningKey, Transcript
from compliance.services import signing_keys, transcripts
from compliance.tests import people
from training.models import Officer, TrainingRecord
from training.services import merges
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def dana(agency):
    """Hours of last year; this year one class that counts, one online, one withdrawn, one counted once, one refused."""
    today = clock.today()
    one = make.officer(agency, name="Dana Whitlock", license_number="41877")
    people.complete(one, agency, today.year - 1, legal=1)
    make.record(one, today, course=make.course(agency, "Night shooting"), skill__firearms=2, legal=1)
    online = make.record(one, today, course=people.academy_course("Shooting by screen"), skill__firearms=1)
    TrainingRecord.objects.filter(pk=online.pk).update(delivery="online")
    twice = make.record(one, today, course=people.academy_course("Held twice"), technical=1)
    TrainingRecord.objects.filter(pk=twice.pk).update(not_counted="repeat")
    make.record(
        one, today, course=make.course(agency, "Refused one", refused_on=today - dt.timedelta(days=1)), technical=3
    )
    withdrawn = make.record(one, today, course=make.course(agency, "A mistake"), legal=9)
    TrainingRecord.objects.filter(pk=withdrawn.pk).update(voided_at=Now(), void_reason="Entered for somebody else")
    return one


@pytest.fixture
def account(dana):
    return make.officer_account(dana)


def this_year() -> int:
    return clock.today().year


def issued(by, officer, *years) -> Transcript:
    return transcripts.issue(by=by, officer=officer, years=years or [this_year(), this_year() - 1])


def packed(words: str) -> str:
    """Without blanks: lines of a paper break where they will."""
    return "".join(words.split())


def text(pdf: bytes) -> str:
    return packed("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def test_it_says_what_the_standing_page_says(client, agency, dana):
    made = issued(make.ceo(agency), dana)
    client.force_login(make.post_staff())
    for period in transcript_figures.as_issued(made).periods:
        page = client.get("/officers/41877/standing/", {"period": period.year}).context
        said = page["answer"]
        assert (period.headline, period.grounds, period.deadline) == (said.headline, said.grounds, said.deadline)
        assert (period.standing, period.words) == (page["finding"].standing, page["chip"].label)
        assert [(one.code, one.hours, one.words) for one in period.needs] == [
            (need.requirement.code, need.hours, need.chip.label) for need in page["needs"]
        ]
        lines = [line for need in page["needs"] for line in need.lines if line.chip.label != "Withdrawn"]
        assert {one.reference for one in period.classes} == {one.held.record.training_class.reference for one in lines}
        reasons = {one.reference: one.why_not for one in period.classes}
        for line in lines:
            assert line.reason in reasons[line.held.record.training_class.reference]


def test_every_class_stands_once_with_its_hours_and_why_not(account, dana):
    (period,) = transcript_figures.as_issued(issued(account, dana, this_year())).periods
    told = {one.course: one for one in period.classes}
    assert len(told) == len(period.classes) == 4
    counted = told["Night shooting"]
    assert (counted.counts, counted.total, counted.source) == (True, 3, "Harlan County Sheriff")
    assert [(one.area, one.topic, one.hours) for one in counted.hours] == [
        ("Legal Studies", "", 1),
        ("Skill Development", "Firearms", 2),
    ]
    assert told["Shooting by screen"].counts is True
    assert "must be in person" in told["Shooting by screen"].why_not
    assert told["Held twice"].counts is False
    assert "counted once" in told["Held twice"].why_not
    assert told["Refused one"].counts is False
    assert "POST refused this course" in told["Refused one"].why_not


def test_rows_and_files_say_the_same(account, dana):
    made = issued(account, dana)
    figures = transcript_figures.of_officer(dana, [this_year(), this_year() - 1], made.as_of)
    assert transcript_figures.as_issued(made) == figures
    data = json.loads(transcript_checks.read(made, "data"))
    assert (data["format"], data["code"], data["officer"]["name"]) == ("clee-transcript-1", made.code, "Dana Whitlock")
    assert [one["year"] for one in data["periods"]] == [this_year(), this_year() - 1]
    paper = text(transcript_checks.read(made, "pdf"))
    for period in figures.periods:
        for words in (period.words, period.headline, *(one.name for one in period.needs)):
            assert packed(words) in paper
        for held in period.classes:
            for words in (held.course, held.reference, held.why_not, held.source):
                assert packed(words) in paper
    assert made.code in paper
    assert "Amistake" not in paper


def test_paper_is_tagged_and_its_picture_has_words(account, dana):
    paper = pypdf.PdfReader(io.BytesIO(transcript_checks.read(issued(account, dana), "pdf")))
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert paper.trailer["/Root"]["/Lang"] == "en-US"
    assert b"pdfuaid:part>1<" in paper.xmp_metadata.stream.get_data()
    assert paper.metadata.title == "CLEE transcript of Dana Whitlock, license 41877"


def test_words_of_a_course_are_no_commands_of_the_paper(account, agency, dana):
    make.record(dana, clock.today(), course=make.course(agency, '#panic("x") *_$ <a> ]'), legal=1)
    assert packed('#panic("x") *_$ <a> ]') in text(transcript_checks.read(issued(account, dana, this_year()), "pdf"))


# Who has one made ----------------------------------------------------------------------------------------------------


def test_officer_agency_and_post_have_it_made(agency, account, dana):
    for by, of in ((account, None), (make.ceo(agency), agency), (make.delegate(agency), agency)):
        assert issued(by, dana).agency == of
    assert issued(make.post_staff(), dana).agency is None


def test_nobody_else_has(dana):
    strangers = (make.ceo(make.agency()), make.officer_account(make.officer()), make.provider_staff(make.provider()))
    for by in (*strangers, make.user()):
        with pytest.raises(Refused, match="Only the officer"):
            issued(by, dana)
    assert not Transcript.objects.exists()


def test_agency_does_not_learn_of_what_the_officer_had_made(client, agency, account, dana):
    own = issued(account, dana)
    chief = make.ceo(agency)
    theirs = issued(chief, dana)
    client.force_login(chief)
    page = client.get(reverse("compliance:officer_transcripts", args=["41877"])).content.decode()
    assert theirs.code_in_groups in page
    assert own.code_in_groups not in page
    for name in ("issued_transcript", "issued_transcript_pdf", "issued_transcript_json_sig"):
        assert client.get(reverse(f"compliance:{name}", args=[own.code])).status_code == 404
        assert client.get(reverse(f"compliance:{name}", args=[theirs.code])).status_code == 200


def test_page_makes_one_and_hands_it_out(client, account, dana):
    client.force_login(account)
    page = client.get(reverse("compliance:officer_transcripts", args=["41877"]))
    form = page.context["form"]
    assert form.initial["years"] == [this_year(), this_year() - 1]
    sent = {"years": [this_year()], "submission_key": form.initial["submission_key"]}
    made = client.post(reverse("compliance:officer_transcripts", args=["41877"]), sent)
    again = client.post(reverse("compliance:officer_transcripts", args=["41877"]), sent)
    one = Transcript.objects.get()
    assert made.url == again.url == reverse("compliance:issued_transcript", args=[one.code])
    assert "It is current" in client.get(made.url).content.decode()
    pdf = client.get(reverse("compliance:issued_transcript_pdf", args=[one.code]))
    assert pdf.content == transcript_checks.read(one, "pdf")
    assert pdf["Content-Disposition"] == f'attachment; filename="transcript-{one.code}.pdf"'
    said = json.loads(client.get(reverse("compliance:issued_transcript_pdf_sig", args=[one.code])).content)
    assert said["signature"] == one.pdf_signature
    assert signing.holds(one.key, pdf.content, base64.b64decode(one.pdf_signature))


@pytest.mark.parametrize("years", [[], ["1999"], ["x"]])
def test_page_says_what_is_wrong_with_the_periods(client, account, dana, years):
    client.force_login(account)
    page = client.post(reverse("compliance:officer_transcripts", args=["41877"]), {"years": years})
    assert page.status_code == 200
    assert page.context["form"].errors["years"]
    assert not Transcript.objects.exists()


def test_service_refuses_periods_of_which_nothing_is_kept(account, dana):
    for years, words in (([], "Choose at least one"), ([this_year() + 1], "Nothing is kept of")):
        with pytest.raises(Refused, match=words):
            transcripts.issue(by=account, officer=dana, years=years)


def test_form_of_another_officer_makes_nothing(agency, dana):
    chief, other, key = make.ceo(agency), make.officer(agency), uuid.uuid4()
    transcripts.issue(by=chief, officer=dana, years=[this_year()], submission_key=key)
    with pytest.raises(Refused, match="another officer"):
        transcripts.issue(by=chief, officer=other, years=[this_year()], submission_key=key)


def test_a_day_has_an_end(account, dana, monkeypatch):
    monkeypatch.setattr(transcripts, "MOST_A_DAY", 1)
    issued(account, dana)
    with pytest.raises(Refused, match="within a day"):
        issued(account, dana)


def test_what_fails_leaves_nothing_behind(account, dana, monkeypatch):
    def fails(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(transcripts, "_keep", fails)
    saved = []
    save = type(storages["documents"]).save
    monkeypatch.setattr(
        type(storages["documents"]),
        "save",
        lambda self, *args, **more: saved.append(save(self, *args, **more)) or saved[-1],
    )
    with pytest.raises(ZeroDivisionError):
        issued(account, dana)
    assert len(saved) == 2
    assert not any(storages["documents"].exists(name) for name in saved)
    assert not Transcript.objects.exists()


def test_statements_do_not_grow_with_the_classes(client, agency, account, dana):
    client.force_login(account)

    def cost():
        with CaptureQueriesContext(connection) as making:
            made = issued(account, dana)
        with CaptureQueriesContext(connection) as checking:
            assert client.get(reverse("compliance:check_transcript", args=[made.code])).status_code == 200
        return len(making), len(checking)

    issued(account, dana)  # the key is published by its first signature
    few = cost()
    for number in range(40):
        make.record(dana, clock.today(), course=make.course(agency, f"One of many, {number}"), legal=1)
    assert cost() == few


# Keys ----------------------------------------------------------------------------------------------------------------


def another_key(number: int) -> str:
    return base64.urlsafe_b64encode(bytes([number]) * 32).decode()


def test_key_takes_anothers_place_and_what_it_signed_stays_good(settings, account, dana):
    old = issued(account, dana)
    settings.SIGNING_KEYS = [another_key(1)]
    new = issued(account, dana)
    assert old.key != new.key
    keys = {one["key_id"]: one for one in signing.published()["keys"]}
    assert keys[old.key.key_id]["valid_until"] is not None
    assert keys[new.key.key_id]["valid_until"] is None
    for one in (old, new):
        checked = transcript_checks.check(transcript_checks.read(one, "pdf"))
        assert (checked.outcome, checked.transcript) == ("genuine", one)


def test_key_is_taken_back_into_use(settings, account, dana):
    first, second = settings.SIGNING_KEYS, [another_key(2)]
    for keys in (first, second, first):
        settings.SIGNING_KEYS = keys
        made = issued(account, dana)
    assert SigningKey.objects.filter(valid_until=None).get() == made.key


def test_revoked_key_signs_nothing(account, dana):
    key = issued(account, dana).key
    signing_keys.revoke(by=None, key_id=key.key_id, reason="A backup was lost")
    with pytest.raises(Refused, match="cannot sign just now"):
        issued(account, dana)
    (told,) = signing.published()["keys"]
    assert (told["revoke_reason"], told["revoked_at"] is not None) == ("A backup was lost", True)


def test_key_is_revoked_for_a_reason_once_and_on_the_command_line(account, dana):
    key = issued(account, dana).key
    for given, words in (
        ({"by": make.post_staff(), "reason": "Lost"}, "command line"),
        ({"by": None, "reason": " "}, "Say why"),
        ({"by": None, "reason": "Lost", "key_id": "0" * 16}, "No key"),
    ):
        with pytest.raises(Refused, match=words):
            signing_keys.revoke(**{"key_id": key.key_id} | given)
    signing_keys.revoke(by=None, key_id=key.key_id, reason="Lost")
    with pytest.raises(Refused, match="before: Lost"):
        signing_keys.revoke(by=None, key_id=key.key_id, reason="Lost")


def test_secret_key_is_nowhere_in_the_database(account, dana):
    issued(account, dana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(k)::text FROM compliance_signingkey k")
        kept = cursor.fetchone()[0]
    secret = base64.urlsafe_b64decode(settings.SIGNING_KEYS[0])
    for form in (secret.hex(), base64.b64encode(secret).decode(), settings.SIGNING_KEYS[0]):
        assert form not in kept


# What changed --------------------------------------------------------------------------------------------------------


def changes(one) -> list[str]:
    return transcript_checks.standing(Transcript.objects.get(pk=one.pk)).changes


def test_it_is_current_while_nothing_changes(account, dana):
    assert changes(issued(account, dana)) == []


def test_class_that_is_added_is_not_named(account, agency, dana):
    one = issued(account, dana, this_year())
    make.record(dana, clock.today(), course=make.course(agency, "Secret surveillance"), legal=1)
    told = changes(one)
    assert f"{this_year()}: the record has an entry that the transcript does not show." in told
    assert f"{this_year()}: what is said of “Legal studies” has changed." in told
    assert "Secret" not in " ".join(told)


def test_class_that_is_withdrawn_is_said_and_not_why(account, dana):
    one = issued(account, dana, this_year())
    gone = TrainingRecord.objects.filter(training_class__course__title="Night shooting")
    gone.update(voided_at=Now(), void_reason="Was at home")
    told = changes(one)
    day = clock.today()
    assert f"{day.year}: “Night shooting” of {day:%B} {day.day}, {day.year} no longer stands as printed." in told
    assert "home" not in " ".join(told)


def test_period_that_is_not_on_the_paper_changes_nothing_of_it(account, agency, dana):
    one = issued(account, dana, this_year() - 1)
    make.record(dana, clock.today(), course=make.course(agency, "Of this year"), legal=1)
    assert changes(one) == []


def test_license_and_name_that_changed_are_said(account, dana):
    one = issued(account, dana)
    make.license_event(dana, "suspended", clock.today())
    Officer.objects.filter(pk=dana.pk).update(last_name="Reed")
    told = changes(one)
    assert "The officer’s name or license number is written differently now." in told
    assert "What is said of the license has changed." in told
    assert "suspended" not in " ".join(told)
    assert "Reed" not in " ".join(told)


def test_officer_without_a_license_has_a_transcript_that_stays_current(agency):
    bare = make.officer(agency, issued_on=None)
    one = transcripts.issue(by=make.officer_account(bare), officer=bare, years=[this_year()])
    assert one.license_words == "No license"
    assert changes(one) == []


def test_transcript_goes_along_when_records_are_joined(client, agency):
    kept, other = make.officer(agency, name="Ona Abbott"), make.officer(name="Ona Abbott", issued_on=None)
    one = issued(make.officer_account(other), other, this_year())
    post = make.post_staff()
    merges.merge(by=post, kept=kept, merged=other, both_valid=False, source="License files", today=clock.today())
    one.refresh_from_db()
    assert one.officer == kept
    assert "The officer’s name or license number is written differently now." in changes(one)
    page = client.get(reverse("compliance:check_transcript", args=[one.code]))
    assert page.status_code == 200
