"""What a provider's own view is limited to: a span of days, one course. All of it stands in the address."""

import datetime as dt

from django import forms

from training.models import Course, Provider

MOST_YEARS = 12


class OverviewForm(forms.Form):
    """From which day to which day, inclusive; one course, or all of them."""

    since = forms.DateField(
        label="From",
        required=False,
        error_messages={"invalid": "This is not a date."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    until = forms.DateField(
        label="To",
        required=False,
        error_messages={"invalid": "This is not a date."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"}),
    )
    course = forms.ModelChoiceField(
        Course.objects.none(),
        required=False,
        empty_label="All courses",
        error_messages={"invalid_choice": "There is no such course. All are shown."},
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, asked, *, provider: Provider, today: dt.date, **kwargs):
        self.year = (dt.date(today.year, 1, 1), dt.date(today.year, 12, 31))
        if not (asked.get("since") or asked.get("until")):
            asked = asked.dict() | {"since": self.year[0], "until": self.year[1]}
        super().__init__(asked, **kwargs)
        self.fields["course"].queryset = Course.objects.filter(
            pk__in=provider.scheduled_classes.order_by().values("course")
        ).order_by("title", "pk")

    def clean(self):
        """The span is no longer than can be looked at, and does not end before it begins."""
        given = super().clean()
        first, last = given.get("since"), given.get("until")
        if first and not last:
            last = max(self.year[1], dt.date(first.year, 12, 31)) if first.year < 9990 else first
        elif last and not first:
            first = min(self.year[0], dt.date(last.year, 1, 1))
        if first and last and last < first:
            self.add_error("until", "The last day is before the first.")
        elif first and last and last.year - first.year > MOST_YEARS:
            self.add_error("since", f"Choose {MOST_YEARS} years at most.")
        else:
            given["since"], given["until"] = first, last
        return given

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """The days asked for; this year where none are, or where they cannot be read."""
        if not self.is_valid():
            return self.year
        given = self.cleaned_data
        return given.get("since") or self.year[0], given.get("until") or self.year[1]
