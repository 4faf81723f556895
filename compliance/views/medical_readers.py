"""Who may read medical documents: seen by the state's people, named by the Director or a designated agent."""

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from clee_portal.accounts.models import StateRole, User
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from compliance import access
from compliance.services import medical_readers
from training.views.listing import FileMixin
from training.views.one_form import OneFormView


class NameReaderForm(forms.Form):
    """One of those who act for the state and are not named yet."""

    user = forms.ModelChoiceField(
        label="Who",
        queryset=User.objects.none(),
        empty_label=None,
        error_messages={"required": "Choose somebody.", "invalid_choice": "Choose somebody from the list."},
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["user"].queryset = people


class MedicalReadersView(UserPassesTestMixin, StepUpMixin, OneFormView):
    """The list, and for whoever names them a form and a button each."""

    template_name = "compliance/medical_readers.html"
    form_class = NameReaderForm
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_relief_queue(self.request.user)

    def get_form_kwargs(self) -> dict:
        """With those who can be named."""
        held = StateRole.objects.current(self.today)
        acting = held.exclude(role=StateRole.Role.MEDICAL_READER).values("user")
        named = held.filter(role=StateRole.Role.MEDICAL_READER).values("user")
        people = User.objects.filter(pk__in=acting, is_active=True).exclude(pk__in=named).order_by("name", "pk")
        return super().get_form_kwargs() | {"people": people}

    def named(self):
        """Who is named today."""
        named = StateRole.objects.current(self.today).filter(role=StateRole.Role.MEDICAL_READER)
        return named.select_related("user").order_by("user__name", "pk")

    def get_context_data(self, **kwargs):
        """They, and whether the person names others."""
        return super().get_context_data(
            named=self.named(),
            may_name=access.can_name_medical_readers(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Name somebody, or end it by the button of a row."""
        if not access.can_name_medical_readers(request.user):
            raise PermissionDenied
        ending = request.POST.get("end", "")
        if not ending.isdecimal():
            return super().post(request, *args, **kwargs)
        held = StateRole.objects.filter(role=StateRole.Role.MEDICAL_READER, pk=ending[:15]).first()
        try:
            if held:
                medical_readers.end(by=request.user, held=held, today=self.today)
                messages.success(request, f"{held.user} may no longer read medical documents.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("compliance:medical_readers")

    def act(self, form):
        """Name them."""
        made = medical_readers.name(by=self.request.user, today=self.today, **form.cleaned_data)
        messages.success(self.request, f"{made.user} may read medical documents from today on.")
        return redirect("compliance:medical_readers")


class MedicalReadersFileView(FileMixin, MedicalReadersView):
    """Who is named today, as a file."""

    header = ("Name", "E-mail", "Since", "Until")

    def file_name(self) -> str:
        """As of today."""
        return f"readers-of-medical-documents-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each."""
        return [(one.user.name, one.user.email, one.starts_on, one.ends_on) for one in self.named()]
