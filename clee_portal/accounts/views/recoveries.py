"""A lost second step: opened and approved by POST staff, confirmed by the person through their own mail."""

import logging

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import UserPassesTestMixin
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, FormView, ListView, View

from clee_portal import clock
from clee_portal.accounts import access, interrupted, limits
from clee_portal.accounts.forms.recoveries import RecoveryOpenForm, RecoveryUseForm
from clee_portal.accounts.models import FactorRecovery
from clee_portal.accounts.services import recoveries
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused

log = logging.getLogger(__name__)
A_PAGE = 25
_TOKEN = "recovery_token"  # noqa: S105 - the name of a key


class ForTheStateMixin(UserPassesTestMixin):
    """Everybody who acts for the state reads; POST staff alone act."""

    raise_exception = True

    def test_func(self) -> bool:
        """Whether the person may do what they ask for."""
        may = access.can_see_recoveries if self.request.method in ("GET", "HEAD") else access.can_recover
        return may(self.request.user)


class RecoveryListView(ForTheStateMixin, PagesMixin, ListView):
    """Who was let set up their second step anew, the latest first; those that wait for a second member on top."""

    template_name = "account/recovery_list.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """All of them."""
        return FactorRecovery.objects.select_related("user", "opened_by", "approved_by").order_by("-opened_at", "-pk")

    def get_context_data(self, **kwargs):
        """Also those that wait."""
        waiting = self.get_queryset().unfinished(clock.now()).filter(needs_approval=True, approved_by=None)
        return super().get_context_data(
            waiting=list(waiting), now=clock.now(), may_act=access.can_recover(self.request.user), **kwargs
        )


class RecoveryOpenView(ForTheStateMixin, StepUpMixin, FormView):
    """Open one for somebody who has called."""

    template_name = "account/recovery_open.html"
    form_class = RecoveryOpenForm

    def test_func(self) -> bool:
        """POST staff alone."""
        return access.can_recover(self.request.user)

    def get_initial(self) -> dict:
        """What was typed before the session ended or the second step was asked for."""
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return typed.dict() if typed else {}

    def get_context_data(self, **kwargs):
        """Also the mark of whom the page was made for."""
        return super().get_context_data(signed_in_as=interrupted.token(self.request.user), **kwargs)

    def form_valid(self, form):
        """Opened; the link goes out, or it waits for a second member."""
        try:
            made, token = recoveries.open_for(
                by=self.request.user, user=form.user, identified_by=form.cleaned_data["identified_by"]
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.form_invalid(form)
        if token:
            _send_link(self.request, made, token)
        return redirect("recovery_detail", pk=made.pk)


class RecoveryDetailView(ForTheStateMixin, StepUpMixin, DetailView):
    """One recovery: who, when, how the caller was known, what became of it; approve or withdraw."""

    template_name = "account/recovery_detail.html"
    context_object_name = "recovery"
    queryset = FactorRecovery.objects.select_related("user", "opened_by", "approved_by", "withdrawn_by")

    def get_context_data(self, **kwargs):
        """What can be done by whoever looks."""
        one, now = self.object, clock.now()
        is_open = one.used_at is None and one.withdrawn_at is None and one.expires_at > now
        waits = is_open and one.needs_approval and one.approved_at is None
        return super().get_context_data(
            is_open=is_open,
            waits=waits,
            may_approve=waits and access.can_approve(self.request.user, one),
            may_act=access.can_recover(self.request.user),
            has_run_out=one.used_at is None and one.withdrawn_at is None and not is_open,
            **kwargs,
        )

    def post(self, request, pk: int):
        """Approve or withdraw it; whoever says neither reads it again."""
        one = get_object_or_404(self.queryset, pk=pk)
        try:
            if request.POST.get("step") == "approve":
                approved, token = recoveries.approve(by=request.user, recovery=one)
                _send_link(request, approved, token)
            elif request.POST.get("step") == "withdraw":
                recoveries.withdraw(by=request.user, recovery=one)
                messages.success(request, "Withdrawn: its link works no more.")
            else:
                return self.get(request, pk=pk)
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("recovery_detail", pk=pk)


@method_decorator([login_not_required, never_cache], name="dispatch")
class RecoveryLinkView(View):
    """The link in the mail: its token goes out of the address at once, so that it is in no history and no log twice."""

    def dispatch(self, request, token: str):
        """The page that says it works no more, unless it does."""
        try:
            attempt = limits.begin(limits.RECOVERY, request)
        except limits.TooMany as refusal:
            return limits.marked(render(request, "429.html", {"refusal": refusal}), refusal)
        if recoveries.of_token(token) is None:
            return render(request, "account/recovery_gone.html", status=404)
        attempt.succeeded()
        return super().dispatch(request, token=token)

    def get(self, request, token: str):
        """On to the page that asks."""
        request.session[_TOKEN] = token
        return redirect("recovery_use")


@method_decorator([login_not_required, never_cache], name="dispatch")
class RecoveryUseView(FormView):
    """The person confirms, with their password where they have one, that their second step is removed."""

    template_name = "account/recovery_use.html"

    def dispatch(self, request, *args, **kwargs):
        """Only by the link."""
        self.token = request.session.get(_TOKEN, "")
        self.recovery = recoveries.of_token(self.token)
        if self.recovery is None:
            return render(request, "account/recovery_gone.html", status=404)
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        """Without a field for whoever signs in by the state alone: the state asks them at the sign-in that follows."""
        return RecoveryUseForm if self.recovery.user.has_usable_password() else forms.Form

    def get_context_data(self, **kwargs):
        """Whose it is."""
        return super().get_context_data(recovery=self.recovery, **kwargs)

    def form_invalid(self, form):
        """With the status of too many tries where it is that."""
        return limits.mark(super().form_invalid(form), form)

    def form_valid(self, form):
        """Remove, end, tell, and on to the sign-in."""
        user = self.recovery.user
        if user.has_usable_password() and not self._is_password(form, user):
            return self.form_invalid(form)
        try:
            recoveries.use(token=self.token)
        except Refused:
            return render(self.request, "account/recovery_gone.html", status=404)
        self.request.session.flush()
        get_adapter(self.request).send_notification_mail("account/email/factor_recovered", user)
        messages.success(self.request, "Your second step is removed. Sign in, then set up a new one.")
        return redirect("account_login")

    def _is_password(self, form, user) -> bool:
        try:
            attempt = limits.begin(limits.RECOVERY_PASSWORD, self.request, account=user.email)
        except limits.TooMany as refusal:
            form.add_error("password", limits.as_error(refusal))
            return False
        if not user.check_password(form.cleaned_data["password"]):
            form.add_error("password", "This is not the password of the account.")
            return False
        attempt.succeeded()
        return True


def _send_link(request, one: FactorRecovery, token: str) -> None:
    """By mail to the person alone. It stands where the mail cannot be sent, and the page says so."""
    adapter = get_adapter(request)
    url = request.build_absolute_uri(reverse("recovery_link", args=[token]))
    try:
        adapter.send_mail("account/email/factor_recovery", one.user.email, {"user": one.user, "url": url})
    except OSError:
        log.exception("The link of a recovery could not be sent")
        messages.error(request, "The mail with the link could not be sent. Withdraw this one and open it again later.")
        return
    messages.success(request, f"A link was sent to {one.user.email}. It works once, for half an hour.")
