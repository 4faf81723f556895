"""What the mails say, with whose hours, to whom; and what nobody is told."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.core import mail

from clee_portal import clock
from compliance import digests
from compliance.services import digests as putting
from compliance.services.reminders import put_due
from compliance.tests.people import complete
from notifications import preferences, sending
from notifications.models import Message, MessageText, Preference
from training.models import Commission, Officer
from training.services import classes, commissions, corrections, courses
from training.services.classes import Attendance
from training.tests import factories

pytestmark = pytest.mark.django_db

State = Message.State
YEAR = 2025
LONG_NAME = "Bartholomew-Maximilian Featherstonehaugh-Cholmondeley-Vance"


def on(day: str, hour: int = 9):
    moment = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), clock.CHICAGO)
    return time_machine.travel(moment, tick=True)


def tomorrow_morning():
    """The next morning, when what happened today is told."""
    day = clock.today() + dt.timedelta(days=1)
    return time_machine.travel(dt.datetime.combine(day, dt.time(8), clock.CHICAGO), tick=True)


@pytest.fixture
def agency():
    made = factories.agency("cedar-hollow", "Cedar Hollow Police", phone="(555) 0100", email="desk@cedar.example")
    factories.ceo(made, "chief@cedar.example", "Ann Chief")
    return made


@pytest.fixture
def officer(agency):
    """An officer short of one hour of legal studies in 2025, connected."""
    one = factories.officer(agency, name="Renee O'Dell", license_number="70001")
    complete(one, agency, YEAR, legal=1)
    factories.officer_account(one, "renee@example.org")
    return one


def enter(agency, officers, title="Night driving", **hours):
    """A class of today entered by the agency."""
    made, _ = classes.record(
        by=None,
        agency=agency,
        title=title,
        starts_on=clock.today(),
        ends_on=clock.today(),
        lines=factories.lines(**(hours or {"skill": 4})),
        attendances=[Attendance(one) for one in officers],
        submission_key=uuid.uuid4(),
        today=clock.today(),
    )
    return made


def sent() -> list[tuple[str, str]]:
    """To whom which subject went."""
    return [(one.to[0], one.subject) for one in mail.outbox]


def send_tomorrow():
    with tomorrow_morning():
        sending.send_waiting(20, ahead=False)


# Reminders -----------------------------------------------------------------------------------------------------------


def remind(day: str):
    with on(day):
        put_due(day=clock.today())
        sending.send_waiting(20, ahead=False)
    return mail.outbox[-1]


def test_the_last_reminder_before_the_end_says_so(officer):
    said = remind("2025-12-15")
    assert said.subject == "Last reminder: 1 hour of CLEE missing for 2025, due December 31, 2025"
    assert said.body.split("\n--\n")[0] == (
        "Renee O'Dell,\n"
        "\n"
        "You need 1 more hour, in legal studies and from an approved provider, by December 31.\n"
        "This is the last reminder before December 31, 2025.\n"
        "You have 16 days.\n"
        "\n"
        "Still missing for 2025:\n"
        "- Total: 1 hour (23 of 24 done)\n"
        "- Approved provider: 1 hour (7 of 8 done)\n"
        "- Legal studies: 1 hour (1 of 2 done)\n"
        "\n"
        "See which classes counted and what would close the gap:\n"
        "http://localhost:8000/officers/70001/standing/?period=2025\n"
        "\n"
        "December 31 is the last day to earn hours for 2025. Hours that are missing then can still be made up until "
        "March 15. After that the Director may make a license inactive. It never happens by itself.\n"
        "\n"
        "A class you completed is missing? Whoever held it reports it. For a class of your agency, ask:\n"
        "- Cedar Hollow Police (Ann Chief), (555) 0100, desk@cedar.example\n"
    )


def test_in_the_make_up_time_it_says_until_when(officer):
    said = remind("2026-01-05")
    assert said.subject == "1 hour of CLEE short for 2025: make up and show by March 15, 2026"
    assert "The year 2025 is over. There is still time to make up the hours." in said.body


def test_an_officer_of_two_agencies_is_told_both_and_one_of_none_is_told_post(agency, officer):
    second = factories.agency("elm", "Elm Sheriff", email="desk@elm.example")
    extra = factories.commission(officer, second)
    said = remind("2025-12-01")
    assert (
        "ask:\n- Cedar Hollow Police (Ann Chief), (555) 0100, desk@cedar.example\n- Elm Sheriff, desk@elm.example\n"
    ) in said.body
    Commission.objects.filter(officer=officer).update(ended_on=extra.started_on)
    said = remind("2025-12-15")
    assert "You have no agency on record. Call POST at (573) 751-3409." in said.body


def test_a_name_adds_no_header_and_may_be_long(agency, officer):
    Officer.objects.filter(pk=officer.pk).update(first_name="Renee\r\nBcc: all@example.org", last_name=LONG_NAME)
    said = remind("2025-12-15")
    assert said.message()["Bcc"] is None
    assert said.body.startswith(f"Renee Bcc: all@example.org {LONG_NAME},\n")


def test_a_title_with_a_line_break_adds_no_header(agency, officer):
    held = enter(agency, [officer], title="Night")
    held.course.title = "Night\r\nBcc: all@example.org"
    held.course.save()
    send_tomorrow()
    assert sent() == [("renee@example.org", "4 hours credited: Night Bcc: all@example.org")]
    assert mail.outbox[0].message()["Bcc"] is None


def test_the_version_of_the_templates_is_kept(officer):
    remind("2025-12-15")
    (text,) = MessageText.objects.all()
    code, language, fingerprint = text.template.split("/")
    assert (code, language, len(fingerprint)) == ("reminder", "en", 12)


# Hours credited and changed ------------------------------------------------------------------------------------------


def test_classes_of_a_day_are_told_once_the_next_morning(agency, officer):
    enter(agency, [officer])
    enter(agency, [officer], title="Day driving", skill=2)
    sending.send_waiting(20, ahead=False)
    assert sent() == []
    send_tomorrow()
    (said,) = mail.outbox
    assert said.subject.startswith("Hours of 2 classes credited on ")
    assert "Cedar Hollow Police: 4 hours" in said.body
    assert "Cedar Hollow Police: 2 hours" in said.body
    send_tomorrow()
    assert len(mail.outbox) == 1


def test_what_was_entered_and_undone_on_one_day_is_nobodys_news(agency, officer):
    classes.void(by=None, training_class=enter(agency, [officer]), reason="Wrong day")
    send_tomorrow()
    assert sent() == []
    assert set(Message.objects.values_list("state", flat=True)) == {State.OVERTAKEN}


def _entered_before(agency, officer):
    """A class that was entered some days ago."""
    course = factories.course(agency, "Night driving", skill=4)
    day = clock.today() - dt.timedelta(days=3)
    made = factories.record(officer, day, course=course, skill=4)
    made.training_class.lines.create(area=factories.area("skill"), hours=4)
    type(made).objects.filter(pk=made.pk).update(recorded_at=clock.midday(day))
    made.refresh_from_db()
    return made


def test_hours_taken_out_are_told_with_the_reason(agency, officer):
    record = _entered_before(agency, officer)
    classes.void(by=None, training_class=record.training_class, reason="Entered twice")
    send_tomorrow()
    (said,) = mail.outbox
    assert (said.to, said.subject) == (["renee@example.org"], "Your CLEE hours changed: Night driving")
    assert "Cedar Hollow Police: 4 hours taken out. Reason given: Entered twice.\n" in said.body
    assert "List-Unsubscribe" not in said.message()


def test_a_correction_says_what_was_and_what_is(agency, officer):
    record = _entered_before(agency, officer)
    held = record.training_class
    corrections.correct(
        by=None,
        training_class=held,
        reason="Two hours only",
        agency=agency,
        submission_key=uuid.uuid4(),
        today=clock.today(),
        course=held.course,
        starts_on=held.starts_on,
        ends_on=held.ends_on,
        lines=factories.lines(skill=2),
        attendances=[Attendance(officer)],
    )
    send_tomorrow()
    assert [one.subject for one in mail.outbox] == ["Your CLEE hours changed: Night driving"]
    assert "2 hours instead of 4 hours. Reason given: Two hours only." in mail.outbox[0].body


def test_a_refused_course_is_told_to_officer_and_agency(agency, officer):
    record = _entered_before(agency, officer)
    courses.review(
        by=None,
        course=record.training_class.course,
        decision="refused",
        reason="No synopsis",
        today=clock.today(),
    )
    sending.send_waiting(20, ahead=False)
    assert sent() == [("chief@cedar.example", "POST refused the course “Night driving” of Cedar Hollow Police")]
    assert "The hours of 1 officer in 1 class no longer count." in mail.outbox[0].body
    send_tomorrow()
    assert sent()[1:] == [("renee@example.org", "Your CLEE hours changed: Night driving")]
    assert "4 hours no longer count: POST refused the course on" in mail.outbox[1].body
    assert "Reason given: No synopsis." in mail.outbox[1].body


def test_nothing_goes_to_somebody_who_is_not_connected(agency):
    enter(agency, [factories.officer(agency)])
    assert Message.objects.count() == 0


def test_everybody_connected_in_a_class_is_told(agency, officer):
    many = factories.roster(agency, 30)
    for one in many:
        factories.officer_account(one)
    enter(agency, [officer, *many])
    assert Message.objects.filter(occasion="hours_credited").count() == 31


# Optional kinds ------------------------------------------------------------------------------------------------------


def test_one_click_stops_an_optional_kind_without_signing_in(agency, officer, client):
    enter(agency, [officer])
    send_tomorrow()
    headers = mail.outbox[0].message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert client.get(url).status_code == 200
    assert Preference.objects.count() == 0
    response = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert Preference.objects.values_list("user__email", "occasion", "wanted").get() == (
        "renee@example.org",
        "hours_credited",
        False,
    )
    assert "renee" not in response.content.decode().lower()


def test_who_switched_it_off_is_not_written_to_and_hears_of_lost_hours_all_the_same(agency, officer):
    user = officer.memberships.get().user
    preferences.choose(by=user, wanted={"hours_credited": False, "hours_changed": False, "reminder": False})
    enter(agency, [officer])
    classes.void(by=None, training_class=_entered_before(agency, officer).training_class, reason="Entered twice")
    send_tomorrow()
    assert [subject for _, subject in sent()] == ["Your CLEE hours changed: Night driving"]


def test_what_was_waiting_when_it_was_switched_off_is_not_sent(agency, officer):
    enter(agency, [officer])
    preferences.choose(by=officer.memberships.get().user, wanted={"hours_credited": False})
    send_tomorrow()
    assert Message.objects.values_list("state", "note").get() == (State.OVERTAKEN, preferences.NOTE)


@pytest.mark.parametrize("token", ["", "x", "WzEsInJlbWluZGVyIl0:abc"])
def test_a_forged_token_stops_nothing(token):
    assert preferences.read_stop(token) is None


# Agencies ------------------------------------------------------------------------------------------------------------


def test_the_digest_names_who_is_short_and_who_is_not_connected(agency, officer):
    second = factories.officer(agency, name="Una Nobody", license_number="70002")
    complete(second, agency, YEAR, technical=1)
    done = factories.officer(agency, name="Dana Done")
    complete(done, agency, YEAR)
    with on("2025-12-01"):
        assert putting.put_due(day=clock.today()) == 3  # two of them are superseded at once
        assert putting.put_due(day=clock.today()) == 0
        sending.send_waiting(20, ahead=False)
    (said,) = mail.outbox
    assert (said.to, said.subject) == (
        ["chief@cedar.example"],
        "Cedar Hollow Police: 2 of 3 officers short of CLEE hours for 2025",
    )
    assert "- Nobody, Una (70002): 2 hours: 1 from an approved provider; not connected\n" in said.body
    assert "- O'Dell, Renee (70001): 1 hour: 1 from an approved provider, 1 of legal studies\n" in said.body
    assert "2 officers are not connected to the portal and get no reminders by mail. 1 of them is short." in said.body
    states = Message.objects.filter(occasion=digests.CODE).order_by("series_order").values_list("state", flat=True)
    assert list(states) == [State.SUPERSEDED, State.SUPERSEDED, State.SENT]


def test_a_question_and_its_answer_go_to_the_agencies(agency, officer):
    other = factories.agency("elm", "Elm Sheriff")
    factories.ceo(other, "sheriff@elm.example", "Sam Sheriff")
    mine = factories.commission(officer, other)
    about = Commission.objects.get(officer=officer, agency=agency)
    asked, _ = commissions.ask(by=None, commission=mine, about=about, note="He started here", today=clock.today())
    sending.send_waiting(20, ahead=False)
    assert sent() == [("chief@cedar.example", "Is Renee O'Dell still commissioned at Cedar Hollow Police?")]
    assert "They write: “He started here”" in mail.outbox[0].body
    commissions.still_here(by=None, question=asked, today=clock.today())
    sending.send_waiting(20, ahead=False)
    assert sent()[1:] == [("sheriff@elm.example", "Renee O'Dell: still commissioned at Cedar Hollow Police")]
