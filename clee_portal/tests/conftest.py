"""The small state of `world.py`, built once for each module of tests; what a test does to it is undone after it."""

import copy

import pytest
import time_machine
from django.db import transaction

from clee_portal import clock
from clee_portal.tests import logged
from clee_portal.tests import scratch as scratch_portal
from clee_portal.tests import world as state

scratch = scratch_portal.scratch
kept = logged.kept
nobody_in_the_log = logged.nobody_in_the_log


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The state, in a transaction that is rolled back when the module is through."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield state.build()
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db):
    """The state for one test, whose own transaction lies inside: a copy, so that nothing remembered is handed on."""
    return copy.deepcopy(built)


@pytest.fixture
def still():
    """The clock stands still: a session that is written once a minute is not written between two answers compared."""
    with time_machine.travel(clock.now(), tick=False):
        yield
