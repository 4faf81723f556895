"""Transcripts: an officer's standings and classes as of now, written down, signed and kept as they were handed out."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import translation
from django.utils.translation import gettext

from clee_portal import clock, history
from clee_portal.accounts.models import User
from clee_portal.refusal import Refused
from compliance import access, signing, transcript_checks, transcript_figures, transcript_papers
from compliance.models import (
    Transcript,
    TranscriptClass,
    TranscriptHours,
    TranscriptLook,
    TranscriptNeed,
    TranscriptPeriod,
)
from compliance.services import signing_keys
from compliance.services.documents import files
from compliance.transcript_figures import Figures
from training.models import Agency, Officer

# Transcripts of one officer in a day: far above what anybody needs, since each is kept for ever.
MOST_A_DAY = 30


def issue(*, by: User, officer: Officer, years: Iterable[int], submission_key: uuid.UUID | None = None) -> Transcript:
    """Make a transcript of these periods as of now, and keep it as it is handed out. The same form sent twice is one.

    Raises `Refused` where the officer's record is not open to `by`, no period was chosen or one that is not of the
    officer's history, or too many were made within a day.
    """
    with files() as kept, transaction.atomic(), history.because("Transcript made"):
        one = Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        if not access.can_issue_transcript(by, one):
            raise Refused(gettext("Only the officer, an agency of a commission, or POST can have a transcript made."))
        if submission_key and (same := Transcript.objects.filter(submission_key=submission_key).first()):
            return _theirs(same, one)
        now = clock.now()
        chosen = _chosen(years, transcript_figures.years_of(one, now))
        if one.transcripts.filter(issued_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
            raise Refused(
                gettext("%(most)s transcripts were made within a day. Take one of these, or come back tomorrow.")
                % {"most": MOST_A_DAY}
            )
        figures = transcript_figures.of_officer(one, chosen, now)
        agency = access.issues_for(by, one)
        made = Transcript(
            officer=one,
            agency=agency,
            as_of=now,
            issued_at=now,
            issued_by=by,
            submission_key=submission_key,
            name=figures.name,
            license_number=figures.license_number,
            license_words=figures.license,
            key=signing_keys.in_use(),
        )
        _sign(made, figures, made_for(by=by, officer=one, agency=agency), kept)
        made.save()
        _keep(made, figures)
    return made


def made_for(*, by: User, officer: Officer, agency: Agency | None) -> str:
    """Who had it made, as the paper says it: no name of an account."""
    if agency:
        return f"Made for {agency}."
    return "Made for the officer." if officer in access.own_licenses(by) else "Made by POST."


def note_look(*, by: User | AnonymousUser, transcript: Transcript, how: TranscriptLook.How) -> None:
    """Note that somebody looked at the public page of a transcript; the officer's own looks are not kept."""
    if not is_own(by, transcript):
        TranscriptLook.objects.create(transcript=transcript, how=how)


def is_own(user: User | AnonymousUser, transcript: Transcript) -> bool:
    """Whether a transcript is of the person's own license."""
    return user.is_authenticated and transcript_checks.officer_of(transcript) in access.own_licenses(user)


def _theirs(same: Transcript, officer: Officer) -> Transcript:
    if same.officer_id != officer.pk:
        raise Refused(gettext("This form was used for another officer. Open the page again."))
    return same


def _chosen(years: Iterable[int], offered: list[int]) -> list[int]:
    chosen = set(years)
    if not chosen:
        raise Refused(gettext("Choose at least one period."), field="years")
    if beyond := sorted(chosen - set(offered)):
        raise Refused(
            gettext("Nothing is kept of %(year)s for this officer. Choose among those shown.") % {"year": beyond[0]},
            field="years",
        )
    return sorted(chosen)


def _sign(made: Transcript, figures: Figures, said: str, kept: list[FieldFile]) -> None:
    """The two files, in English as their figures are, and their signatures."""
    with translation.override(settings.LANGUAGE_CODE):
        document = transcript_papers.document(made, figures, said)
        made_files = {"pdf": transcript_papers.as_pdf(document), "data": transcript_papers.as_data(document)}
    for field, content in made_files.items():
        file = getattr(made, field)
        file.save("", ContentFile(content), save=False)
        kept.append(file)
        setattr(made, f"{field}_sha256", hashlib.sha256(content).hexdigest())
        setattr(made, f"{field}_signature", signing.sign(content))


def _keep(made: Transcript, figures: Figures) -> None:
    """What it says, as rows. Four statements."""
    periods = TranscriptPeriod.objects.bulk_create(
        TranscriptPeriod(
            transcript=made,
            **{name: value for name, value in one._asdict().items() if name not in ("needs", "classes")},
        )
        for one in figures.periods
    )
    pairs = list(zip(periods, figures.periods, strict=True))
    TranscriptNeed.objects.bulk_create(
        TranscriptNeed(period=row, order=order, **need._asdict())
        for row, one in pairs
        for order, need in enumerate(one.needs)
    )
    classes = [(row, order, held) for row, one in pairs for order, held in enumerate(one.classes)]
    rows = TranscriptClass.objects.bulk_create(
        TranscriptClass(
            period=row, order=order, **{name: value for name, value in held._asdict().items() if name != "hours"}
        )
        for row, order, held in classes
    )
    TranscriptHours.objects.bulk_create(
        TranscriptHours(held=row, order=order, **given._asdict())
        for row, (_, _, held) in zip(rows, classes, strict=True)
        for order, given in enumerate(held.hours)
    )
