"""The pages of a provider's catalogue and calendar, as its staff use them."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training.models import Course, ProviderLicense, ScheduledClass
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.provider("Academy of the Ozarks")


@pytest.fixture
def staff(school, client):
    user = factories.provider_staff(school)
    client.force_login(user)
    return user


@pytest.fixture
def course(school):
    return factories.provider_course(
        school, "Traffic stops", more={"administrator": "Dana Whitlock", "synopsis": "Stops."}, legal=2, skill=2
    )


def day(days: int = 30) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def at(name: str, *args) -> str:
    return reverse(f"training:{name}", args=args)


def saved(client, path: str, data: dict, **more):
    """Sent from the page as it stands."""
    return client.post(path, data | {"seen": client.get(path).context["seen"]}, **more)


def planned_data(course: Course, **more) -> dict:
    data = {
        "course": course.pk, "each": "", "key": str(uuid.uuid4()), "meet-rows": "1",
        "meet-0-day": day().isoformat(), "meet-0-begins": "18:00", "meet-0-ends": "22:00",
        "site-rows": "1", "site-0-place": "Main hall", "site-0-zip_code": "65201", "site-0-capacity": "20",
        "delivery": "classroom", "administrator": "Dana Whitlock", "cancel_hours": "24", "offer_hours": "24",
        "step": "draft",
    }  # fmt: skip
    return data | more


def test_a_class_is_planned_published_moved_and_called_off(client, school, staff, course):
    plan = at("provider_calendar_plan", school.pk)
    page = client.get(f"{plan}?course={course.pk}")
    assert page.context["terms"]["administrator"].value() == "Dana Whitlock"
    response = client.post(plan, planned_data(course))
    held = ScheduledClass.objects.get()
    assert response["Location"] == at("scheduled_class", held.reference)
    assert "is a draft" in client.get(response["Location"]).text
    client.post(at("scheduled_class", held.reference), {"step": "publish"})
    held.refresh_from_db()
    assert held.state == "published"
    move = at("scheduled_move", held.reference)
    page = client.get(move)
    data = {
        "seen": page.context["seen"], "step": "move",
        "meet-rows": "1", "meet-0-day": day(31).isoformat(), "meet-0-begins": "08:00",
        "meet-0-ends": "12:00", "place": "Annex", "zip_code": "63101",
    }  # fmt: skip
    assert page.context["meetings"].forms[0]["begins"].value() == "18:00"
    assert client.post(move, data)["Location"] == at("scheduled_class", held.reference)
    held.refresh_from_db()
    assert (held.sequence, held.city, clock.day_of(held.begins_at)) == (1, "Saint Louis", day(31))
    assert client.post(at("scheduled_call_off", held.reference), {"reason": ""}).status_code == 200
    client.post(at("scheduled_call_off", held.reference), {"reason": "Too few people"})
    assert "was called off" in client.get(at("scheduled_class", held.reference)).text
    listed = client.get(f"{at('provider_calendar', school.pk)}?show=called-off")
    assert [one.called_off_because for one in listed.context["object_list"]] == ["Too few people"]


@pytest.mark.parametrize("last", ["9999-12-31", "9999-12-18", "0001-01-01", "soon"])
def test_evenings_past_the_end_of_the_calendar_are_not_filled_in(client, school, staff, course, last):
    more = {"step": "weekly", "meet-weeks": "3", "meet-0-day": last}
    page = client.post(reverse("training:provider_calendar_plan", args=[school.pk]), planned_data(course, **more))
    assert page.status_code == 200
    assert page.context["meetings"].forms[0]["day"].value() == last


def test_several_evenings_and_places_are_filled_in_and_planned(client, school, staff, course):
    plan = at("provider_calendar_plan", school.pk)
    page = client.post(plan, planned_data(course, **{"step": "weekly", "meet-weeks": "3"}))
    rows = [(str(one["day"].value()), one["begins"].value()) for one in page.context["meetings"].forms]
    assert rows == [(day(30 + 7 * week).isoformat(), "18:00") for week in range(3)]
    page = client.post(plan, planned_data(course, step="more"))
    assert [one["begins"].value() for one in page.context["meetings"].forms] == ["18:00", "18:00"]
    page = client.post(plan, planned_data(course, step="site"))
    assert [one["place"].value() for one in page.context["sites"].forms] == ["Main hall", ""]
    assert not ScheduledClass.objects.exists()
    more = {
        "meet-rows": "2", "meet-1-day": day(37).isoformat(), "meet-1-begins": "18:00", "meet-1-ends": "22:00",
        "site-rows": "2", "site-1-place": "Annex", "site-1-zip_code": "63101", "site-1-capacity": "12",
        "step": "publish",
    }  # fmt: skip
    client.post(plan, planned_data(course, **more))
    made = list(ScheduledClass.objects.order_by("pk"))
    assert [(one.city, one.state, one.meetings.count()) for one in made] == [
        ("Columbia", "published", 2),
        ("Saint Louis", "published", 2),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"meet-0-day": "2027-03-14", "meet-0-begins": "02:30"}, "2:30 AM does not exist"),
        ({"meet-0-day": "2027-11-07", "meet-0-begins": "01:30"}, "comes twice"),
        ({"meet-0-begins": "18:00", "meet-0-ends": "17:00"}, "is 23 hours"),
        ({"meet-0-day": ""}, "give the date"),
        ({"meet-0-ends": "late"}, "is not a time"),
        ({"site-0-zip_code": "65999"}, "knows no ZIP code 65999"),
        ({"site-0-capacity": "0"}, "Give the number of seats"),
        ({"administrator": ""}, "Name the course administrator."),
        ({"fee": "a lot"}, "number of dollars"),
        ({"course": ""}, "Choose the course."),
        ({"note": "x" * 2001}, "2001 characters"),
        ({"meet-0-day": "", "meet-0-begins": "", "meet-0-ends": ""}, "Say when the class meets"),
    ],
)
def test_what_cannot_be_planned_is_said_and_nothing_typed_is_lost(client, school, staff, course, change, words):
    data = planned_data(course) | {"directions": "Ring twice"} | change
    page = client.post(at("provider_calendar_plan", school.pk), data)
    assert page.status_code == 200
    summary = re.search(r'class="error-summary".*?</div>', page.text, re.S)[0]
    assert words in summary
    assert page.context["terms"]["directions"].value() == "Ring twice"
    assert not ScheduledClass.objects.exists()


def test_the_hour_that_comes_twice_is_chosen(client, school, staff, course):
    plan = at("provider_calendar_plan", school.pk)
    data = planned_data(course, **{"meet-0-day": "2027-11-07", "meet-0-begins": "01:30", "meet-0-ends": "05:00"})
    page = client.post(plan, data)
    assert 'name="meet-0-which"' in page.text
    client.post(plan, data | {"meet-0-which": "second"})
    assert ScheduledClass.objects.get().begins_at == dt.datetime(2027, 11, 7, 7, 30, tzinfo=dt.UTC)


def test_a_copy_has_everything_but_the_dates(client, school, staff, course):
    held = factories.scheduled_class(course, capacity=7, place="Annex", note="Bring a vest", fee=12)
    response = client.get(at("scheduled_copy", held.reference), follow=True)
    assert response.context["sites"].forms[0]["capacity"].value() == 7
    assert response.context["terms"]["note"].value() == "Bring a vest"
    assert response.context["terms"]["fee"].value() == "12"
    assert response.context["meetings"].forms[0].is_blank
    assert response.context["head"]["course"].value() == course.pk


def test_edited_for_the_whole_series_with_what_is_refused_said(client, school, staff, course):
    client.post(
        at("provider_calendar_plan", school.pk),
        planned_data(
            course,
            **{
                "each": "each", "step": "publish", "meet-rows": "2", "meet-1-day": day(37).isoformat(),
                "meet-1-begins": "18:00", "meet-1-ends": "22:00",
            },
        ),
    )  # fmt: skip
    first, second = ScheduledClass.objects.order_by("begins_at")
    for _ in range(3):
        factories.registration(second, factories.officer(factories.agency()))
    data = {
        "capacity": "2", "delivery": "classroom", "administrator": "Ada Long", "cancel_hours": "48",
        "offer_hours": "24", "others": [second.pk],
    }  # fmt: skip
    page = saved(client, at("scheduled_edit", first.reference), data, follow=True)
    assert "3 seats are taken" in page.text
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.capacity, first.administrator, first.cancel_hours) == (2, "Ada Long", 48)
    assert (second.capacity, second.administrator) == (20, "Dana Whitlock")


def test_capacity_below_the_seats_taken_is_refused_at_its_field(client, school, staff, course):
    held = factories.scheduled_class(course, administrator="Dana")
    factories.registration(held, factories.officer(factories.agency()))
    factories.registration(held, factories.officer(factories.agency()))
    data = {
        "capacity": "1",
        "delivery": "classroom",
        "administrator": "Dana",
        "cancel_hours": "24",
        "offer_hours": "24",
    }
    page = saved(client, at("scheduled_edit", held.reference), data)
    assert page.status_code == 200
    assert "Give at least 2" in page.context["capacity"].errors["capacity"][0]


def test_classes_that_a_suspension_touches_are_seen(client, school, staff, course):
    held = factories.scheduled_class(course)
    factories.scheduled_class(course, dt.datetime.combine(day(5), dt.time(8), clock.CHICAGO))
    license = school.licenses.get()
    license.valid_until = day(10)
    license.save()
    ProviderLicense.objects.create(provider=school, number="P-7", standing="suspended", valid_from=day(11))
    page = client.get(at("provider_calendar", school.pk))
    assert [one.pk for one in page.context["touched"]] == [held.pk]
    assert "License P-7 is suspended" in page.text
    assert "gives no hours" in client.get(at("scheduled_class", held.reference)).text


def test_several_are_acted_on_from_the_list(client, school, staff, course):
    drafts = [factories.scheduled_class(course, state="draft", administrator="Dana") for _ in range(3)]
    address = at("provider_calendar", school.pk)
    client.post(address, {"step": "publish", "class": [drafts[0].pk, drafts[1].pk], "show": "drafts"})
    client.post(address, {"step": "discard", "class": [drafts[2].pk], "show": "drafts"})
    assert sorted(ScheduledClass.objects.values_list("state", flat=True)) == ["published", "published"]
    page = client.post(address, {"step": "call-off", "class": [drafts[0].pk], "reason": ""}, follow=True)
    assert "Say why" in page.text
    page = client.post(address, {"step": "call-off", "class": [drafts[0].pk], "reason": "Snow"}, follow=True)
    assert ScheduledClass.objects.get(pk=drafts[0].pk).called_off_because == "Snow"
    foreign = factories.scheduled_class(factories.provider_course(factories.provider()))
    client.post(address, {"step": "call-off", "class": [foreign.pk], "reason": "Snow"})
    foreign.refresh_from_db()
    assert foreign.state == "published"


def test_the_list_asks_as_many_statements_for_one_as_for_twenty(client, school, staff, course):
    address = at("provider_calendar", school.pk)
    factories.scheduled_class(course)
    client.get(address)
    counts = []
    for more in (0, 19):
        for _ in range(more):
            factories.scheduled_class(factories.provider_course(school))
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_list_files_hold_the_classes(client, school, staff, course):
    held = factories.scheduled_class(course)
    text = b"".join(client.get(f"{at('provider_calendar', school.pk)}classes.csv").streaming_content).decode()
    assert held.reference in text
    assert "Traffic stops" in text
    assert client.get(f"{at('provider_courses', school.pk)}courses.xlsx").status_code == 200


def course_data(**more) -> dict:
    data = {
        "title": "Interviews", "synopsis": "How to ask.", "delivery": "classroom", "administrator": "Dana Whitlock",
        "fee": "45", "hours-area-interpersonal": "4", "hours-topic-implicit_bias": "1",
        "hours-in-implicit_bias": "interpersonal",
    }  # fmt: skip
    return data | more


def test_a_course_is_made_changed_and_withdrawn(client, school, staff):
    client.post(at("provider_course_add", school.pk), course_data())
    made = Course.objects.get(title="Interviews")
    lines = made.lines.order_by("topic").values_list("area__code", "topic__code", "hours")
    assert sorted((area, topic or "", str(hours)) for area, topic, hours in lines) == [
        ("interpersonal", "", "3.00"),
        ("interpersonal", "implicit_bias", "1.00"),
    ]
    edit = at("catalogue_course_edit", made.pk)
    assert client.get(edit).context["hours_form"]["area-interpersonal"].value() == "4"
    saved(client, edit, course_data(fee="50"))
    made.refresh_from_db()
    assert (str(made.fee), Course.objects.filter(provider=school).count()) == ("50.00", 1)
    client.post(at("catalogue_course", made.pk), {"step": "withdraw"})
    assert list(client.get(at("provider_courses", school.pk)).context["object_list"]) == []
    assert [
        one.pk for one in client.get(f"{at('provider_courses', school.pk)}?show=withdrawn").context["object_list"]
    ] == [made.pk]
    client.post(at("catalogue_course", made.pk), {"step": "back"})
    assert Course.objects.current().filter(pk=made.pk).exists()


def test_a_used_course_gets_a_new_version_that_ticked_classes_take_over(client, school, staff, course):
    kept, taken = factories.scheduled_class(course), factories.scheduled_class(course)
    data = course_data(title="Traffic stops", **{"hours-area-interpersonal": "6", "others": [taken.pk]})
    response = saved(client, at("catalogue_course_edit", course.pk), data)
    newer = course.replaced_by.get()
    assert response["Location"] == at("catalogue_course", newer.pk)
    kept.refresh_from_db(), taken.refresh_from_db()
    assert (kept.course, taken.course) == (course, newer)
    assert [sum(one.hours for one in held.lines.all()) for held in (kept, taken)] == [4, 6]
    assert (kept.sequence, taken.sequence) == (0, 1)
    assert "newer version" in client.get(at("scheduled_class", kept.reference)).text
    assert [one.pk for one in client.get(at("provider_courses", school.pk)).context["object_list"]] == [newer.pk]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "x" * 201}, "201 characters"),
        ({"title": "  "}, "Give the course a title."),
        ({"synopsis": ""}, "Say what is taught"),
        ({"hours-area-interpersonal": "", "hours-topic-implicit_bias": ""}, "hours of at least one area"),
        ({"hours-topic-implicit_bias": "5"}, "never on top"),
        ({"title": "traffic STOPS"}, "in the catalogue already"),
        ({"fee": "-1"}, "cannot be negative"),
        ({"underwrites": "Nowhere Police"}, "No agency is called “Nowhere Police”"),
    ],
)
def test_a_course_that_cannot_be_is_said_with_what_to_mend(client, school, staff, course, change, words):
    page = client.post(at("provider_course_add", school.pk), course_data(**change))
    assert page.status_code == 200
    assert words in page.text
    assert Course.objects.count() == 1


def test_staff_land_on_their_calendar(client, school, staff):
    page = client.get("/")
    assert page.context["workplaces"][0].url == at("provider_calendar", school.pk)
    entries = [(one.label, one.url) for one in client.get(at("provider_calendar", school.pk)).context["navigation"]]
    assert entries[0] == ("Calendar", at("provider_calendar", school.pk))


def test_an_underwritten_course_names_its_agency_by_name_or_code(client, school, staff):
    agency = factories.agency("cedar", "Cedar Hollow Police")
    for title, typed in (("One", "CEDAR"), ("Two", "cedar hollow police")):
        client.post(at("provider_course_add", school.pk), course_data(title=title, underwrites=typed))
        assert Course.objects.get(title=title).underwrites == agency
