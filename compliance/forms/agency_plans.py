"""What an agency says of the classes it would send its officers to."""

import uuid

from django import forms

from compliance.forms.my_plan import MILES


class AgencyPlanForm(forms.Form):
    """Whether it hosts classes of its own, and how far its officers go."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    hosts = forms.BooleanField(
        label="We may host in-service classes of our own",
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    miles = forms.TypedChoiceField(
        label="Classes of the calendar",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "At any distance"), *((miles, f"At most {miles} miles from us") for miles in MILES)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    @property
    def key(self) -> str:
        """The key of this form: the one that was sent, or a new one."""
        return (self.data.get("submission_key") if self.is_bound else "") or str(uuid.uuid4())
