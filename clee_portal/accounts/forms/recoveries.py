"""Forms of the recovery of a lost second step."""

from django import forms

from clee_portal.accounts.models import User


class RecoveryOpenForm(forms.Form):
    """Whose second step is lost, and how it was made sure that it is they who call."""

    email = forms.EmailField(
        label="E-mail address of the account",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the address the person signs in with."},
    )
    identified_by = forms.CharField(
        label="How did you make sure who calls?",
        help_text="For example “Called back at the agency’s number on file; named the agency and the last class.” "
        "Never by a number the caller gave.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say how you made sure who calls."},
    )

    def clean_email(self) -> str:
        """The account has to exist."""
        self.user = User.objects.filter(email__iexact=self.cleaned_data["email"].strip()).first()
        if self.user is None:
            raise forms.ValidationError("No account has this address. Ask the person which one they sign in with.")
        return self.cleaned_data["email"]


class RecoveryUseForm(forms.Form):
    """The password, where the account has one."""

    password = forms.CharField(
        label="Your password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Write your password."},
    )
