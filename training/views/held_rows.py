"""The basket of a body, POST's part of all baskets, the file with what became of each row, and undoing a file."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Func, Q, TextField, Value, prefetch_related_objects
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import FormView, ListView, View

from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import OnwardMixin, PagesMixin, QueueMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import numbers
from training import access
from training.bodies import named
from training.forms.held_rows import BasketForm, HeldRow
from training.forms.voiding import VoidForm
from training.matching import People
from training.models import ImportRow, Officer, TrainingImport
from training.services import classes, held_rows, import_undo
from training.tables import file_response
from training.views.bodies import BodyMixin, Desk
from training.views.imports import OneImportMixin, State

A_PAGE = 15
FOR_POST = "for-post"
# With a held row: who sent it, and the class a line was pasted for.
_SENT = ("training_import__agency", "training_import__provider", "training_import__training_class__course__provider")


class HeldRowsView(BodyMixin, StepUpMixin, OnwardMixin, PagesMixin, ListView):
    """The rows of a body that could not be placed, to be mended in place and sent again, or dropped."""

    template_name = "training/held_rows.html"
    paginate_by = A_PAGE

    def setup(self, request, *args, **kwargs):
        """The body, among those open to the person; `?file=`, `?column=` and `?only=` (one row) say which rows."""
        super().setup(request, *args, **kwargs)
        of_body = named(self.body, "training_import__")
        self.all = ImportRow.objects.visible_to(request.user).held().filter(**of_body)
        if number := request.GET.get("file"):
            self.all = self.all.filter(training_import__in=TrainingImport.objects.with_reference(number))
        if (number := request.GET.get("only", "")).isdecimal() and len(number) < 15:
            self.all = self.all.filter(pk=int(number))
        self.form = None

    def get_queryset(self):
        """Those of one reason where one is chosen, the latest file first."""
        found, column = self.all, self.request.GET.get("column")
        if column == FOR_POST:
            found = found.filter(is_for_post=True)
        elif column is not None:
            found = found.filter(is_for_post=False, column=column)
        found = found.select_related(*_SENT)
        return _with_class(found)

    def reasons(self) -> list[tuple[str, str, int]]:
        """What is wrong, as a choice: the column (or that it waits for POST), its words, how many rows."""
        counts = Counter()
        for column, is_for_post, many in self.all.values_list("column", "is_for_post").annotate(n=Count("pk")):
            counts[FOR_POST if is_for_post else column] += many
        words = {FOR_POST: "For POST", "": "The whole row"}
        return [(column, words.get(column, column), many) for column, many in counts.most_common()]

    def post(self, request, *args, **kwargs):
        """Send again what was changed, place pasted lines, drop what is ticked; the rest stays as it is."""
        if not access.may_report_class(request.user, self.body):
            raise PermissionDenied
        pks = numbers(request.POST.getlist("row"))
        rows = _where_they_stand(self._of(pks))
        self.form = self.basket(rows, request.POST)
        told = _act(request, self.form.rows, is_all="all" in request.POST)
        for sentence in told:
            messages.success(request, sentence)
        settled = self.settled(set(pks) - {row.pk for row in rows})
        for sentence in settled:
            messages.info(request, sentence)
        told += settled
        is_refused = any(one.error for one in self.form.rows)
        if told and not is_refused:
            return self.go_on(request.get_full_path())
        if not is_refused:
            messages.info(request, "Nothing was changed, so nothing was sent. Mend a row, pick an officer, or drop it.")
            self.form = None
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data())

    def get(self, request, *args, **kwargs):
        """The rows; what was typed when the session ended stands in them again, not sent."""
        self.typed = interrupted.take(request)
        return super().get(request, *args, **kwargs)

    def basket(self, rows: list[ImportRow], data=None) -> BasketForm:
        """The form of these rows; whoever may search the register is offered its officers by name."""
        everybody = access.can_find_officers(self.request.user)
        people = People.of(self.body, is_closed=False if everybody else None)
        return BasketForm(rows, people, data, whole_register=everybody)

    def settled(self, pks: set[int]) -> list[str]:
        """What became of rows that were answered and are not held any more, in sentences."""
        of_body = named(self.body, "training_import__")
        rows = ImportRow.objects.visible_to(self.request.user).filter(**of_body, pk__in=pks)
        rows = rows.select_related("training_import", "settled_by").defer("training_import__content")
        return [
            f"Row {one.number} of {one.training_import.reference} was settled meanwhile"
            + (f" by {one.settled_by}" if one.settled_by else "")
            + f": {one.get_fate_display().lower()}. Your answer to it was not needed."
            for one in rows.order_by("training_import", "number")
        ]

    def _of(self, pks: list[int]):
        return _with_class(self.all.filter(pk__in=pks).select_related(*_SENT))

    def get_context_data(self, **kwargs):
        """The rows of the page with who may be meant, and the reasons to choose from."""
        context = super().get_context_data(
            reasons=self.reasons(),
            column=self.request.GET.get("column"),
            total=self.all.count(),
            may_send=access.may_report_class(self.request.user, self.body),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )
        typed = getattr(self, "typed", None)
        context["basket"] = self.form or self.basket(_where_they_stand(context["page_obj"]), typed)
        return context


def _with_class(found):
    """The latest file first, with what the classes give that lines were pasted for."""
    found = found.defer("training_import__content").order_by("-training_import", "number")
    return found.prefetch_related(
        "training_import__training_class__lines__area", "training_import__training_class__lines__topic"
    )


def _where_they_stand(found) -> list[ImportRow]:
    """The rows, each pasted line for the class that stands now where its class was corrected since."""
    rows = list(found)
    gone = [one.training_import.training_class for one in rows if one.training_import.training_class]
    anew = classes.standing_for_each([one for one in gone if one.voided_at])
    prefetch_related_objects([one for one in anew.values() if one], "course", "lines__area", "lines__topic")
    for one in rows:
        if stands := anew.get(one.training_import.training_class_id):
            one.training_import.training_class = stands
    return rows


def _act(request, rows: list[HeldRow], *, is_all: bool) -> list[str]:
    """Do what was answered for each row. Returns what happened, in sentences; what was refused stands at its row."""
    fates: Counter = Counter()
    again: dict[int, list[str]] = {}
    for one in rows:
        try:
            if one.is_overtaken:
                raise Refused(
                    f"Somebody else has mended this row meanwhile; it is still held, and reads: {one.was}. What you "
                    "typed is below and was not sent. Send it again to put it in the place of theirs."
                )
            if one.is_dropped:
                fates["dropped"] += held_rows.drop(by=request.user, rows=[one.row.pk], why=one.why)
            elif one.is_pasted:
                fates[_place(request, one)] += 1
            else:
                if one.picked:
                    one.take_picked()
                elif one.asks_who:
                    raise Refused(
                        "This license number is of an officer of another agency. Say whether that is who is meant: "
                        "choose the officer below, then send again."
                    )
                if one.is_changed or is_all:
                    again[one.row.pk] = one.values
        except Refused as refusal:
            one.error = refusal.message
    if again:
        seen = {one.row.pk: list(one.row.cells) for one in rows if one.row.pk in again}
        fates += held_rows.send_again(by=request.user, cells=again, seen=seen)
    words = {
        "credited": "credited", "known": "on the record already", "held": "still held: look at the new reason",
        held_rows.OVERTAKEN: "mended by somebody else at the same moment, and not sent: look again",
        "refused": "sent, and giving no credit", "not_completed": "kept as not completed", "dropped": "dropped",
    }  # fmt: skip
    return [
        f"{fates[fate]} row{'' if fates[fate] == 1 else 's'} {text}." for fate, text in words.items() if fates[fate]
    ]


def _place(request, one: HeldRow) -> str:
    """Settle a pasted line as it was answered. Returns what became of it; nothing where it was left alone."""
    if one.picked:
        officer = Officer.objects.get(pk=one.picked.pk)
    elif one.number and not one.candidates and one.row.training_import.provider_id:
        raise Refused(f"Nobody is found by “{one.number}”. Give the license number with first and last name.")
    elif one.number and not one.candidates:
        raise Refused(f"No officer has the license number {one.number}.")
    elif one.number:
        raise Refused("Say whether this is who is meant: choose the officer below, then send again.")
    else:
        return ""
    attended = one.attended()
    held_rows.place(by=request.user, row=one.row, officer=officer, attended=attended)
    return "not_completed" if attended.how == ImportRow.How.LEFT else "credited"


class HeldForPostView(UserPassesTestMixin, QueueMixin, ListView):
    """Rows of every body that only POST can place, the longest waiting first; `?agency=` and `?q=` (words of the row,
    of what is wrong with it, or a file’s number) limit them."""

    template_name = "training/held_for_post.html"
    paginate_by = 25
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_course_queue(self.request.user)

    def item_url(self, item) -> str:
        """The row, by itself, in the basket of who sent it."""
        asked = {"file": item.training_import.reference, "column": FOR_POST, "only": item.pk}
        return f"{Desk(item.training_import.body).urls['held_rows']}?{urlencode(asked)}"

    def asked(self, name: str) -> str:
        """What a filter of the address says."""
        return self.request.GET.get(name, "").replace("\0", "").strip()[:100]

    def get_queryset(self):
        """With their file and agency."""
        found = ImportRow.objects.visible_to(self.request.user).held().filter(is_for_post=True)
        if agency := self.asked("agency"):
            of = Q(training_import__agency__code=agency.lower()) | Q(training_import__agency__name__icontains=agency)
            found = found.filter(of | Q(training_import__provider__name__icontains=agency))
        if words := self.asked("q"):
            file = TrainingImport.objects.with_reference(words).values("pk")
            said = Q(wrong__icontains=words) | Q(training_import__in=file)
            found = found.annotate(said=Func("cells", Value(" "), function="array_to_string", output_field=TextField()))
            found = found.filter(said | Q(said__icontains=words))
        return (
            found.select_related("training_import__agency", "training_import__provider")
            .defer("training_import__content").order_by("training_import", "number")
        )  # fmt: skip

    def get_context_data(self, **kwargs):
        """Also what the list is limited to."""
        agency, q = self.asked("agency"), self.asked("q")
        return super().get_context_data(agency=agency, q=q, is_limited=bool(agency or q), **kwargs)


class ImportFileView(OneImportMixin, View):
    """The file had back: its rows as they are kept, with the result of each and what to do."""

    kind = "csv"

    def get(self, request, reference: str):
        """As CSV or XLSX, every cell escaped."""
        held = self.object
        names = [name or f"Column {at}" for at, name in enumerate(held.columns, 1)]
        rows = ImportRow.objects.filter(training_import=held).select_related("settled_by").order_by("number")
        rows = rows.iterator(chunk_size=2000)
        width = len(names)
        table = (
            [*row.cells[:width], *[""] * (width - len(row.cells)), *_result(row, is_undone=held.state == State.UNDONE)]
            for row in rows
        )
        name = f"{held.reference} {held.name.rpartition('.')[0] or held.name}"
        return file_response(self.kind, name, [*names, "Result", "What to do"], table)


def _result(row: ImportRow, *, is_undone: bool) -> tuple[str, str]:
    """What became of a row, and what is left to do, in words."""
    Fate = ImportRow.Fate
    if is_undone and row.fate in (Fate.CREDITED, Fate.HELD):
        return "Undone with the file", ""
    result = {
        Fate.CREDITED: "Credited",
        Fate.KNOWN: "Credited before",
        Fate.HELD: f"Held: {row.wrong}",
        Fate.REFUSED: f"Gives no credit: {row.wrong}",
        Fate.DROPPED: f"Dropped{f' by {row.settled_by}' if row.settled_by else ''}: {row.settled_why}",
    }.get(row.fate, "Waiting")
    if row.notice:
        result = f"{result} ({row.notice})"
    todo = "POST places it; nothing to do." if row.is_for_post and row.fate == Fate.HELD else row.fix
    return result, todo if row.fate == Fate.HELD else ""


class ImportUndoView(OneImportMixin, StepUpMixin, FormView):
    """Undo a whole file: asks for the reason and shows whose standing changes."""

    template_name = "training/import_undo.html"
    form_class = VoidForm

    def dispatch(self, request, *args, **kwargs):
        """Only the agency's people and POST staff; what is not done, or undone already, is shown as it is."""
        if not self.may_send:
            raise PermissionDenied
        if self.object.state != State.DONE or self.object.kind != TrainingImport.Kind.FILE:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """The reason that was typed when the session ended, if there is one."""
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return {"reason": typed.get("reason", "")} if typed else {}

    def get_context_data(self, **kwargs):
        """The file, how many records go, and the mark of whom the page was made for."""
        return super().get_context_data(
            held=self.object,
            body=self.body,
            desk=self.desk,
            records=len(import_undo.credit_of(self.object)),
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )

    def form_valid(self, form):
        """Undo it."""
        try:
            import_undo.undo(by=self.request.user, training_import=self.object, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.form_invalid(form)
        messages.success(self.request, "Undone. The file can be sent anew.")
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """The file, now marked as undone."""
        return reverse("training:import_detail", args=[self.object.reference])
