"""Cases of officers past the last day, what the Director decides, and what in a record may be an error."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from compliance import case_facts
from compliance.models import Candidacy, RecordingGap, ReportingPeriod
from compliance.services import (
    candidacies,
    candidate_notices,
    case_decisions,
    case_submissions,
    cases,
    mailings,
    make_up,
    recording_gaps,
)
from compliance.tests import case_people
from compliance.tests.people import academy_course, complete, credit
from notifications import campaigns
from training.services import classes, licenses, merges
from training.services.classes import Attendance
from training.tests import factories as make

TODAY = clock.today()
YEAR = case_people.YEAR
DAY = dt.date(YEAR, 11, 3)


def _case(state) -> SimpleNamespace:
    """An officer who has shown nothing, on the list since the day after the last day."""
    officer = make.officer(state.agency)
    one = SimpleNamespace(officer=officer, own=make.officer_account(officer), colleague=make.officer(state.agency))
    one.case = case_people.listed(officer)
    one.period = case_people.period()
    one.listing = one.case.listings.get()
    one.people = SimpleNamespace(post=state.post[0], director=state.director[0], officer=officer)
    return one


def _looked_at(state):
    one = _case(state)
    case_people.looked_at(one.people, one.case)
    return one


def _served(state):
    one = _looked_at(state)
    one.notice = case_people.served(one.people, one.case)
    return one


def _left(state):
    one = _served(state)
    cases.leave(by=state.post[0], cases=[one.case.pk], until=_far(), reason="Deployed", today=TODAY)
    return one


def _before(state):
    one = _served(state)
    one.later = credit(one.officer, dt.date(YEAR + 1, 2, 3), academy_course(), legal=2)
    made = case_submissions.put_forward(by=state.post[0], cases=[one.case.pk], words="Nobody answered.")
    one.submission = made.made[0]
    return one


def _changed(state):
    """Before the Director, and something was credited since."""
    one = _before(state)
    one.credited = credit(one.officer, DAY, academy_course(), year=YEAR, legal=2).training_class
    return one


def _inactive(state):
    one = _before(state)
    seen = {one.submission.pk: one.submission.facts_sha256}
    one.decision = case_decisions.decide(by=state.director[0], seen=seen, kind="make_inactive")[0]
    return one


def _shown(state):
    """Inactive, and the hours are shown since."""
    one = _inactive(state)
    complete(one.officer, state.agency, YEAR)
    one.credited = one.officer.records.filter(credited_year=YEAR).first().training_class
    return one


def _nearly(state):
    """On the list for two hours alone, which come in at any moment."""
    one = _looked_at(state)
    complete(one.officer, state.agency, YEAR, legal=2)
    return one


def _far() -> dt.date:
    return TODAY + dt.timedelta(days=90)


def _digest(o) -> str:
    now = clock.now()
    case = Candidacy.objects.select_related("officer", "period").get(pk=o.case.pk)
    return case_facts.digest(case_facts.text(case_facts.read([case], now)[case.pk]))


def _seen(o) -> dict:
    return {o.submission.pk: _digest(o)}


def _enter(o) -> dict:
    return {
        "agency": o.agency,
        "title": f"Night driving {o.officer.pk}",
        "starts_on": DAY,
        "ends_on": DAY,
        "lines": make.lines(legal=2),
        "attendances": [Attendance(o.officer)],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }


SERVE = Act(
    cases.serve_notice,
    "post",
    lambda o: {
        "case": o.case,
        "how": "certified",
        "served_on": TODAY - dt.timedelta(days=1),
        "certified_number": "9414",
        "override_reason": "Looked at",
        "today": TODAY,
    },
)
LOOK = Act(
    candidacies.look, "post", lambda o: {"listings": [o.listing.pk], "found": "error", "words": "A class is missing"}
)
LEAVE = Act(
    cases.leave, "post", lambda o: {"cases": [o.case.pk], "until": _far(), "reason": "Deployed", "today": TODAY}
)
FORWARD = Act(
    case_submissions.put_forward,
    "post",
    lambda o: {"cases": [o.case.pk], "words": "Nobody answered.", "override_reason": "Looked at"},
)
ENTER = Act(classes.record, "chiefs", _enter, "credits hours")
PURSUE = Act(cases.pursue_again, "post", lambda o: {"case": o.case, "reason": "Back"})
NOTICE_BACK = Act(cases.take_notice_back, "post", lambda o: {"case": o.case, "reason": "It came back"})
ANSWER = Act(
    cases.answer,
    "own",
    lambda o: {"case": o.case, "words": "I was ill", "submission_key": uuid.uuid4(), "today": TODAY},
)
DAYS = Act(cases.set_response_days, "post", lambda o: {"period": o.period, "days": 30, "reason": "As last year"})


def _decide(kind: str, named: str, **more) -> Act:
    return Act(
        case_decisions.decide,
        "director",
        lambda o: {"seen": _seen(o), "kind": kind, "reason": "As the rule says", **more},
        named,
    )


DECIDE = (
    _decide("make_inactive", "inactive"),
    _decide("leave_active", "leaves active", until=_far()),
    _decide("refer_back", "refers back"),
)
TAKE_BACK = Act(case_submissions.take_back, "post", lambda o: {"submission": o.submission, "reason": "Something came"})
LOOK_AGAIN = Act(case_submissions.look_again, "post", lambda o: {"submission": o.submission, "seen": _digest(o)})
REVERSE = Act(case_decisions.reverse, "director", lambda o: {"decision": o.decision, "reason": "An error"})
APPEAL = Act(
    case_decisions.note_appeal,
    "post",
    lambda o: {
        "decision": o.decision,
        "noted": "filed",
        "happened_on": TODAY,
        "before": "The commission",
        "today": TODAY,
    },
)
REINSTATE = Act(case_decisions.reinstate, "director", lambda o: {"cases": {(o.officer.pk, YEAR): _digest(o)}})
SUSPEND = Act(
    licenses.record,
    "post",
    lambda o: {
        "officer": o.officer,
        "kind": "surrendered",
        "occurred_on": TODAY,
        "decided_by": "The Director",
        "reference": "P-2",
        "source": "Letter",
        "today": TODAY,
    },
)
MERGE = Act(
    merges.merge,
    "post",
    lambda o: {"kept": o.officer, "merged": o.colleague, "both_valid": True, "source": "Files", "today": TODAY},
)
MERGE_AWAY = Act(
    merges.merge,
    "post",
    lambda o: {"kept": o.colleague, "merged": o.officer, "both_valid": True, "source": "Files", "today": TODAY},
    "into the colleague",
)
LIST = Act(candidacies.make_list, None, lambda o: {"period": o.period, "day": TODAY, "now": clock.now()})
MAKE_UP = Act(make_up.assign, "post", lambda o: {"record": o.later, "year": YEAR, "today": TODAY})
VOID = Act(classes.void, "post", lambda o: {"training_class": o.credited, "reason": "It was not held"})


def _notices(state):
    """Two who were looked at; of one a notice lies ready."""
    one = _looked_at(state)
    one.campaign = candidate_notices.prepare(by=state.post[0], period=one.period, listings=[one.listing.pk])
    other = case_people.listed(one.colleague)
    case_people.looked_at(one.people, other)
    one.second = other.listings.get()
    return one


NOTICES = (
    Act(candidate_notices.prepare, "post", lambda o: {"period": o.period, "listings": [o.second.pk]}),
    Act(
        candidate_notices.prepare,
        "post",
        lambda o: {"period": o.period, "listings": [o.listing.pk, o.second.pk]},
        "both",
    ),
    Act(mailings.release, "post", lambda o: {"campaign": o.campaign, "reason": "Looked at"}),
    Act(mailings.hold, "post", lambda o: {"campaign": o.campaign, "reason": "Not yet"}),
    Act(campaigns.hold, "post", lambda o: {"campaign": o.campaign, "reason": "Not yet"}, "alone"),
    Act(campaigns.release, "post", lambda o: {"campaign": o.campaign, "reason": "Looked at"}, "alone"),
    Act(
        candidacies.look, "post", lambda o: {"listings": [o.second.pk], "found": "error", "words": "A class is missing"}
    ),
)


def _gap(state):
    one = _case(state)
    held = make.record(one.colleague, DAY, course=make.course(state.agency, skill=2), skill=2).training_class
    held.lines.create(area=make.area("skill"), hours=2)
    one.held = held
    one.gap = RecordingGap.objects.create(
        officer=one.officer,
        period=ReportingPeriod.objects.get(year=YEAR),
        kind="left_off",
        found_on=TODAY,
        score=80,
        training_class=held,
        agency=state.agency,
        asked_at=clock.now(),
    )
    return one


GAP = (
    Act(recording_gaps.answer, "chiefs", lambda o: {"gap": o.gap, "said": "yes"}),
    Act(recording_gaps.answer, "chiefs", lambda o: {"gap": o.gap, "said": "no", "words": "Was ill"}, "no"),
    Act(recording_gaps.resolve, "post", lambda o: {"gaps": [o.gap.pk], "how": "not_error", "reason": "Was ill"}),
    Act(recording_gaps.override, "post", lambda o: {"gaps": [o.gap.pk], "reason": "All the same"}),
    Act(recording_gaps.send, "post", lambda o: {"gaps": [o.gap.pk]}),
    Act(recording_gaps.find_now, "post", lambda o: {"period": o.period, "now": clock.now()}),
    Act(candidacies.look, "post", lambda o: {"listings": [o.listing.pk], "found": "no_error"}),
    SERVE,
    Act(classes.void, "chiefs", lambda o: {"training_class": o.held, "reason": "It was not held"}),
)

KINDS = (
    Kind("case, on the list", _looked_at, (SERVE, LOOK, LEAVE, FORWARD, ENTER, DAYS), is_grave=True),
    Kind("case, about to leave the list", _nearly, (SERVE, LEAVE, FORWARD, LOOK, ENTER, LIST), is_grave=True),
    Kind(
        "case, notice served",
        _served,
        (SERVE, NOTICE_BACK, ANSWER, LEAVE, FORWARD, LOOK, ENTER, LIST, MERGE_AWAY),
        is_grave=True,
    ),
    Kind("case, left", _left, (PURSUE, LEAVE, FORWARD, NOTICE_BACK, ANSWER)),
    Kind(
        "case, before the Director",
        _before,
        (*DECIDE, TAKE_BACK, LEAVE, NOTICE_BACK, ANSWER, ENTER, SUSPEND, MERGE, MERGE_AWAY, FORWARD, MAKE_UP, LIST),
        is_grave=True,
    ),
    Kind("case, changed before the Director", _changed, (*DECIDE, LOOK_AGAIN, TAKE_BACK, ENTER, VOID), is_grave=True),
    Kind(
        "decision that made a license inactive",
        _inactive,
        (REVERSE, APPEAL, REINSTATE, ENTER, MERGE, MERGE_AWAY, SUSPEND, LIST, ANSWER),
        is_grave=True,
    ),
    Kind(
        "license inactive, the hours shown", _shown, (REINSTATE, REVERSE, ENTER, SUSPEND, FORWARD, VOID), is_grave=True
    ),
    Kind("notices to those on the list", _notices, NOTICES),
    Kind("what may be a recording error", _gap, GAP),
)
