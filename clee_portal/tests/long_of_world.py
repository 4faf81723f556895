"""The state of `world.py` made long: names as long as their columns take, a hundred rows of what lists show."""

import datetime as dt
import uuid

from django.db.models import F, Value
from django.db.models.functions import Concat, Left

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.tests.classes_of_world import message_sent
from compliance.models import Candidacy
from compliance.tests import people
from training.models import (
    Agency,
    Course,
    ImportRow,
    Officer,
    OfficerGroup,
    Provider,
    ScheduledClass,
    TrainingClass,
    TrainingImport,
)
from training.tests import factories

ROWS = 100
# Sixty letters in which no line can break, then words: as it would come from a file.
UNBROKEN = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" + "xy"
LONG = f" {UNBROKEN} of the Consolidated Metropolitan and Rural Districts" * 4
# What is shown of each kind of thing, and how many letters its column takes.
SHOWN = [
    (Agency, "name", 200),
    (Provider, "name", 200),
    (Officer, "last_name", 80),
    (Officer, "first_name", 80),
    (Course, "title", 200),
    (OfficerGroup, "name", 60),
    (ScheduledClass, "place", 200),
    (ScheduledClass, "contact_name", 200),
    (TrainingClass, "place", 200),
    (TrainingImport, "name", 200),
    (User, "name", 150),
]


def lengthen(world) -> None:
    """Names of up to 200 letters everywhere, and about a hundred rows in the lists of agency A, provider P and POST."""
    a, p, today = world.a, world.p, clock.today()
    officers = factories.roster(a.agency, ROWS)
    course = factories.course(a.agency, "Everybody at once")
    held = TrainingClass.objects.create(
        course=course,
        starts_on=today,
        ends_on=today,
        reported_by_agency=a.agency,
        recorded_by=a.ceo,
        submission_key=uuid.uuid4(),
    )
    held.lines.create(area=factories.area("legal"), hours=2)
    for number, officer in enumerate(officers):
        factories.record(officer, today, course=course, held=held)
        other = factories.course(a.agency, f"Lecture {number}")
        factories.record(a.officer, today - dt.timedelta(days=number % 60), course=other)
        people.relief(officer, today.year, requested_on=today)
        seminar = factories.provider_course(p.provider, f"Seminar {number}")
        factories.scheduled_class(seminar)
        OfficerGroup.objects.create(agency=a.agency, name=f"Shift {number}")
        factories.agency(name=f"Police of ward {number}")
        factories.provider(f"School of ward {number}")
        message_sent("reminder", f"long:{number}:{a.officer.pk}", a.officer_account, f"Reminder {number}")
    p.scheduled.capacity = ROWS + 20
    p.scheduled.save()
    for officer in officers:
        factories.registration(p.scheduled, officer)
    ImportRow.objects.bulk_create(
        ImportRow(
            training_import=a.sent,
            number=number,
            cells=[f"Somebody{LONG}"[:200], "2"],
            fate="held",
            column="Name",
            wrong=f"No officer is called {UNBROKEN}.",
            fix="Give the license number.",
        )
        for number in range(3, ROWS + 3)
    )
    last = Candidacy.objects.get(pk=a.candidacy.pk)
    Candidacy.objects.bulk_create(_listed(last, officer) for officer in officers)
    for model, column, most in SHOWN:
        model.objects.update(**{column: Left(Concat(F(column), Value(LONG)), most)})


def _listed(like: Candidacy, officer: Officer) -> Candidacy:
    """Another officer still short after the last day of the same period."""
    values = {field.attname: getattr(like, field.attname) for field in Candidacy._meta.concrete_fields}
    return Candidacy(**{**values, "id": None, "officer_id": officer.pk})
