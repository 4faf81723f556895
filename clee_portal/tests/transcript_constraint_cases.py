"""What the database must refuse of transcripts and their keys; registered like those of constraint_cases.py."""

import datetime as dt
import hashlib
import uuid

from clee_portal import clock
from clee_portal.tests.constraint_cases import DAY, insert, refused
from compliance.models import (
    RequirementSet,
    SigningKey,
    Transcript,
    TranscriptClass,
    TranscriptHours,
    TranscriptLook,
    TranscriptNeed,
    TranscriptPeriod,
)
from training.tests import factories

NOON = clock.midday(DAY)


def digest() -> str:
    return hashlib.sha256(uuid.uuid4().bytes).hexdigest()


def a_key(**more) -> SigningKey:
    return insert(SigningKey, **{"key_id": digest()[:16], "public_key": f"{digest()[:43]}=", "valid_from": NOON} | more)


def a_transcript(**more) -> Transcript:
    given = {
        "officer": factories.officer(),
        "as_of": NOON,
        "issued_by": factories.user(),
        "name": "Dana Whitlock",
        "license_number": "41877",
        "license_words": "Active",
        "key": a_key(),
        "pdf": "ab/pdf",
        "pdf_sha256": digest(),
        "pdf_signature": f"{'A' * 86}==",
        "data": "ab/data",
        "data_sha256": digest(),
        "data_signature": f"{'A' * 86}==",
    }
    return insert(Transcript, **given | more)


def a_period(**more) -> TranscriptPeriod:
    asked = RequirementSet.objects.get(period__year=2025, version=1)
    given = {"year": 2025, "requirement_set": asked, "standing": "compliant", "words": "Compliant", "headline": "Done."}
    return insert(TranscriptPeriod, **{"transcript": more.pop("transcript", None) or a_transcript()} | given | more)


def a_need(**more) -> TranscriptNeed:
    given = {"order": 0, "code": "total", "name": "Total", "minimum": 24, "hours": 24, "words": "Met"}
    return insert(TranscriptNeed, **{"period": more.pop("period", None) or a_period()} | given | more)


def a_class(**more) -> TranscriptClass:
    given = {"order": 0, "reference": "C-000001", "completed_on": DAY, "course": "Use of force", "source": "Harlan",
             "delivery": "In person", "role": "Attended", "counts": True}  # fmt: skip
    return insert(TranscriptClass, **{"period": a_period()} | given | more)


@refused("signing_key_is_whole")
def _():
    a_key(key_id="short")


@refused("signing_key_ends_after_it_begins")
def _():
    a_key(valid_until=NOON - dt.timedelta(seconds=1))


@refused("signing_key_revoked_for_a_reason")
def _():
    a_key(revoked_at=NOON)


@refused("signing_key_stays")
def _():
    SigningKey.objects.filter(pk=a_key().pk).update(public_key=f"{'B' * 43}=")


@refused("transcript_is_whole")
def _():
    a_transcript(pdf_signature="unsigned")


@refused("transcript_pdf_once")
def _():
    a_transcript(pdf_sha256=a_transcript().pdf_sha256)


@refused("transcript_data_once")
def _():
    a_transcript(data_sha256=a_transcript().data_sha256)


@refused("transcript_once_per_form")
def _():
    a_transcript(submission_key=a_transcript(submission_key=uuid.uuid4()).submission_key)


@refused("transcript_stays")
def _():
    Transcript.objects.filter(pk=a_transcript().pk).update(name="Somebody Else")


@refused("transcript_period_once")
def _():
    a_period(transcript=a_period().transcript)


@refused("transcript_period_stays")
def _():
    TranscriptPeriod.objects.filter(pk=a_period().pk).update(words="Candidate")


@refused("transcript_need_once")
def _():
    a_need(period=a_need().period)


@refused("transcript_need_stays")
def _():
    TranscriptNeed.objects.filter(pk=a_need().pk).update(hours=1)


@refused("transcript_class_says_why_not")
def _():
    a_class(counts=False)


@refused("transcript_class_stays")
def _():
    TranscriptClass.objects.filter(pk=a_class().pk).update(counts=False, why_not="Online")


@refused("transcript_hours_are_some")
def _():
    insert(TranscriptHours, held=a_class(), order=0, area="Legal Studies", hours=0)


@refused("transcript_hours_stays")
def _():
    given = insert(TranscriptHours, held=a_class(), order=0, area="Legal Studies", hours=2)
    TranscriptHours.objects.filter(pk=given.pk).update(hours=3)


@refused("transcript_look_by_code_or_file")
def _():
    insert(TranscriptLook, transcript=a_transcript(), at=NOON, how="mail")


@refused("transcript_look_stays")
def _():
    look = insert(TranscriptLook, transcript=a_transcript(), at=NOON, how="code")
    TranscriptLook.objects.filter(pk=look.pk).delete()
