"""Entering a class: one page to fill in, one to check, then the confirmation. What was typed travels in the form."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from training import access
from training.forms.class_entry import FIELDS, ClassEntryForm
from training.models import Agency, Delivery, Officer
from training.services import classes, imports
from training.views.checking import Check

# Steps that only show the page again; of some a script asks for the one part that changes.
ON_THE_PAGE = ("unfold", "all", "none", "roster", "match", "edit")
PARTS = {"roster": "training/_roster.html", "match": "training/_matches.html"}


class ClassEntryView(View):
    """The entry page of an agency. The button pressed says which step: check, record, or one on the page itself."""

    def dispatch(self, request, *args, code: str, **kwargs):
        """Only the agency's CEO, delegates and POST staff; an agency that is not theirs does not exist for others."""
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), code=code)
        if not access.can_enter_class(request.user, self.agency):
            raise PermissionDenied
        self.today = clock.today()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        """An empty form, or the exception of one officer to unfold in the page."""
        if "exception" in request.GET:
            return self.exception(request)
        if typed := interrupted.take(request):
            form = self.form(typed)
            form.leave_unchecked()
            return self.page(form, was_interrupted=True)
        return self.page(self.form())

    def post(self, request):
        """Do what the pressed button says; an unknown one checks, and nothing but `record` changes anything."""
        step = "unfold" if "unfold" in request.POST else request.POST.get("step", "check")
        form = self.form(request.POST)
        if step in ON_THE_PAGE:
            return self.on_the_page(form, step)
        if before := classes.reported_before(self.agency, form.submission_key):
            return self.recorded_already(form, before)
        if not form.is_valid():
            return self.page(form)
        if step != "record":
            return self.check(form)
        return self.record(form)

    def form(self, data=None) -> ClassEntryForm:
        """The form of this agency."""
        return ClassEntryForm(data, agency=self.agency, today=self.today)

    def page(self, form: ClassEntryForm, template: str = "training/class_enter.html", **more):
        """The entry page, or a part of it."""
        context = {"form": form, "agency": self.agency, "today": self.today, "roster": Roster(form), **more}
        context["signed_in_as"] = interrupted.token(self.request.user)
        return render(self.request, template, context)

    def on_the_page(self, form: ClassEntryForm, step: str):
        """What the page does without a script: tick all or none, unfold an exception, show another day's roster."""
        if step == "all":
            form.ticked = {row.pk for row in form.roster}
        elif step == "none":
            form.ticked = set()
        if step != "edit":
            form.leave_unchecked()
        is_part = step == "roster" or (step == "match" and "HX-Request" in self.request.headers)
        return self.page(form, PARTS[step] if is_part else "training/class_enter.html")

    def exception(self, request):
        """The exception of one officer of the roster, or of one given by number."""
        try:
            officer = Officer.objects.get(pk=int(request.GET["exception"]))
        except (ValueError, Officer.DoesNotExist):
            raise Http404 from None
        here = officer.commissions.filter(agency=self.agency).exists()
        if not here and officer.license_number != request.GET.get("number"):
            raise Http404
        one = self.form().exception(officer.pk, officer.sorted_name)
        return render(request, "training/_exception.html", {"one": one})

    def check(self, form: ClassEntryForm):
        """The check page."""
        check = Check.of(form, self.request.user)
        context = {"form": form, "agency": self.agency, "check": check}
        context["delivery_name"] = Delivery(form.draft.delivery).label
        context["signed_in_as"] = interrupted.token(self.request.user)
        return render(self.request, "training/class_check.html", context)

    def record(self, form: ClassEntryForm):
        """Record the class and show its confirmation; what is refused meanwhile is said at its field."""
        draft = form.draft
        try:
            with transaction.atomic():
                held, is_new = classes.record(
                    by=self.request.user,
                    agency=self.agency,
                    course=draft.course,
                    title=draft.title,
                    synopsis=draft.synopsis,
                    starts_on=draft.starts_on,
                    ends_on=draft.ends_on,
                    delivery=draft.delivery,
                    lines=draft.lines,
                    attendances=draft.attendances,
                    left_out=draft.left_out,
                    submission_key=form.submission_key,
                    place=draft.place,
                    today=self.today,
                )
                if is_new:
                    lines = list(form.judged.to_hold())
                    imports.hold_lines(by=self.request.user, agency=self.agency, training_class=held, lines=lines)
        except Refused as refusal:
            field = FIELDS.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, refusal.message)
            return self.page(form)
        if not is_new:
            return self.recorded_already(form, held)
        return redirect(reverse("training:class_detail", args=[held.reference]) + "?recorded=1")

    def recorded_already(self, form: ClassEntryForm, held):
        """The form was sent before: the same answers lead to the confirmation, others stay on the page."""
        if held.voided_at is None and form.is_valid() and classes.is_same(held, form.draft):
            messages.info(
                self.request, f"This class was recorded already, as {held.reference}. It was not recorded twice."
            )
            return redirect("training:class_detail", reference=held.reference)
        undone = held.voided_at is not None
        if undone:
            text = f"{held.reference}, recorded from this form, was undone. What you typed would be a new class."
            messages.info(self.request, text)
        del form.submission_key
        form.data = form.data.copy()
        del form.data["submission_key"]
        return self.page(form, recorded_as=None if undone else held)


class Roster:
    """The roster as the page shows it: rows with their ticks and open exceptions, and how many are ticked."""

    def __init__(self, form: ClassEntryForm):
        self.form = form
        self.day = form.day
        self.size = len(form.roster)
        here = {row.pk for row in form.roster}
        self.pasted = form.judged.credited.keys()
        self.ticked = len((form.ticked | self.pasted) & here)
        self.from_elsewhere = len(self.pasted - here)

    @property
    def rows(self):
        """(row, whether it is ticked, its exception or None, whether it is pasted)."""
        ticked, exceptions = self.form.ticked, self.form.exceptions
        named = self.form.pasted_lines.named
        return [(row, row.pk in ticked, exceptions.get(row.pk), row.pk in named) for row in self.form.roster]

    @property
    def strays(self):
        """(officer, exception) of those ticked who were not of the agency that day."""
        others = {one.pk for one in self.form.others.values()}
        return [(one, self.form.exceptions.get(one.pk)) for one in self.form.strays if one.pk not in others]

    @property
    def others(self):
        """(officer, agencies today, exception) of those pasted who are not of the agency that day."""
        form = self.form
        return [
            (one, form.agencies_of_others.get(one.pk, []), form.exceptions.get(one.pk)) for one in form.others.values()
        ]
