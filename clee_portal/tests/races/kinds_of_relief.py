"""Requests for more time, plans, and reports of officers: what waits for somebody’s answer."""

import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from compliance.services import relief, relief_decisions
from compliance.tests import relief_people
from training.tests import factories as make

TODAY = clock.today()


def _relief(state, **more) -> SimpleNamespace:
    officer = make.officer(state.agency)
    own = make.officer_account(officer)
    return SimpleNamespace(officer=officer, own=own, request=relief_people.ask(own, officer, **more))


def _asked_more(state):
    one = _relief(state)
    one.question = relief_decisions.ask_more(
        by=state.post[0], request=one.request, words="The orders", seen=0, today=TODAY
    )
    return one


def _granted(state):
    one = _relief(state)
    one.decision = relief_decisions.grant(
        by=state.post[0], request=one.request, due_on=_due(), reason="", seen=0, today=TODAY
    )
    return one


def _due():
    return TODAY.replace(month=12, day=31)


def _seen(o):
    return o.decision.pk if hasattr(o, "decision") else 0


RELIEF_ACTS = (
    Act(relief.withdraw, "own", lambda o: {"request": o.request, "today": TODAY}),
    Act(relief.answer, "own", lambda o: {"request": o.request, "words": "Here", "today": TODAY}),
    Act(
        relief.add_documents,
        "own",
        lambda o: {"request": o.request, "documents": [relief_people.paper()], "today": TODAY},
    ),
    Act(
        relief_decisions.grant,
        "post",
        lambda o: {"request": o.request, "due_on": _due(), "reason": "", "seen": _seen(o), "today": TODAY},
    ),
    Act(
        relief_decisions.deny,
        "post",
        lambda o: {"request": o.request, "reason": "No", "seen": _seen(o), "today": TODAY},
    ),
    Act(
        relief_decisions.end,
        "post",
        lambda o: {"request": o.request, "reason": "Over", "seen": _seen(o), "today": TODAY},
    ),
    Act(
        relief_decisions.ask_more,
        "post",
        lambda o: {"request": o.request, "words": "More", "seen": _seen(o), "today": TODAY},
    ),
    Act(
        relief.ask,
        "own",
        lambda o: {
            "officer": o.officer,
            "period": o.request.period,
            "kind": "extension",
            "reason": "military",
            "leave_from": o.request.leave_from,
            "submission_key": uuid.uuid4(),
            "today": TODAY,
        },
    ),
)

PROLONG = Act(
    relief_decisions.grant,
    "post",
    lambda o: {
        "request": o.request,
        "due_on": _due().replace(year=TODAY.year + 1),
        "reason": "",
        "seen": _seen(o),
        "today": TODAY,
    },
    "longer",
)
KINDS = (
    Kind("request for more time, undecided", _relief, (*RELIEF_ACTS[:5], *RELIEF_ACTS[6:]), is_grave=True),
    Kind("request for more time, more asked for", _asked_more, RELIEF_ACTS[:5], is_grave=True),
    Kind("request for more time, granted", _granted, (RELIEF_ACTS[0], *RELIEF_ACTS[3:6], PROLONG), is_grave=True),
)
