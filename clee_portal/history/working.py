"""What a worker changes is noted in the history with the name of its task."""

import celery
import pghistory


class Task(celery.Task):
    """A task of the portal. The reason, and for whom it works, are noted inside it (`history.because`)."""

    def __call__(self, *args, **kwargs):
        """Do it, with its name in the context of every version written meanwhile."""
        with pghistory.context(task=self.name):
            return super().__call__(*args, **kwargs)
