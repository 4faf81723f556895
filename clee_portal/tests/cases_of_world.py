"""Cases of officers past the last day, and the notices of them, in the state of `world.py`."""

import datetime as dt

from clee_portal import clock
from clee_portal.accounts.models import User
from compliance.models import Candidacy, Listing, ListMade, RecordingGap, ReportingPeriod
from notifications.models import Campaign as Mailing
from notifications.models import Message
from training.models import Agency, Officer, TrainingClass


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
