"""A provider's own view: seats, no-shows, evaluation from five answers on, credit still owed, license and duties."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clee_portal import clock
from training import provider_overview, seats_plot
from training.models import (
    AttendanceMark,
    Certificate,
    ClassEvaluation,
    Course,
    NotCompleted,
    Provider,
    ProviderLicense,
    ScheduledClass,
)
from training.provider_duties import duties
from training.provider_standing import licenses_of
from training.tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = clock.today()
# Last year, so that everything is over whatever the day is.
YEAR = TODAY.year - 1
SPAN = (dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31))


@pytest.fixture
def academy():
    return make.provider("Lakeland Academy", address="1 Main Street\nColumbia, MO 65201")


def held(provider, month: int, *, confirmed: bool = True, course=None, day: int = 10, **more) -> ScheduledClass:
    """A class of a day of last year, with its credit recorded unless it is not confirmed."""
    begins_at = dt.datetime(YEAR, month, day, 8, tzinfo=clock.CHICAGO)
    made = make.scheduled_class(course or make.provider_course(provider), begins_at, **more)
    if confirmed:
        first = make.record(make.officer(), dt.date(YEAR, month, day), course=made.course)
        ScheduledClass.objects.filter(pk=made.pk).update(training_class=first.training_class)
        made.refresh_from_db()
    return made


def evaluated(one: ScheduledClass, *grades: int, comment: str = "") -> None:
    for grade in grades:
        ClassEvaluation.objects.create(
            scheduled_class=one, content=grade, instruction=grade, usefulness=grade, comment=comment
        )


def looked(provider, course=None):
    return provider_overview.held(provider_overview.classes_of(provider, *SPAN, course), clock.now())


def test_no_show_had_a_seat_and_is_nowhere_after_the_class_was_confirmed(academy):
    one = held(academy, 3)
    stayed_away, credited, left, came, gave_back, waits = (make.officer() for _ in range(6))
    for officer in (stayed_away, credited, left, came):
        make.registration(one, officer)
    make.registration(one, gave_back, state="cancelled", ended_at=clock.now(), was_late=True)
    make.registration(one, waits, state="waiting")
    make.record(credited, dt.date(YEAR, 3, 10), course=one.course, held=one.training_class)
    NotCompleted.objects.create(officer=left, training_class=one.training_class)
    AttendanceMark.objects.create(registration=one.registrations.get(officer=came), kind="in", at=one.begins_at)
    (found,) = looked(academy)
    assert (found.no_shows, found.uncredited, found.late, found.waiting) == (1, 1, 1, 1)
    assert (found.scheduled.seats_taken, found.share, found.hours) == (4, 20, 4)


def test_nobody_is_a_no_show_of_a_class_that_is_not_confirmed(academy):
    one = held(academy, 3, confirmed=False)
    make.registration(one, make.officer())
    (found,) = looked(academy)
    assert (found.no_shows, found.uncredited, found.is_over, found.is_confirmed) == (0, 0, True, False)


def test_mark_that_was_taken_back_does_not_say_that_somebody_came(academy):
    one = held(academy, 3)
    seat = make.registration(one, make.officer())
    mark = AttendanceMark.objects.create(registration=seat, kind="in", at=one.begins_at)
    AttendanceMark.objects.filter(pk=mark.pk).update(
        voided_at=clock.now() + dt.timedelta(1), void_reason="Wrong person"
    )
    (found,) = looked(academy)
    assert (found.no_shows, found.uncredited) == (1, 0)


def test_drafts_called_off_classes_other_years_and_other_providers_are_left_out(academy):
    one = held(academy, 3)
    held(academy, 4, confirmed=False, state="draft")
    off = held(academy, 5, confirmed=False)
    ScheduledClass.objects.filter(pk=off.pk).update(
        state="called_off", called_off_at=clock.now(), called_off_because="Snow"
    )
    make.scheduled_class(make.provider_course(academy))
    held(make.provider(), 3)
    assert [each.scheduled for each in looked(academy)] == [one]


@pytest.mark.parametrize(("answers", "is_shown"), [(4, False), (5, True)])
def test_what_people_thought_is_shown_from_five_answers_on(academy, answers, is_shown):
    one = held(academy, 3)
    evaluated(one, *[4] * answers, comment="Good range day")
    (found,) = looked(academy)
    assert (found.grades.answers, found.grades.is_shown) == (answers, is_shown)
    assert found.grades.overall == (4.0 if is_shown else None)
    assert provider_overview.comments([found]) == ([(found, ["Good range day"] * 5)] if is_shown else [])


def test_answers_of_a_class_with_too_few_are_in_no_average(academy):
    """Else the fifth could be worked out from the average of all and that of a class."""
    course = make.provider_course(academy)
    many, few = held(academy, 3, course=course), held(academy, 4, course=course)
    evaluated(many, 5, 5, 4, 4, 4)
    evaluated(few, 1)
    whole = provider_overview.together(looked(academy))
    assert (whole.grades.answers, round(whole.grades.content, 6)) == (6, 4.4)
    (row,) = provider_overview.by_course(looked(academy))
    assert row.whole.grades == whole.grades


def test_courses_stand_with_the_least_filled_first(academy):
    full, empty = held(academy, 3, capacity=1), held(academy, 4, capacity=4)
    make.registration(full, make.officer())
    make.registration(empty, make.officer())
    rows = provider_overview.by_course(looked(academy))
    assert [(row.course, row.whole.share) for row in rows] == [(empty.course, 25), (full.course, 100)]


def test_chart_has_a_column_for_each_month_and_by_years_where_they_are_too_many(academy):
    one = held(academy, 3, capacity=10)
    make.registration(one, make.officer())
    make.registration(one, make.officer(), state="waiting")
    found = looked(academy)
    columns = seats_plot.columns(found, *SPAN)
    assert [(each.label, each.classes) for each in columns] == [
        (label, int(label == "Mar"))
        for label in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    ]
    assert columns[2] == ("Mar", 1, 10, 1, 1)
    plot = seats_plot.plot(found, *SPAN)
    assert [bar.kind for bar in plot.bars] == ["seats", "taken", "waiting"]
    assert (plot.most, plot.by, plot.bars[0].height + plot.bars[2].height) == (11, "month", plot.base - plot.top)
    by_year = seats_plot.columns(found, dt.date(YEAR - 1, 1, 1), dt.date(YEAR + 1, 12, 31))
    assert [(each.label, each.classes) for each in by_year] == [(str(YEAR - 1), 0), (str(YEAR), 1), (str(YEAR + 1), 0)]
    assert seats_plot.plot([], *SPAN) is None


# Duties ---------------------------------------------------------------------------------------------------------------


def told(provider, today=TODAY) -> dict[str, tuple[bool, str]]:
    rows = duties(provider, licenses_of([provider.pk])[provider.pk], looked(provider), SPAN, today)
    return {row.asked.split()[0]: (row.is_done, row.stands) for row in rows}


@pytest.mark.parametrize(("days", "is_done"), [(90, False), (91, True)])
def test_license_that_ends_soon_is_to_be_renewed(academy, days, is_done):
    ProviderLicense.objects.update(valid_until=TODAY + dt.timedelta(days))
    assert told(academy)["A"][0] is is_done


def test_license_that_is_followed_by_the_next_does_not_end(academy):
    ends = TODAY + dt.timedelta(10)
    ProviderLicense.objects.update(valid_until=ends)
    ProviderLicense.objects.create(provider=academy, number="P-2", valid_from=ends + dt.timedelta(1))
    assert told(academy)["A"][0] is True


def test_license_that_is_suspended_needs_attention(academy):
    ProviderLicense.objects.update(standing="suspended")
    assert told(academy)["A"][0] is False


@pytest.mark.parametrize(("days", "is_done"), [(60, False), (1, True)])
def test_roster_that_waits_too_long_needs_attention(academy, days, is_done):
    begins_at = dt.datetime.combine(TODAY - dt.timedelta(days), dt.time(8), clock.CHICAGO)
    make.scheduled_class(make.provider_course(academy), begins_at)
    assert told(academy)["Report"][0] is is_done


def test_certificates_of_the_span_are_asked_for_by_person_and_class(academy):
    one = held(academy, 3)
    assert told(academy)["Give"] == (
        False,
        "1 of 1 certificates of these days were never made. Open a class and print all of it at once.",
    )
    record = one.training_class.records.get()
    Certificate.objects.create(officer=record.officer, first_class=one.training_class, issued_record=record)
    assert told(academy)["Give"][0] is True
    again = make.record(record.officer, dt.date(YEAR, 4, 10), course=one.course)
    type(again.training_class).objects.filter(pk=again.training_class_id).update(replaces=one.training_class)
    assert told(academy)["Give"][0] is True


def test_course_without_a_synopsis_needs_attention(academy):
    make.provider_course(academy, "Report writing", more={"synopsis": "Facts first."})
    assert told(academy)["Keep"][0] is True
    make.provider_course(academy, "Night driving")
    rows = duties(academy, licenses_of([academy.pk])[academy.pk], [], SPAN, TODAY)
    assert [row.stands for row in rows if "synopsis" in row.asked] == ["1 of 2 have none: Night driving."]


@pytest.mark.parametrize(("away", "is_done"), [(3, True), (2, False)])
def test_three_in_ten_live_hours_lie_away_from_the_main_center(academy, away, is_done):
    course = make.provider_course(academy)
    for at in range(10):
        city = "Joplin" if at < away else "COLUMBIA"
        held(academy, 3, confirmed=False, course=course, day=at + 1, city=city)
    is_met, stands = told(academy)["Offer"]
    assert (is_met, stands) == (
        is_done,
        f"{4 * away} of 40 live hours in the calendar of these days are in other cities: {10 * away} %.",
    )


def test_computer_based_training_does_as_well(academy):
    held(academy, 3, confirmed=False)
    Course.objects.update(delivery="online")
    assert told(academy)["Offer"] == (True, "1 course is computer-based.")


def test_an_academy_is_not_asked_to_teach_elsewhere(academy):
    Provider.objects.update(kind="academy")
    academy.refresh_from_db()
    assert "Offer" not in told(academy)


# The page -------------------------------------------------------------------------------------------------------------


def page(client, provider, **asked):
    return client.get(reverse("training:provider_overview", args=[provider.pk]), asked)


def test_page_says_what_is_filled_and_what_is_left_to_do(client, academy):
    one, late = held(academy, 3, capacity=4), held(academy, 4, capacity=4, confirmed=False)
    make.registration(one, make.officer())
    seat = make.registration(one, make.officer())
    AttendanceMark.objects.create(registration=seat, kind="in", at=one.begins_at)
    client.force_login(make.provider_staff(academy))
    shown = page(client, academy, since=SPAN[0], until=SPAN[1])
    assert "2 of 8 seats taken in 2 classes: 25 %" in shown.text
    assert reverse("training:class_confirm", args=[late.reference]) in shown.text
    assert "have neither credit nor “not completed”" in shown.text
    assert reverse("training:class_detail", args=[one.training_class.reference]) in shown.text
    only = page(client, academy, since=SPAN[0], until=SPAN[1], course=one.course_id)
    assert "2 of 4 seats taken in 1 class: 50 %" in only.text


def test_page_without_a_class_says_so_and_shows_the_license(client, academy):
    client.force_login(make.provider_staff(academy))
    shown = page(client, academy)
    assert "No class in the calendar in these days" in shown.text
    assert academy.licenses.get().number in shown.text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "soon"}, "This is not a date."),
        ({"since": "2026-02-01", "until": "2026-01-31"}, "The last day is before the first."),
        ({"since": "1926-01-01", "until": "2026-01-31"}, "Choose 12 years at most."),
        ({"course": "999999"}, "There is no such course. All are shown."),
    ],
)
def test_what_cannot_be_read_is_said_and_this_year_is_shown(client, academy, asked, said):
    client.force_login(make.provider_staff(academy))
    shown = page(client, academy, **asked)
    assert said in shown.text
    assert shown.context["since"] == dt.date(TODAY.year, 1, 1)


def test_one_day_of_the_span_is_enough(client, academy):
    client.force_login(make.provider_staff(academy))
    assert page(client, academy, since=SPAN[0]).context["until"] == dt.date(TODAY.year, 12, 31)
    assert page(client, academy, until=SPAN[1]).context["since"] == SPAN[0]


def test_file_has_a_row_for_each_class(client, academy):
    one = held(academy, 3, capacity=4)
    make.registration(one, make.officer())
    evaluated(one, 5, 5, 5, 5, 4)
    client.force_login(make.provider_staff(academy))
    answer = client.get(
        reverse("training:provider_overview_csv", args=[academy.pk]), {"since": SPAN[0], "until": SPAN[1]}
    )
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    asked = ("Reference", "Seats", "Seats taken", "Percent", "No-shows", "Answers", "Content")
    assert [row[name] for name in asked] == [
        one.reference, "4", "1", "25", "1", "5", "4.8",
    ]  # fmt: skip


def test_as_many_statements_with_one_class_as_with_thirty(client, academy):
    client.force_login(make.provider_staff(academy))
    asked = {"since": SPAN[0], "until": SPAN[1]}
    one = held(academy, 3)
    make.registration(one, make.officer())
    evaluated(one, 5, 5, 5, 5, 4, comment="Fine")
    page(client, academy, **asked)
    with CaptureQueriesContext(connection) as with_one:
        page(client, academy, **asked)
    for at in range(29):
        more = held(academy, 1 + at % 12, day=at % 9 + 11)
        make.registration(more, make.officer())
        evaluated(more, 5, 5, 5, 5, 4, comment="Fine")
    with CaptureQueriesContext(connection) as with_thirty:
        page(client, academy, **asked)
    assert len(with_thirty) == len(with_one)
