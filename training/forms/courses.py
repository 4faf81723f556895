"""The form by which POST approves or refuses an in-service course."""

from django import forms

from training.models import CourseReview


class CourseReviewForm(forms.Form):
    """The decision; a control number and conditions for an approval, the reason for a refusal."""

    decision = forms.ChoiceField(
        label="Decision",
        choices=[
            (CourseReview.Decision.APPROVED, "Approve: its hours count, no longer marked “not yet reviewed”"),
            (CourseReview.Decision.REFUSED, "Refuse: from today on it gives no hours"),
        ],
        error_messages={"required": "Choose whether the course is approved or refused."},
        widget=forms.RadioSelect,
    )
    control_number = forms.CharField(
        label="Control number, for an approval (optional)",
        required=False,
        max_length=40,
        help_text="The number POST gives the course. Agencies enter classes by it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    conditions = forms.CharField(
        label="Conditions, for an approval (optional)",
        required=False,
        max_length=2000,
        help_text="The agency reads them with the approval.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label="Reason, for a refusal",
        required=False,
        max_length=2000,
        help_text="The agency and its officers read it: what the course lacks, and what would mend it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict:
        """A refusal says why."""
        cleaned = super().clean()
        if cleaned.get("decision") == CourseReview.Decision.REFUSED and not (cleaned.get("reason") or "").strip():
            self.add_error("reason", "Say why the course is refused. The agency reads it.")
        return cleaned
