"""The pages of the roster: search, files, adding, ending, correcting, questions between agencies, confirmation."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from clee_portal.accounts import interrupted
from training.models import Commission, CommissionQuestion, RosterConfirmation
from training.services import commissions
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
ROSTER = "/agencies/harlan/roster/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency, name="Dana Whitlock")
    client.force_login(account)
    return account


@pytest.fixture
def other():
    return make.agency("benton", "Benton Police")


@pytest.fixture
def newcomer(other):
    return make.officer(other, name="Alma Vance", license_number="51234")


def text(response) -> str:
    return " ".join(response.content.decode().split())


def names(response) -> list[str]:
    return [one.officer.sorted_name for one, *_ in response.context["rows"]]


def end(chief, officer, day=dt.date(2026, 11, 10), reason="Retired"):
    return commissions.end(by=chief, commission=officer.commissions.get(), ended_on=day, reason=reason, today=TODAY)


def test_roster_of_nobody_says_how_to_begin(client, chief):
    page = text(client.get(ROSTER))
    assert "Nobody is commissioned here today." in page
    assert "Add the first officer" in page
    assert "Read and confirm" not in page


def test_roster_shows_now_past_and_everyone_and_searches(client, chief, three):
    end(chief, three[1])
    assert names(client.get(ROSTER)) == ["Abbott, Renee", "Dwyer, Patrick"]
    assert names(client.get(ROSTER, {"show": "past"})) == ["Calloway, Marcus"]
    assert len(names(client.get(ROSTER, {"show": "everyone"}))) == 3
    for words in ("dwyer, pat", "29944", "#29944"):
        assert names(client.get(ROSTER, {"q": words})) == ["Dwyer, Patrick"]
    assert "Nobody matches “calloway”" in text(client.get(ROSTER, {"q": "calloway"}))
    assert names(client.get(ROSTER, {"show": "nonsense", "q": "abbott"})) == ["Abbott, Renee"]
    assert "Retired" in text(client.get(ROSTER, {"show": "past"}))


@pytest.mark.parametrize("words", ["abb\0tt", "%", "_", "'", "\\", "x" * 300, "١٢٣"])
def test_odd_words_find_nobody_and_break_nothing(client, chief, three, words):
    is_searched = len(words) <= 100  # what cannot be a name is not searched for
    assert len(names(client.get(ROSTER, {"q": words}))) == (0 if is_searched else 3)
    assert "No officer has the license number" in text(client.get(f"{ROSTER}add/", {"number": words}))
    client.force_login(make.post_staff())
    assert names(client.get("/commissions/notices/", {"agency": words, "show": "all"})) == []


@pytest.mark.parametrize("number", ["0", "-1", "99", "x"])
def test_void_page_number_goes_to_the_nearest(client, chief, three, number):
    assert client.get(ROSTER, {"page": number}).status_code == 200


def test_roster_is_had_as_a_file_with_what_would_be_a_formula_escaped(client, chief, three, agency, other):
    three[0].commissions.update(rank="=SUM(A1)")
    make.commission(three[0], other)
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{ROSTER}roster.csv")).decode("utf-8-sig"))))
    assert rows[0][0] == "License number"
    assert rows[1] == [
        "38120", "Abbott", "", "Renee", "", "'=SUM(A1)", "no", "2015-03-02", "", "", "", "", "Benton Police",
        "active",
    ]  # fmt: skip
    assert len(rows) == 4
    book = load_workbook(io.BytesIO(client.get(f"{ROSTER}roster.xlsx", {"q": "abbott"}).content))
    [_, row] = list(book.active.values)
    assert (row[0], row[5], row[7]) == ("38120", "'=SUM(A1)", dt.datetime.fromisoformat("2015-03-02"))


@pytest.mark.parametrize("path", [ROSTER, f"{ROSTER}roster.csv", f"{ROSTER}confirm/", f"{ROSTER}?show=everyone"])
def test_roster_takes_a_constant_number_of_statements(client, chief, agency, other, path):
    counts = []
    for size in (1, 29):
        for officer in make.roster(agency, size, first_number=50000 + size):
            make.commission(officer, other)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
            b"".join(answer) if answer.streaming else answer.content
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_officer_is_found_by_the_whole_number_alone_and_shown_with_name_and_agency(client, chief, newcomer):
    page = text(client.get(f"{ROSTER}add/", {"number": " #51234"}))
    for told in ("Alma Vance", "Benton Police", "In force today"):
        assert told in page
    for words in ("5123", "Vance", "Alma Vance"):
        page = text(client.get(f"{ROSTER}add/", {"number": words}))
        assert f"No officer has the license number {words}." in page
        assert "Benton Police" not in page


def test_officer_is_added_once_and_the_page_is_the_confirmation(client, chief, agency, newcomer):
    given = {"number": "51234", "started_on": "2026-11-03", "rank": "Deputy", "is_reserve": "on"}
    page = client.post(f"{ROSTER}add/", given, follow=True)
    assert "Alma Vance is on your roster, from November 3, 2026." in text(page)
    assert "told on November 20, 2026, 17 days after" in text(page)
    client.post(f"{ROSTER}add/", given)
    held = Commission.objects.get(agency=agency, officer=newcomer)
    assert (held.started_on, held.rank, held.is_reserve) == (dt.date(2026, 11, 3), "Deputy", True)
    assert "on your roster already" in text(client.get(f"{ROSTER}add/", {"number": "51234"}))


def test_refusal_is_said_at_the_field_and_nothing_typed_is_lost(client, chief, agency, newcomer):
    make.license_event(newcomer, "suspended", dt.date(2026, 5, 4))
    assert "Not in force today" in text(client.get(f"{ROSTER}add/", {"number": "51234"}))
    page = client.post(f"{ROSTER}add/", {"number": "51234", "started_on": "2026-11-03", "rank": "Deputy"})
    assert "suspended since May 4, 2026" in page.context["form"].errors["started_on"][0]
    assert 'value="Deputy"' in text(page)
    assert not Commission.objects.filter(agency=agency).exists()


def test_late_notice_is_marked_on_the_roster_and_for_post(client, chief, agency, newcomer, three):
    for officer, day in ((newcomer, dt.date(2026, 10, 20)), (make.officer(), dt.date(2026, 10, 21))):
        commissions.add(by=chief, agency=agency, officer=officer, started_on=day, today=TODAY)
    assert text(client.get(ROSTER)).count("Notice late") == 1
    client.force_login(make.post_staff())
    page = client.get("/commissions/notices/")
    assert names(page) == ["Vance, Alma"]
    assert "1 commission with a late notice." in text(page)
    assert len(names(client.get("/commissions/notices/?show=all"))) == 2
    assert names(client.get("/commissions/notices/?agency=benton")) == []
    assert len(b"".join(client.get("/commissions/notices.csv")).splitlines()) == 2
    end(chief, three[0], dt.date(2026, 9, 1))
    assert names(client.get("/commissions/notices/")) == ["Vance, Alma", "Abbott, Renee"]


def test_end_that_leaves_classes_outside_is_shown_before_it_is_done(client, chief, agency, three):
    held = three[0].commissions.get()
    given = make.record(three[0], dt.date(2026, 11, 10), course=make.course(agency, "Winter driving"))
    sent = {"ended_on": "2026-10-31", "end_reason": "Resigned"}
    page = client.post(f"/commissions/{held.pk}/end/", sent)
    assert "1 class Harlan County Sheriff entered would lie outside these days" in text(page)
    held.refresh_from_db()
    assert held.ended_on is None
    seen = page.context["seen_outside"]
    page = client.post(f"/commissions/{held.pk}/end/", {**sent, "ended_on": "2026-10-30", "seen_outside": seen})
    assert "would lie outside" in text(page)
    page = client.post(f"/commissions/{held.pk}/end/", {**sent, "seen_outside": seen}, follow=True)
    assert "Renee Abbott’s last day here was October 31, 2026." in text(page)
    assert client.get(f"/commissions/{held.pk}/end/").url == f"/commissions/{held.pk}/"
    page = client.post(f"/commissions/{held.pk}/end/", {"ended_on": "2026-11-12", "end_reason": "Retired"})
    assert "This commission ended on October 31, 2026 already." in text(page)
    held.refresh_from_db()
    given.refresh_from_db()
    assert (held.ended_on, given.voided_at) == (dt.date(2026, 10, 31), None)


def test_correction_keeps_a_trail_with_its_reason_and_takes_an_end_back(client, chief, three):
    held = end(chief, three[0])
    path = f"/commissions/{held.pk}/correct/"
    page = client.get(path)
    assert 'value="2026-11-10"' in text(page)
    sent = {
        "seen": page.context["seen"],
        "started_on": "2015-03-02",
        "ended_on": "",
        "end_reason": "Retired",
        "rank": "Sergeant",
    }
    assert "Say why it is corrected." in text(client.post(path, sent))
    page = text(client.post(path, {**sent, "reason": "Wrong officer"}, follow=True))
    assert "Commission corrected: Wrong officer" in page
    assert "by Dana Whitlock" in page
    held.refresh_from_db()
    assert (held.ended_on, held.rank) == (None, "Sergeant")


def test_trail_names_nobody_of_another_agency(client, chief, agency, other, newcomer):
    client.post(f"{ROSTER}add/", {"number": "51234", "started_on": "2026-11-03"})
    mine, theirs = (newcomer.commissions.get(agency=one) for one in (agency, other))
    client.post(f"/commissions/{mine.pk}/ask/", {"about": theirs.pk})
    client.force_login(make.ceo(other, name="Kerry Benton"))
    client.post(f"/questions/{CommissionQuestion.objects.get().pk}/", {"answer": "still_here"})
    client.force_login(make.delegate(agency))
    page = text(client.get(f"/commissions/{mine.pk}/"))
    for told in ("by Dana Whitlock", "by another agency"):
        assert told in page
    assert "Kerry Benton" not in page


def test_question_is_asked_answered_and_shown_to_both(client, chief, agency, other, newcomer):
    mine, _ = commissions.add(by=chief, agency=agency, officer=newcomer, started_on=dt.date(2026, 11, 3), today=TODAY)
    theirs = newcomer.commissions.get(agency=other)
    for _ in range(2):
        page = client.post(f"/commissions/{mine.pk}/ask/", {"about": theirs.pk, "note": "Full time here"}, follow=True)
    assert "It has not answered yet" in text(page)
    question = CommissionQuestion.objects.get()
    assert client.get(f"/questions/{question.pk}/").status_code == 404
    client.force_login(make.delegate(other))
    assert "Harlan County Sheriff asks whether" in text(client.get("/agencies/benton/roster/"))
    assert "Full time here" in text(client.get(f"/questions/{question.pk}/"))
    page = client.post(f"/questions/{question.pk}/", {"answer": "still_here"}, follow=True)
    assert "Answered: Alma Vance is still commissioned here." in text(page)
    client.force_login(chief)
    assert "both are confirmed" in text(client.get(f"/commissions/{mine.pk}/"))


def test_one_asks_about_the_commissions_of_the_same_officer_only(client, chief, agency, other, three):
    stranger = make.officer(other).commissions.get()
    mine = three[0].commissions.get()
    for about in (stranger.pk, "x", ""):
        page = client.post(f"/commissions/{mine.pk}/ask/", {"about": about}, follow=True)
        assert "Say about which other commission you ask." in text(page)
    assert not CommissionQuestion.objects.exists()


def test_post_sees_claims_and_open_questions_and_settles(client, chief, agency, other, newcomer):
    mine, _ = commissions.add(by=chief, agency=agency, officer=newcomer, started_on=dt.date(2026, 11, 3), today=TODAY)
    commissions.ask(by=chief, commission=mine, about=newcomer.commissions.get(agency=other), today=TODAY)
    client.force_login(make.post_staff())
    page = client.get("/commissions/claims/")
    assert "1 officer is claimed by two agencies." in text(page)
    assert [(one.agency, len(asked)) for one, asked in page.context["rows"]] == [(other, 1), (agency, 0)]
    assert "2 agencies have not confirmed the roster for 2026" in text(page)
    assert len(b"".join(client.get("/commissions/claims.csv")).splitlines()) == 3
    page = client.post(f"/commissions/{mine.pk}/settle/", follow=True)
    assert "holds each of these commissions" in text(page)
    assert "No officer is claimed by two agencies." in text(client.get("/commissions/claims/"))


@pytest.mark.parametrize("path", ["/commissions/claims/", "/commissions/notices/?show=all"])
def test_lists_of_the_state_take_a_constant_number_of_statements(client, agency, other, path):
    client.force_login(make.post_staff())
    chief, counts = make.ceo(agency), []
    for size in (1, 29):
        for officer in make.roster(other, size, first_number=60000 + size):
            mine, _ = commissions.add(
                by=chief, agency=agency, officer=officer, started_on=dt.date(2026, 9, 3), today=TODAY
            )
            commissions.ask(by=chief, commission=mine, about=officer.commissions.get(agency=other), today=TODAY)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_roster_is_confirmed_as_it_was_read(client, chief, agency, three):
    assert "Are these 3 officers all" in text(client.get(f"{ROSTER}confirm/"))
    make.officer(agency)
    page = text(client.post(f"{ROSTER}confirm/", {"officers": "3"}))
    assert "it has 4 now" in page
    assert 'name="officers" value="4"' in page
    page = text(client.post(f"{ROSTER}confirm/", {"officers": "4"}, follow=True))
    assert "The roster is confirmed for 2026." in page
    assert "by Dana Whitlock" in page
    assert RosterConfirmation.objects.get().officers == 4
    assert "confirmed for 2026." in text(client.get(ROSTER))


def test_reminder_is_there_until_nothing_is_to_be_done(client, chief, agency, three):
    assert "not confirmed for 2026 yet" in text(client.get(f"{ROSTER}reminder/"))
    commissions.confirm(by=chief, agency=agency, year=2026, officers=3, today=TODAY)
    assert text(client.get(f"{ROSTER}reminder/")) == ""


def test_what_was_typed_when_the_session_ended_is_shown_again_and_not_sent(client, chief, agency, newcomer, three):
    three[0].commissions.update(is_reserve=True)
    held, token = three[0].commissions.get(), interrupted.token(chief)
    pages = {
        f"{ROSTER}add/": {"number": "51234", "started_on": "2026-11-03", "rank": "Captain of the night"},
        f"/commissions/{held.pk}/end/": {"ended_on": "2026-11-10", "end_reason": "Moved to the coast"},
        f"/commissions/{held.pk}/correct/": {"started_on": "2016-01-04", "reason": "A slip of the year"},
    }
    for path, typed in pages.items():
        client.logout()
        assert client.post(path, {**typed, "signed_in_as": token}).status_code == 302
        client.force_login(chief)
        page = text(client.get(path))
        for words in typed.values():
            assert words in page
    assert "checked" not in page.split("<footer")[0]  # the reserve, which was unticked
    assert " checked" in text(client.get(f"/commissions/{held.pk}/correct/"))
    held.refresh_from_db()
    assert (held.ended_on, held.events.count(), newcomer.commissions.count()) == (None, 2, 1)


def test_commission_takes_a_constant_number_of_statements(client, chief, agency, other, newcomer):
    client.post(f"{ROSTER}add/", {"number": "51234", "started_on": "2026-11-03"})
    held, counts = newcomer.commissions.get(agency=agency), []
    for number in (1, 12):
        for one in range(number):
            client.post(
                f"/commissions/{held.pk}/correct/",
                {"started_on": "2026-11-03", "rank": f"Rank {number}.{one}", "reason": "Promoted"},
            )
            make.commission(newcomer, make.agency())
        client.get(f"/commissions/{held.pk}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/commissions/{held.pk}/")
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("kind", "word"), [("suspended", "suspended"), ("made_inactive", "inactive")])
def test_commission_whose_license_is_not_in_force_is_marked(client, chief, three, kind, word):
    make.license_event(three[1], kind, dt.date(2026, 5, 4))
    page = client.get(ROSTER)
    assert [license and str(license.status) for *_, license in page.context["rows"]] == [None, word, None]
    assert f"License {word}" in text(page)
    held = three[1].commissions.get()
    assert f"The license has been {word} since May 4, 2026: no commission may be held." in text(
        client.get(f"/commissions/{held.pk}/")
    )
    end(chief, three[1])
    assert f"License {word}" not in text(client.get(ROSTER, {"show": "everyone"}))
    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{ROSTER}roster.csv?show=everyone")).decode("utf-8-sig"))))
    assert [row[-1] for row in rows] == ["License today", "active", "", "active"]


def test_post_has_the_agencies_that_have_not_confirmed_as_a_file(client, agency, three, other, newcomer):
    RosterConfirmation.objects.create(agency=agency, year=2024, officers=3)
    RosterConfirmation.objects.create(agency=other, year=2026, officers=1)
    client.force_login(make.post_staff())
    [_, row] = csv.reader(io.StringIO(b"".join(client.get("/commissions/unconfirmed.csv")).decode("utf-8-sig")))
    assert row == ["harlan", "Harlan County Sheriff", "", "", "", "", "3", "2024"]
    assert "confirmed last for 2024" in text(client.get("/commissions/claims/"))
