"""One title is one course however it is spelled, on the page and in a file: a refused one passes under no other."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection, transaction
from django.http import QueryDict

from clee_portal.refusal import Refused
from training.forms.class_entry import ClassEntryForm
from training.imports import working
from training.models import Course, ImportRow
from training.services import classes, courses, imports
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 18)
TODAY = dt.date(2026, 11, 20)
SPELLINGS = ["Tactical Yoga", "tactical  yoga", "Tactical-Yoga", "Táctical Yoga!", "TACTICAL/YOGA"]


@pytest.fixture
def chief(agency):
    return make.ceo(agency)


def sent(chief, agency, officer, title):
    text = f"License,Title,Date,Hours,Area\n{officer.license_number},{title},{DAY},4,Skill"
    held, _ = imports.upload(by=chief, body=agency, name="a.csv", data=text.encode())
    imports.send(by=chief, training_import=held)
    assert working.work(held.pk)
    return ImportRow.objects.filter(training_import=held).get()


@pytest.mark.parametrize("title", SPELLINGS)
def test_refused_course_passes_under_no_spelling(agency, chief, three, title):
    make.course(agency, "Tactical Yoga", refused_on=DAY - dt.timedelta(days=10), skill=4)
    with pytest.raises(Refused, match="POST refused “Tactical Yoga”"):
        classes.record(
            by=chief, agency=agency, title=title, starts_on=DAY, ends_on=DAY, lines=make.lines(skill=4),
            attendances=[Attendance(three[0])], submission_key=uuid.uuid4(), today=TODAY,
        )  # fmt: skip
    data = {"course": title, "ends_on": DAY.isoformat(), "delivery": "classroom", "hours-area-skill": "4"}
    form = ClassEntryForm(querydict(data, officers=[three[0].pk]), body=agency, today=TODAY)
    assert not form.is_valid()
    assert "POST refused “Tactical Yoga”" in str(form.errors["course"])
    assert "POST refused “Tactical Yoga”" in sent(chief, agency, three[0], title).wrong
    assert Course.objects.count() == 1


def querydict(data, **lists):
    made = QueryDict(mutable=True)
    made.update(data)
    for name, values in lists.items():
        made.setlist(name, [str(one) for one in values])
    return made


@pytest.mark.parametrize("title", SPELLINGS)
def test_known_course_is_used_again_under_every_spelling(agency, chief, three, title):
    course = make.course(agency, "Tactical Yoga", skill=4)
    assert courses.submit(by=chief, body=agency, title=title, lines=make.lines(skill=2), today=TODAY) == course
    assert sent(chief, agency, three[0], title).fate == "credited"
    assert Course.objects.get() == course


def test_title_of_another_agency_is_another_course(agency, chief):
    make.course(make.agency(), "Tactical Yoga", refused_on=DAY, skill=4)
    assert courses.submit(by=chief, body=agency, title="Tactical Yoga", lines=make.lines(skill=2), today=TODAY)


@pytest.mark.django_db(transaction=True)
def test_new_title_on_the_page_and_in_a_file_at_the_same_moment_is_one_course(agency, chief, three):
    entered, go_on = threading.Event(), threading.Event()

    def on_the_page():
        try:
            with transaction.atomic():
                courses.submit(by=chief, body=agency, title="Tactical Yoga", lines=make.lines(skill=4), today=TODAY)
                entered.set()
                go_on.wait(10)
        finally:
            connection.close()

    page = threading.Thread(target=on_the_page)
    page.start()
    assert entered.wait(10)
    threading.Timer(1, go_on.set).start()
    assert sent(chief, agency, three[0], "Tactical-Yoga").fate == "credited"
    page.join()
    assert Course.objects.count() == 1
