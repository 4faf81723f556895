"""Campaigns and the list of those past the last day, as POST sees them: waves of reminders with the catch, notices laid
ready only after the record was looked at, the pages and their files."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.interrupted import token
from clee_portal.refusal import Refused
from clee_portal.tests.world import body
from compliance.models import Listing, RecordingGap, ReportingPeriod
from compliance.services import candidacies, candidate_notices, recording_gaps
from compliance.tasks import list_candidates, put_digests, put_reminders
from compliance.tests.people import academy_course, complete, credit
from notifications import campaigns, sending
from notifications.models import Campaign, Message
from training.tests import factories

pytestmark = pytest.mark.django_db

YEAR = 2025


def on(day: str, hour: int = 9):
    return time_machine.travel(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), clock.CHICAGO), tick=True)


@pytest.fixture
def agency():
    return factories.agency("cedar-hollow", "Cedar Hollow Police", phone="(555) 0100", email="desk@cedar.example")


@pytest.fixture
def post():
    return factories.post_staff("grace@example.org", "Grace Lindqvist")


@pytest.fixture
def people(agency):
    """Three who are short of an hour: two connected, one not."""
    made = []
    for name in ("Renee Abbott", "Marcus Calloway", "Una Nobody"):
        one = factories.officer(agency, name=name)
        complete(one, agency, YEAR, legal=1)
        made.append(one)
    for one in made[:2]:
        factories.officer_account(one, f"{one.first_name.lower()}@example.org")
    return made


@pytest.fixture
def listings(people):
    with on("2026-03-16"):
        list_candidates()
    return list(Listing.objects.order_by("candidacy__officer"))


def page(client, user, name, *args, **query) -> str:
    client.force_login(user)
    answer = client.get(reverse(f"compliance:{name}", args=args), query)
    assert answer.status_code == 200
    return " ".join(body(answer).split())


# Waves of reminders ---------------------------------------------------------------------------------------------------


def test_waves_are_laid_out_ahead_and_go_by_themselves(people):
    with on("2025-09-01"):
        put_reminders()
        assert [(one.key, one.state) for one in Campaign.objects.all()] == [("2025:1", "planned")]
        assert Message.objects.count() == 0
    with on("2025-10-01"):
        put_reminders()
        sending.send_waiting(60)
    wave = Campaign.objects.get(key="2025:1")
    assert (wave.state, campaigns.progress(wave, clock.now()).counts) == ("going", {"sent": 2})


def test_wave_far_from_last_years_is_held_until_post_says_why(people, post, settings):
    settings.CAMPAIGN_MINIMUM = 1
    with on("2025-10-01"):
        Campaign.objects.create(occasion="reminder", key="2024:1", state="going", began_at=clock.now())
        for number in range(8):
            Message.objects.create(
                occasion="reminder",
                key=f"2024:1:{900 + number}",
                address="a@b.example",
                priority=2,
                state="sent",
                next_try_at=None,
                campaign=Campaign.objects.get(key="2024:1"),
            )
        put_reminders()
        wave = Campaign.objects.get(key="2025:1")
        assert wave.held_because == (
            "Held by the safety catch: 2 people would be written to, but about 8 were to be expected (reminder 1 of "
            "2024 had so many)."
        )
        put_reminders()
        sending.send_waiting(60)
        assert mail.outbox == []
        campaigns.release(by=post, campaign=wave, reason="Most are compliant this year")
        sending.send_waiting(60)
    assert len(mail.outbox) == 2


def test_digests_are_held_and_let_go_with_their_wave(client, people, agency, post, settings):
    factories.ceo(agency, "chief@cedar.example", "Ann Chief")
    digest = Message.objects.filter(occasion="agency_digest")

    def press(act: str) -> None:
        client.force_login(post)
        path = reverse("compliance:mailing", args=[Campaign.objects.get(key="2025:1").pk])
        answer = client.post(path, {"act": act, "reason": "As it has to be", "signed_in_as": token(post)})
        assert answer.status_code == 302

    with on("2025-10-01"):
        campaigns.plan(occasion="reminder", keys=["2025:1"])
        campaigns.hold(by=post, campaign=Campaign.objects.get(), reason="A file is still to come")
        put_digests()
        assert (Campaign.objects.get(key="2025:1").state, digest.count()) == ("held", 0)
        press("release")
        put_digests()
        assert digest.get().state == "waiting"
        press("hold")
        assert digest.get().state == "held"
        said = page(client, post, "mailing", Campaign.objects.get(key="2025:1").pk)
        assert "Digests to agencies go with this wave: 1 held back. Those not sent yet are held" in said
        press("release")
        sending.send_waiting(60)
    assert sorted(one.to[0] for one in mail.outbox) == [
        "chief@cedar.example",
        "marcus@example.org",
        "renee@example.org",
    ]


def test_wave_of_many_who_were_not_short_a_week_ago_is_held(agency, settings):
    """Something took hours from many at once, such as a course refused by mistake."""
    settings.CAMPAIGN_MINIMUM = 1
    course = factories.course(agency, "Night range")
    for number in range(3):
        one = factories.officer(agency)
        complete(one, agency, YEAR, skill__firearms=1)
        credit(one, dt.date(2025, 6, 1), course, skill__firearms=1)
        factories.officer_account(one, f"officer{number}@example.org")
    with on("2025-12-01"):
        course.reviews.create(
            decision="refused", decided_on=dt.date(2025, 11, 30), reason="No plan", recorded_at=clock.now()
        )
        put_reminders()
    wave = Campaign.objects.get(key="2025:3")
    assert (wave.state, wave.expected) == ("held", 0)
    assert "3 people would be written to, but about 0 were to be expected" in wave.held_because


def test_page_before_a_wave_goes(client, people, post):
    with on("2025-09-01"):
        put_reminders()
        said = page(client, post, "mailing", Campaign.objects.get().pk)
        left_out = page(client, post, "mailing", Campaign.objects.get().pk, show="left-out")
    assert "2 people would be written to if it went today." in said
    assert "<dt>Left out: not connected</dt><dd>1 " in said
    assert (
        '<a href="?agency=cedar-hollow#list">Cedar Hollow Police</a></th><td class="num" data-label="Officers">2<'
        in said
    )
    assert "1 hour of CLEE still missing for 2025, due December 31, 2025" in said
    assert ("Nobody, Una" in said, "Nobody, Una" in left_out) == (False, True)


def test_hold_and_release_by_the_page(client, people, post):
    with on("2025-09-01"):
        put_reminders()
        wave = Campaign.objects.get()
        address = reverse("compliance:mailing", args=[wave.pk])
        client.force_login(post)
        refused = client.post(address, {"act": "hold", "reason": ""})
        assert "Say why it is held" in refused.content.decode()
        assert client.post(address, {"act": "hold", "reason": "A file is to come"}).url == address
        wave.refresh_from_db()
        assert (wave.state, wave.held_by, wave.held_because) == ("held", post, "A file is to come")
        client.post(address, {"act": "release"})
        wave.refresh_from_db()
        assert wave.state == "planned"
        client.force_login(factories.director())
        assert (client.get(address).status_code, client.post(address, {"act": "hold"}).status_code) == (200, 403)


def test_file_of_a_wave_has_every_message_with_its_ending(client, people, post):
    with on("2025-10-01"):
        put_reminders()
        sending.send_waiting(60)
        wave = Campaign.objects.get(key="2025:1")
        Message.objects.filter(address="renee@example.org").update(state="refused", note="550 No such user")
        lines = page_lines(client, post, "mailing_csv", wave.pk)
        some = page_lines(client, post, "mailing_csv", wave.pk, show="refused")
        found = page(client, post, "mailing", wave.pk, q="calloway")
    assert [line.split(",")[-1] for line in lines[1:]] == ["", "550 No such user"]
    assert [line.split(",")[5] for line in lines[1:]] == ["Sent", "Refused by the mail server"]
    assert len(some) == 2
    assert ("marcus@example.org" in found, "renee@example.org" in found) == (True, False)


def page_lines(client, user, name, *args, **query) -> list[str]:
    client.force_login(user)
    answer = client.get(reverse(f"compliance:{name}", args=args), query)
    return [line.replace('"', "") for line in body(answer).splitlines() if line]


# Notices --------------------------------------------------------------------------------------------------------------


def test_nobody_is_written_to_before_the_record_was_looked_at(listings, post):
    period = ReportingPeriod.objects.get(year=YEAR)
    with on("2026-03-17"):
        with pytest.raises(Refused, match="3 officers of 3 were not looked at yet: Abbott, Renee"):
            candidate_notices.prepare(by=post, period=period, listings=[one.pk for one in listings])
        candidacies.look(by=post, listings=[one.pk for one in listings[1:]], found="no_error")
        candidacies.look(by=post, listings=[listings[0].pk], found="error", words="A class is missing")
        with pytest.raises(Refused, match="The record of 1 officer is likely in error"):
            candidate_notices.prepare(by=post, period=period, listings=[one.pk for one in listings])
    assert Message.objects.count() == 0


def test_error_found_after_the_look_keeps_the_notice_back(listings, post):
    period = ReportingPeriod.objects.get(year=YEAR)
    with on("2026-03-17"):
        candidacies.look(by=post, listings=[one.pk for one in listings], found="no_error")
        RecordingGap.objects.create(officer=listings[1].candidacy.officer, period=period, kind="nothing", score=80)
        with pytest.raises(Refused, match="The record of 1 officer is likely in error"):
            candidate_notices.prepare(by=post, period=period, listings=[one.pk for one in listings])
        candidate_notices.prepare(by=post, period=period, listings=[listings[0].pk])


def looked_at(listings, post) -> Campaign:
    candidacies.look(by=post, listings=[one.pk for one in listings], found="no_error")
    return candidate_notices.prepare(
        by=post, period=ReportingPeriod.objects.get(year=YEAR), listings=[one.pk for one in listings]
    )


def test_notices_go_only_when_released_and_only_to_the_connected(client, listings, post):
    with on("2026-03-17"):
        made = looked_at(listings, post)
        sending.send_waiting(60)
        assert (mail.outbox, made.state) == ([], "held")
        assert "<dt>Left out: not connected</dt><dd>1 " in page(client, post, "mailing", made.pk)
        campaigns.release(by=post, campaign=made)
        sending.send_waiting(60)
    assert sorted(one.to[0] for one in mail.outbox) == ["marcus@example.org", "renee@example.org"]
    sent = next(one for one in mail.outbox if one.to == ["renee@example.org"])
    assert sent.subject == "1 hour of CLEE for 2025 is still missing: please read"
    text = " ".join(sent.body.split())
    assert "The last day to complete and show it was March 15, 2026. POST has looked at your record" in text
    assert "- Legal studies: 1 hour (1 of 2 done)" in text
    assert "Cedar Hollow Police, (555) 0100, desk@cedar.example" in text
    assert "call POST at (573) 751-3409" in text
    assert "It never happens by itself, and nothing has been decided." in text


def test_whoever_became_compliant_or_is_doubted_since_gets_no_notice(listings, people, post):
    with on("2026-03-17"):
        made = looked_at(listings, post)
    with on("2026-03-18"):
        credit(people[0], dt.date(2026, 3, 16), academy_course(), year=YEAR, legal=1)
        candidacies.look(by=post, listings=[listings[1].pk], found="error", words="A class was never reported")
        campaigns.release(by=post, campaign=made)
        sending.send_waiting(60)
    assert mail.outbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {"overtaken"}


def test_notices_are_laid_ready_once(listings, post):
    with on("2026-03-17"):
        looked_at(listings, post)
        with pytest.raises(Refused, match="Nobody chosen is on the list without a notice"):
            looked_at(listings, post)
    assert Message.objects.count() == 2


def test_list_marks_those_ticked_or_everyone_and_lays_notices_ready(client, listings, post):
    address = reverse("compliance:candidate_list")
    client.force_login(post)
    with on("2026-03-17"):
        assert "3 officers past the last day; 3 not looked at yet." in page(client, post, "candidate_list")
        nothing = client.post(address, {"act": "no_error"}).content.decode()
        assert "Nobody was chosen" in nothing
        client.post(address, {"act": "error", "words": "Roster says so", "listing": [listings[0].pk]})
        assert "Roster says so" in page(client, post, "candidate_list", show="error")
        client.post(f"{address}?show=unseen", {"act": "no_error", "everyone": "on"})
        assert Listing.objects.ready().count() == 2
        answer = client.post(f"{address}?show=no_error", {"act": "notices", "everyone": "on"})
    made = Campaign.objects.get(occasion="candidate_listed")
    assert (answer.url, made.messages.count()) == (reverse("compliance:mailing", args=[made.pk]), 1)


def test_case_says_what_is_missing_what_may_be_wrong_and_keeps_the_look(client, listings, people, post):
    with on("2026-03-17"):
        address = reverse("compliance:candidate", args=[listings[0].candidacy_id])
        assert "Nothing stands out" in page(client, post, "candidate", listings[0].candidacy_id)
        recording_gaps.find(period=listings[0].candidacy.period, now=clock.now(), by=None)
        said = page(client, post, "candidate", listings[0].candidacy_id)
        what = "1 hour, in legal studies and from an approved provider, for 2025"
        assert f"still needs {what}: March 15 is past, and POST is checking the record." in said
        assert "Only 1 hour missing" in said
        client.post(address, {"found": "error", "words": "Called the academy"})
        assert "Likely a recording error. Called the academy" in page(
            client, post, "candidate", listings[0].candidacy_id
        )


def test_officer_and_agency_still_read_that_post_is_checking(client, listings, people, agency):
    with on("2026-03-17"):
        client.force_login(factories.ceo(agency))
        address = reverse("compliance:officer_standing", args=[people[0].license_number])
        said = client.get(address, {"period": YEAR}).content.decode()
    assert "POST is checking the record" in said


def statements(client, post) -> int:
    client.force_login(post)
    with CaptureQueriesContext(connection) as sent:
        assert client.get(reverse("compliance:candidate_list"), {"year": YEAR}).status_code == 200
    return len(sent)


def test_list_costs_the_same_for_three_and_for_many(client, listings, agency, post):
    with on("2026-03-17"):
        few = statements(client, post)
        for _ in range(20):
            complete(factories.officer(agency), agency, YEAR, legal=1)
        list_candidates()
        assert Listing.objects.count() == 23
        assert statements(client, post) == few
