"""Reporting, answering and deciding on pages: nothing typed is lost, everybody sees what is theirs."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.history.models import Access
from clee_portal.refusal import Refused
from compliance.document_storage import PrivateStorage
from compliance.models import RecordReport, RecordReportDocument
from compliance.services import record_report_papers, record_reports
from compliance.tests.relief_people import paper, pdf, upload
from training.models import RecognizedSource, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db
TODAY = clock.today()
DAY = TODAY - dt.timedelta(days=20)
REPORT, OUTSIDE = "/my-record/report/", "/my-record/elsewhere/"


@pytest.fixture(autouse=True)
def storage(monkeypatch, tmp_path):
    monkeypatch.setattr(RecordReportDocument._meta.get_field("file"), "storage", PrivateStorage(location=tmp_path))


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    return factories.officer(agency, name="Renee Abbott", license_number="38120")


@pytest.fixture
def account(client, officer):
    made = factories.officer_account(officer, "renee@example.org")
    client.force_login(made)
    return made


def url(name: str, one: RecordReport) -> str:
    return reverse(f"compliance:{name}", args=[one.reference])


def typed(agency, **more) -> dict:
    given = {"title": "Night driving", "completed_on": DAY.isoformat(), "hours": "4", "who": f"agency-{agency.pk}"}
    return given | {"submission_key": str(uuid.uuid4()), "words": "I have the paper"} | more


def missing(account, officer, body) -> RecordReport:
    return record_reports.report(
        by=account, officer=officer, title="Night driving", completed_on=DAY, body=body, submission_key=uuid.uuid4(),
        documents=[paper("certificate.pdf")], today=TODAY,
    )[0]  # fmt: skip


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_missing_class_is_reported_with_its_certificate(client, account, officer, agency):
    assert "Cedar Hollow Police" in text(client.get(REPORT))
    answer = client.post(REPORT, typed(agency, documents=upload(pdf(), "certificate.pdf")))
    one = RecordReport.objects.get()
    assert answer["Location"] == f"{url('record_report', one)}?sent=1"
    assert (one.agency, one.hours, one.words, one.documents.get().name) == (
        agency,
        4,
        "I have the paper",
        "certificate.pdf",
    )
    page = text(client.get(answer["Location"]))
    assert one.reference in page
    assert "Waits for Cedar Hollow Police." in page
    assert one.reference in text(client.get("/my-record/"))


def test_what_is_missing_in_the_form_is_said_and_nothing_typed_is_lost(client, account, agency):
    page = client.post(REPORT, typed(agency, title="", completed_on="soon"))
    assert page.status_code == 200
    assert "Give the title of the class." in text(page)
    assert "That is not a date." in text(page)
    assert "I have the paper" in text(page)
    assert RecordReport.objects.count() == 0


def test_file_that_is_not_what_its_name_says_is_refused(client, account, agency):
    page = client.post(REPORT, typed(agency, documents=upload(b"MZ not a paper", "certificate.pdf")))
    assert "neither a PDF nor a JPEG or PNG" in text(page)
    assert "Night driving" in text(page)
    assert RecordReport.objects.count() == 0


@pytest.mark.parametrize(("name", "finds"), [("academy of the ozarks", True), ("Nobody at all", False)])
def test_another_body_is_found_by_its_name(client, account, agency, name, finds):
    school = factories.provider("Academy of the Ozarks")
    page = client.post(REPORT, typed(agency, who="other", other=name))
    assert [one.provider for one in RecordReport.objects.all()] == ([school] if finds else [])
    assert finds or "No agency or provider is called" in text(page)


def test_who_does_not_know_asks_post(client, account, agency):
    client.post(REPORT, typed(agency, who="unknown"))
    assert RecordReport.objects.get().escalated_why == "nobody"


def test_wrong_entry_is_reported_in_place(client, account, officer, agency):
    record = factories.record(officer, DAY, course=factories.course(agency, "Night driving"))
    path = f"{REPORT}?record={record.pk}"
    assert "What is wrong with “Night driving”?" in text(client.get(path))
    assert "Say what is wrong" in text(client.post(path, {"words": ""}))
    client.post(path, {"words": "It was four hours", "submission_key": str(uuid.uuid4())})
    one = RecordReport.objects.get()
    assert (one.record, one.agency) == (record, agency)
    foreign = factories.record(factories.officer(agency), DAY, course=factories.course(agency))
    assert client.get(f"{REPORT}?record={foreign.pk}").status_code == 404
    assert client.get(f"{REPORT}?record=x").status_code == 404


def test_agency_adds_the_officer_from_the_page(client, account, officer, agency):
    colleague = factories.record(factories.officer(agency), DAY, course=factories.course(agency, "Night driving"))
    colleague.training_class.lines.create(area=factories.area("legal"), hours=2)
    one = missing(account, officer, agency)
    client.force_login(factories.ceo(agency))
    assert one.reference in text(client.get(reverse("compliance:agency_reports", args=["cedar"])))
    page = client.get(url("record_report_answer", one))
    assert colleague.training_class in page.context["form"].fields["training_class"].queryset
    answer = client.post(
        url("record_report_answer", one),
        {"said": "coming", "training_class": colleague.training_class_id, "seen": 0, "words": ""},
    )
    assert answer["Location"] == url("record_report", one)
    one.refresh_from_db()
    assert (one.outcome, one.made.officer) == ("recorded", officer)
    assert "Nothing that officers reported waits" in text(
        client.get(reverse("compliance:agency_reports", args=["cedar"]))
    )


def test_no_without_a_word_is_asked_for_it(client, account, officer, agency):
    one = missing(account, officer, agency)
    client.force_login(factories.ceo(agency))
    page = client.post(url("record_report_answer", one), {"said": "not_ours", "seen": 0, "words": ""})
    assert "Say why it is not yours to mend" in text(page)
    one.refresh_from_db()
    assert one.answer == ""


def test_provider_answers_from_its_own_list(client, account, officer):
    school = factories.provider("Academy of the Ozarks")
    one = missing(account, officer, school)
    client.force_login(factories.provider_staff(school))
    assert one.reference in text(client.get(reverse("compliance:provider_reports", args=[school.pk])))
    client.post(url("record_report_answer", one), {"said": "not_ours", "seen": 0, "words": "Not in our roster"})
    one.refresh_from_db()
    assert (one.answer, one.escalated_why) == ("not_ours", "not_ours")


def test_another_agency_sees_neither_report_nor_paper(client, account, officer, agency):
    one = missing(account, officer, agency)
    client.force_login(factories.ceo(factories.agency()))
    assert client.get(url("record_report", one)).status_code == 404
    assert client.get(reverse("compliance:record_report_document", args=[one.documents.get().pk])).status_code == 404


def test_paper_is_handed_out_as_a_file_and_that_is_written_down(client, account, officer, agency):
    one = missing(account, officer, agency)
    ceo = factories.ceo(agency)
    client.force_login(ceo)
    answer = client.get(reverse("compliance:record_report_document", args=[one.documents.get().pk]))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert Access.objects.filter(by=ceo, license_number="38120", kind="viewed").count() == 1


def test_officer_withdraws_and_disagrees(client, account, officer, agency):
    one = missing(account, officer, agency)
    record = factories.record(officer, DAY, course=factories.course(agency))
    record_reports.answer(by=factories.ceo(agency), report=one, said="there", record=record, seen=0, today=TODAY)
    assert "That is not right" in text(client.get(url("record_report", one)))
    client.post(url("record_report_disagree", one), {"words": "Another class", "seen": 1})
    one.refresh_from_db()
    assert (one.outcome, one.disagrees) == ("", "Another class")
    client.post(url("record_report", one), {"step": "withdraw", "seen": 2})
    one.refresh_from_db()
    assert one.outcome == "withdrawn"


def test_documents_are_added_while_it_is_open_and_the_same_file_once(client, account, officer, agency):
    one = missing(account, officer, agency)
    path = reverse("compliance:record_report_add", args=[one.reference])
    assert "Sent already: certificate.pdf." in text(client.get(path))
    assert "Choose at least one file." in text(client.post(path, {}))
    wrong = client.post(path, {"documents": upload(b"MZ not a paper", "sheet.pdf")})
    assert "neither a PDF nor a JPEG or PNG" in text(wrong)
    for _ in range(2):
        assert client.post(path, {"documents": upload(pdf(pages=2), "sheet.pdf")})["Location"] == url(
            "record_report", one
        )
    assert [paper.name for paper in one.documents.all()] == ["certificate.pdf", "sheet.pdf"]
    client.force_login(factories.ceo(agency))
    assert client.get(path).status_code == 403
    client.force_login(account)
    record_reports.withdraw(by=account, report=one, seen=0, today=TODAY)
    assert client.get(path)["Location"] == url("record_report", one)
    with pytest.raises(Refused):
        record_report_papers.add(by=account, report=one, documents=[paper("late.pdf")])


def test_documents_of_training_elsewhere_say_what_they_prove(client, account, officer):
    client.post(OUTSIDE, elsewhere())
    one = RecordReport.objects.get()
    path = reverse("compliance:record_report_add", args=[one.reference])
    assert "Choose what it proves." in text(client.post(path, {"documents": upload(pdf(pages=2), "more.pdf")}))
    client.post(path, {"documents": upload(pdf(pages=2), "more.pdf"), "proof": "approved"})
    assert list(one.documents.values_list("proof", flat=True)) == ["approved", "completed", "approved"]


def test_wrong_entry_that_was_corrected_leads_to_the_one_that_stands_now(client, account, officer, agency):
    record = factories.record(officer, DAY, course=factories.course(agency, "Night driving"))
    client.post(f"{REPORT}?record={record.pk}", {"words": "Four hours", "submission_key": str(uuid.uuid4())})
    one = RecordReport.objects.get()
    anew = factories.record(officer, DAY, course=factories.course(agency, "Night driving, four hours"))
    TrainingRecord.objects.filter(pk=record.pk).update(voided_at=clock.now(), void_reason="Four hours it was")
    TrainingRecord.objects.filter(pk=anew.pk).update(replaces=record)
    record_reports.look(now=clock.now())
    page = text(client.get(url("record_report", one)))
    assert f"?record={anew.pk}" in page
    assert "That is not right" not in page


# Training elsewhere ---------------------------------------------------------------------------------------------------


def elsewhere(**more) -> dict:
    return {
        "title": "Interdiction on highways",
        "source": "Kansas Highway Patrol",
        "approved_by": "Kansas",
        "starts_on": "",
        "completed_on": DAY.isoformat(),
        "hours": "8",
        "delivery": "classroom",
        "words": "",
        "submission_key": str(uuid.uuid4()),
        "approved": upload(pdf(), "approval.pdf"),
        "completed": upload(pdf(), "certificate.pdf"),
    } | more


def test_training_elsewhere_is_sent_with_both_proofs(client, account):
    only_one = elsewhere()
    del only_one["approved"]
    assert "Add the proof that it was approved there." in text(client.post(OUTSIDE, only_one))
    assert RecordReport.objects.count() == 0
    answer = client.post(OUTSIDE, elsewhere())
    one = RecordReport.objects.get()
    assert (one.kind, one.hours, one.documents.count()) == ("outside", 8, 2)
    assert "POST has it." in text(client.get(answer["Location"]))


def test_post_records_training_elsewhere_from_its_queue(client, account, officer):
    client.post(OUTSIDE, elsewhere())
    one = RecordReport.objects.get()
    source = RecognizedSource.objects.create(name="Kansas", first_year=DAY.year, decided_on=dt.date(DAY.year, 1, 2))
    client.force_login(factories.post_staff())
    queue = client.get("/reports/?open=1")
    assert queue["Location"].startswith(url("record_report", one))
    path = url("record_report_decide", one)
    assert "Hours by area" in text(client.get(path))
    none = client.post(path, {"act": "record", "recognized": source.pk, "seen": 0, "words": "", "although": ""})
    assert "Give the hours" in text(none)
    client.post(
        path,
        {"act": "record", "recognized": source.pk, "seen": 0, "hours-area-legal": "8", "words": "", "although": ""},
    )
    record = TrainingRecord.objects.get()
    assert (record.officer, record.source_kind, record.training_class.recognized_source) == (
        officer,
        "out_of_state",
        source,
    )
    one.refresh_from_db()
    assert (one.outcome, one.made) == ("recorded", record)
    assert "Nothing that officers reported waits" in text(client.get("/reports/"))


def test_post_closes_with_a_reason_or_puts_it_to_somebody(client, account, officer, agency):
    one, other = missing(account, officer, None), missing(account, officer, None)
    client.force_login(factories.post_staff())
    page = client.post(url("record_report_decide", one), {"act": "hand_on", "to": "Nowhere", "seen": 0, "words": ""})
    assert "No agency or provider is called" in text(page)
    client.post(url("record_report_decide", one), {"act": "hand_on", "to": "cedar", "seen": 0, "words": ""})
    client.post(url("record_report_decide", other), {"act": "refuse", "words": "It was never held", "seen": 0})
    one.refresh_from_db(), other.refresh_from_db()
    assert (one.agency, one.escalated_at) == (agency, None)
    assert (other.outcome, other.outcome_words) == ("refused", "It was never held")


def test_lists_cost_the_same_for_one_and_for_many(client, account, officer, agency):
    def statements(path) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    paths = [reverse("compliance:agency_reports", args=["cedar"]), "/reports/"]
    missing(account, officer, agency), missing(account, officer, None)
    client.force_login(factories.post_staff())
    [statements(path) for path in paths]
    one = [statements(path) for path in paths]
    for _ in range(10):
        missing(account, officer, agency), missing(account, officer, None)
    assert [statements(path) for path in paths] == one
    assert client.get("/reports/reports.csv").getvalue().decode().count("\n") == 12
