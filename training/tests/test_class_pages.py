"""The pages of a class that is recorded: the confirmation, undoing it, the list, and who may open which."""

import datetime as dt
import uuid

import pytest

from training.models import TrainingRecord
from training.services import classes
from training.services.classes import Attendance
from training.tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DAY = dt.date(2026, 11, 18)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("clee_portal.clock.today", lambda: TODAY)


@pytest.fixture
def chief(agency, client):
    account = make.ceo(agency)
    client.force_login(account)
    return account


def text(response) -> str:
    """The page, with single blanks."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def held(agency, chief, three):
    """A class with credit for three officers."""
    return classes.record(
        by=chief,
        agency=agency,
        title="Winter driving",
        starts_on=DAY,
        ends_on=DAY,
        lines=make.lines(skill=6),
        attendances=[Attendance(one) for one in three],
        submission_key=uuid.uuid4(),
        today=TODAY,
    )[0]


def test_void_asks_for_the_reason_and_shows_who_loses_credit(client, held):
    page = client.get(f"/classes/{held.reference}/void/")
    assert f"Undo {held.reference}: 3 officers lose 6 hours each" in text(page)
    page = client.post(f"/classes/{held.reference}/void/", {"reason": ""})
    assert "Say why the class is undone." in text(page)
    page = client.post(f"/classes/{held.reference}/void/", {"reason": "Wrong day"}, follow=True)
    assert "Reason: Wrong day" in text(page)
    assert "Dwyer, Patrick" in text(page)
    assert not TrainingRecord.objects.live().exists()


def test_void_again_leads_to_the_class(client, held, chief):
    classes.void(by=chief, training_class=held, reason="Wrong day")
    for answer in (client.get, client.post):
        assert answer(f"/classes/{held.reference}/void/").url == f"/classes/{held.reference}/"


def test_class_list_marks_what_was_undone(client, held, chief):
    assert "Undone" not in text(client.get("/agencies/harlan/classes/"))
    classes.void(by=chief, training_class=held, reason="Wrong day")
    page = client.get("/agencies/harlan/classes/")
    assert "1 class reported" in text(page)
    assert "Undone" in text(page)


def test_class_list_without_a_class(client, chief):
    assert "No class reported yet" in text(client.get("/agencies/harlan/classes/"))


def test_officer_sees_the_class_with_their_own_record_only(client, held, three):
    client.force_login(make.officer_account(three[0]))
    page = text(client.get(f"/classes/{held.reference}/"))
    assert "Abbott, Renee" in page
    assert "Dwyer, Patrick" not in page
    assert client.get(f"/classes/{held.reference}/void/").status_code == 403


PAGES = [
    "/agencies/harlan/classes/enter/",
    "/agencies/harlan/classes/",
    "/classes/{reference}/",
    "/classes/{reference}/void/",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("nobody", [302] * 4),
        ("user", [404] * 4),
        ("ceo of another agency", [404] * 4),
        ("officer of the agency", [404, 404, 404, 404]),
        ("delegate", [200] * 4),
        ("post staff", [200] * 4),
        ("director", [403, 200, 200, 403]),
    ],
)
def test_pages_are_for_the_agencys_people_and_the_state(client, held, agency, path, who, expected):
    account = {
        "nobody": lambda: None,
        "user": make.user,
        "ceo of another agency": lambda: make.ceo(make.agency()),
        "officer of the agency": lambda: make.officer_account(make.officer(agency)),
        "delegate": lambda: make.delegate(agency),
        "post staff": make.post_staff,
        "director": make.director,
    }[who]()
    client.logout()
    if account:
        client.force_login(account)
    response = client.get(path.format(reference=held.reference))
    assert response.status_code == expected[PAGES.index(path)]


@pytest.mark.parametrize("reference", ["C-0", "C-999999", "x", "C-99999999999999999999"])
def test_unknown_reference_is_not_found(client, chief, reference):
    assert client.get(f"/classes/{reference}/").status_code == 404
