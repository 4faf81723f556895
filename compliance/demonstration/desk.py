"""What lies on the sheriff's training desk: a group, a file with rows that are held, a class reported twice, a claim.

Made by the services, as the sheriff and the coordinator would, so that every page of the desk has something to show.
"""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

from clee_portal.accounts.models import User
from training.hours import Line
from training.imports import working
from training.models import Agency, Area, Commission, Officer, Topic
from training.services import classes, commissions, groups, imports
from training.services.classes import Attendance

GROUP = 9
TWICE = "In-car video and body camera policy"
LATE = 45  # days after which the end of a commission is told; 30 are allowed


def lay_out(users: Mapping[str, User], sheriff: Agency, largest: Agency, today: dt.date, seed: int) -> None:
    """Fill the desk. Every class lies before `today`. Runs inside the transaction that writes the state."""
    rng = Random(f"{seed} desk")  # noqa: S311 - believable, not secret
    by = users["sheriff"]
    here = Commission.objects.in_force(today).filter(agency=sheriff, started_on__lt=today - dt.timedelta(days=400))
    known = {membership.officer_id for user in users.values() for membership in user.memberships.all()}
    once = here.exclude(officer__in=known).exclude(
        officer__in=Commission.objects.in_force(today).exclude(agency=sheriff).values("officer")
    )
    officers = [c.officer for c in once.select_related("officer").order_by("officer__license_number")]
    groups.save(by=by, agency=sheriff, name="Night shift", officers=[one.pk for one in officers[:GROUP]])
    _class_twice(by, sheriff, officers[GROUP : GROUP + 5], today, rng)
    _file(by, sheriff, officers, today)
    _claim(users["coordinator"], officers[-1], largest, today)
    left = once.get(officer=officers[-2])
    commissions.end(by=by, commission=left, ended_on=today - dt.timedelta(days=LATE), reason="resigned", today=today)


def _class_twice(by: User, agency: Agency, officers: Sequence[Officer], today: dt.date, rng: Random) -> None:
    """A class entered by two people of the office, an hour apart: it counts once, both are kept."""
    technical = Area.objects.get(code="technical")
    day = today - dt.timedelta(days=9)
    course = None
    for hours, some in ((Decimal(3), officers), (Decimal(2), officers[:3])):
        held, _ = classes.record(
            by=by,
            agency=agency,
            course=course,
            title="" if course else TWICE,
            synopsis="" if course else "New recording and retention rules, with practice in tagging and upload.",
            instructors="" if course else "Training sergeant",
            starts_on=day,
            ends_on=day,
            lines=(Line(technical, None, hours),),
            attendances=[Attendance(one) for one in some],
            submission_key=uuid.UUID(int=rng.getrandbits(128), version=4),
            place=f"{agency.name}, training room",
            today=today,
        )
        course = held.course


def _file(by: User, agency: Agency, officers: Sequence[Officer], today: dt.date) -> None:
    """A file of a range day, written elsewhere by hand: most rows are placed, three are held."""
    firearms = Topic.objects.get(code="firearms").name
    day = today - dt.timedelta(days=16)
    written = f"{day.month}/{day.day}/{day.year}"
    rows = [["POST license", "Name", "Title", "Date", "Hours", "Area", firearms]]
    for one in officers[:12]:
        rows.append([one.license_number, f"{one.last_name}, {one.first_name}", "Night fire qualification", written, "4",
                     "Skill Development", "4"])  # fmt: skip
    slip = officers[12]
    wrong = f"{slip.license_number[:-1]}{(int(slip.license_number[-1]) + 1) % 10}"
    while Officer.objects.filter(license_number=wrong).exists():
        wrong = f"9{wrong[1:-1]}{(int(wrong[-1]) + 1) % 10}"
    tail = ["Night fire qualification", written, "4", "Skill Development", "4"]
    rows.append([wrong, f"{slip.last_name}, {slip.first_name}", *tail])
    rows.append(["", "Zebulon Harcastle", *tail])
    rows.append([officers[13].license_number, officers[13].last_name, tail[0], "31 June", *tail[2:]])
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    sent, _ = imports.upload(by=by, body=agency, name="range-day.csv", data=text.getvalue().encode())
    imports.send(by=by, training_import=sent)
    working.work(sent.pk)


def _claim(by: User, officer: Officer, largest: Agency, today: dt.date) -> None:
    """Another agency has begun a commission of one of the office's deputies, and asks."""
    started_on = today - dt.timedelta(days=12)
    made, _ = commissions.add(by=by, agency=largest, officer=officer, started_on=started_on, today=today)
    theirs = Commission.objects.in_force(today).filter(officer=officer).exclude(agency=largest).get()
    commissions.ask(by=by, commission=made, about=theirs, note="Began with us this month.", today=today)
