"""The forms by which the people of an agency are named."""

from django import forms

from clee_portal.accounts.models import StateRole


class PersonForm(forms.Form):
    """A person by e-mail address; the name is needed where they have no account yet."""

    email = forms.EmailField(
        label="Their own e-mail address",
        max_length=254,
        help_text="They sign in with it. Not a shared mailbox: everyone has an account of their own.",
        error_messages={"required": "Give the person’s e-mail address.", "invalid": "This is no e-mail address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=150,
        help_text="As others see it, for example Lena Macklin. Not needed where they have an account already.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class HandOverForm(PersonForm):
    """Who comes after the CEO, and the CEO's last day."""

    last_day = forms.DateField(
        label="Last day of the CEO before",
        help_text="From the next day on the new CEO acts for the agency.",
        error_messages={"required": "Give the last day.", "invalid": "This is not a date. Write it as 12/31/2026."},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
    )


class ProviderPersonForm(PersonForm):
    """Somebody who acts for a provider."""

    is_head = forms.BooleanField(
        label="They name people too",
        required=False,
        help_text="The head names who else acts for the provider, and confirms them once a quarter. One at least.",
    )


class StatePersonForm(PersonForm):
    """Somebody who acts for the state."""

    role = forms.ChoiceField(
        label="As",
        choices=[(one.value, one.label) for one in (StateRole.Role.POST_STAFF, StateRole.Role.DIRECTOR_AGENT)],
        help_text="A designated agent decides in the Director’s place, and names people. POST staff do not.",
        error_messages={"required": "Say as what."},
    )
    field_order = ("role", "email", "name")
