"""Classes that were held, their credit, what stands beside it, and files of training."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from compliance.services import make_up
from training.imports import working
from training.models import ImportRow, TrainingImport
from training.services import (
    certificates,
    classes,
    corrections,
    courses,
    duplicates,
    groups,
    held_rows,
    import_undo,
    imports,
    outside_training,
)
from training.services.classes import Attendance
from training.services.imports import HeldLine
from training.tests import factories as make

TODAY = clock.today()
DAY = TODAY - dt.timedelta(days=5)


def _answers(o, people, **changes) -> dict:
    given = {
        "agency": o.agency,
        "title": o.title,
        "starts_on": DAY,
        "ends_on": DAY,
        "lines": make.lines(skill=4, legal=2),
        "attendances": [Attendance(one) for one in people],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }
    return given | changes


def _class(state) -> SimpleNamespace:
    """A class with two officers, another of the same agency, and an officer who was in neither."""
    one = SimpleNamespace(agency=state.agency, title=f"Winter driving {uuid.uuid4()}")
    one.officers = [make.officer(state.agency) for _ in range(3)]
    one.held, _ = classes.record(by=state.chiefs[0], **_answers(one, one.officers[:2]))
    one.course = one.held.course
    one.records = list(one.held.records.order_by("pk"))
    one.other, _ = classes.record(
        by=state.chiefs[0], **_answers(one, one.officers[2:], title=f"Range day {uuid.uuid4()}")
    )
    return one


def _repeated(state) -> SimpleNamespace:
    """The same training of one officer, reported by another agency too: its entry is not counted."""
    one = _class(state)
    chief = make.ceo(make.agency())
    agency = chief.memberships.get().agency
    one.their_chief = chief
    one.again, _ = classes.record(
        by=chief, **_answers(one, [], agency=agency, attendances=[Attendance(one.officers[0], by_number=True)])
    )
    one.repeat = one.again.records.get()
    assert one.repeat.not_counted
    return one


def _submitted(state) -> SimpleNamespace:
    one = _class(state)
    one.review = courses.review(
        by=state.post[0], course=one.course, decision="refused", reason="No synopsis", today=TODAY
    )
    return one


def _imported(state, *, held: bool = True) -> SimpleNamespace:
    one = SimpleNamespace(agency=state.agency, title=f"File day {uuid.uuid4().hex[:8]}")
    one.officers = [make.officer(state.agency) for _ in range(2)]
    rows = [f"{one.officers[0].license_number},{one.title},{DAY},4,Skill"]
    rows += [f"{one.officers[1].license_number},{one.title},29 February 2025,4,Skill"] if held else []
    text = "\n".join(["License,Title,Date,Hours,Area", *rows])
    one.text = text
    one.sent, _ = imports.upload(by=state.chiefs[0], body=state.agency, name="a.csv", data=text.encode())
    return one


def _running(state):
    one = _imported(state)
    one.sent = imports.send(by=state.chiefs[0], training_import=one.sent)
    return one


def _done(state):
    one = _running(state)
    assert working.work(one.sent.pk)
    one.sent.refresh_from_db()
    one.row = ImportRow.objects.held().get(training_import=one.sent)
    one.made = one.sent.rows.exclude(record=None).get().record.training_class
    one.course = one.made.course
    return one


def _pasted(state):
    one = _class(state)
    imports.hold_lines(
        by=state.chiefs[0],
        body=state.agency,
        training_class=one.held,
        lines=[HeldLine("J. Nobody", "nobody", "say who")],
    )
    one.row = ImportRow.objects.held().get(training_import__training_class=one.held)
    one.sent = TrainingImport.objects.defer("content").get(pk=one.row.training_import_id)
    return one


def _mended(o) -> list[str]:
    return [o.officers[1].license_number, o.title, DAY.isoformat(), "4", "Skill"]


CORRECTED_CLASS = Act(
    corrections.correct,
    "chiefs",
    lambda o: {
        "training_class": o.held,
        "reason": "Wrong hours",
        **_answers(o, o.officers[:2], lines=make.lines(skill=5)),
    },
)
CLASS = (
    Act(classes.void, "chiefs", lambda o: {"training_class": o.held, "reason": "Entered twice"}),
    CORRECTED_CLASS,
    Act(
        corrections.add,
        "chiefs",
        lambda o: {"training_class": o.held, "attendances": [Attendance(o.officers[2])], "today": TODAY},
    ),
    Act(corrections.leave_out, "chiefs", lambda o: {"training_class": o.held, "officer": o.officers[2]}),
    Act(
        corrections.take_out,
        "chiefs",
        lambda o: {"training_class": o.held, "records": o.records[:1], "reason": "Was not there"},
    ),
    Act(
        corrections.move,
        "chiefs",
        lambda o: {"records": o.records[1:], "to": o.other, "reason": "The other day", "today": TODAY},
    ),
    Act(
        corrections.move,
        "chiefs",
        lambda o: {"records": list(o.other.records.live()), "to": o.held, "reason": "The other day", "today": TODAY},
        "back",
    ),
    Act(certificates.give, "chiefs", lambda o: {"training_class": o.held}),
    Act(classes.record, "chiefs", lambda o: _answers(o, o.officers), "the same again"),
    Act(
        courses.review,
        "post",
        lambda o: {"course": o.course, "decision": "refused", "reason": "No synopsis", "seen": "", "today": TODAY},
    ),
    Act(make_up.assign, "post", lambda o: {"record": o.records[0], "year": DAY.year - 1, "today": TODAY}),
)
REPEATED = (
    Act(duplicates.keep, "their_chief", lambda o: {"record": o.repeat, "reason": "It was another one"}),
    Act(duplicates.count_once, "post", lambda o: {"record": o.repeat}),
    Act(classes.void, "chiefs", lambda o: {"training_class": o.held, "reason": "Entered twice"}),
    Act(classes.void, "their_chief", lambda o: {"training_class": o.again, "reason": "Entered twice"}, "the repeat"),
    Act(
        corrections.take_out,
        "chiefs",
        lambda o: {"training_class": o.held, "records": o.records[:1], "reason": "Was not there"},
    ),
    CORRECTED_CLASS,
    Act(
        courses.review,
        "post",
        lambda o: {"course": o.course, "decision": "refused", "reason": "No synopsis", "seen": "", "today": TODAY},
    ),
)
COURSE = (
    Act(
        courses.review,
        "post",
        lambda o: {
            "course": o.course,
            "decision": "approved",
            "control_number": f"C-{o.course.pk}",
            "seen": _last(o),
            "today": TODAY,
        },
        "approves",
    ),
    Act(
        courses.review,
        "post",
        lambda o: {
            "course": o.course,
            "decision": "refused",
            "reason": "No instructor",
            "seen": _last(o),
            "today": TODAY,
        },
    ),
    Act(
        courses.add_to_submission,
        "chiefs",
        lambda o: {"course": o.course, "synopsis": "What is taught", "instructors": "Somebody"},
    ),
    Act(
        courses.submit,
        "chiefs",
        lambda o: {"body": o.agency, "title": o.course.title, "lines": make.lines(skill=4), "today": TODAY},
    ),
    Act(
        courses.submit,
        "chiefs",
        lambda o: {"body": o.agency, "title": f"{o.course.title} anew", "lines": make.lines(skill=4), "today": TODAY},
        "a new title",
    ),
    Act(classes.record, "chiefs", lambda o: _answers(o, o.officers)),
)


def _last(o) -> str:
    last = o.course.reviews.live().order_by("recorded_at", "pk").last()
    return str(last.pk) if last else ""


FILE = (
    Act(
        imports.choose,
        "chiefs",
        lambda o: {
            "training_import": o.sent,
            "header_row": 1,
            "columns": o.sent.columns,
            "fields": o.sent.fields,
            "settings": {},
        },
    ),
    Act(imports.send, "chiefs", lambda o: {"training_import": o.sent}),
    Act(
        imports.upload,
        "chiefs",
        lambda o: {"body": o.agency, "name": "a.csv", "data": o.text.encode()},
        "the same file",
    ),
    Act(working.work, None, lambda o: {"pk": o.sent.pk}),
    Act(import_undo.undo, "chiefs", lambda o: {"training_import": o.sent, "reason": "The wrong file"}),
)
ROWS = (
    Act(
        held_rows.send_again,
        "chiefs",
        lambda o: {"cells": {o.row.pk: _mended(o)}, "seen": {o.row.pk: list(o.row.cells)}},
    ),
    Act(held_rows.drop, "chiefs", lambda o: {"rows": [o.row.pk], "why": "Nobody of ours"}),
    Act(import_undo.undo, "chiefs", lambda o: {"training_import": o.sent, "reason": "The wrong file"}),
    Act(classes.void, "chiefs", lambda o: {"training_class": o.made, "reason": "Entered twice"}),
    Act(
        corrections.add,
        "chiefs",
        lambda o: {"training_class": o.made, "attendances": [Attendance(o.officers[1])], "today": TODAY},
    ),
    Act(working.work, None, lambda o: {"pk": o.sent.pk}),
)
PASTED = (
    Act(
        held_rows.place,
        "chiefs",
        lambda o: {"row": o.row, "officer": o.officers[2], "attended": held_rows.Attended("completed")},
    ),
    Act(
        held_rows.place,
        "post",
        lambda o: {"row": o.row, "officer": o.officers[2], "attended": held_rows.Attended("left")},
        "left",
    ),
    Act(held_rows.drop, "chiefs", lambda o: {"rows": [o.row.pk], "why": "Nobody of ours"}),
    *CLASS[:4],
)


def _group(state):
    one = SimpleNamespace(
        officers=[make.officer(state.agency) for _ in range(2)], title=f"Night {uuid.uuid4().hex[:8]}"
    )
    one.group, _ = groups.save(by=state.chiefs[0], agency=state.agency, name=one.title, officers=[one.officers[0].pk])
    return one


GROUP = (
    Act(
        groups.save,
        "chiefs",
        lambda o: {"agency": o.agency, "name": o.title, "officers": [one.pk for one in o.officers]},
    ),
    Act(
        groups.save,
        "chiefs",
        lambda o: {"agency": o.agency, "name": f"{o.title} anew", "officers": [o.officers[1].pk]},
        "another",
    ),
    Act(groups.rename, "chiefs", lambda o: {"group": o.group, "name": f"{o.title} anew"}),
    Act(groups.delete, "chiefs", lambda o: {"group": o.group}),
)


def _elsewhere(state):
    return SimpleNamespace(officers=[make.officer(state.agency) for _ in range(2)], title=f"FBI week {uuid.uuid4()}")


def _outside(o, at=0):
    return {
        "officer": o.officers[at],
        "title": o.title,
        "sponsor": "FBI",
        "recognized": None,
        "although": "Looked at",
        "starts_on": DAY,
        "ends_on": DAY,
        "delivery": "classroom",
        "lines": make.lines(legal=4),
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }


ELSEWHERE = (
    Act(outside_training.record, "post", lambda o: _outside(o)),
    Act(outside_training.record, "post", lambda o: _outside(o, 1), "a colleague"),
)

KINDS = (
    Kind("credit of a class", _class, CLASS, is_grave=True),
    Kind("credit that is a repeat", _repeated, REPEATED, is_grave=True),
    Kind("in-service course", _class, COURSE, is_grave=True),
    Kind("in-service course, refused", _submitted, COURSE),
    Kind("file of training, not sent", _imported, FILE),
    Kind("file of training, being worked on", _running, FILE, is_grave=True),
    Kind("held row", _done, ROWS, is_grave=True),
    Kind("pasted line", _pasted, PASTED),
    Kind("group of officers", _group, GROUP),
    Kind("training elsewhere", _elsewhere, ELSEWHERE, is_grave=True),
)
