"""Cases of constraint_cases.py for the record of access."""

import datetime as dt

from django.db import connection

from clee_portal import clock
from clee_portal.history.models import NEVER_REMOVED_BEFORE, Access
from clee_portal.tests.constraint_cases import insert, refused
from training.tests import factories


@refused("access_is_somebodys")
def _():
    insert(Access, kind="signed_in")


@refused("access_view_names_the_license")
def _():
    insert(Access, kind="viewed", by=factories.user(), what="Standing of 2026")


@refused("access_says_what")
def _():
    insert(Access, kind="failed")


def _as_owner():
    """Taken back with the transaction that is refused."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@refused("access_never_changes")
def _():
    one = insert(Access, kind="failed", what="Wrong password")
    _as_owner()
    Access.objects.filter(pk=one.pk).update(what="Nothing happened")


@refused("access_kept_a_year")
def _():
    young = clock.now() - dt.timedelta(days=NEVER_REMOVED_BEFORE, minutes=-5)
    one = insert(Access, kind="failed", what="Wrong password", at=young)
    _as_owner()
    Access.objects.filter(pk=one.pk).delete()
