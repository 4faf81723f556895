"""Papers of requests for more time: who may read which, where they lie, and that none is left behind."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError

from clee_portal import clock
from clee_portal.accounts.models import StateRole
from clee_portal.refusal import Refused
from compliance import access, seed
from compliance.document_storage import PrivateStorage
from compliance.models import ReliefDocument
from compliance.services import relief as asking
from compliance.services import relief_decisions as deciding
from compliance.tests.people import complete
from compliance.tests.relief_people import ask, medical_reader, paper
from training.tests import factories

pytestmark = pytest.mark.django_db
YEAR = 2030
# Past March 15: without a request the officer would be on the list.
DAY = dt.date(2031, 4, 20)


@pytest.fixture(autouse=True)
def april(monkeypatch, tmp_path):
    field = ReliefDocument._meta.get_field("file")
    monkeypatch.setattr(field, "storage", PrivateStorage(location=tmp_path))
    # The database stamps facts with the real time, so the day looked at lies after it.
    with time_machine.travel(dt.datetime.combine(DAY, dt.time(9), clock.CHICAGO), tick=True):
        seed.load()
        yield


@pytest.fixture
def agency():
    return factories.agency("cedar", "Cedar Hollow Police")


@pytest.fixture
def officer(agency):
    one = factories.officer(agency, name="Renee Abbott")
    complete(one, agency, YEAR, legal=1)
    return one


@pytest.fixture
def account(officer):
    return factories.officer_account(officer, "renee@example.org")


@pytest.fixture
def ceo(agency):
    return factories.ceo(agency, "chief@example.org")


@pytest.fixture
def post():
    return factories.post_staff("petra@example.org", "Petra Post")


# Documents ------------------------------------------------------------------------------------------------------------


def test_medical_documents_lie_between_sender_and_named_staff(officer, account, ceo, post):
    made = ask(account, officer, reason="medical", documents=[paper("mine.pdf")], words="Surgery")
    asking.add_documents(by=post, request=made, documents=[paper("faxed.pdf")], today=DAY)
    reader = medical_reader()

    def names(user):
        return sorted(one.name for one in access.documents_open_to(user, made))

    assert names(account) == ["mine.pdf"]
    assert names(ceo) == []
    assert names(post) == ["faxed.pdf"]
    assert names(reader) == ["faxed.pdf", "mine.pdf"]
    assert [access.can_read_words(user, made) for user in (account, ceo, post)] == [True, False, True]
    assert [access.can_see_leave(user, made) for user in (account, ceo, post)] == [True, False, True]
    assert (
        deciding.grant(
            by=post, request=made, due_on=dt.date(2031, 12, 31), reason="", seen=0, today=DAY
        ).documents.count()
        == 1
    )


def test_an_agency_does_not_read_the_officers_and_the_reverse(officer, account, ceo):
    made = ask(ceo, officer, reason="medical", documents=[paper("theirs.pdf")])
    asking.add_documents(by=account, request=made, documents=[paper("mine.pdf")], today=DAY)
    assert [one.name for one in access.documents_open_to(ceo, made)] == ["theirs.pdf"]
    assert [one.name for one in access.documents_open_to(account, made)] == ["mine.pdf"]
    assert not access.can_read_words(account, made)


def test_of_military_leave_the_officer_reads_everything(officer, account, ceo, post):
    made = ask(ceo, officer, documents=[paper("theirs.pdf")])
    asking.add_documents(by=account, request=made, documents=[paper("mine.pdf")], today=DAY)
    assert [one.name for one in access.documents_open_to(ceo, made)] == ["theirs.pdf"]
    assert access.documents_open_to(account, made).count() == 2
    assert access.documents_open_to(post, made).count() == 2


@pytest.mark.parametrize("reason", ["medical", "military"])
def test_delegate_who_may_not_ask_reads_no_document_of_a_leave(agency, officer, ceo, reason):
    made = ask(ceo, officer, reason=reason, documents=[paper("theirs.pdf")])
    asks, sees_only = factories.delegate(agency), factories.delegate(agency)
    sees_only.memberships.update(may_ask_relief=False)
    for user, names in ((asks, ["theirs.pdf"]), (sees_only, [])):
        assert [one.name for one in access.documents_open_to(user, made)] == names
        assert access.can_see_leave(user, made) is bool(names)


def test_reading_medical_papers_ends_with_its_day_and_needs_the_state(officer):
    once = factories.post_staff()
    StateRole.objects.create(
        user=once, role="medical_reader", starts_on=factories.LONG_AGO, ends_on=DAY - dt.timedelta(days=1)
    )
    stranger = factories.user()
    StateRole.objects.create(user=stranger, role="medical_reader", starts_on=factories.LONG_AGO)
    assert (once.reads_medical, stranger.reads_medical, medical_reader().reads_medical) == (False, False, True)


def test_a_document_lies_outside_the_web_root_under_no_name_of_its_own(officer, account):
    made = ask(account, officer, documents=[paper("../../etc/passwd.pdf")])
    one = made.documents.get()
    assert "passwd" not in one.file.name
    assert len(one.file.name) == 35
    with pytest.raises(ValueError, match="no address of its own"):
        _ = one.file.url
    with one.file.open("rb") as kept:
        assert kept.read(5) == b"%PDF-"
    assert (one.sent_by, one.agency, one.recorded_by) == ("officer", None, account)


def test_what_fails_leaves_no_file_behind(officer, account, tmp_path):
    with pytest.raises(Refused):
        ask(account, officer, year=2029, leave_from=dt.date(2029, 5, 1), documents=[paper()])
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    first = ask(account, officer, documents=[paper()])
    broken = [paper(), paper()._replace(pages=0)]
    with pytest.raises(IntegrityError):  # the second row is refused after both files were written
        asking.add_documents(by=account, request=first, documents=broken, today=DAY)
    assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 1
