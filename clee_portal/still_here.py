"""A worker that lives keeps the tasks it has; those of one that is gone come back within seconds.

The broker gives a task to another worker once its own has been silent about it for the visibility timeout, and a
worker is silent until a task is done. So the timeout would have to be longer than the longest task: minutes. Here a
worker says again and again that it still has its tasks, and the timeout may be as short as it should be.
"""

import contextlib
import time

from celery import bootsteps

TIMES = 4  # within one visibility timeout: one word that is late takes nothing away


class StillHere(bootsteps.StartStopStep):
    """Part of a worker: says to the broker that the tasks it holds, those not begun included, are still its own."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer, **kwargs):
        super().__init__(consumer, **kwargs)
        self.repeated = None

    def start(self, consumer) -> None:
        """From now on."""
        every = consumer.app.conf.broker_transport_options["visibility_timeout"] / TIMES
        self.repeated = consumer.timer.call_repeatedly(every, self.say, (consumer,))

    def stop(self, consumer) -> None:
        """The worker ends, or has lost the broker and starts anew."""
        if self.repeated:
            self.repeated.cancel()
            self.repeated = None

    def say(self, consumer) -> None:
        """Now. What was given to somebody else meanwhile is not taken back (`xx`)."""
        channel = consumer.task_consumer.channel
        held = list(channel.qos._delivered)
        if held:
            # A broker that is away is noticed where messages are read.
            with contextlib.suppress(*channel.connection_errors), channel.conn_or_acquire() as client:
                client.zadd(channel.unacked_index_key, dict.fromkeys(held, time.time()), xx=True)
