"""The form by which POST searches the record of access."""

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from clee_portal.history.models import Access

# The first and last day that can be asked for: at the ends of the calendar a day has no moment before or after it.
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
OUTSIDE = "This year is out of reach: give a day from 1900 to 2999."


def _words(label: str) -> forms.CharField:
    search = forms.TextInput(attrs={"class": "form-control", "type": "search", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=100, widget=search)


def _day(label: str) -> forms.DateField:
    day = forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"})
    between = [MinValueValidator(FIRST, OUTSIDE), MaxValueValidator(LAST, OUTSIDE)]
    return forms.DateField(label=label, required=False, widget=day, validators=between)


class AccessSearchForm(forms.Form):
    """Who, whose record, what kind, from which day to which (both inclusive)."""

    person = _words("Who, by name or e-mail")
    officer = _words("Officer looked at, by name or license number")
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Everything"), *Access.Kind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    since = _day("From")
    until = _day("To")

    def clean(self) -> dict:
        """The days in their order."""
        given = super().clean()
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day lies before the first. Give a later one, or leave it empty.")
        return given
