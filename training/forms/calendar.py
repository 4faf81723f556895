"""The filters of the statewide calendar, as the address has them."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from training.calendar_search import MOST_WORDS, Sort, Wanted
from training.models import Area, Provider, Topic
from training.models.curriculum import MOST_HOURS
from training.models.sources import Delivery
from training.places import Place, place_of

MILES = (10, 25, 50, 100, 150)
USUAL_MILES = 50
FEES = (25, 50, 100, 200)
FREE = "free"
LOOKS = {forms.Select: "form-select", forms.CheckboxInput: "form-check-input"}
_EARLIEST, _LATEST = dt.date(2018, 1, 1), dt.date(2199, 12, 31)
_NO_DAY = {"invalid": _("Write the day like 12/31/2026.")}
_NO_NUMBER = {"invalid": _("Write a number of hours, like 4 or 1.5.")}


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_NO_DAY,
        validators=[
            MinValueValidator(_EARLIEST, _("There are no classes before 2018 here.")),
            MaxValueValidator(_LATEST, _("That is too far ahead.")),
        ],
    )


def _hours(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_HOURS,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=_NO_NUMBER,
    )


class SearchForm(forms.Form):
    """What somebody looks for. Every part is optional; what is wrong limits nothing, and is said."""

    words = forms.CharField(
        label=_("Words"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    since = _day(_("From"))
    until = _day(_("Until"))
    zip = forms.CharField(
        label=_("Near ZIP code"),
        required=False,
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    miles = forms.TypedChoiceField(
        label=_("Within"),
        required=False,
        coerce=int,
        choices=[(n, format_lazy(_("{miles} miles"), miles=n)) for n in MILES],
        empty_value=USUAL_MILES,
    )
    gives = forms.ChoiceField(label=_("Gives hours of"), required=False)
    least = _hours(_("At least"))
    hours_from = _hours(_("Hours from"))
    hours_to = _hours(_("Hours to"))
    delivery = forms.ChoiceField(
        label=_("Delivery"),
        required=False,
        choices=[("", _("In person or online")), *((value, _(label)) for value, label in Delivery.choices)],
    )
    fee = forms.ChoiceField(
        label=_("Fee"),
        required=False,
        choices=[
            ("", _("Any")),
            (FREE, _("Free")),
            *((str(most), format_lazy(_("Up to ${most}"), most=most)) for most in FEES),
        ],
    )
    seats = forms.BooleanField(label=_("With seats left"), required=False)
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    sort = forms.ChoiceField(
        label=_("Order"), required=False, choices=[(value, _(label)) for value, label in Sort.choices]
    )

    def __init__(self, data, *, areas: list[Area], topics: list[Topic], providers: list[Provider]):
        # A list of choices shows what holds without it: half of the state is too far for an evening.
        usual = {"miles": str(USUAL_MILES)} if not data.get("miles") else {}
        super().__init__({**data.dict(), **usual}, auto_id="find-%s")
        self.near: Place | None = None
        for field in self.fields.values():
            field.widget.attrs["class"] = LOOKS.get(type(field.widget), "form-control")
        self._gives: dict[str, Area | Topic] = {one.code: one for one in (*topics, *areas)}
        self._providers = {str(one.pk): one for one in providers}
        self.fields["gives"].choices = [
            ("", gettext("Anything")),
            (gettext("Topics"), [(one.code, gettext(one.name)) for one in topics]),
            (gettext("Areas"), [(one.code, gettext(one.name)) for one in areas]),
        ]
        self.fields["provider"].choices = [("", gettext("Any")), *((str(one.pk), one.name) for one in providers)]

    def clean_zip(self) -> str:
        """Five digits of a ZIP code that exists; the four after a hyphen may stand there."""
        typed = self.cleaned_data["zip"].strip()
        code = typed[:5] if len(typed) == 10 and typed[5] == "-" else typed
        self.near = place_of(code) if code else None
        if code and self.near is None:
            raise forms.ValidationError(gettext("There is no ZIP code %(typed)s.") % {"typed": typed})
        return code

    def clean(self) -> dict:
        """The ends of spans may be written in either order."""
        cleaned = super().clean()
        for low, high in (("since", "until"), ("hours_from", "hours_to")):
            one, other = cleaned.get(low), cleaned.get(high)
            if one is not None and other is not None and one > other:
                cleaned[low], cleaned[high] = other, one
        if cleaned.get("sort") == Sort.NEAREST and not cleaned.get("zip"):
            cleaned["sort"] = Sort.SOONEST
        return cleaned

    def wanted(self, today: dt.date) -> Wanted:
        """What is looked for: from `today` on, unless another day is given. Parts that are wrong are left out."""
        self.is_valid()
        given = self.cleaned_data
        fee, gives = given.get("fee"), self._gives.get(given.get("gives", ""))
        return Wanted(
            words=tuple(given.get("words", "").split()[:MOST_WORDS]),
            since=given.get("since") or today,
            until=given.get("until"),
            zip_code=given.get("zip", ""),
            near=self.near,
            miles=given.get("miles") or USUAL_MILES,
            gives=gives,
            least=(given.get("least") or Decimal(1)) if gives else Decimal(1),
            hours_from=given.get("hours_from"),
            hours_to=given.get("hours_to"),
            delivery=given.get("delivery", ""),
            fee_to=(Decimal(0) if fee == FREE else Decimal(fee)) if fee else None,
            has_seats=given.get("seats", False),
            provider=self._providers.get(given.get("provider", "")),
            sort=given.get("sort", ""),
        )
