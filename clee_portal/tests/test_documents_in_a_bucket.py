"""Documents in S3-compatible storage: read through the portal alone, and neither a file nor a row alone where the
storage or the database fails."""

import dataclasses
import datetime as dt
import io

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from django.urls import reverse

from clee_portal import buckets, clock
from clee_portal.buckets import Bucket
from clee_portal.operation import backups, kept_documents
from clee_portal.tests.bucket_server import NOWHERE
from compliance.document_storage import PrivateBucket
from compliance.models import ReliefDocument, ReliefRequest, ReportingPeriod
from compliance.services.documents import files
from compliance.tests.relief_people import ask, paper, pdf, upload
from training.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(s3, monkeypatch) -> Bucket:
    """The bucket that documents lie in."""
    monkeypatch.setattr(buckets, "ATTEMPTS", 1)  # of clients made from here on
    one = s3.bucket("portal", ServerSideEncryption="AES256")
    lie_in(monkeypatch, one)
    return one


@pytest.fixture
def people(bucket):
    """An officer with an account, and somebody of another agency."""
    agency = factories.agency("cedar", "Cedar Hollow Police")
    officer = factories.officer(agency, name="Renee Abbott")
    account = factories.officer_account(officer, "renee@example.org")
    stranger = factories.ceo(factories.agency("alder", "Alder Police"), "other@example.org")
    return officer, account, stranger


def lie_in(monkeypatch, bucket: Bucket) -> None:
    """From now on documents lie in this one."""
    storage = PrivateBucket(bucket)
    for module in (kept_documents, backups):
        monkeypatch.setattr(module, "storages", {"documents": storage})
    for model, name in FIELDS:
        monkeypatch.setattr(model._meta.get_field(name), "storage", storage)


FIELDS = list(kept_documents.fields_of_documents())


def held(bucket: Bucket) -> list[str]:
    return [key for key, _ in bucket.listed()]


def given() -> dict:
    """The form of a request, with a paper."""
    today = clock.today()
    return {
        "period": ReportingPeriod.objects.get(year=today.year).pk, "reason": "military", "kind": "extension",
        "leave_from": today.isoformat(), "leave_to": "", "words": "", "step": "send", "documents": [upload(pdf())],
    }  # fmt: skip


def test_document_is_encrypted_there_and_read_through_the_portal_alone(client, bucket, people):
    officer, account, stranger = people
    one = ask(account, officer, documents=[paper()]).documents.get()
    content, told = bucket.get(one.file.name)
    assert (content, told["ServerSideEncryption"], one.size) == (pdf(), "AES256", len(pdf()))
    assert held(bucket) == [one.file.name]
    assert one.file.storage.size(one.file.name) == len(pdf())
    with pytest.raises(ValueError, match="no address of its own"):
        _ = one.file.url
    page = reverse("compliance:relief_document", args=[one.pk])
    for who, status in ((account, 200), (stranger, 404)):
        client.force_login(who)
        answer = client.get(page)
        assert answer.status_code == status
        assert bucket.name not in f"{answer.headers} {answer.content!r}"
    client.force_login(account)
    answer = client.get(page)
    assert (answer.content, answer["Content-Disposition"][:10]) == (pdf(), "attachment")


def test_where_the_storage_refuses_nothing_is_half_done_and_the_page_says_so(client, bucket, people, monkeypatch):
    officer, account, _ = people
    client.force_login(account)
    client.raise_request_exception = False
    address = reverse("compliance:relief_ask", args=[officer.license_number])
    # Some servers refuse the wrong key, some the bucket that is not there.
    with_another_key = Bucket(dataclasses.replace(bucket.access, secret="another"), "no-such-bucket")
    for refusing in (Bucket(NOWHERE, bucket.name), with_another_key):
        lie_in(monkeypatch, refusing)
        answer = client.post(address, given())
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert "What you just sent was not saved." in answer.content.decode()
        assert (ReliefRequest.objects.count(), ReliefDocument.objects.count()) == (0, 0)
    lie_in(monkeypatch, bucket)
    assert client.post(address, given()).status_code == 302
    one = ReliefDocument.objects.get()
    assert held(bucket) == [one.file.name]
    lie_in(monkeypatch, Bucket(NOWHERE, bucket.name))
    answer = client.get(reverse("compliance:relief_document", args=[one.pk]))
    assert answer.status_code == 503
    assert "interrupted for a moment" in answer.content.decode()


def keep_and_fail(error, before=lambda: None) -> None:
    """A file is written, and then something goes wrong."""
    with files() as kept, transaction.atomic():
        document = ReliefDocument()
        document.file.save("", ContentFile(pdf()), save=False)
        kept.append(document.file)
        before()
        raise error


def test_file_goes_with_the_row_and_stays_where_the_row_may_be(bucket):
    """What fails takes the file away again; a connection lost in the moment of the commit does not: it may be there."""
    for error, left in ((ValueError, 0), (OperationalError, 1)):
        with pytest.raises(error):
            keep_and_fail(error)
        assert len(held(bucket)) == left


def test_file_that_cannot_be_taken_away_hides_nothing(bucket, monkeypatch, caplog):
    storage = ReliefDocument._meta.get_field("file").storage
    with pytest.raises(ZeroDivisionError):
        keep_and_fail(ZeroDivisionError, lambda: monkeypatch.setattr(storage, "bucket", Bucket(NOWHERE, bucket.name)))
    assert "A file stayed without a row" in caplog.text


def test_answer_that_was_lost_leaves_no_file(bucket, monkeypatch):
    """The storage has written it, and the answer never came."""
    put = Bucket.put

    def lose(*arguments, **more):
        put(*arguments, **more)
        raise buckets.Away(5, "PutObject: ReadTimeoutError")

    monkeypatch.setattr(Bucket, "put", lose)
    with pytest.raises(buckets.Away):
        ReliefDocument().file.save("", ContentFile(pdf()), save=False)
    assert held(bucket) == []


def checked(**options) -> tuple[int, list[str]]:
    said, code = io.StringIO(), 0
    try:
        call_command("check_documents", stdout=said, **options)
    except SystemExit as end:
        code = end.code
    return code, said.getvalue().splitlines()


def test_rows_and_files_are_compared_both_ways(bucket, people, monkeypatch):
    officer, account, _ = people
    first, second, third = (
        one.file.name for one in ask(account, officer, documents=[paper(), paper(), paper()]).documents.order_by("pk")
    )
    assert checked() == (0, ["3 files: 0 missing, 0 changed, 0 without a row"])
    bucket.delete(first)
    bucket.put(second, b"something else")
    bucket.put("zz/left-over", b"of a process that was killed")
    told = [f"{first}: missing", f"{second}: changed"]
    assert checked() == (1, [*told, "3 files: 1 missing, 1 changed, 0 without a row"])
    assert checked(names_only=True)[1] == [told[0], "3 files: 1 missing, 0 changed, 0 without a row"]
    later = clock.now() + dt.timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert checked(remove_unnamed=True)[1][2] == "zz/left-over: removed"
    assert held(bucket) == sorted([second, third])
    lie_in(monkeypatch, Bucket(NOWHERE, bucket.name))
    with pytest.raises(CommandError, match="does not answer: ListObjects: EndpointConnectionError"):
        checked()


def test_copies_hold_what_lies_in_the_bucket(bucket, people, tmp_path):
    officer, account, _ = people
    named = sorted(one.file.name for one in ask(account, officer, documents=[paper(), paper()]).documents.all())
    assert sorted(backups.named_documents()) == named
    bucket.delete(named[1])
    told = backups._documents(named, tmp_path, [], [], None)
    assert ((tmp_path / told["documents"][named[0]]["file"]).read_bytes(), told["missing"]) == (pdf(), [named[1]])
