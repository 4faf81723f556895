"""The forms by which officers report what is missing or wrong, and by which it is answered. Choices come in scoped."""

import uuid

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clee_portal.refusal import Refused
from compliance.forms.relief import FilesField
from compliance.models import RecordReport, RecordReportDocument
from training import hours
from training.bodies import Body
from training.models import Agency, Delivery, Provider, RecognizedSource

Answer = RecordReport.Answer
OTHER, UNKNOWN = "other", "unknown"


def _day(label: str, **more) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control field-date"})
    messages = {"invalid": _("That is not a date. Write it like 2026-03-01."), "required": _("Give the day.")}
    return forms.DateField(label=label, widget=widget, error_messages=messages, **more)


def _text(label: str, longest: int, required: str = "", **more) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=bool(required),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": required},
        **more,
    )


def _words(label: str, longest: int = 1000, required: str = "", **more) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=bool(required),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": required},
        **more,
    )


class HoursField(forms.CharField):
    """Hours in all, as people write them."""

    def __init__(self, **more):
        super().__init__(
            max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **more
        )

    def clean(self, value):
        """A number of hours; None where nothing was typed."""
        if not (typed := super().clean(value).strip()):
            return None
        try:
            return hours.parse_hours(typed)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None


def named(typed: str) -> Body | None:
    """The agency or provider of this name, code or license number; None where it is nobody's."""
    typed = " ".join(typed.split())
    agency = Agency.objects.filter(Q(code=typed.lower()) | Q(name__iexact=typed)).order_by("pk").first()
    if agency or not typed:
        return agency
    found = Provider.objects.filter(Q(name__iexact=typed) | Q(licenses__number__iexact=typed))
    return found.order_by("pk").first()


def _found(typed: str) -> Body:
    body = named(typed)
    if body is None:
        raise forms.ValidationError(
            gettext("No agency or provider is called “%(typed)s”. Write the name as it stands on the certificate.")
            % {"typed": typed[:60]}
        )
    return body


class _OfficerForm(forms.Form):
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False

    def clean_submission_key(self) -> uuid.UUID:
        """A page that lost its key makes a new report."""
        return self.cleaned_data["submission_key"] or uuid.uuid4()


class MissingForm(_OfficerForm):
    """A class that is missing: what, when, who gave it, and what shows it. `bodies` are those the officer knows."""

    title = _text(_("What was the class called?"), 200, _("Give the title of the class."))
    completed_on = _day(_("On which day did it end?"))
    hours = HoursField(label=_("How many hours? (optional)"), required=False)
    who = forms.ChoiceField(
        label=_("Who gave it, or entered it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who gave it. If you do not know, say so; POST finds out.")},
    )
    other = _text(
        _("Name of the other agency or provider"),
        200,
        help_text=_("As it stands on the certificate. Only if it is not in the list."),
    )
    words = _words(_("Anything they should know (optional)"), 2000)
    documents = FilesField(label=_("Certificate, sign-in sheet, or a photo of it"))

    def __init__(self, *args, bodies: dict[str, Body], **kwargs):
        super().__init__(*args, **kwargs)
        self.bodies = bodies
        choices = [(code, str(one)) for code, one in bodies.items()]
        self.fields["who"].choices = [
            *choices,
            (OTHER, gettext("Another agency or provider")),
            (UNKNOWN, gettext("I do not know")),
        ]

    def clean(self) -> dict:
        """Also whom it is put to (`body`)."""
        given = super().clean()
        given["body"] = self.bodies.get(given.get("who", ""))
        if given.get("who") == OTHER:
            try:
                given["body"] = _found(given.get("other", ""))
            except forms.ValidationError as wrong:
                self.add_error("other", wrong)
        return given


class WrongForm(_OfficerForm):
    """What is wrong with a class on the record."""

    words = _words(
        _("What is wrong, and what is right?"),
        2000,
        _("Say what is wrong, for example the day or the hours."),
        help_text=_("For example: it was eight hours, not four."),
    )
    documents = FilesField(label=_("What shows it (optional)"))


class OutsideForm(_OfficerForm):
    """Training of another state, a federal agency or an organization, with both proofs (11 CSR 75-15.050)."""

    title = _text(_("What was the training called?"), 200, _("Give the title."))
    source = _text(_("Who gave it?"), 200, _("Say who gave it."), help_text=_("The school or agency that taught you."))
    approved_by = _text(
        _("Who approved it?"),
        200,
        _("Say which state, federal agency or organization approved it."),
        help_text=_(
            "For example: Kansas CPOST, or a federal agency. It has to stand on the Director’s list of the year."
        ),
    )
    starts_on = _day(_("First day"), required=False, help_text=_("Empty if it was one day."))
    completed_on = _day(_("Last day"))
    hours = HoursField(label=_("How many hours?"), error_messages={"required": _("Give the hours.")})
    delivery = forms.ChoiceField(
        label=_("How was it held?"),
        choices=[(value, _(label)) for value, label in Delivery.choices],
        initial=Delivery.CLASSROOM,
        widget=forms.RadioSelect,
    )
    words = _words(_("Anything POST should know (optional)"), 2000)
    approved = FilesField(label=_("Proof that it was approved there"))
    completed = FilesField(label=_("Proof that you completed it"))


class AddDocumentsForm(forms.Form):
    """More documents for a report; of training elsewhere with what they prove."""

    proof = forms.ChoiceField(
        label=_("What do they prove?"),
        choices=RecordReportDocument.Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it proves.")},
    )
    documents = FilesField(label=_("Documents"))

    def __init__(self, *args, is_outside: bool, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False
        if not is_outside:
            del self.fields["proof"]


class _SeenForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.use_required_attribute = False

    def clean_seen(self) -> int:
        """How far the report was when the page was made."""
        return -1 if self.cleaned_data["seen"] is None else self.cleaned_data["seen"]


class AnswerForm(_SeenForm):
    """The answer of an agency or a provider. `classes` and `records` are what it may name."""

    said = forms.ChoiceField(
        label=_("What is right?"), widget=forms.RadioSelect, error_messages={"required": _("Choose an answer.")}
    )
    training_class = forms.ModelChoiceField(
        label=_("Add the officer to this class now"),
        queryset=None,
        required=False,
        empty_label=_("No, it is entered later"),
        help_text=_("Your classes that ended on that day, without this officer."),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    record = forms.ModelChoiceField(
        label=_("Which entry it is"),
        queryset=None,
        required=False,
        empty_label="–",
        help_text=_("Only for “on the record already”."),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    words = _words(_("A word to the officer"), help_text=_("The officer reads it. Needed where you say no."))

    def __init__(self, *args, report: RecordReport, classes, records, **kwargs):
        super().__init__(*args, **kwargs)
        is_wrong = report.kind == RecordReport.Kind.WRONG
        self.fields["said"].choices = [
            (
                Answer.COMING,
                gettext("Yes, it is wrong: it will be corrected") if is_wrong else gettext("Yes: it will be added"),
            ),
            (Answer.THERE, gettext("No, the record is right") if is_wrong else gettext("It is on the record already")),
            (Answer.NOT_OURS, gettext("It is not ours to mend")),
        ]
        self.fields["training_class"].queryset = classes
        self.fields["record"].queryset = records
        self.fields["record"].label_from_instance = lambda one: f"{one.training_class}, {one.completed_on:%b %-d, %Y}"
        for name, rows in (("training_class", classes), ("record", records)):
            if is_wrong or not rows.exists():
                del self.fields[name]
        if not is_wrong and "record" not in self.fields:  # nothing of theirs is on the record that it could be
            said = self.fields["said"]
            said.choices = [choice for choice in said.choices if choice[0] != Answer.THERE]


class DisagreeForm(_SeenForm):
    """Why it is not settled."""

    words = _words(_("What is still not right?"), required=_("Say what is still not right."))


class DecideForm(_SeenForm):
    """POST puts a report to somebody else, or closes it."""

    HAND_ON, REFUSE = "hand_on", "refuse"
    act = forms.ChoiceField(
        label=_("What is done?"),
        choices=[(HAND_ON, _("Put it to an agency or provider")), (REFUSE, _("Close it without a change"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is done.")},
    )
    to = _text(_("Agency or provider"), 200, help_text=_("Its name, code or license number."))
    words = _words(_("Why"), help_text=_("The officer reads it where it is closed."))

    def __init__(self, *args, report: RecordReport, **kwargs):
        super().__init__(*args, **kwargs)
        if report.kind != RecordReport.Kind.MISSING:
            self.fields["act"].choices = [(self.REFUSE, gettext("Close it without a change"))]
            self.fields["act"].initial = self.REFUSE
            del self.fields["to"]

    def clean(self) -> dict:
        """Also to whom (`body`)."""
        given = super().clean()
        if given.get("act") == self.HAND_ON:
            try:
                given["body"] = _found(given.get("to", ""))
            except forms.ValidationError as wrong:
                self.add_error("to", wrong)
        return given


class OutsideDecideForm(_SeenForm):
    """POST records training elsewhere, on the Director's list or in spite of it, or says why not."""

    RECORD, REFUSE = "record", "refuse"
    act = forms.ChoiceField(
        label=_("What is decided?"),
        choices=[(RECORD, _("Record it with the hours below")), (REFUSE, _("Do not record it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is decided.")},
    )
    recognized = forms.ModelChoiceField(
        label=_("Who of the Director’s list approved it"),
        queryset=RecognizedSource.objects.none(),
        required=False,
        empty_label=_("Nobody of the list"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    although = _words(_("Why it is recorded although nobody of the list approved it"), 300)
    words = _words(_("Why it is not recorded"), help_text=_("The officer reads it."))

    def __init__(self, *args, report: RecordReport, **kwargs):
        super().__init__(*args, **kwargs)
        year = report.completed_on.year
        self.fields["recognized"].queryset = RecognizedSource.objects.live().in_year(year)
        self.fields["recognized"].help_text = gettext("The list of %(year)s (11 CSR 75-15.050).") % {"year": year}
