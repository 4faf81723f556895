"""The form by which officers of a class are taken out or moved to another one."""

from django import forms

from training.models import TrainingClass

OUT = "out"
CLASSES_SHOWN = 60


class MoveForm(forms.Form):
    """Which officers of a class, what becomes of them, and why."""

    records = forms.TypedMultipleChoiceField(
        coerce=int, required=True, error_messages={"required": "Tick at least one officer."}
    )
    to = forms.ChoiceField(
        label="What becomes of them",
        error_messages={"required": "Choose what becomes of them."},
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=400,
        help_text="It is kept with the entries, and the officers’ record shows it.",
        error_messages={"required": "Say why."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data=None, *, held: TrainingClass, records, initial=None):
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["records"].choices = [(one.pk, str(one.officer)) for one in records]
        others = (
            TrainingClass.objects.live()
            .filter(reported_by_agency=held.reported_by_agency, course__agency=held.reported_by_agency)
            .exclude(pk=held.pk)
            .select_related("course")
            .order_by("-ends_on", "-pk")[:CLASSES_SHOWN]
        )
        self.others = {str(one.pk): one for one in others}
        classes = [(pk, f"{one.ends_on:%b} {one.ends_on.day}, {one.ends_on.year} · {one.course} · {one.reference}")
                   for pk, one in self.others.items()]  # fmt: skip
        self.fields["to"].choices = [
            ("", "Choose"),
            (OUT, "They were not there: take them out of this class"),
            ("They were in another class: move them to", classes),
        ]

    @property
    def target(self) -> TrainingClass | None:
        """The class they move to; None where they are taken out."""
        return self.others.get(self.cleaned_data["to"])
