"""Any officer, any day: everything about an officer in order, and where they stood on a day beside today."""

from functools import cached_property

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.history import accesses
from compliance import access, selectors, standings, timeline, wording
from compliance.timeline import Kind, Timeline
from compliance.timeline_sources import SOURCES
from compliance.verdict import Finding
from compliance.views.asking import asking
from training.models import Officer
from training.views.listing import FileMixin

A_PAGE = 50
ICONS = {
    Kind.CREDIT: "mortarboard", Kind.LICENSE: "person-badge", Kind.COMMISSION: "building",
    Kind.REQUEST: "calendar-plus", Kind.CASE: "hourglass-split", Kind.CONNECTION: "person-check",
    Kind.MESSAGE: "envelope", Kind.VIEW: "eye", Kind.REGISTER: "journal-text",
}  # fmt: skip


class TimelineMixin:
    """The timeline of one officer, among those open to the person; `?kind=` (several) limits it."""

    def setup(self, request, *args, **kwargs):
        """The officer; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = Officer.objects.visible_to(request.user)
        self.officer = get_object_or_404(found, license_number=kwargs["license_number"])

    @cached_property
    def reading(self) -> timeline.Reading:
        """What the person may read of it."""
        return timeline.reading(self.request.user, self.officer)

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds asked for; none of them means all."""
        return [kind for kind in self.request.GET.getlist("kind") if kind in self.reading.kinds]

    @cached_property
    def timeline(self) -> Timeline:
        """The entries."""
        return Timeline(SOURCES, self.reading, self.kinds)

    @property
    def is_own(self) -> bool:
        """Whether it is the person's own record."""
        return self.officer in access.own_licenses(self.request.user)


class TimelineView(TimelineMixin, TemplateView):
    """The page: the standing as of a day (`?as_of=`, `?period=`) beside today's, and the entries, latest first."""

    template_name = "compliance/timeline.html"

    def get_context_data(self, **kwargs):
        """One page of entries; the number of statements does not depend on how many there are."""
        if not self.is_own:
            accesses.saw(self.request, self.officer.license_number, "Timeline")
        page = Paginator(self.timeline, A_PAGE).get_page(self.request.GET.get("page"))
        days: list[tuple] = []
        for entry in page.object_list:
            day = clock.day_of(entry.at)
            if not days or days[-1][0] != day:
                days.append((day, []))
            days[-1][1].append((entry, ICONS[entry.kind]))
        return super().get_context_data(
            officer=self.officer,
            is_own=self.is_own,
            is_full=self.reading.is_full,
            is_of_agency=self.reading.days is not None,
            page_obj=page,
            days=days,
            kinds=[(kind.value, kind.label, kind.value in self.kinds) for kind in self.reading.kinds],
            asked_kinds=self.kinds,
            **self.compared(),
            **kwargs,
        )

    def compared(self) -> dict:
        """The standing as of the day asked for, beside today's, requirement by requirement."""
        asked = asking(self.request)
        now, then = selectors.questions(clock.end_of_day(asked.today)), selectors.questions(asked.as_of)
        if asked.year not in then or asked.year not in now:
            raise Http404
        before = standings.of_officer(then[asked.year], self.officer)
        today = standings.of_officer(now[asked.year], self.officer) if asked.is_replay else before
        names = {one.code: one.name for one in (*then[asked.year].requirements, *now[asked.year].requirements)}
        return {
            "asked": asked,
            "years": sorted((year for year in now if year <= asked.today.year), reverse=True),
            "before": wording.standing_chip(before),
            "now": wording.standing_chip(today),
            "is_changed": before.standing != today.standing,
            "rows": [_row(code, name, before, today) for code, name in names.items()],
        }


def _row(code: str, name: str, before: Finding, now: Finding) -> dict:
    """One requirement on both days: hours earned and asked, and what the difference is."""
    earned, later = before.earned.get(code), now.earned.get(code)
    minimums = {one.code: one.minimum for one in (*before.asked, *now.asked)}
    change = None if earned is None or later is None else later - earned
    return {"name": name, "before": earned, "now": later, "minimum": minimums[code], "change": change}


class TimelineFileView(FileMixin, TimelineMixin, View):
    """The timeline as CSV or XLSX, as it is limited, every page of it."""

    header = ("When", "Kind", "What", "Particulars", "Happened on", "Who", "Why")

    def file_name(self) -> str:
        """Of which license."""
        return f"timeline-{self.officer.license_number}"

    def file_rows(self):
        """A row for each entry."""
        if not self.is_own:
            accesses.saw(self.request, self.officer.license_number, "Timeline, as a file")
        for entry in self.timeline.all():
            told = entry.told
            yield (entry.at, entry.kind.label, told.title, told.detail, told.on, entry.who, told.reason)
