"""Pasting who attended on the entry page: who is credited and how, what is held, what is shown."""

import datetime as dt
import uuid

import pytest

from clee_portal.refusal import Refused
from training.forms.class_data import data_of
from training.forms.class_entry import ClassEntryForm
from training.models import ImportRow, NotCompleted, TrainingClass, TrainingImport, TrainingRecord
from training.services import classes
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
URL = "/agencies/harlan/classes/enter/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def visitor():
    return make.officer(make.agency(name="Marlow Police"), name="Alma Vance", license_number="51200")


@pytest.fixture
def send(client, chief, three):
    """Sends the entry form with good answers and nobody ticked; each may be replaced, None leaves it out."""

    def call(step="check", headers=None, **changes):
        answers = {
            "step": step,
            "submission_key": str(uuid.UUID(int=7)),
            "course": "Winter driving",
            "ends_on": "2026-11-18",
            "delivery": "classroom",
            "hours-area-skill": "6",
            "pasted": "",
        }
        answers = {key: value for key, value in {**answers, **changes}.items() if value is not None}
        return client.post(URL, answers, headers=headers)

    return call


def credited() -> dict:
    """License number -> (role, hours) of what was recorded."""
    return {
        one.officer.license_number: (one.role, sum(line.hours for line in one.lines.all()))
        for one in TrainingRecord.objects.live().select_related("officer").prefetch_related("lines")
    }


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_ticked_and_pasted_counts_once_and_outsiders_come_by_number(send, three, visitor):
    send("record", officers=[three[0].pk], pasted="Renee Abbott\n40218, 51200")
    assert credited() == {"38120": ("student", 6), "40218": ("student", 6), "51200": ("student", 6)}
    assert not TrainingImport.objects.exists()


def test_lines_say_how_they_attended(send):
    send("record", pasted="Renee Abbott (instructor)\n40218 2.5 hrs\nPatrick Dwyer did not complete")
    assert credited() == {"38120": ("instructor", 6), "40218": ("student", 2.5)}
    assert NotCompleted.objects.get().officer.license_number == "29944"


def test_an_exception_set_on_the_page_wins(send, three):
    how = {f"person-{three[0].pk}-how": "", f"person-{three[1].pk}-how": "taught"}
    send("record", pasted="Renee Abbott (instructor)\n40218 2.5 hrs", **how)
    assert credited() == {"38120": ("student", 6), "40218": ("instructor", 6)}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("40218 left early", "The line does not say how many hours Calloway, Marcus completed."),
        ("40218 7 hrs", "7 hours are more than the class gives, 6."),
        ("99999", "No officer has the license number 99999."),
        ("40218 Renee Abbott", "The license number 40218 is Calloway, Marcus’s, not Renee Abbott’s."),
        ("Zed Zebulon", "No officer of Harlan County Sheriff is called Zed Zebulon."),
    ],
)
def test_what_cannot_be_placed_is_held_with_its_reason_and_blocks_nothing(send, line, wrong):
    page = send(pasted=f"38120\n{line}")
    assert "1 pasted line will be held, without credit" in text(page)
    send("record", pasted=f"38120\n{line}")
    assert credited() == {"38120": ("student", 6)}
    held = ImportRow.objects.get()
    assert (held.cells, held.fate, held.wrong) == ([line], "held", wrong)
    assert held.training_import.training_class == TrainingClass.objects.get()
    assert held.is_for_post == (line == "Zed Zebulon")


def test_part_of_the_hours_of_several_areas_needs_the_areas(send):
    send("record", pasted="38120\n40218 2 hrs", **{"hours-area-legal": "2"})
    assert credited() == {"38120": ("student", 8)}
    assert ImportRow.objects.get().fix == "Take the hours out of the line, and give the own hours at “Exception”."


def test_the_same_form_twice_holds_its_lines_once(send):
    send("record", pasted="38120\n99999")
    send("record", pasted="38120\n99999")
    assert ImportRow.objects.count() == 1


def test_nothing_is_held_when_the_class_is_refused(send, monkeypatch):
    def refuse(**_):
        raise Refused("Not now.", field="numbers")

    monkeypatch.setattr(classes, "record", refuse)
    page = send("record", pasted="38120\n99999")
    assert page.context["form"].errors["pasted"] == ["Not now."]
    assert "99999" in text(page)
    assert not ImportRow.objects.exists()


def test_only_held_lines_are_no_class(send):
    page = send("record", pasted="99999")
    assert page.context["form"].errors["officers"] == ["Tick at least one officer who completed the class."]
    assert not TrainingImport.objects.exists()


def test_a_candidate_is_chosen(send, agency):
    twins = [make.officer(agency, name="Dana Whitlock", license_number=number) for number in ("33001", "33999")]
    page = send("match", headers={"HX-Request": "true"}, pasted="Dana Whitlock")
    assert page.templates[0].name == "training/_matches.html"
    assert "checked" not in page.content.decode()
    [line] = page.context["form"].judged.to_decide
    send("record", pasted="Dana Whitlock", **{f"pick-{line.key}": twins[1].pk})
    assert credited() == {"33999": ("student", 6)}


def test_of_an_outsider_name_and_agency_alone_are_shown(send, visitor):
    page = send("match", headers={"HX-Request": "true"}, pasted="51200\nAlma Vance")
    assert "Vance, Alma" in text(page)
    assert "51200 · Marlow Police" in text(page)
    assert "Held, it waits for POST." in text(page)


@pytest.mark.parametrize("size", [1, 60])
def test_match_takes_a_constant_number_of_statements(send, agency, size, django_assert_num_queries):
    officers = make.roster(agency, size)
    others = make.roster(make.agency(), size, first_number=80000)
    lines = "\n".join(one.license_number for one in officers + others)
    with django_assert_num_queries(17):
        send("match", headers={"HX-Request": "true"}, pasted=lines)


def test_data_of_a_class_records_the_same_class_again(send, agency, three, visitor, chief):
    how = {f"person-{three[1].pk}-how": "part", f"part-{three[1].pk}-area-skill": "3"}
    send(
        "record",
        officers=[three[0].pk, three[1].pk],
        pasted="51200\n29944 did not complete",
        **{"hours-topic-firearms": "2"},
        **how,
    )
    held = TrainingClass.objects.get()
    form = ClassEntryForm(data_of(held), body=agency, today=TODAY)
    assert form.is_valid(), form.errors
    assert classes.is_same(held, form.draft)
    assert [one.by_number for one in form.draft.attendances] == [False, False, True]
