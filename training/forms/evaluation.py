"""The form by which somebody who was in a class says what they thought of it."""

from django import forms

GRADES = [(1, "Poor"), (2, "Fair"), (3, "Good"), (4, "Very good"), (5, "Excellent")]


def _question(words: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=words,
        choices=GRADES,
        coerce=int,
        error_messages={"required": "Choose one of the five.", "invalid_choice": "Choose one of the five."},
        widget=forms.RadioSelect,
    )


class EvaluationForm(forms.Form):
    """Three questions, 1 to 5, and whatever else is to be said."""

    content = _question("What was taught")
    instruction = _question("How it was taught")
    usefulness = _question("How useful it is for your work")
    comment = forms.CharField(
        label="Anything else? (optional)",
        required=False,
        max_length=2000,
        help_text="The provider reads it word for word. Leave out what would tell who you are.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @property
    def questions(self) -> list:
        """The three questions."""
        return [self[name] for name in ("content", "instruction", "usefulness")]
