"""What pasted lines say of officers on the entry page: asked where it is open, held where lines or ticks disagree."""

import datetime as dt
import uuid

import pytest

from training.models import ImportRow, NotCompleted, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db

URL = "/agencies/harlan/classes/enter/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: dt.date(2026, 11, 20))


@pytest.fixture
def send(client, agency, three):
    """Sends the entry form of a class of six hours with these pasted lines, and what is given besides."""
    client.force_login(make.ceo(agency))

    def call(pasted, step="record", **more):
        answers = {
            "step": step,
            "submission_key": str(uuid.uuid4()),
            "course": "Winter driving",
            "ends_on": "2026-11-18",
            "delivery": "classroom",
            "hours-area-skill": "6",
            "pasted": pasted,
        }
        return client.post(URL, answers | more)

    return call


def credited() -> dict:
    """License number -> (role, hours) of what was recorded."""
    records = TrainingRecord.objects.live().select_related("officer").prefetch_related("lines")
    return {one.officer.license_number: (one.role, sum(line.hours for line in one.lines.all())) for one in records}


def held() -> list[str]:
    return [row.cells[0] for row in ImportRow.objects.held().order_by("number")]


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_unread_words_are_shown_and_nothing_is_given(send):
    page = send("38120\n40218 Calloway (at the dentist)", step="match")
    assert "The line also says “at the dentist”. Say how Calloway, Marcus attended" in text(page)
    assert "checked" not in text(page).partition('id="matches"')[2]
    send("38120\n40218 Calloway (at the dentist)")
    assert (list(credited()), held()) == (["38120"], ["40218 Calloway (at the dentist)"])


@pytest.mark.parametrize(
    ("choice", "record"), [("completed 2 hours", 2), ("completed all of it", 6), ("did not complete: no credit", None)]
)
def test_what_is_open_is_decided_on_the_page(send, choice, record):
    [line] = send("38120\n40218 Calloway\t2", step="match").context["form"].judged.to_decide
    value = next(one.value for one in line.choices if one.what == choice)
    send("38120\n40218 Calloway\t2", **{f"pick-{line.key}": value})
    assert credited().get("40218") == (record and ("student", record))
    assert NotCompleted.objects.filter(officer__license_number="40218").exists() == (record is None)
    assert held() == []


def test_a_bare_number_that_is_all_hours_of_the_class_leaves_nothing_open(send):
    send("Abbott, Renee\t6.0\nCalloway, Marcus\t4")
    assert (credited(), held()) == ({"38120": ("student", 6)}, ["Calloway, Marcus 4"])


def test_a_heading_is_kept_with_the_line_that_is_held(send):
    send("29944\nAbsent:\n38120\n\nCalloway, Marcus")
    assert NotCompleted.objects.get().officer.license_number == "38120"
    assert (list(credited()), held()) == (["29944"], ["Absent: Calloway, Marcus"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("40218", "Marcus Calloway did not complete"),
        ("40218", "Instructor: Marcus Calloway"),
        ("40218 2 hrs", "Marcus Calloway 4 hrs"),
        ("40218", "Marcus Calloway 4 hrs"),
        ("40218", "Marcus Calloway left early"),
        ("40218", "Marcus Calloway on a call"),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_lines_that_disagree_are_both_held(send, one, other, is_turned):
    lines = [other, one] if is_turned else [one, other]
    page = send("\n".join(["38120", *lines]), step="check")
    send("\n".join(["38120", *lines]))
    assert (list(credited()), held()) == (["38120"], lines)
    assert not NotCompleted.objects.exists()
    assert f"is also named in line {2 if is_turned else 3}, “{other}”" in text(page)


@pytest.mark.parametrize(
    "lines", ["40218\nMarcus Calloway", "40218 6 hrs\nCalloway", "40218 2 h\nMarcus Calloway two hours"]
)
def test_lines_that_agree_count_once(send, lines):
    page = send(f"38120\n{lines}", step="match")
    assert {one.license_number for one in page.context["form"].others.values()} == set()
    if "Calloway" in lines.splitlines()[1].split() and len(lines.splitlines()[1].split()) == 1:
        return  # a last name alone is asked for
    send(f"38120\n{lines}")
    assert (sorted(credited()), held()) == (["38120", "40218"], [])


@pytest.mark.parametrize(
    "line",
    [
        "Marcus Calloway left early",
        "40218 7 hrs",
        "40218 on a call",
        "40218 Calloway (on a call)",
        "40218\n40218 did not complete",
    ],
)
def test_a_tick_gives_nothing_while_a_line_is_held(send, three, line):
    ticks = {"officers": [three[0].pk, three[1].pk]}
    page = send(line, step="match", **ticks)
    assert "is-questioned" in text(page)
    assert page.context["roster"].ticked == 1
    check = send(line, step="check", **ticks)
    assert "Ticked, but not credited before their line is decided:</b> Calloway, Marcus (40218)." in text(check)
    send(line, **ticks)
    assert (list(credited()), held()) == (["38120"], line.splitlines())


def test_a_tick_gives_nothing_while_it_is_open_who_left_early(send, agency, three):
    twins = [make.officer(agency, name="Dana Whitlock", license_number=number) for number in ("33001", "33999")]
    ticks = {"officers": [three[0].pk, *(one.pk for one in twins)]}
    line = "Dana Whitlock did not complete"
    send(line, **ticks)
    assert (list(credited()), held()) == (["38120"], [line])


def test_a_name_of_two_takes_no_tick_away(send, agency, three):
    twins = [make.officer(agency, name="Dana Whitlock", license_number=number) for number in ("33001", "33999")]
    send("Dana Whitlock", officers=[one.pk for one in twins])
    assert (sorted(credited()), held()) == (["33001", "33999"], ["Dana Whitlock"])


def test_none_of_these_leaves_the_ticks(send, agency, three):
    twins = [make.officer(agency, name="Dana Whitlock", license_number=number) for number in ("33001", "33999")]
    ticks = {"officers": [one.pk for one in twins]}
    [line] = send("Dana Whitlock did not complete", step="match").context["form"].judged.to_decide
    send("Dana Whitlock did not complete", **ticks, **{f"pick-{line.key}": ""})
    assert (sorted(credited()), held()) == (["33001", "33999"], ["Dana Whitlock did not complete"])


@pytest.mark.parametrize(("how", "record"), [("", ("student", 6)), ("taught", ("instructor", 6)), ("left", None)])
@pytest.mark.parametrize("line", ["Marcus Calloway left early", "40218 Calloway (on a call)", "40218\n40218 absent"])
def test_an_exception_set_on_the_page_decides(send, three, line, how, record):
    send(line, officers=[three[0].pk, three[1].pk], **{f"person-{three[1].pk}-how": how})
    assert (credited().get("40218"), held()) == (record, [])


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("40218 instructor 2 hrs", "The line says that Calloway, Marcus taught 2 of 6."),
        ("40218 0 hrs", "The line gives Calloway, Marcus no hours."),
    ],
)
def test_hours_that_cannot_be_given_are_held(send, line, wrong):
    send(f"38120\n{line}")
    assert list(credited()) == ["38120"]
    assert ImportRow.objects.get().wrong == wrong


def test_the_page_shows_what_was_read(send):
    page = text(send("38120 (instructor)\n40218 2 hrs\n29944 absent", step="match"))
    assert [page.count(words) for words in ("taught it</b>", "completed 2 hours</b>", "did not complete</b>")] == [
        1
    ] * 3
