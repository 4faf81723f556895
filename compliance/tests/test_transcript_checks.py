"""The check of a transcript by anybody: by code, by file, and with nothing but the public key and the document."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from clee_portal import clock
from clee_portal.accounts import limits
from clee_portal.refusal import Refused
from clee_portal.tests.test_outsiders import rows_kept
from compliance import signing, transcript_checks
from compliance.models import Transcript
from compliance.services import signing_keys, transcripts
from compliance.tests import people
from compliance.transcript_checks import Signed
from training.models import Officer, TrainingRecord
from training.tests import factories as make

pytestmark = pytest.mark.django_db

FILE = "/check/transcript/file/"


@pytest.fixture
def dana():
    agency = make.agency("harlan", "Harlan County Sheriff")
    one = make.officer(agency, name="Dana Whitlock", license_number="41877", email="home@mail.example")
    people.complete(one, agency, clock.today().year - 1, legal=1)
    make.record(one, clock.today(), course=make.course(agency, "Night shooting"), skill__firearms=2, legal=1)
    return one


@pytest.fixture
def account(dana):
    return make.officer_account(dana)


@pytest.fixture
def one(account, dana) -> Transcript:
    return made_by(account, dana)


def made_by(account, officer) -> Transcript:
    return transcripts.issue(by=account, officer=officer, years=[clock.today().year, clock.today().year - 1])


def read(one: Transcript, field: str = "pdf") -> bytes:
    return transcript_checks.read(one, field)


def signature_of(one: Transcript, field: str = "pdf", **more) -> bytes:
    digest, signature = getattr(one, f"{field}_sha256"), getattr(one, f"{field}_signature")
    said = json.loads(signing.as_file(f"t.{field}", digest, one.key, signature))
    return json.dumps(said | more).encode()


def put(client, content: bytes, *, signature: bytes | None = None, of: str = "", name: str = "transcript.pdf"):
    """Put a file there."""
    sent = {"file": SimpleUploadedFile(name, content), "of": of}
    if signature is not None:
        sent["signature"] = SimpleUploadedFile("transcript.pdf.sig", signature)
    return client.post(FILE, sent)


def page_of(client, one: Transcript):
    return client.get(reverse("compliance:check_transcript", args=[one.code]))


# By code -------------------------------------------------------------------------------------------------------------


def test_page_shows_the_figures_as_issued(client, one):
    page = page_of(client, one).content.decode()
    for said in ("Dana Whitlock", "41877", "Night shooting", "Harlan County Sheriff", "It is current", "h Firearms"):
        assert said in page
    assert "home@mail.example" not in page


def test_page_shows_what_was_issued_after_it_changed_too(client, one):
    gone = TrainingRecord.objects.filter(training_class__course__title="Night shooting")
    gone.update(voided_at=clock.now(), void_reason="Was at home")
    page = page_of(client, one).content.decode()
    assert "Something has changed since it was issued" in page
    assert "no longer stands as printed" in page
    assert "Night shooting" in page
    assert "Was at home" not in page


def test_closed_name_stays_closed(client, one):
    Officer.objects.filter(pk=one.officer_id).update(is_name_closed=True)
    for answer in (page_of(client, one), put(client, read(one)), put(client, read(one) + b"x")):
        page = answer.content.decode()
        assert "Name not shown" in page
        assert "Night shooting" in page
        for kept in ("Whitlock", "Dana", "41877"):
            assert kept not in page


def test_code_is_taken_where_certificates_are_checked(client, one):
    typed = client.get("/check/", {"code": one.code_in_groups.lower()}, follow=True)
    assert typed.redirect_chain[-1][0] == f"/check/transcript/{one.code}/"
    assert "Dana Whitlock" in typed.content.decode()
    assert client.get(f"/check/transcript/{one.code.lower()}/").url == f"/check/transcript/{one.code}/"
    assert FILE in client.get("/check/").content.decode()


def test_unknown_code_says_so(client):
    page = client.get("/check/transcript/ABCDEFGHJKMN/")
    assert page.status_code == 404
    assert "There is no transcript with this code" in page.content.decode()


def test_guessing_codes_ends(client, one):
    for number in range(limits.CERTIFICATE.per_address[0].most):
        assert client.get(f"/check/transcript/{number:012}/").status_code == 404
    refused = page_of(client, one)
    assert refused.status_code == 429
    assert "Dana" not in refused.content.decode()


def test_right_codes_are_never_counted(client, one):
    for _ in range(limits.CERTIFICATE.per_address[0].most + 2):
        assert page_of(client, one).status_code == 200


# By file -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["pdf", "data"])
def test_file_as_it_was_issued_is_genuine(client, one, field):
    before = rows_kept()
    page = put(client, read(one, field), signature=signature_of(one, field), name="anything.txt")
    checked = page.context["checked"]
    assert (checked.outcome, checked.transcript, checked.signed) == ("genuine", one, "fits")
    assert "This file is genuine" in page.content.decode()
    assert "It is current" in page.content.decode()
    assert rows_kept() == before


def test_file_is_not_kept(client, one, monkeypatch):
    def save(*args, **more):
        raise AssertionError("a file was kept")

    content = read(one)
    monkeypatch.setattr(type(storages["documents"]), "save", save)
    monkeypatch.setattr(type(storages["default"]), "save", save)
    assert put(client, content).status_code == 200
    assert put(client, content + b"x").status_code == 200


@pytest.mark.parametrize(
    "altered",
    [
        lambda content: content + b"\n",
        lambda content: content[:-1],
        lambda content: content.replace(b"%%EOF", b"%%EOf"),
        lambda content: content[:2000] + bytes([content[2000] ^ 1]) + content[2001:],
    ],
)
def test_altered_file_is_found_out_and_what_was_issued_is_shown(client, one, altered):
    page = put(client, altered(read(one)))
    checked = page.context["checked"]
    assert (checked.outcome, checked.transcript) == ("altered", one)
    text = page.content.decode()
    assert "This file was altered" in text
    assert "Night shooting" in text
    assert "This file is genuine" not in text


def test_one_letter_of_the_data_is_found_out(client, one):
    content = read(one, "data").replace(b"Whitlock", b"Whitlook")
    assert put(client, content, name="t.json").context["checked"].outcome == "altered"


def test_hours_of_the_data_are_found_out(client, one):
    content = re.sub(rb'"hours": "2"', b'"hours": "9"', read(one, "data"), count=1)
    assert content != read(one, "data")
    assert put(client, content, name="t.json").context["checked"].outcome == "altered"


def test_file_without_its_code_is_known_by_the_page_it_is_put_on(client, one):
    content = read(one).replace(one.code.encode(), b"2" * 12)
    assert put(client, content).context["checked"].outcome == "unknown"
    checked = put(client, content, of=one.code).context["checked"]
    assert (checked.outcome, checked.transcript) == ("altered", one)


def test_file_of_another_transcript_is_told_as_that_one(client, account, dana, one):
    other = made_by(account, dana)
    page = put(client, read(other), of=one.code)
    assert (page.context["checked"].outcome, page.context["checked"].transcript) == ("genuine", other)
    assert other.code_in_groups in page.content.decode()


def test_pdf_of_somebody_else_is_not_the_portals(client, one):
    page = put(client, b"%PDF-1.7\nsomething\n%%EOF")
    assert (page.context["checked"].outcome, page.context["told"]) == ("unknown", None)
    assert "is not a transcript of the portal" in page.content.decode()


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"\xff\xd8\xff\xe0 a photo", b"<html>", b"{}", b"PK\x03\x04"])
def test_upload_that_is_not_what_its_name_says_is_refused(client, one, content):
    page = put(client, content, name="transcript.pdf")
    assert page.status_code == 200
    assert page.context["form"].errors["file"] == [
        "This is neither a PDF nor the data file of a transcript, whatever its name says. Choose the file as you got "
        "it, not a photo or a scan of it."
    ]


def test_upload_that_is_empty_too_large_or_missing_is_refused(client):
    assert put(client, b"").context["form"].errors["file"] == ["The file is empty. Choose it again."]
    large = b"%PDF-" + b"0" * transcript_checks.MOST_BYTES
    assert "larger than 2 MB" in put(client, large).context["form"].errors["file"][0]
    assert client.post(FILE).context["form"].errors["file"] == ["Choose the file of the transcript first."]
    many = put(client, b"%PDF-", signature=b"0" * 5000).context["form"]
    assert "too large for a signature" in many.errors["signature"][0]


def test_a_name_cannot_write_into_the_page(client, one):
    page = put(client, read(one) + b"x", name="<script>alert(1)</script>.pdf").content.decode()
    assert "<script>alert" not in page


def test_putting_forged_files_there_ends(client, one):
    for number in range(limits.CHECKED_FILE.per_address[0].most):
        assert put(client, read(one) + b"%d" % number).status_code == 200
    refused = put(client, read(one))
    assert refused.status_code == 429
    assert refused.context["told"] is None


# With a signature ----------------------------------------------------------------------------------------------------


def test_signature_says_what_it_is_worth(settings, account, dana, one):
    other = made_by(account, dana)
    content = read(one)
    cases = {
        signature_of(one): Signed.FITS,
        signature_of(other): Signed.OTHER,
        signature_of(one, key_id="0" * 16): Signed.UNKNOWN_KEY,
        signature_of(one, key_id=one.key.key_id + "0"): Signed.UNKNOWN_KEY,
        signature_of(one, key_id="\0"): Signed.UNKNOWN_KEY,
        signature_of(one, signature="AAAA"): Signed.UNREADABLE,
        signature_of(one, format="other"): Signed.UNREADABLE,
        b"": Signed.UNREADABLE,
        b"[" * 4000: Signed.UNREADABLE,
        b"\xff\xfe": Signed.UNREADABLE,
    }
    for signature, worth in cases.items():
        checked = transcript_checks.check(content, signature)
        assert (checked.outcome, checked.signed) == ("genuine", worth)


def test_forger_with_a_key_of_their_own_is_found_out(settings, one):
    """A paper that was changed, signed anew with another key, under the name of the portal's."""
    content = read(one, "data").replace(b"Whitlock", b"Whitlook").replace(one.code.encode(), b"2" * 12)
    settings.SIGNING_KEYS = [base64.urlsafe_b64encode(b"7" * 32).decode()]
    forged = signature_of(one, signature=signing.sign(content))
    assert transcript_checks.check(content, forged)[0::2] == ("forged", Signed.OTHER)
    named = signature_of(one, signature=signing.sign(content), key_id="1" * 16)
    assert transcript_checks.check(content, named)[0::2] == ("forged", Signed.UNKNOWN_KEY)


def test_forger_with_the_portals_key_is_found_out_by_the_record(client, one):
    content = read(one, "data").replace(b"Whitlock", b"Whitlook").replace(one.code.encode(), b"2" * 12)
    stolen = signature_of(one, signature=signing.sign(content))
    page = put(client, content, signature=stolen)
    assert page.context["checked"][0::2] == ("forged", "fits")
    assert "somebody may have its key" in page.content.decode()
    signing_keys.revoke(by=None, key_id=one.key.key_id, reason="Stolen")
    assert put(client, content, signature=stolen).context["checked"][0::2] == ("forged", "revoked_key")


def test_file_of_a_revoked_key_is_known_and_said_to_prove_nothing(client, one):
    signing_keys.revoke(by=None, key_id=one.key.key_id, reason="Stolen")
    page = put(client, read(one))
    assert page.context["checked"].outcome == "revoked"
    assert "its signature proves nothing away from this page" in page.content.decode()


def test_record_that_was_tampered_with_vouches_for_nothing(one, monkeypatch):
    """Where the digest is the record's and the signature is not the key's, the record was changed."""
    content = read(one)
    monkeypatch.setattr(signing, "holds", lambda *args: False)
    assert transcript_checks.check(content).outcome == "forged"


@pytest.mark.parametrize("field", ["pdf", "data"])
def test_any_byte_that_is_altered_is_found_out(one, field):
    """By the public page, and by anyone with the public key."""
    content, signature = read(one, field), base64.b64decode(getattr(one, f"{field}_signature"))
    assert transcript_checks.check(content).outcome == "genuine"
    assert signing.holds(one.key, content, signature)

    @effort(max_examples=60, deadline=None, database=None)
    @given(some.integers(0, len(content) - 1), some.integers(1, 255), some.sampled_from(["change", "drop", "add"]))
    def altered(at, by, how):
        changed = {"change": bytes([content[at] ^ by]), "drop": b"", "add": bytes([content[at], by])}[how]
        forged = content[:at] + changed + content[at + 1 :]
        assert not signing.holds(one.key, forged, signature)
        try:
            checked = transcript_checks.check(forged)
        except Refused:
            return  # not even a PDF, or data, any more
        assert checked.outcome in ("altered", "unknown")

    altered()


# Without the portal --------------------------------------------------------------------------------------------------


def script() -> str:
    """The script of the document, as it stands there."""
    page = (Path(settings.BASE_DIR) / "docs" / "transcripts.md").read_text()
    (found,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return found


def verify(folder: Path, content: bytes, signature: bytes, keys: bytes) -> subprocess.CompletedProcess:
    """Run the script of the document in a process of its own, with nothing of the portal."""
    names = {"verify.py": script().encode(), "paper": content, "paper.sig": signature, "keys.json": keys}
    for name, written in names.items():
        (folder / name).write_bytes(written)
    return subprocess.run(
        [sys.executable, "-I", "verify.py", "paper", "paper.sig", "keys.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={},
    )


def test_script_of_the_document_is_ten_lines():
    assert len([line for line in script().splitlines() if line.strip()]) <= 10


def test_script_of_the_document_finds_out_what_was_altered(client, tmp_path, one):
    keys = client.get("/signing-keys.json").content
    for field in ("pdf", "data"):
        content, signature = read(one, field), signature_of(one, field)
        done = verify(tmp_path, content, signature, keys)
        assert (done.returncode, done.stdout) == (0, "Genuine.\n"), done.stderr
        middle = len(content) // 2
        forged = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        done = verify(tmp_path, forged, signature, keys)
        assert (done.returncode, done.stdout) == (1, "")
        assert "InvalidSignature" in done.stderr


def test_script_of_the_document_takes_no_key_that_is_unknown_or_revoked(client, tmp_path, one):
    unknown = signature_of(one, key_id="0" * 16)
    done = verify(tmp_path, read(one), unknown, client.get("/signing-keys.json").content)
    assert (done.returncode, done.stdout) == (1, "")
    signing_keys.revoke(by=None, key_id=one.key.key_id, reason="Stolen")
    done = verify(tmp_path, read(one), signature_of(one), client.get("/signing-keys.json").content)
    assert (done.returncode, done.stdout) == (1, "")
    assert "was revoked" in done.stderr


def test_keys_are_published_with_their_days(client, one):
    answer = client.get("/signing-keys.json")
    said = json.loads(answer.content)
    assert said["format"] == "clee-signing-keys-1"
    (key,) = said["keys"]
    assert key == {
        "key_id": one.key.key_id,
        "algorithm": "Ed25519",
        "public_key": one.key.public_key,
        "valid_from": one.key.valid_from.isoformat(),
        "valid_until": None,
        "revoked_at": None,
        "revoke_reason": None,
    }
    assert signing.id_of(key["public_key"]) == key["key_id"]
