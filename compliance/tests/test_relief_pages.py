"""The pages of extensions: asked for in two steps with nothing lost, shown to each as far as it is theirs, decided."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.history.models import Access
from compliance.models import ReliefDecision, ReliefRequest, ReportingPeriod
from compliance.services import relief_decisions as deciding
from compliance.tests.relief_people import ask, medical_reader, paper, pdf, upload
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    agency = factories.agency("cedar", "Cedar Hollow Police")
    officer = factories.officer(agency, name="Renee Abbott")
    return SimpleNamespace(
        agency=agency,
        officer=officer,
        own=factories.officer_account(officer, "renee@example.org"),
        ceo=factories.ceo(agency, "chief@example.org"),
        post=factories.post_staff("petra@example.org", "Petra Post"),
    )


def this_year() -> int:
    return clock.today().year


def request_of(people, by=None, **more) -> ReliefRequest:
    first = clock.today() - dt.timedelta(days=3)
    return ask(by or people.own, people.officer, year=this_year(), **{"leave_from": first} | more)


def given(**more) -> dict:
    period = ReportingPeriod.objects.get(year=this_year())
    return {
        "period": period.pk,
        "reason": "medical",
        "leave_from": clock.today().isoformat(),
        "leave_to": "",
        "kind": "extension",
        "words": "Surgery",
    } | more


def text(response) -> str:
    return " ".join(response.content.decode().split())


def page_of(name: str, thing) -> str:
    return reverse(f"compliance:relief_{name}", args=[getattr(thing, "reference", thing)])


def test_asked_for_in_two_steps_with_a_paper(client, people):
    client.force_login(people.own)
    path = page_of("ask", people.officer.license_number)
    assert "ask for more time" in text(client.get(reverse("compliance:my_standing")))
    assert "Ask for more time" in text(client.get(path))
    checked = text(client.post(path, given(step="check")))
    assert "Is this right?" in checked
    assert 'accept="image/jpeg,image/png" capture="environment"' in checked
    assert ReliefRequest.objects.count() == 0
    sent = client.post(path, given(step="send", documents=[upload(pdf())]))
    one = ReliefRequest.objects.get()
    assert sent.url == page_of("request", one) + "?sent=1"
    shown = text(client.get(sent.url))
    assert "POST has the request." in shown
    assert one.reference in shown
    assert "orders.pdf" in shown
    assert one.reference in text(client.get(reverse("compliance:my_standing")))


def test_back_from_the_check_with_everything_typed(client, people):
    client.force_login(people.own)
    path = page_of("ask", people.officer.license_number)
    shown = text(client.post(path, given(step="change", words="Half a sentence")))
    assert "Half a sentence" in shown
    assert "There is a problem" not in shown


def test_a_wrong_file_loses_nothing_typed_and_names_the_files(client, people):
    client.force_login(people.own)
    files = [upload(pdf(), "good.pdf"), upload(b"MZ a program", "orders.pdf")]
    shown = text(client.post(page_of("ask", people.officer.license_number), given(step="send", documents=files)))
    assert "It is neither a PDF nor a JPEG or PNG image" in shown
    assert "<b>Choose the files again:</b> good.pdf, orders.pdf." in shown
    assert 'name="words" value="Surgery"' in shown
    assert ReliefRequest.objects.count() == 0


def test_what_was_typed_survives_the_end_of_the_session(client, people):
    path = page_of("ask", people.officer.license_number)
    late = given(step="send", signed_in_as=interrupted.token(people.own), documents=[upload(pdf(), "letter.pdf")])
    assert client.post(path, late).status_code == 302
    session = client.session
    client.force_login(people.own)
    kept = client.session
    kept.update({key: value for key, value in session.items() if key == "interrupted_work"})
    kept.save()
    shown = text(client.get(path))
    assert "What you typed is here." in shown
    assert "choose again: letter.pdf" in shown
    assert "Surgery</textarea>" in shown
    assert ReliefRequest.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"leave_from": "2026-05-02", "leave_to": "2026-05-01"}, "The leave ends before it begins."),
        ({"leave_from": ""}, "Give the first day of the leave."),
        ({"period": "999999"}, "For that year nothing can be asked for."),
        ({"reason": ""}, "Choose the kind of leave."),
    ],
)
def test_errors_are_told_on_the_form(client, people, more, words):
    client.force_login(people.own)
    shown = text(client.post(page_of("ask", people.officer.license_number), given(step="check", **more)))
    assert words in shown
    assert "Surgery" in shown


def test_exempt_and_compliant_read_why_there_is_nothing_to_ask(client, people):
    new = factories.officer(people.agency, issued_on=clock.today())
    client.force_login(factories.officer_account(new))
    shown = text(client.get(page_of("ask", new.license_number)))
    assert "There is nothing to ask for" in shown
    assert "the license is exempt" in shown


def test_an_agency_that_did_not_ask_reads_no_leave(client, people):
    one = request_of(people, reason="medical", words="Surgery", documents=[paper("clinic.pdf")])
    deciding.ask_more(by=people.post, request=one, words="How long?", seen=0, today=clock.today())
    client.force_login(people.ceo)
    for path in (
        page_of("request", one),
        reverse("compliance:relief_of_agency", args=["cedar"]),
        reverse("compliance:officer_standing", args=[people.officer.license_number]),
    ):
        shown = text(client.get(path))
        assert one.reference in shown
        for secret in ("Surgery", "edical leave", "clinic.pdf", "How long?"):
            assert secret not in shown.replace("On medical or military leave", "").replace("on medical", "")
    assert client.get(page_of("answer", one)).status_code == 403
    assert client.get(reverse("compliance:relief_document", args=[one.documents.get().pk])).status_code == 404


def test_medical_papers_open_to_named_staff_and_every_view_is_written_down(client, people):
    one = request_of(people, reason="medical", documents=[paper()])
    path = reverse("compliance:relief_document", args=[one.documents.get().pk])
    client.force_login(people.post)
    assert client.get(path).status_code == 404
    assert "1 document of this request is medical and open to named readers only" in text(
        client.get(page_of("request", one))
    )
    before = Access.objects.count()
    client.force_login(medical_reader())
    for _ in range(2):
        response = client.get(path)
        assert response.content.startswith(b"%PDF-")
    number = one.documents.get().pk
    assert response["Content-Disposition"] == f'attachment; filename="{one.reference}-{number}.pdf"'
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == ("nosniff", "application/pdf")
    assert response["Cache-Control"] == "private, no-store"
    seen = Access.objects.order_by("pk")[before:]
    views = [(a.kind, a.license_number, a.what) for a in seen if a.kind == Access.Kind.VIEWED]
    assert views == [("viewed", people.officer.license_number, f"Document {number} of {one.reference}")] * 2


def test_granted_on_the_page_and_the_second_is_told(client, people):
    one = request_of(people)
    client.force_login(people.post)
    path = page_of("grant", one)
    shown = text(client.get(path))
    assert f'value="{this_year() + 1}-12-31"' in shown
    assert "Request undecided" in shown
    assert f"Extended to Dec 31, {this_year() + 1}" in shown
    assert ReliefDecision.objects.count() == 0
    early = text(client.post(path, {"due_on": f"{this_year() + 1}-03-15", "seen": "0"}))
    assert f"Everybody has until March 15, {this_year() + 1}." in early
    done = client.post(path, {"due_on": f"{this_year() + 1}-06-30", "seen": "0", "reason": "Orders seen"})
    assert done.url == page_of("request", one)
    shown = text(client.get(done.url))
    assert f"Granted until June 30, {this_year() + 1}" in shown
    assert "by Petra Post, POST staff." in shown
    client.force_login(factories.post_staff())
    told = text(client.post(page_of("deny", one), {"seen": "0", "reason": "No orders"}))
    assert "This was granted meanwhile by Petra Post, POST staff, on" in told
    assert "No orders" in told
    assert ReliefDecision.objects.count() == 1


def test_denied_asked_for_more_taken_back_and_withdrawn_on_the_pages(client, people):
    first = request_of(people)
    client.force_login(people.post)
    assert client.post(page_of("more", first), {"words": "Send the orders", "seen": "0"}).status_code == 302
    client.force_login(people.own)
    assert "Send the orders" in text(client.get(page_of("request", first)))
    assert client.post(page_of("answer", first), {"words": "", "documents": [upload(pdf())]}).status_code == 302
    assert client.post(page_of("add", first), {"documents": [upload(pdf(), "two.pdf")]}).status_code == 302
    assert first.documents.count() == 2
    assert client.post(page_of("withdraw", first), {"step": "withdraw", "reason": "Back"}).status_code == 302
    second = request_of(people)
    client.force_login(people.post)
    client.post(page_of("grant", second), {"due_on": f"{this_year() + 1}-06-30", "seen": "0"})
    held = second.decisions.get()
    assert client.post(page_of("end", second), {"reason": "Over", "seen": held.pk}).status_code == 302
    made = ReliefDecision.objects.order_by("pk").values_list("decision", flat=True)
    assert list(made) == ["withdrawn", "granted", "ended"]


def test_the_queue_holds_its_filters_in_the_address(client, people):
    client.force_login(people.post)
    path = reverse("compliance:relief_queue")
    assert "No request waits for POST" in text(client.get(path))
    first = request_of(people)
    deciding.deny(by=people.post, request=first, reason="No", seen=0, today=clock.today())
    again = request_of(people, reason="medical")
    shown = text(client.get(path))
    assert "1 request waits for POST" in shown
    assert (again.reference in shown, first.reference in shown, "repeated" in shown) == (True, False, True)

    def listed(**filters):
        found = client.get(path, filters).context["rows"]
        return [row.one for row in found]

    assert listed(state="denied") == [first]
    assert listed(state="all") == [again, first]
    assert listed(state="all", reason="military") == [first]
    assert listed(repeated="yes") == [again]
    assert listed(state="all", repeated="yes") == [again]
    assert listed(year=str(this_year())) == [again]
    assert listed(year=str(this_year() - 1)) == []
    assert listed(officer="abbott") == [again]
    assert listed(officer="nobody") == []
    assert listed(kind="waiver") == []
    assert "That is no year." in text(client.get(path, {"year": "x"}))


def test_the_oldest_comes_first_and_the_queue_takes_as_many_statements_for_many(client, people):
    client.force_login(people.post)
    path = reverse("compliance:relief_queue")
    first = request_of(people)

    def statements() -> int:
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as done:
            rows = client.get(path).context["rows"]
        assert rows[0].one == first
        return len(done)

    one = statements()
    for other in factories.roster(people.agency, 12):
        ask(people.ceo, other, year=this_year(), leave_from=clock.today())
    assert statements() == one


def test_an_agency_is_told_that_post_asked_for_more(client, people):
    client.force_login(people.ceo)
    path = reverse("compliance:waiting", args=["cedar"])
    one = request_of(people, by=people.ceo)
    assert "POST asked for more" not in text(client.get(path))
    deciding.ask_more(by=people.post, request=one, words="Orders?", seen=0, today=clock.today())
    assert "1 request for more time needs an answer: POST asked for more" in text(client.get(path))


def test_ask_for_an_officer_from_the_agencys_list(client, people):
    client.force_login(people.ceo)
    path = reverse("compliance:relief_of_agency", args=["cedar"])
    assert people.officer.sorted_name in text(client.get(path))
    assert client.get(path, {"for": people.officer.license_number}).url == page_of("ask", people.officer.license_number)
    assert client.get(path, {"for": "70000-nobody"}).status_code == 302
    assert client.get(path, {"for": "70000/nobody"}).status_code == 404
