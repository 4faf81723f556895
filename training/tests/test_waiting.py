"""What waits for an agency: each thing is told while it waits, to nobody else, and no longer."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from training import waiting
from training.models import CommissionQuestion, ImportRow, RosterConfirmation
from training.services import commissions, courses, imports
from training.services.imports import HeldLine
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def quiet():
    """An agency with an officer, where nothing waits."""
    made = make.agency()
    make.officer(made)
    RosterConfirmation.objects.create(agency=made, year=2026, officers=1)
    return made


def told(agency) -> list[tuple[int, str]]:
    return [(one.count, one.page) for one in waiting.of(agency, TODAY)]


def hold(agency, **line):
    held = make.record(make.officer(agency), TODAY, course=make.course(agency, "Joint exercise"), skill=6)
    return imports.hold_lines(
        by=None, body=agency, training_class=held.training_class,
        lines=[HeldLine("J. Nobody", "nobody is called so", "give the number", **line)],
    )  # fmt: skip


def twice(officer):
    for title in ("Joint exercise", "Joint  Exercise"):
        make.record(officer, TODAY, course=make.course(make.agency(), title), skill=6)


def test_nothing_waits_where_all_is_done(quiet):
    assert waiting.of(quiet, TODAY) == []


def test_roster_waits_until_it_is_confirmed(quiet):
    RosterConfirmation.objects.filter(agency=quiet).update(year=2025)
    [one] = waiting.of(quiet, TODAY)
    assert one == (1, "The roster is not confirmed for 2026", "training:roster")


@pytest.mark.parametrize("is_for_post", [False, True])
def test_held_row_waits_until_it_is_dropped(quiet, is_for_post):
    hold(quiet, is_for_post=is_for_post)
    [one] = waiting.of(quiet, TODAY)
    assert (one.count, one.page) == (1, "training:held_rows")
    assert ("POST" in one.words) is is_for_post
    assert told(make.agency()) == [(1, "training:roster")]
    ImportRow.objects.update(fate="dropped", settled_why="typed twice")
    assert told(quiet) == []


def test_entries_that_count_twice_wait(quiet):
    twice(make.officer(quiet))
    assert told(quiet) == [(1, "training:duplicate_list")]


def test_question_waits_for_the_agency_that_is_asked(quiet):
    officer = make.officer(quiet)
    other = make.agency()
    mine = officer.commissions.get()
    chief = make.ceo(other)
    theirs, _ = commissions.add(by=chief, agency=other, officer=officer, started_on=TODAY, today=TODAY)
    commissions.ask(by=chief, commission=theirs, about=mine, today=TODAY)
    assert told(quiet) == [(1, "training:roster")]
    assert told(other) == [(1, "training:roster")]  # only its own roster, not confirmed
    CommissionQuestion.objects.update(answer="still_here", answered_at="2026-11-20T12:00:00Z")
    assert told(quiet) == []


def test_file_waits_until_it_is_sent(quiet):
    data = b"License number,Title,Date,Hours,Area\n70001,Night fire,11/18/2026,4,Skill Development\n"
    imports.upload(by=make.ceo(quiet), body=quiet, name="fall.csv", data=data)
    assert told(quiet) == [(1, "training:import_list")]


def test_statements_do_not_grow(quiet):
    hold(quiet)
    twice(make.officer(quiet))
    with CaptureQueriesContext(connection) as few:
        waiting.of(quiet, TODAY)
    for _ in range(3):
        hold(quiet)
        twice(make.officer(quiet))
    with CaptureQueriesContext(connection) as many:
        waiting.of(quiet, TODAY)
    assert len(many) == len(few)


def test_refused_course_waits_until_the_agency_adds_what_it_lacked(quiet):
    course, staff = make.course(quiet, "Joint exercise"), make.post_staff()
    assert told(quiet) == []
    courses.review(by=staff, course=course, decision="refused", reason="No synopsis", today=TODAY)
    assert told(quiet) == [(1, "training:course_list")]
    courses.add_to_submission(by=make.ceo(quiet), course=course, synopsis="Search of buildings.", instructors="")
    assert told(quiet) == []
    courses.review(by=staff, course=course, decision="refused", reason="Still too little", today=TODAY)
    assert told(quiet) == [(1, "training:course_list")]
    assert "training:course_list" not in {one.page for one in waiting.of(quiet, TODAY + waiting.TOLD_FOR)}
