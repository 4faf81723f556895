"""The forms of transcripts: which periods, and a file to check."""

import uuid

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import transcript_checks


class IssueForm(forms.Form):
    """Which periods a transcript speaks of. `years` are those it can."""

    years = forms.TypedMultipleChoiceField(
        label=_("Which periods?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one period."),
            "invalid_choice": _("Nothing is kept of that period for this officer. Choose among those shown."),
        },
    )
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, years: list[int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["years"].choices = [(year, str(year)) for year in years]

    def clean_submission_key(self) -> uuid.UUID:
        """A page that lost its key makes a new transcript."""
        return self.cleaned_data["submission_key"] or uuid.uuid4()


class CheckFileForm(forms.Form):
    """A file to check, with its signature if there is one. What it holds is looked at by `transcript_checks`."""

    file = forms.FileField(
        label=_("The transcript"),
        help_text=_("The PDF, or the data file (.json), as you got it."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf,application/json,.json"}),
        error_messages={
            "required": _("Choose the file of the transcript first."),
            "empty": _("The file is empty. Choose it again."),
        },
    )
    signature = forms.FileField(
        label=_("Its signature (optional)"),
        required=False,
        allow_empty_file=True,
        help_text=_("The small file with the ending .sig, where it came along. The portal knows its files without it."),
        widget=forms.FileInput(attrs={"accept": ".sig"}),
    )
    of = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_file(self):
        """No larger than any transcript is."""
        file = self.cleaned_data["file"]
        most = transcript_checks.MOST_BYTES
        if file.size > most:
            raise forms.ValidationError(
                gettext("This file is larger than %(most)s MB, and no transcript is. Choose the file as you got it.")
                % {"most": most // 1024 // 1024}
            )
        return file

    def clean_signature(self):
        """No larger than any signature is."""
        file = self.cleaned_data["signature"]
        if file and file.size > transcript_checks.MOST_OF_A_SIGNATURE:
            raise forms.ValidationError(gettext("This is too large for a signature. Send the .sig file as you got it."))
        return file
