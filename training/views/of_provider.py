"""What the pages of a provider's catalogue and calendar have in common."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from clee_portal import clock
from clee_portal.templatetags.look import error_rows
from training import access
from training.models import ScheduledClass
from training.views.provider_people import ProviderMixin


def problems_of(parts) -> list[dict]:
    """What the error summary lists of a form of several parts."""
    return [row for part in parts for row in error_rows(part)]


class CalendarMixin(ProviderMixin):
    """A page of one provider: its staff and the state's people look, its staff and POST act (`acts`)."""

    acts = False  # whether opening the page is for those who act alone

    def setup(self, request, *args, **kwargs):
        """Also whether the person may act here, the day and the moment."""
        super().setup(request, *args, **kwargs)
        self.now = clock.now()
        self.today = clock.day_of(self.now)
        self.may_keep = access.can_keep_calendar(request.user, self.provider)

    def dispatch(self, request, *args, **kwargs):
        """Only those who may; who only looks sends nothing."""
        if not self.may_keep and (self.acts or request.method not in ("GET", "HEAD", "OPTIONS")):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also whether the person may act."""
        return super().get_context_data(may_keep=self.may_keep, now=self.now, **kwargs)


class ScheduledMixin:
    """A page of one class in the calendar, for those who keep it; the state's people look."""

    acts = False

    def setup(self, request, *args, **kwargs):
        """The class; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = ScheduledClass.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.held = found.select_related("course", "provider", "training_class").first()
        if self.held is None:
            raise Http404
        self.now = clock.now()
        self.may_keep = access.can_keep_calendar(request.user, self.held.provider)

    def dispatch(self, request, *args, **kwargs):
        """Only those who may; who only looks sends nothing."""
        if not self.may_keep and (self.acts or request.method not in ("GET", "HEAD", "OPTIONS")):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also the class, and whether the person may act."""
        return super().get_context_data(
            held=self.held, provider=self.held.provider, may_keep=self.may_keep, now=self.now, **kwargs
        )
