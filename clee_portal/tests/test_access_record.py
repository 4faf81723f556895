"""The record of access: what is written, what never is, who can take it away (nobody), and when it goes by itself."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from clee_portal import clock
from clee_portal.history import accesses
from clee_portal.history.models import NEVER_REMOVED_BEFORE, Access
from clee_portal.history.tasks import remove_old_accesses
from clee_portal.tests import world as state
from clee_portal.tests.pages import OURS, PAGES
from training.accesses import accesses_of
from training.models import Officer
from training.tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "A quiet river 7"
# Pages about one officer: opening one is a look at their record.
ABOUT_ONE_OFFICER = {
    "compliance:candidate",
    "compliance:case",
    "compliance:case_appeal",
    "compliance:case_decision",
    "compliance:case_document",
    "compliance:case_forward",
    "compliance:case_leave",
    "compliance:case_notice",
    "compliance:case_packet_data",
    "compliance:case_packet_pdf",
    "compliance:case_reverse",
    "compliance:case_review",
    "training:certificate_pdf",
    "compliance:officer_timeline",
    "compliance:officer_timeline_csv",
    "compliance:officer_timeline_xlsx",
    "compliance:issued_transcript",
    "compliance:issued_transcript_json",
    "compliance:issued_transcript_json_sig",
    "compliance:issued_transcript_pdf",
    "compliance:issued_transcript_pdf_sig",
    "compliance:officer_standing",
    "compliance:officer_transcripts",
    "compliance:relief_add",
    "compliance:relief_answer",
    "compliance:relief_ask",
    "compliance:relief_deny",
    "compliance:relief_end",
    "compliance:relief_grant",
    "compliance:relief_more",
    "compliance:relief_request",
    "compliance:officer_contact",
    "compliance:record_report",
    "compliance:record_report_answer",
    "compliance:record_report_decide",
    "compliance:record_report_document",
    "compliance:will_be",
    "training:registration",
    "training:registration_give_back",
    "training:registration_hand_over",
    "training:officer_messages",
    "training:officer_messages_csv",
    "training:officer_messages_xlsx",
    "training:commission_detail",
    "training:commission_end",
    "training:commission_correct",
    "training:duplicate_settle",
    "training:officer_register",
    "training:officer_edit",
    "training:officer_number",
    "training:officer_license",
    "training:officer_merge",
    "training:merge_undo",
    "training:license_event_void",
    "training:commission_transfer",
}


def told(row: Access) -> tuple:
    return row.kind, row.by, row.acting_as, row.license_number, row.what, row.filters, row.rows


def sign_in(client, email, password, **more):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **more)


# What is written ------------------------------------------------------------------------------------------------------


def test_signing_in_is_written_with_the_address(client):
    user = factories.user("dana@example.org", password=PASSWORD)
    sign_in(client, user.email, PASSWORD, REMOTE_ADDR="192.0.2.7")
    (row,) = Access.objects.all()
    assert (row.kind, row.by, row.what, row.address) == ("signed_in", user, "Password", "192.0.2.7")


def test_address_is_the_one_the_outermost_trusted_proxy_saw(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    user = factories.user("dana@example.org", password=PASSWORD)
    forged = {"X-Forwarded-For": "198.51.100.1, 192.0.2.9"}
    sign_in(client, user.email, PASSWORD, headers=forged, REMOTE_ADDR="10.0.0.1")
    assert Access.objects.get().address == "192.0.2.9"


def test_wrong_password_is_written_with_the_account_and_never_what_was_typed(client):
    user = factories.user("dana@example.org", password=PASSWORD)
    sign_in(client, "Dana@Example.org", "a wrong secret")
    row = Access.objects.get()
    assert told(row) == ("failed", user, "", "", "Wrong password", "", None)


def test_address_without_an_account_is_not_kept(client):
    sign_in(client, "my-secret-password@example.org", "also typed here")
    row = Access.objects.get()
    assert told(row) == ("failed", None, "", "", "No account has this address", "", None)
    kept = " ".join(str(getattr(row, field.attname)) for field in Access._meta.fields)
    assert "secret" not in kept
    assert "typed" not in kept


@pytest.mark.parametrize(
    ("person", "acting_as"),
    [("POST staff", "POST staff"), ("Director", "Director of Public Safety"), ("CEO of A", "CEO, Alderbrook Police")],
)
def test_look_at_anothers_record_is_written(client, world, person, acting_as):
    client.force_login(world.people[person])
    number = world.a.officer.license_number
    client.get(reverse("compliance:officer_standing", args=[number]))
    row = Access.objects.get()
    what = f"Standing of {clock.today().year}"
    assert told(row) == ("viewed", world.people[person], acting_as, number, what, "", None)
    assert list(accesses_of(world.a.officer)) == [row]
    assert list(accesses_of(world.a.colleague)) == []


@pytest.mark.parametrize("path", ["own standing", "a record that is not theirs", "a list"])
def test_no_look_no_row(client, world, path):
    number = {"own standing": world.a.officer, "a record that is not theirs": world.b.officer}.get(path)
    client.force_login(world.a.officer_account if path == "own standing" else world.a.ceo)
    if number:
        client.get(reverse("compliance:officer_standing", args=[number.license_number]))
    else:
        client.get(reverse("training:roster", args=[world.a.agency.code]))
    assert not Access.objects.exists()


def test_every_page_about_one_officer_is_written_and_is_declared(client, world):
    client.force_login(world.people["POST staff"])
    written = set()
    for name in OURS:
        if "GET" in PAGES[name].methods:
            before = Access.objects.filter(kind="viewed").count()
            client.get(state.of_house(name, world.a))
            if Access.objects.filter(kind="viewed").count() > before:
                written.add(name)
    assert written == ABOUT_ONE_OFFICER, " ".join(sorted(written ^ ABOUT_ONE_OFFICER))


def test_every_file_is_written_with_its_filters_and_rows(client, world):
    client.force_login(world.a.ceo)
    code, year = world.a.agency.code, clock.today().year
    response = client.get(reverse("compliance:agency_overview_csv", args=[code]), {"sort": "name", "period": year})
    assert len(state.body(response).splitlines()) == 3
    row = Access.objects.get()
    assert (row.kind, row.by, row.acting_as) == ("exported", world.a.ceo, "CEO, Alderbrook Police")
    assert (row.filters, row.rows) == (f"sort=name&period={year}", 2)
    assert row.what in response.headers["Content-Disposition"]


def test_whatever_leaves_as_a_file_is_written(client, world):
    """By what the answer is, so that no view has to remember it."""
    client.force_login(world.people["POST staff"])
    files = [name for name in OURS if name.endswith(("_csv", "_xlsx", "_pdf"))]
    assert len(files) >= 15
    for name in files:
        before = Access.objects.filter(kind="exported").count()
        assert (name, client.get(state.of_house(name, world.a)).status_code) == (name, 200)
        row = Access.objects.filter(kind="exported").latest("pk")
        assert (name, Access.objects.filter(kind="exported").count()) == (name, before + 1)
        assert (name, row.rows is not None) == (name, True)


def test_file_that_is_refused_or_only_asked_about_is_not_written(client, world):
    path = reverse("compliance:agency_overview_csv", args=[world.a.agency.code])
    client.force_login(world.b.ceo)
    assert client.get(path).status_code == 404
    client.force_login(world.a.ceo)
    assert client.head(path).status_code == 200
    assert not Access.objects.exists()


# What it costs, and what happens where it fails -----------------------------------------------------------------------


def test_look_costs_one_statement(world, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = world.people["POST staff"]
    accesses.saw(request, "38120", "Standing of 2026")
    accesses.saw(request, "38120", "Standing of 2026")
    assert accesses.is_to_write(request, HttpResponse())
    with django_assert_num_queries(1):
        accesses.write(request, HttpResponse(), acting_as="POST staff")


def test_address_that_cannot_be_told_is_empty():
    request = RequestFactory().get("/")
    request.META.pop("REMOTE_ADDR")
    request.user = AnonymousUser()
    accesses.sign_in_failed(request, "Wrong password")
    assert Access.objects.get().address is None


# Who can take it away -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE history_access SET what = 'x'", "TRUNCATE history_access"])
def test_application_may_neither_change_nor_empty_it(statement):
    factories.user()
    accesses.sign_in_failed(RequestFactory().get("/"), "Wrong password")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_application_may_not_remove_what_is_young():
    accesses.sign_in_failed(RequestFactory().get("/"), "Wrong password")
    with pytest.raises(DatabaseError, match="may not be deleted yet"), transaction.atomic():
        Access.objects.all().delete()


def test_owner_may_not_empty_it_either(as_owner):
    with as_owner(), pytest.raises(DatabaseError, match="never emptied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE history_access")


# When it goes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_retention_removes_what_is_older_than_configured_and_nothing_else(settings, times):
    settings.ACCESS_RECORD_DAYS = 400
    ages = {days: clock.now() - dt.timedelta(days=days) for days in (0, NEVER_REMOVED_BEFORE + 5, 399, 401, 3000)}
    made = {days: Access.objects.create(kind="failed", what="Wrong password", at=at).pk for days, at in ages.items()}
    removed = [remove_old_accesses() for _ in range(times)]
    assert removed == [2, 0][:times]
    assert set(Access.objects.values_list("pk", flat=True)) == {made[days] for days in (0, 370, 399)}


def test_retention_goes_in_steps(settings, monkeypatch):
    monkeypatch.setattr("clee_portal.history.tasks.AT_ONCE", 2)
    long_ago = clock.now() - dt.timedelta(days=settings.ACCESS_RECORD_DAYS + 1)
    Access.objects.bulk_create(Access(kind="failed", what="Wrong password", at=long_ago) for _ in range(5))
    assert remove_old_accesses() == 5


# Searching it ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(world) -> dict[str, Access]:
    """One access of each kind, and an old one."""
    post, today = world.people["POST staff"], clock.now()
    number, other = world.a.officer.license_number, world.b.officer.license_number
    long_ago = today - dt.timedelta(days=90)
    view = {"kind": "viewed", "what": "Standing of 2026"}
    return {
        "in": Access.objects.create(kind="signed_in", by=post, at=today),
        "failed": Access.objects.create(kind="failed", what="Wrong password", by=world.a.ceo, at=today),
        "seen": Access.objects.create(**view, by=post, license_number=number, at=today),
        "other": Access.objects.create(**view, by=world.b.ceo, license_number=other, at=today),
        "old": Access.objects.create(**view, by=post, license_number=number, at=long_ago),
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, {"in", "failed", "seen", "other"}),
        ({"person": "petra"}, {"in", "seen"}),
        ({"person": "statehouse.example post"}, {"in", "seen"}),
        ({"officer": "oakley"}, {"seen"}),
        ({"officer": "OAKLEY-1"}, {"seen"}),
        ({"officer": "nobody of this name"}, set()),
        ({"kind": "failed"}, {"failed"}),
        ({"since": "2000-01-01", "officer": "oakley"}, {"seen", "old"}),
        ({"since": "2000-01-01", "until": "{last_month}"}, {"old"}),
    ],
)
def test_search_by_person_officer_kind_and_days(client, world, kept, asked, expected):
    client.force_login(world.people["POST staff"])
    last_month = (clock.today() - dt.timedelta(days=30)).isoformat()
    asked = {name: value.format(last_month=last_month) for name, value in asked.items()}
    page = client.get(reverse("training:accesses"), asked)
    assert {row.pk for row, _ in page.context["rows"]} == {kept[name].pk for name in expected}


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"since": "soon"}, "Enter a valid date."),
        ({"since": "0001-01-01"}, "This year is out of reach"),
        ({"since": "1900-01-01", "until": "9999-12-31"}, "This year is out of reach"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "The last day lies before the first."),
        ({"kind": "everything"}, "Select a valid choice."),
    ],
)
def test_search_that_cannot_be_read_says_so_and_keeps_what_was_typed(client, world, asked, error):
    client.force_login(world.people["POST staff"])
    page = client.get(reverse("training:accesses"), asked)
    assert (page.status_code, error in page.content.decode()) == (200, True)
    assert f'value="{asked.get("since", "")}"' in page.content.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_file_of_the_search_holds_its_rows_and_is_itself_recorded(client, world, kept, kind):
    client.force_login(world.people["POST staff"])
    response = client.get(reverse(f"training:accesses_{kind}"), {"kind": "failed"})
    text = state.body(response)
    assert ("Wrong password" in text, world.a.ceo.email in text, "OAKLEY" in text) == (True, True, False)
    row = Access.objects.latest("pk")
    assert (row.kind, row.filters, row.rows) == ("exported", "kind=failed", 1)


def test_file_of_too_much_leads_back_to_the_search(client, world, kept, monkeypatch):
    monkeypatch.setattr("training.views.accesses.MOST_ROWS", 3)
    client.force_login(world.people["POST staff"])
    response = client.get(reverse("training:accesses_csv"), {"person": ""}, follow=True)
    assert response.redirect_chain == [(f"{reverse('training:accesses')}?person=", 302)]
    assert "more than 3 rows" in response.content.decode()
    assert not Access.objects.filter(kind="exported").exists()


@pytest.mark.parametrize("size", [1, 49])
def test_search_takes_a_constant_number_of_statements(client, world, size, django_assert_num_queries):
    officers = factories.roster(world.a.agency, size)
    post = world.people["POST staff"]
    Access.objects.bulk_create(
        Access(kind="viewed", by=post, license_number=one.license_number, what="Standing") for one in officers
    )
    client.force_login(post)
    with django_assert_num_queries(7):
        page = client.get(reverse("training:accesses"))
    assert len(page.context["rows"]) == size
    assert Officer.objects.filter(license_number=officers[0].license_number).exists()
