"""The page on which who completed a class is confirmed, and the pages of what is held."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training.models import AttendanceMark, HeldClass, ProviderLicense, TrainingClass
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)


def at(hour: int, minute: int = 0) -> dt.datetime:
    """A time of that day in Missouri."""
    return dt.datetime.combine(DAY, dt.time(hour, minute), clock.CHICAGO)


@pytest.fixture(autouse=True)
def _one_o_clock():
    with time_machine.travel(at(13), tick=False):
        yield


@pytest.fixture
def academy():
    return make.provider("Boone Academy")


@pytest.fixture
def held(academy):
    """A class of one morning, 8 to noon."""
    return make.scheduled_class(make.provider_course(academy, "Winter driving", skill=4), at(8))


@pytest.fixture
def seats(held):
    """One who was there, one who left at ten, one who did not come."""
    meeting, made = held.meetings.get(), []
    for name, leaves in (("Dana Abbott", at(12)), ("Marcus Boyd", at(10)), ("Alma Cole", None)):
        seat = make.registration(held, make.officer(name=name))
        if leaves:
            for kind, moment in (("in", at(8)), ("out", leaves)):
                AttendanceMark.objects.create(registration=seat, meeting=meeting, kind=kind, at=moment)
        made.append(seat)
    return made


@pytest.fixture
def staff(client, academy):
    user = make.provider_staff(academy)
    client.force_login(user)
    return user


def url(held, name="class_confirm") -> str:
    return reverse(f"training:{name}", args=[held.reference])


def fields_of(page: str) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    form = re.search(r'<form [^>]*id="confirm".*?</form>', page, re.S)[0]
    sent = {}
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        sent[name] = chosen[1]
    for tag in re.findall(r'<input type="text"[^>]*>', form):
        value = re.search(r'value="([^"]*)"', tag)
        sent[re.search(r'name="([^"]+)"', tag)[1]] = value[1] if value else ""
    return sent


def credit(training_class) -> dict[str, Decimal]:
    """Last name -> credit of everyone in the class."""
    records = training_class.records.live().select_related("officer")
    return {one.officer.last_name: sum(line.hours for line in one.lines.all()) for one in records}


def test_the_page_stands_as_the_door_suggests_and_is_confirmed_in_one_act(client, held, seats, staff):
    page = client.get(url(held)).content.decode()
    sent = fields_of(page)
    how = [sent[f"person-{one.officer_id}-how"] for one in seats]
    assert how == ["all", "part", "absent"]
    assert sent[f"part-{seats[1].officer_id}-area-skill"] == "2"
    assert "Left at 10:00 AM." in page
    assert "1 completed it, 1 a part, 0 did not complete it, 1 did not come." in page
    response = client.post(url(held), sent | {"step": "confirm"}, follow=True)
    made = TrainingClass.objects.get()
    assert response.redirect_chain == [(reverse("training:class_detail", args=[made.reference]) + "?recorded=1", 302)]
    assert credit(made) == {"Abbott": Decimal(4), "Boyd": Decimal(2)}
    assert not made.not_completed.exists()
    again = client.post(url(held), sent | {"step": "confirm"}, follow=True).content.decode()
    assert f"This class was confirmed already, as {made.reference}." in again
    assert client.get(url(held)).url == reverse("training:class_detail", args=[made.reference])


def test_each_person_can_be_changed_and_others_added_by_number(client, held, seats, staff):
    teacher, late = make.officer(name="Ivy Teach"), make.officer(name="Ned Late")
    sent = fields_of(client.get(url(held)).content.decode())
    sent |= {
        f"person-{seats[0].officer_id}-how": "left",
        f"part-{seats[1].officer_id}-area-skill": "1.5",
        f"person-{seats[2].officer_id}-how": "all",
        "instructors": f"{teacher.license_number}, {seats[0].officer.license_number}",
        "added": f" {late.license_number} ",
        "step": "confirm",
    }
    client.post(url(held), sent)
    made = TrainingClass.objects.get()
    assert credit(made) == {
        "Abbott": Decimal(4), "Boyd": Decimal("1.5"), "Cole": Decimal(4), "Teach": Decimal(4), "Late": Decimal(4)
    }  # fmt: skip
    assert {one.officer.last_name for one in made.records.filter(role="instructor")} == {"Teach", "Abbott"}


def test_not_completed_is_kept_without_credit(client, held, seats, staff):
    sent = fields_of(client.get(url(held)).content.decode())
    client.post(url(held), sent | {f"person-{seats[1].officer_id}-how": "left", "step": "confirm"})
    made = TrainingClass.objects.get()
    assert [one.officer for one in made.not_completed.all()] == [seats[1].officer]
    assert credit(made) == {"Abbott": Decimal(4)}


def test_where_nobody_was_marked_nobody_is_suggested(client, held, staff):
    seat = make.registration(held, make.officer())
    page = client.get(url(held)).content.decode()
    assert "Nobody was marked at the door" in page
    assert fields_of(page)[f"person-{seat.officer_id}-how"] == "absent"
    sent = fields_of(client.post(url(held), {"step": "all"}).content.decode())
    assert sent[f"person-{seat.officer_id}-how"] == "all"
    assert not TrainingClass.objects.exists()


def test_more_hours_than_the_class_gives_are_refused_at_their_field(client, held, seats, staff):
    sent = fields_of(client.get(url(held)).content.decode())
    sent |= {f"part-{seats[1].officer_id}-area-skill": "4.5", "step": "confirm"}
    page = client.post(url(held), sent).content.decode()
    assert "4.5 is more than the class gives of Skill Development, 4." in page
    assert fields_of(page)[f"part-{seats[1].officer_id}-area-skill"] == "4.5"
    assert not TrainingClass.objects.exists()


def test_unknown_numbers_are_said_at_their_field_and_nothing_typed_is_lost(client, held, seats, staff):
    sent = fields_of(client.get(url(held)).content.decode()) | {"instructors": "777", "step": "confirm"}
    page = client.post(url(held), sent).content.decode()
    assert "No officer has the license number 777." in page
    assert fields_of(page)["instructors"] == "777"


def test_whoever_came_to_the_list_meanwhile_is_looked_at_first(client, held, seats, staff):
    sent = fields_of(client.get(url(held)).content.decode())
    late = make.registration(held, make.officer(name="Zoe Late"))
    page = client.post(url(held), sent | {"step": "confirm"}).content.decode()
    assert f"{late.officer.sorted_name} was added to the list since this page was opened." in page
    assert not TrainingClass.objects.exists()


def test_own_hours_unfold_without_a_script_and_with_one(client, held, seats, staff):
    pk = seats[0].officer_id
    sent = fields_of(client.get(url(held)).content.decode())
    unfolded = fields_of(client.post(url(held), sent | {"unfold": str(pk)}).content.decode())
    assert (unfolded[f"person-{pk}-how"], unfolded[f"part-{pk}-area-skill"]) == ("part", "4")
    part = client.get(url(held), {"exception": pk}).content.decode()
    assert f'name="part-{pk}-area-skill" value="4"' in part
    stranger = make.officer()
    assert client.get(url(held), {"exception": stranger.pk}).status_code == 404
    assert client.get(url(held), {"exception": "x"}).status_code == 404
    named = {"exception": stranger.pk, "number": stranger.license_number}
    assert client.get(url(held), named).status_code == 200


def test_before_its_end_there_is_no_act(client, held, seats, staff):
    with time_machine.travel(at(11), tick=False):
        page = client.get(url(held)).content.decode()
        assert "The class ends on November 18, 2026 at 12:00 PM." in page
        assert "Confirm and give credit" not in page
        client.post(url(held), fields_of(page) | {"step": "confirm"})
    assert not TrainingClass.objects.exists()


def test_whoever_has_the_class_already_is_marked(client, academy, held, seats, staff):
    make.record(seats[0].officer, DAY, course=held.course, skill=4)
    assert "Has this class already" in client.get(url(held)).content.decode()


def test_a_hundred_people_take_as_many_statements_as_one(client, held, staff):
    counts = []
    for size in (1, 99):
        held.capacity += size
        held.save(update_fields=["capacity"])
        meeting = held.meetings.get()
        for one in make.roster(make.agency(), size, first_number=60000 + size * 1000):
            seat = make.registration(held, one)
            AttendanceMark.objects.create(registration=seat, meeting=meeting, kind="in", at=at(9))
        with CaptureQueriesContext(connection) as captured:
            client.get(url(held))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_what_is_held_is_shown_to_provider_and_post_and_released_by_post(client, held, seats, staff):
    ProviderLicense.objects.update(standing="suspended")
    page = client.get(url(held)).content.decode()
    assert "Confirm; credit is held" in page
    client.post(url(held), fields_of(page) | {"step": "confirm"})
    kept = HeldClass.objects.get()
    detail = client.get(url(kept, "held_class")).content.decode()
    assert "Held, no credit yet" in detail
    assert "Release it" not in detail
    assert client.get(url(held)).url == url(kept, "held_class")
    own = reverse("training:provider_held_class_list", args=[held.provider.pk])
    assert "Winter driving" in client.get(own).content.decode()
    assert client.post(url(kept, "held_class")).status_code == 403
    client.force_login(make.provider_staff(make.provider()))
    assert client.get(url(kept, "held_class")).status_code == 404
    assert client.get(own).status_code == 404
    assert client.get(reverse("training:held_class_list")).status_code == 403


def test_what_is_held_is_dropped_with_a_reason_and_confirmed_anew(client, held, seats, staff):
    ProviderLicense.objects.update(standing="suspended")
    client.post(url(held), fields_of(client.get(url(held)).content.decode()) | {"step": "confirm"})
    kept = HeldClass.objects.get()
    assert "Say why it is dropped." in client.post(url(kept, "held_class_drop"), {"reason": " "}).content.decode()
    response = client.post(url(kept, "held_class_drop"), {"reason": "Wrong list"})
    assert response.url == url(held)
    assert client.get(url(held)).status_code == 200
    assert "Dropped" in client.get(url(kept, "held_class")).content.decode()
