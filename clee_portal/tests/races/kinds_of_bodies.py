"""The register of agencies, of providers and their licenses, and of recognized sources."""

import datetime as dt
import uuid
from types import SimpleNamespace

from clee_portal import clock
from clee_portal.tests.races.kinds import Act, Kind
from clee_portal.tests.races.kinds_of_register import class_recorded
from training.models import RecognizedSource
from training.services import (
    agencies,
    classes,
    commissions,
    providers,
    sources,
)
from training.services.classes import Attendance
from training.tests import factories as make

TODAY = clock.today()

DAY = TODAY - dt.timedelta(days=5)

BECAUSE = {"source": "Letter of today", "today": TODAY}


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
        "provider": o.school,
        "number": f"X-{o.school.pk}",
        "standing": "valid",
        "valid_from": make.LONG_AGO - dt.timedelta(days=60),
        "valid_until": make.LONG_AGO - dt.timedelta(days=30),
        "decided_on": make.LONG_AGO,
        **BECAUSE,
    }
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
            class_recorded(SimpleNamespace(agency=None, officer=o.officer, colleague=o.officer))
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
    Kind("agency of the register", _agency, AGENCY, is_grave=True),
    Kind("provider and its license", _provider, PROVIDER, is_grave=True),
    Kind("recognized source", _source, SOURCE, is_grave=True),
)
