"""Setting a class right: edited as it was entered, or officers taken out of it and moved. Evidence is never changed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from training import access
from training.bodies import named
from training.forms.class_data import data_of
from training.forms.class_entry import FIELDS, ClassEntryForm
from training.forms.corrections import MoveForm
from training.forms.groups import CopyForm
from training.models import TrainingClass, TrainingRecord
from training.services import classes, corrections, imports
from training.views.bodies import Desk
from training.views.class_entry import ClassEntryView
from training.views.class_pages import OneClassMixin
from training.views.one_form import OneFormView


def correctable(user, reference: str) -> TrainingClass:
    """The class of this number if `user` may correct it; 404 and 403 otherwise. It may have been undone."""
    found = TrainingClass.objects.visible_to(user).with_reference(reference)
    held = get_object_or_404(found.select_related("course__agency", "course__provider", "reported_by_agency"))
    if not access.can_correct_class(user, held):
        raise PermissionDenied
    return held


class ClassCorrectView(ClassEntryView):
    """The entry page with a class in it: everything can be changed, and it is recorded anew with the reason."""

    def dispatch(self, request, *args, reference: str, **kwargs):
        """Only who may correct it; what was undone or corrected already is shown as it is."""
        if not request.user.is_authenticated:
            return View.dispatch(self, request)
        self.held = correctable(request.user, reference)
        self.body, self.today = self.held.body, clock.today()
        # A part of the page is told of nothing: what was typed is sent whole in the end, and then looked at.
        if self.held.voided_at and not (request.method == "POST" and "HX-Request" in request.headers):
            return self.came_late()
        return self.step_up(request) or View.dispatch(self, request, *args, **kwargs)

    def came_late(self):
        """The class does not stand any more: shown as it is, or what was typed kept, for the class that stands now."""
        request, gone = self.request, self.held
        if request.method != "POST":
            # What was typed when the session ended is for the class that stands now, or waits until it is asked for.
            if typed := interrupted.take(request):
                return self.kept(typed, gone)
            return redirect("training:class_detail", gone.reference)
        key = self.form(request.POST).submission_key
        if made := classes.reported_before(self.body, key):
            return self.done(made)
        return self.kept(request.POST, gone)

    def kept(self, typed, gone: TrainingClass):
        """What was typed for `gone`, on the entry page of the class that stands for it, or as a class of its own."""
        self.held = classes.standing_for(gone)
        form = self.form(typed)
        form.leave_unchecked()
        if self.held is None:
            action = Desk(self.body).urls["class_enter"]
        else:
            action = reverse("training:class_correct", args=[self.held.reference])
        return self.page(form, overtaken=gone, action=action)

    def form(self, data=None) -> ClassEntryForm:
        """The form that knows the class it corrects."""
        return ClassEntryForm(data, body=self.body, today=self.today, corrects=self.held)

    def begun(self, request):
        """The class as it stands, or with what was typed before the session ended or the second step was asked for."""
        typed = interrupted.take(request)
        form = self.form(typed or data_of(self.held))
        form.leave_unchecked()
        group_name = form.data.get("group_name", "")
        return self.page(form, copy_form=CopyForm(body=self.body, group_name=group_name))

    def page(self, form, template: str = "training/class_enter.html", **more):
        """The entry page, saying that a class is corrected."""
        more.setdefault("reason", form.data.get("reason", ""))
        return super().page(form, template, correcting=self.held, **more)

    def check(self, form, **more):
        """The check page; it asks for the reason."""
        return super().check(form, correcting=self.held, reason=form.data.get("reason", ""), **more)

    def record(self, form):
        """Record it anew; what is refused meanwhile is said where it can be mended."""
        draft, reason = form.draft, form.data.get("reason", "")
        try:
            with transaction.atomic():
                made, is_new = corrections.correct(
                    by=self.request.user,
                    training_class=self.held,
                    reason=reason,
                    **named(self.body),
                    submission_key=form.submission_key,
                    today=self.today,
                    **draft.answers,
                )
                if is_new:
                    lines = list(form.judged.to_hold())
                    imports.hold_lines(by=self.request.user, body=self.body, training_class=made, lines=lines)
        except Refused as refusal:
            self.held.refresh_from_db(fields=["voided_at", "voided_by", "void_reason"])
            if self.held.voided_at:
                return self.kept(form.data, self.held)
            if refusal.field == "reason" or refusal.field is None:
                return self.check(form, refusal=refusal.message)
            field = FIELDS.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, refusal.message)
            return self.page(form)
        return self.done(made)

    def done(self, made: TrainingClass):
        """The class that stands for it, once it is recorded."""
        messages.success(self.request, f"{self.held.reference} was corrected: {made.reference} stands for it now.")
        return redirect("training:class_detail", made.reference)


class ClassMoveView(OneClassMixin, StepUpMixin, OneFormView):
    """Take officers out of a class, or move them to another class of the agency or provider."""

    template_name = "training/class_move.html"
    form_class = MoveForm

    def dispatch(self, request, *args, **kwargs):
        """Only who may correct it; what was undone is shown as it is."""
        if not access.can_correct_class(request.user, self.object):
            raise PermissionDenied
        if self.object.voided_at:
            return self.came_late()
        return super().dispatch(request, *args, **kwargs)

    def came_late(self):
        """What was sent for a class that does not stand any more: nobody is moved, and the class that stands is shown
        with the same officers ticked.
        """
        gone, anew = self.object, classes.standing_for(self.object)
        if self.request.method != "POST":
            return redirect("training:class_detail", gone.reference)
        how = f"corrected meanwhile, as {anew.reference}" if anew else "undone meanwhile"
        messages.warning(self.request, f"{gone.reference} was {how}. Nobody was moved or taken out.")
        if anew is None:
            return redirect("training:class_detail", gone.reference)
        self.object = self.found(anew.reference)
        ticked = numbers(self.request.POST.getlist("records"))
        people = list(self.people())
        meant = set(TrainingRecord.objects.filter(training_class=gone, pk__in=ticked).values_list("officer", flat=True))
        given = self.request.POST.copy()
        given.setlist("records", [str(one.pk) for one in people if one.officer_id in meant])
        form = MoveForm(given, held=self.object, records=people)
        action = reverse("training:class_move", args=[anew.reference])
        context = self.get_context_data(form=form, action=action, ticked=given.getlist("records"))
        return self.render_to_response(context)

    def get_form_kwargs(self) -> dict:
        """The class and its records."""
        kwargs = super().get_form_kwargs()
        kwargs.pop("prefix", None), kwargs.pop("files", None)
        return kwargs | {"held": self.object, "records": list(self.people())}

    def get_context_data(self, **kwargs):
        """Also who is ticked."""
        return super().get_context_data(**{"ticked": self.request.POST.getlist("records")} | kwargs)

    def act(self, form):
        """Do it."""
        change(self.request.user, self.object, form)
        target = form.target
        many = count_words(len(form.cleaned_data["records"]), "officer")
        done = f"{many} moved to {target.reference}." if target else f"{many} taken out."
        messages.success(self.request, done)
        return redirect(reverse("training:class_detail", args=[(target or self.object).reference]))


def change(user, held: TrainingClass, form: MoveForm) -> None:
    """Take out or move, as a valid form says."""
    records = list(TrainingRecord.objects.filter(training_class=held, pk__in=form.cleaned_data["records"]))
    reason = form.cleaned_data["reason"]
    if form.target is None:
        corrections.take_out(by=user, training_class=held, records=records, reason=reason)
    else:
        corrections.move(by=user, records=records, to=form.target, reason=reason, today=clock.today())
