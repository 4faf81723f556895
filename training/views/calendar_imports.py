"""A provider brings in the calendar it has: the file, what would become of its events, and one of them mended."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal.accounts import interrupted
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from training import bringing_in
from training.bringing_in import ACTED_ON, Fate
from training.forms import calendar_imports as forms
from training.models import CalendarImport, CalendarImportRow
from training.services import calendar_imports
from training.views.of_provider import CalendarMixin
from training.views.one_form import OneFormView

# In this order they are looked at: what a person has to do first.
ORDER = (Fate.MEND, Fate.NEW, Fate.CHANGED, Fate.CALLED_OFF, Fate.SAME, Fate.OVER, Fate.LEFT_OUT)
FILES_SHOWN = 20


class CalendarImportListView(CalendarMixin, OneFormView):
    """Send a calendar; those that were sent."""

    template_name = "training/calendar_imports.html"
    form_class = forms.CalendarFileForm

    def act(self, form):
        """Read it, and show what it holds."""
        file = form.cleaned_data["file"]
        made = calendar_imports.read(by=self.request.user, provider=self.provider, name=file.name, data=file.read())
        return redirect("training:brought_calendar", made.reference)

    def get_context_data(self, **kwargs):
        """The files, the latest first."""
        sent = self.provider.calendar_imports.select_related("uploaded_by")[:FILES_SHOWN]
        has_courses = self.provider.courses.current().exists()
        return super().get_context_data(sent=list(sent), has_courses=has_courses, **kwargs)


class OneCalendarMixin(CalendarMixin):
    """One calendar that was sent; one that is not open to the person does not exist for them."""

    def setup(self, request, *args, **kwargs):
        """The calendar, and its provider."""
        found = self.found(CalendarImport.objects.visible_to(request.user), kwargs)
        self.calendar = found.select_related("provider", "uploaded_by").first()
        if self.calendar is None:
            raise Http404
        super().setup(request, pk=self.calendar.provider_id)

    def found(self, calendars, kwargs):
        """The calendar that the address names."""
        return calendars.with_reference(kwargs["reference"])


class CalendarImportView(OneCalendarMixin, TemplateView):
    """What would become of the events of a file. First what the file leaves open is said once for all; then it is
    taken over. Events that cannot be read are listed with what is wrong and how to mend it, and stop nothing."""

    template_name = "training/calendar_import.html"

    def get(self, request, *args, **kwargs):
        """The events as they stand."""
        self.form = self._form()
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        """Keep what is said for all; with `step=take` also take over."""
        if request.POST.get("step") not in ("settle", "take"):
            return self.get(request, *args, **kwargs)
        self.form = self._form(request.POST)
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        given = self.form.cleaned_data
        try:
            calendar_imports.settle(
                by=request.user,
                calendar=self.calendar,
                courses=self.form.courses,
                capacity=given["capacity"],
                place=given["place"],
                zip_code=given["zip_code"],
                joined=self.form.joined,
            )
        except Refused as refusal:
            self.form.add_error(refusal.field if refusal.field in self.form.fields else None, refusal.message)
            return self.render_to_response(self.get_context_data())
        if request.POST.get("step") == "take":
            return self.take()
        messages.success(request, "Kept. Below is what would become of the events now.")
        return redirect(request.path)

    def take(self):
        """Take over what can be, and say what became of it."""
        taken = calendar_imports.take(by=self.request.user, calendar=CalendarImport.objects.get(pk=self.calendar.pk))
        done = [
            f"{count_words(count, 'class', 'classes')} {word}"
            for count, word in (
                (taken.planned, "planned as drafts"), (taken.changed, "changed"), (taken.called_off, "called off"),
            )
            if count
        ]  # fmt: skip
        if done:
            messages.success(self.request, f"{', '.join(done)}.")
        elif not taken.refused:
            messages.info(self.request, "Nothing to take over: everything is as it is, or has to be mended first.")
        if taken.refused:
            words = count_words(len(taken.refused), "event was not taken over", "events were not taken over")
            messages.error(self.request, f"{words}: see below what to mend.")
        drafts = f"{reverse('training:provider_calendar', args=[self.provider.pk])}?show=drafts"
        return redirect(drafts if taken.planned and not taken.refused else self.request.path)

    def _form(self, data=None) -> forms.SettleForm:
        self.holdings = bringing_in.holdings(self.calendar, self.now)
        rows = [row for one in self.holdings for row in one.rows]
        titles = list(dict.fromkeys(row.title for row in rows))
        repeated: dict[str, list[CalendarImportRow]] = {}
        for row in rows:
            if row.repeats:
                repeated.setdefault(row.repeats, []).append(row)
        words = [
            (repeats, f"{of[0].title[:80] or '(no title)'}: {len(of)} dates from {of[0].day}")
            for repeats, of in repeated.items()
            if len(of) > 1
        ]
        return forms.SettleForm(data, calendar=self.calendar, titles=titles, repeated=words)

    def get_context_data(self, **kwargs):
        """The events by what would become of them."""
        groups = [(fate, bringing_in.WORDS[fate], [o for o in self.holdings if o.fate == fate]) for fate in ORDER]
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        if typed:
            self.form.initial |= typed.dict()
        return super().get_context_data(
            calendar=self.calendar,
            form=self.form,
            groups=[one for one in groups if one[2]],
            ready=sum(one.fate in ACTED_ON for one in self.holdings),
            to_mend=sum(one.fate == Fate.MEND for one in self.holdings),
            unmatched=sum(1 for row in self.form.title_rows if not row.value()),
            is_table=self.calendar.kind == CalendarImport.Kind.CSV,
            signed_in_as=interrupted.token(self.request.user),
            **kwargs,
        )


class CalendarImportRowView(OneCalendarMixin, OneFormView):
    """Mend one event of a file; then on to the next that has to be mended."""

    template_name = "training/calendar_import_row.html"
    acts = True

    def setup(self, request, *args, **kwargs):
        """The event, and its calendar."""
        super().setup(request, *args, **kwargs)
        self.row = self.calendar.rows.select_related("calendar_import__provider").get(pk=kwargs["pk"])

    def found(self, calendars, kwargs):
        """The calendar whose event the address names."""
        return calendars.filter(rows=kwargs["pk"])

    def get_form(self, form_class=None):
        """What it says; what was typed when a session ended goes before."""
        kwargs = self.get_form_kwargs()
        return forms.RowForm(kwargs.get("data"), row=self.row, initial=forms.shown(self.row) | kwargs["initial"])

    def stands(self) -> dict:
        """What it says."""
        return calendar_imports.stands(self.row)

    def act(self, form):
        """Keep it."""
        given = dict(form.cleaned_data)
        given.setdefault("to_all", False)
        calendar_imports.mend(by=self.request.user, row=self.row, seen=self.seen, **given)
        left = [
            one for one in bringing_in.holdings(self.calendar, self.now) if one.fate == Fate.MEND and one.first.wrong
        ]
        wrong = [row for one in left for row in one.rows if row.wrong and row.pk != self.row.pk]
        if wrong and self.request.POST.get("step") == "next":
            return redirect("training:brought_event", wrong[0].pk)
        messages.success(self.request, "Kept.")
        return redirect("training:brought_calendar", self.calendar.reference)

    def get_context_data(self, **kwargs):
        """The event."""
        return super().get_context_data(calendar=self.calendar, row=self.row, **kwargs)
