"""A provider's own calendar: the list of its classes, what is done to several of them, and planning one."""

import uuid

from django.contrib import messages
from django.db.models import Q
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from clee_portal.accounts import interrupted
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from training import calendar_lists, late_rosters, publishing
from training.calendar_lists import DRAFTS, KINDS, UPCOMING
from training.forms import scheduling as forms
from training.forms.meetings import MeetingsForm, with_rows
from training.models import ScheduledClass
from training.services import scheduling
from training.views.listing import FileMixin
from training.views.of_provider import CalendarMixin, problems_of

A_PAGE = 25
MOST_TROUBLES = 5


class ProviderCalendarView(CalendarMixin, PagesMixin, ListView):
    """The classes of a provider by what is to be done with them: `?show=`, `?q=`, `?touched=1`."""

    template_name = "training/provider_calendar.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """Those asked for; of those to come the next first, of the past ones the last."""
        asked = self.request.GET
        self.kind = asked.get("show") if asked.get("show") in KINDS else UPCOMING
        self.words = asked.get("q", "").replace("\0", "").strip()[:100]
        found = self.provider.scheduled_classes.filter(calendar_lists.of_kind(self.kind, self.now))
        found = found & ScheduledClass.objects.visible_to(self.request.user)
        for word in self.words.split():
            named = Q(course__title__icontains=word) | Q(place__icontains=word) | Q(city__icontains=word)
            found = found.filter(named | Q(instructors__icontains=word))
        ahead = self.kind in (UPCOMING, DRAFTS)
        return calendar_lists.listed(found).order_by(*(("begins_at", "pk") if ahead else ("-begins_at", "-pk")))

    def get_context_data(self, **kwargs):
        """The counts of each kind, what is wrong with those shown, and which published classes give no hours."""
        context = super().get_context_data(**kwargs)
        shown = list(context["object_list"])
        wrong = publishing.troubles(shown)
        for one in shown:
            one.troubles = wrong.get(one.pk, [])
        counts = calendar_lists.counts(self.provider, self.now)
        touched = publishing.touched(self.provider.scheduled_classes, self.today)
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return context | {
            "object_list": shown,
            "kinds": [(kind, label, counts[kind.replace("-", "_")]) for kind, label in KINDS.items()],
            "kind": self.kind,
            "words": self.words,
            "touched": touched[:MOST_TROUBLES],
            "how_many_touched": len(touched),
            "how_many_late": late_rosters.late(self.today).filter(provider=self.provider).count(),
            "ticked": set(typed.getlist("class")) if typed else set(),
            "reason": typed.get("reason", "") if typed else "",
            "signed_in_as": interrupted.token(self.request.user),
            "is_empty": not any(counts.values()),
        }

    def post(self, request, *args, **kwargs):
        """Publish, throw away or call off those ticked; what is refused is said with its reason."""
        ticked = numbers(request.POST.getlist("class"))
        classes = list(
            self.provider.scheduled_classes.filter(pk__in=ticked).select_related("course", "provider").order_by("pk")
        )
        step = request.POST.get("step")
        if not classes:
            messages.error(request, "Tick the classes first.")
            return self.get(request, *args, **kwargs)
        if step == "publish":
            self._say(scheduling.publish_many(by=request.user, classes=classes), "published")
        elif step == "discard":
            self._say(scheduling.discard_many(by=request.user, classes=classes), "thrown away")
        elif step == "call-off":
            reason = request.POST.get("reason", "")
            if not reason.strip():
                messages.error(request, "Say why the classes are called off. Everybody registered reads it.")
            else:
                outcome = scheduling.call_off_many(by=request.user, classes=classes, reason=reason)
                self._say(outcome, "called off; everybody registered is told")
        return redirect(f"{request.path}?{self._shown()}")

    def _shown(self) -> str:
        query = QueryDict(mutable=True)
        for name in ("show", "q"):
            if value := self.request.POST.get(name):
                query[name] = value
        return query.urlencode()

    def _say(self, outcome: scheduling.Outcome, done: str) -> None:
        if outcome.done:
            messages.success(self.request, f"{count_words(len(outcome.done), 'class', 'classes')} {done}.")
        for one, why in outcome.refused:
            words = f"{one.course} ({one.reference}): {why}" if one.pk else f"{one.course}: {why}"
            messages.error(self.request, words)


class ProviderCalendarFileView(FileMixin, ProviderCalendarView):
    """The classes of the list as a file."""

    header = (
        "Reference", "Course", "State", "First day", "Last day", "Delivery", "Place", "City", "ZIP code", "Hours",
        "Seats", "Seats taken", "Waiting", "Fee", "Instructors", "Published", "Called off because", "Credited as",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which provider, as of today."""
        return f"calendar-{self.provider.pk}-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each class."""
        return [
            (
                one.reference, one.course.title, one.get_state_display(), one.begins_at, one.ends_at,
                one.get_delivery_display(), one.place, one.city, one.zip_code, one.credit, one.capacity,
                one.seats_taken, one.waiting, one.fee, one.instructors, one.published_at, one.called_off_because,
                one.training_class.reference if one.training_class_id else "",
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class PlanView(CalendarMixin, TemplateView):
    """Plan a class from a course of the catalogue, with everything filled in; also as a copy of another (`?copy=`).

    Adding a row and repeating the first meeting weekly send the form to itself; nothing is kept before its end.
    """

    template_name = "training/class_plan.html"
    acts = True

    def get(self, request, *args, **kwargs):
        """The form, with what the course or the copied class says; what was typed when a session ended comes back."""
        if typed := interrupted.take(request):
            return self.show(typed)
        return self.show(None)

    def post(self, request, *args, **kwargs):
        """More rows, or the plan."""
        step = request.POST.get("step", "")
        if step in ("more", "weekly"):
            return self.show(with_rows(request.POST, step))
        if step == "site":
            return self.show(forms.with_site(request.POST))
        if step == "course":
            return self.show(None, chosen=request.POST.get("course", ""), kept=request.POST)
        return self.plan(request.POST)

    def show(self, data, *, chosen: str = "", kept=None):
        """The page; `data` is shown as it was typed, without judging it."""
        self.make(None, chosen=chosen, initial_of=kept if kept is not None else data)
        return self.render_to_response(self.get_context_data())

    def make(self, data, *, chosen: str = "", initial_of=None):
        """The parts of the form: bound where `data` is to be judged, else showing what was typed or what is known."""
        courses = self.provider.courses.current().order_by("title", "pk")
        copied = self._copied()
        number = chosen or (initial_of or {}).get("course", "") or self.request.GET.get("course", "")
        course = courses.filter(pk__in=numbers([number])).first() if number else (copied.course if copied else None)
        if copied and course and copied.course_id != course.pk and not number:
            course = courses.filter(replaces=copied.course_id).first() or course
        source = copied or course
        self.course = course
        shown = initial_of if initial_of is not None and not chosen else None
        self.head = forms.CourseForm(
            data, courses=courses, initial=_typed(shown) or {"course": course and course.pk, "key": uuid.uuid4()}
        )
        meetings = None if initial_of is None else _rows(initial_of, "meet", ("day", "begins", "ends", "which"))
        weeks = (initial_of or {}).get("meet-weeks", "")
        self.meetings = MeetingsForm(data, initial=meetings, weeks=weeks)
        sites = None if initial_of is None else _rows(initial_of, "site", (*forms.WHERE, "capacity"))
        self.sites = forms.SitesForm(data, initial=sites or ([forms.site_of(copied)] if copied else None))
        about = {"contact_email": self.provider.email, "contact_phone": self.provider.phone}
        terms = forms.terms_of(source, **({} if copied else about)) if source else forms.terms_of(None, **about)
        self.terms = forms.TermsForm(data, initial=_typed(shown) or terms)

    def _copied(self) -> ScheduledClass | None:
        reference = self.request.GET.get("copy", "")
        found = self.provider.scheduled_classes.with_reference(reference) if reference else None
        return found.select_related("course").first() if found is not None else None

    def plan(self, data):
        """Plan the classes, or show what is wrong."""
        self.make(data)
        parts = (self.head, self.meetings, self.sites, self.terms)
        if not all([part.is_valid() for part in parts]):  # noqa: C419 - each is judged
            return self.render_to_response(self.get_context_data())
        try:
            made = scheduling.plan(
                by=self.request.user,
                course=self.head.cleaned_data["course"],
                meetings=self.meetings.given,
                sites=self.sites.given,
                terms=self.terms.terms,
                key=self.head.cleaned_data["key"],
                each=self.head.cleaned_data["each"] == "each",
            )
        except Refused as refusal:
            forms.put(self._by_field(), refusal)
            return self.render_to_response(self.get_context_data())
        return self.planned(made)

    def _by_field(self) -> dict:
        site = self.sites.forms[0]
        return {"course": self.head, "meetings": self.meetings} | dict.fromkeys(site.fields, site)

    def planned(self, made: list[ScheduledClass]):
        """On to the class, or to the drafts; published at once where that was asked for and nothing hinders it."""
        if self.request.POST.get("step") == "publish":
            outcome = scheduling.publish_many(by=self.request.user, classes=made)
            for one, why in outcome.refused:
                messages.error(self.request, f"{one.reference} is kept as a draft. {why}")
            if outcome.done:
                words = count_words(len(outcome.done), "class", "classes")
                messages.success(self.request, f"{words} published: in the public calendar, open for registration.")
        else:
            messages.success(self.request, f"{count_words(len(made), 'draft')} kept. Nobody else sees it yet.")
        if len(made) == 1:
            return redirect("training:scheduled_class", made[0].reference)
        show = UPCOMING if self.request.POST.get("step") == "publish" else DRAFTS
        return redirect(f"{reverse('training:provider_calendar', args=[self.provider.pk])}?show={show}")

    def get_context_data(self, **kwargs):
        """The parts of the form, and the course it is about."""
        lines = list(self.course.lines.select_related("area", "topic")) if self.course else []
        parts = [self.head, self.meetings, *self.meetings.forms, *self.sites.forms, self.terms]
        noted = publishing.why_not_approved(self.course, self.today) if self.course else ""
        return super().get_context_data(
            head=self.head,
            meetings=self.meetings,
            sites=self.sites,
            terms=self.terms,
            problems=problems_of(parts),
            course=self.course,
            lines=lines,
            whole=sum((one.hours for one in lines), 0),
            noted=noted,
            copied=self._copied(),
            signed_in_as=interrupted.token(self.request.user),
            has_courses=self.head.fields["course"].queryset.exists(),
            **kwargs,
        )


def _typed(data) -> dict | None:
    """What was typed, as initial values; None where nothing was."""
    return data.dict() if data else None


def _rows(data, prefix: str, names) -> list[dict]:
    given = data.get(f"{prefix}-rows", "")
    count = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 1
    return [{name: data.get(f"{prefix}-{at}-{name}", "") for name in names} for at in range(max(min(count, 60), 1))]
