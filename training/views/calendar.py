"""The statewide calendar, open to everybody: the search as a list and as a month, one class, and their feeds."""

import datetime as dt
import re
from calendar import Calendar

from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language, gettext
from django.views.generic import DetailView, ListView, View

from clee_portal import clock, compiled
from clee_portal.paging import PagesMixin
from clee_portal.replica import FromReplicaMixin
from training import calendar_rows, calendar_search, calendar_words, class_words, event_data, feeds, hours, ical
from training.class_states import Stage, stage_of
from training.forms.calendar import SearchForm
from training.models import Area, Provider, Registration, ScheduledClass, ScheduledLine, Topic
from training.models.memberships import memberships_of
from training.views.seat_facts import published_one

A_PAGE = 25
SUNDAY_FIRST = Calendar(firstweekday=6)
FEED_MINUTES = 15
_MONTH = re.compile(r"(20[1-9][0-9])-(0[1-9]|1[0-2])")
_REFERENCE = re.compile(r"S-([0-9]{6,15})")
# What of the address says how the page looks, not what is looked for.
MORE = ("delivery", "fee", "hours_from", "hours_to", "provider", "sort", "seats")  # behind "more"
_LOOK = ("view", "month", "page", "sort")

public = method_decorator(login_not_required, name="dispatch")


def lines_in_order() -> Prefetch:
    """The hours of classes, by area and topic, in one statement for all of them."""
    rows = ScheduledLine.objects.select_related("area", "topic")
    return Prefetch("lines", rows.order_by("area__order", F("topic__order").asc(nulls_last=True)))


@compiled.written()
def _areas() -> QuerySet:
    return Area.objects.all()


@compiled.written()
def _topics() -> QuerySet:
    return Topic.objects.all()


@compiled.written(now=compiled.MOMENT, today=compiled.FIRST_DAY)
def _providers(now, today) -> QuerySet:
    """Those with classes to come."""
    coming = ScheduledClass.objects.open_to_all(today).filter(begins_at__gte=now, provider=OuterRef("pk"))
    return Provider.objects.filter(Exists(coming)).only("pk", "name")


class SearchMixin:
    """What is looked for, as the address says it."""

    def setup(self, request, *args, **kwargs):
        """The filters. What is wrong in the address limits nothing."""
        super().setup(request, *args, **kwargs)
        self.now = clock.now()
        self.today = clock.day_of(self.now)
        self.areas, self.topics = _areas().objects(), _topics().objects()
        self.bodies = _providers().objects(now=self.now, today=self.today)
        self.form = SearchForm(request.GET, areas=self.areas, topics=self.topics, providers=self.bodies)
        self.wanted = self.form.wanted(self.today)

    def query_without(self, *names: str) -> str:
        """The rest of the address without some of its parts, and without those that are empty."""
        query = self.request.GET.copy()
        for name in [name for name, values in query.lists() if name in names or not any(values)]:
            del query[name]
        return query.urlencode()


@public
class CalendarView(FromReplicaMixin, SearchMixin, PagesMixin, ListView):
    """The classes that are looked for: a list, or a month."""

    template_name = "training/calendar.html"
    paginate_by = A_PAGE

    def setup(self, request, *args, **kwargs):
        """Also the month, where it is one that is looked at."""
        super().setup(request, *args, **kwargs)
        self.month = self.month_asked() if request.GET.get("view") == "month" else None

    def month_asked(self) -> dt.date:
        """The first day of the month of the address; without one, of the days looked for."""
        found = _MONTH.fullmatch(self.request.GET.get("month", ""))
        return dt.date(int(found[1]), int(found[2]), 1) if found else self.wanted.since.replace(day=1)

    def get_queryset(self):
        """A page of them takes three statements, however many there are; a month needs no page."""
        if self.month:
            return ScheduledClass.objects.none()
        return calendar_search.find(self.wanted, self.today).select_related("course", "provider")

    def get_context_data(self, **kwargs):
        """The sentence, the limits, the classes or the month."""
        context = super().get_context_data(**kwargs)
        if self.month:
            self.wanted = calendar_search.replace_days(self.wanted, self.today, None)
            context |= self.month_context()
        else:
            context |= {"count": context["paginator"].count}
        limits = calendar_words.limits(self.wanted, self.today)
        rest = self.query_without(*_LOOK)
        return context | {
            "rows": [] if self.month else calendar_rows.rows(context["object_list"], self.now),
            "form": self.form,
            "find_key": self.find_key(),
            "sentence": calendar_words.sentence(self.wanted, self.today, context["count"], self.month),
            "limits": [
                {"words": one.words, "query": self.query_without(*one.names, "page", "month")} for one in limits
            ],
            "loosen": [] if context["count"] or self.month else self.loosened(limits),
            "online_query": self.online_query(),
            "list_query": self.query_without("view", "month", "page"),
            "month_query": self.query_without("view", "month", "page", "since", "until"),
            "wanted": self.wanted,
            "feed_path": f"{reverse('training:calendar_ics')}{f'?{rest}' if rest else ''}",
            "more_open": any(self.request.GET.get(name) for name in MORE),
            "is_filtered": bool(limits),
            "today": self.today,
        }

    def find_key(self) -> str:
        """All that the form shows: what is asked, what can be chosen, and in which language."""
        chosen = [(one.pk, one.name) for one in (*self.areas, *self.topics, *self.bodies)]
        return f"{get_language()} {self.today} {self.query_without('page')} {chosen}"

    def loosened(self, limits) -> list[dict]:
        """For each limit, how many classes there would be without it, where there would be any."""
        found = []
        for one in limits:
            if count := calendar_search.find(one.without, self.today).count():
                query = self.query_without(*one.names, "page", "month")
                found.append({"words": one.words, "count": count, "query": query})
        return sorted(found, key=lambda one: -one["count"])

    def online_query(self) -> str:
        """Where the distance leaves classes online out: the same search for those."""
        if not self.wanted.limits_place or self.wanted.delivery:
            return ""
        return f"{self.query_without('zip', 'miles', 'page', 'month')}&delivery=online".lstrip("&")

    def month_context(self) -> dict:
        """The weeks of the month with their classes, and the months beside it."""
        weeks = SUNDAY_FIRST.monthdatescalendar(self.month.year, self.month.month)
        last = max(day for day in weeks[-1] if day.month == self.month.month)
        found = calendar_search.find(calendar_search.replace_days(self.wanted, self.month, last), self.today)
        days = calendar_search.by_day(found, self.month, last)
        rest = self.query_without("view", "month", "page", "since", "until")
        beside = {
            name: f"{rest}&view=month&month={first:%Y-%m}".lstrip("&")
            for name, first in (
                ("previous", (self.month - dt.timedelta(days=1)).replace(day=1)),
                ("next", last + dt.timedelta(days=1)),
            )
        }
        return {
            "month": self.month,
            "weeks": [[self.cell(day, days, rest) for day in week] for week in weeks],
            "count": sum(count for _, count in days.values()),
            **beside,
        }

    def cell(self, day: dt.date, days: dict, rest: str) -> dict | None:
        """A day of the month; None for those of the months beside it."""
        if day.month != self.month.month:
            return None
        classes, count = days.get(day, ([], 0))
        query = f"{rest}&since={day}&until={day}".lstrip("&")
        return {"day": day, "classes": classes, "more": count - len(classes), "count": count, "query": query}

    def render_to_response(self, context, **response_kwargs):
        """Search engines are to keep the classes, not every way to look for them."""
        response = super().render_to_response(context, **response_kwargs)
        if self.request.GET:
            response["X-Robots-Tag"] = "noindex, follow"
        return response


class Published:
    """A class anybody may read, by its reference number."""

    def setup(self, request, *args, **kwargs):
        """The class; a draft does not exist for anybody."""
        super().setup(request, *args, **kwargs)
        found = _REFERENCE.fullmatch(kwargs["reference"])
        held = published_one(int(found[1])) if found else None
        if held is None or held.reference != kwargs["reference"]:
            raise Http404
        self.held = held


@public
class CalendarClassView(FromReplicaMixin, Published, DetailView):
    """One class: all that people want to know before they take it. Its address stays, whatever becomes of the class."""

    template_name = "training/calendar_class.html"
    context_object_name = "held"

    def get_object(self, queryset=None):
        """By its number."""
        return self.held

    def get_context_data(self, **kwargs):
        """Hours, meetings, where it stands, and what search engines read."""
        held, now, user = self.object, clock.now(), self.request.user
        lines = list(
            held.lines.select_related("area", "topic").order_by("area__order", F("topic__order").asc(nulls_last=True))
        )
        meetings = list(held.meetings.all())
        license_today = held.provider.licenses.valid_on(clock.day_of(now), now).first()
        stage = stage_of(held, now, is_licensed=license_today is not None)
        whole = hours.total(lines)
        is_waiting = stage == Stage.FULL
        ends_on = clock.last_day(held.ends_at)
        return super().get_context_data(
            lines=lines,
            whole=whole,
            meetings=meetings,
            stage=stage,
            license=license_today,
            license_ends_before=bool(
                license_today and license_today.valid_until and license_today.valid_until < ends_on
            ),
            waiting=Registration.objects.filter(scheduled_class=held, state="waiting").count() if is_waiting else 0,
            where=class_words.where(held.place, held.address, held.city, held.zip_code),
            maps_url=class_words.map_of(held),
            fee=class_words.fee(held.fee),
            gives=class_words.gives((line.area.name, line.topic and line.topic.name, line.hours) for line in lines),
            data=event_data.json_ld(held, meetings, whole, self.request.path),
            page_url=feeds.url(self.request.path),
            can_be_taken=stage in (Stage.OPEN, Stage.FULL),
            is_officer=user.is_authenticated and any(one.officer_id for one in memberships_of(user)),
            **kwargs,
        )

    def render_to_response(self, context, **response_kwargs):
        """What is over or called off is not for search engines any more."""
        response = super().render_to_response(context, **response_kwargs)
        if context["stage"] in (Stage.OVER, Stage.CALLED_OFF):
            response["X-Robots-Tag"] = "noindex"
        return response


class FeedMixin:
    """An answer that calendar programs follow."""

    def answer(self, body: bytes, *, name: str, changed_at: dt.datetime | None = None, is_private: bool = False):
        """The calendar, or that nothing is new (304)."""
        etag = quote_etag(feeds.fingerprint(body))
        stamp = int(changed_at.timestamp()) if changed_at else None
        response = HttpResponse(body, content_type=ical.CONTENT_TYPE)
        response["ETag"] = etag
        if stamp is not None:
            response["Last-Modified"] = http_date(stamp)
        response["Content-Disposition"] = f'inline; filename="{name}.ics"'
        response = get_conditional_response(self.request, etag=etag, last_modified=stamp, response=response)
        if is_private:
            response["X-Robots-Tag"] = "noindex"
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_cache_control(response, public=True, max_age=FEED_MINUTES * 60)
        return response


@public
class CalendarFeedView(FromReplicaMixin, SearchMixin, FeedMixin, View):
    """The feed of a search: what it finds, from a month back on, and what of it was called off."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """The calendar."""
        wanted = self.wanted
        if not self.form.cleaned_data.get("since"):  # what began is in it until a month after its end
            wanted = calendar_search.replace_days(wanted, None, wanted.until)
        found = calendar_search.find(wanted, self.today, with_called_off=True)
        body = feeds.of_classes(
            found.filter(ends_at__gte=feeds.since(self.today)),
            name=calendar_words.name(self.wanted, self.today),
            about=gettext("From the training calendar of the Missouri POST Program. Changes and cancellations follow."),
        )
        return self.answer(body, name="clee-calendar", changed_at=feeds.changed_at(self.today))


@public
class CalendarClassFeedView(FromReplicaMixin, Published, FeedMixin, View):
    """One class as a calendar file: put into a calendar, or followed."""

    http_method_names = ("get", "head", "options")

    def get(self, request, *args, **kwargs):
        """The calendar."""
        held = self.held
        body = feeds.of_classes(ScheduledClass.objects.filter(pk=held.pk), name=held.course.title)
        return self.answer(body, name=held.reference, changed_at=held.changed_at)
