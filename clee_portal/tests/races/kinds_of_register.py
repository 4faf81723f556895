"""The register: officers, licenses, commissions, joined records, agencies, providers and their licenses, sources."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from training.services import (
    classes,
    commissions,
    contacts,
    licenses,
    merges,
    officers,
)
from training.services.classes import Attendance
from training.tests import factories as make

TODAY = clock.today()

DAY = TODAY - dt.timedelta(days=5)

BECAUSE = {"source": "Letter of today", "today": TODAY}
CORRECTED_COMMISSION = Act(
    commissions.correct,
    "chiefs",
    lambda o: {
        "commission": o.commission,
        "started_on": make.LONG_AGO,
        "ended_on": None,
        "end_reason": "",
        "rank": "Captain",
        "is_reserve": False,
        "reason": "Wrong",
        "today": TODAY,
    },
)


def _officer(state) -> SimpleNamespace:
    one = SimpleNamespace(agency=state.agency, elsewhere=make.agency())
    one.officer, one.colleague = (make.officer(state.agency) for _ in range(2))
    one.own = make.officer_account(one.officer)
    one.commission = one.officer.commissions.get()
    one.number = f"N{uuid.uuid4().hex[:8]}".upper()
    return one


def _suspended(state):
    one = _officer(state)
    one.event, _ = licenses.record(
        by=state.post[0],
        officer=one.officer,
        kind="suspended",
        occurred_on=DAY,
        decided_by="The Director",
        reference="POST-1",
        **BECAUSE,
    )
    return one


def _claimed(state):
    one = _officer(state)
    one.their_chief = make.ceo(one.elsewhere)
    one.theirs = make.commission(one.officer, one.elsewhere)
    one.question, _ = commissions.ask(by=one.their_chief, commission=one.theirs, about=one.commission, today=TODAY)
    return one


def _two_records(state):
    one = SimpleNamespace(kept=make.officer(state.agency), merged=make.officer(make.agency()))
    one.number = f"N{uuid.uuid4().hex[:8]}".upper()
    return one


def _joined(state):
    one = _two_records(state)
    one.merge = merges.merge(by=state.post[0], kept=one.kept, merged=one.merged, both_valid=True, **BECAUSE)
    one.merged.refresh_from_db()
    return one


OFFICER = (
    Act(
        officers.edit,
        "post",
        lambda o: {
            "officer": o.officer,
            "born_on": dt.date(1980, 1, 2),
            "name_until": None,
            "first_name": "Renata",
            **BECAUSE,
        },
    ),
    Act(
        officers.edit,
        "post",
        lambda o: {"officer": o.officer, "born_on": None, "name_until": DAY, "last_name": "Married", **BECAUSE},
        "a new name",
    ),
    Act(officers.correct_number, "post", lambda o: {"officer": o.officer, "license_number": o.number, **BECAUSE}),
    Act(
        officers.correct_number,
        "post",
        lambda o: {"officer": o.colleague, "license_number": o.number, **BECAUSE},
        "a colleague’s to the same",
    ),
    Act(
        officers.add,
        "post",
        lambda o: {
            "license_number": o.number,
            "licensed_on": DAY,
            "license_class": None,
            "first_name": "A",
            "last_name": "B",
            **BECAUSE,
        },
        "of that number",
    ),
    Act(
        officers.tell_address,
        "own",
        lambda o: {"officer": o.officer, "postal_address": "1 Main Street", "before": o.officer.postal_address},
    ),
    Act(
        contacts.keep,
        "own",
        lambda o: {
            "officer": o.officer,
            "phone": "573 555 0107",
            "mail_to": "sign_in",
            "is_open_to_agency": True,
            "postal_address": "2 Main Street",
            "address_before": o.officer.postal_address,
            "seen": 0,
        },
    ),
    Act(
        licenses.record,
        "post",
        lambda o: {
            "officer": o.officer,
            "kind": "suspended",
            "occurred_on": DAY,
            "decided_by": "The Director",
            "reference": "POST-1",
            **BECAUSE,
        },
    ),
    Act(
        licenses.record,
        "post",
        lambda o: {
            "officer": o.officer,
            "kind": "surrendered",
            "occurred_on": DAY,
            "decided_by": "The Director",
            "reference": "POST-2",
            **BECAUSE,
        },
        "surrendered",
    ),
    Act(
        commissions.end,
        "chiefs",
        lambda o: {"commission": o.commission, "ended_on": DAY, "reason": "Left", "today": TODAY},
    ),
    Act(
        commissions.add,
        "chiefs",
        lambda o: {"agency": o.agency, "officer": o.officer, "started_on": TODAY, "today": TODAY},
    ),
    Act(
        commissions.transfer,
        "post",
        lambda o: {"commission": o.commission, "to": o.elsewhere, "ended_on": DAY, "started_on": TODAY, **BECAUSE},
    ),
    CORRECTED_COMMISSION,
    Act(merges.merge, "post", lambda o: {"kept": o.officer, "merged": o.colleague, "both_valid": True, **BECAUSE}),
    Act(
        merges.merge,
        "post",
        lambda o: {"kept": o.colleague, "merged": o.officer, "both_valid": True, **BECAUSE},
        "the other way",
    ),
    Act(classes.record, "chiefs", lambda o: class_recorded(o)),  # defined below
)


def class_recorded(o) -> dict:
    """A class of an agency with two officers, as it is entered."""
    return {
        "agency": o.agency,
        "title": f"Winter driving {o.officer.pk}",
        "starts_on": DAY,
        "ends_on": DAY,
        "lines": make.lines(skill=4),
        "attendances": [Attendance(o.officer), Attendance(o.colleague)],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    }


LICENSE = (
    *OFFICER[7:11],
    Act(licenses.void, "post", lambda o: {"event": o.event, "source": "A slip"}),
    Act(
        licenses.record,
        "post",
        lambda o: {
            "officer": o.officer,
            "kind": "suspension_ended",
            "occurred_on": TODAY,
            "decided_by": "The Director",
            "reference": "POST-3",
            **BECAUSE,
        },
        "ended",
    ),
    OFFICER[15],
)

CLAIMED = (
    Act(commissions.still_here, "chiefs", lambda o: {"question": o.question, "today": TODAY}),
    Act(commissions.ask, "their_chief", lambda o: {"commission": o.theirs, "about": o.commission, "today": TODAY}),
    Act(commissions.ask, "chiefs", lambda o: {"commission": o.commission, "about": o.theirs, "today": TODAY}, "back"),
    Act(commissions.settle, "post", lambda o: {"commission": o.commission, "today": TODAY}),
    Act(
        commissions.end,
        "chiefs",
        lambda o: {"commission": o.commission, "ended_on": DAY, "reason": "Left", "today": TODAY},
    ),
    Act(
        commissions.end,
        "their_chief",
        lambda o: {"commission": o.theirs, "ended_on": DAY, "reason": "Left", "today": TODAY},
        "the other",
    ),
    CORRECTED_COMMISSION,
)

JOINED = (
    Act(merges.undo, "post", lambda o: {"merge": o.merge, "source": "Two people after all"}),
    Act(merges.merge, "post", lambda o: {"kept": o.kept, "merged": o.merged, "both_valid": True, **BECAUSE}),
    Act(
        officers.correct_number,
        "post",
        lambda o: {"officer": o.kept, "license_number": o.merge.license_number, **BECAUSE},
        "to that of before",
    ),
    Act(
        officers.add,
        "post",
        lambda o: {
            "license_number": o.merge.license_number,
            "licensed_on": DAY,
            "license_class": None,
            "first_name": "A",
            "last_name": "B",
            **BECAUSE,
        },
        "of that number",
    ),
    Act(
        officers.edit,
        "post",
        lambda o: {
            "officer": o.kept,
            "born_on": dt.date(1980, 1, 2),
            "name_until": None,
            "first_name": "Renata",
            **BECAUSE,
        },
    ),
    Act(
        licenses.record,
        "post",
        lambda o: {
            "officer": o.kept,
            "kind": "suspended",
            "occurred_on": DAY,
            "decided_by": "The Director",
            "reference": "POST-1",
            **BECAUSE,
        },
    ),
)

KINDS = (
    Kind("officer", _officer, OFFICER, is_grave=True),
    Kind("license that is suspended", _suspended, LICENSE, is_grave=True),
    Kind("commission that two agencies claim", _claimed, CLAIMED),
    Kind("record that was joined", _joined, JOINED, is_grave=True),
)
