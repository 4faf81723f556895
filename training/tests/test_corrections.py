"""Corrections of a class: what stands afterwards, what is kept of before, and what is refused without a trace."""

import datetime as dt
import threading
import uuid
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clee_portal.refusal import Refused
from training.hours import total
from training.models import NotCompleted, TrainingClass, TrainingRecord
from training.services import classes, corrections, duplicates
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)
EARLIER = DAY - dt.timedelta(days=1)


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def answers(agency, people, **changes):
    """What the entry page sends on."""
    return {
        "agency": agency,
        "title": "Winter driving",
        "starts_on": DAY,
        "ends_on": DAY,
        "lines": make.lines(skill=4, legal=2),
        "attendances": [Attendance(one) for one in people],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    } | changes


@pytest.fixture
def held(agency, chief, three):
    return classes.record(by=chief, **answers(agency, three[:2]))[0]


@pytest.fixture
def correct(agency, chief, three, held):
    def call(**changes):
        more = {"by": chief, "training_class": held, "reason": "Wrong hours"}
        sent = answers(agency, three[:2], lines=make.lines(skill=5))
        return corrections.correct(**{**more, **sent, **changes})

    return call


def credit(officer) -> Decimal:
    live = officer.records.live().filter(not_counted="")
    return sum((total(one.lines.all()) for one in live), Decimal(0))


def everything() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_app_config("training").get_models()}


def test_correction_stands_for_the_class_which_is_kept_as_it_was(correct, held, chief, three):
    made, is_new = correct()
    held.refresh_from_db()
    assert is_new
    assert (made.replaces, made.recorded_by, made.voided_at) == (held, chief, None)
    assert (held.void_reason, held.voided_by) == ("Wrong hours", chief)
    assert [credit(one) for one in three] == [5, 5, 0]
    for one in made.records.all():
        assert (one.replaces.training_class, one.replaces.void_reason) == (held, "Wrong hours")
    assert [total(one.lines.all()) for one in held.records.all()] == [6, 6]
    event = apps.get_model("training", "TrainingClassEvent").objects.filter(pgh_obj=made).get()
    assert event.pgh_context["reason"] == f"Corrects {held.reference}: Wrong hours"
    event = apps.get_model("training", "TrainingClassEvent").objects.filter(pgh_obj=held).latest("pgh_id")
    assert event.pgh_context["reason"] == "Wrong hours"


def test_correction_may_change_day_people_and_who_did_not_complete(correct, three, held):
    made, _ = correct(starts_on=EARLIER, ends_on=EARLIER, attendances=[Attendance(three[2])], left_out=[three[0]])
    assert [(one.officer, one.completed_on) for one in made.records.all()] == [(three[2], EARLIER)]
    assert [one.officer for one in made.not_completed.live()] == [three[0]]
    assert [credit(one) for one in three] == [0, 0, 5]


def test_same_correction_sent_twice_is_one(correct):
    key = uuid.uuid4()
    first, _ = correct(submission_key=key)
    assert correct(submission_key=key) == (first, False)
    assert TrainingClass.objects.count() == 2


def test_correction_that_changes_nothing_is_refused(correct, three, held):
    with pytest.raises(Refused, match="Nothing is changed"):
        correct(lines=make.lines(skill=4, legal=2))
    held.refresh_from_db()
    assert held.voided_at is None


def test_refused_correction_leaves_nothing_behind(correct, held):
    before = everything()
    for changes, field in (({"reason": " "}, "reason"), ({"ends_on": TODAY + dt.timedelta(days=1)}, "ends_on")):
        with pytest.raises(Refused) as refusal:
            correct(**changes)
        assert refusal.value.field == field
    assert everything() == before
    assert held.records.live().count() == 2


def test_second_correction_of_the_same_class_is_told_of_the_first(correct, held):
    made, _ = correct()
    with pytest.raises(Refused, match=f"was corrected meanwhile, as {made.reference}"):
        correct(lines=make.lines(skill=3))
    assert TrainingClass.objects.count() == 2


@pytest.mark.parametrize("who", ["ceo", "director", "officer"])
def test_correction_is_for_the_reporting_agency_and_post(correct, three, held, who):
    person = {
        "ceo": lambda: make.ceo(make.agency()),
        "director": make.director,
        "officer": lambda: make.officer_account(three[0]),
    }[who]()
    with pytest.raises(Refused, match="Only the agency or provider whose"):
        correct(by=person)
    assert correct(by=make.post_staff())[1]


def test_class_of_a_provider_is_not_corrected_here(three, agency, correct):
    course = make.Course.objects.create(title="Seminar", source_kind="out_of_state", sponsor="FBI")
    record = make.record(three[0], DAY, course=course)
    with pytest.raises(Refused, match="Only the agency or provider whose"):
        correct(training_class=record.training_class, by=make.post_staff())


def test_duplicates_of_a_corrected_class_stay_duplicates(correct, three, held):
    other = make.agency()
    twin, _ = classes.record(
        by=make.ceo(other), **answers(other, [], attendances=[Attendance(three[0], by_number=True)])
    )
    assert credit(three[0]) == 6
    made, _ = correct()
    record = twin.records.live().get()
    assert (record.not_counted, record.twin.training_class) == ("duplicate", made)
    assert record.not_counted_note == f"Counted once, as {made.reference}"
    assert credit(three[0]) == 5


def test_what_is_no_duplicate_any_more_counts(correct, three, held):
    other = make.agency()
    classes.record(by=make.ceo(other), **answers(other, [], attendances=[Attendance(three[0], by_number=True)]))
    correct(title="Other course")
    assert credit(three[0]) == 11


def test_kept_as_other_training_stays_kept(correct, agency, chief, three, held):
    part_two, _ = classes.record(
        by=chief,
        **answers(agency, [], attendances=[Attendance(three[0], kept_because="Part two")], title="winter driving"),
    )
    assert [one.kept_because for one in part_two.records.all()] == ["Part two"]
    assert credit(three[0]) == 12
    made, _ = correct(training_class=part_two, attendances=[Attendance(three[0])], lines=make.lines(skill=6))
    assert [(one.kept_because, one.not_counted) for one in made.records.all()] == [("Part two", "")]


def test_student_cannot_be_kept_in_a_course_twice_by_the_agency(agency, chief, three, held):
    later = {"starts_on": TODAY, "ends_on": TODAY, "attendances": [Attendance(three[0], kept_because="Again")]}
    again, _ = classes.record(by=chief, **answers(agency, [], **later))
    assert [one.not_counted for one in again.records.all()] == ["repeat"]


def test_make_up_credit_keeps_its_year_where_the_day_allows_it(agency, chief, three):
    """Earlier, and up to March 15; how an extension goes on is tested with the periods."""
    day, today = dt.date(2027, 2, 3), dt.date(2027, 3, 31)
    sent = answers(agency, three[:1], starts_on=day, ends_on=day, today=today)
    held, _ = classes.record(by=chief, **sent)
    TrainingRecord.objects.filter(training_class=held).update(credited_year=2026)
    days = ((day - dt.timedelta(days=1), 2026), (dt.date(2027, 3, 15), 2026), (dt.date(2027, 3, 16), 2027))
    for new_day, year in days:
        changes = {"starts_on": new_day, "ends_on": new_day, "submission_key": uuid.uuid4()}
        held, _ = corrections.correct(by=chief, training_class=held, reason="Day", **{**sent, **changes})
        assert [one.credited_year for one in held.records.all()] == [year]


def test_add_credits_who_was_forgotten(agency, chief, three):
    held, _ = classes.record(by=chief, **answers(agency, three[:1], left_out=[three[1]]))
    people = [Attendance(three[1]), Attendance(three[2], lines=make.lines(skill=1))]
    corrections.add(by=chief, training_class=held, attendances=people, today=TODAY)
    assert [credit(one) for one in three] == [6, 6, 1]
    assert [one.void_reason for one in NotCompleted.objects.all()] == ["Completed it after all"]
    with pytest.raises(Refused, match="is in this class already"):
        corrections.add(by=chief, training_class=held, attendances=people, today=TODAY)
    assert held.records.count() == 3


def test_add_asks_what_entering_asks(agency, chief, held):
    left = make.officer(agency, until=DAY - dt.timedelta(days=1))
    with pytest.raises(Refused, match="was not commissioned at"):
        corrections.add(by=chief, training_class=held, attendances=[Attendance(left)], today=TODAY)


def test_take_out_voids_with_the_reason_and_counts_the_other_entry(agency, chief, three, held):
    other = make.agency()
    twin, _ = classes.record(
        by=make.ceo(other), **answers(other, [], attendances=[Attendance(three[0], by_number=True)])
    )
    record = held.records.get(officer=three[0])
    corrections.take_out(by=chief, training_class=held, records=[record], reason=" Was  sick ")
    record.refresh_from_db()
    assert (record.void_reason, record.voided_by) == ("Was sick", chief)
    assert twin.records.live().get().not_counted == ""
    with pytest.raises(Refused, match="changed meanwhile"):
        corrections.take_out(by=chief, training_class=held, records=[record], reason="Was sick")


def test_take_out_does_not_empty_a_class(chief, held):
    with pytest.raises(Refused, match="Undo the class instead"):
        corrections.take_out(by=chief, training_class=held, records=list(held.records.all()), reason="All sick")
    assert held.records.live().count() == 2


@pytest.fixture
def other_class(agency, chief, three):
    more = {"title": "Legal update", "lines": make.lines(legal=3), "starts_on": EARLIER, "ends_on": EARLIER}
    return classes.record(by=chief, **answers(agency, three[2:], **more))[0]


def test_move_gives_the_hours_of_the_other_class(chief, three, held, other_class):
    record = held.records.get(officer=three[0])
    moved = corrections.move(by=chief, records=[record], to=other_class, reason="Wrong day", today=TODAY)
    record.refresh_from_db()
    assert record.void_reason == f"Moved to {other_class.reference}: Wrong day"
    assert [(one.officer, one.training_class, one.replaces, one.completed_on) for one in moved] == [
        (three[0], other_class, record, EARLIER)
    ]
    assert [credit(one) for one in three] == [3, 6, 3]
    event = apps.get_model("training", "TrainingRecordEvent").objects.get(pgh_obj=moved[0])
    assert event.pgh_context["reason"] == f"Moved from {held.reference}: Wrong day"


def test_class_that_everybody_was_moved_from_is_undone(chief, three, held, other_class):
    corrections.move(by=chief, records=list(held.records.all()), to=other_class, reason="Wrong day", today=TODAY)
    held.refresh_from_db()
    assert held.void_reason == f"Everybody was moved to {other_class.reference}: Wrong day"
    assert [credit(one) for one in three] == [3, 3, 3]


def test_move_keeps_own_hours_that_fit(agency, chief, three, other_class):
    own = [Attendance(three[0], lines=make.lines(legal=1)), Attendance(three[1], lines=make.lines(skill=1))]
    held, _ = classes.record(by=chief, **answers(agency, [], attendances=own))
    fits, too_much = held.records.order_by("officer__license_number").reverse()[:2]
    by_officer = {one.officer: one for one in (fits, too_much)}
    with pytest.raises(Refused, match="has own hours"):
        corrections.move(by=chief, records=[by_officer[three[1]]], to=other_class, reason="Wrong day", today=TODAY)
    corrections.move(by=chief, records=[by_officer[three[0]]], to=other_class, reason="Wrong day", today=TODAY)
    assert credit(three[0]) == 1


def test_move_is_refused_where_it_cannot_be(agency, chief, three, held, other_class):
    record = held.records.get(officer=three[0])
    stranger = classes.record(
        by=make.ceo(there := make.agency()), **answers(there, [make.officer(there)], title="Elsewhere")
    )[0]
    voided, _ = classes.record(by=chief, **answers(agency, three[2:], title="Gone", starts_on=EARLIER, ends_on=EARLIER))
    classes.void(by=chief, training_class=voided, reason="Gone")
    for to, told in (
        (held, "Choose another class"),
        (stranger, "Only the agency or provider whose"),
        (voided, "was undone meanwhile"),
    ):
        with pytest.raises(Refused, match=told):
            corrections.move(by=chief, records=[record], to=to, reason="Wrong day", today=TODAY)
    corrections.add(by=chief, training_class=other_class, attendances=[Attendance(three[0])], today=TODAY)
    with pytest.raises(Refused, match="Take them out here instead"):
        corrections.move(by=chief, records=[record], to=other_class, reason="Wrong day", today=TODAY)
    record.refresh_from_db()
    assert record.voided_at is None


@pytest.mark.parametrize("size", [1, 60])
def test_corrections_take_a_constant_number_of_statements(agency, chief, size):
    people = make.roster(agency, size + 1)
    held, _ = classes.record(by=chief, **answers(agency, people))
    other, _ = classes.record(
        by=chief, **answers(agency, people[:1], title="Other", starts_on=EARLIER, ends_on=EARLIER)
    )
    with CaptureQueriesContext(connection) as corrected:
        held, _ = corrections.correct(
            by=chief, training_class=held, reason="Hours", **answers(agency, people, lines=make.lines(skill=5))
        )
    with CaptureQueriesContext(connection) as moved:
        records = list(held.records.exclude(officer=people[0]))
        corrections.move(by=chief, records=records, to=other, reason="Wrong day", today=TODAY)
    assert (len(corrected), len(moved)) == (39, 31)


@pytest.mark.django_db(transaction=True)
def test_two_who_correct_at_once_make_one_correction(correct, three):
    start, outcomes = threading.Barrier(2), []

    def go(hours):
        start.wait()
        try:
            outcomes.append(correct(lines=make.lines(skill=hours))[1])
        except Refused as refusal:
            outcomes.append("meanwhile" in refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[hours]) for hours in (3, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True, True]
    assert TrainingClass.objects.live().count() == 1
    assert three[0].records.live().count() == 1


def test_settled_pair_survives_taking_out_a_third(agency, chief, three, held):
    """Taking one entry out judges again only what waited for it."""
    other = make.agency()
    twin, _ = classes.record(
        by=make.ceo(other), **answers(other, [], attendances=[Attendance(three[0], by_number=True)])
    )
    kept = duplicates.keep(by=make.post_staff(), record=twin.records.get(), reason="Part two")
    corrections.take_out(by=chief, training_class=held, records=[held.records.get(officer=three[1])], reason="Sick")
    assert twin.records.live().get() == kept
