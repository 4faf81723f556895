"""Work of the worker on the history and the record of access: safe to run twice, and late."""

import datetime as dt

from celery import shared_task
from django.conf import settings

from clee_portal import clock
from clee_portal.history.models import Access
from clee_portal.history.sealing import sealer

AT_ONCE = 10_000


@shared_task
def remove_old_accesses() -> int:
    """Remove accesses older than ACCESS_RECORD_DAYS; returns how many. In small steps, so that nobody waits for it.

    It looks at the day of each row and at nothing it did before. What is younger than a year the database itself keeps
    (`Access`).
    """
    before = clock.now() - dt.timedelta(days=settings.ACCESS_RECORD_DAYS)
    removed = 0
    while True:
        old = Access.objects.filter(at__lt=before).order_by("at").values("pk")[:AT_ONCE]
        count, _ = Access.objects.filter(pk__in=old).delete()
        removed += count
        if count < AT_ONCE:
            return removed


@shared_task
def seal_history() -> int:
    """Seal what was committed since the last look; returns how many rows. Nothing on a host without SEALING_KEY."""
    return sum(seal.rows for seal in sealer.look())
