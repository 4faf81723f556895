"""Forms of the rules: a draft begun, its frame, a requirement, a topic, a golden case, what becomes of a draft."""

from django import forms

from compliance.models import ProposedTopic, RequirementSet
from compliance.models.requirements import MOST_ASKED
from training.models import Area, SourceKind, Topic

LONGEST = 2000


def _text(label: str, rows: int = 3, longest: int = LONGEST, **more) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "class": "form-control", "maxlength": longest})
    return forms.CharField(label=label, max_length=longest, widget=widget, **more)


def _day(label: str, **more) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control field-date"})
    errors = {"required": "Give the day.", "invalid": "That is not a date. Write it like 2027-03-15."}
    return forms.DateField(label=label, widget=widget, error_messages=errors, **more)


class SetChoice(forms.ModelChoiceField):
    """A published set, said with its year and version."""

    def label_from_instance(self, obj: RequirementSet) -> str:
        """Year, version, and when it was published."""
        return f"{obj.period.year}, version {obj.version}"


class BeginForm(forms.Form):
    """For which period a draft is begun, and what it is copied from."""

    year = forms.TypedChoiceField(
        label="For which period?", coerce=int, error_messages={"required": "Choose the period."}
    )
    source = SetChoice(
        label="Copied from",
        queryset=RequirementSet.objects.none(),
        empty_label=None,
        help_text="Its requirements and its golden cases; of another year the days of the cases are moved.",
        error_messages={"required": "Choose what it is copied from."},
    )

    def __init__(self, *args, years=(), sources=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = years
        self.fields["source"].queryset = sources


class FrameForm(forms.Form):
    """What changes and why; the days of the period; whether the following periods ask it too."""

    note = _text(
        "What changes, and on what ground",
        rows=4,
        help_text="It is kept with the version: the rule, its number and date, the vote.",
        error_messages={"required": "Say what changes, and on what ground."},
    )
    ends_on = _day(
        "Last day of the period",
        help_text="The next period begins the day after. Hours belong to the calendar year in which a class ends.",
    )
    show_by = _day(
        "Last day to show hours", help_text="Until then whoever is short may make up and show what is missing."
    )
    carries_on = forms.BooleanField(
        required=False,
        label="The following periods ask it too",
        help_text="Those that ask exactly what this one asked until now. A list holds until another is published.",
    )


class RequirementForm(forms.Form):
    """One requirement: at least so many hours among the lines of an area, a topic, kinds of source."""

    name = forms.CharField(
        max_length=80,
        help_text="As it stands in a row: Legal studies.",
        error_messages={"required": "Give the requirement a name."},
    )
    short_name = forms.CharField(
        max_length=30,
        help_text="As it stands in a list of what is missing: legal.",
        error_messages={"required": "Give it a short name."},
    )
    code = forms.SlugField(
        max_length=40,
        help_text="For files and golden cases, in small letters: racial_profiling. It stays the same over the years.",
        error_messages={"required": "Give it a code.", "invalid": "Letters, digits, hyphens and underscores only."},
    )
    minimum = forms.DecimalField(
        label="Minimum hours",
        max_digits=6,
        decimal_places=2,
        max_value=MOST_ASKED,
        widget=forms.NumberInput(attrs={"class": "form-control field-hours", "step": "0.5", "min": "0.01"}),
        error_messages={
            "required": "Say how many hours, at least.",
            "invalid": "That is not a number of hours.",
            "max_value": "Nobody can complete more than 2,000 hours in a year.",
        },
    )
    area = forms.ModelChoiceField(
        label="Of which area?", queryset=Area.objects.all(), required=False, empty_label="Any area"
    )
    topic = forms.ChoiceField(label="On which topic?", required=False)
    source_kinds = forms.MultipleChoiceField(
        label="From which kinds of source?",
        choices=SourceKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: every kind counts.",
    )
    in_person_only = forms.BooleanField(label="Only hours in person count", required=False)
    wording = _text(
        "The rule in plain words",
        help_text="Officers read this. Name the number of hours.",
        error_messages={"required": "Write the rule in plain words."},
    )
    citation = forms.CharField(
        label="Where it is written",
        max_length=200,
        help_text="For example 11 CSR 75-15.010.",
        error_messages={"required": "Cite the rule."},
    )

    def __init__(self, *args, draft=None, **kwargs):
        super().__init__(*args, **kwargs)
        topics = [(f"t{one.pk}", str(one)) for one in Topic.objects.all()]
        self.proposed = {f"p{one.pk}": one for one in (draft.proposed_topics.all() if draft else ())}
        topics += [(key, f"{one} (new with this draft)") for key, one in self.proposed.items()]
        self.fields["topic"].choices = [("", "Any topic, or none"), *topics]

    def clean_minimum(self):
        """More than nothing."""
        if (hours := self.cleaned_data["minimum"]) <= 0:
            raise forms.ValidationError("A requirement asks for more than 0 hours.")
        return hours

    @property
    def given(self) -> dict:
        """The fields of the requirement, of a form that is valid."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "topic"}
        topic = self.cleaned_data["topic"]
        found["proposed_topic"] = self.proposed.get(topic)
        found["topic"] = Topic.objects.get(pk=topic[1:]) if topic.startswith("t") else None
        return found


class TopicForm(forms.ModelForm):
    """A topic a draft adds."""

    class Meta:
        model = ProposedTopic
        fields = ("name", "code", "usual_area", "only_area")
        labels = {"usual_area": "Usual area", "only_area": "Only in this area"}
        help_texts = {
            "name": "As it stands in the form for a class: Autism.",
            "code": "For files, in small letters: autism.",
            "usual_area": "Where the form for a class places its hours to begin with.",
            "only_area": "Leave it empty where its hours may lie in any area.",
        }


class CaseForm(forms.Form):
    """A golden case as text."""

    text = forms.CharField(
        label="The case",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 22, "class": "form-control case-text", "spellcheck": "false"}),
        error_messages={"required": "Write the case."},
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = _text("Why?", error_messages={"required": "Say why."})


class SendBackForm(forms.Form):
    """What the authors have to change."""

    reason = _text("What has to be changed?", error_messages={"required": "Say what has to be changed."})


class SeenForm(forms.Form):
    """What the page showed when it was opened."""

    seen = forms.CharField(
        widget=forms.HiddenInput, error_messages={"required": "Open the page again, look at it, and confirm."}
    )
