"""The form by which POST finds an officer."""

from django import forms


class OfficerSearchForm(forms.Form):
    """License number or name, and agency."""

    q = forms.CharField(
        label="License number or name",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
    agency = forms.CharField(
        label="Agency",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"}),
    )
