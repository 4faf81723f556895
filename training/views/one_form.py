"""What pages with one form and one act have in common."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.views.generic import FormView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.history.seen import ChangedMeanwhile
from clee_portal.refusal import Refused
from training import access
from training.models import Agency
from training.views.seen import SeenMixin


class OneFormView(SeenMixin, FormView):
    """A form whose sending does one thing: `act` of a subclass calls the service and says where to go on.

    What was typed when the session ended is shown again, never sent. A form that changes what stands gives `stands`,
    and `seen` to its service.
    """

    def setup(self, request, *args, **kwargs):
        """Also the day."""
        super().setup(request, *args, **kwargs)
        self.today = clock.today()

    def get_initial(self) -> dict:
        """What was typed before the session ended, if there is something."""
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        given = typed.dict() | {interrupted.FILES: typed.getlist(interrupted.FILES)} if typed else {}
        return {**super().get_initial(), **given}

    def get_context_data(self, **kwargs):
        """Also the mark of whom the page was made for."""
        token = interrupted.token(self.request.user)
        context = super().get_context_data(today=self.today, signed_in_as=token, **kwargs)
        return context | self.seen_context(context["form"].initial)

    def form_valid(self, form):
        """Do it; what is refused is said at its field."""
        try:
            return self.act(form)
        except ChangedMeanwhile as refusal:
            form.add_error(None, refusal.message)
            fields = {one.name: form[one.name] for one in refusal.differences if one.name in form.fields}
            if len(fields) == len(refusal.differences):  # else the form itself is another one by now
                self.put_beside(refusal, fields)
            return self.form_invalid(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.form_invalid(form)


class AgencyMixin:
    """A page of one agency, among those open to the person; `right` says who may use it."""

    right = staticmethod(access.can_see_classes)

    def setup(self, request, *args, **kwargs):
        """The agency; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), code=kwargs["code"])

    def dispatch(self, request, *args, **kwargs):
        """Only those who may."""
        if not self.right(request.user, self.agency):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Also the agency, and what the person may do there."""
        user = self.request.user
        return super().get_context_data(
            agency=self.agency,
            may_keep=access.can_keep_roster(user, self.agency),
            may_name=access.can_name_people(user, self.agency),
            **kwargs,
        )
