"""The provider's list of who is registered for a class: seats, wait-list, who has paid, whom to call."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Value, When
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView, View

from clee_portal import clock
from clee_portal.refusal import Refused
from clee_portal.ticked import numbers
from training import access, registering, registration_words, seats_said
from training.forms.registrations import PaidForm
from training.models import Registration, ScheduledClass
from training.services import seats
from training.views.listing import FileMixin
from training.views.seat_facts import OF_A_CLASS, facts_of

State = Registration.State
_ORDER = (State.REGISTERED, State.OFFERED, State.WAITING)


class OfClassMixin:
    """The registrations of a class, among those whose working pages are open to the person."""

    def setup(self, request, *args, **kwargs):
        """The class; another does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = ScheduledClass.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.held = get_object_or_404(found.select_related("course", "provider").prefetch_related(*OF_A_CLASS))

    def rows(self) -> list[registration_words.Row]:
        """Seats by name, then offers and the wait-list in their order, then what has ended."""
        order = Case(
            *(When(state=state, then=Value(at)) for at, state in enumerate(_ORDER)), default=Value(len(_ORDER))
        )
        found = seats_said.whole(self.held.registrations.annotate(kind=order))
        by_turn = Case(When(state__in=_ORDER[1:], then="turn"), default=Value(0), output_field=IntegerField())
        found = found.annotate(by_turn=by_turn).order_by("kind", "by_turn", "officer__search_name", "turn")
        return registration_words.rows(self.request.user, found)


class ClassRegistrationsView(OfClassMixin, TemplateView):
    """Who comes, who waits, who has paid; one button notes fees of those ticked."""

    template_name = "training/registrations_of_class.html"

    def post(self, request, reference: str):
        """Note that those ticked have paid, or have not."""
        if not access.can_keep_registrations(request.user, self.held.provider):
            raise PermissionDenied
        form, ticked = PaidForm(request.POST), numbers(request.POST.getlist("registrations"))
        step = request.POST.get("step")
        if step not in ("paid", "unpaid"):
            return self.get(request, reference=reference)
        if not ticked:
            form.add_error(None, "Tick at least one registration.")
        if step == "unpaid" and ticked:
            form.errors.clear()
        if form.errors:
            return self.render_to_response(self.get_context_data(form=form, ticked=ticked))
        on = form.cleaned_data["on"] if step == "paid" else None
        try:
            count = seats.mark_paid(by=request.user, held=self.held, registrations=ticked, on=on)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
            return self.render_to_response(self.get_context_data(form=form, ticked=ticked))
        words = f"1 registration is marked as {step}." if count == 1 else f"{count} registrations are marked as {step}."
        messages.success(request, words)
        return redirect("training:registrations_of_class", reference=self.held.reference)

    def get_context_data(self, **kwargs):
        """The lists, counted."""
        rows = self.rows()
        kwargs.setdefault("form", PaidForm(initial={"on": clock.today()}))
        return super().get_context_data(
            **facts_of(self.held),
            seated=[row for row in rows if row.one.state == State.REGISTERED],
            offered=[row for row in rows if row.one.state == State.OFFERED],
            waiting=[row for row in rows if row.one.state == State.WAITING],
            ended=[row for row in rows if not row.one.is_live],
            paid=sum(1 for row in rows if row.one.state == State.REGISTERED and row.one.paid_on),
            may_keep=access.can_keep_registrations(self.request.user, self.held.provider),
            closed=registering.closed_because(self.held, clock.now(), by_provider=True),
            **kwargs,
        )


class ClassRegistrationsFileView(OfClassMixin, FileMixin, View):
    """The registrations of a class as a file."""

    header = (
        "Name", "License number", "Code", "State", "Place on the wait-list", "Offer ends", "Asked at", "Seat since",
        "Registered by", "Ended at", "Why it ended", "Fee", "Paid on",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which class, as of today."""
        return f"registrations-{self.held.reference}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each registration, in the order of the page."""
        return [
            (
                row.name, row.number, row.one.code, row.one.get_state_display(),
                row.one.place if row.one.state == State.WAITING else None,
                row.one.offered_until if row.one.state == State.OFFERED else None,
                row.one.asked_at, row.one.seated_at, row.by, row.one.ended_at, row.one.end_reason, self.held.fee,
                row.one.paid_on,
            )
            for row in self.rows()
        ]  # fmt: skip
