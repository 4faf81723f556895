"""The pages about mail: one's own messages, what is wanted, the preview of a mail, and letters to print."""

import datetime as dt
import io
import re

import pypdf
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.history.models import Access
from compliance import letters
from compliance.tests.people import complete
from notifications.models import Message, MessageText, Preference
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police", phone="(555) 0100", email="desk@cedar.example")


def message(user, number: int, **more) -> Message:
    made = Message.objects.create(
        **{"occasion": "reminder", "key": f"2025:{number}:1", "user": user, "address": user.email, "priority": 2}
        | {"state": "sent", "next_try_at": None}
        | more
    )
    MessageText.objects.create(message=made, subject=f"Subject {number}", body=f"Body {number}")
    return made


def test_my_messages_are_mine_with_text_and_state(client, agency):
    mine, other = factories.officer_account(factories.officer(agency)), factories.officer_account(factories.officer())
    message(mine, 1)
    message(mine, 2, state="refused", note="550 no such user")
    message(other, 3)
    client.force_login(mine)
    text = client.get(reverse("notifications:my_messages")).content.decode()
    assert "2 messages to you" in text
    assert [f"Body {number}" in text for number in (1, 2, 3)] == [True, True, False]
    assert "The mail server refused the address." in text


def test_my_messages_take_the_same_statements_for_one_and_for_twenty(client, agency):
    mine = factories.officer_account(factories.officer(agency))
    client.force_login(mine)
    message(mine, 0)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("notifications:my_messages"))
        counts.append(len(asked))
        for number in range(1, 20):
            if len(counts) == 1:
                message(mine, number)
    assert counts[0] == counts[1]


def test_a_kind_that_is_not_ticked_is_switched_off_and_what_must_come_stays(client, agency):
    user = factories.officer_account(factories.officer(agency))
    client.force_login(user)
    path = reverse("notifications:preferences")
    text = client.get(path).content.decode()
    assert "These always come" in text
    assert "Hours taken out or changed" in text
    client.post(path, {})
    assert Preference.objects.count() == 0
    was = re.findall(r'name="was" value="(\w+)"', text)
    assert {"agency_digest", "hours_credited"} <= set(was)
    wanted = [one for one in was if one != "hours_credited"]
    client.post(path, {"keep": "1", "was": was, "wanted": [*wanted, "hours_changed", "no_such_kind"]})
    assert list(Preference.objects.values_list("occasion", "wanted")) == [("hours_credited", False)]
    client.post(path, {"keep": "1", "was": wanted, "wanted": [*wanted, "hours_credited"]})
    assert list(Preference.objects.values_list("occasion", "wanted")) == [("hours_credited", True)]


def test_the_state_reads_an_officers_messages_while_they_were_connected(client, agency):
    officer = factories.officer(agency)
    user = factories.officer_account(officer)
    message(user, 1)
    message(user, 2, put_at=clock.midday(dt.date(2014, 1, 1)))
    client.force_login(factories.post_staff())
    path = reverse("training:officer_messages", args=[officer.license_number])
    text = client.get(path).content.decode()
    assert ("Body 1" in text, "Body 2" in text) == (True, False)


@pytest.mark.parametrize("make", [factories.post_staff, factories.director], ids=["POST", "Director"])
def test_the_state_reading_an_officers_messages_goes_into_the_record_of_access(client, agency, make):
    officer = factories.officer(agency, license_number="70001")
    own = factories.officer_account(officer)
    message(own, 1)
    user = make()
    client.force_login(user)
    client.get(reverse("training:officer_messages", args=["70001"]))
    client.get(f"{reverse('compliance:mail_preview')}?occasion=reminder&about=70001")
    client.force_login(own)
    client.get(reverse("notifications:my_messages"))
    assert client.get(reverse("training:officer_messages", args=["70001"])).status_code == 403
    seen = Access.objects.filter(kind="viewed").order_by("pk").values_list("by", "license_number", "what")
    assert list(seen) == [
        (user.pk, "70001", "Messages to the officer"),
        (user.pk, "70001", "Preview of mail: Reminder of missing hours"),
    ]


def test_the_preview_shows_a_real_officers_mail_and_keeps_nothing(client, agency):
    officer = factories.officer(agency, name="Renee O'Dell", license_number="70001")
    factories.officer_account(officer)
    client.force_login(factories.post_staff())
    path = f"{reverse('compliance:mail_preview')}?occasion=reminder&about=70001"
    page = client.get(f"{path}&width=text")
    assert "Renee O&#x27;Dell," in page.content.decode()
    frame = client.get(f"{path}&part=html")
    assert frame.status_code == 200
    assert frame["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "<p>Renee O&#x27;Dell,</p>" in frame.content.decode()
    assert Message.objects.count() == 0
    assert "No officer has the license number 99." in client.get(
        f"{reverse('compliance:mail_preview')}?occasion=reminder&about=99"
    ).content.decode().replace("&#x27;", "'")


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def test_letters_are_for_who_is_short_and_not_connected(client, agency):
    factories.officer_account(factories.officer(agency, name="Connie Connected"))
    factories.officer(agency, name="Una Nobody", license_number="70002", postal_address="1 Elm Street\nCedar Hollow")
    factories.officer(agency, name="Abel Nobody", license_number="70003")
    client.force_login(factories.ceo(agency, "chief@cedar.example", "Ann Chief"))
    page = client.get(reverse("compliance:agency_letters", args=[agency.code])).content.decode()
    assert "2 officers are short and get no mail" in page
    assert "Connie" not in page
    answer = client.get(reverse("compliance:agency_letters_pdf", args=[agency.code]))
    paper = pypdf.PdfReader(io.BytesIO(answer.content))
    assert len(paper.pages) == 2
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    year = letters.season(clock.today())
    text = words(answer.content)
    assert f"Still missing for {year}" in text
    assert "1 Elm Street" in text
    assert "Connie" not in text
    assert "Cedar Hollow Police (Ann Chief), (555) 0100, desk@cedar.example" in text
    one = client.get(reverse("compliance:officer_letter", args=["70003"]))
    assert "Abel Nobody, license 70003" in words(one.content)


def test_an_officers_messages_are_had_as_a_file(client, agency):
    officer = factories.officer(agency, license_number="70001")
    message(factories.officer_account(officer, "renee@example.org"), 1, state="refused", note="550 no such user")
    client.force_login(factories.post_staff())
    answer = client.get(reverse("training:officer_messages_csv", args=["70001"]))
    lines = b"".join(answer).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Put on,Kind,Subject,Address,State,")
    assert ",Reminder of missing hours,Subject 1,renee@example.org,Refused" in lines[1]
    assert lines[1].endswith(",550 no such user")
    assert len(lines) == 2
    seen = Access.objects.order_by("pk").values_list("kind", "license_number")
    assert list(seen) == [("viewed", "70001"), ("exported", "")]


def test_one_past_the_last_day_and_not_connected_has_a_letter_of_that_year(client, agency):
    officer = factories.officer(agency, name="Una Nobody", license_number="70004")
    complete(officer, agency, 2025, legal=1)
    path = reverse("compliance:officer_letter", args=["70004"])
    with time_machine.travel(dt.datetime(2026, 3, 20, 15, tzinfo=dt.UTC)):
        client.force_login(factories.post_staff())
        text = words(client.get(path, {"period": "2025"}).content)
        assert "Still missing for 2025" in text
        assert "Legal studies 1 hour 1 of 2" in text
        assert client.get(path, {"period": "1999"}).status_code == 404


def test_an_agency_prints_letters_of_a_year_past_its_last_day_and_of_no_other(client, agency):
    officer = factories.officer(agency, name="Una Nobody", license_number="70004")
    complete(officer, agency, 2025, legal=1)
    with time_machine.travel(dt.datetime(2026, 3, 20, 15, tzinfo=dt.UTC)):
        client.force_login(factories.ceo(agency))
        path = reverse("compliance:agency_letters_pdf", args=[agency.code])
        assert "Still missing for 2025" in words(client.get(path, {"period": "2025"}).content)
        assert "Still missing for 2026" in words(client.get(path).content)
        assert [client.get(path, {"period": year}).status_code for year in ("2024", "1999", "x")] == [404] * 3
        page = client.get(reverse("compliance:agency_letters", args=[agency.code]), {"period": "2025"}).content.decode()
        assert 'aria-current="page" href="?period=2025">2025, past its last day</a>' in page
        client.force_login(factories.post_staff())
        state = client.get(reverse("compliance:letters_of_state"), {"period": "2025"}).content.decode()
        assert f"{path}?period=2025" in state
