"""The pages by which a class is entered and checked; what each bad answer says."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from training.models import Course, TrainingClass, TrainingRecord
from training.services import classes
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


@pytest.fixture
def send(client, chief, three):
    """Sends the entry form with good answers; each may be replaced, None leaves it out."""

    def call(step="check", follow=False, **changes):
        answers = {
            "step": step,
            "submission_key": str(uuid.UUID(int=7)),
            "course": "Winter driving",
            "ends_on": "2026-11-18",
            "starts_on": "",
            "delivery": "classroom",
            "hours-area-skill": "6",
            "hours-topic-firearms": "2",
            "officers": [three[0].pk, three[1].pk],
            "pasted": "",
        }
        answers = {key: value for key, value in {**answers, **changes}.items() if value is not None}
        return client.post("/agencies/harlan/classes/enter/", answers, follow=follow)

    return call


def text(response) -> str:
    """The page, with single blanks."""
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    """What the error summary lists."""
    form = response.context["form"]
    from clee_portal.templatetags.look import error_rows  # the summary's own reading

    return [row["text"] for row in error_rows(form, form)]


def test_entry_page_shows_the_roster_of_the_agency(client, chief, three, agency):
    make.officer(make.agency(), name="Somebody Else")
    make.officer(agency, name="Gone Already", until=dt.date(2026, 1, 31))
    page = client.get("/agencies/harlan/classes/enter/")
    assert page.status_code == 200
    assert [row.name for row in page.context["form"].roster] == ["Abbott, Renee", "Calloway, Marcus", "Dwyer, Patrick"]
    assert "Somebody" not in text(page)


def test_entry_page_of_an_agency_without_officers(client, chief):
    assert "No officer was with the agency on November 20, 2026" in text(client.get("/agencies/harlan/classes/enter/"))


@pytest.mark.parametrize("size", [1, 120])
def test_entry_and_check_take_a_constant_number_of_statements(
    client, chief, agency, size, django_assert_num_queries, send
):
    officers = make.roster(agency, size)
    with django_assert_num_queries(11):
        client.get("/agencies/harlan/classes/enter/")
    with django_assert_num_queries(15):
        send(officers=[one.pk for one in officers])


def test_check_page_shows_what_will_be_recorded_and_records_nothing(send):
    page = send()
    assert "6 hours for 2 officers: is this right?" in text(page)
    assert "New: submitted to POST in this step" in text(page)
    assert not TrainingClass.objects.exists()
    assert not Course.objects.exists()


def test_record_leads_to_the_confirmation(send, three):
    page = send("record", follow=True)
    held = TrainingClass.objects.get()
    assert page.redirect_chain == [(f"/classes/{held.reference}/?recorded=1", 302)]
    assert "Recorded: 6 hours for 2 officers." in text(page)
    assert held.reference in text(page)
    credited = TrainingRecord.objects.filter(training_class=held).order_by("officer__search_name")
    assert [one.officer for one in credited] == three[:2]
    lines = {(line.area.code, line.topic and line.topic.code, line.hours) for line in held.lines.all()}
    assert lines == {("skill", None, 4), ("skill", "firearms", 2)}


def test_check_page_carries_everything_to_the_next_step(send, client):
    page = send(starts_on="2026-11-17", place="Range 2", synopsis="Skids")
    carried = dict(page.context["form"].submission)
    assert {name: carried[name] for name in ("course", "starts_on", "place", "synopsis", "hours-area-skill")} == {
        "course": "Winter driving",
        "starts_on": "2026-11-17",
        "place": "Range 2",
        "synopsis": "Skids",
        "hours-area-skill": "6",
    }
    assert f'name="submission_key" value="{uuid.UUID(int=7)}"' in text(page)


def test_chosen_course_brings_its_hours_where_none_are_typed(send, agency):
    course = make.course(agency, "Firearms day", skill=2, skill__firearms=4)
    send("record", course="firearms day", **{"hours-area-skill": "", "hours-topic-firearms": ""})
    held = TrainingClass.objects.get()
    assert held.course == course
    assert {(line.topic and line.topic.code, line.hours) for line in held.lines.all()} == {(None, 2), ("firearms", 4)}


def test_courses_of_one_title_are_told_apart(send, agency):
    first = make.course(agency, "Update")
    second = make.course(agency, "Update")
    send("record", course=f"Update · {first.pk}")
    assert TrainingClass.objects.get().course == first != second


def test_topic_lies_where_it_was_put(send):
    send(
        "record", **{"hours-area-legal": "2", "hours-topic-racial_profiling": "1", "hours-in-racial_profiling": "legal"}
    )
    lines = TrainingClass.objects.get().lines
    assert lines.get(topic__code="racial_profiling").area.code == "legal"


def test_exceptions_are_recorded_person_by_person(send, three):
    page = send(
        "record",
        officers=[one.pk for one in three],
        follow=True,
        **{
            f"person-{three[0].pk}-how": "part",
            f"part-{three[0].pk}-area-skill": "2.5",
            f"person-{three[1].pk}-how": "taught",
            f"person-{three[2].pk}-how": "left",
        },
    )
    assert page.status_code == 200
    records = TrainingRecord.objects.order_by("officer__search_name")
    assert [(one.officer, one.role, one.lines.get(topic=None).hours) for one in records] == [
        (three[0], "student", 2.5),
        (three[1], "instructor", 4),
    ]


def test_part_beyond_the_hours_of_the_class_is_refused(send, three):
    page = send(**{f"person-{three[0].pk}-how": "part", f"part-{three[0].pk}-area-skill": "6.5"})
    assert said(page) == ["Abbott, Renee, Skill Development: 6.5 is more than the class gives of Skill Development, 6."]


def test_exception_unfolds_without_a_script_and_judges_nothing(send, three):
    page = send(unfold=three[0].pk, course="")
    assert said(page) == []
    assert f'id="exception-{three[0].pk}"' in text(page)
    assert f'name="person-{three[0].pk}-how"' in text(page)


def test_exception_fragment_is_only_of_own_officers(client, chief, three):
    url = "/agencies/harlan/classes/enter/?exception="
    stranger = make.officer(make.agency())
    assert "Abbott, Renee" in text(client.get(f"{url}{three[0].pk}"))
    assert client.get(f"{url}{stranger.pk}").status_code == 404
    assert client.get(f"{url}{stranger.pk}&number={stranger.license_number}").status_code == 200
    assert client.get(f"{url}x").status_code == 404


def test_tick_all_and_none_without_a_script(send, three):
    assert send("all").context["roster"].ticked == 3
    assert send("none").context["roster"].ticked == 0


def test_roster_of_another_day(send, agency, three):
    make.officer(agency, name="Leonard Yates", license_number="17755", until=dt.date(2026, 6, 30))
    page = send("roster", ends_on="2026-06-30")
    assert [row.name for row in page.context["form"].roster][-1] == "Yates, Leonard"
    assert page.templates[0].name == "training/_roster.html"


def test_officers_of_another_agency_show_name_and_agency_only(send):
    visitor = make.officer(make.agency(name="Marlow Police"), name="Alma Vance", license_number="51200")
    page = send(pasted="51200")
    assert "Vance, Alma" in text(page)
    assert "51200 · Marlow Police" in text(page)
    send("record", pasted="51200")
    assert TrainingRecord.objects.filter(officer=visitor).count() == 1


ERRORS = [
    ({"course": ""}, "Course: Choose a course of the agency, or type the title of a new one."),
    ({"ends_on": ""}, "Completed on: Give the day the class was completed."),
    ({"ends_on": "someday"}, "Completed on: This is not a date."),
    (
        {"ends_on": "2026-11-21"},
        "Completed on: November 21, 2026 is in the future. Enter the class once it was completed.",
    ),
    ({"starts_on": "2026-11-19"}, "First day: The first day is after the day it was completed."),
    ({"hours-area-skill": "-1"}, "Hours, Skill Development: Hours cannot be negative."),
    (
        {"hours-area-skill": "6.125"},
        "Hours, Skill Development: 6.125 has more than two decimals. Round it to hundredths of an hour.",
    ),
    ({"hours-area-skill": "six"}, "Hours, Skill Development: “six” is not a number of hours. Write it like 1.5."),
    (
        {"hours-area-skill": "24.5"},
        "Hours, in all: 24.5 hours is more than 1 day holds. Check the hours and the dates.",
    ),
    (
        {"hours-topic-firearms": "7"},
        "Hours, Skill Development: The topics inside Skill Development come to 7 hours, but Skill Development has only "
        "6. Topics lie inside the hours of their area, never on top.",
    ),
    (
        {"hours-area-skill": "", "hours-topic-firearms": ""},
        "Hours, in all: Give the hours of at least one area.",
    ),
    ({"officers": []}, "Who completed it: Tick at least one officer who completed the class."),
    (
        {"officers": ["999999999"]},
        "Who completed it: Somebody ticked is not of this agency. Look through the ticks and send it again.",
    ),
]


@pytest.mark.parametrize(("changes", "message"), ERRORS, ids=[message[:40] for _, message in ERRORS])
def test_bad_answer_is_named_at_its_field_and_nothing_is_lost(send, changes, message):
    page = send("record", **changes)
    assert page.status_code == 200
    assert message in said(page)
    assert not TrainingClass.objects.exists()
    if "course" not in changes:
        assert 'value="Winter driving"' in text(page)
    if "officers" not in changes:
        assert page.context["roster"].ticked == 2


def test_one_bad_answer_is_one_message(send):
    assert len(said(send(**{"hours-area-skill": "-1"}))) == 1
    assert len(said(send(course=""))) == 1


def test_officer_of_no_commission_that_day_stays_shown_with_the_tick(send, agency):
    left = make.officer(agency, name="Leonard Yates", license_number="17755", until=dt.date(2026, 6, 30))
    page = send(officers=[left.pk])
    assert said(page) == [
        "Who completed it: Yates, Leonard (17755) was not commissioned at Harlan County Sheriff on November 18, "
        "2026. Take the tick away; if they attended as another agency’s officer, give the license number below the "
        "list."
    ]
    assert "not with the agency that day" in text(page)


def test_license_problems_are_named_by_officer(send, agency, three):
    new = make.officer(
        agency, name="Dana Whitlock", license_number="70555", issued_on=dt.date(2026, 11, 19), since=make.LONG_AGO
    )
    make.license_event(three[0], "revoked", dt.date(2026, 5, 4))
    page = send(officers=[three[0].pk, new.pk])
    assert sorted(said(page)) == [
        "Who completed it: Abbott, Renee (38120): the license was revoked on May 4, 2026, and the class was "
        "completed on November 18, 2026. Nothing can be credited. Take this officer out, or call POST.",
        "Who completed it: Whitlock, Dana (70555): the license was issued on November 19, 2026, after the class. "
        "Nothing can be credited before it.",
    ]


def test_refused_course_cannot_be_used(send, agency):
    make.course(agency, "Old course", refused_on=dt.date(2026, 3, 2))
    assert said(send(course="Old course"))[0].startswith("Course: POST refused “Old course” on March 2, 2026")


def test_same_form_twice_leads_to_the_first_confirmation(send):
    send("record")
    page = send("record", follow=True)
    held = TrainingClass.objects.get()
    assert page.redirect_chain == [(f"/classes/{held.reference}/", 302)]
    assert f"recorded already, as {held.reference}. It was not recorded twice." in text(page)


def test_form_changed_after_it_was_recorded_keeps_what_was_typed(send, three):
    send("record")
    held = TrainingClass.objects.get()
    page = send("record", officers=[three[2].pk])
    assert TrainingClass.objects.count() == 1
    assert "This form was recorded already, as" in text(page)
    assert reverse("training:class_correct", args=[held.reference]) in text(page)
    assert page.context["roster"].ticked == 1
    assert page.context["form"].submission_key != held.submission_key


def test_warnings_on_the_check_page(send, agency):
    make.course(agency, "Winter driving I")
    page = send(ends_on="2025-12-30", **{"hours-area-skill": "12.5"})
    assert "12.5 hours is more than 12 hours a day" in text(page)
    assert "completed in 2025. Its hours count in the 2025 reporting period" in text(page)
    assert "The agency has a course “Winter driving I”" in text(page)


def test_duplicates_are_shown_side_by_side(send, three):
    send("record")
    held = TrainingClass.objects.get()
    page = send(submission_key=str(uuid.uuid4()))
    assert "2 officers already have a record of this class" in text(page)
    assert held.reference in text(page)


def test_duplicate_of_a_visitor_shows_nothing_of_their_record(send):
    elsewhere = make.agency()
    visitor = make.officer(elsewhere, name="Alma Vance", license_number="51200")
    other = make.record(visitor, DAY, course=make.course(elsewhere, "Winter driving"), skill=6)
    page = send(pasted="51200", officers=[])
    assert "1 officer already has a record of this class" in text(page)
    assert "by another agency or provider" in text(page)
    assert other.training_class.reference not in text(page)


def test_repeat_of_the_course_is_announced(send):
    send("record")
    page = send(submission_key=str(uuid.uuid4()), ends_on="2026-11-19")
    assert "2 officers have credit for this course in 2026" in text(page)
    assert "6 hours for 2 officers, not counted for 2: is this right?" in text(page)


def test_confirmation_says_when_nothing_is_counted(send):
    send("record")
    page = send("record", submission_key=str(uuid.uuid4()), follow=True)
    assert "Recorded, but not counted: 2 officers have this credit already." in text(page)


def test_form_of_a_class_that_was_undone_is_offered_as_a_new_one(send, chief):
    send("record")
    held = TrainingClass.objects.get()
    classes.void(by=chief, training_class=held, reason="Entered for the wrong day")
    page = send("record")
    assert f"{held.reference}, recorded from this form, was undone." in text(page)
    assert 'value="Winter driving"' in page.content.decode()
    assert TrainingClass.objects.count() == 1
