"""An officer says what they thought of a class they completed."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect

from training import provider_overview
from training.forms.evaluation import EvaluationForm
from training.models import Registration, ScheduledClass
from training.models.memberships import scope_of
from training.services import evaluations
from training.views.one_form import OneFormView


class ClassEvaluateView(OneFormView):
    """The short form about one class of the calendar; for whoever had a seat in it, another class does not exist."""

    template_name = "training/class_evaluate.html"
    form_class = EvaluationForm

    def setup(self, request, *args, **kwargs):
        """The person's own seat in the class: of several licenses the one with something left to say."""
        super().setup(request, *args, **kwargs)
        held = ScheduledClass.objects.with_reference(kwargs["reference"])
        own = Registration.objects.seated().filter(
            scheduled_class__in=held.values("pk"), officer__in=scope_of(request.user).officer_ids
        )
        found = list(
            own.select_related("scheduled_class__course", "scheduled_class__provider", "officer").order_by("pk")
        )
        if not found:
            raise Http404
        told = [(one, evaluations.why_not(one)) for one in found]
        self.one, self.why_not = next((pair for pair in told if not pair[1]), told[0])

    def dispatch(self, request, *args, **kwargs):
        """What cannot be evaluated says why, on the page of the registration."""
        if self.why_not:
            messages.info(request, self.why_not)
            return redirect("training:registration", reference=self.one.code)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """The class, and from how many answers on something is shown."""
        return super().get_context_data(
            one=self.one, held=self.one.scheduled_class, enough=provider_overview.ENOUGH_ANSWERS, **kwargs
        )

    def act(self, form):
        """Keep it, and back to one's classes."""
        evaluations.give(by=self.request.user, registration=self.one, today=self.today, **form.cleaned_data)
        messages.success(self.request, "Thank you. What you said is kept without your name.")
        return redirect("training:my_classes")
