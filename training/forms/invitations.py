"""Forms of onboarding: a fact confirmed, an account made, somebody invited, a list of many."""

from django import forms
from django.contrib.auth.password_validation import validate_password

from clee_portal.accounts.models import User
from training.facts_confirmed import Fact
from training.imports import limits
from training.models.memberships import RIGHTS, Membership

_EMAIL = {"required": "Give the person’s e-mail address.", "invalid": "This is no e-mail address."}


class FactForm(forms.Form):
    """The one question asked before an invitation connects somebody; none where POST holds nothing to ask."""

    def __init__(self, *args, fact: Fact | None, **kwargs):
        super().__init__(*args, **kwargs)
        if fact is None:
            return
        if fact.kind == "date":
            self.fields["answer"] = forms.DateField(
                label=fact.label,
                help_text=fact.help,
                error_messages={"required": "Give the date.", "invalid": "Write it as 12/31/1986."},
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "field-date"}),
            )
        else:
            self.fields["answer"] = forms.CharField(
                label=fact.label,
                help_text=fact.help,
                max_length=40,
                error_messages={"required": "Give it."},
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )


class NewAccountForm(forms.Form):
    """An account with a password, for the address the invitation went to."""

    name = forms.CharField(
        label="Your name",
        max_length=150,
        help_text="As others see it, for example Lena Macklin.",
        error_messages={"required": "Give your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="A password of your own",
        strip=False,
        help_text="At least 12 characters. Do not share it, and use it nowhere else.",
        error_messages={"required": "Choose a password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        """As strong as every password here."""
        chosen = self.cleaned_data["password"]
        validate_password(chosen, User(email=self.email, name=self.data.get("name", "")))
        return chosen


class InviteForm(forms.Form):
    """One officer, by license number."""

    license_number = forms.CharField(
        label="POST license number", max_length=20, error_messages={"required": "Give the license number."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    email = forms.EmailField(
        label="The officer’s own e-mail address",
        max_length=254,
        help_text="Not a shared mailbox: whoever reads it can try to connect.",
        error_messages=_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class AgainForm(forms.Form):
    """An invitation sent again, to the same address or another."""

    email = forms.EmailField(label="E-mail address", max_length=254, error_messages=_EMAIL)


class CampaignForm(forms.Form):
    """A list, pasted or as a file, and what the campaign is called."""

    name = forms.CharField(
        label="Name of the campaign",
        max_length=120,
        help_text="For example: County agencies, January.",
        error_messages={"required": "Give the campaign a name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    text = forms.CharField(
        label="License numbers and e-mail addresses",
        required=False,
        strip=False,
        help_text="One officer a line, copied from a spreadsheet or typed: 41733, m.calloway@example.org",
        widget=forms.Textarea(attrs={"rows": 8, "class": "form-control text-mono", "spellcheck": "false"}),
    )
    file = forms.FileField(label="Or a file: CSV or XLSX", required=False, allow_empty_file=True)

    def clean(self):
        """Something has to be given, and it has to be readable by its size."""
        cleaned = super().clean()
        given = cleaned.get("file")
        if given and given.size > limits.MOST_BYTES:
            self.add_error("file", f"The file is larger than {limits.in_megabytes(limits.MOST_BYTES)}.")
        elif not given and not (cleaned.get("text") or "").strip() and "file" not in self.errors:
            self.add_error("text", "Paste the list, or choose a file.")
        return cleaned


class RightsForm(forms.Form):
    """What a delegate may do."""

    rights = forms.MultipleChoiceField(
        label="What they may do",
        required=False,
        choices=[(name, Membership._meta.get_field(name).verbose_name.capitalize()) for name in RIGHTS],
        help_text="With none of them they see the agency’s pages and change nothing. Nobody but the CEO names people.",
        widget=forms.CheckboxSelectMultiple,
    )

    def chosen(self) -> dict[str, bool]:
        """Each right, and whether it is given."""
        return {name: name in self.cleaned_data["rights"] for name in RIGHTS}


class DeclineForm(forms.Form):
    """Why nothing is sent."""

    answer = forms.CharField(label="Why nothing is sent", max_length=200)
