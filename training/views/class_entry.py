"""Entering a class: one page to fill in, one to check, then the confirmation. What was typed travels in the form."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from training import access, attendees, names_shown
from training.bodies import is_provider, named
from training.forms.class_entry import FIELDS, ClassEntryForm
from training.forms.groups import CopyForm, taken_over
from training.forms.hours import initial_of
from training.forms.people_file import lines_of
from training.models import Commission, Delivery, Officer, TrainingClass
from training.services import classes, groups, held_classes, imports
from training.views.bodies import Desk, found
from training.views.checking import Check

# Steps that only show the page again; of some a script asks for the one part that changes.
ON_THE_PAGE = ("unfold", "all", "none", "roster", "match", "edit")
OF_GROUPS = ("copy", "save_group")
PARTS = {"roster": "training/_roster.html", "match": "training/_matches.html"}


class ClassEntryView(StepUpMixin, View):
    """The entry page of an agency or a provider. The button pressed says which step: check, record, or one on the page
    itself.
    """

    def dispatch(self, request, *args, **kwargs):
        """Only the agency's CEO and delegates, the provider's staff, and POST staff; a body that is not theirs does not
        exist for others.
        """
        self.body = found(request.user, kwargs)
        if not access.may_report_class(request.user, self.body):
            raise PermissionDenied
        self.today = clock.today()
        return super().dispatch(request, *args)

    def is_the_act(self, request) -> bool:
        """Looking, matching, checking and saving a group change nobody's standing."""
        return request.POST.get("step") == "record" and "unfold" not in request.POST

    def get(self, request):
        """An empty form, or the exception of one officer to unfold in the page."""
        if "exception" in request.GET:
            return self.exception(request)
        if begun := self.begun(request):
            return begun
        if typed := interrupted.take(request):
            form = self.form(typed)
            form.leave_unchecked()
            return self.page(form, copy_form=CopyForm(body=self.body, group_name=typed.get("group_name", "")))
        return self.page(self.form())

    def post(self, request):
        """Do what the pressed button says; an unknown one checks, and nothing but `record` changes anything."""
        step = "unfold" if "unfold" in request.POST else request.POST.get("step", "check")
        form = self.form(request.POST)
        if step == "file":
            return self.from_a_file(form)
        if step in OF_GROUPS:
            return self.copy(form) if step == "copy" else self.save_group(form)
        if step in ON_THE_PAGE:
            return self.on_the_page(form, step)
        if before := classes.reported_before(self.body, form.submission_key):
            return self.recorded_already(form, before)
        if step == "hold":
            return self.hold(form)
        if not form.is_valid():
            return self.page(form)
        if step != "record":
            return self.check(form)
        return self.record(form)

    def form(self, data=None) -> ClassEntryForm:
        """The form of this body."""
        return ClassEntryForm(data, body=self.body, today=self.today)

    def page(self, form: ClassEntryForm, template: str = "training/class_enter.html", **more):
        """The entry page, or a part of it."""
        context = {
            "form": form,
            "body": self.body,
            "desk": Desk(self.body),
            "today": self.today,
            "roster": Roster(form),
            **more,
        }
        context["signed_in_as"] = interrupted.token(self.request.user)
        if template == "training/class_enter.html":
            context.setdefault("copy_form", CopyForm(body=self.body))
        return render(self.request, template, context)

    def begun(self, request):
        """The page with a class begun: of a course of the body, or with what an earlier class of it had."""
        data = QueryDict(mutable=True)
        data["ends_on"] = self.today.isoformat()
        if reference := request.GET.get("copy"):
            mine = TrainingClass.objects.visible_to(request.user).reported_by(self.body)
            held = get_object_or_404(mine.with_reference(reference))
            return self.taken_over(data, held, with_course=True)
        if pk := request.GET.get("course"):
            form = self.form(data)
            choice = next((one for one in form.choices if str(one.course.pk) == pk), None)
            if choice is None:
                raise Http404
            data["course"], data["delivery"] = choice.label, choice.course.delivery
            for name, value in initial_of(choice.lines).items():
                data[f"hours-{name}"] = value
            form.leave_unchecked()
            return self.page(form)
        return None

    def copy(self, form: ClassEntryForm):
        """Tick the officers of an earlier class or a group beside those that are ticked."""
        copy_form = CopyForm(form.data, body=self.body)
        source = copy_form.chosen()
        if source is None:
            copy_form.add_error("source", "Choose a class or a group.")
            form.leave_unchecked()
            return self.page(form, copy_form=copy_form)
        return self.taken_over(form.data, source, with_course="with_course" in form.data)

    def taken_over(self, data, source, *, with_course: bool):
        """The page with the officers of `source` taken over, and said who could not be."""
        day = self.form(data).day
        copied = taken_over(data, source, body=self.body, day=day, with_course=with_course)
        form = self.form(copied.data)
        form.leave_unchecked()
        return self.page(form, copied=copied, copied_from=source, copied_day=day)

    def save_group(self, form: ClassEntryForm):
        """Keep who is ticked and pasted as a group of the agency; a provider copies its classes."""
        if is_provider(self.body):
            raise Http404
        copy_form, saved = CopyForm(form.data, body=self.body), None
        form.leave_unchecked()
        name = form.data.get("group_name", "")
        chosen = form.ticked | form.pasted_lines.credited.keys()
        try:
            saved, is_new = groups.save(by=self.request.user, agency=self.body, name=name, officers=chosen)
        except Refused as refusal:
            copy_form.add_error("group_name", refusal.message)
            return self.page(form, copy_form=copy_form)
        return self.page(form, saved_group=saved, is_new_group=is_new)

    def from_a_file(self, form: ClassEntryForm):
        """Put the people of a file among the pasted lines; a file that holds classes becomes an import beside them."""
        form.leave_unchecked()
        given = self.request.FILES.get("file")
        if given is None:
            return self.page(form, file_error="Choose a file first.")
        try:
            people = lines_of(given, self.body)
            if people is None:
                given.seek(0)
                held, is_new = imports.upload(by=self.request.user, body=self.body, name=given.name, data=given.read())
                return self.page(form, file_import=held, is_new_file=is_new, file_name=given.name)
        except Refused as refusal:
            return self.page(form, file_error=refusal.message, file_name=given.name)
        data = form.data.copy()
        before = data.get("pasted", "").rstrip()
        data["pasted"] = "\n".join([*([before] if before else []), people.lines])
        form = self.form(data)
        form.leave_unchecked()
        return self.page(form, file_name=given.name, file_mapping=people.mapping)

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
        """The exception of one officer of the roster, or of one given by number: one statement, whoever it is. Of
        somebody a provider does not know yet the page itself unfolds it, whose lines name them.
        """
        asked = request.GET["exception"]
        if is_provider(self.body):
            officers = attendees.of(self.body)
        else:
            here = Commission.objects.filter(officer=OuterRef("pk"), agency=self.body)
            officers = Officer.objects.filter(Exists(here) | Q(license_number=request.GET.get("number", "")))
        officer = get_object_or_404(officers, pk=asked if asked.isdecimal() else 0)
        one = self.form().exception(officer.pk, names_shown.name_for(request.user, officer))
        return render(request, "training/_exception.html", {"one": one})

    def check(self, form: ClassEntryForm, **more):
        """The check page."""
        check = Check.of(form, self.request.user, more.get("correcting"))
        context = {"form": form, "body": self.body, "desk": Desk(self.body), "check": check, **more}
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
                    **named(self.body),
                    submission_key=form.submission_key,
                    today=self.today,
                    **draft.answers,
                )
                if is_new:
                    lines = list(form.judged.to_hold())
                    imports.hold_lines(by=self.request.user, body=self.body, training_class=held, lines=lines)
        except Refused as refusal:
            field = FIELDS.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, refusal.message)
            return self.page(form)
        if not is_new:
            return self.recorded_already(form, held)
        return redirect(reverse("training:class_detail", args=[held.reference]) + "?recorded=1")

    def hold(self, form: ClassEntryForm):
        """Keep a provider's class of a day without a valid license whole, until POST has looked at the license."""
        form.is_valid()
        if form.draft is None or not form.why_held:
            return self.page(form)
        if form.judged.held:
            form.add_error("pasted", "Decide these lines or take them out: a class that is kept takes no line along.")
            return self.page(form)
        try:
            held, is_new = held_classes.hold(
                by=self.request.user, draft=form.draft, submission_key=form.submission_key, today=self.today
            )
        except Refused as refusal:
            field = FIELDS.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, refusal.message)
            return self.page(form)
        if not is_new:
            messages.info(self.request, f"This class is kept already, as {held.reference}.")
        return redirect("training:held_class", held.reference)

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
        self.questioned = form.judged.questioned
        self.ticked = len(((form.ticked - self.questioned.keys()) | self.pasted) & here)
        self.from_elsewhere = len(self.pasted - here)

    @property
    def rows(self):
        """(row, whether it is ticked, its exception or None, whether it is pasted, whether a held line is about it)."""
        ticked, exceptions = self.form.ticked, self.form.exceptions
        named = self.form.pasted_lines.named
        return [
            (row, row.pk in ticked, exceptions.get(row.pk), row.pk in named, row.pk in self.questioned)
            for row in self.form.roster
        ]

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
