"""What officers report and plan: asked, answered, decided."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from compliance import my_plan
from compliance.services import plans, record_report_papers, record_reports
from compliance.tests.relief_people import paper
from training.services import (
    corrections,
    scheduling,
)
from training.services.class_drafts import Attendance
from training.tests import factories as make

TODAY = clock.today()

DAY = TODAY - dt.timedelta(days=20)


def _report(state, **more) -> SimpleNamespace:
    one = SimpleNamespace(officer=make.officer(state.agency), title=f"Night driving {uuid.uuid4()}")
    one.own = make.officer_account(one.officer)
    one.held = make.record(make.officer(state.agency), DAY, course=make.course(state.agency, one.title)).training_class
    one.held.lines.create(area=make.area("legal"), hours=2)
    given = {"title": one.title, "completed_on": DAY, "body": state.agency} | more
    one.report, _ = record_reports.report(
        by=one.own, officer=one.officer, submission_key=uuid.uuid4(), today=TODAY, **given
    )
    return one


def _to_post(state):
    return _report(state, body=None)


def _answered(state):
    one = _report(state)
    one.report = record_reports.answer(
        by=state.chiefs[0], report=one.report, said="not_ours", words="Not here", seen=one.report.step, today=TODAY
    )
    return one


def _settled(state):
    one = _report(state)
    one.report = record_reports.answer(
        by=state.chiefs[0], report=one.report, said="coming", training_class=one.held, seen=one.report.step, today=TODAY
    )
    return one


def _elsewhere(state):
    one = SimpleNamespace(officer=make.officer(state.agency), title=f"FBI week {uuid.uuid4()}")
    one.own = make.officer_account(one.officer)
    one.report, _ = record_reports.submit_outside(**_outside(one), by=one.own)
    return one


def _outside(o) -> dict:
    return {
        "officer": o.officer,
        "title": o.title,
        "source": "FBI",
        "approved_by": "FBI",
        "starts_on": DAY,
        "completed_on": DAY,
        "hours": 4,
        "approved": [paper()],
        "completed": [paper()],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }


def _act(service, who: str, named: str = "", **more) -> Act:
    return Act(service, who, lambda o: {"report": o.report, "seen": o.report.step, "today": TODAY, **more}, named)


REPORT = (
    Act(
        record_reports.answer,
        "chiefs",
        lambda o: {
            "report": o.report,
            "said": "coming",
            "training_class": o.held,
            "seen": o.report.step,
            "today": TODAY,
        },
    ),
    _act(record_reports.answer, "chiefs", "coming", said="coming"),
    _act(record_reports.answer, "chiefs", "not ours", said="not_ours", words="Not here"),
    _act(record_reports.withdraw, "own"),
    _act(record_reports.disagree, "own", words="Still missing"),
    Act(record_report_papers.add, "own", lambda o: {"report": o.report, "documents": [paper()]}),
    Act(record_reports.look, None, lambda o: {"now": clock.now()}),
    Act(
        corrections.add,
        "chiefs",
        lambda o: {"training_class": o.held, "attendances": [Attendance(o.officer)], "today": TODAY},
    ),
)

FOR_POST = (
    _act(record_reports.refuse, "post", words="No proof"),
    Act(
        record_reports.hand_on,
        "post",
        lambda o: {"report": o.report, "body": o.agency, "seen": o.report.step, "today": TODAY},
    ),
    REPORT[3],
    REPORT[5],
    REPORT[7],
    REPORT[6],
)

ELSEWHERE = (
    Act(
        record_reports.record_outside,
        "post",
        lambda o: {
            "report": o.report,
            "recognized": None,
            "although": "Looked at",
            "lines": make.lines(legal=4),
            "seen": o.report.step,
            "today": TODAY,
        },
    ),
    _act(record_reports.refuse, "post", words="No proof"),
    _act(record_reports.withdraw, "own"),
    Act(record_reports.submit_outside, "own", _outside),
    Act(
        record_reports.report,
        "own",
        lambda o: {
            "officer": o.officer,
            "title": "Another",
            "completed_on": DAY,
            "body": o.agency,
            "submission_key": uuid.uuid4(),
            "today": TODAY,
        },
    ),
)


def _plan(state) -> SimpleNamespace:
    """An officer who lacks everything, and a class in two days with two seats, to be registered for or asked for."""
    one = SimpleNamespace(officer=make.officer(state.agency), other=make.officer(state.agency))
    one.own, one.their_own = make.officer_account(one.officer), make.officer_account(one.other)
    begins = dt.datetime.combine(TODAY + dt.timedelta(days=2), dt.time(8), clock.CHICAGO)
    one.held = make.scheduled_class(make.provider_course(state.school, skill=4), begins, capacity=1, cancel_hours=1)
    return one


def _shown(officer, held) -> str:
    now = clock.now()
    gap = my_plan.gap_of(officer, now)
    offers = my_plan.offers(officer, gap, now, my_plan.Limits(), only=[held.pk])
    return my_plan.shown(gap.lacks, [one.offered for one in offers])


def _sent(state):
    one = _plan(state)
    one.request = plans.ask(
        by=one.own,
        officer=one.officer,
        agency=state.agency,
        classes=[one.held.pk],
        shown=_shown(one.officer, one.held),
        submission_key=uuid.uuid4(),
    )
    return one


def _take(who: str, officer: str, named: str) -> Act:
    return Act(
        plans.take,
        who,
        lambda o: {
            "officer": getattr(o, officer),
            "classes": [o.held.pk],
            "shown": _shown(getattr(o, officer), o.held),
            "submission_key": uuid.uuid4(),
        },
        named,
    )


PLAN = (
    _take("own", "officer", "theirs"),
    _take("their_own", "other", "of another"),
    Act(
        plans.ask,
        "own",
        lambda o: {
            "officer": o.officer,
            "agency": o.agency,
            "classes": [o.held.pk],
            "shown": _shown(o.officer, o.held),
            "submission_key": uuid.uuid4(),
        },
    ),
    Act(scheduling.call_off, "staff", lambda o: {"held": o.held, "reason": "Nobody can come"}),
)

REQUEST = (
    Act(plans.approve, "chiefs", lambda o: {"request": o.request}),
    Act(plans.decline, "chiefs", lambda o: {"request": o.request, "words": "Not this week"}),
    Act(plans.withdraw, "own", lambda o: {"request": o.request}),
    *PLAN,
)

# On the last days of a year no class lies ahead in it, so that nothing can be planned.
PLANS = (
    Kind("plan of an officer", _plan, PLAN),
    Kind("plan that waits for the agency", _sent, REQUEST),
)

KINDS = (
    Kind("report of an officer", _report, REPORT),
    Kind("report before POST", _to_post, FOR_POST),
    Kind("report that is not the agency’s", _answered, FOR_POST[:4]),
    Kind("report that is settled", _settled, (*REPORT[3:5], *REPORT[:1], REPORT[5])),
    Kind("training elsewhere that was submitted", _elsewhere, ELSEWHERE, is_grave=True),
    *(PLANS if (TODAY + dt.timedelta(days=3)).year == TODAY.year else ()),
)
