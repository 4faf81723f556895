"""Measures of the portal at work, in the format of Prometheus: what the processes count, and what the servers hold."""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from clee_portal import clock
from clee_portal.history.sealing import status as sealing
from clee_portal.operation import copies

_SECONDS = Histogram(
    "clee_request_seconds",
    "Time from the first byte asked to the answer made, by page.",
    ["view", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
_OPEN = """
SELECT state, count(*), extract(epoch FROM now() - min(next_try_at) FILTER (WHERE next_try_at < now()))::float
FROM notifications_message WHERE next_try_at IS NOT NULL OR state IN ('sending', 'held') GROUP BY state
"""
_SETTLED = (
    "SELECT state, count(*) FROM notifications_message WHERE settled_at > now() - interval '1 hour' GROUP BY state"
)
PATIENCE = 2  # seconds to wait for the broker


def saw(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count an answer. `status` by its class: 2xx, 3xx, 4xx, 5xx."""
    _SECONDS.labels(view=view, method=method, status=f"{status // 100}xx").observe(seconds)


def told() -> bytes:
    """Everything, of all processes of this web server, as text."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    else:
        registry = REGISTRY
    held = CollectorRegistry()
    held.register(Held())
    return generate_latest(registry) + generate_latest(held)


class Held(Collector):
    """What the database, the broker and the folder of copies hold at this moment. One that is away is told as away."""

    def collect(self) -> Iterator[Metric]:
        """Each measure."""
        is_there = GaugeMetricFamily("clee_up", "Whether a server answers.", labels=["part"])
        for part, ask in (("database", self._database), ("broker", self._broker)):
            try:
                found = list(ask())
            except (DatabaseError, RedisError):
                found = []
            is_there.add_metric([part], float(bool(found)))
            yield from found
        yield is_there
        yield from self._copies()

    def _database(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("clee_outbox_messages", "Messages that are not at their end.", labels=["state"])
        oldest = GaugeMetricFamily(
            "clee_outbox_overdue_seconds", "For how long the oldest message has had its turn.", labels=["state"]
        )
        ended = GaugeMetricFamily(
            "clee_outbox_ended_last_hour", "Messages that came to an end in the last hour.", labels=["state"]
        )
        with connection.cursor() as cursor:
            cursor.execute(_OPEN)
            for state, count, seconds in cursor.fetchall():
                waiting.add_metric([state], count)
                oldest.add_metric([state], seconds or 0.0)
            cursor.execute(_SETTLED)
            for state, count in cursor.fetchall():
                ended.add_metric([state], count)
        yield from (waiting, oldest, ended)
        yield from self._history()

    def _history(self) -> Iterator[Metric]:
        """How far the sealer is behind, and what the last verification found."""
        now = sealing.status()
        behind = GaugeMetricFamily("clee_history_unsealed_seconds", "Age of the oldest version that no seal covers.")
        behind.add_metric([], (clock.now() - now.since).total_seconds() if now.since else 0.0)
        yield behind
        if now.verified:
            when = GaugeMetricFamily("clee_last_verification_timestamp_seconds", "When the history was last verified.")
            when.add_metric([], now.verified.ended_at.timestamp())
            found = GaugeMetricFamily("clee_last_verification_findings", "What was found then.")
            found.add_metric([], now.verified.findings)
            yield from (when, found)

    def _broker(self) -> Iterator[Metric]:
        length = GaugeMetricFamily("clee_queue_length", "Tasks that no worker has yet.", labels=["queue"])
        at_work = GaugeMetricFamily("clee_tasks_at_work", "Tasks that a worker has.")
        with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as broker:
            for queue in settings.CELERY_TASK_QUEUES:
                length.add_metric([queue.name], broker.llen(queue.name))
            at_work.add_metric([], broker.hlen("unacked"))
        yield from (length, at_work)

    def _copies(self) -> Iterator[Metric]:
        """Only on a machine that has the folder of copies."""
        if not settings.BACKUP_FOLDER or not (there := copies.kept_in(Path(settings.BACKUP_FOLDER))):
            return
        last = GaugeMetricFamily("clee_last_backup_timestamp_seconds", "When the last copy was made.")
        last.add_metric([], there[0].made_at.timestamp())
        yield last
