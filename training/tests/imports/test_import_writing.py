"""What imports write: duplicates and repeats, older registers, chunks, and what the database refuses."""

import datetime as dt
import random

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clee_portal import clock
from training.imports import limits, reading, running
from training.imports.problems import Fate
from training.models import (
    Agency,
    Commission,
    Course,
    CourseReview,
    CreditLine,
    LicenseEvent,
    Officer,
    OfficerBirthDate,
    TrainingClass,
    TrainingRecord,
)
from training.services import bulk
from training.tests import factories
from training.tests.imports import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def state():
    """The small state."""
    world.make()


def _import(kind: str, text: str, options=None, **more) -> running.Report:
    table = reading.open_bytes(text.encode(), name="in.csv")
    return running.run(world.importer(kind, options or {}), table, **{"today": world.TODAY, **more})


def _training(rows: list[str], **more) -> running.Report:
    head = "license number,title,completed on,hours,area,provider,source agency"
    return _import("training", "\n".join([head, *rows]), **more)


def _counts(report: running.Report) -> tuple:
    return tuple(report.count(fate) for fate in Fate)


def _live() -> list:
    return [
        (one.officer.license_number, one.source_kind, one.not_counted, one.not_counted_note)
        for one in TrainingRecord.objects.live().order_by("pk").select_related("officer")
    ]


def test_rows_of_one_class_become_one_class(state):
    report = _training([f"{number},Law Update,2024-05-01,2,legal,OTA-1," for number in (40001, 40002, 50001)])
    assert _counts(report) == (3, 0, 0, 0)
    held = TrainingClass.objects.get()
    assert (held.starts_on, held.ends_on, held.reported_by_agency) == (dt.date(2024, 5, 1), dt.date(2024, 5, 1), None)
    assert list(held.lines.values_list("area__code", "hours")) == list(
        held.course.lines.values_list("area__code", "hours")
    )
    assert held.records.count() == 3


def test_class_lines_are_what_most_people_got(state):
    _training(
        ["40001,A,2024-05-01,1,legal,OTA-1,", "40002,A,2024-05-01,4,legal,OTA-1,", "40003,A,2024-05-01,4,legal,OTA-1,"]
    )
    assert [line.hours for line in TrainingClass.objects.get().lines.all()] == [4]


def test_later_rows_of_a_class_join_it(state):
    _training(["40001,Law Update,2024-05-01,2,legal,OTA-1,"])
    report = _training(["40001,LAW  UPDATE.,2024-05-01,2,legal,OTA-1,", "40002,law update,2024-05-01,2,legal,OTA-1,"])
    assert _counts(report) == (1, 1, 0, 0)
    assert (Course.objects.count(), TrainingClass.objects.count(), TrainingRecord.objects.count()) == (1, 1, 2)


def test_in_service_after_the_provider_is_a_duplicate(state):
    _training(["40001,Law Update,2024-05-01,2,legal,OTA-1,"])
    report = _training(["40001,Law Update,2024-05-01,3,legal,,ashby-pd"])
    assert _counts(report) == (1, 0, 0, 0)
    first = TrainingClass.objects.order_by("pk").first()
    assert _live() == [
        ("40001", "approved_provider", "", ""),
        ("40001", "in_service", "duplicate", f"Counted once, as {first.reference}"),
    ]


def test_provider_after_the_in_service_is_the_one_that_counts(state):
    _training(["40001,Law Update,2024-05-01,3,legal,,ashby-pd"])
    rows = ["40001,Law Update,2024-05-01,2,legal,OTA-1,"]
    assert _counts(_training(rows)) == (1, 0, 0, 0)
    new = TrainingClass.objects.order_by("pk").last()
    assert sorted(_live()) == [
        ("40001", "approved_provider", "", ""),
        ("40001", "in_service", "duplicate", f"Counted once, as {new.reference}"),
    ]
    old = TrainingRecord.objects.get(voided_at__isnull=False)
    anew = TrainingRecord.objects.get(replaces=old)
    assert list(anew.lines.values_list("area__code", "hours")) == list(old.lines.values_list("area__code", "hours"))
    assert _counts(_training(rows)) == (0, 1, 0, 0)
    assert TrainingRecord.objects.count() == 3


@pytest.mark.parametrize(("hours", "why"), [("3", "duplicate"), ("3.01", ""), ("1", "duplicate"), ("0.99", "")])
def test_duplicate_is_credit_differing_by_at_most_an_hour(state, hours, why):
    _training(["40001,Law Update,2024-05-01,2,legal,OTA-1,", f"40001,Law Update,2024-05-01,{hours},legal,,ashby-pd"])
    assert [row[2] for row in _live()] == ["", why]


def test_repeat_of_a_course_in_one_period_counts_once_for_students(state):
    head = "license number,title,completed on,hours,area,provider,role\n"
    rows = [
        "40001,Range,2023-12-31,2,skill,OTA-1,",
        "40001,Range,2024-01-01,2,skill,OTA-1,",
        "40001,Range,2024-12-31,2,skill,OTA-1,",
        "40002,Range,2024-01-01,2,skill,OTA-1,instructor",
        "40002,Range,2024-12-31,2,skill,OTA-1,instructor",
    ]
    assert _counts(_import("training", head + "\n".join(rows))) == (5, 0, 0, 0)
    assert [row[2] for row in _live()] == ["", "", "repeat", "", ""]


def test_older_register_is_known_from_its_own_day_on(state):
    head = "license number,title,completed on,hours,area,source agency,control number,period,recorded on\n"
    text = (
        head + "40001,Law Update,2019-01-20,2,legal,ashby-pd,K-9,2018,2019-02-01\n"
        "40002,Law Update,2019-01-20,2,legal,ashby-pd,K-9,,\n"
    )
    assert _counts(_import("training", text, {"carried_over_from": "The older register"})) == (2, 0, 0, 0)
    one, other = TrainingRecord.objects.order_by("pk")
    assert (one.recorded_at, one.credited_year) == (clock.midday(dt.date(2019, 2, 1)), 2018)
    assert (other.recorded_at, other.credited_year) == (clock.midday(dt.date(2019, 1, 20)), 2019)
    assert {one.carried_over_from, one.training_class.carried_over_from} == {"The older register"}
    assert (one.training_class.course.control_number, one.training_class.recorded_at) == ("K-9", other.recorded_at)


def test_course_that_post_refused_gives_nothing(state):
    _training(["40001,Law Update,2024-05-01,2,legal,,ashby-pd"])
    CourseReview.objects.create(
        course=Course.objects.get(), decision="refused", decided_on=dt.date(2025, 1, 2), reason="No synopsis."
    )
    report = _training(["40002,Law Update,2024-05-02,2,legal,,ashby-pd"], today=clock.today())
    assert [one.wrong for one in report.problems] == ["POST refused “Law Update” on 2025-01-02 (No synopsis)."]


def test_license_that_ended_gives_nothing_after(state):
    factories.license_event(Officer.objects.get(license_number="40001"), "revoked", dt.date(2024, 1, 2))
    report = _training(["40001,Law Update,2024-01-01,2,legal,OTA-1,", "40001,Other,2024-01-03,2,legal,OTA-1,"])
    assert _counts(report) == (1, 0, 1, 0)
    assert report.problems[0].wrong == (
        "The license of Abbott, Renee (40001) was revoked since 2024-01-02: nothing can be credited."
    )


def test_officer_gets_all_that_a_row_says(state):
    head = "license number,name,class,licensed on,email,address,birth date,agency,start date,end date,rank,reserve\n"
    row = (
        '41900,"Whitlock, Dana",A,2016-05-01,dana@example.org,1 Elm St,1985-02-03,'
        "ashby-pd,2016-06-01,2020-06-30,Deputy,yes\n"
    )
    later = '41900,"Whitlock, Dana",B,2016-05-01,,,,ashby-pd,2021-01-01,,Sergeant,\n'
    report = _import("officers", head + row + later, {"carried_over_from": "The older register"})
    assert _counts(report) == (2, 0, 0, 0)
    assert report.notices == [(3, "added: commission; left as it is, though the file differs: license class")]
    officer = Officer.objects.get(license_number="41900")
    assert (officer.license_class.code, officer.email, officer.postal_address) == ("A", "dana@example.org", "1 Elm St")
    event = LicenseEvent.objects.get(officer=officer)
    assert (event.kind, event.recorded_at) == ("issued", clock.midday(dt.date(2016, 5, 1)))
    assert OfficerBirthDate.objects.get(officer=officer).born_on == dt.date(1985, 2, 3)
    assert list(
        Commission.objects.filter(officer=officer).order_by("pk").values_list("ended_on", "rank", "is_reserve")
    ) == [
        (dt.date(2020, 6, 30), "Deputy", True),
        (None, "Sergeant", False),
    ]


def test_officer_known_is_filled_in_and_never_overwritten(state):
    head = "license number,name,email,licensed on\n"
    report = _import("officers", head + '40001,"Abbott-Hill, Renee",renee@example.org,2011-01-01\n')
    assert report.notices == [(2, "added: email; left as it is, though the file differs: name, license date")]
    officer = Officer.objects.get(license_number="40001")
    assert (officer.last_name, officer.email) == ("Abbott", "renee@example.org")
    assert _counts(_import("officers", head + '40001,"Abbott, Renee",other@example.org,\n')) == (0, 1, 0, 0)
    officer.refresh_from_db()
    assert officer.email == "renee@example.org"


def test_commission_that_overlaps_another_is_refused(state):
    report = _import("officers", 'license number,name,agency,start date\n40001,"Abbott, Renee",ashby-pd,2014-01-01\n')
    assert [one.wrong for one in report.problems] == [
        "A commission at Ashby Police Department from 2015-03-02 to today covers some of these days."
    ]


def test_similar_agency_is_recorded_when_asked(state):
    text = "name,county\nAshby Police Dept.,Orley\nAshby Police Department,Brill\nAshby Police Department,Orley\n"
    assert _counts(_import("agencies", text, {"make_codes": True})) == (1, 1, 1, 0)
    report = _import("agencies", text, {"make_codes": True, "allow_similar": True})
    assert _counts(report) == (1, 2, 0, 0)
    assert sorted(Agency.objects.values_list("code", "name", "county")) == [
        ("ashby-pd", "Ashby Police Department", "Orley"),
        ("ashby-pd-2", "Ashby Police Department", "Brill"),
        ("ashby-police-dept", "Ashby Police Dept.", "Orley"),
        ("brill-so", "Brill County Sheriff's Office", "Brill"),
    ]


def test_row_the_database_refuses_takes_no_other_with_it(state, monkeypatch):
    copy_rows = bulk.copy_rows

    def refusing(model, fields, rows):
        rows = list(rows)
        if model is TrainingRecord and any(dt.date(2024, 5, 13) in row for row in rows):
            raise IntegrityError("no thirteenth\nDETAIL")
        copy_rows(model, fields, rows)

    monkeypatch.setattr(bulk, "copy_rows", refusing)
    report = _training([f"40001,Class {day},2024-05-{day:02},2,legal,OTA-1," for day in range(1, 29)])
    assert _counts(report) == (27, 0, 1, 0)
    assert [(one.row, one.wrong) for one in report.problems] == [(14, "The database refused the row (no thirteenth).")]
    assert (Course.objects.count(), TrainingClass.objects.count(), TrainingRecord.objects.count()) == (27, 27, 27)


def test_run_that_is_cut_off_is_completed_by_the_next(state, monkeypatch):
    monkeypatch.setattr(limits, "ROWS_A_CHUNK", 10)
    rows = [f"{number},Class,2024-05-{day:02},2,legal,,ashby-pd" for day in range(1, 21) for number in (40001, 40002)]

    def killed(done, total):
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _training(rows, progress=killed)
    assert TrainingRecord.objects.count() == 20
    assert _counts(_training(rows)) == (20, 20, 0, 0)
    assert (TrainingClass.objects.count(), CreditLine.objects.count()) == (20, 40)


def test_import_takes_the_same_number_of_statements_for_any_number_of_rows(state):
    def statements(rows):
        with CaptureQueriesContext(connection) as queries:
            _training(rows)
        return len(queries)

    few = statements([f"{number},One,2024-05-01,2,legal,OTA-1," for number in (40001, 40002)])
    ashby = Agency.objects.get(code="ashby-pd")
    many = [one.license_number for one in factories.roster(ashby, 100, first_number=60000)]
    assert (
        statements([f"{number},Two {i % 7},2024-05-{i % 9 + 1:02},2,legal,OTA-1," for i, number in enumerate(many)])
        == few
    )


def test_long_file_goes_in_by_chunks(state, monkeypatch):
    monkeypatch.setattr(limits, "ROWS_A_CHUNK", 100)
    ashby = Agency.objects.get(code="ashby-pd")
    roster = [one.license_number for one in factories.roster(ashby, 50, first_number=60000)]
    rows = [f"{number},Class {i},2024-05-{i + 1:02},2,legal,OTA-1," for i in range(5) for number in roster]
    seen = []
    report = _training(rows, progress=lambda done, total: seen.append((done, total)))
    assert _counts(report) == (250, 0, 0, 0)
    assert seen == [(100, 250), (200, 250), (250, 250)]
    assert (TrainingClass.objects.count(), CreditLine.objects.count()) == (5, 250)


CELL = st.one_of(
    st.sampled_from(
        [
            "40001",
            "40002",
            "40002.0",
            "99999",
            "",
            "Law Update",
            "Ethics",
            "2024-05-01",
            "5/2/2024",
            "29 February 2025",
            "2107-01-01",
            "2",
            "0",
            "-1",
            "1.005",
            "48",
            "legal",
            "skill",
            "Abbott, Renee",
            "O’HARA,  DANA",
            "instructor",
            "Incomplete",
            "OTA-1",
            "Total",
            "=1+1",
            "’",
            "x" * 300,
            "1e999",
            "NaN",
            "license number",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)
COLUMNS = {
    "agencies": ["code", "name", "type", "county", "city", "phone", "e-mail", "closed"],
    "officers": [
        "license number",
        "name",
        "first",
        "last",
        "class",
        "licensed on",
        "agency",
        "start date",
        "birth date",
        "reserve",
    ],
    "training": [
        "license number",
        "name",
        "title",
        "completed on",
        "hours",
        "area",
        "skill",
        "firearms",
        "status",
        "provider",
    ],
}


PLAUSIBLE = {
    "code": ["corwin-pd", "ashby-pd", "tamsin-pd"],
    "name": ["Abbott, Renee", "Dana O'Hara", "Corwin Police Department", "Corwin PD"],
    "county": ["Orley", "['Brill']"],
    "license number": ["40001", "40002", "40002.0", "41900"],
    "first": ["Renee"],
    "last": ["Abbott", "Whitlock JR"],
    "licensed on": ["2016-05-01", "5/1/16"],
    "agency": ["ashby-pd", "BRILL COUNTY SHERIFF"],
    "start date": ["2016-06-01", "2021-06-01"],
    "title": ["Law Update", "Ethics"],
    "completed on": ["2024-05-01", "5/2/2024"],
    "hours": ["2", "2.5", "8"],
    "area": ["legal", "skill"],
    "provider": ["OTA-1", ""],
}
DIRTY_CELL = st.tuples(st.integers(0, 11), CELL)


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(COLUMNS)),
    rows=st.lists(st.lists(DIRTY_CELL, min_size=7, max_size=9), max_size=12),
    seed=st.integers(0, 999),
    usual=st.booleans(),
)
def test_generated_dirt_is_accounted_for(state, kind, rows, seed, usual):
    names = random.Random(seed).sample(COLUMNS[kind], 7)
    lines = [",".join(names)]
    for row in rows:
        cells = []
        for at, (chance, dirt) in enumerate(row):
            plausible = PLAUSIBLE.get(names[at], [""]) if at < len(names) else [""]
            cells.append((plausible[chance % len(plausible)] if chance < 9 else dirt).replace('"', '""'))
        lines.append(",".join(f'"{cell}"' for cell in cells))
    text = "\n".join(lines)
    options = {"agencies": {"make_codes": usual}}.get(kind, {"agency": "ashby-pd"} if usual else {})
    more = {"settings": {"area": "legal"}} if kind == "training" and "area" not in names else {}
    report = _import(kind, text, options, **more)
    assert sum(_counts(report)) == report.read
    assert all(row.problems for row in report.having(Fate.REFUSED))
    assert not any(row.problems for row in report.rows if row.fate is not Fate.REFUSED)
    again = _import(kind, text, options, **more)
    assert again.count(Fate.RECORDED) == 0
    assert again.count(Fate.REFUSED) == report.count(Fate.REFUSED)
