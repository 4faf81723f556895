"""The form by which officers of a class are taken out or moved to another one."""

from django import forms

from training.bodies import named
from training.models import TrainingClass

OUT = "out"
CLASSES_SHOWN = 60


class MoveForm(forms.Form):
    """Which officers of a class, what becomes of them, and why."""

    records = forms.TypedMultipleChoiceField(
        coerce=int,
        required=True,
        error_messages={
            "required": "Tick at least one officer.",
            "invalid_choice": "Somebody you ticked is not in the class any more. Look at it again.",
        },
    )
    to = forms.ChoiceField(
        label="What becomes of them",
        required=False,
        error_messages={"invalid_choice": "Choose one of the classes, or give its number below."},
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    reference = forms.CharField(
        label="Its reference number, if it is not in the list (optional)",
        required=False,
        max_length=20,
        help_text="Such as C-000123.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
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
        self.possible = (
            TrainingClass.objects.live()
            .reported_by(held.body)
            .filter(**named(held.body, "course__"))
            .exclude(pk=held.pk)
            .select_related("course")
        )
        # Those nearest in time: whoever was not in a class was mostly in one of these days.
        later = self.possible.filter(ends_on__gt=held.ends_on).order_by("ends_on", "pk")[: CLASSES_SHOWN // 2]
        before = self.possible.filter(ends_on__lte=held.ends_on).order_by("-ends_on", "-pk")[: CLASSES_SHOWN // 2]
        others = [*reversed(later), *before]
        self.others = {str(one.pk): one for one in others}
        classes = [(pk, f"{one.ends_on:%b} {one.ends_on.day}, {one.ends_on.year} · {one.course} · {one.reference}")
                   for pk, one in self.others.items()]  # fmt: skip
        self.fields["to"].choices = [
            ("", "Choose"),
            (OUT, "They were not there: take them out of this class"),
            ("They were in another class: move them to", classes),
        ]

    def clean(self) -> dict:
        """One class, or that they were not there at all."""
        given = super().clean()
        to, reference = given.get("to", ""), " ".join((given.get("reference") or "").split()).upper()
        self._target = self.others.get(to)
        if reference and to:
            self.add_error("reference", "Choose from the list, or give a number: not both.")
        elif reference:
            self._target = self.possible.with_reference(reference).first()
            if self._target is None:
                self.add_error("reference", f"There is no class {reference} of yours to move them to.")
        elif not to and "to" not in self.errors:
            self.add_error("to", "Choose what becomes of them.")
        return given

    @property
    def target(self) -> TrainingClass | None:
        """The class they move to; None where they are taken out."""
        return self._target
