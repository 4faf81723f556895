"""One registration: the seat with its code, the place on the wait-list, an offer to answer; giving it back, handing it
over. And an officer's own classes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.history import accesses
from clee_portal.refusal import Refused
from training import access, names_shown, registering, registration_words, seats_said, wait_list
from training.forms.registrations import GiveBackForm, HandOverForm
from training.models import Agency, Officer, Registration, TrainingRecord
from training.models.memberships import scope_of
from training.moments import moment_words
from training.registering import Look, NeedsAccepting
from training.services import evaluations, registrations, seats
from training.views.one_form import OneFormView
from training.views.seat_facts import facts_of

State = Registration.State


class OneRegistrationMixin:
    """One registration by its code, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The registration; another does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = Registration.objects.visible_to(request.user).with_reference(kwargs["reference"])
        self.one = get_object_or_404(seats_said.whole(found))
        self.is_own = self.one.officer_id in scope_of(request.user).officer_ids
        if not self.is_own:
            what = f"Registration in {self.one.scheduled_class.reference}"
            accesses.saw(request, self.one.officer.license_number, what)

    def desks(self) -> list[Agency]:
        """The agencies of the officer for which the person may register and hand over."""
        entering = scope_of(self.request.user).entering
        serving = Agency.objects.filter(
            pk__in=self.one.officer.commissions.in_force(clock.today()).values("agency")
        ).order_by("name")
        return [one for one in serving if one.pk in entering or access.can_register_officers(self.request.user, one)]

    def get_context_data(self, **kwargs):
        """The registration, its class, and whose it is."""
        user, held = self.request.user, self.one.scheduled_class
        now = clock.now()
        return super().get_context_data(
            **facts_of(held),
            one=self.one,
            chip=registration_words.chip(self.one),
            is_own=self.is_own,
            name=(name := names_shown.name_for(user, self.one.officer)),
            who=gettext("An officer") if name == names_shown.CLOSED else self.one.officer.full_name,
            number=names_shown.number_for(user, self.one.officer),
            may_change=access.can_give_back(user, self.one) and now < held.begins_at,
            is_late=seats.is_late(held, self.one, now),
            **kwargs,
        )


class RegistrationView(OneRegistrationMixin, TemplateView):
    """The registration, also as the confirmation after it was made."""

    template_name = "training/registration.html"

    @classmethod
    def confirming(cls, request, one: Registration):
        """The page of an officer's own registration that was made this moment, as the answer to the button itself:
        where hundreds press it at once, nobody has to ask a second time. A script gives the page its own address."""
        view = cls()
        view.request, view.args, view.kwargs = request, (), {"reference": one.code}
        view.one, view.is_own = one, True
        place = wait_list.place_of(one) if one.state == State.WAITING else None
        one.place = place.number if place else 0
        return view.render_to_response(view.get_context_data(is_done=True, place=place))

    def post(self, request, reference: str):
        """Take the seat that is offered, or let it go."""
        if not access.can_give_back(request.user, self.one):
            raise PermissionDenied
        step = request.POST.get("step")
        if step not in ("take", "let_go"):
            return self.get(request, reference=reference)
        try:
            done = seats.answer(by=request.user, registration=self.one, takes=step == "take")
        except Refused as refusal:
            messages.warning(request, refusal.message)
            return redirect("training:registration", reference=self.one.code)
        return redirect(reverse("training:registration", args=[done.code]) + "?done=1")

    def get_context_data(self, **kwargs):
        """Also the code as a picture, the place in line, and who else acts for the officer."""
        one, held, now = self.one, self.one.scheduled_class, clock.now()
        last_hours = registering.offer_ends(now, held.begins_at, held.offer_hours) is None
        is_past = now >= held.ends_at
        is_outsider = not self.is_own and self.is_outsider()
        has_code = one.state == State.REGISTERED and not is_past and not is_outsider
        handed_to = self.handed_to()
        desks = self.desks() if one.state == State.REGISTERED and now < held.begins_at else []
        kwargs.setdefault("is_done", "done" in self.request.GET)
        if "place" not in kwargs:
            kwargs["place"] = wait_list.place_of(one) if one.state == State.WAITING else None
        return super().get_context_data(
            is_past=is_past,
            record=self.record(),
            picture=registration_words.picture(one) if has_code else "",
            together=self.together(),
            is_free=one.state == State.WAITING and held.seats_left > 0 and last_hours and now < held.begins_at,
            over=one.state == State.OFFERED and one.offered_until < now,
            give_back_until=moment_words(held.begins_at - held.cancel_hours * registering.HOUR),
            desks=desks,
            closed=registering.closed_because(held, now) if one.state == State.LAPSED else "",
            is_school=access.can_keep_registrations(self.request.user, held.provider),
            # It may tell of classes elsewhere and of the license: nothing for the provider.
            accepted=[] if is_outsider else one.accepted.splitlines(),
            handed_to=handed_to and names_shown.full_name_for(self.request.user, handed_to.officer),
            may_evaluate=self.is_own and one.state == State.REGISTERED and not evaluations.why_not(one),
            **kwargs,
        )

    def record(self) -> TrainingRecord | None:
        """What was credited of the class, once it is confirmed."""
        confirmed = self.one.scheduled_class.training_class_id
        if confirmed is None:
            return None
        theirs = TrainingRecord.objects.visible_to(self.request.user).live().select_related("training_class")
        return theirs.filter(officer=self.one.officer_id, training_class=confirmed).first()

    def is_outsider(self) -> bool:
        """Whether the person sees it as the provider alone."""
        return not Officer.objects.visible_to(self.request.user).filter(pk=self.one.officer_id).exists()

    def together(self) -> int:
        """For how many seats the group of the registration waits; 0 where it waits alone."""
        if self.one.state != State.WAITING or not self.one.waits_together:
            return 0
        return Registration.objects.filter(group=self.one.group, state=State.WAITING).count()

    def handed_to(self) -> Registration | None:
        """The registration of the colleague who took the seat over, if it is open to the person."""
        if self.one.state != State.CANCELLED:
            return None
        later = Registration.objects.visible_to(self.request.user).filter(took_over_from=self.one)
        return later.select_related("officer").first()


class GiveBackView(OneRegistrationMixin, OneFormView):
    """Give a seat, an offer or a turn back."""

    template_name = "training/registration_give_back.html"
    form_class = GiveBackForm

    def dispatch(self, request, *args, **kwargs):
        """Only who may; what has ended is shown as it is."""
        if not access.can_give_back(request.user, self.one):
            raise PermissionDenied
        if not self.one.is_live:
            return redirect("training:registration", reference=self.one.code)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """Only by its button."""
        if request.POST.get("step") != "give_back":
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Give it back; the next on the wait-list is asked."""
        done = seats.give_back(by=self.request.user, registration=self.one, **form.cleaned_data)
        return redirect(reverse("training:registration", args=[done.code]) + "?done=1")


class HandOverView(OneRegistrationMixin, OneFormView):
    """Hand a seat to a colleague of the same agency."""

    template_name = "training/registration_hand_over.html"
    form_class = HandOverForm

    def dispatch(self, request, *args, **kwargs):
        """Only who may register officers of the agency; a seat that is gone is shown as it is."""
        self.agencies, self.found = self.desks(), Look({}, {})
        if not self.agencies:
            raise PermissionDenied
        if self.one.state != State.REGISTERED:
            return redirect("training:registration", reference=self.one.code)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        """The colleagues: commissioned at the same agency today, without a seat in the class."""
        seated = Registration.objects.seated().filter(scheduled_class=self.one.scheduled_class_id).values("officer")
        self.colleagues: dict[str, tuple[Agency, Officer]] = {}
        choices = []
        for agency in self.agencies:
            here = Officer.objects.commissioned_at(agency, clock.today()).exclude(pk__in=seated)
            people = [one for one in here if str(one.pk) not in self.colleagues]
            self.colleagues |= {str(one.pk): (agency, one) for one in people}
            choices.append((agency.name, [(str(one.pk), str(one)) for one in people]))
        return {**super().get_form_kwargs(), "colleagues": choices}

    def get_context_data(self, **kwargs):
        """Also what there is to know of the colleague."""
        warnings = [text for texts in self.found.warned.values() for text in texts]
        return super().get_context_data(found=self.found, warnings=warnings, agencies=self.agencies, **kwargs)

    def act(self, form):
        """Hand it over, and show the colleague's registration."""
        agency, colleague = self.colleagues[form.cleaned_data["officer"]]
        try:
            made = registrations.hand_over(
                by=self.request.user,
                registration=self.one,
                agency=agency,
                officer=colleague,
                accepts=form.cleaned_data["accepts"],
            )
        except NeedsAccepting as needed:
            self.found = needed.found
            raise
        return redirect(reverse("training:registration", args=[made.code]) + "?done=1")


class MyClassesView(TemplateView):
    """What an officer is registered for, waits for and is offered, and what is over."""

    template_name = "training/my_classes.html"

    def get_context_data(self, **kwargs):
        """Registrations of the person's own licenses: to answer, to come, waiting, over."""
        now = clock.now()
        ids = scope_of(self.request.user).officer_ids
        own = Registration.objects.filter(officer__in=ids).order_by("scheduled_class__begins_at", "pk")
        rows = [
            (one, registration_words.chip(one), seats_said.where(one.scheduled_class)) for one in seats_said.whole(own)
        ]
        ahead = [row for row in rows if row[0].is_live and row[0].scheduled_class.ends_at >= now]
        return super().get_context_data(
            has_license=bool(ids),
            several=len(ids) > 1,
            offered=[row for row in ahead if row[0].state == State.OFFERED and row[0].offered_until >= now],
            seated=[row for row in ahead if row[0].state == State.REGISTERED],
            waiting=[row for row in ahead if row[0].state == State.WAITING],
            over=[row for row in reversed(rows) if row not in ahead],
            to_evaluate=evaluations.waiting_for([row[0] for row in rows]),
            **kwargs,
        )
