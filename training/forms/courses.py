"""The forms by which an agency adds to a course it submitted, and by which POST approves or refuses it."""

from django import forms

from training.models import CourseReview


class SubmissionForm(forms.Form):
    """What is taught and who teaches it, for POST’s review."""

    synopsis = forms.CharField(
        label="What is taught",
        max_length=5000,
        help_text="A few sentences: the subjects, how they are taught, and what officers can do afterwards.",
        error_messages={"required": "Say what is taught, in a few sentences."},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    instructors = forms.CharField(
        label="Who teaches it (optional)",
        required=False,
        max_length=300,
        help_text="Names, and what qualifies them.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CourseQueueForm(forms.Form):
    """What POST's queue of courses is limited to."""

    state = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("to-review", "Not yet reviewed"), ("approved", "Approved"), ("refused", "Refused")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    agency = forms.CharField(
        label="Agency or provider",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    q = forms.CharField(
        label="Title or control number",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )


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
        help_text="Whoever submitted it reads them with the approval.",
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
            self.add_error("reason", "Say why the course is refused. Whoever submitted it reads it.")
        return cleaned
