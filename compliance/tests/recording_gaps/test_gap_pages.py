"""The pages of what may be recording errors: POST's queue, the agency's list, the case, the officer's standing."""

import csv
import io

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from compliance import recording_gap_mail
from compliance.models import GapSearch, RecordingGap
from compliance.tests.recording_gaps.conftest import Kind
from compliance.tests.test_recording_errors import YEAR, D
from training.models import TrainingImport
from training.tests import factories

pytestmark = pytest.mark.django_db
QUEUE = "/recording-errors/"


def page(client, user, url: str) -> str:
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def send(client, user, url: str, **data):
    client.force_login(user)
    return client.post(url, data)


def said(answer) -> list[str]:
    return [str(one) for one in get_messages(answer.wsgi_request)]


# The queue ------------------------------------------------------------------------------------------------------------


def test_queue_shows_what_is_likely_with_the_reason_in_words(client, gap, post):
    shown = page(client, post, QUEUE)
    assert "1 likely recording error waits" in shown
    told = f"“Night fire” ({gap.training_class.reference}, September 10, 2025)"
    assert f"{told} is credited to all 6 others of Cedar Hollow Police" in shown
    assert "With it nothing would be missing." in shown
    assert "Only 2 hours missing" not in shown
    assert "Only 2 hours missing" in page(client, post, f"{QUEUE}?show=open")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?year=2025", 1), ("?year=2024", 0), ("?kind=left_off", 1), ("?kind=make_up", 0), ("?officer=dell", 1),
        ("?officer=nobody", 0), ("?agency=cedar", 1), ("?agency=elsewhere", 0), ("?show=open", 2), ("?show=asked", 1),
        ("?show=unsent", 0), ("?show=yes", 0), ("?show=settled", 0), ("?show=nonsense&year=nonsense", 1),
    ],
)  # fmt: skip
def test_filters_are_in_the_address(client, gap, post, query, count):
    client.force_login(post)
    assert len(client.get(QUEUE + query).context["object_list"]) == count
    file = b"".join(client.get(f"{QUEUE}recording-errors.csv{query}").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file)))
    assert len(rows) - 1 == count


def test_queue_takes_as_many_statements_for_one_as_for_many(client, gap, post):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, post, f"{QUEUE}?show=open")
        return len(queries)

    page(client, post, QUEUE)
    one = statements()
    for _ in range(20):
        RecordingGap.objects.create(
            officer=factories.officer(), period=gap.period, kind=Kind.LEFT_OFF, score=60, part=1, whole=2,
            training_class=gap.training_class, agency=factories.agency(),
        )  # fmt: skip
    assert statements() == one


def test_ticked_ones_are_settled_with_a_reason_and_nothing_typed_is_lost(client, gap, post):
    answer = send(client, post, QUEUE, gap=gap.pk, act="not_error")
    assert "Say in words why." in answer.content.decode()
    assert f'value="{gap.pk}" aria-label' in answer.content.decode()
    assert "checked" in answer.content.decode()
    answer = send(client, post, QUEUE, gap=gap.pk, act="not_error", words="A holiday")
    assert (answer.status_code, said(answer)) == (302, ["1 finding settled: not an error."])
    answer = send(client, post, QUEUE, act="not_error", words="A holiday")
    assert "Nothing was chosen." in answer.content.decode()


def test_everything_shown_is_put_to_the_agencies(client, short, post, agency):
    with time_machine.travel(clock.midday(D(2025, 11, 20)), tick=False):
        client.force_login(post)
        answer = client.post(f"{QUEUE}search/", {"year": YEAR})
        assert said(answer) == ["2025: the record of 1 officer who are short was searched; 1 likely error not settled."]
        answer = client.post(f"{QUEUE}?show=unsent", {"everyone": "on", "act": "send"})
        assert said(answer)[-1] == "1 question put to the agencies."
    assert RecordingGap.objects.get(kind=Kind.LEFT_OFF).asked_by == post


@pytest.mark.parametrize("year", ["", "x", "1999", "99999"])
def test_search_of_no_period_says_so(client, post, year):
    answer = send(client, post, f"{QUEUE}search/", year=year)
    assert said(answer) == ["Choose the year whose record is to be searched."]
    assert GapSearch.objects.count() == 0


def test_director_reads_the_queue_and_settles_nothing(client, gap):
    director = factories.director()
    assert "Put to the agency</button>" not in page(client, director, QUEUE)
    assert send(client, director, QUEUE, gap=gap.pk, act="send").status_code == 403
    assert send(client, director, f"{QUEUE}search/", year=YEAR).status_code == 403


# The agency -----------------------------------------------------------------------------------------------------------


def test_agency_reads_what_it_was_asked_and_enters_it_in_place(client, gap, short, chief, agency):
    url = reverse("compliance:gaps_of_agency", args=[agency.code])
    shown = page(client, chief, url)
    assert "1 class may be missing in a record" in shown
    assert f"Yes: add to {gap.training_class.reference}" in shown
    answer = send(client, chief, url, gap=gap.pk, said="yes")
    assert (answer.url, said(answer)) == (url, [f"Renee Dell: Entered in {gap.training_class.reference}."])
    assert short.records.filter(training_class=gap.training_class).exists()
    shown = page(client, chief, url)
    assert "No question about missing hours waits for you" in shown
    assert "Lately settled" in shown


def test_agency_says_no_with_a_word_and_is_told_when_it_gives_none(client, gap, chief, agency):
    url = reverse("compliance:gaps_of_agency", args=[agency.code])
    answer = send(client, chief, url, gap=gap.pk, said="no")
    assert f'id="words-{gap.pk}_error">Say in a word' in answer.content.decode()
    send(client, chief, url, gap=gap.pk, said="no", words="On holiday")
    gap.refresh_from_db()
    assert (gap.how, gap.reason) == ("not_there", "On holiday")
    assert send(client, chief, url, gap=gap.pk, said="no", words="Again").status_code == 200


def test_yes_to_a_held_row_leads_to_the_row(client, short, chief, agency, period):
    sent = TrainingImport.objects.create(
        agency=agency,
        name="a.csv",
        state="done",
        sha256="b" * 64,
        header_row=1,
        columns=["License"],
        fields=["license_number"],
    )
    row = sent.rows.create(number=2, cells=["1"], fate="held", column="License", wrong="Nobody has it.")
    one = RecordingGap.objects.create(
        officer=short, period=period, kind=Kind.HELD_ROW, score=70, import_row=row, agency=agency, asked_at=clock.now()
    )
    url = reverse("compliance:gaps_of_agency", args=[agency.code])
    assert "Yes: mend the row" in page(client, chief, url)
    answer = send(client, chief, url, gap=one.pk, said="yes")
    assert answer.url == f"/agencies/{agency.code}/held/?file={sent.reference}"
    assert "You said yes" in page(client, chief, url)


@pytest.mark.parametrize("given", ["x", "0", "9" * 30])
def test_answer_to_nothing_is_not_found(client, gap, chief, agency, given):
    url = reverse("compliance:gaps_of_agency", args=[agency.code])
    assert send(client, chief, url, gap=given, said="yes").status_code == 404


def test_what_was_not_put_to_the_agency_is_not_shown_to_it(client, gap, chief, agency):
    RecordingGap.objects.filter(pk=gap.pk).update(asked_at=None)
    url = reverse("compliance:gaps_of_agency", args=[agency.code])
    assert "Dell" not in page(client, chief, url)
    assert send(client, chief, url, gap=gap.pk, said="yes").status_code == 404


def test_what_waits_is_told_on_the_overview(client, gap, chief, agency):
    shown = page(client, chief, reverse("compliance:waiting", args=[agency.code]))
    assert "1 class may be missing in a record: say what is right" in shown


def test_mail_to_the_agency_says_what_and_where(gap, chief, agency):
    key = recording_gap_mail.sample(agency.pk)
    said = recording_gap_mail.contexts([key])[key]
    assert (said["officers"], [one.pk for one in said["shown"]]) == (1, [gap.pk])
    assert said["url"].endswith(f"/agencies/{agency.code}/recording-errors/")
    RecordingGap.objects.filter(pk=gap.pk).update(asked_at=None)
    assert recording_gap_mail.contexts([key]) == {}


# The case and the standing --------------------------------------------------------------------------------------------


def test_case_shows_what_was_found_and_asks_to_set_it_aside(client, listing, gap, post):
    url = reverse("compliance:candidate", args=[listing.candidacy_id])
    shown = page(client, post, url)
    assert "Classmates credited, this person not" in shown
    assert "75 of 100" in shown
    assert "Set aside what is likely above" in shown
    assert "not settled yet" in send(client, post, url, found="no_error").content.decode()
    send(client, post, url, found="no_error", words="Called the chief", override="on")
    gap.refresh_from_db()
    assert gap.how == "overridden"


def test_officer_reads_careful_words_and_nothing_else(client, gap, short):
    account = factories.officer_account(short)
    shown = page(client, account, f"/standing/?period={YEAR}")
    assert "Something may be missing in this record. Your agency was asked on March 20, 2026." in shown
    assert "Night fire" not in shown
    assert "others of" not in shown
    RecordingGap.objects.filter(pk=gap.pk).update(how="gone", reason="Gone", resolved_at=clock.now())
    assert "Something may be missing" not in page(client, account, f"/standing/?period={YEAR}")
