"""Files of a body: taken in, their columns chosen, looked at before they are sent, followed until they are done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView, View

from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access
from training.bodies import named
from training.forms.imports import ColumnsForm, UploadForm, lacking
from training.imports import reading, shapes, working
from training.imports.desk import Desk
from training.imports.problems import Unreadable
from training.models import ImportRow, TrainingClass, TrainingImport
from training.services import imports
from training.views.bodies import BodyMixin
from training.views.bodies import Desk as DeskPages

A_PAGE = 25
# Rows told of on the page; all of them are in the file that can be had back.
MOST_SHOWN = 100
ROWS_FOR_SAMPLES = 400
State = TrainingImport.State


class ImportListView(BodyMixin, PagesMixin, ListView):
    """The files of an agency or a provider, and the way to send one."""

    template_name = "training/import_list.html"
    paginate_by = A_PAGE
    form = None

    def get(self, request, *args, **kwargs):
        """The list; what was chosen when the session ended stands in the form again, but for the file itself."""
        self.form = UploadForm()
        if typed := interrupted.take(request):
            self.form = UploadForm(initial=typed.dict())
            for name in typed.getlist(interrupted.FILES):
                messages.info(request, f"Choose the file again: {name}. Your browser keeps it, the portal does not.")
        return super().get(request, *args, **kwargs)

    def get_queryset(self):
        """The latest first, with how many rows became what."""
        found = TrainingImport.objects.visible_to(self.request.user).filter(**named(self.body))
        return with_counts(found).select_related("uploaded_by").defer("content").order_by("-uploaded_at", "-pk")

    def post(self, request, *args, **kwargs):
        """Take a file in; the very same file is the import that is there."""
        if not access.may_report_class(request.user, self.body):
            raise PermissionDenied
        self.form = UploadForm(request.POST, request.FILES)
        if self.form.is_valid():
            given = self.form.cleaned_data["file"]
            try:
                made, is_new = imports.upload(
                    by=request.user,
                    body=self.body,
                    name=given.name,
                    data=given.read(),
                    sheet=self.form.cleaned_data["sheet"],
                )
            except Refused as refusal:
                self.form.add_error(refusal.field if refusal.field in self.form.fields else "file", refusal.message)
            else:
                if not is_new:
                    messages.info(request, _here_already(made))
                return redirect("training:import_detail", made.reference)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs):
        """The form."""
        return super().get_context_data(
            form=self.form,
            may_enter=access.may_report_class(self.request.user, self.body),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )


def _here_already(made: TrainingImport) -> str:
    who = made.uploaded_by or "the POST Program"
    return f"This very file is here already: {who} chose it first. This is what became of it."


def with_counts(found):
    """Imports with how many of their rows have which fate."""
    fates = {fate: Count("rows", filter=Q(rows__fate=fate)) for fate in ImportRow.Fate.values}
    return found.annotate(**{f"how_many_{fate}": count for fate, count in fates.items()})


class OneImportMixin:
    """One import, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The import; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = TrainingImport.objects.visible_to(request.user).with_reference(kwargs["reference"])
        found = found.select_related("agency", "provider", "uploaded_by", "undone_by", "training_class__course")
        self.object = get_object_or_404(with_counts(found))
        self.body = self.object.body
        self.desk = DeskPages(self.body)
        self.may_send = access.may_report_class(request.user, self.body)


class ImportDetailView(OneImportMixin, StepUpMixin, View):
    """An import: its columns to choose before it is sent, its progress, what became of its rows."""

    def get(self, request, reference: str):
        """The page, or while it is worked on the part that changes."""
        if self.object.state == State.UPLOADED:
            return self.columns(None, typed=interrupted.take(request))
        is_part = request.htmx and not request.htmx.boosted
        return self.outcome("training/_import_outcome.html" if is_part else "training/import_detail.html")

    def is_the_act(self, request) -> bool:
        """To send the file credits its rows; to choose its columns changes nobody's standing."""
        return "send" in request.POST

    def post(self, request, reference: str):
        """Keep the columns as they were chosen; send the file where nothing was changed since it was looked at."""
        if not self.may_send:
            raise PermissionDenied
        if title := request.POST.get("other_sheet"):
            return self.take_in(title)
        if self.object.state != State.UPLOADED:
            return self.get(request, reference)
        shape, desk = self.shape()
        form = ColumnsForm(request.POST, training_import=self.object, shape=shape, desk=desk)
        if not form.is_valid():
            return self.columns(form)
        number = form.cleaned_data["header_row"]
        names, fields = shape.columns, form.fields_chosen
        if number != shape.header_row:
            shape, _ = self.shape(number)
            names, fields = shape.columns, shape.fields
        before = (self.object.header_row, self.object.fields, self.object.set_names, self.object.set_values)
        try:
            held = imports.choose(
                by=request.user,
                training_import=self.object,
                header_row=number,
                columns=names,
                fields=fields,
                settings=form.settings_chosen,
            )
            is_changed = before != (held.header_row, held.fields, held.set_names, held.set_values)
            if "send" in request.POST and not is_changed and not lacking(held, list(desk.areas)):
                imports.send(by=request.user, training_import=held)
            elif "send" in request.POST and is_changed:
                messages.warning(request, "The columns were changed. Look at what would happen now, then send.")
        except Refused as refusal:
            form.add_error(None, refusal.message)
            return self.columns(form)
        return redirect("training:import_detail", reference)

    def take_in(self, title: str):
        """Take another sheet of the workbook in, as an import of its own."""
        held = self.object
        try:
            made, _ = imports.upload(
                by=self.request.user, body=self.body, name=held.name, data=bytes(held.content), sheet=title
            )
        except Refused as refusal:
            messages.error(self.request, f"{title}: {refusal.message}")
            made = held
        return redirect("training:import_detail", made.reference)

    def other_sheets(self) -> list[tuple[str, TrainingImport | None]]:
        """The other sheets of the workbook, with what was made of each."""
        held = self.object
        same = TrainingImport.objects.filter(**named(self.body), sha256=held.sha256).exclude(state=State.UNDONE)
        taken = {one.sheet: one for one in same.only("sheet")}
        return [(title, taken.get(title)) for title in self.sheets]

    def shape(self, header_row: int | None = None) -> tuple[shapes.Shape, Desk]:
        """The columns of the file, as they are kept or, with `header_row`, as they would be recognised."""
        desk = Desk(self.body, self.request.user)
        held = self.object
        table = reading.open_bytes(bytes(held.content), name=held.name, sheet=held.sheet, is_trusted=True)
        self.sheets = table.other_sheets
        number = held.header_row if header_row is None else header_row
        found = shapes.read(table, desk.fields, header_row=number, most=ROWS_FOR_SAMPLES)
        if header_row is None:
            found.columns, found.fields = held.columns, held.fields
        return found, desk

    def columns(self, form: ColumnsForm | None, *, typed=None):
        """The page of a file that was not sent yet, with what was chosen when the session ended."""
        shape, desk = self.shape()
        form = form or ColumnsForm(typed, training_import=self.object, shape=shape, desk=desk)
        context = {
            "held": self.object,
            "body": self.body,
            "desk": self.desk,
            "form": form,
            "lacking": lacking(self.object, list(desk.areas)),
            "may_send": self.may_send,
            "other_sheets": self.other_sheets() if self.sheets else [],
            "signed_in_as": interrupted.token(self.request.user),
        }
        return render(self.request, "training/import_columns.html", context)

    def outcome(self, template: str):
        """What became of the rows so far."""
        held = self.object
        rows = ImportRow.objects.filter(training_import=held)
        done = sum(getattr(held, f"how_many_{fate}") for fate in ImportRow.Fate.values)
        classes = TrainingClass.objects.filter(records__import_rows__training_import=held).select_related("course")
        officers = Count("records", filter=Q(records__import_rows__training_import=held), distinct=True)
        context = {
            "held": held,
            "body": self.body,
            "desk": self.desk,
            "done": done,
            "is_running": held.state == State.RUNNING,
            "classes": classes.select_related("course")
            .annotate(people=officers)
            .order_by("-ends_on", "-pk")[:MOST_SHOWN]
            if held.state != State.RUNNING
            else [],
            "notices": rows.exclude(notice="").order_by("number")[:MOST_SHOWN],
            "refused": rows.filter(fate=ImportRow.Fate.REFUSED).order_by("number")[:MOST_SHOWN],
            "may_send": self.may_send,
        }
        return render(self.request, template, context)


class ImportPreviewView(OneImportMixin, View):
    """What would become of a file if it were sent now: a fragment of its page, and a page without scripts."""

    def get(self, request, reference: str):
        """The counts, and the rows that would be held or give nothing."""
        if not self.may_send:
            raise PermissionDenied
        if self.object.state != State.UPLOADED:
            return redirect("training:import_detail", reference)
        context = {"held": self.object, "body": self.body, "desk": self.desk, "most": MOST_SHOWN}
        try:
            context["preview"] = working.preview(self.object, request.user)
        except Unreadable as error:
            context["trouble"] = str(error)
        is_part = request.htmx and not request.htmx.boosted
        template = "training/_import_preview.html" if is_part else "training/import_preview.html"
        return render(request, template, context)
