"""What an officer says of the classes they would take: what matters how much, from where, and what will not do."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.my_plan import Limits
from compliance.paths import Weights
from training.forms.registrations import RegisterForm
from training.models import Delivery
from training.places import place_of

MATTERS = [(0, _("Not at all")), (1, _("Somewhat")), (3, _("Most"))]
MILES = (10, 25, 50, 100)
DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
USUAL = Weights()


def _weight(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=int,
        choices=MATTERS,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": _("Choose one of the three.")},
    )


class PlanForm(forms.Form):
    """The parts of the address. Every part may be left out; what is wrong is said, and the usual stands for it."""

    hours = _weight(_("Few hours"))
    near = _weight(_("Near"))
    soon = _weight(_("Soon"))
    fee = _weight(_("Low fees"))
    zip = forms.CharField(
        label=_("From ZIP code"),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    miles = forms.TypedChoiceField(
        label=_("At most"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Any distance")), *((miles, format_lazy(_("{miles} miles"), miles=miles)) for miles in MILES)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    delivery = forms.ChoiceField(
        label=_("How"),
        required=False,
        choices=[("", _("In person or online")), (Delivery.CLASSROOM, _("In person")), (Delivery.ONLINE, _("Online"))],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    free = forms.BooleanField(
        label=_("Without a fee only"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
    off = forms.TypedMultipleChoiceField(
        label=_("Never on"),
        required=False,
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple,
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
            raise forms.ValidationError(gettext("There is no ZIP code %(typed)s.") % {"typed": typed})
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
    step = forms.ChoiceField(choices=[(TAKE, _("Register")), (ASK, _("Send for approval"))])
    classes = forms.RegexField(r"^[0-9]{1,12}(,[0-9]{1,12}){0,29}$")
    shown = forms.CharField(max_length=16)
    agency = forms.SlugField(required=False, max_length=60)


class DecideForm(forms.Form):
    """What an agency does with a plan an officer sent to it."""

    step = forms.ChoiceField(choices=[("approve", _("Approve")), ("decline", _("Do not approve"))])
    request = forms.IntegerField(min_value=1, max_value=10**17)
    words = forms.CharField(required=False, max_length=500)
    accepts = forms.CharField(required=False, max_length=16)
