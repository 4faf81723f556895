"""The form by which somebody who was in a class says what they thought of it."""

from django import forms
from django.utils.translation import gettext_lazy as _

GRADES = [(1, _("Poor")), (2, _("Fair")), (3, _("Good")), (4, _("Very good")), (5, _("Excellent"))]


def _question(words: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=words,
        choices=GRADES,
        coerce=int,
        error_messages={"required": _("Choose one of the five."), "invalid_choice": _("Choose one of the five.")},
        widget=forms.RadioSelect,
    )


class EvaluationForm(forms.Form):
    """Three questions, 1 to 5, and whatever else is to be said."""

    content = _question(_("What was taught"))
    instruction = _question(_("How it was taught"))
    usefulness = _question(_("How useful it is for your work"))
    comment = forms.CharField(
        label=_("Anything else? (optional)"),
        required=False,
        max_length=2000,
        help_text=_("The provider reads it word for word. Leave out what would tell who you are."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @property
    def questions(self) -> list:
        """The three questions."""
        return [self[name] for name in ("content", "instruction", "usefulness")]
