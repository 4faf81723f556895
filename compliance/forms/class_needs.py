"""Where a provider looks for officers who need hours: around a ZIP code, or the whole state; in the address."""

from django import forms

from training.places import place_of


class NeedForm(forms.Form):
    """A ZIP code and how far from it; empty is the whole state."""

    zip = forms.CharField(
        label="Around ZIP code (empty: the whole state)",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    miles = forms.TypedChoiceField(
        label="Within",
        required=False,
        choices=[(miles, f"{miles} miles") for miles in (25, 50, 75, 100, 150)],
        coerce=int,
        empty_value=50,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def clean_zip(self) -> str:
        """A ZIP code there is."""
        given = self.cleaned_data["zip"].strip()[:5]
        if given and place_of(given) is None:
            raise forms.ValidationError("There is no such ZIP code. The whole state is shown.")
        return given
