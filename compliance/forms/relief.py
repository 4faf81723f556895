"""The forms by which relief is asked for, answered and decided. Choices come in already scoped."""

import uuid
from collections.abc import Sequence

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import documents
from compliance.models import ReliefRequest, ReportingPeriod
from compliance.relief import State
from compliance.wording import full_date


def _day(label: str, **more) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control field-date"})
    more.setdefault("error_messages", {"invalid": _("That is not a date. Write it like 2026-03-01.")})
    return forms.DateField(label=label, widget=widget, **more)


class PeriodChoice(forms.ModelChoiceField):
    """A period, said with its days."""

    def label_from_instance(self, obj: ReportingPeriod) -> str:
        """The year and until when hours can be shown without an extension."""
        said = {"year": obj.year, "end": full_date(obj.ends_on), "last": full_date(obj.show_by)}
        return gettext("%(year)s: hours are due by %(end)s, and can be made up until %(last)s") % said


class AskForm(forms.Form):
    """What is asked for, on which leave. `is_taken` where POST writes down what somebody asked by phone or letter."""

    period = PeriodChoice(
        label=_("For which year?"),
        queryset=ReportingPeriod.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Choose the year."),
            "invalid_choice": _("For that year nothing can be asked for. Choose one of those shown."),
        },
    )
    reason = forms.ChoiceField(
        label=_("What kind of leave?"),
        choices=[(value, _(label)) for value, label in ReliefRequest.Reason.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of leave.")},
    )
    leave_from = _day(
        _("First day of leave"),
        error_messages={
            "required": _("Give the first day of the leave."),
            "invalid": _("That is not a date. Write it like 2026-03-01."),
        },
    )
    leave_to = _day(_("Last day of leave"), required=False, help_text=_("Leave it empty while the leave goes on."))
    kind = forms.ChoiceField(
        label=_("What is asked for?"),
        choices=[
            (ReliefRequest.Kind.EXTENSION, _("More time (an extension)")),
            (ReliefRequest.Kind.WAIVER, _("That the year is excused (a waiver)")),
        ],
        initial=ReliefRequest.Kind.EXTENSION,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is asked for.")},
    )
    caller = forms.CharField(
        label=_("Who asked, and how"),
        max_length=150,
        help_text=_("For example: the officer, by phone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say who asked: the officer, or who called or wrote for them.")},
    )
    words = forms.CharField(
        label=_("Anything POST should know (optional)"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, periods: Sequence[ReportingPeriod], is_taken: bool, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        years = [period.pk for period in periods]
        self.fields["period"].queryset = ReportingPeriod.objects.filter(pk__in=years).order_by("year")
        if len(periods) == 1:
            self.fields["period"].initial = years[0]
        if not is_taken:
            del self.fields["caller"]

    def clean(self) -> dict:
        """The days in their order."""
        given = super().clean()
        first, last = given.get("leave_from"), given.get("leave_to")
        if first and last and last < first:
            self.add_error("leave_to", _("The leave ends before it begins. Check both days."))
        return given


class Files(forms.ClearableFileInput):
    """Several files at once; a phone offers its camera too."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files that were looked at (`compliance.documents`): a list, empty where none is chosen."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", Files(attrs={"accept": documents.ACCEPT, "class": "form-control"}))
        super().__init__(required=False, **kwargs)

    def clean(self, data, initial=None) -> list:
        """Each file by itself, as it came; what is in it the view looks at, once the rest is right."""
        return [one for one in data or [] if one]


class DocumentsForm(forms.Form):
    """Documents, chosen or photographed."""

    documents = FilesField(
        label=_("Documents"),
        help_text=format_lazy(
            _("PDF, JPEG or PNG, up to {size} MB each, {count} at once."),
            size=documents.MOST_BYTES // 1024 // 1024,
            count=documents.MOST_AT_ONCE,
        ),
    )


class SendForm(DocumentsForm):
    """The last step: documents, and the key that makes the same form sent twice one request."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_submission_key(self) -> uuid.UUID:
        """A page that lost its key makes a new request."""
        return self.cleaned_data["submission_key"] or uuid.uuid4()


class AnswerForm(DocumentsForm):
    """The answer to what POST asked for."""

    words = forms.CharField(
        label=_("Your answer"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    field_order = ("words", "documents")


class WithdrawForm(forms.Form):
    """Why a request is withdrawn, if one likes to say."""

    reason = forms.CharField(
        label=_("Why (optional)"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class _SeenForm(forms.Form):
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> int:
        """The decision the page showed; 0 where there was none."""
        return self.cleaned_data["seen"] or 0


class GrantForm(_SeenForm):
    """Until when, and why."""

    due_on = _day("Last day to complete and show the hours", required=False)
    reason = forms.CharField(
        label="Why, and on what (optional)",
        required=False,
        max_length=2000,
        help_text="The officer and whoever asked read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WaiveForm(_SeenForm):
    """Why a year is excused."""

    reason = GrantForm.base_fields["reason"]


class ReasonForm(_SeenForm):
    """Why a request is denied, or what was granted is taken back."""

    reason = forms.CharField(
        label="Why",
        max_length=2000,
        help_text="The officer and whoever asked read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why. Whoever asked reads it."},
    )


class AskMoreForm(_SeenForm):
    """What is to be sent or told."""

    words = forms.CharField(
        label="What is missing",
        max_length=2000,
        help_text="Whoever asked reads it and can answer on the request, with documents.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what is to be sent or told."},
    )


def _select(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=choices, widget=forms.Select(attrs={"class": "form-select"})
    )


class QueueForm(forms.Form):
    """What the queue is limited to, from the address."""

    state = _select(
        "Show", [("", "Undecided"), (State.ASKED, "Undecided, more asked for"), *State.choices[2:], ("all", "All")]
    )
    kind = _select("Asked for", [("", "Both"), *ReliefRequest.Kind.choices])
    reason = _select("Leave", [("", "Both"), *ReliefRequest.Reason.choices])
    year = forms.IntegerField(
        label="Year",
        required=False,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        error_messages={"invalid": "That is no year. Write it like 2026."},
    )
    officer = forms.CharField(
        label="Officer, by name or license number",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    repeated = _select("Repeated", [("", "All"), ("yes", "Repeated only")])
