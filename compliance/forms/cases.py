"""The forms of cases: serving notice, answering, putting forward, deciding."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.case_states import Stage
from compliance.forms.relief import DocumentsForm
from compliance.models import CaseAppeal, CaseDecision, CaseNotice

LONGEST = 2000


def _day(label: str, **more) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control field-date"})
    more.setdefault("error_messages", {"invalid": "That is not a date. Write it like 2026-03-20.",
                                       "required": "Give the day."})  # fmt: skip
    return forms.DateField(label=label, widget=widget, **more)


def _words(label: str, *, rows: int = 3, longest: int = LONGEST, **more) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "class": "form-control", "maxlength": longest})
    return forms.CharField(label=label, max_length=longest, widget=widget, **more)


class NoticeForm(forms.Form):
    """Notice was served: how and when."""

    how = forms.ChoiceField(
        label="How was it served?",
        choices=CaseNotice.How.choices,
        initial=CaseNotice.How.CERTIFIED,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was served."},
    )
    served_on = _day("Day it was delivered", error_messages={
        "required": "Give the day it was delivered.", "invalid": "That is not a date. Write it like 2026-03-20."
    })  # fmt: skip
    certified_number = forms.CharField(
        label="Number of the certified mail",
        required=False,
        max_length=40,
        help_text="From the receipt. Needed for certified mail only.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    served_to = forms.CharField(
        label="Address, or who took it (optional)",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    override_reason = _words(
        "Why notice is served although a recording error is likely",
        required=False,
        longest=500,
        help_text="Needed while a likely error is not settled. It is set aside for this reason, and that is kept.",
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = _words("Why", error_messages={"required": "Say why."})


class LeaveForm(ReasonForm):
    """Not pursued until a day."""

    until = _day("Not pursued until, inclusive")
    field_order = ("until", "reason")


class ForwardForm(forms.Form):
    """What POST says to the case, and why it goes on although an error is likely."""

    words = _words("What the Director should know (optional)", required=False)
    override_reason = _words(
        "Why put it forward although a recording error is likely",
        required=False,
        help_text="Needed while a likely error is not settled. The Director reads it, and it is kept in the packet.",
    )


class CaseAnswerForm(DocumentsForm):
    """The answer to a notice."""

    teller = forms.CharField(
        label=_("Whose answer it is, and how it came"),
        max_length=150,
        help_text=_("For example: the officer, by letter of March 28."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say whose answer it is, and how it came.")},
    )
    words = _words(_("Your answer"), rows=5, longest=4000, error_messages={"required": _("Write your answer.")})
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    field_order = ("teller", "words", "documents", "submission_key")

    def __init__(self, *args, is_taken: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not is_taken:
            del self.fields["teller"]

    def clean_submission_key(self) -> uuid.UUID:
        """A page that lost its key makes a new answer."""
        return self.cleaned_data["submission_key"] or uuid.uuid4()


class DecideForm(forms.Form):
    """What is decided."""

    kind = forms.ChoiceField(
        label="What do you decide?",
        choices=[
            (CaseDecision.Kind.MAKE_INACTIVE, "Make the license inactive"),
            (CaseDecision.Kind.LEAVE_ACTIVE, "Leave it active until a day"),
            (CaseDecision.Kind.REFER_BACK, "Refer it back to POST"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you decide."},
    )
    until = _day(
        "Left active until, inclusive", required=False, help_text="The case is not put forward again before it is over."
    )
    reason = _words(
        "In words",
        required=False,
        help_text="Needed where the license stays active or the case is referred back. The officer reads it.",
    )


class AppealForm(forms.Form):
    """An appeal, or what became of it."""

    noted = forms.ChoiceField(
        label="What is noted?",
        choices=CaseAppeal.Noted.choices,
        initial=CaseAppeal.Noted.FILED,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is noted."},
    )
    happened_on = _day("On which day?")
    before = forms.CharField(
        label="Before whom, and its number",
        max_length=200,
        help_text="For example: Administrative Hearing Commission, 26-0123.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say before whom it lies, and its number."},
    )
    words = _words("In words (optional)", required=False)


class ResponseForm(ReasonForm):
    """How many days there are to answer a notice."""

    days = forms.IntegerField(
        label="Days to answer",
        widget=forms.NumberInput(attrs={"class": "form-control field-date", "inputmode": "numeric"}),
        error_messages={"required": "Give a number of days.", "invalid": "That is no number."},
    )
    reason = _words("Why it is changed", error_messages={"required": "Say why it is changed."})
    field_order = ("days", "reason")


def _select(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=choices, widget=forms.Select(attrs={"class": "form-select"})
    )


class CasesForm(forms.Form):
    """What the list of cases is limited to, from the address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    stage = _select("Where it is", [("", "All"), *Stage.choices])
    commission = _select("Commission", [("", "With and without"), ("yes", "With one"), ("no", "Without one")])
    answered = _select("Answered", [("", "Yes and no"), ("yes", "Answered"), ("no", "Not answered")])
    q = forms.CharField(
        label="Name or license number",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    agency = forms.CharField(
        label="Agency, by name or code",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
