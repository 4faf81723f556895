"""Forms of the messages to many people, and of the list of those short after the last day."""

from django import forms

from compliance.models import CandidacyCheck

LONGEST = 500


class DecideForm(forms.Form):
    """Hold a campaign or let it go."""

    HOLD, RELEASE = "hold", "release"

    act = forms.ChoiceField(
        choices=((HOLD, "Hold"), (RELEASE, "Release")),
        error_messages={"required": "Choose whether to hold it or to release it."},
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": LONGEST}),
    )


class LookForm(forms.Form):
    """What a look for recording errors found."""

    found = forms.ChoiceField(
        choices=CandidacyCheck.Found.choices, error_messages={"required": "Choose what the look found."}
    )
    words = forms.CharField(required=False, max_length=LONGEST)
    override = forms.BooleanField(required=False)


class CandidatesForm(forms.Form):
    """What is to be done with those chosen in the list."""

    NOTICES = "notices"

    act = forms.ChoiceField(
        choices=(*CandidacyCheck.Found.choices, (NOTICES, "Lay notices ready")),
        error_messages={"required": "Choose what to do with them."},
    )
    words = forms.CharField(required=False, max_length=LONGEST)
    everyone = forms.BooleanField(required=False)


class ReminderDaysForm(forms.Form):
    """The day of each reminder of a period; of those that went out it is shown, and cannot be changed."""

    reason = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Why the days are moved",
        help_text="It is kept with the change.",
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control", "maxlength": LONGEST}),
    )

    def __init__(self, *args, dates=(), went=frozenset(), may_move=True, **kwargs):
        super().__init__(*args, **kwargs)
        of_days = {}
        for one in dates:
            is_fixed = one.number in went
            of_days[f"day_{one.number}"] = forms.DateField(
                label=f"Reminder {one.number}",
                initial=one.due_on,
                disabled=is_fixed or not may_move,
                help_text="It went out." if is_fixed else "",
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control field-date"}),
                error_messages={
                    "required": f"Give the day of reminder {one.number}.",
                    "invalid": "That is not a date. Write it like 2026-12-01.",
                },
            )
        self.fields = of_days | ({"reason": self.fields["reason"]} if may_move else {})

    @property
    def days(self) -> dict:
        """Number -> day, of a form that is valid."""
        return {int(name.removeprefix("day_")): day for name, day in self.cleaned_data.items() if name != "reason"}
