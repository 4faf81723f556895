"""Cases of officers past the last day, and the notices of them, in the state of `world.py`."""

import datetime as dt

from django.core.files.base import ContentFile

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from compliance import case_facts, packets
from compliance.models import (
    Candidacy,
    CaseAnswer,
    CaseDecision,
    CaseDocument,
    CaseNotice,
    CaseSubmission,
    Listing,
    ListMade,
    RecordingGap,
    ReportingPeriod,
)
from notifications.models import Campaign as Mailing
from notifications.models import Message
from training.models import Agency, Officer, TrainingClass
from training.tests import factories


def may_be_missing(officer: Officer, agency: Agency, held: TrainingClass) -> RecordingGap:
    """Something that the officer's agency was asked."""
    return RecordingGap.objects.create(
        officer=officer,
        period=ReportingPeriod.objects.get(year=clock.today().year - 2),
        kind="left_off",
        score=70,
        training_class=held,
        part=4,
        whole=5,
        hours=2,
        day=held.ends_on,
        agency=agency,
        asked_at=clock.now(),
    )


def past_the_last_day(of: str, officer: Officer, account: User) -> tuple[Mailing, Candidacy]:
    """A case of the officer, and notices in which they are written to."""
    today = clock.today()
    period = ReportingPeriod.objects.get(year=today.year - 2)
    campaign = Mailing.objects.create(
        occasion="candidate_listed", key=f"{period.year}:{ord(of)}", state="going", began_at=clock.now()
    )
    candidate = Candidacy.objects.create(officer=officer, period=period)
    Listing.objects.create(
        candidacy=candidate,
        number=1,
        last_day=period.show_by,
        listed_on=period.show_by + dt.timedelta(days=1),
        listed_at=clock.now(),
        notices=campaign,
    )
    ListMade.objects.get_or_create(period=period, day=today, defaults={"as_of": clock.now(), "count": 2})
    Message.objects.create(
        occasion="candidate_listed",
        key=f"{period.year}:{officer.pk}:1",
        user=account,
        address=account.email,
        campaign=campaign,
        priority=2,
        state="sent",
        next_try_at=None,
    )
    return campaign, candidate


def course_of(word: dict, candidacy: Candidacy, account: User, ceo: User, agency) -> dict[str, list]:
    """What happened in a case: notice served and answered by officer and agency, decided once by a Director of then,
    and before the Director again. By the words in the names of the pages about it."""
    today = clock.today()
    day = today - dt.timedelta(days=9)
    CaseNotice.objects.create(
        candidacy=candidacy,
        how="certified",
        served_on=today - dt.timedelta(days=60),
        certified_number="9414 7266 9904",
        served_to=f"1 {word['home address of']} Street",
        answer_by=today - dt.timedelta(days=30),
    )
    own = CaseAnswer.objects.create(
        candidacy=candidacy, given_by="officer", words=f"I was at {word['officer of']}", recorded_by=account
    )
    CaseAnswer.objects.create(
        candidacy=candidacy, given_by="agency", agency=agency, words=f"{agency} entered it", recorded_by=ceo
    )
    paper = CaseDocument(
        answer=own, name=f"{word['officer of']}.pdf", type="application/pdf", size=9, sha256="0" * 64,
        recorded_by=account,
    )  # fmt: skip
    paper.file.save("", ContentFile(b"%PDF-1.4\n%%EOF of a case"), save=False)
    paper.save()
    now = clock.now()
    facts = case_facts.read([candidacy], now)[candidacy.pk]
    text = case_facts.text(facts)
    frozen = {"candidacy": candidacy, "as_of": now, "facts": text, "facts_sha256": case_facts.digest(text)}
    before = CaseSubmission.objects.create(**frozen, closed_at=now, closed_because="decided", words=f"At {agency}")
    was = factories.user(f"director@{agency.code}.example", "Dora Statehouse")
    StateRole.objects.create(user=was, role="director", starts_on=day, ends_on=today - dt.timedelta(days=1))
    decision = CaseDecision.objects.create(
        candidacy=candidacy,
        submission=before,
        kind="leave_active",
        decided_by=was,
        decided_as="Dora Statehouse, Director of Public Safety",
        decided_on=day,
        decided_at=clock.midday(day),
        until=today - dt.timedelta(days=1),
        reason=f"{agency} was late",
        standing=facts["finding"]["standing"],
        requirement_set=candidacy.period.set_as_of(now),
        facts_sha256=case_facts.digest(text),
    )
    packets.keep([decision], {candidacy.pk: facts}, [])
    decisions = [decision]
    # Something may be missing in the record (`may_be_missing`); put forward all the same, with the reason.
    waiting = CaseSubmission.objects.create(**frozen, recorded_by=was, override_reason=f"{agency} was asked twice")
    return {
        "case_document": [paper],
        "case_review": [waiting],
        "case_decision": decisions,
        "case_packet": decisions,
        "case_reverse": decisions,
        "case_appeal": decisions,
    }
