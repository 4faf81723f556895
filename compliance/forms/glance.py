"""What the dashboard is limited to, and how it is broken down."""

from collections.abc import Mapping, Sequence

from django import forms


class GlanceForm(forms.Form):
    """All of it stands in the address."""

    BY = (("size", "Size"), ("county", "County"), ("agency", "Agency"))

    county = forms.ChoiceField(label="County", required=False, widget=forms.Select(attrs={"class": "form-select"}))
    size = forms.ChoiceField(
        label="Size of the agency", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    agency = forms.CharField(
        label="Agency, by name or code",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    by = forms.ChoiceField(required=False, choices=[("", ""), *BY], widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        required=False,
        choices=[("", ""), ("name", ""), ("short", ""), ("connected", "")],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, counties: Sequence[str], sizes: Mapping[str, str], **kwargs):
        """The counties there are, and the sizes."""
        super().__init__(*args, **kwargs)
        self.fields["county"].choices = [("", "All counties"), *((one, one) for one in counties)]
        self.fields["size"].choices = [("", "All sizes"), *sizes.items()]
