"""Forms of the messages to many people, and of the list of those short after the last day."""

from django import forms

from compliance.models import CandidacyCheck

LONGEST = 500


class DecideForm(forms.Form):
    """Hold a campaign or let it go."""

    HOLD, RELEASE = "hold", "release"

    act = forms.ChoiceField(
        choices=((HOLD, "Hold"), (RELEASE, "Release")),
        error_messages={"required": "Choose whether to hold it or to release it."},
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": LONGEST}),
    )


class LookForm(forms.Form):
    """What a look for recording errors found."""

    found = forms.ChoiceField(
        choices=CandidacyCheck.Found.choices, error_messages={"required": "Choose what the look found."}
    )
    words = forms.CharField(required=False, max_length=LONGEST)


class CandidatesForm(forms.Form):
    """What is to be done with those chosen in the list."""

    NOTICES = "notices"

    act = forms.ChoiceField(
        choices=(*CandidacyCheck.Found.choices, (NOTICES, "Lay notices ready")),
        error_messages={"required": "Choose what to do with them."},
    )
    words = forms.CharField(required=False, max_length=LONGEST)
    everyone = forms.BooleanField(required=False)
