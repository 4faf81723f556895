"""The forms by which a provider plans, changes, moves and calls off classes of its calendar."""

import uuid
from decimal import Decimal

from django import forms

from clee_portal import clock
from clee_portal.refusal import Refused
from training.class_plan import WHERE, Site, Terms
from training.forms.calendar_fields import fee, lines, seats, text, zip_code
from training.local_times import moment_of, read_time
from training.models import Course, Delivery, ScheduledClass

MOST_SITES = 10


class SiteForm(forms.Form):
    """One place, with its seats."""

    place = text("Name of the place", 200)
    address = text("Street", 200)
    zip_code = zip_code(help_text="People look for classes by distance from theirs.")
    city = text("City", 100, help_text="Empty: as the post office names it.")
    capacity = seats()

    def __init__(self, *args, number: int = 1, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.number = number
        # A second place that is left blank is none.
        self.empty_permitted = number > 1
        self.use_required_attribute = False

    @property
    def site(self) -> Site | None:
        """The place; None where the row was left blank."""
        given = self.cleaned_data
        if not given or (self.number > 1 and not any(given.values())):
            return None
        return Site(**{name: given[name] or "" for name in WHERE}, capacity=given["capacity"])


class TermsForm(forms.Form):
    """What else a class says. Moments are a day and an hour of Missouri."""

    delivery = forms.ChoiceField(label="How it is held", choices=Delivery.choices, widget=forms.RadioSelect)
    fee = fee(help_text="Empty means free. It is shown and can be marked as paid; credit never hangs on it.")
    instructors = text("Instructors", 300)
    administrator = text(
        "Course administrator", 200, "Name the course administrator.", help_text="The name stands on the certificates."
    )
    contact_name = text("Whom to ask", 200)
    contact_email = forms.EmailField(
        label="E-mail for questions (optional)",
        required=False,
        max_length=254,
        error_messages={"invalid": "This is not an e-mail address. Write it as name@example.org."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    contact_phone = text("Telephone for questions", 30)
    note = lines("What else people should know", 2000, help_text="Everybody reads it in the calendar.")
    directions = lines(
        "For those with a seat",
        2000,
        help_text="How to get in, what to bring, the link of an on-line room. Nobody else reads it.",
    )
    opens_on = forms.DateField(
        label="Registration opens on (optional)",
        required=False,
        error_messages={"invalid": "This is not a date. Write it as 11/03/2026."},
        help_text="Empty: as soon as it is published.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    closes_on = forms.DateField(
        label="Registration closes at the end of (optional)",
        required=False,
        error_messages={"invalid": "This is not a date. Write it as 11/03/2026."},
        help_text="Empty: when the class begins.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    cancel_hours = forms.IntegerField(
        label="Hours before the class until which a seat is given back in time",
        min_value=0,
        max_value=24 * 60,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Give a number of hours, 0 to 1,440."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    offer_hours = forms.IntegerField(
        label="Hours for which a free seat is kept for the next on the wait-list",
        min_value=1,
        max_value=24 * 14,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Give a number of hours, 1 to 336."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False

    @property
    def terms(self) -> Terms:
        """What was given."""
        given = dict(self.cleaned_data)
        opens, closes = given.pop("opens_on"), given.pop("closes_on")
        own = {name: given[name] for name in Terms.__dataclass_fields__ if name in given}
        own["fee"] = own.get("fee") or Decimal(0)
        return Terms(
            **own,
            opens_at=moment_of(opens, read_time("00:00")) if opens else None,
            closes_at=clock.end_of_day(closes) if closes else None,
        )

    def clean(self) -> dict:
        """Registration closes after it opens."""
        given = super().clean()
        opens, closes = given.get("opens_on"), given.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "Registration cannot close before it opens.")
        return given


class CourseForm(forms.Form):
    """Which course, and whether each date is a class of its own. `key` tells one form from another."""

    course = forms.ModelChoiceField(
        Course.objects.none(),
        label="Course",
        empty_label="Choose",
        error_messages={
            "required": "Choose the course.",
            "invalid_choice": "Choose a course of the catalogue.",
        },
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    each = forms.ChoiceField(
        label="Several dates are",
        required=False,
        initial="",
        choices=[
            ("", "meetings of one class: who registers comes to all of them"),
            ("each", "classes of their own: who registers comes to one of them"),
        ],
        widget=forms.RadioSelect,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, courses, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["course"].queryset = courses
        self.use_required_attribute = False

    def clean_key(self) -> uuid.UUID:
        """One is made where the form came without."""
        return self.cleaned_data.get("key") or uuid.uuid4()


class CapacityForm(forms.Form):
    """How many can take part."""

    capacity = seats(help_text="More seats are offered to those who wait, in their order.")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False


class CallOffForm(forms.Form):
    """Why a class is not held, and which others of its series are called off with it."""

    reason = lines(
        "Why it is called off",
        500,
        "Say why the class is called off. Everybody registered reads it.",
        help_text="Everybody with a seat or a turn is told at once, and the public calendar shows it.",
    )
    others = forms.ModelMultipleChoiceField(
        ScheduledClass.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Of the same series"
    )

    def __init__(self, *args, others, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["others"].queryset = others


def terms_of(thing, **more) -> dict:
    """What the terms show for a class, or for a course whose class is planned."""
    shown = {
        name: getattr(thing, name)
        for name in (*Terms.__dataclass_fields__,)
        if name not in ("opens_at", "closes_at") and hasattr(thing, name)
    }
    for name in ("opens", "closes"):
        if moment := getattr(thing, f"{name}_at", None):
            shown[f"{name}_on"] = clock.day_of(moment)
    if "fee" in shown:
        shown["fee"] = f"{shown['fee']:.2f}".removesuffix(".00") if shown["fee"] else ""
    return {"cancel_hours": 24, "offer_hours": 24, "delivery": Delivery.CLASSROOM, **shown, **more}


def site_of(held: ScheduledClass) -> dict:
    """What the place shows for a class."""
    return {name: getattr(held, name) for name in (*WHERE, "capacity")}


class SitesForm(forms.Form):
    """All places; `rows` says how many there are."""

    rows = forms.IntegerField(min_value=1, max_value=MOST_SITES, widget=forms.HiddenInput)

    def __init__(self, data=None, *, initial=None):
        rows = initial or [{}]
        if data is not None:
            given = data.get("site-rows", "")
            count = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 1
            rows = [{}] * min(max(count, 1), MOST_SITES)
        super().__init__(data, prefix="site", label_suffix="", initial={"rows": len(rows)})
        self.forms = [SiteForm(data, prefix=f"site-{at}", number=at + 1, initial=one) for at, one in enumerate(rows)]

    def is_valid(self) -> bool:
        """Whether every place can be taken."""
        checked = [one.is_valid() for one in self.forms]
        return super().is_valid() and all(checked)

    @property
    def given(self) -> list[Site]:
        """The places of the rows that are not blank."""
        return [one.site for one in self.forms if one.site is not None]


def with_site(data):
    """The data of the form with one place more; a copy."""
    data = data.copy()
    given = data.get("site-rows", "")
    count = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 1
    data["site-rows"] = str(min(count + 1, MOST_SITES))
    return data


def put(forms_by_name: dict, refusal: Refused) -> None:
    """Say a refusal at its field: field name -> form; at the first form where it names none of them."""
    form = forms_by_name.get(refusal.field)
    if form is None:
        next(iter(forms_by_name.values())).add_error(None, refusal.message)
    else:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
