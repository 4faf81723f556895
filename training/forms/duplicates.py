"""The form by which two entries that look alike are settled."""

from django import forms

ONCE, KEEP = "once", "keep"


class SettleForm(forms.Form):
    """Whether an entry counts beside the one it is like."""

    decision = forms.ChoiceField(
        label="Is it one training?",
        choices=[
            (ONCE, "Yes, the same one: count it once"),
            (KEEP, "No, other training: count both"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is one training."},
    )
    reason = forms.CharField(
        label="Why both count",
        required=False,
        max_length=300,
        help_text="Only for other training: such as the second part of a conference, or a class taught twice that day. "
        "It is kept with the entry.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict:
        """Counting both needs the reason."""
        given = super().clean()
        if given.get("decision") == KEEP and not given.get("reason", "").strip():
            self.add_error("reason", "Say why both count.")
        return given
