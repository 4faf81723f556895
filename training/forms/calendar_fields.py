"""Pieces of the forms by which a provider keeps courses and classes."""

from decimal import Decimal

from django import forms

from training.models.calendar import MOST_SEATS

MOST_FEE = Decimal("99999.99")


def text(label: str, most: int, missing: str = "", **more) -> forms.CharField:
    """A line of text, optional unless it is said what is missing without it."""
    return forms.CharField(
        label=label if missing else f"{label} (optional)",
        max_length=most,
        required=bool(missing),
        error_messages={
            "required": missing,
            "max_length": f"{label}: that is %(show_value)d characters. Use %(limit_value)d at most.",
        },
        **{"widget": forms.TextInput(attrs={"autocomplete": "off"}), **more},
    )


def lines(label: str, most: int, missing: str = "", *, rows: int = 3, **more) -> forms.CharField:
    """Text of several lines."""
    return text(label, most, missing, widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}), **more)


def fee(label: str = "Fee in dollars", **more) -> forms.DecimalField:
    """A fee; empty is none."""
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_value=MOST_FEE,
        decimal_places=2,
        error_messages={
            "invalid": "Write the fee as a number of dollars, like 45 or 12.50. Empty means free.",
            "min_value": "A fee cannot be negative.",
            "max_value": "That is more than a class can cost here.",
            "max_decimal_places": "Write the fee in dollars and cents, like 12.50.",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        **more,
    )


def seats(label: str = "Seats", **more) -> forms.IntegerField:
    """How many can take part."""
    wrong = f"Give the number of seats, 1 to {MOST_SEATS:,}."
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=MOST_SEATS,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **more,
    )


def zip_code(**more) -> forms.RegexField:
    """Five digits."""
    return forms.RegexField(
        r"[0-9]{5}",
        label="ZIP code",
        required=False,
        max_length=5,
        strip=True,
        error_messages={"invalid": "A ZIP code has five digits.", "max_length": "A ZIP code has five digits."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        **more,
    )
