"""What is kept how long: what a program removes, and what only two people may."""

import datetime as dt
import uuid
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts import encryption, totp
from clee_portal.history.models import Tombstone
from clee_portal.history.sealing import keys, sealer
from clee_portal.history.tests.verified import findings
from clee_portal.operation import expired
from clee_portal.refusal import Refused
from clee_portal.tests.test_settings import PRODUCTION, run
from compliance.models import ReliefDecision, ReliefDocument, ReliefRequest
from compliance.models.documents import document_storage
from compliance.services import medical_documents
from compliance.tasks import remove_past_medical_documents
from notifications.models import Message, MessageText
from notifications.tasks import remove_old_texts
from training.models import Commission, CreditLine, Officer, TrainingClass, TrainingRecord
from training.tests import factories

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
SIX_YEARS_AGO = dt.date(2020, 11, 18)  # a day more than six years, with both leap days that may lie between


@pytest.mark.parametrize(
    ("name", "days"),
    [("ACCESS_RECORD_DAYS", 364), ("MAIL_TEXT_DAYS", 89), ("MEDICAL_DOCUMENT_DAYS", 364), ("EVIDENCE_DAYS", 2191)],
)
def test_settings_refuse_to_keep_too_short(name, days):
    done = run("-c", "import clee_portal.settings", **PRODUCTION, **{name: str(days)})
    assert f"ImproperlyConfigured: {name}: " in done.stderr


# By a program


def message(settled_days_ago: int, **more) -> MessageText:
    settled = clock.now() - dt.timedelta(days=settled_days_ago)
    one = Message.objects.create(
        uuid=uuid.uuid4(), occasion="reminder", key=f"2026:1:{settled_days_ago}", address="a@example.org", priority=1,
        state="sent", next_try_at=None, settled_at=settled, **more,
    )  # fmt: skip
    return MessageText.objects.create(message=one, subject="22 hours are missing", body="Dear Ona Oakley")


def test_texts_of_old_messages_are_removed_and_nothing_else_of_them():
    old, young = message(settings.MAIL_TEXT_DAYS + 1), message(settings.MAIL_TEXT_DAYS - 1)
    assert [remove_old_texts(), remove_old_texts()] == [1, 0]
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.subject, old.body, young.body) == ("22 hours are missing", "", "Dear Ona Oakley")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), bool_or(e::text LIKE '%%Oakley%%') FROM notifications_messagetextevent e")
        assert cursor.fetchone() == (2, False)


@pytest.fixture
def sent(world) -> ReliefDocument:
    """A medical document of an officer of A, whose request is not decided yet."""
    return next(
        one
        for one in world.a.papers
        if one.request.reason == ReliefRequest.Reason.MEDICAL and not one.request.decisions.exists()
    )


def decided(document: ReliefDocument, days_ago: int, **more) -> None:
    """The request was decided so long ago, and everything about it is as old."""
    then = clock.now() - dt.timedelta(days=days_ago)
    ReliefDocument.objects.filter(pk=document.pk).update(recorded_at=then)
    ReliefDecision.objects.create(
        request=document.request, decision="granted", decided_on=clock.day_of(then), recorded_at=then, **more
    )


def test_medical_document_is_removed_when_its_time_is_over(client, sent, time_machine):
    decided(sent, 0)
    remove_past_medical_documents()
    assert document_storage().exists(sent.file.name)
    time_machine.move_to(clock.now() + dt.timedelta(days=settings.MEDICAL_DOCUMENT_DAYS + 2), tick=False)
    remove_past_medical_documents()
    assert not document_storage().exists(sent.file.name)
    assert medical_documents.remove_past(day=clock.today()) == 0
    assert medical_documents.is_removed(sent, clock.today())
    assert ReliefDocument.objects.get(pk=sent.pk).sha256 == sent.sha256
    client.force_login(sent.recorded_by)
    page = client.get(reverse("compliance:relief_document", args=[sent.pk]))
    assert page.status_code == 410
    assert "removed when its time was over" in page.content.decode()


def test_document_that_is_lost_before_its_time_is_an_error(client, sent):
    document_storage().delete(sent.file.name)
    client.force_login(sent.recorded_by)
    page = client.get(reverse("compliance:relief_document", args=[sent.pk]))
    assert page.status_code == 500
    assert "cannot be found" in page.content.decode()


def test_medical_document_stays_while_its_request_is_open_or_the_time_given_lasts(sent):
    later = clock.today() + dt.timedelta(days=settings.MEDICAL_DOCUMENT_DAYS + 2)
    ReliefDocument.objects.filter(pk=sent.pk).update(recorded_at=clock.now() - dt.timedelta(days=1))
    assert sent not in medical_documents.past(later)
    decided(sent, 1, due_on=clock.today() + dt.timedelta(days=30))
    assert sent not in medical_documents.past(later)
    assert sent in medical_documents.past(later + dt.timedelta(days=30))


# By two people


@pytest.fixture
def sealed(settings, tmp_path):
    """This host has the key of the seals, and they are kept in a folder."""
    settings.SEALING_KEY = str(tmp_path / "key.pem")
    keys.make(tmp_path / "key.pem")
    settings.SEAL_DESTINATIONS = [(tmp_path / "kept").as_uri()]


@pytest.fixture
def two():
    return factories.post_staff("asks@example.gov", "Petra Asks"), factories.director("approves@example.gov", "Dirk")


@pytest.fixture
def agency():
    return factories.agency("harlan")


def class_on(agency, day: dt.date) -> TrainingClass:
    """A class of one officer that ended on `day`."""
    return factories.record(factories.officer(agency), day, course=factories.course(agency)).training_class


@pytest.fixture
def old(agency) -> TrainingClass:
    """A class that ended six years and a day ago."""
    return class_on(agency, SIX_YEARS_AGO)


def counts(*held: TrainingClass) -> tuple[int, int, int]:
    """Of those classes: classes, records and credit lines that are there."""
    of = {"training_class__in": [one.pk for one in held]}
    lines = CreditLine.objects.filter(record__training_class__in=of["training_class__in"])
    classes = TrainingClass.objects.filter(pk__in=of["training_class__in"])
    return classes.count(), TrainingRecord.objects.filter(**of).count(), lines.count()


def test_what_is_past_its_time_is_listed(agency, old):
    young = class_on(agency, SIX_YEARS_AGO + dt.timedelta(days=1))
    assert young not in expired.classes(TODAY)
    assert old in expired.classes(TODAY)
    assert expired.what_keeps([old, young]) == {}


def test_other_evidence_is_counted_from_the_day_on_which_it_was_last_written(agency, old):
    written = clock.day_of(clock.of_the_machine())
    edge = written + dt.timedelta(days=settings.EVIDENCE_DAYS)
    there = dict(expired.others(edge + dt.timedelta(days=1)))
    assert (there["officers"], there["commissions"]) == (Officer.objects.count(), Commission.objects.count())
    assert {"classes", "training records", "credit lines"} & set(there) == set()
    assert dict(expired.others(edge)).get("officers") is None
    assert all(count > 0 for count in there.values())


def test_class_on_which_something_rests_is_kept(agency, old):
    """A later record stands in the place of one of it: alone it is kept, together they may go."""
    later = class_on(agency, TODAY)
    TrainingRecord.objects.filter(training_class=later).update(replaces=old.records.get())
    assert expired.what_keeps([old]) == {old.pk: ["training records"]}
    assert expired.what_keeps([old, later]) == {}


def test_removal_by_two_people_leaves_a_tombstone_that_verify_history_accepts(sealed, agency, old, two, as_owner):
    young = class_on(agency, TODAY)
    sealer.look()
    with as_owner():
        stone = expired.remove(by=two[0], approved_by=two[1], reason="Past", chosen=[old], today=TODAY)
    assert (counts(old), counts(young)) == ((0, 0, 0), (1, 1, 1))
    assert (stone.by, stone.approved_by, stone.rows) == (*two, 3)
    assert findings() == []
    sealer.look()
    assert findings() == []


def test_removal_is_refused(sealed, agency, old, two, as_owner):
    """Nothing goes where one person asks and approves, a role is missing, it is too young, or something rests on it."""
    young = class_on(agency, TODAY)
    chief = factories.ceo(agency)
    tries = [
        ({"by": chief}, "is asked for by POST staff"),
        ({"approved_by": two[0]}, "is approved by the Director"),
        ({"chosen": [old, young]}, "is not past its time"),
        ({"reason": " "}, "Give the reason"),
    ]
    for change, words in tries:
        given = {"by": two[0], "approved_by": two[1], "reason": "Past", "chosen": [old], "today": TODAY} | change
        with as_owner(), pytest.raises(Refused, match=words):
            expired.remove(**given)
        assert (counts(old, young), Tombstone.objects.count()) == ((2, 2, 2), 0)
    TrainingRecord.objects.filter(training_class=young).update(replaces=old.records.get())
    with as_owner(), pytest.raises(Refused, match="is kept: training records rest on it"):
        expired.remove(by=two[0], approved_by=two[1], reason="Past", chosen=[old], today=TODAY)


def test_application_may_not_remove_evidence(sealed, old, two):
    """Without the owner's role the database refuses, whoever asks."""
    with pytest.raises(DatabaseError), transaction.atomic():
        expired.remove(by=two[0], approved_by=two[1], reason="Past", chosen=[old], today=TODAY)
    assert counts(old) == (1, 1, 1)


def codes_of(people) -> list[str]:
    """Each gets an authenticator app, and its code of now."""
    made = []
    for number, person in enumerate(people):
        secret = f"JBSWY3DPEHPK3PX{'PQ'[number]}"
        Authenticator.objects.create(
            user=person, type=Authenticator.Type.TOTP, data={"secret": encryption.encrypt(secret)}
        )
        made.append(totp.code_of(secret, totp.now_counter()))
    return made


def test_command_lists_and_removes_with_the_codes_of_both(sealed, old, two, as_owner):
    told = StringIO()
    call_command("expired_evidence", stdout=told)
    assert f"{old.reference}  2020-11-18  may be removed" in told.getvalue()
    assert "kept for good" not in told.getvalue()  # all other evidence was written just now
    who = ["--asked-by", two[0].email, "--approved-by", two[1].email, "--reason", "Past"]
    codes = codes_of(two)
    with as_owner():
        for given, words in (
            (["--codes", "000000", codes[1]], "That is no code of the authenticator of"),
            (["--codes", codes[0], codes[0]], "That is no code of the authenticator of"),
        ):
            with pytest.raises(CommandError, match=words):
                call_command("expired_evidence", "--remove", old.reference, *who, *given)
        assert counts(old) == (1, 1, 1)
    with as_owner(), pytest.raises(CommandError, match="may not approve it"):
        call_command("expired_evidence", "--remove", old.reference, "--asked-by", two[0].email, "--approved-by",
                     two[0].email, "--codes", *codes)  # fmt: skip


def test_command_removes(sealed, old, two, as_owner):
    told = StringIO()
    with as_owner():
        call_command(
            "expired_evidence", "--remove", old.reference, "--asked-by", two[0].email, "--approved-by", two[1].email,
            "--reason", "Past six years", "--codes", *codes_of(two), stdout=told,
        )  # fmt: skip
    assert told.getvalue() == f"Removed 1 classes: 3 versions, tombstone {Tombstone.objects.get().pk}.\n"
    assert counts(old) == (0, 0, 0)
