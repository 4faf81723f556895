"""Classes of the calendar of which nobody was told who completed them: a provider's, and those POST is shown."""

from django.contrib.auth.mixins import UserPassesTestMixin
from django.utils.text import slugify
from django.views.generic import ListView

from clee_portal import clock
from clee_portal.paging import PagesMixin
from training import access, late_rosters
from training.models import ScheduledClass
from training.views.bodies import BodyMixin
from training.views.listing import FileMixin

A_PAGE = 25


class _LateMixin:
    """Late rosters with how long they are overdue, the oldest first. A constant number of statements."""

    paginate_by = A_PAGE

    def told(self, found) -> list[dict]:
        """Each class with the day it ended, the day its roster was due, and how many days ago that was."""
        today = clock.today()
        rows = []
        for one in found:
            ended_on = clock.last_day(one.ends_at)
            due_on = late_rosters.due_on(ended_on)
            days = (today - due_on).days
            words = f"{days} day{'' if days == 1 else 's'} late"
            rows.append({"held": one, "ended_on": ended_on, "due_on": due_on, "days": days, "late_words": words})
        return rows

    def get_context_data(self, **kwargs):
        """The page as it is told."""
        context = super().get_context_data(**kwargs)
        context["late"] = self.told(context["page_obj"])
        return context


class LateOfProviderView(BodyMixin, _LateMixin, PagesMixin, ListView):
    """The late rosters of one provider."""

    template_name = "training/late_list.html"

    def get_queryset(self):
        """The longest ended first."""
        mine = ScheduledClass.objects.visible_to(self.request.user).filter(provider=self.body).order_by().values("pk")
        return late_rosters.late(clock.today()).filter(pk__in=mine)

    def get_context_data(self, **kwargs):
        """Also when a roster is late, and when POST is shown it."""
        return super().get_context_data(
            may_report=access.may_report_class(self.request.user, self.body),
            working_days=late_rosters.FOR_THE_PROVIDER,
            days_for_post=late_rosters.FOR_POST,
            **kwargs,
        )


class LateRostersView(UserPassesTestMixin, _LateMixin, PagesMixin, ListView):
    """The state's late rosters, for POST: who to call, the longest ended first; `?provider=` limits them by name."""

    template_name = "training/late_rosters.html"
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_course_queue(self.request.user)

    def asked(self) -> str:
        """The provider asked for, by name."""
        return self.request.GET.get("provider", "").replace("\0", "").strip()[:100]

    def get_queryset(self):
        """Those that ended longer ago than POST gives."""
        found = late_rosters.late_for_post(clock.today())
        return found.filter(provider__name__icontains=self.asked()) if self.asked() else found

    def get_context_data(self, **kwargs):
        """Also what the list is limited to."""
        return super().get_context_data(provider=self.asked(), days_for_post=late_rosters.FOR_POST, **kwargs)


class _LateFileMixin(FileMixin):
    header = (
        "Provider", "Reference", "Course", "Ended on", "Roster due on", "Days late", "Registered", "Contact", "E-mail",
        "Phone",
    )  # fmt: skip

    def file_rows(self) -> list[tuple]:
        """A row for each class."""
        return [
            (
                one["held"].provider.name, one["held"].reference, one["held"].course.title, one["ended_on"],
                one["due_on"], one["days"], one["held"].registered, one["held"].contact_name,
                one["held"].contact_email or one["held"].provider.email,
                one["held"].contact_phone or one["held"].provider.phone,
            )
            for one in self.told(self.get_queryset())
        ]  # fmt: skip


class LateOfProviderFileView(_LateFileMixin, LateOfProviderView):
    """The late rosters of one provider."""

    def file_name(self) -> str:
        """Of which provider, as of today."""
        return f"late-rosters-{slugify(self.body.name)}-{clock.today():%Y-%m-%d}"


class LateRostersFileView(_LateFileMixin, LateRostersView):
    """The state's late rosters."""

    def file_name(self) -> str:
        """As of today."""
        return f"late-rosters-{clock.today():%Y-%m-%d}"
