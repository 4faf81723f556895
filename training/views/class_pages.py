"""Classes that were reported: the list of a body, one class (also its confirmation), and undoing it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, DecimalField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import DetailView, FormView, ListView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from training import access, hours, names_shown
from training.bodies import is_provider
from training.forms.voiding import VoidForm
from training.models import ClassLine, CourseReview, Officer, TrainingClass, TrainingRecord
from training.services import classes
from training.services.certificates import GIVEN_HERE
from training.views.bodies import BodyMixin, Desk

A_PAGE = 25


class ClassListView(BodyMixin, PagesMixin, ListView):
    """The classes an agency or a provider reported, newest first; those undone are marked."""

    template_name = "training/class_list.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """Classes with their hours and how many officers have credit of them."""
        credit = ClassLine.objects.filter(training_class=OuterRef("pk")).order_by().values("training_class")
        people = (
            TrainingRecord.objects.filter(training_class=OuterRef("pk"), replaces=None)
            .order_by()
            .values("training_class")
            .annotate(people=Count("pk"))
        )
        return (
            TrainingClass.objects.visible_to(self.request.user)
            .reported_by(self.body)
            .select_related("course")
            .annotate(
                credit=Subquery(credit.annotate(credit=Sum("hours")).values("credit")),
                people=Coalesce(Subquery(people.values("people")), 0),
            )
            .order_by("-ends_on", "-pk")
        )

    def get_context_data(self, **kwargs):
        """Whether a class can be entered."""
        may_enter = access.may_report_class(self.request.user, self.body)
        return super().get_context_data(may_enter=may_enter, **kwargs)


class OneClassMixin:
    """One class by its reference number, among those open to the person."""

    def setup(self, request, *args, **kwargs):
        """The class; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        self.object = self.found(kwargs["reference"])

    def found(self, reference: str) -> TrainingClass:
        """The class of this number, if it is open to the person; else 404."""
        held = TrainingClass.objects.visible_to(self.request.user).with_reference(reference)
        return get_object_or_404(
            held.select_related(
                "course__agency", "course__provider", "reported_by_agency", "recorded_by", "voided_by", "replaces"
            )
        )

    def people(self):
        """The records of the class open to the person, with their credit; after an undoing, what had been given."""
        at_the_end = Q(voided_at=None) if self.object.voided_at is None else Q(voided_at__gte=self.object.voided_at)
        return (
            TrainingRecord.objects.visible_to(self.request.user)
            .filter(at_the_end, training_class=self.object)
            .select_related("officer")
            .annotate(
                credit=Coalesce(
                    Sum("lines__hours"), Value(0), output_field=DecimalField(max_digits=8, decimal_places=2)
                ),
                first=Case(When(role=TrainingRecord.Role.INSTRUCTOR, then=0), default=1),
            )
            .order_by("officer__search_name", "officer__license_number")
        )

    def left_out(self) -> list[Officer]:
        """Those who did not complete it: for the people of the body that reported it, and the state's."""
        body = self.object.body
        if body is None or not access.may_see_body(self.request.user, body):
            return []
        at_the_end = Q(voided_at=None) if self.object.voided_at is None else Q(voided_at__gte=self.object.voided_at)
        rows = self.object.not_completed.filter(at_the_end).select_related("officer")
        return [one.officer for one in rows.order_by("officer__search_name", "officer__license_number")]

    def get_context_data(self, **kwargs):
        """The class, its hours, and everyone in it."""
        lines = list(self.object.lines.select_related("area", "topic").order_by("area__order", "topic__order"))
        people = list(self.people())
        whole = hours.total(lines)
        counted = [one for one in people if not one.not_counted]
        left_out = self.left_out()
        return super().get_context_data(
            held=self.object,
            lines=lines,
            whole=whole,
            people=people,
            counted=counted,
            not_counted=[one for one in people if one.not_counted],
            same_for_all=all(one.credit == whole for one in counted),
            body=self.object.body,
            desk=Desk(self.object.body) if self.object.body else None,
            left_out=left_out,
            closed=names_shown.closed_to(self.request.user, [*(one.officer for one in people), *left_out]),
            shows_standings=not is_provider(self.object.body) or access.can_see_register(self.request.user),
            may_void=self.object.voided_at is None and access.can_void_class(self.request.user, self.object),
            may_correct=self.object.voided_at is None and access.can_correct_class(self.request.user, self.object),
            replaces=self.object.replaces,
            replaced_by=self.object.replaced_by.first() if self.object.voided_at else None,
            **kwargs,
        )


class ClassDetailView(OneClassMixin, DetailView):
    """A class: who was credited with what. After recording it is the confirmation."""

    template_name = "training/class_detail.html"

    def get_object(self, queryset=None):
        """The class that was looked up."""
        return self.object

    def get_context_data(self, **kwargs):
        """Also whether the course was reviewed, and whether this is the confirmation."""
        review = (
            CourseReview.objects.known(clock.now())
            .filter(course=self.object.course_id)
            .order_by("-recorded_at", "-pk")
            .first()
        )
        body = self.object.body
        is_new = "recorded" in self.request.GET and self.object.voided_at is None
        return super().get_context_data(
            review=review,
            gives_certificates=self.object.course.source_kind in GIVEN_HERE,
            is_confirmation=is_new and self.object.recorded_by_id == self.request.user.pk,
            may_enter=body is not None and access.may_report_class(self.request.user, body),
            may_list=body is not None and access.may_see_body(self.request.user, body),
            may_take_records=access.can_take_class_records(self.request.user, self.object),
            **kwargs,
        )


class ClassVoidView(OneClassMixin, StepUpMixin, FormView):
    """Undo a class: asks for the reason and shows who loses credit."""

    template_name = "training/class_void.html"
    form_class = VoidForm

    def dispatch(self, request, *args, **kwargs):
        """Only the people of the reporting agency, and POST staff; what is undone already is shown as it is."""
        if not access.can_void_class(request.user, self.object):
            raise PermissionDenied
        if self.object.voided_at:
            anew = classes.standing_for(self.object)
            if anew and request.method == "POST":
                was = f"{self.object.reference} was corrected meanwhile."
                messages.warning(request, f"{was} {anew.reference} stands for it, and is not undone.")
                return redirect("training:class_detail", anew.reference)
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """The reason that was typed when the session ended, if there is one."""
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return {"reason": typed.get("reason", "")} if typed else {}

    def get_context_data(self, **kwargs):
        """Also the mark of whom the page was made for."""
        return super().get_context_data(signed_in_as=interrupted.token(self.request.user), **kwargs)

    def form_valid(self, form):
        """Undo it."""
        try:
            classes.void(by=self.request.user, training_class=self.object, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """The class, now marked as undone."""
        return reverse("training:class_detail", args=[self.object.reference])
