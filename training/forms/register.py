"""The forms by which POST keeps the register. Each asks what the change rests on."""

import datetime as dt

from django import forms

from training.forms.commissions import _day as day_field
from training.models import (
    Agency,
    LicenseClass,
    Officer,
    Provider,
    ProviderLicense,
    RecognizedSource,
)
from training.services.licenses import RECORDED_HERE, Kind


def source_field(label: str = "What does it rest on?") -> forms.CharField:
    """The source of a change, kept with it in the history."""
    return forms.CharField(
        label=label,
        max_length=300,
        help_text="The paper or call and its day, such as: application of November 3, 2026. It stays in the history.",
        error_messages={"required": "Say what it rests on: the paper, its date, who told it."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _text(label: str, most: int, missing: str = "", **more) -> forms.CharField:
    return forms.CharField(
        label=label if missing else f"{label} (optional)",
        max_length=most,
        required=bool(missing),
        error_messages={"required": missing},
        **{"widget": forms.TextInput(attrs={"autocomplete": "off"}), **more},
    )


def _lines(label: str, missing: str = "", **more) -> forms.CharField:
    return _text(label, 1000, missing, widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}), **more)


def _mail() -> forms.EmailField:
    return forms.EmailField(
        label="E-mail (optional)",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "This is not an e-mail address. Write it as name@example.org."},
    )


def _optional_day(label: str, **more) -> forms.DateField:
    return day_field(f"{label} (optional)", "", required=False, **more)


class _PersonForm(forms.Form):
    """Who somebody is."""

    first_name = _text("First name", 80, "Give the first name.")
    middle_name = _text("Middle name or initial", 80)
    last_name = _text("Last name", 80, "Give the last name.")
    suffix = _text("Suffix, such as Jr.", 10)
    born_on = _optional_day("Birth date", help_text="POST alone sees it. It tells people of one name apart.")
    email = _mail()
    postal_address = _lines("Address of record", help_text="RSMo 590.030. Agencies do not see it.")
    is_name_closed = forms.BooleanField(
        label="Works undercover: leave the name out of files for the public", required=False
    )


class OfficerAddForm(_PersonForm):
    """A person who is new in the register."""

    license_number = _text("License number", 14, "Give the license number.")
    licensed_on = _optional_day("Day the license was issued", help_text="Without it no hours are owed, and none count.")
    license_class = forms.ModelChoiceField(
        LicenseClass.objects.all(), label="Class (optional)", required=False, empty_label="Not known"
    )
    source = source_field()

    field_order = ["license_number", "first_name", "middle_name", "last_name", "suffix", "licensed_on", "license_class"]


class OfficerEditForm(_PersonForm):
    """What the register says of a person."""

    name_until = _optional_day(
        "If the name changed: last day of the former name",
        help_text="The former name is kept and still finds the officer. Leave it empty where only a slip is mended.",
    )
    source = source_field()

    field_order = ["first_name", "middle_name", "last_name", "suffix", "name_until"]


class NumberForm(forms.Form):
    """The license number that is right."""

    license_number = _text("The right license number", 14, "Give the right number.")
    source = source_field("How do you know?")


class LicenseEventForm(forms.Form):
    """Something that happened to a license. What the Director decides is not among the kinds."""

    kind = forms.ChoiceField(
        label="What happened?",
        choices=[("", "Choose"), *((one.value, one.label) for one in RECORDED_HERE)],
        error_messages={"required": "Choose what happened."},
    )
    occurred_on = day_field("On which day?", "Give the day.")
    license_class = forms.ModelChoiceField(
        LicenseClass.objects.all(),
        label="Class, where one was issued or upgraded (optional)",
        required=False,
        empty_label="Not told",
    )
    decided_by = _text("Who decided, for a suspension or revocation", 150)
    reference = _text("Number or file of the decision", 100)
    source = source_field()

    def needs_decision(self) -> str:
        """For the page: which kinds need who decided."""
        return ", ".join(one.label.lower() for one in (Kind.SUSPENDED, Kind.SUSPENSION_ENDED, Kind.REVOKED))


class SourceForm(forms.Form):
    """Nothing but what a change rests on."""

    source = source_field("Why is it taken back?")


class _BodyForm(forms.ModelForm):
    """An agency or provider; what it rests on comes last."""

    source = source_field()

    def clean_name(self) -> str:
        """The name in one line."""
        return " ".join(self.cleaned_data["name"].split())

    @property
    def facts(self) -> dict:
        """What was given, by the fields of the model."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("source", "code")}

    def _post_clean(self):
        """Nothing is written to the instance: services change rows."""


class AgencyForm(_BodyForm):
    """What the register says of an agency."""

    closed_on = _optional_day("Last day it existed", help_text="Only for an agency that was closed or merged.")

    class Meta:
        model = Agency
        fields = ("name", "kind", "county", "city", "address", "phone", "email", "closed_on")
        labels = {"county": "County (optional)", "city": "City (optional)", "phone": "Telephone (optional)"}
        labels |= {"address": "Address (optional)", "email": "E-mail (optional)"}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"name": {"required": "Give the name."}}


class AgencyAddForm(AgencyForm):
    """An agency that is new in the register."""

    code = forms.SlugField(
        label="Code",
        max_length=20,
        help_text="Short, in small letters: it stands in addresses and files, and stays when the name changes.",
        error_messages={
            "required": "Give a code.",
            "invalid": "Use letters, digits and hyphens only, for example cedar-hollow.",
        },
    )
    field_order = ["code"]

    class Meta(AgencyForm.Meta):
        fields = ("name", "kind", "county", "city", "address", "phone", "email")

    closed_on = None

    def clean_code(self) -> str:
        """In small letters."""
        return self.cleaned_data["code"].lower()


class ProviderForm(_BodyForm):
    """What the register says of a provider."""

    class Meta:
        model = Provider
        fields = ("name", "kind", "email", "phone", "address")
        labels = {"phone": "Telephone (optional)", "address": "Address (optional)", "email": "E-mail (optional)"}
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"name": {"required": "Give the name."}}


class ProviderLicenseForm(forms.Form):
    """A license the Director gave a provider."""

    number = _text("License number", 40, "Give the number of the license.")
    standing = forms.ChoiceField(label="What is it worth?", choices=ProviderLicense.Standing.choices)
    valid_from = day_field("First day", "Give the first day.")
    valid_until = _optional_day("Last day", help_text="Inclusive. Empty where it has no end.")
    decided_on = day_field("Day of the Director’s decision", "Give the day of the decision.")
    conditions = _lines("Conditions")
    source = source_field()


class ProviderLicenseChangeForm(forms.Form):
    """From a day on, a license is worth something else."""

    standing = forms.ChoiceField(label="What is it worth from that day on?", choices=ProviderLicense.Standing.choices)
    from_day = day_field("From which day?", "Give the first day of the change.")
    valid_until = _optional_day("Last day of the license", help_text="Inclusive. Empty where it has no end.")
    decided_on = day_field("Day of the Director’s decision", "Give the day of the decision.")
    conditions = _lines("Conditions")
    source = source_field()


class TransferForm(forms.Form):
    """From one agency to another in one act."""

    to_code = forms.ModelChoiceField(
        Agency.objects.none(),
        label="New agency",
        to_field_name="code",
        empty_label="Choose",
        error_messages={"required": "Choose the new agency.", "invalid_choice": "Choose the new agency from the list."},
    )
    ended_on = day_field("Last day at the old agency", "Give the last day at the old agency.")
    started_on = day_field("First day at the new agency", "Give the first day at the new agency.")
    rank = _text("Rank there", 60)
    is_reserve = forms.BooleanField(label="Reserve officer there", required=False)
    source = source_field()

    def __init__(self, *args, today: dt.date, apart_from: Agency, **kwargs):
        super().__init__(*args, **kwargs)
        open_ones = Agency.objects.exclude(closed_on__lt=today).exclude(pk=apart_from.pk)
        self.fields["to_code"].queryset = open_ones.order_by("search_name")


class MergeFindForm(forms.Form):
    """The other record of the person, by its license number."""

    other = _text("License number of the other record", 14, "Give the license number of the other record.")


class MergeForm(forms.Form):
    """Two records are one person."""

    both_valid = forms.BooleanField(
        label="I compared the license files: both licenses were given to this one person.", required=False
    )
    source = source_field("How do you know that they are one person?")

    def __init__(self, *args, hold_both: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not hold_both:
            del self.fields["both_valid"]


class RecognizedSourceForm(forms.Form):
    """A source on the list of recognized ones."""

    name = _text("Name", 200, "Name the state, agency or organization.")
    kind = forms.ChoiceField(label="What is it?", choices=RecognizedSource.Kind.choices)
    first_year = forms.IntegerField(
        label="First reporting period",
        min_value=2015,
        max_value=2100,
        error_messages={"required": "Give the first year.", "invalid": "Give the year as four digits."},
    )
    last_year = forms.IntegerField(
        label="Last reporting period (optional)", required=False, min_value=2015, max_value=2100
    )
    decided_on = day_field("Day of the Director’s decision", "Give the day of the decision.")
    conditions = _text("Conditions", 500)
    source = source_field()


class SourceEndForm(forms.Form):
    """The last period of a recognized source."""

    last_year = forms.IntegerField(
        label="Last reporting period",
        min_value=2015,
        max_value=2100,
        error_messages={"required": "Give the last year.", "invalid": "Give the year as four digits."},
    )
    source = source_field()


def officer_facts(cleaned: dict) -> dict:
    """What of a form is a field of `Officer`."""
    own = {one.name for one in Officer._meta.concrete_fields} - {"license_number", "license_class"}
    return {name: value for name, value in cleaned.items() if name in own}
