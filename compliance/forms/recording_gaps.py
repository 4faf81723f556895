"""Forms of what may be recording errors: POST's queue, and an agency's answers."""

from django import forms

from compliance.models import RecordingGap

LONGEST = 500
How, Answer = RecordingGap.How, RecordingGap.Answer
SHOWN = (
    ("", "Likely, open"),
    ("open", "Everything open"),
    ("unsent", "Likely, not asked yet"),
    ("asked", "Asked, no answer yet"),
    ("yes", "Agency says yes"),
    ("settled", "Settled"),
)


def _select(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=choices, widget=forms.Select(attrs={"class": "form-select"})
    )


def _search(label: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=100, widget=widget)


class GapFilterForm(forms.Form):
    """What the queue is limited to, from the address."""

    show = _select("Show", SHOWN)
    kind = _select("Kind", [("", "Every kind"), *RecordingGap.Kind.choices])
    year = forms.IntegerField(
        label="Year",
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        error_messages={"invalid": "That is no year. Write it like 2026."},
    )
    officer = _search("Officer, by name or license number")
    agency = _search("Agency asked")


class GapActForm(forms.Form):
    """What is to be done with those chosen in the queue."""

    SEND = "send"

    act = forms.ChoiceField(
        choices=(
            (SEND, "Put to the agency"),
            (How.NOT_ERROR.value, "Not an error"),
            (How.MENDED.value, "Confirmed and mended"),
            (How.OVERRIDDEN.value, "Set aside"),
        ),
        error_messages={"required": "Choose what to do with them.", "invalid_choice": "Choose what to do with them."},
    )
    words = forms.CharField(
        required=False, max_length=LONGEST, error_messages={"max_length": f"At most {LONGEST} characters."}
    )
    everyone = forms.BooleanField(required=False)


class AnswerForm(forms.Form):
    """The agency's answer to one of them."""

    said = forms.ChoiceField(choices=Answer.choices, error_messages={"required": "Say yes or no."})
    words = forms.CharField(
        required=False, max_length=LONGEST, error_messages={"max_length": f"At most {LONGEST} characters."}
    )


class SearchForm(forms.Form):
    """Which period is searched at once."""

    year = forms.IntegerField(min_value=1, max_value=9999)
