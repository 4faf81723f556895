"""POST's workbench: every queue on one page, with how many wait, since when, and the way to the next item."""

from typing import NamedTuple

from django.contrib.auth.mixins import UserPassesTestMixin
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.history.sealing import status as sealed
from compliance import access, queues
from compliance.queues import Queue, Waits


class Row(NamedTuple):
    """A queue as the page shows it; `waits` is None where it is asked for afterwards."""

    queue: Queue
    waits: Waits | None
    days: int | None
    url: str
    next_url: str

    @property
    def is_long(self) -> bool:
        """Whether its oldest item has waited long."""
        return self.days is not None and self.days >= queues.LONG


def row(queue: Queue, waits: Waits | None) -> Row:
    """A queue with its addresses."""
    page = reverse(queue.page)
    query = f"?{queue.query}" if queue.query else ""
    opening = f"{page}{query or '?'}{'&' if query else ''}open=1" if queue.can_be_opened else ""
    return Row(queue, waits, waits.days(clock.today()) if waits else None, f"{page}{query}", opening)


class WorkbenchMixin(UserPassesTestMixin):
    """For the state's people."""

    raise_exception = True

    def test_func(self) -> bool:
        """POST staff, the Director and designated agents."""
        return access.can_see_workbench(self.request.user)


class WorkbenchView(WorkbenchMixin, TemplateView):
    """Where POST's day begins. One statement for each queue; the slow ones come afterwards (`QueueCountView`)."""

    template_name = "compliance/workbench.html"

    def get_context_data(self, **kwargs):
        """The queues in the order of their declaration."""
        today = clock.today()
        rows = [row(one, None if one.is_slow else one.waits(today)) for one in queues.QUEUES]
        known = [one for one in rows if one.waits]
        return super().get_context_data(
            rows=rows,
            sealed=sealed.status(),
            waiting=sum(one.waits.count for one in known),
            busy=sum(1 for one in known if one.waits.count),
            longest=max((one for one in known if one.days is not None), key=lambda one: one.days, default=None),
            long=queues.LONG,
            **kwargs,
        )


class QueueCountView(WorkbenchMixin, View):
    """How many wait in one queue: the fragment of a slow one."""

    def get(self, request, queue: str):
        """The row of the queue."""
        found = queues.by_code(queue)
        if found is None:
            raise Http404
        return render(request, "compliance/_queue_row.html", {"row": row(found, found.waits(clock.today()))})
