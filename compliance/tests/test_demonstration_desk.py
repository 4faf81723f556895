"""The sheriff's training desk of the demonstration has something on every page."""

import datetime as dt
import io
from collections import Counter

import pytest
from django.core.management import call_command

from clee_portal import clock
from clee_portal.accounts.demonstration import NOT_CONNECTED
from clee_portal.accounts.models import User
from compliance.demonstration import desk
from training import invitation_lists
from training.models import (
    Campaign,
    Commission,
    CommissionQuestion,
    ImportRow,
    Invitation,
    InvitationRequest,
    OfficerGroup,
    TrainingImport,
    TrainingRecord,
)

TODAY = dt.date(2026, 11, 20)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheriff(settings, as_owner):
    settings.CLEE_EMBEDDED = True
    with as_owner():  # as bin/run does: the owner may have the tables analyzed
        call_command("seed_demo", seed=3, today=TODAY, stdout=io.StringIO())
    return User.objects.get(email="sheriff@demo.example.org").memberships.get().agency


def test_desk_has_something_on_every_page(sheriff):
    group = OfficerGroup.objects.get()
    assert (group.agency, group.officers.count()) == (sheriff, 9)
    file = TrainingImport.objects.get(agency=sheriff)
    assert (file.agency, file.state) == (sheriff, TrainingImport.State.DONE)
    fates = Counter(file.rows.values_list("fate", flat=True))
    assert fates == {ImportRow.Fate.CREDITED: 12, ImportRow.Fate.HELD: 3}
    assert file.rows.filter(is_for_post=True).count() == 1
    twice = TrainingRecord.objects.filter(training_class__course__title=desk.TWICE)
    assert Counter(twice.values_list("not_counted", flat=True)) == {"": 5, "duplicate": 3}
    asked = CommissionQuestion.objects.get()
    assert asked.commission.agency == sheriff
    ended = Commission.objects.get(agency=sheriff, end_reason="resigned")
    assert (ended.ended_on, ended.ended_reported_on) == (TODAY - dt.timedelta(days=desk.LATE), TODAY)
    # Onboarding is under way: a campaign, somebody just invited, a link that has expired, an officer who is asked for.
    now = clock.end_of_day(TODAY)
    told = invitation_lists.with_progress(Invitation.objects.all(), now)
    assert Counter(told.filter(campaign=Campaign.objects.get()).values_list("progress", flat=True)) == {
        "connected": 27, "opened": 7, "locked": 1, "sent": 23, "failed": 2,
    }  # fmt: skip
    assert sorted(told.filter(campaign=None).values_list("progress", flat=True)) == ["expired", "waiting"]
    assert Invitation.objects.get(email=NOT_CONNECTED.email).officer.commissions.filter(agency=sheriff).exists()
    assert InvitationRequest.objects.get().agency == sheriff
