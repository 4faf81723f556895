"""For a worker of the tests (`celery worker -I …`): between two looks for a broker that is away it waits a thousandth
of what it would, so that a night without one is over in a minute or two."""

import time

import kombu.utils.functional

TIMES = 1_000


def sleep(seconds: float) -> None:
    """A thousandth of it."""
    time.sleep(seconds / TIMES)


kombu.utils.functional.sleep = sleep
