"""Groups of officers, and taking over the officers of an earlier class or a group on the entry page."""

import datetime as dt

import pytest

from clee_portal.refusal import Refused
from training.forms.class_entry import ClassEntryForm
from training.models import NotCompleted, OfficerGroup, TrainingClass
from training.services import groups
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)
ENTER = "/agencies/harlan/classes/enter/"
GROUPS = "/agencies/harlan/groups/"


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def night(agency, chief, three):
    return groups.save(by=chief, agency=agency, name="Night shift", officers=[three[0].pk, three[1].pk])[0]


@pytest.fixture
def held(agency, three):
    course = make.course(agency, "Winter driving", skill=6)
    first = make.record(three[0], DAY, course=course, skill=6).training_class
    make.record(make.officer(make.agency(), name="Alma Vance", license_number="51200"), DAY, course=course, held=first)
    gone = make.officer(agency, name="Leonard Yates", license_number="17755", until=DAY)
    make.record(gone, DAY, course=course, held=first, skill=6)
    line = make.lines(skill=6)[0]
    first.lines.create(area=line.area, topic=None, hours=line.hours)
    return first


def members(group) -> list[str]:
    return sorted(group.officers.values_list("license_number", flat=True))


def test_saved_again_under_the_same_name_it_gets_other_officers(agency, chief, three, night):
    again, is_new = groups.save(by=chief, agency=agency, name=" night  SHIFT ", officers=[three[2].pk])
    assert (again, is_new, members(again)) == (night, False, ["29944"])


def test_only_officers_of_the_agency_are_in_a_group(agency, chief, three):
    stranger = make.officer(make.agency())
    group, _ = groups.save(by=chief, agency=agency, name="Squad", officers=[three[0].pk, stranger.pk])
    assert members(group) == ["38120"]
    with pytest.raises(Refused, match="Tick the officers of the group first"):
        groups.save(by=chief, agency=agency, name="Strangers", officers=[stranger.pk])
    assert OfficerGroup.objects.count() == 1


def test_somebody_else_keeps_no_groups(agency, three, night):
    other = make.ceo(make.agency())
    for act in (
        lambda: groups.save(by=other, agency=agency, name="X", officers=[three[0].pk]),
        lambda: groups.rename(by=other, group=night, name="X"),
        lambda: groups.delete(by=other, group=night),
    ):
        with pytest.raises(Refused):
            act()
    assert OfficerGroup.objects.get().name == "Night shift"


def test_rename_and_delete_on_the_page(client, agency, chief, three, night):
    groups.save(by=chief, agency=agency, name="Day shift", officers=[three[2].pk])
    page = client.post(GROUPS, {"group": night.pk, "act": "rename", "name": "day SHIFT", "seen": night.name})
    assert "The agency has a group “day SHIFT” already." in page.content.decode()
    client.post(GROUPS, {"group": night.pk, "act": "rename", "name": "Nights", "seen": night.name})
    assert set(OfficerGroup.objects.values_list("name", flat=True)) == {"Day shift", "Nights"}
    client.post(GROUPS, {"group": night.pk, "act": "delete"})
    assert OfficerGroup.objects.get().name == "Day shift"


def test_group_of_another_agency_is_not_there(client, chief, three):
    other = make.agency()
    theirs, _ = groups.save(by=None, agency=other, name="Theirs", officers=[make.officer(other).pk])
    assert client.post(GROUPS, {"group": theirs.pk, "act": "delete"}).status_code == 404
    page = client.post(ENTER, {"step": "copy", "source": f"group-{theirs.pk}", "ends_on": "2026-11-18"})
    assert page.context["copy_form"].errors == {"source": ["Choose a class or a group."]}
    assert client.get(ENTER, {"copy": "C-000999"}).status_code == 404


def test_what_is_ticked_and_pasted_is_saved_as_a_group(client, agency, chief, three):
    page = client.post(
        ENTER,
        {
            "step": "save_group",
            "group_name": "Night shift",
            "officers": [three[0].pk],
            "pasted": "40218",
            "course": "X",
        },
    )
    assert members(OfficerGroup.objects.get()) == ["38120", "40218"]
    assert "Saved as the group “Night shift”." in page.content.decode()
    assert 'value="X"' in page.content.decode()
    page = client.post(ENTER, {"step": "save_group", "group_name": "", "officers": [three[0].pk]})
    assert page.context["copy_form"].errors == {"group_name": ["Give the group a name."]}


def test_a_group_is_ticked_beside_what_is_ticked(client, three, night):
    sent = {"step": "copy", "source": f"group-{night.pk}", "ends_on": "2026-11-18", "officers": [three[2].pk]}
    page = client.post(ENTER, sent)
    assert page.context["form"].ticked == {one.pk for one in three}
    assert not TrainingClass.objects.exists()


def test_officers_of_an_earlier_class_are_taken_over(client, chief, three, held):
    sent = {"step": "copy", "source": f"class-{held.pk}", "ends_on": "2026-11-20", "course": "Typed", "pasted": "40218"}
    page = client.post(ENTER, sent)
    form = page.context["form"]
    assert (form.ticked, form.data["course"], form.data["pasted"]) == (
        {three[0].pk},
        "Typed",
        "40218\n51200 Alma Vance",
    )
    assert page.context["copied"].gone == ["Yates, Leonard"]


@pytest.fixture
def mixed(agency, three, held):
    """The class, with an instructor of the agency and one of elsewhere; one of each did not complete it."""
    elsewhere = make.agency()
    people = {
        "taught": three[1],
        "taught there": make.officer(elsewhere, license_number="51301", name="Grace Instructor"),
        "left": three[2],
        "left there": make.officer(elsewhere, license_number="51302", name="Ward Left"),
    }
    for who in ("taught", "taught there"):
        record = make.record(people[who], held.ends_on, course=held.course, held=held, skill=6)
        type(record).objects.filter(pk=record.pk).update(role="instructor")
    for who in ("left", "left there"):
        NotCompleted.objects.create(officer=people[who], training_class=held)
    return people


def test_who_did_not_complete_the_class_is_not_taken_over_and_who_taught_it_is_named(client, chief, three, held, mixed):
    page = client.post(ENTER, {"step": "copy", "source": f"class-{held.pk}", "ends_on": "2026-11-20"})
    form = page.context["form"]
    assert (form.ticked, form.data["pasted"]) == ({three[0].pk}, "51200 Alma Vance")
    assert page.context["copied"].taught == ["Calloway, Marcus", "Instructor, Grace"]
    assert "because they taught that class: Calloway, Marcus; Instructor, Grace." in page.content.decode()


def test_who_taught_the_class_comes_as_instructor_with_its_course(client, agency, chief, three, held, mixed):
    sent = {"step": "copy", "source": f"class-{held.pk}", "ends_on": "2026-11-20", "with_course": "on"}
    page = client.post(ENTER, sent)
    form = ClassEntryForm(page.context["form"].data, body=agency, today=TODAY)
    assert form.is_valid(), form.errors
    assert {(one.officer.license_number, one.role) for one in form.draft.attendances} == {
        ("38120", "student"), ("51200", "student"), ("40218", "instructor"), ("51301", "instructor")
    }  # fmt: skip
    assert (form.draft.left_out, page.context["copied"].taught) == ((), [])


def test_what_is_said_of_somebody_on_the_page_stays(client, agency, chief, three, held, mixed):
    sent = {"step": "copy", "source": f"class-{held.pk}", "ends_on": "2026-11-20", "with_course": "on"}
    data = client.post(ENTER, sent | {"officers": [three[1].pk]}).context["form"].data
    form = ClassEntryForm(data, body=agency, today=TODAY)
    assert form.is_valid()
    assert {one.officer: one.role for one in form.draft.attendances}[three[1]] == "student"


def test_course_and_hours_come_too_when_asked_for(client, chief, three, held):
    sent = {"step": "copy", "source": f"class-{held.pk}", "ends_on": "2026-11-20", "with_course": "on"}
    data = client.post(ENTER, sent).context["form"].data
    assert (data["course"], data["hours-area-skill"], data["ends_on"]) == ("Winter driving", "6", "2026-11-20")
    begun = client.get(ENTER, {"copy": held.reference}).context["form"].data
    assert (begun["course"], begun["hours-area-skill"], begun["ends_on"]) == ("Winter driving", "6", "2026-11-20")


def test_class_of_a_course_is_begun_in_one_click(client, agency, chief, three):
    course = make.course(agency, "Firearms day", skill=2, skill__firearms=4)
    data = client.get(ENTER, {"course": course.pk}).context["form"].data
    assert (data["course"], data["hours-area-skill"], data["hours-topic-firearms"]) == ("Firearms day", "6", "4")
    assert client.get(ENTER, {"course": make.course(make.agency(), "Else").pk}).status_code == 404


@pytest.mark.parametrize("size", [1, 30])
def test_constant_number_of_statements(client, agency, chief, size, django_assert_num_queries):
    for one in make.roster(agency, size):
        groups.save(by=chief, agency=agency, name=f"Group {one.pk}", officers=[one.pk])
    with django_assert_num_queries(6):
        client.get(GROUPS)
