"""Two records of one person: compared, joined, parted again."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from clee_portal import clock
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from training import access, licensing, selectors
from training.forms import register as forms
from training.models import Officer, OfficerMerge, TrainingRecord
from training.services import merges, officers
from training.views.register_officers import _OfficerChangeView


class OfficerMergeView(_OfficerChangeView):
    """Join another record with this officer's: first its number, then both side by side, then the act."""

    template_name = "training/register_merge.html"
    changes_a_license = True
    what = "Register, two records compared"

    def found(self) -> Officer:
        """The officer whose record is kept, and the other where its number is in the address."""
        kept = super().found()
        self.other = None
        seen = Officer.objects.visible_to(self.request.user).filter(merged_into=None).exclude(pk=kept.pk)
        if number := self.request.GET.get("other", "").replace("\0", "").strip():
            self.other = seen.filter(license_number=number.upper().lstrip("#")).first()
            if self.other:
                accesses.saw(self.request, self.other.license_number, self.what)
        return kept

    def is_the_act(self, request) -> bool:
        """Finding the other record changes nothing."""
        return self.other is not None

    @property
    def heading(self) -> str:
        """What is asked."""
        return "Are they one person?" if self.other else "Which record is of the same person?"

    @property
    def intro(self) -> str:
        """What follows."""
        if not self.other:
            return f"The record of license {self.object.license_number} is kept; all of the other one is moved to it."
        return (
            f"Everything of license {self.other.license_number} moves to {self.object.license_number}: hours, license "
            "events, commissions, requests. What both say of one training counts once. Nothing is deleted, each row "
            "that moved is remembered, and the two can be parted again."
        )

    @property
    def button(self) -> str:
        """What it does."""
        return "Join the two records" if self.other else "Compare"

    def get_form_class(self):
        """The number first."""
        return forms.MergeForm if self.other else forms.MergeFindForm

    def get_form_kwargs(self) -> dict:
        """Also whether two licenses have to be confirmed."""
        given = super().get_form_kwargs()
        if self.other:
            given["hold_both"] = merges.hold_licenses(self.object, self.other, self.today)
        return given

    def get_context_data(self, **kwargs):
        """Both records, and what stands in the way."""
        more = {}
        if self.other:
            more = {
                "kept": described(self.object),
                "other": described(self.other),
                "obstacles": merges.obstacles(self.object, self.other, self.today),
                "swapped": reverse("training:officer_merge", args=[self.other.license_number])
                + f"?{urlencode({'other': self.object.license_number})}",
            }
        context = super().get_context_data(**more, **kwargs)
        return context | {"hold_both": "both_valid" in context["form"].fields}

    def act(self, form):
        """Go on to the other record, or join the two."""
        if self.other is None:
            number = officers.number_from(form.cleaned_data["other"]) if form.cleaned_data["other"] else ""
            if number == self.object.license_number:
                raise Refused("This is the same record. Give the number of the other one.", field="other")
            if not Officer.objects.filter(license_number=number, merged_into=None).exists():
                raise Refused(selectors.nobody_has(number), field="other")
            return redirect(f"{self.request.path}?{urlencode({'other': number})}")
        given = {"both_valid": False, **form.cleaned_data}
        made = merges.merge(by=self.request.user, kept=self.object, merged=self.other, today=self.today, **given)
        return f"Joined: what stood under license {made.license_number} stands with {self.object} now."


def described(officer: Officer) -> dict:
    """One record beside the other: what tells people apart."""
    events = licensing.events_of(officer, clock.END_OF_TIME)
    birth = getattr(officer, "birth_date", None)
    return {
        "officer": officer,
        "born_on": birth.born_on if birth else None,
        "state": licensing.state_on(events, clock.today()),
        "issued_on": next((one.occurred_on for one in events if one.kind == licensing.Kind.ISSUED), None),
        "commissions": officer.commissions.filter(set_aside_by=None).select_related("agency"),
        "records": TrainingRecord.objects.live().filter(officer=officer).count(),
        "former_names": officer.former_names.all(),
    }


class MergeUndoView(_OfficerChangeView):
    """Part two records again."""

    form_class = forms.SourceForm
    heading = "Part the two records again?"
    button = "Part them"
    is_grave = True
    changes_a_license = True

    def found(self) -> Officer:
        """The officer whose record was kept."""
        if not access.can_keep_register(self.request.user):
            raise PermissionDenied
        done = OfficerMerge.objects.filter(kept__in=Officer.objects.visible_to(self.request.user), undone_at=None)
        self.merge = get_object_or_404(done.select_related("kept", "merged"), pk=self.kwargs["pk"])
        accesses.saw(self.request, self.merge.kept.license_number, self.what)
        return self.merge.kept

    @property
    def intro(self) -> str:
        """What goes back."""
        one = self.merge
        return (
            f"{one.rows.count()} rows go back to {one.merged.sorted_name}, license {one.license_number}: those that "
            "were moved, and what replaced them since. What was entered since for the record that is kept stays there."
        )

    def act(self, form):
        """Part them."""
        done = merges.undo(by=self.request.user, merge=self.merge, **form.cleaned_data)
        return f"Parted: license {done.license_number} is a record of its own again."
