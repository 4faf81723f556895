"""The register: officers, licenses, commissions, joined records, agencies, providers and their licenses, sources."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from training.models import RecognizedSource
from training.services import (
    agencies,
    classes,
    commissions,
    contacts,
    licenses,
    merges,
    officers,
    providers,
    sources,
)
from training.services.classes import Attendance
from training.tests import factories as make

TODAY = clock.today()
DAY = TODAY - dt.timedelta(days=5)
BECAUSE = {"source": "Letter of today", "today": TODAY}


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
        by=state.post[0], officer=one.officer, kind="suspended", occurred_on=DAY, decided_by="The Director",
        reference="POST-1", **BECAUSE,
    )  # fmt: skip
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


def _agency(state):
    one = SimpleNamespace(agency=make.agency(), officer=make.officer(state.agency), title=f"Town {uuid.uuid4()}")
    one.chiefs = (make.ceo(one.agency), make.delegate(one.agency))
    return one


def _provider(state):
    one = SimpleNamespace(title=f"Academy {uuid.uuid4()}", officer=make.officer(state.agency))
    one.school = make.provider(one.title)
    one.staff = (make.provider_staff(one.school), make.provider_staff(one.school))
    one.license = one.school.licenses.get()
    one.course = make.provider_course(one.school, skill=4)
    return one


def _source(state):
    title = f"Academy of {uuid.uuid4()}"
    return SimpleNamespace(
        title=title,
        listed=RecognizedSource.objects.create(name=title, kind="federal", first_year=2020, decided_on=make.LONG_AGO),
    )


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
    Act(
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
    ),
    Act(merges.merge, "post", lambda o: {"kept": o.officer, "merged": o.colleague, "both_valid": True, **BECAUSE}),
    Act(
        merges.merge,
        "post",
        lambda o: {"kept": o.colleague, "merged": o.officer, "both_valid": True, **BECAUSE},
        "the other way",
    ),
    Act(classes.record, "chiefs", lambda o: _record(o)),
)


def _record(o) -> dict:
    return {
        "agency": o.agency, "title": "Winter driving", "starts_on": DAY, "ends_on": DAY, "lines": make.lines(skill=4),
        "attendances": [Attendance(o.officer), Attendance(o.colleague)], "submission_key": uuid.uuid4(), "today": TODAY,
    }  # fmt: skip


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
    Act(
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
    ),
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
AGENCY = (
    Act(agencies.edit, "post", lambda o: {"agency": o.agency, "name": o.title, **BECAUSE}),
    Act(
        agencies.edit,
        "post",
        lambda o: {"agency": o.agency, "name": o.agency.name, "closed_on": DAY, **BECAUSE},
        "closes it",
    ),
    Act(agencies.add, "post", lambda o: {"code": f"c{o.agency.pk}", "name": o.title, "source": "Letter"}),
    Act(
        agencies.add,
        "post",
        lambda o: {"code": f"c{o.agency.pk}", "name": f"{o.title} 2", "source": "Letter"},
        "of one code",
    ),
    Act(
        commissions.add,
        "chiefs",
        lambda o: {"agency": o.agency, "officer": o.officer, "started_on": TODAY, "today": TODAY},
    ),
    Act(
        commissions.transfer,
        "post",
        lambda o: {
            "commission": o.officer.commissions.get(),
            "to": o.agency,
            "ended_on": DAY,
            "started_on": TODAY,
            **BECAUSE,
        },
    ),
    Act(
        commissions.confirm, "chiefs", lambda o: {"agency": o.agency, "year": TODAY.year, "officers": 0, "today": TODAY}
    ),
)


def _another(o, **changes) -> dict:
    whole = {
        "provider": o.school, "number": f"X-{o.school.pk}", "standing": "valid", "valid_from": make.LONG_AGO - dt.timedelta(days=60),
        "valid_until": make.LONG_AGO - dt.timedelta(days=30), "decided_on": make.LONG_AGO, **BECAUSE,
    }  # fmt: skip
    return whole | changes


PROVIDER = (
    Act(providers.edit, "post", lambda o: {"provider": o.school, "name": f"{o.title} anew", "source": "Letter"}),
    Act(providers.add, "post", lambda o: {"name": f"{o.title} anew", "source": "Letter"}),
    Act(providers.add_license, "post", lambda o: _another(o)),
    Act(providers.add_license, "post", lambda o: _another(o, number=f"Y-{o.school.pk}"), "of the same days"),
    Act(
        providers.change_license,
        "post",
        lambda o: {
            "license": o.license,
            "standing": "revoked",
            "from_day": DAY - dt.timedelta(days=3),
            "valid_until": None,
            "decided_on": TODAY,
            **BECAUSE,
        },
    ),
    Act(
        providers.change_license,
        "post",
        lambda o: {
            "license": o.license,
            "standing": "probation",
            "from_day": TODAY,
            "valid_until": None,
            "decided_on": TODAY,
            **BECAUSE,
        },
        "to probation",
    ),
    Act(providers.void_license, "post", lambda o: {"license": o.license, "source": "A slip"}),
    Act(
        classes.record,
        "staff",
        lambda o: (
            _record(SimpleNamespace(agency=None, officer=o.officer, colleague=o.officer))
            | {
                "agency": None,
                "provider": o.school,
                "course": o.course,
                "title": "",
                "attendances": [Attendance(o.officer, by_number=True)],
            }
        ),
    ),
)
SOURCE = (
    Act(
        sources.add,
        "post",
        lambda o: {
            "name": f"{o.title} 2",
            "kind": "federal",
            "first_year": 2021,
            "last_year": None,
            "decided_on": TODAY,
            **BECAUSE,
        },
    ),
    Act(
        sources.add,
        "post",
        lambda o: {
            "name": o.title,
            "kind": "federal",
            "first_year": 2025,
            "last_year": None,
            "decided_on": TODAY,
            **BECAUSE,
        },
        "once more",
    ),
    Act(sources.end, "post", lambda o: {"recognized": o.listed, "last_year": 2022, "source": "Letter"}),
    Act(sources.end, "post", lambda o: {"recognized": o.listed, "last_year": 2026, "source": "Letter"}, "later"),
    Act(sources.void, "post", lambda o: {"recognized": o.listed, "source": "A slip"}),
)

KINDS = (
    Kind("officer", _officer, OFFICER, is_grave=True),
    Kind("license that is suspended", _suspended, LICENSE, is_grave=True),
    Kind("commission that two agencies claim", _claimed, CLAIMED),
    Kind("record that was joined", _joined, JOINED, is_grave=True),
    Kind("agency of the register", _agency, AGENCY, is_grave=True),
    Kind("provider and its license", _provider, PROVIDER, is_grave=True),
    Kind("recognized source", _source, SOURCE, is_grave=True),
)
