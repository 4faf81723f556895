"""The days on which reminders go: POST moves them, period by period; the Director sees them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from clee_portal.templatetags.look import count_words
from compliance.forms.campaigns import ReminderDaysForm
from compliance.services import reminder_days
from compliance.views.campaigns import OfTheStateMixin
from notifications.access import can_decide_campaigns
from training.views.one_form import OneFormView


class ReminderDaysView(OfTheStateMixin, OneFormView):
    """Every reminder of a period with its day; `?year=` names the period, else it is the earliest that still runs."""

    template_name = "compliance/reminder_days.html"
    form_class = ReminderDaysForm

    def setup(self, request, *args, **kwargs):
        """The period asked for."""
        super().setup(request, *args, **kwargs)
        self.may_move = can_decide_campaigns(request.user)

    def dispatch(self, request, *args, **kwargs):
        """A year of which no reminder may go any more has no such page."""
        if not self.test_func():
            return self.handle_no_permission()
        self.periods = reminder_days.periods(self.today)
        asked = request.GET.get("year", "")
        chosen = [one for one in self.periods if not asked or str(one.year) == asked]
        if not chosen:
            raise Http404
        self.period = chosen[0]
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def dates(self) -> list:
        """The reminders of the period."""
        return list(self.period.reminder_dates.order_by("number"))

    def stands(self) -> dict:
        """Their days."""
        return reminder_days.stands(self.dates)

    def get_form_kwargs(self):
        """With the reminders of the period."""
        return super().get_form_kwargs() | {
            "dates": self.dates,
            "went": reminder_days.begun(self.period),
            "may_move": self.may_move,
        }

    def get_context_data(self, **kwargs):
        """Also the other periods."""
        return super().get_context_data(period=self.period, periods=self.periods, may_move=self.may_move, **kwargs)

    def post(self, request, *args, **kwargs):
        """POST alone."""
        if not self.may_move:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Move them."""
        moved = reminder_days.move(
            by=self.request.user,
            period=self.period,
            days=form.days,
            reason=form.cleaned_data["reason"],
            today=self.today,
            seen=self.seen,
        )
        said = f"{count_words(len(moved), 'reminder')} moved." if moved else "Nothing was changed."
        messages.success(self.request, said)
        return redirect(f"{reverse('compliance:reminder_days')}?year={self.period.year}")
