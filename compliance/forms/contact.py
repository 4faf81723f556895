"""The forms of an officer's own contact details."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clee_portal.accounts.models import ContactDetails

MailTo = ContactDetails.MailTo
LONGEST_ADDRESS = 1000


class _Seen(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False

    def clean_seen(self) -> int:
        """How often something was changed when the page was made."""
        return -1 if self.cleaned_data["seen"] is None else self.cleaned_data["seen"]


class ContactForm(_Seen):
    """Telephone, address of record, where mail goes, and what the agency may see of it."""

    phone = forms.CharField(
        label=_("Telephone (optional)"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("A mobile number of your own, such as (573) 555-0107."),
    )
    postal_address = forms.CharField(
        label=_("Postal address"),
        max_length=LONGEST_ADDRESS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
        help_text=_("Your address of record with POST (RSMo 590.030). No agency sees it."),
    )
    address_before = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    mail_to = forms.ChoiceField(label=_("Mail about you goes to"), widget=forms.RadioSelect)
    is_open_to_agency = forms.BooleanField(
        label=_("My agency may see my own e-mail and telephone"),
        required=False,
        help_text=_("Its CEO and delegates, while you are commissioned there. Never the postal address."),
    )

    def __init__(self, *args, contact: ContactDetails, works_undercover: bool, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(MailTo.SIGN_IN, gettext("%(email)s (you sign in with it)") % {"email": contact.user.email})]
        if contact.email:
            choices.append((MailTo.OWN, gettext("%(email)s (your own)") % {"email": contact.email}))
        self.fields["mail_to"].choices = choices
        if len(choices) == 1:
            self.fields["mail_to"].required = False
            self.fields["mail_to"].widget = forms.HiddenInput()
        if works_undercover:
            del self.fields["is_open_to_agency"]

    def clean_mail_to(self) -> str:
        """Where it goes by itself, where there is no choice."""
        return self.cleaned_data["mail_to"] or MailTo.SIGN_IN


class AddressForm(_Seen):
    """An own e-mail address."""

    email = forms.EmailField(
        label=_("Your own e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the address."),
            "invalid": _("This is not an e-mail address. Write it as name@example.org."),
        },
        help_text=_("One that stays yours when you change the agency. A mail with a code goes there."),
    )


class CodeForm(forms.Form):
    """The code that went to the address."""

    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
        error_messages={"required": _("Write the code, such as ABCDE-23456.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
