"""The forms by which seats in classes are taken, given back and handed over."""

import uuid

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from training.forms.commissions import officer_of
from training.models import Officer
from training.names import plain
from training.services.registrations import Group


class KeyForm(forms.Form):
    """What every form that registers carries: a key that makes it one request, and which warnings were accepted."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    accepts = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    @property
    def key(self) -> str:
        """The key of this form: the one that was sent, or a new one."""
        return (self.data.get("submission_key") if self.is_bound else "") or str(uuid.uuid4())


class RegisterForm(KeyForm):
    """An officer registers themself, under one of their licenses."""

    license = forms.CharField(required=False, max_length=12)


class CallerForm(KeyForm):
    """Somebody on the phone: license number and last name have to be one officer's, so that nobody is found by
    guessing numbers."""

    number = forms.CharField(
        label=_("License number"),
        max_length=20,
        error_messages={"required": _("Ask for the license number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=80,
        error_messages={"required": _("Ask for the last name, as it stands on the license.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    officer: Officer | None = None

    def clean(self):
        """The officer both name."""
        given = super().clean()
        if "number" in given and "last_name" in given:
            found = officer_of(given["number"])
            if found is None or plain(found.last_name) != plain(given["last_name"]):
                self.add_error(
                    "number", gettext("No officer has this license number and this last name. Ask for both again.")
                )
            else:
                self.officer = found
        return given


class GroupForm(KeyForm):
    """An agency registers several; what happens where there are not seats for all."""

    group = forms.ChoiceField(
        required=False,
        label=_("If there are not seats for all of them"),
        choices=[
            (Group.FILL, _("As many as there are seats, by name; the rest on the wait-list")),
            (Group.TOGETHER, _("All of them on the wait-list, until there are seats for all at once")),
            (Group.NOBODY, _("Register nobody")),
        ],
        initial=Group.FILL,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    def clean_group(self) -> Group:
        """As many as there are seats, unless another choice was made."""
        return Group(self.cleaned_data["group"] or Group.FILL)


class GiveBackForm(forms.Form):
    """Why a seat is given back, if somebody wants to say."""

    reason = forms.CharField(
        label=_("Why? (optional)"),
        required=False,
        max_length=300,
        help_text=_("The provider reads it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class HandOverForm(forms.Form):
    """The colleague who goes instead."""

    officer = forms.ChoiceField(label=_("Who goes instead?"), error_messages={"required": _("Choose a colleague.")})
    accepts = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args, colleagues: list[tuple[str, list[tuple[str, str]]]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["officer"].choices = [("", gettext("Choose")), *colleagues]


class PaidForm(forms.Form):
    """The day on which fees were paid."""

    on = forms.DateField(
        label=_("Paid on"),
        error_messages={"required": _("Give the day."), "invalid": _("This is not a date. Write it as 11/03/2026.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
    )
