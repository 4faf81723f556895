"""One officer in the register: what it says, the license, commissions, and every change with what it rests on."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.history import accesses
from training import access, changes, licensing
from training.forms import register as forms
from training.models import Commission, LicenseEvent, Officer, OfficerBirthDate
from training.services import commissions, licenses, officers
from training.views.register import ChangeView, SeesRegisterMixin


class _OneOfficerMixin:
    """An officer of the license number in the address; the look is kept in the record of access."""

    what = "Register"

    def found(self) -> Officer:
        """The officer, among those open to the person."""
        seen = Officer.objects.visible_to(self.request.user).select_related("license_class", "merged_into")
        one = get_object_or_404(seen, license_number=self.kwargs["license_number"])
        accesses.saw(self.request, one.license_number, self.what)
        return one


class OfficerRegisterView(SeesRegisterMixin, _OneOfficerMixin, TemplateView):
    """What the register says of one officer, and what was changed."""

    template_name = "training/register_officer.html"

    def get_context_data(self, **kwargs):
        """The person, the license and its events, commissions, other numbers and names, records joined, the changes."""
        officer, today = self.found(), clock.today()
        events = list(officer.license_events.select_related("license_class", "recorded_by", "voided_by"))
        held = list(officer.commissions.select_related("agency"))
        names, numbers = list(officer.former_names.all()), list(officer.former_numbers.all())
        merges = list(officer.merges.select_related("merged", "by"))
        keeps = access.can_keep_register(self.request.user)
        birth = OfficerBirthDate.objects.filter(officer=officer) if keeps else OfficerBirthDate.objects.none()
        story = [officer, *events, *held, *names, *numbers, *birth]
        return super().get_context_data(
            officer=officer,
            today=today,
            state=licensing.state_on(licensing.events_of(officer, clock.END_OF_TIME), today),
            events=[(one, one.kind in licenses.RECORDED_HERE) for one in reversed(events)],
            commissions=[(one, is_in_force(one, today)) for one in held if one.set_aside_by_id is None],
            former_names=names,
            former_numbers=[one for one in numbers if one.voided_at is None],
            merges=merges,
            birth=birth.first(),
            trail=changes.of(*story),
            sees_birth=keeps,
            may_keep=keeps and officer.merged_into_id is None,
            **kwargs,
        )


def is_in_force(one: Commission, day) -> bool:
    """Whether a commission is in force on `day`."""
    return one.started_on <= day and (one.ended_on is None or one.ended_on >= day)


class _OfficerChangeView(_OneOfficerMixin, ChangeView):
    """A change of one officer's entry."""

    what = "Register, a change of it"

    @property
    def eyebrow(self) -> str:
        """Whom it is about."""
        return f"{self.object.full_name} · license {self.object.license_number}"

    def crumbs(self) -> list[tuple[str, str]]:
        """The search, and the officer."""
        return [
            ("Find an officer", reverse("training:officer_find")),
            (self.object.sorted_name, reverse("training:officer_register", args=[self.object.license_number])),
        ]


class OfficerAddView(ChangeView):
    """Add a person to the register."""

    form_class = forms.OfficerAddForm
    heading = "Add an officer to the register."
    intro = (
        "Look the person up first, also under a former name: a second record of one person splits their hours. The "
        "license number is given once and identifies them everywhere."
    )
    button = "Add to the register"

    def crumbs(self) -> list[tuple[str, str]]:
        """The search."""
        return [("Find an officer", reverse("training:officer_find"))]

    def done_url(self) -> str:
        """The new officer; before that, the search."""
        return (
            reverse("training:officer_register", args=[self.object.license_number])
            if self.object
            else self.crumbs()[0][1]
        )

    def act(self, form):
        """Add them."""
        given = form.cleaned_data
        self.object = officers.add(
            by=self.request.user,
            license_number=given["license_number"],
            licensed_on=given["licensed_on"],
            license_class=given["license_class"],
            born_on=given["born_on"],
            source=given["source"],
            today=self.today,
            **forms.officer_facts(given),
        )
        return f"{self.object} is in the register."


class OfficerEditView(_OfficerChangeView):
    """Change what the register says of a person."""

    form_class = forms.OfficerEditForm
    heading = "Change what the register says."
    intro = "What it said before stays in the history below the officer’s entry, with what you write as its source."
    button = "Save the change"

    @cached_property
    def says(self) -> dict:
        """What it says."""
        return officers.stands(self.object, OfficerBirthDate.objects.filter(officer=self.object).first())

    def before(self) -> dict:
        """What it says."""
        return self.says

    def stands(self) -> dict:
        """The same."""
        return self.says

    def act(self, form):
        """Change it."""
        given = form.cleaned_data
        officers.edit(
            by=self.request.user,
            officer=self.object,
            born_on=given["born_on"],
            name_until=given["name_until"],
            source=given["source"],
            today=self.today,
            seen=self.seen,
            **forms.officer_facts(given),
        )
        return "Saved. What the register said before is in the history."


class OfficerNumberView(_OfficerChangeView):
    """Correct a license number."""

    form_class = forms.NumberForm
    heading = "Correct the license number."
    intro = (
        "All hours, commissions and papers stay with the officer. The old number still finds them; in a file it is "
        "held with the new one as a hint, and never taken for the officer by itself."
    )
    button = "Correct the number"

    def act(self, form):
        """Correct it."""
        old = self.object.license_number
        self.object = officers.correct_number(
            by=self.request.user, officer=self.object, today=self.today, **form.cleaned_data
        )
        return f"The license number is {self.object.license_number} from now on. {old} still finds this officer."


class OfficerLicenseView(_OfficerChangeView):
    """Record what happened to a license."""

    form_class = forms.LicenseEventForm
    heading = "Record what happened to the license."
    intro = (
        "Whether a license is made inactive for missing hours, or reinstated, the Director decides in a case "
        "(11 CSR 75-15.080): it is not among the choices. The standing follows at once."
    )
    button = "Record it"
    changes_a_license = True

    def before(self) -> dict:
        """A kind and a day that the page before proposed: an expiry."""
        asked = self.request.GET
        return {name: asked[name] for name in ("kind", "occurred_on") if name in asked}

    def act(self, form):
        """Record it."""
        made, is_new = licenses.record(by=self.request.user, officer=self.object, today=self.today, **form.cleaned_data)
        return f"{made}: recorded." if is_new else f"{made} was recorded already. Nothing was added."


class LicenseEventVoidView(_OfficerChangeView):
    """Take back an event that was recorded wrongly."""

    form_class = forms.SourceForm
    heading = "Take back what was recorded?"
    button = "Take it back"
    changes_a_license = True
    is_grave = True

    def found(self) -> Officer:
        """The officer of the event."""
        events = LicenseEvent.objects.filter(officer__in=Officer.objects.visible_to(self.request.user))
        self.event = get_object_or_404(events.select_related("officer"), pk=self.kwargs["pk"])
        accesses.saw(self.request, self.event.officer.license_number, self.what)
        return self.event.officer

    @property
    def intro(self) -> str:
        """What is taken back."""
        return (
            f"{self.event}. The entry stays in the history, struck out, with your reason. The standing follows at once."
        )

    def act(self, form):
        """Take it back."""
        licenses.void(by=self.request.user, event=self.event, **form.cleaned_data)
        return f"{self.event}: taken back."


class CommissionTransferView(_OfficerChangeView):
    """From one agency to another: the commission here ends and the next begins, in one act."""

    form_class = forms.TransferForm
    heading = "Transfer the officer to another agency."
    button = "Transfer"

    def found(self) -> Officer:
        """The officer of the commission."""
        held = Commission.objects.filter(officer__in=Officer.objects.visible_to(self.request.user), set_aside_by=None)
        self.commission = get_object_or_404(held.select_related("officer", "agency"), pk=self.kwargs["pk"])
        accesses.saw(self.request, self.commission.officer.license_number, self.what)
        return self.commission.officer

    @property
    def intro(self) -> str:
        """What ends."""
        since = self.commission.started_on
        return (
            f"Commissioned at {self.commission.agency} since {since:%B} {since.day}, {since.year}. The old agency sees "
            "the record until the last day there, the new one from today; hours and what is owed stay the officer’s."
        )

    def get_form_kwargs(self) -> dict:
        """Also which agencies there are."""
        return super().get_form_kwargs() | {"today": self.today, "apart_from": self.commission.agency}

    def act(self, form):
        """Transfer them."""
        given = form.cleaned_data
        made = commissions.transfer(
            by=self.request.user,
            commission=self.commission,
            to=given["to_code"],
            ended_on=given["ended_on"],
            started_on=given["started_on"],
            rank=given["rank"],
            is_reserve=given["is_reserve"],
            source=given["source"],
            today=self.today,
        )
        return f"Transferred: at {made.agency} from {made.started_on:%B} {made.started_on.day}, {made.started_on.year}."
