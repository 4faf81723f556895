"""What officers report: put to whoever should mend it, answered, brought to POST, settled; and who is told."""

import datetime as dt
import uuid

import pytest

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import record_reports as words
from compliance.document_storage import PrivateStorage
from compliance.models import RecordReport, RecordReportDocument
from compliance.services import record_reports
from compliance.tests.relief_people import paper
from notifications.models import Message
from training.models import RecognizedSource, TrainingClass, TrainingRecord
from training.services import classes, corrections
from training.services.classes import Attendance
from training.tests import factories

pytestmark = pytest.mark.django_db
TODAY = clock.today()
DAY = TODAY - dt.timedelta(days=20)


@pytest.fixture(autouse=True)
def storage(monkeypatch, tmp_path):
    monkeypatch.setattr(RecordReportDocument._meta.get_field("file"), "storage", PrivateStorage(location=tmp_path))


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    return factories.officer(agency, name="Renee Abbott")


@pytest.fixture
def account(officer):
    return factories.officer_account(officer, "renee@example.org")


@pytest.fixture
def ceo(agency):
    return factories.ceo(agency, "chief@example.org")


@pytest.fixture
def post():
    return factories.post_staff("petra@example.org", "Petra Post")


def missing(account, officer, body, **more) -> RecordReport:
    given = {"title": "Night driving", "completed_on": DAY, "submission_key": uuid.uuid4(), "today": TODAY} | more
    return record_reports.report(by=account, officer=officer, body=body, **given)[0]


def enter(by, agency, *officers, day=DAY) -> TrainingClass:
    held, _ = classes.record(
        by=by,
        agency=agency,
        title="Night driving",
        starts_on=day,
        ends_on=day,
        lines=factories.lines(legal=2),
        attendances=[Attendance(one, by_number=True) for one in officers],
        submission_key=uuid.uuid4(),
        today=TODAY,
    )
    return held


def told(code: str) -> list[tuple[str, str]]:
    return sorted(Message.objects.filter(occasion=code).values_list("address", "key"))


def test_missing_class_goes_to_the_agency_and_its_people_are_told(agency, officer, account, ceo):
    one = missing(account, officer, agency, documents=[paper("certificate.pdf")])
    assert (one.kind, one.body, one.escalated_at, words.stage(one)) == ("missing", agency, None, "asked")
    assert [kept.name for kept in one.documents.all()] == ["certificate.pdf"]
    assert told("record_report_asked") == [("chief@example.org", f"{one.pk}-0:{ceo.pk}")]
    assert told("record_report_news") == []


def test_the_same_form_sent_twice_is_one_report(agency, officer, account):
    key = uuid.uuid4()
    first = missing(account, officer, agency, submission_key=key)
    again, is_new = record_reports.report(
        by=account, officer=officer, title="Other", completed_on=DAY, body=agency, submission_key=key, today=TODAY
    )
    assert (again, is_new) == (first, False)


def test_nobody_else_reports_for_the_officer(agency, officer, ceo, post):
    for user in (ceo, post):
        with pytest.raises(Refused):
            missing(user, officer, agency)
    assert RecordReport.objects.count() == 0


def test_class_of_tomorrow_is_not_missing(agency, officer, account):
    with pytest.raises(Refused) as refused:
        missing(account, officer, agency, completed_on=TODAY + dt.timedelta(days=1))
    assert refused.value.field == "completed_on"


def test_agency_adds_the_officer_to_a_class_it_has(agency, officer, account, ceo):
    held = enter(ceo, agency, factories.officer(agency))
    one = missing(account, officer, agency)
    after = record_reports.answer(by=ceo, report=one, said="coming", training_class=held, seen=0, today=TODAY)
    assert (after.outcome, after.made.training_class, after.settled_by) == ("recorded", held, ceo)
    assert TrainingRecord.objects.live().filter(officer=officer, training_class=held).count() == 1
    assert told("record_report_news") == [("renee@example.org", f"{one.pk}-1:{account.pk}")]


def test_agency_that_was_not_asked_cannot_answer(agency, officer, account):
    one = missing(account, officer, agency)
    with pytest.raises(Refused):
        record_reports.answer(by=factories.ceo(factories.agency()), report=one, said="coming", seen=0, today=TODAY)


def test_what_is_coming_closes_when_the_record_appears(agency, officer, account, ceo):
    one = missing(account, officer, agency)
    record_reports.answer(by=ceo, report=one, said="coming", seen=0, today=TODAY)
    assert record_reports.look(now=clock.now()) == (0, 0)
    held = enter(ceo, agency, officer)
    assert record_reports.look(now=clock.now()) == (1, 0)
    assert record_reports.look(now=clock.now()) == (0, 0)
    one.refresh_from_db()
    assert (one.outcome, one.made.training_class, one.settled_by) == ("recorded", held, None)


def test_record_of_another_body_or_day_closes_nothing(agency, officer, account):
    missing(account, officer, agency)
    other = factories.agency()
    enter(factories.ceo(other), other, officer)
    enter(factories.ceo(agency), agency, officer, day=DAY - dt.timedelta(days=1))
    assert record_reports.look(now=clock.now()) == (0, 0)


def test_silence_brings_it_to_post_on_the_fifteenth_day(agency, officer, account):
    one = missing(account, officer, agency)
    for days, expected in ((14, (0, 0)), (15, (0, 1)), (16, (0, 0))):
        now = clock.midday(TODAY + dt.timedelta(days=days))
        assert (days, record_reports.look(now=now)) == (days, expected)
    one.refresh_from_db()
    assert (one.escalated_why, words.stage(one)) == ("silent", "post")
    assert told("record_report_news") == [("renee@example.org", f"{one.pk}-1:{account.pk}")]


def test_saying_that_it_is_coming_twice_gives_no_more_time(agency, officer, account, ceo):
    one = missing(account, officer, agency)
    later = TODAY + dt.timedelta(days=10)
    one = record_reports.answer(by=ceo, report=one, said="coming", seen=0, today=later)
    one = record_reports.answer(by=ceo, report=one, said="coming", seen=1, today=later + dt.timedelta(days=10))
    assert one.asked_on == later


def test_not_ours_needs_a_word_and_goes_to_post(agency, officer, account, ceo):
    one = missing(account, officer, agency)
    with pytest.raises(Refused) as refused:
        record_reports.answer(by=ceo, report=one, said="not_ours", seen=0, today=TODAY)
    assert refused.value.field == "words"
    after = record_reports.answer(by=ceo, report=one, said="not_ours", words="The academy gave it", seen=0, today=TODAY)
    assert (after.escalated_why, after.answer_words, after.outcome) == ("not_ours", "The academy gave it", "")


def test_already_there_names_the_entry_and_the_officer_may_disagree(agency, officer, account, ceo, post):
    record = factories.record(officer, DAY, course=factories.course(agency))
    one = missing(account, officer, agency)
    with pytest.raises(Refused):
        record_reports.answer(by=ceo, report=one, said="there", seen=0, today=TODAY)
    one = record_reports.answer(by=ceo, report=one, said="there", record=record, seen=0, today=TODAY)
    assert (one.outcome, one.made) == ("there", record)
    one = record_reports.disagree(by=account, report=one, words="That is another class", seen=1, today=TODAY)
    assert (one.outcome, one.made, one.escalated_why) == ("", None, "disagrees")
    one = record_reports.refuse(by=post, report=one, words="It is the same class", seen=2, today=TODAY)
    assert (one.outcome, one.settled_by) == ("refused", post)
    with pytest.raises(Refused):
        record_reports.disagree(by=account, report=one, words="No", seen=3, today=TODAY)
    assert [key for _, key in told("record_report_news")] == [f"{one.pk}-1:{account.pk}", f"{one.pk}-3:{account.pk}"]


def test_entry_of_somebody_else_is_not_the_officers(agency, officer, account, ceo):
    foreign = factories.record(factories.officer(agency), DAY, course=factories.course(agency))
    one = missing(account, officer, agency)
    with pytest.raises(Refused):
        record_reports.answer(by=ceo, report=one, said="there", record=foreign, seen=0, today=TODAY)


def test_wrong_class_goes_to_whoever_reported_it_and_closes_when_corrected(agency, officer, account, ceo):
    held = enter(ceo, agency, officer, factories.officer(agency))
    record = held.records.get(officer=officer)
    one, _ = record_reports.report(
        by=account, officer=officer, record=record, words="Four hours", submission_key=uuid.uuid4(), today=TODAY
    )
    assert (one.kind, one.body, one.title, one.completed_on) == ("wrong", agency, "Night driving", DAY)
    with pytest.raises(Refused):
        record_reports.report(
            by=account, officer=officer, record=record, words="Again", submission_key=uuid.uuid4(), today=TODAY
        )
    corrections.take_out(by=ceo, training_class=held, records=[record], reason="Not there")
    assert record_reports.look(now=clock.now()) == (1, 0)
    one.refresh_from_db()
    assert one.outcome == "corrected"


def test_wrong_class_of_somebody_else_cannot_be_reported(agency, officer, account):
    foreign = factories.record(factories.officer(agency), DAY, course=factories.course(agency))
    with pytest.raises(Refused):
        record_reports.report(
            by=account, officer=officer, record=foreign, words="Mine", submission_key=uuid.uuid4(), today=TODAY
        )


def test_two_who_act_at_once_the_second_looks_again(agency, officer, account, ceo):
    one = missing(account, officer, agency)
    record_reports.withdraw(by=account, report=one, seen=0, today=TODAY)
    with pytest.raises(Refused, match="meanwhile"):
        record_reports.answer(by=ceo, report=one, said="coming", seen=0, today=TODAY)
    one.refresh_from_db()
    assert (one.outcome, one.answer) == ("withdrawn", "")


def test_what_the_officer_does_not_know_post_puts_to_somebody(agency, officer, account, ceo, post):
    one = missing(account, officer, None)
    assert (one.escalated_why, told("record_report_asked")) == ("nobody", [])
    one = record_reports.hand_on(by=post, report=one, body=agency, seen=0, today=TODAY)
    assert (one.body, one.escalated_at, words.stage(one)) == (agency, None, "asked")
    assert told("record_report_asked") == [("chief@example.org", f"{one.pk}-1:{ceo.pk}")]
    with pytest.raises(Refused):
        record_reports.refuse(by=post, report=one, words="No", seen=1, today=TODAY)


def test_provider_is_asked_like_an_agency(officer, account):
    school = factories.provider("Academy of the Ozarks")
    staff = factories.provider_staff(school, "desk@academy.example")
    one = missing(account, officer, school)
    assert told("record_report_asked") == [("desk@academy.example", f"{one.pk}-0:{staff.pk}")]
    after = record_reports.answer(by=staff, report=one, said="not_ours", words="No", seen=0, today=TODAY)
    assert after.escalated_why == "not_ours"


# Training elsewhere ---------------------------------------------------------------------------------------------------


def elsewhere(account, officer, **more) -> RecordReport:
    given = {
        "title": "Interdiction on highways",
        "source": "Kansas Highway Patrol",
        "approved_by": "Kansas",
        "starts_on": None,
        "completed_on": DAY,
        "hours": 8,
        "approved": [paper("approval.pdf")],
        "completed": [paper("certificate.pdf")],
        "submission_key": uuid.uuid4(),
        "today": TODAY,
    } | more
    return record_reports.submit_outside(by=account, officer=officer, **given)[0]


def recognized(name="Kansas", **more) -> RecognizedSource:
    given = {"first_year": DAY.year - 1, "decided_on": dt.date(DAY.year - 1, 1, 2)} | more
    return RecognizedSource.objects.create(name=name, **given)


@pytest.mark.parametrize("without", ["approved", "completed"])
def test_training_elsewhere_needs_both_proofs(officer, account, without):
    with pytest.raises(Refused) as refused:
        elsewhere(account, officer, **{without: []})
    assert refused.value.field == without
    assert RecordReport.objects.count() == 0


def test_post_records_training_elsewhere_in_the_same_step(officer, account, post):
    one, source = elsewhere(account, officer), recognized()
    assert (one.escalated_why, [kept.proof for kept in one.documents.all()]) == ("outside", ["approved", "completed"])
    lines = factories.lines(legal=6, skill__firearms=2)
    after = record_reports.record_outside(by=post, report=one, recognized=source, lines=lines, seen=0, today=TODAY)
    held = after.made.training_class
    assert (after.outcome, after.settled_by, held.recognized_source) == ("recorded", post, source)
    assert (held.course.source_kind, held.course.sponsor, after.made.source_kind) == (
        "out_of_state",
        "Kansas Highway Patrol",
        "out_of_state",
    )
    assert sum(line.hours for line in after.made.lines.all()) == 8
    assert told("record_report_news") == [("renee@example.org", f"{one.pk}-1:{account.pk}")]
    with pytest.raises(Refused):
        record_reports.record_outside(by=post, report=one, recognized=source, lines=lines, seen=0, today=TODAY)
    assert TrainingRecord.objects.filter(officer=officer).count() == 1


def test_source_that_is_not_on_the_list_needs_a_reason(officer, account, post):
    one, lines = elsewhere(account, officer), factories.lines(legal=8)
    old = recognized("Nebraska", first_year=DAY.year - 3, last_year=DAY.year - 1)
    for source in (None, old):
        with pytest.raises(Refused) as refused:
            record_reports.record_outside(by=post, report=one, recognized=source, lines=lines, seen=0, today=TODAY)
        assert refused.value.field == "recognized"
    assert TrainingRecord.objects.count() == 0
    after = record_reports.record_outside(
        by=post, report=one, recognized=None, although="The Director said so", lines=lines, seen=0, today=TODAY
    )
    assert after.made.training_class.recorded_although == "The Director said so"


def test_only_post_staff_decide_on_training_elsewhere(officer, account, ceo):
    one, source = elsewhere(account, officer), recognized()
    for user in (ceo, account, factories.director()):
        with pytest.raises(Refused):
            record_reports.record_outside(
                by=user, report=one, recognized=source, lines=factories.lines(legal=8), seen=0, today=TODAY
            )
    assert TrainingRecord.objects.count() == 0


def test_without_a_license_that_day_nothing_is_recorded(account, officer, post):
    one, source = elsewhere(account, officer), recognized()
    factories.license_event(officer, "surrendered", DAY - dt.timedelta(days=1))
    with pytest.raises(Refused):
        record_reports.record_outside(
            by=post, report=one, recognized=source, lines=factories.lines(legal=8), seen=0, today=TODAY
        )
    one.refresh_from_db()
    assert one.is_open
