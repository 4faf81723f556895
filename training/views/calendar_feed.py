"""The private feed: the page on which its owner makes, copies and revokes it, and what its address answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseNotFound
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.generic import TemplateView, View

from clee_portal import clock
from training import feeds as calendars
from training.models import CalendarFeed
from training.models.memberships import memberships_of
from training.services import feeds
from training.views.calendar import FeedMixin

PLAIN = "text/plain; charset=utf-8"
ASKED_AGAIN = 60 * 60  # seconds after which another reading is noted


class CalendarFeedPageView(TemplateView):
    """The private feed of the person who asks."""

    template_name = "training/calendar_feed.html"

    def get_context_data(self, **kwargs):
        """The feed, if there is one that works, and what it would hold."""
        feed = CalendarFeed.objects.filter(user=self.request.user, revoked_at=None).first()
        address = calendars.url(reverse("training:calendar_private", args=[feed.key])) if feed else ""
        roles = {member.role for member in memberships_of(self.request.user)}
        return super().get_context_data(feed=feed, address=address, roles=roles, **kwargs)

    def post(self, request, *args, **kwargs):
        """Make one, with another address where there was one, or revoke it."""
        if request.POST.get("act") == "revoke":
            if feeds.revoke(by=request.user):
                messages.success(
                    request, gettext("The address works no more. Calendar programs that had it get nothing now.")
                )
        elif request.POST.get("act") == "make":
            feeds.make(by=request.user)
            messages.success(request, gettext("This is the address of your calendar. Whoever has it can read it."))
        else:
            return self.get(request, *args, **kwargs)
        return redirect("training:calendar_feed")


@method_decorator(login_not_required, name="dispatch")
class PrivateFeedView(FeedMixin, View):
    """What the address of a private feed answers: the calendar, or, revoked or never made, that there is none."""

    http_method_names = ("get", "head", "options")

    def dispatch(self, request, *args, **kwargs):
        """Nothing else is said where there is none, whatever is sent."""
        feed = CalendarFeed.objects.select_related("user").filter(key=kwargs["key"], revoked_at=None).first()
        if feed is None or not feed.user.is_active:
            return HttpResponseNotFound(gettext("There is no calendar at this address.") + "\n", content_type=PLAIN)
        self.feed = feed
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        """The calendar of whoever made the address."""
        now, feed = clock.now(), self.feed
        body = calendars.of_account(feed.user, now)
        if feed.last_read_at is None or (now - feed.last_read_at).total_seconds() > ASKED_AGAIN:
            feeds.was_read(feed=feed)
        return self.answer(body, name="clee-portal", is_private=True)
