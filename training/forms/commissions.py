"""The forms by which the roster of commissions is kept."""

import re

from django import forms

from training import selectors
from training.models import Officer

_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]*")


def _day(label: str, missing: str, **more) -> forms.DateField:
    return forms.DateField(
        label=label,
        error_messages={"required": missing, "invalid": "This is not a date. Write it as 11/03/2026."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
        **more,
    )


def _end_reason(**more) -> forms.CharField:
    return forms.CharField(
        label="Why it ended",
        max_length=200,
        help_text="For example: resigned, retired, moved to another agency, deceased. POST reads it.",
        error_messages={"required": "Say why the commission ended."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **more,
    )


class AddForm(forms.Form):
    """An officer, by full license number, and the commission they are given. `officer` is whom the number names."""

    number = forms.CharField(widget=forms.HiddenInput)
    started_on = _day("First day of the commission", "Give the first day of the commission.")
    rank = forms.CharField(label="Rank (optional)", required=False, max_length=60)
    is_reserve = forms.BooleanField(
        label="Reserve officer",
        required=False,
        help_text="Works under 30 hours a week. Reserve officers owe the same continuing education.",
    )

    def clean_number(self) -> str:
        """The number, and the officer it names."""
        number = self.cleaned_data["number"]
        self.officer = officer_of(number)
        if self.officer is None:
            raise forms.ValidationError(selectors.nobody_has(number.strip().upper().lstrip("#").replace(" ", "")))
        return number


def officer_of(text: str) -> Officer | None:
    """The officer a full license number names, also written "#70025" or in small letters."""
    number = text.strip().upper().lstrip("#").replace(" ", "")
    if not _NUMBER.fullmatch(number):
        return None
    return Officer.objects.select_related("license_class").filter(license_number=number).first()


class EndForm(forms.Form):
    """The last day of a commission, and why it ended."""

    ended_on = _day(
        "Last day of the commission",
        "Give the last day of the commission.",
        help_text="Inclusive. A later day can be given ahead.",
    )
    end_reason = _end_reason()


class CorrectForm(forms.Form):
    """What was told of a commission, to be corrected; the end only where it has ended, and empty to take it back."""

    started_on = _day("First day of the commission", "Give the first day of the commission.")
    ended_on = _day("Last day (empty it to take the end back)", "", required=False)
    end_reason = _end_reason(required=False)
    rank = forms.CharField(label="Rank (optional)", required=False, max_length=60)
    is_reserve = forms.BooleanField(label="Reserve officer", required=False)
    reason = forms.CharField(
        label="Why is it corrected?",
        max_length=300,
        help_text="What was told before stays in the history, with this reason.",
        error_messages={"required": "Say why it is corrected."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, has_ended: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_ended:
            del self.fields["ended_on"], self.fields["end_reason"]


class RosterSearchForm(forms.Form):
    """Whom to show of a roster."""

    WHICH = (("now", "Commissioned now"), ("past", "Left"), ("everyone", "Everyone"))
    q = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(required=False, choices=WHICH)


class AskForm(forms.Form):
    """About which commission elsewhere another agency is asked, and what to tell it."""

    about = forms.IntegerField()
    note = forms.CharField(required=False, max_length=300)


class AnswerForm(forms.Form):
    """The answer to another agency: the officer is still here."""

    answer = forms.ChoiceField(choices=[("still_here", "Still here")])


class ConfirmForm(forms.Form):
    """The size of the roster that was read."""

    officers = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
