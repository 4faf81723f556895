"""One class of a provider's calendar: its page, and what is done to it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal.accounts import interrupted
from clee_portal.history.seen import ChangedMeanwhile
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from training import calendar_lists, hours, publishing
from training.class_plan import WHERE, meetings_of
from training.forms import scheduling as forms
from training.forms.meetings import MeetingsForm, rows_of, with_rows
from training.local_times import clock_change
from training.models import Registration, ScheduledClass
from training.services import scheduling
from training.views.of_provider import ScheduledMixin, problems_of
from training.views.one_form import OneFormView
from training.views.seen import SeenMixin

State = ScheduledClass.State


class ScheduledClassView(ScheduledMixin, TemplateView):
    """A class in the calendar as its provider works with it: what it says, who comes, what is next."""

    template_name = "training/scheduled_class.html"

    def get_context_data(self, **kwargs):
        """The class with its meetings, hours and seats, and what is wrong with it."""
        held = self.held
        lines = list(held.lines.select_related("area", "topic").order_by("area__order", "topic__order"))
        states = Registration.State
        counted = dict.fromkeys((states.REGISTERED, states.OFFERED, states.WAITING), 0)
        for state in held.registrations.live().values_list("state", flat=True):
            counted[state] += 1
        meetings = meetings_of(held)
        hindrances = publishing.hindrances(held, self.now) if held.state == State.DRAFT else []
        return super().get_context_data(
            lines=lines,
            whole=hours.total(lines),
            meetings=[(one, clock_change(one)) for one in meetings],
            registered=counted[states.REGISTERED],
            offered=counted[states.OFFERED],
            waiting=counted[states.WAITING],
            hindrances=hindrances,
            troubles=publishing.troubles([held]).get(held.pk, []) if held.state == State.PUBLISHED else [],
            too_short=publishing.too_short(held, hours.total(lines)),
            is_over=held.ends_at <= self.now,
            has_begun=held.begins_at <= self.now,
            others=list(calendar_lists.others_of_series(held, self.now)),
            newer=held.course.replaced_by.first(),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Publish it (and the drafts of its series that are ticked), or throw it away."""
        held, step = self.held, request.POST.get("step")
        others = calendar_lists.others_of_series(held, self.now).filter(
            pk__in=numbers(request.POST.getlist("others")), state=State.DRAFT
        )
        try:
            if step == "publish":
                scheduling.publish(by=request.user, held=held)
                self._publish_others(list(others))
            elif step == "discard":
                provider, title = held.provider_id, str(held.course)
                scheduling.discard(by=request.user, held=held)
                messages.success(request, f"The draft of “{title}” is thrown away.")
                return redirect(f"{reverse('training:provider_calendar', args=[provider])}?show=drafts")
            else:
                return self.get(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:scheduled_class", held.reference)

    def _publish_others(self, others: list[ScheduledClass]) -> None:
        outcome = scheduling.publish_many(by=self.request.user, classes=others)
        words = count_words(len(outcome.done) + 1, "class", "classes")
        messages.success(self.request, f"{words} published: in the public calendar, open for registration.")
        for one, why in outcome.refused:
            messages.error(self.request, f"{one.reference} stays a draft. {why}")


class ScheduledEditView(ScheduledMixin, SeenMixin, TemplateView):
    """Change what a class says beside its hours and place, and how many seats it has; also for others of its series."""

    template_name = "training/scheduled_edit.html"
    acts = True
    typed = None

    def get(self, request, *args, **kwargs):
        """What it says; what was typed when a session ended comes back."""
        typed = self.typed = interrupted.take(request)
        self.terms = forms.TermsForm(initial=typed.dict() if typed else forms.terms_of(self.held))
        self.capacity = forms.CapacityForm(initial=typed.dict() if typed else {"capacity": self.held.capacity})
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        """Keep it, or say what is wrong."""
        self.terms, self.capacity = forms.TermsForm(request.POST), forms.CapacityForm(request.POST)
        if all([self.terms.is_valid(), self.capacity.is_valid()]):
            try:
                return self.keep()
            except ChangedMeanwhile as refusal:
                self.terms.add_error(None, refusal.message)
                self.put_beside(refusal, self.fields(), forms.terms_of(ScheduledClass.objects.get(pk=self.held.pk)))
            except Refused as refusal:
                forms.put({None: self.terms, "capacity": self.capacity}, refusal)
        return self.render_to_response(self.get_context_data())

    def stands(self) -> dict:
        """What it says."""
        return scheduling.what_it_says(self.held)

    def fields(self) -> dict:
        """The field of each fact."""
        own = {name: self.terms[name] for name in self.terms.fields}
        moments = {"opens_at": own["opens_on"], "closes_at": own["closes_on"]}
        return own | moments | {"capacity": self.capacity["capacity"]}

    def keep(self):
        """The class first; of the others each for itself."""
        terms, capacity = self.terms.terms, self.capacity.cleaned_data["capacity"]
        scheduling.edit(by=self.request.user, held=self.held, terms=terms, capacity=capacity, seen=self.seen)
        kept = 1
        ticked = numbers(self.request.POST.getlist("others"))
        for one in calendar_lists.others_of_series(self.held, self.now).filter(pk__in=ticked):
            try:
                scheduling.edit(by=self.request.user, held=one, terms=terms, capacity=capacity)
                kept += 1
            except Refused as refusal:
                messages.error(self.request, f"{one.reference} is as it was. {refusal.message}")
        messages.success(self.request, f"{count_words(kept, 'class', 'classes')} changed.")
        return redirect("training:scheduled_class", self.held.reference)

    def get_context_data(self, **kwargs):
        """The form."""
        return super().get_context_data(
            terms=self.terms,
            capacity=self.capacity,
            problems=problems_of([self.capacity, self.terms]),
            others=list(calendar_lists.others_of_series(self.held, self.now)),
            ticked=self.request.POST.getlist("others"),
            signed_in_as=interrupted.token(self.request.user),
            **self.seen_context(self.typed or {}),
            **kwargs,
        )


class ScheduledMoveView(ScheduledMixin, SeenMixin, TemplateView):
    """Move a class to other hours or another place. Others of its series at the same hours move with it if ticked."""

    template_name = "training/scheduled_move.html"
    acts = True
    typed = None

    def get(self, request, *args, **kwargs):
        """When and where it meets; what was typed when a session ended comes back."""
        return self.show(interrupted.take(request))

    def show(self, typed):
        """The page, with what was typed as it stands."""
        held = self.held
        self.typed = typed
        rows = rows_of(held.meetings.all())
        if typed:
            count = typed.get("meet-rows", "1")
            count = min(int(count), 60) if count.isascii() and count.isdecimal() and len(count) < 4 else 1
            names = ("day", "begins", "ends", "which")
            rows = [{name: typed.get(f"meet-{at}-{name}", "") for name in names} for at in range(max(count, 1))]
        self.meetings = MeetingsForm(initial=rows, weeks=typed.get("meet-weeks", "") if typed else "")
        self.site = forms.SiteForm(initial=typed.dict() if typed else forms.site_of(held))
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        """More rows, or the move."""
        step = request.POST.get("step", "")
        if step in ("more", "weekly"):
            return self.show(with_rows(request.POST, step))
        self.meetings = MeetingsForm(request.POST)
        self.site = forms.SiteForm({**request.POST.dict(), "capacity": str(self.held.capacity)})
        if all([self.meetings.is_valid(), self.site.is_valid()]):
            try:
                return self.move()
            except ChangedMeanwhile as refusal:
                self.site.add_error(None, refusal.message)
                self.put_beside(
                    refusal, {"meetings": self.meetings["meetings"]} | {name: self.site[name] for name in WHERE}
                )
                if any(one.name == "meetings" and not one.is_touched for one in refusal.differences):
                    self.meetings = MeetingsForm(initial=rows_of(self.held.meetings.all()))
            except Refused as refusal:
                forms.put(
                    {None: self.meetings, "meetings": self.meetings} | dict.fromkeys(self.site.fields, self.site),
                    refusal,
                )
        return self.render_to_response(self.get_context_data())

    def stands(self) -> dict:
        """When and where it meets."""
        return scheduling.where_it_stands(self.held)

    def move(self):
        """The class first; those at the same hours follow with the hours alone, each at its own place."""
        held, user = self.held, self.request.user
        before = meetings_of(held)
        ticked = numbers(self.request.POST.getlist("others"))
        others = [
            one
            for one in calendar_lists.others_of_series(held, self.now).filter(pk__in=ticked)
            if meetings_of(one) == before
        ]
        scheduling.move(by=user, held=held, meetings=self.meetings.given, site=self.site.site, seen=self.seen)
        for one in others:
            try:
                scheduling.move(by=user, held=one, meetings=self.meetings.given)
            except Refused as refusal:
                messages.error(self.request, f"{one.reference} stays where it was. {refusal.message}")
        told = " Everybody registered is told." if held.state == State.PUBLISHED else ""
        messages.success(self.request, f"Moved.{told}")
        return redirect("training:scheduled_class", held.reference)

    def get_context_data(self, **kwargs):
        """The form, and those at the same hours."""
        before = meetings_of(self.held)
        others = calendar_lists.others_of_series(self.held, self.now).prefetch_related("meetings")
        return super().get_context_data(
            meetings=self.meetings,
            site=self.site,
            problems=problems_of([self.meetings, *self.meetings.forms, self.site]),
            others=[one for one in others if meetings_of(one) == before],
            ticked=self.request.POST.getlist("others"),
            people=self.held.registrations.live().count(),
            signed_in_as=interrupted.token(self.request.user),
            **self.seen_context(self.typed or {}),
            **kwargs,
        )


class ScheduledCallOffView(ScheduledMixin, OneFormView):
    """Call a class off, with the reason; also others of its series."""

    template_name = "training/scheduled_call_off.html"
    acts = True

    def get_form(self, form_class=None):
        """The reason; the published ones of its series can be ticked."""
        others = calendar_lists.others_of_series(self.held, self.now).filter(state=State.PUBLISHED)
        data = self.get_form_kwargs()
        return forms.CallOffForm(data.get("data"), initial=data.get("initial"), others=others)

    def act(self, form):
        """It is off, and everybody is told."""
        reason = form.cleaned_data["reason"]
        scheduling.call_off(by=self.request.user, held=self.held, reason=reason)
        outcome = scheduling.call_off_many(by=self.request.user, classes=form.cleaned_data["others"], reason=reason)
        for one, why in outcome.refused:
            messages.error(self.request, f"{one.reference} is not called off. {why}")
        words = count_words(len(outcome.done) + 1, "class", "classes")
        messages.success(self.request, f"{words} called off. Everybody registered is told.")
        return redirect("training:scheduled_class", self.held.reference)

    def get_context_data(self, **kwargs):
        """How many are told."""
        return super().get_context_data(people=self.held.registrations.live().count(), **kwargs)


class ScheduledCopyView(ScheduledMixin, TemplateView):
    """Copy a class: the form of a new one, filled in, without its dates."""

    acts = True

    def get(self, request, *args, **kwargs):
        """On to planning."""
        plan = reverse("training:provider_calendar_plan", args=[self.held.provider_id])
        return redirect(f"{plan}?copy={self.held.reference}")
