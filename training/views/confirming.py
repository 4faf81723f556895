"""After a class of the calendar: who completed it is confirmed and the credit is there, or it is held and released."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import DetailView, ListView, View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import is_number
from training import access, hours, names_shown
from training.forms.confirming import ABSENT, ALL, ConfirmForm, counted, own_hours_form
from training.forms.voiding import VoidForm
from training.models import HeldClass, Officer, Registration
from training.services import confirming, held_classes
from training.services.class_drafts import why_held
from training.views.bodies import BodyMixin
from training.views.door import DoorMixin
from training.views.one_form import OneFormView

A_PAGE = 25


class ClassConfirmView(DoorMixin, StepUpMixin, View):
    """Everyone of a class with what the door suggests, each editable; one act gives the credit."""

    def is_the_act(self, request) -> bool:
        """Looking, and choosing for everybody, changes nothing."""
        return request.POST.get("step") == "confirm"

    def get(self, request, **kwargs):
        """The page, or the own hours of one person to unfold in it; what was confirmed already is shown."""
        if "exception" in request.GET:
            return self.own_hours(request)
        if self.held.training_class:
            return redirect("training:class_detail", self.held.training_class.reference)
        if waiting := self.held.held_classes.waiting().first():
            return redirect("training:held_class", waiting.reference)
        typed = interrupted.take(request)
        form = self.form(typed)
        if typed:
            form.leave_unchecked()
        return self.page(form)

    def post(self, request, **kwargs):
        """Do what the pressed button says; an unknown one only shows the page."""
        form, step = self.form(request.POST), request.POST.get("step")
        if "unfold" in request.POST or step != "confirm":
            return self.on_the_page(form, step)
        if not form.is_valid():
            return self.page(form)
        try:
            done = confirming.confirm(
                by=request.user,
                scheduled_class=self.held,
                attendances=form.draft.attendances,
                left_out=form.draft.left_out,
                now=self.now,
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
            return self.page(form)
        return self.done(done)

    def form(self, data=None) -> ConfirmForm:
        """The form of this class."""
        return ConfirmForm(data, held=self.held, user=self.request.user, today=clock.day_of(self.now))

    def on_the_page(self, form: ConfirmForm, step: str | None):
        """What the page does without a script: the same for everybody, own hours unfolded, numbers looked up."""
        if step in ("all", "none"):
            form.all_as(ALL if step == "all" else ABSENT)
        elif is_number(pk := self.request.POST.get("unfold", "")):
            form.unfold(int(pk))
        form.leave_unchecked()
        return self.page(form)

    def page(self, form: ConfirmForm):
        """The page."""
        today = clock.day_of(self.now)
        draft = confirming.draft_of(self.held, lines=form.whole)
        twins = form.draft.repeats() if form.draft else form.as_shown().repeats()
        context = {
            "held": self.held,
            "form": form,
            "people": [(one, twins.get(one.officer.pk)) for one in form.persons],
            "counted": counted(form.persons),
            "draft": draft,
            "whole": hours.total(form.whole),
            "lines": form.whole,
            "not_yet": confirming.not_yet(self.held, self.now),
            "why_held": why_held(draft, today),
            "shows_standings": access.can_see_register(self.request.user),
            "signed_in_as": interrupted.token(self.request.user),
        }
        return render(self.request, "training/class_confirm.html", context)

    def own_hours(self, request):
        """The own hours of one person of the page: of the list, or named by license number."""
        pk = request.GET["exception"]
        if not is_number(pk):
            raise Http404
        here = Registration.objects.filter(scheduled_class=self.held, officer=pk).exists()
        found = Officer.objects.filter(pk=pk)
        if not here:
            found = found.filter(license_number=request.GET.get("number", ""))
        one = own_hours_form(self.held, get_object_or_404(found), request.user)
        return render(request, "training/_own_hours.html", {"one": one, "is_open": True})

    def done(self, done: confirming.Confirmed):
        """Where it stands now."""
        if done.held_class:
            if not done.is_new:
                messages.info(self.request, "Who completed this class was confirmed before, and is held.")
            return redirect("training:held_class", done.held_class.reference)
        reference = done.training_class.reference
        if not done.is_new:
            messages.info(
                self.request,
                f"This class was confirmed already, as {reference}. Correct it there if something differs.",
            )
            return redirect("training:class_detail", reference)
        return redirect(reverse("training:class_detail", args=[reference]) + "?recorded=1")


class _HeldClassesMixin(PagesMixin):
    """Classes that are held for a provider's license, the longest waiting first."""

    template_name = "training/held_class_list.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """Those that wait."""
        held = HeldClass.objects.visible_to(self.request.user).waiting().select_related("provider", "course")
        return held.annotate(how_many=Count("people")).order_by("recorded_at", "pk")

    def get_context_data(self, **kwargs):
        """Also whether one releases them."""
        may = access.can_release_held_classes(self.request.user)
        return super().get_context_data(may_release=may, **kwargs)


class HeldClassListView(UserPassesTestMixin, _HeldClassesMixin, ListView):
    """Those of every provider: POST releases them."""

    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_held_classes(self.request.user)


class HeldClassesOfProviderView(BodyMixin, _HeldClassesMixin, ListView):
    """Those of one provider."""

    def get_queryset(self):
        """Its own."""
        return super().get_queryset().filter(provider=self.body)


class OneHeldClassMixin:
    """One held class by its reference number, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The class; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        rows = HeldClass.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.object = get_object_or_404(
            rows.select_related("provider", "course__provider", "scheduled_class", "training_class", "recorded_by")
        )

    def get_context_data(self, **kwargs):
        """The class as it was confirmed, and what stands in its way."""
        held, user, today = self.object, self.request.user, clock.today()
        draft = held_classes.draft_of(held)
        people = [(one, draft.hours if one.lines is None else hours.total(one.lines)) for one in draft.attendances]
        return super().get_context_data(
            held=held,
            draft=draft,
            closed=names_shown.closed_to(user, [*(one.officer for one, _ in people), *draft.left_out]),
            people=people,
            lines=draft.lines,
            whole=draft.hours,
            why_held=why_held(draft, today) if held.is_waiting else "",
            may_release=held.is_waiting and access.can_release_held_classes(user),
            sees_all=access.can_see_held_classes(user),
            may_drop=held.is_waiting and access.can_enter_provider_class(user, held.provider),
            **kwargs,
        )


class HeldClassView(OneHeldClassMixin, StepUpMixin, DetailView):
    """A held class: why it gives no credit, everybody in it; POST releases it once the license is mended."""

    template_name = "training/held_class.html"

    def get_object(self, queryset=None):
        """The class that was looked up."""
        return self.object

    def post(self, request, **kwargs):
        """Release it, by its button."""
        if not access.can_release_held_classes(request.user):
            raise PermissionDenied
        if request.POST.get("step") != "release":
            return self.get(request, **kwargs)
        try:
            made, is_new = held_classes.release(by=request.user, held_class=self.object, today=clock.today())
        except Refused as refusal:
            return self.render_to_response(self.get_context_data(refusal=refusal.message))
        if is_new:
            messages.success(request, f"Released: {made.reference} gives the credit now.")
        return redirect("training:class_detail", made.reference)


class HeldClassDropView(OneHeldClassMixin, StepUpMixin, OneFormView):
    """Take a held class back, with the reason: to confirm it anew, or since it gives nobody anything."""

    template_name = "training/held_class_drop.html"
    form_class = VoidForm

    def dispatch(self, request, *args, **kwargs):
        """Only the provider's staff and POST; what is settled already is shown as it is."""
        if not access.can_enter_provider_class(request.user, self.object.provider):
            raise PermissionDenied
        if not self.object.is_waiting:
            return redirect("training:held_class", self.object.reference)
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class=None):
        """The form, in this page's words."""
        form = super().get_form(form_class)
        form.fields["reason"].label = "Why is it dropped?"
        form.fields["reason"].help_text = "It is kept with what was entered."
        form.fields["reason"].error_messages["required"] = "Say why it is dropped."
        return form

    def act(self, form):
        """Drop it."""
        dropped = held_classes.drop(by=self.request.user, held_class=self.object, reason=form.cleaned_data["reason"])
        messages.success(self.request, f"{dropped.reference} was dropped. Nothing of it was credited.")
        if dropped.scheduled_class:
            return redirect("training:class_confirm", dropped.scheduled_class.reference)
        return redirect("training:held_class", dropped.reference)
