"""What a class changes: recorded, undone, and as a draft that leaves nothing behind."""

import datetime as dt

import pytest
from django.apps import apps
from django.db.models import Model

from clee_portal import clock
from compliance.tests import people
from training.models import Course, TrainingClass, TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make.agency("harlan", "Harlan County Sheriff")


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def three(agency):
    """One who lacks two hours of legal studies, one who has all, one who has nothing."""
    today = clock.today()
    made = [make.officer(agency, name=name) for name in ("Renee Abbott", "Marcus Calloway", "Patrick Dwyer")]
    for officer, legal in ((made[0], 0), (made[1], 2)):
        academy = {**people.ACADEMY, "legal": legal, "technical": 4}
        make.record(officer, today, course=people.academy_course(), **{k: v for k, v in academy.items() if v})
        make.record(officer, today, course=make.course(agency), **people.IN_SERVICE)
    return made


def held_by(agency, chief, officers, **hours) -> TrainingClass:
    """A class recorded through the service."""
    held, _ = classes.record(
        by=chief,
        agency=agency,
        title="Legal update",
        starts_on=clock.today(),
        ends_on=clock.today(),
        lines=make.lines(**(hours or {"legal": 2})),
        attendances=[Attendance(one, by_number=not one.commissions.filter(agency=agency).exists()) for one in officers],
        submission_key=people.new_key(),
        today=clock.today(),
    )
    return held


def told(answer) -> dict[str, str]:
    """Name -> what is said of the officer."""
    return {one.officer.sorted_name: one.chip.label for one in answer.context["effect"].changes}


def test_class_tells_whose_standing_it_changed(client, agency, chief, three):
    held = held_by(agency, chief, three)
    answer = client.get(f"/classes/{held.reference}/effect/")
    assert told(answer) == {
        "Abbott, Renee": "becomes compliant",
        "Calloway, Marcus": "was compliant already",
        "Dwyer, Patrick": "now needs 22 h (was 24 h)",
    }
    effect = answer.context["effect"]
    assert (effect.compliant, len(effect.changed), len(effect.unchanged)) == (1, 2, 1)
    assert "<b>1</b> becomes compliant" in answer.content.decode()


def test_later_records_do_not_change_what_a_class_is_said_to_have_changed(client, agency, chief, three):
    held = held_by(agency, chief, three[2:])
    make.record(three[2], clock.today(), course=make.course(agency), technical=5)
    assert told(client.get(f"/classes/{held.reference}/effect/")) == {"Dwyer, Patrick": "now needs 17 h (was 19 h)"}


def test_undone_class_tells_what_was_lost(client, agency, chief, three):
    held = held_by(agency, chief, three)
    classes.void(by=chief, training_class=held, reason="Wrong day")
    answer = client.get(f"/classes/{held.reference}/effect/")
    assert told(answer) == {
        "Abbott, Renee": "no longer compliant: needs 2 h",
        "Calloway, Marcus": "still compliant",
        "Dwyer, Patrick": "now needs 24 h (was 22 h)",
    }
    assert "What was lost with it" in answer.content.decode()


def test_undoing_tells_beforehand_what_it_takes_away(client, agency, chief, three):
    held = held_by(agency, chief, three)
    answer = client.get(f"/classes/{held.reference}/effect/?undoing=1")
    assert told(answer)["Abbott, Renee"] == "no longer compliant: needs 2 h"
    assert answer.context["effect"].compliant == 0


def test_exempt_officer_is_not_said_to_have_changed(client, agency, chief):
    exempt = make.officer(agency, issued_on=clock.today())
    held = held_by(agency, chief, [exempt])
    answer = client.get(f"/classes/{held.reference}/effect/")
    assert [one.is_changed for one in answer.context["effect"].changes] == [False]
    assert told(answer) == {exempt.sorted_name: "exempt: nothing is owed"}


def test_officers_of_other_agencies_are_counted_and_not_shown(client, agency, chief, three):
    guest = make.officer(make.agency("other"), name="Alma Vance")
    held = held_by(agency, chief, [three[1], guest])
    answer = client.get(f"/classes/{held.reference}/effect/")
    assert (list(told(answer)), answer.context["effect"].others) == (["Calloway, Marcus"], 1)
    assert "1 officer of another agency: " in answer.content.decode()
    assert "Vance" not in answer.content.decode()


def test_officer_sees_only_themself_in_a_class(client, agency, chief, three):
    held = held_by(agency, chief, three)
    client.force_login(make.officer_account(three[0]))
    answer = client.get(f"/classes/{held.reference}/effect/")
    assert (list(told(answer)), answer.context["effect"].others) == (["Abbott, Renee"], 0)


def test_class_of_another_agency_does_not_exist(client, agency, chief, three):
    held = held_by(agency, chief, three)
    for reader in (make.ceo(make.agency("other")), make.user()):
        client.force_login(reader)
        assert client.get(f"/classes/{held.reference}/effect/").status_code == 404


def test_effect_takes_as_many_statements_for_100_officers_as_for_one(
    client, agency, chief, django_assert_max_num_queries
):
    one, many = held_by(agency, chief, [make.officer(agency)]), held_by(agency, chief, make.roster(agency, 100))
    client.get(f"/classes/{one.reference}/effect/")
    for held in (one, many):
        with django_assert_max_num_queries(20):
            client.get(f"/classes/{held.reference}/effect/")


def answers_for(officers, **changes) -> dict:
    """The answers of the entry form."""
    return {
        "submission_key": people.new_key(),
        "course": "Legal update",
        "ends_on": clock.today().isoformat(),
        "starts_on": "",
        "delivery": "classroom",
        "hours-area-legal": "2",
        "officers": [one.pk for one in officers],
        "pasted": "",
        **changes,
    }


def everything() -> dict[str, int]:
    """How many rows there are of each kind, history included."""
    kept: list[type[Model]] = [*apps.get_app_config("training").get_models(), apps.get_model("pghistory", "Context")]
    return {model._meta.label: model.objects.count() for model in kept}


def test_draft_tells_the_same_and_leaves_nothing_behind(client, agency, chief, three):
    before = everything()
    answer = client.post("/agencies/harlan/classes/effect/", answers_for(three))
    assert told(answer) == {
        "Abbott, Renee": "becomes compliant",
        "Calloway, Marcus": "was compliant already",
        "Dwyer, Patrick": "now needs 22 h (was 24 h)",
    }
    assert "What it would change" in answer.content.decode()
    assert everything() == before


def test_draft_does_not_use_up_the_key_of_the_form(client, agency, chief, three):
    sent = answers_for(three)
    client.post("/agencies/harlan/classes/effect/", sent)
    client.post("/agencies/harlan/classes/enter/", {**sent, "step": "record"})
    assert TrainingRecord.objects.filter(training_class__submission_key=sent["submission_key"]).count() == 3


def test_draft_with_errors_says_nothing_of_standings(client, agency, chief, three):
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    answer = client.post("/agencies/harlan/classes/effect/", answers_for(three, ends_on=tomorrow))
    assert (answer.status_code, answer.context.get("effect")) == (200, None)
    assert "cannot be recorded like this" in answer.content.decode()
    assert Course.objects.filter(title="Legal update").count() == 0


def test_draft_is_for_those_who_may_enter_classes(client, agency, three):
    stranger, officer = make.ceo(make.agency("other")), make.officer_account(three[0])
    for reader, status in ((stranger, 404), (officer, 404), (make.director(), 403)):
        client.force_login(reader)
        assert client.post("/agencies/harlan/classes/effect/", answers_for(three)).status_code == status
