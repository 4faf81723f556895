"""The small state of `world.py`, built once for each module of tests; what a test does to it is undone after it."""

import copy
from contextlib import contextmanager

import pytest
import time_machine
import zeal
from django.db import transaction
from zeal.constants import initialize_app_registry
from zeal.patch import patch

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


# Before the first test: what leads from a row to others is made once, and watched only if it is made after this.
initialize_app_registry()
patch()
# A page looks at two or three periods, one after the other; never at the periods of each of many rows.
_OF_A_FEW_PERIODS = [
    {"model": "compliance.ReportingPeriod", "field": "requirement_sets"},
    {"model": "compliance.RequirementSet", "field": "requirements"},
]


@pytest.fixture(scope="session")
def one_statement_for_all():
    """`with one_statement_for_all():` fails where the rows of a page are asked about one by one (N+1)."""

    @contextmanager
    def watched():
        with zeal.zeal_ignore(_OF_A_FEW_PERIODS), zeal.zeal_context():
            yield

    return watched
