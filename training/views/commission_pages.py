"""One commission: what POST was told of it, ending it, correcting it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from clee_portal import clock
from clee_portal.accounts.models import User
from clee_portal.history import accesses
from training import access, claims, licensing, notices, roster
from training.forms.commissions import CorrectForm, EndForm
from training.models import Agency, Commission, Membership
from training.models.memberships import scope_of
from training.services import commissions
from training.views.one_form import OneFormView


def open_to(user, pk: int) -> Commission:
    """The commission, among those of agencies open to `user`; another does not exist for them."""
    found = Commission.objects.filter(agency__in=Agency.objects.visible_to(user))
    return get_object_or_404(found.select_related("agency", "officer"), pk=pk)


class OneCommissionMixin:
    """One commission, among those of agencies open to the person."""

    def setup(self, request, *args, **kwargs):
        """The commission; one of an agency that is not theirs does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.today = clock.today()
        self.object = open_to(request.user, kwargs["pk"])
        if self.object.officer_id not in scope_of(request.user).officer_ids:
            accesses.saw(request, self.object.officer.license_number, f"Commission at {self.object.agency}")

    def get_context_data(self, **kwargs):
        """Also the commission and whether it may be changed."""
        return super().get_context_data(
            held=self.object,
            agency=self.object.agency,
            in_force=claims.is_in_force(self.object, self.today),
            days=notices.DAYS,
            may_keep=access.can_keep_roster(self.request.user, self.object.agency),
            **kwargs,
        )


class CommissionDetailView(OneCommissionMixin, TemplateView):
    """A commission: notices, who else claims the officer, history. After an act it is the confirmation."""

    template_name = "training/commission_detail.html"

    def get_context_data(self, **kwargs):
        """Also who else claims the officer, classes, and who changed what."""
        held, user = self.object, self.request.user
        elsewhere = claims.elsewhere([held], self.today).get(held.pk, [])
        return super().get_context_data(
            told=self.request.GET.get("told", ""),
            notices=notices.of(held),
            elsewhere=elsewhere,
            unsettled=[one for one in elsewhere if not one.is_settled],
            license=self.license(),
            classes_without=roster.classes_without(held, self.today),
            trail=_trail(held),
            may_settle=access.can_settle_claims(user),
            **kwargs,
        )

    def license(self):
        """The license, where the commission is in force and may not be held by it today."""
        if not claims.is_in_force(self.object, self.today):
            return None
        pk = self.object.officer_id
        state = licensing.states_of([pk], self.today, clock.END_OF_TIME)[pk]
        return None if state.may_hold_commission else state


def _trail(held: Commission) -> list[dict]:
    """What was written of a commission, newest first. Of another agency's people no name is told."""
    events = list(held.events.order_by("-pgh_id"))
    writers = {(one.pgh_context or {}).get("user") for one in events} - {None}
    users = {one.pk: one for one in User.objects.filter(pk__in=writers)}
    own = set(Membership.objects.filter(agency=held.agency_id, user__in=writers).values_list("user", flat=True))
    post = set(User.objects.filter(pk__in=writers, state_roles__isnull=False).values_list("pk", flat=True))
    told = []
    for one in events:
        note = one.pgh_context or {}
        pk = note.get("user")
        by = str(users[pk]) if pk in own else "POST" if pk in post else "another agency" if pk else ""
        told.append({"at": one.pgh_created_at, "why": note.get("reason") or "Recorded", "by": by, "row": one})
    return told


class _ChangeView(OneCommissionMixin, OneFormView):
    """A change of a commission. Where it leaves credit of the agency's classes outside, that is shown first."""

    def dispatch(self, request, *args, **kwargs):
        """Only those who keep the roster."""
        if not access.can_keep_roster(request.user, self.object.agency):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        """Do it, once what it leaves outside was seen."""
        given = form.cleaned_data
        first, last = given.get("started_on", self.object.started_on), given.get("ended_on")
        outside = roster.classes_outside(self.object, first, last) if not last or last >= first else []
        seen = f"{first} {last} {len(outside)}"
        if outside and self.request.POST.get("seen_outside") != seen:
            return self.render_to_response(self.get_context_data(form=form, outside=outside, seen_outside=seen))
        return super().form_valid(form)

    def done(self, told: str):
        """The commission, which says what was told."""
        return redirect(reverse("training:commission_detail", args=[self.object.pk]) + f"?told={told}")


class CommissionEndView(_ChangeView):
    """End a commission: last day and reason."""

    template_name = "training/commission_end.html"
    form_class = EndForm

    def get(self, request, *args, **kwargs):
        """What has ended already is shown instead of ended again."""
        if self.object.ended_on:
            return redirect("training:commission_detail", pk=self.object.pk)
        return super().get(request, *args, **kwargs)

    def act(self, form):
        """End it."""
        commissions.end(
            by=self.request.user,
            commission=self.object,
            ended_on=form.cleaned_data["ended_on"],
            reason=form.cleaned_data["end_reason"],
            today=self.today,
        )
        return self.done("ended")


class CommissionCorrectView(_ChangeView):
    """Correct what was told, or take an end back."""

    template_name = "training/commission_correct.html"
    form_class = CorrectForm

    def get_form_kwargs(self) -> dict:
        """Also whether there is an end to correct, or was one when the page was made."""
        has_ended = self.object.ended_on is not None or "ended_on" in self.request.POST
        return super().get_form_kwargs() | {"has_ended": has_ended}

    def get_initial(self) -> dict:
        """What was told."""
        typed = super().get_initial()
        if typed:  # a box that was left empty is not sent
            typed["is_reserve"] = bool(typed.get("is_reserve"))
        return commissions.stands(self.object) | typed

    def stands(self) -> dict:
        """What was told."""
        return commissions.stands(self.object)

    def called(self, user) -> str:
        """Of another agency’s people no name is told."""
        if Membership.objects.filter(agency=self.object.agency_id, user=user).exists():
            return str(user)
        return "POST" if user.state_roles.exists() else "another agency"

    def act(self, form):
        """Correct it."""
        given = {"ended_on": None, "end_reason": "", **form.cleaned_data}
        commissions.correct(by=self.request.user, commission=self.object, today=self.today, seen=self.seen, **given)
        return self.done("corrected")
