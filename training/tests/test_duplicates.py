"""Duplicates: what takes the credit, and what does not."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from clee_portal.refusal import Refused
from training.models import Course
from training.services import classes, duplicates
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


def test_twin_whose_course_was_refused_does_not_take_the_credit(three, agency):
    refused = make.course(agency, "Joint exercise", refused_on=DAY, skill=6)
    make.record(three[0], DAY, course=refused, skill=6)
    other = make.agency()
    held, _ = classes.record(
        by=make.ceo(other), agency=other, title="Joint exercise", starts_on=DAY, ends_on=DAY, lines=make.lines(skill=6),
        attendances=[Attendance(three[0], by_number=True)], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    assert [one.not_counted for one in held.records.all()] == [""]


def entered(agency, title, officer, **hours):
    """A class of one officer, recorded through the service, and its record."""
    held, _ = classes.record(
        by=make.ceo(agency), agency=agency, title=title, starts_on=DAY, ends_on=DAY, lines=make.lines(**hours),
        attendances=[Attendance(officer, by_number=True)], submission_key=uuid.uuid4(), today=TODAY,
    )  # fmt: skip
    return held, held.records.get()


@pytest.mark.parametrize("title", ["joint  EXERCISE.", "Joint-Exercise", "Jóint Exercise"])
def test_titles_are_compared_as_files_compare_them(three, agency, title):
    _, counted = entered(agency, "Joint exercise", three[0], skill=6)
    _, record = entered(make.agency(), title, three[0], skill=6)
    assert (record.not_counted, record.twin) == ("duplicate", counted)


def test_of_several_twins_the_one_that_goes_first_is_named(three, agency):
    own = make.record(three[0], DAY, course=make.course(agency, "Joint exercise"), skill=6)
    recognized = make.record(
        three[0], DAY, course=Course.objects.create(title="Joint exercise", source_kind="out_of_state", sponsor="FBI"),
        skill=6,
    )  # fmt: skip
    _, record = entered(make.agency(), "Joint exercise", three[0], skill=6)
    assert (record.not_counted, record.twin) == ("duplicate", recognized)
    assert own.pk < recognized.pk


def test_undoing_the_twin_counts_the_entry_again_and_names_no_twin(three, agency):
    held, _ = entered(agency, "Joint exercise", three[0], skill=6)
    other, record = entered(make.agency(), "Joint exercise", three[0], skill=6)
    classes.void(by=make.ceo(agency), training_class=held, reason="Entered by mistake")
    anew = other.records.live().get()
    assert (anew.replaces, anew.not_counted, anew.twin, anew.not_counted_note) == (record, "", None, "")
    assert [line.hours for line in anew.lines.all()] == [6]


def both_counted(agency, officer):
    """Two entries of one training, both counted, as an older register brings them."""
    first = make.record(officer, DAY, course=make.course(agency, "Joint exercise"), skill=6)
    second = make.record(officer, DAY, course=make.course(agency, "Joint  Exercise"), skill=6)
    return first, second


def test_two_counted_entries_are_counted_once_kept_and_counted_once_again(three, agency):
    chief = make.ceo(agency)
    first, second = both_counted(agency, three[0])
    once = duplicates.count_once(by=chief, record=second)
    assert (once.not_counted, once.twin, once.replaces, once.recorded_by) == ("duplicate", first, second, chief)
    kept = duplicates.keep(by=chief, record=once, reason=" Two  parts of a conference ")
    assert (kept.not_counted, kept.twin, kept.not_counted_note) == ("", None, "")
    assert (kept.kept_because, kept.replaces) == ("Two parts of a conference", once)
    once.refresh_from_db()
    assert once.void_reason == "Kept as other training: Two parts of a conference"
    again = duplicates.count_once(by=chief, record=kept)
    assert (again.not_counted, again.twin, again.kept_because) == ("duplicate", first, "")
    assert [line.hours for line in again.lines.all()] == [6]


def test_settling_twice_changes_nothing_more(three, agency):
    chief = make.ceo(agency)
    _, second = both_counted(agency, three[0])
    once = duplicates.count_once(by=chief, record=second)
    assert duplicates.count_once(by=chief, record=once) == once
    kept = duplicates.keep(by=chief, record=once, reason="Other part")
    assert duplicates.keep(by=chief, record=kept, reason="Other part") == kept
    with pytest.raises(Refused, match="changed meanwhile"):
        duplicates.keep(by=chief, record=second, reason="Other part")


def test_keeping_needs_a_reason(three, agency):
    _, second = both_counted(agency, three[0])
    with pytest.raises(Refused, match="Say why") as refusal:
        duplicates.keep(by=make.ceo(agency), record=second, reason="  ")
    assert refusal.value.field == "reason"
    second.refresh_from_db()
    assert second.voided_at is None


def test_what_has_no_twin_cannot_be_counted_once(three, agency):
    record = make.record(three[0], DAY, course=make.course(agency))
    with pytest.raises(Refused, match="no other entry"):
        duplicates.count_once(by=make.ceo(agency), record=record)


@pytest.mark.parametrize("who", ["ceo of another agency", "officer", "director"])
def test_settling_is_for_who_reported_the_entry_and_post(three, agency, who):
    _, second = both_counted(agency, three[0])
    person = {
        "ceo of another agency": lambda: make.ceo(make.agency()),
        "officer": lambda: make.officer_account(three[0]),
        "director": make.director,
    }[who]()
    for act in (lambda: duplicates.keep(by=person, record=second, reason="So"),
                lambda: duplicates.count_once(by=person, record=second)):  # fmt: skip
        with pytest.raises(Refused, match="Only the agency that reported this entry"):
            act()
    assert duplicates.keep(by=make.post_staff(), record=second, reason="So").kept_because == "So"


def test_that_a_course_counts_twice_in_a_period_is_posts_to_say(three, agency):
    course = make.course(agency, "Joint exercise")
    first = make.record(three[0], DAY - dt.timedelta(days=9), course=course)
    repeat = make.record(three[0], DAY, course=course)
    type(repeat).objects.filter(pk=repeat.pk).update(not_counted="repeat", twin=first)
    with pytest.raises(Refused, match="Only POST"):
        duplicates.keep(by=make.ceo(agency), record=repeat, reason="So")
    assert duplicates.keep(by=make.post_staff(), record=repeat, reason="So").kept_because == "So"


def test_entry_that_goes_before_takes_the_place_of_the_counted_one(three, agency):
    """The academy's entry waited for one that is undone; the agency's, counted meanwhile, gives way to it."""
    own = make.record(three[0], DAY, course=make.course(agency, "Joint exercise"), skill=6)
    third = make.record(three[0], DAY, course=make.course(make.agency(), "Joint exercise"), skill=6)
    type(third).objects.filter(pk=third.pk).update(not_counted="duplicate", twin=own)
    academy = make.record(
        three[0], DAY, course=Course.objects.create(title="Joint exercise", source_kind="out_of_state", sponsor="FBI"),
        skill=6,
    )  # fmt: skip
    duplicates.count_once(by=None, record=academy)
    anew = academy.replaced_by.get()
    assert (anew.not_counted, anew.twin) == ("", None)
    own = own.replaced_by.get()
    third.refresh_from_db()
    assert (own.not_counted, own.twin) == ("duplicate", anew)
    assert (third.not_counted, third.twin) == ("duplicate", anew)


@pytest.mark.django_db(transaction=True)
def test_two_who_settle_at_once_change_it_once(three, agency):
    chief = make.ceo(agency)
    _, second = both_counted(agency, three[0])
    start, outcomes = threading.Barrier(2), []

    def settle():
        start.wait()
        try:
            outcomes.append(duplicates.count_once(by=chief, record=second).not_counted)
        except Refused as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["This entry was changed meanwhile. Look at the list again.", "duplicate"]
    assert [one.not_counted for one in three[0].records.live().order_by("pk")] == ["", "duplicate"]
