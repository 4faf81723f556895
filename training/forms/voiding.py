"""The form by which a class is undone."""

from django import forms


class VoidForm(forms.Form):
    """Why a class is undone."""

    reason = forms.CharField(
        label="Why is it undone?",
        max_length=500,
        help_text="It is kept with the class, and the officers’ record shows it.",
        error_messages={"required": "Say why the class is undone."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
