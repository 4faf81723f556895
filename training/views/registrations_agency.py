"""Registrations of an agency's officers: the list, and registering several at once from the roster's tick list."""

import uuid

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import ListView, View

from clee_portal import clock
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import numbers
from training import access, licensing, registering, registration_words, roster, seats_said, wait_list
from training.forms.registrations import GroupForm
from training.models import Commission, Officer, Registration, ScheduledClass
from training.registering import Look, NeedsAccepting
from training.services import registrations
from training.views.listing import FileMixin
from training.views.one_form import AgencyMixin
from training.views.seat_facts import facts_of, published

A_PAGE = 50
COMING, OVER, ALL = "coming", "over", "all"
SHOWN = {COMING: "To come", OVER: "Over or ended", ALL: "All"}
State = Registration.State


class OfAgencyMixin(AgencyMixin):
    """The registrations of officers commissioned at the agency today, as they are asked for."""

    right = staticmethod(access.can_see_registrations)

    def get_queryset(self):
        """By what is shown, name or license number, class, and the request that made them."""
        given, now = self.request.GET, clock.now()
        self.shown = given.get("show") if given.get("show") in SHOWN else COMING
        self.words = given.get("q", "")[:100]
        # By their ids: asked for together with what is visible, every registration of the state would be read.
        here = set(Officer.ids_at_agencies([self.agency.pk]).values_list("officer", flat=True))
        found = Registration.objects.visible_to(self.request.user).filter(officer__in=here)
        self.group = _uuid(given.get("group", ""))
        if self.group:
            found, self.shown = found.filter(group=self.group, agency=self.agency), ALL
        elif self.shown == COMING:
            found = found.live().filter(scheduled_class__ends_at__gte=now)
        elif self.shown == OVER:
            coming = Registration.objects.live().filter(officer__in=here, scheduled_class__ends_at__gte=now)
            found = found.exclude(pk__in=coming)
        if reference := given.get("class", ""):
            found = found.filter(scheduled_class__in=ScheduledClass.objects.with_reference(reference))
        if self.words.strip():
            like = roster.commissions(self.agency, clock.today(), words=self.words).values("officer")
            found = found.filter(officer__in=like)
        if self.group:
            return seats_said.whole(found).order_by("turn")
        order = "scheduled_class__begins_at" if self.shown == COMING else "-scheduled_class__begins_at"
        return seats_said.whole(found).order_by(order, "scheduled_class", "officer__search_name", "pk")


def _uuid(given: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(given)
    except ValueError:
        return None


class AgencyRegistrationsView(OfAgencyMixin, PagesMixin, ListView):
    """Who of the agency is registered for what, waits or is offered a seat. With `?group=` the answer to a request."""

    template_name = "training/registrations_of_agency.html"
    paginate_by = A_PAGE

    def get_context_data(self, **kwargs):
        """The rows, and of a request who got what."""
        context = super().get_context_data(**kwargs)
        rows = [
            (one, registration_words.chip(one), registration_words.registered_by(one, self.agency.pk))
            for one in context["object_list"]
        ]
        answer = list(self.get_queryset()) if self.group else []
        return context | {
            "rows": rows,
            "shown": self.shown,
            "choices": SHOWN,
            "words": self.words,
            "asked_class": self.request.GET.get("class", ""),
            "group": answer and self.group,
            "of_group": answer[0].scheduled_class if answer else None,
            "seated": sum(one.state == State.REGISTERED for one in answer),
            "waiting": sum(one.state == State.WAITING for one in answer),
            "together": bool(answer) and answer[0].waits_together,
            "offered": [one for one in (answer or context["object_list"]) if one.state == State.OFFERED],
            "may_register": access.can_register_officers(self.request.user, self.agency),
        }


class AgencyRegistrationsFileView(OfAgencyMixin, FileMixin, View):
    """The registrations of an agency's officers as a file."""

    header = (
        "Officer", "License number", "Class", "Course", "Provider", "Begins", "Ends", "Place", "State",
        "Place on the wait-list", "Offer ends", "Registered by", "Asked at", "Fee", "Paid on",
    )  # fmt: skip

    def file_name(self) -> str:
        """Whose, and as of today."""
        return f"registrations-{self.agency.code}-{clock.today():%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each registration."""
        own = self.agency.pk
        return [
            (
                one.officer.sorted_name, one.officer.license_number, held.reference, held.course.title,
                held.provider.name, held.begins_at, held.ends_at, seats_said.where(held), one.get_state_display(),
                one.place if one.state == State.WAITING else None,
                one.offered_until if one.state == State.OFFERED else None,
                registration_words.registered_by(one, own), one.asked_at, held.fee, one.paid_on,
            )
            for one in self.get_queryset()
            for held in [one.scheduled_class]
        ]  # fmt: skip


class AgencyRegisterView(AgencyMixin, View):
    """Register officers of the agency for a class: choose the class, tick who goes, read who got what."""

    right = staticmethod(access.can_register_officers)
    template_name = "training/registrations_enter.html"

    def get(self, request, code: str):
        """The class asked for with the roster, whoever is asked for ticked; without one, how to find it."""
        asked = request.GET.get("class", "").strip()
        if not ScheduledClass.objects.published().with_reference(asked).exists():
            return self.without_class(asked)
        return self.page(published(asked), GroupForm(), ticked=set(numbers(request.GET.getlist("officers"))))

    def without_class(self, asked: str):
        """How to find the class; what was asked for, where there is none of that number."""
        return render(self.request, self.template_name, {"agency": self.agency, "asked": asked, "held": None})

    def post(self, request, code: str):
        """Register whoever is ticked, all by one request."""
        asked = request.POST.get("class", "").strip()
        if not ScheduledClass.objects.published().with_reference(asked).exists():
            return self.without_class(asked)
        held = published(asked)
        ticked = set(numbers(request.POST.getlist("officers")))
        form = GroupForm(request.POST)
        if not form.is_valid():
            return self.page(held, form, ticked=ticked)
        here = Officer.objects.commissioned_at(self.agency, clock.today()).filter(pk__in=ticked)
        found = Look({}, {})
        try:
            registrations.register_group(
                by=request.user, held=held, agency=self.agency, officers=list(here), **form.cleaned_data
            )
        except NeedsAccepting as needed:
            found = needed.found
            form.add_error(None, needed.message)
        except Refused as refusal:
            held.refresh_from_db()
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            group = form.cleaned_data["submission_key"]
            return redirect(f"{reverse('training:registrations_of_agency', args=[self.agency.code])}?group={group}")
        return self.page(held, form, ticked=ticked, found=found)

    def page(self, held: ScheduledClass, form: GroupForm, *, ticked: set[int], found: Look | None = None):
        """The roster of today with ticks, who has a seat already, and what there is to know."""
        today, found = clock.today(), found or Look({}, {})
        here = Commission.objects.in_force(today).filter(agency=self.agency).select_related("officer")
        officers = [one.officer for one in here.order_by("officer__search_name", "officer__license_number")]
        ids = [one.pk for one in officers]
        have = {
            one.officer_id: registration_words.chip(one)
            for one in wait_list.with_places(held.registrations.live().filter(officer__in=ids))
        }
        states = licensing.states_of(ids, clock.last_day(held.ends_at), clock.now())
        rows = [
            (one, one.pk in ticked, have.get(one.pk), states[one.pk], found.warned.get(one.pk, ())) for one in officers
        ]
        context = {
            **facts_of(held),
            "agency": self.agency,
            "form": form,
            "rows": rows,
            "ticked": len(ticked & set(ids)),
            "found": found,
            "closed": registering.closed_because(held, clock.now()),
            "waiting": wait_list.how_many_wait(held),
        }
        return render(self.request, self.template_name, context)
