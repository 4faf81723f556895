"""What an officer says of the classes they would take: what matters how much, from where, and what will not do."""

from django import forms

from compliance.my_plan import Limits
from compliance.paths import Weights
from training.forms.registrations import RegisterForm
from training.models import Delivery
from training.places import place_of

MATTERS = [(0, "Not at all"), (1, "Somewhat"), (3, "Most")]
MILES = (10, 25, 50, 100)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL = Weights()


def _weight(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        choices=MATTERS,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": "Choose one of the three."},
    )


class PlanForm(forms.Form):
    """The parts of the address. Every part may be left out; what is wrong is said, and the usual stands for it."""

    hours = _weight("Few hours")
    near = _weight("Near")
    soon = _weight("Soon")
    fee = _weight("Low fees")
    zip = forms.CharField(
        label="From ZIP code",
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    miles = forms.TypedChoiceField(
        label="At most",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Any distance"), *((miles, f"{miles} miles") for miles in MILES)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    delivery = forms.ChoiceField(
        label="How",
        required=False,
        choices=[("", "In person or online"), (Delivery.CLASSROOM, "In person"), (Delivery.ONLINE, "Online")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    free = forms.BooleanField(
        label="Without a fee only", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
    off = forms.TypedMultipleChoiceField(
        label="Never on", required=False, coerce=int, choices=list(enumerate(DAYS)), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data):
        given = data.copy()
        for name in ("hours", "near", "soon", "fee"):
            if not given.get(name):
                given[name] = str(getattr(USUAL, name))
        super().__init__(given, auto_id="plan-%s", label_suffix="")
        self.is_valid()

    def clean_zip(self) -> str:
        """A ZIP code that exists; the four digits after a hyphen may stand there."""
        typed = self.cleaned_data["zip"].strip()
        code = typed[:5] if len(typed) == 10 and typed[5] == "-" else typed
        if code and place_of(code) is None:
            raise forms.ValidationError(f"There is no ZIP code {typed}.")
        return code

    @property
    def rows(self) -> tuple[list, list]:
        """The lists side by side: what matters how much, and from where and how."""
        fields = [self[name] for name in ("hours", "near", "soon", "fee", "zip", "miles", "delivery")]
        return fields[:4], fields[4:]

    @property
    def weights(self) -> Weights:
        """How much each thing matters."""
        given = self.cleaned_data
        return Weights(*(given.get(name, getattr(USUAL, name)) for name in ("hours", "near", "soon", "fee")))

    def limits(self, home) -> Limits:
        """What will not do; distances from `home` unless a ZIP code is given. Without either they limit nothing."""
        given = self.cleaned_data
        near = place_of(given["zip"]) if given.get("zip") else home
        return Limits(
            near,
            given.get("miles") if near else None,
            given.get("delivery", ""),
            frozenset(given.get("off", ())),
            given.get("free", False),
        )


class TakeForm(RegisterForm):
    """The set of classes somebody takes, by their ids, as it was shown to them (`my_plan.shown`)."""

    TAKE, ASK = "take", "ask"
    step = forms.ChoiceField(choices=[(TAKE, "Register"), (ASK, "Send for approval")])
    classes = forms.RegexField(r"^[0-9]{1,12}(,[0-9]{1,12}){0,29}$")
    shown = forms.CharField(max_length=16)
    agency = forms.SlugField(required=False, max_length=60)


class DecideForm(forms.Form):
    """What an agency does with a plan an officer sent to it."""

    step = forms.ChoiceField(choices=[("approve", "Approve"), ("decline", "Do not approve")])
    request = forms.IntegerField(min_value=1, max_value=10**17)
    words = forms.CharField(required=False, max_length=500)
    accepts = forms.CharField(required=False, max_length=16)
