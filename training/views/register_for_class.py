"""Registering for a class in the calendar: the officer's own page, and the provider's for a caller."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import View

from clee_portal import clock
from clee_portal.refusal import Refused
from training import access, registering, wait_list
from training.forms.registrations import CallerForm, RegisterForm
from training.models import Agency, Officer, Registration, ScheduledClass
from training.models.memberships import memberships_of, scope_of
from training.registering import Look, NeedsAccepting
from training.services import registrations
from training.views.one_form import OneFormView
from training.views.registrations import RegistrationView
from training.views.seat_facts import facts_of, published

NOTHING = Look({}, {})


class RegisterForClassView(View):
    """An officer registers for a class, or asks for a turn on its wait-list."""

    def setup(self, request, *args, **kwargs):
        """The class, and the licenses the person may register."""
        super().setup(request, *args, **kwargs)
        self.held = published(kwargs["reference"])
        own = {one.officer_id: one.officer for one in memberships_of(request.user) if one.officer_id}
        self.licenses = sorted(own.values(), key=lambda one: one.license_number)

    def chosen(self, given: str) -> Officer | None:
        """The officer of a license number, among the person's own; the first without one."""
        if not given:
            return next(iter(self.licenses), None)
        return next((one for one in self.licenses if one.license_number == given), None)

    def get(self, request, reference: str):
        """What the class is, what there is to know before, and one button."""
        return self.page(RegisterForm(), self.chosen(request.GET.get("license", "")))

    def post(self, request, reference: str):
        """Register, and show what came of it."""
        form = RegisterForm(request.POST)
        officer = self.chosen(request.POST.get("license", ""))
        if officer is None:
            raise Http404
        if not form.is_valid():
            return self.page(RegisterForm(), officer)
        try:
            answer = registrations.register(
                by=request.user,
                held=self.held,
                officer=officer,
                submission_key=form.cleaned_data["submission_key"],
                accepts=form.cleaned_data["accepts"],
            )
        except NeedsAccepting as needed:
            return self.page(form, officer, found=needed.found, refusal=needed.message)
        except Refused as refusal:
            self.held.refresh_from_db()
            return self.page(form, officer, refusal=refusal.message)
        one = answer.registrations[0]
        if not answer.is_new:
            return redirect("training:registration", reference=one.code)
        return RegistrationView.confirming(request, one)

    def page(self, form: RegisterForm, officer: Officer | None, *, found: Look | None = None, refusal: str = ""):
        """The page, of the officer chosen."""
        now, user = clock.now(), self.request.user
        mine = None
        if officer:
            mine = Registration.objects.live().filter(scheduled_class=self.held, officer=officer).first()
            if found is None and mine is None:
                found = registering.look(self.held, [officer])
        waiting = wait_list.how_many_wait(self.held)
        context = {
            **facts_of(self.held),
            "form": form,
            "officer": officer,
            "licenses": self.licenses,
            "mine": mine,
            "found": found or NOTHING,
            "refused": (found or NOTHING).refused.get(officer.pk, "") if officer else "",
            "warnings": (found or NOTHING).warned.get(officer.pk, []) if officer else [],
            "refusal": refusal,
            "closed": registering.closed_because(self.held, now),
            "waiting": waiting,
            "place": wait_list.ordinal(waiting + 1),
            "has_seat": self.held.seats_left > 0,
            "agencies": list(Agency.objects.filter(pk__in=scope_of(user).entering).order_by("name")),
            "is_school": access.can_keep_registrations(user, self.held.provider),
        }
        return render(self.request, "training/register_for_class.html", context)


class CallerView(OneFormView):
    """The provider registers somebody who calls."""

    template_name = "training/registration_add.html"
    form_class = CallerForm

    def setup(self, request, *args, **kwargs):
        """The class, among those whose working pages are open to the person."""
        super().setup(request, *args, **kwargs)
        found = ScheduledClass.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.held = get_object_or_404(found.select_related("course", "provider"))
        self.found = NOTHING

    def dispatch(self, request, *args, **kwargs):
        """Only the provider's staff and POST."""
        if not access.can_keep_registrations(request.user, self.held.provider):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The class, and what there is to know of the caller."""
        officer = getattr(kwargs.get("form"), "officer", None)
        return super().get_context_data(
            **facts_of(self.held),
            closed=registering.closed_because(self.held, clock.now(), by_provider=True),
            waiting=wait_list.how_many_wait(self.held),
            found=self.found,
            warnings=self.found.warned.get(officer.pk, []) if officer else [],
            **kwargs,
        )

    def act(self, form):
        """Register the caller, and show the registration, whose code is read to them."""
        try:
            answer = registrations.register(
                by=self.request.user,
                held=self.held,
                officer=form.officer,
                submission_key=form.cleaned_data["submission_key"],
                accepts=form.cleaned_data["accepts"],
            )
        except NeedsAccepting as needed:
            self.found = needed.found
            raise
        one = answer.registrations[0]
        return redirect(reverse("training:registration", args=[one.code]) + ("?done=1" if answer.is_new else ""))
