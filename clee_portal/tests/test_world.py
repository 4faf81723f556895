"""The state of `world.py` is what the tests that walk it believe it to be."""

import pytest

from clee_portal.accounts.models import User
from clee_portal.tests import world as state
from clee_portal.tests.people_of_world import PEOPLE
from training.models import (
    Agency,
    Commission,
    CommissionQuestion,
    Course,
    ImportRow,
    Membership,
    Officer,
    OfficerGroup,
    TrainingClass,
    TrainingImport,
    TrainingRecord,
)

pytestmark = pytest.mark.django_db


def test_one_number_names_something_of_every_kind_of_agency_b_and_nothing_else(world):
    b, number = world.b, state.NUMBER_OF_B
    named = (Agency, Officer, User, Membership, Commission, CommissionQuestion, Course, TrainingClass, TrainingRecord)
    named = (*named, OfficerGroup, TrainingImport, ImportRow)
    assert {model: model.objects.get(pk=number) for model in named} == {
        Agency: b.agency,
        Officer: b.officer,
        User: b.ceo,
        Membership: b.ceo.memberships.get(),
        Commission: b.commission,
        CommissionQuestion: b.question,
        Course: b.held.course,
        TrainingClass: b.held,
        TrainingRecord: b.held.records.get(officer=b.officer),
        OfficerGroup: b.group,
        TrainingImport: b.sent,
        ImportRow: b.row,
    }
    assert not [model for model in named if model.objects.filter(pk=state.NUMBER_OF_NOTHING).exists()]


def test_everybody_of_the_world_is_walked(world):
    assert tuple(sorted(world.people)) == tuple(sorted(PEOPLE))


@pytest.mark.parametrize("house", ["a", "b"])
def test_everything_of_an_agency_is_there_in_every_state(world, house):
    """What was undone, has ended, was revoked or is held is there too, so that it could leak."""
    house = getattr(world, house)
    assert (house.held.voided_at, house.earlier.voided_at) == (None, None)
    assert house.undone.__class__.objects.get(pk=house.undone.pk).voided_at is not None
    assert house.former.commissions.get().ended_on is not None
    assert house.earlier.records.get().officer == house.former
    assert house.row.fate == "held"
    assert house.colleague.records.filter(make_up_decision__isnull=False).count() == 1
    assert Membership.objects.filter(agency=house.agency, revoked_at__isnull=False).exists()
    assert set(house.group.officers.all()) == {house.officer, house.colleague}
