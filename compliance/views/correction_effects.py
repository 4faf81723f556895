"""Fragments: whose standing a correction, a settled duplicate or a review of a course would change, or changed."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from clee_portal import clock
from clee_portal.refusal import Refused
from compliance import review_effects
from compliance.views.effects import NotYet, RehearsalView
from training import access, course_states
from training.forms.class_entry import ClassEntryForm
from training.forms.confirming import ConfirmForm
from training.forms.corrections import MoveForm
from training.forms.duplicates import KEEP, ONCE
from training.models import Course, CourseReview, ScheduledClass, TrainingRecord
from training.services import confirming, corrections, courses, duplicates
from training.views import corrections as corrections_page


class CorrectEffectView(RehearsalView):
    """Whose standing a correction of a class would change, as the entry form stands."""

    def act(self, request: HttpRequest, reference: str):
        """Record it anew."""
        held = corrections_page.correctable(request.user, reference)
        today = clock.today()
        form = ClassEntryForm(request.POST, body=held.body, today=today, corrects=held)
        if held.voided_at or not form.is_valid():
            raise NotYet
        return lambda: corrections.correct(
            by=request.user,
            training_class=held,
            reason="Rehearsal",
            **held.reported,
            submission_key=uuid.uuid4(),
            today=today,
            **form.draft.answers,
        )


class ConfirmEffectView(RehearsalView):
    """Whose standing confirming a class of the calendar would change, as the page stands."""

    def act(self, request: HttpRequest, reference: str):
        """Confirm it."""
        held = get_object_or_404(ScheduledClass.objects.visible_to(request.user).with_reference(reference))
        if not access.can_enter_provider_class(request.user, held.provider):
            raise PermissionDenied
        now = clock.now()
        form = ConfirmForm(request.POST, held=held, user=request.user, today=clock.day_of(now))
        if held.training_class_id or not form.is_valid():
            raise NotYet
        return lambda: confirming.confirm(
            by=request.user,
            scheduled_class=held,
            attendances=form.draft.attendances,
            left_out=form.draft.left_out,
            now=now,
        )


class MoveEffectView(RehearsalView):
    """Whose standing changes when officers are taken out of a class, or moved to another one."""

    def act(self, request: HttpRequest, reference: str):
        """Take out or move."""
        held = corrections_page.correctable(request.user, reference)
        records = TrainingRecord.objects.visible_to(request.user).live().filter(training_class=held)
        given = request.POST.copy()
        given["reason"] = "Rehearsal"
        form = MoveForm(given, held=held, records=list(records.select_related("officer")))
        if held.voided_at or not form.is_valid():
            raise Refused("Tick officers and choose what becomes of them, and see here whose standing changes.")
        self.is_loss = form.target is None
        return lambda: corrections_page.change(request.user, held, form)


class SettleEffectView(RehearsalView):
    """Whose standing settling two entries would change, as the form stands."""

    def act(self, request: HttpRequest, pk: int):
        """Count once, or both."""
        record = get_object_or_404(TrainingRecord.objects.visible_to(request.user).live(), pk=pk)
        if not access.can_settle(request.user, record):
            raise PermissionDenied
        decision = request.POST.get("decision")
        if decision not in (ONCE, KEEP):
            raise Refused("Choose whether it is one training, and see here whose standing it changes.")
        self.is_loss = decision == ONCE
        if decision == KEEP:
            return lambda: duplicates.keep(by=request.user, record=record, reason="Rehearsal")
        return lambda: duplicates.count_once(by=request.user, record=record)


class CourseReviewEffectView(RehearsalView):
    """Whose standing a review of a course would change, as its form stands."""

    def act(self, request: HttpRequest, pk: int):
        """Decide it."""
        course = get_object_or_404(Course.objects.visible_to(request.user), pk=pk)
        if not access.can_review_courses(request.user) or course.source_kind not in course_states.REVIEWED:
            raise PermissionDenied
        decision = request.POST.get("decision")
        if decision not in CourseReview.Decision.values:
            raise Refused("Choose a decision, and see here whose standing it changes.")
        self.is_loss = decision == CourseReview.Decision.REFUSED
        reason = "Rehearsal" if self.is_loss else ""
        return lambda: courses.review(
            by=request.user, course=course, decision=decision, reason=reason, today=clock.today()
        )


class CourseEffectView(View):
    """Whose standing the last decision on a course changed: looked up as it was known before and after."""

    def get(self, request: HttpRequest, pk: int):
        """The fragment; empty where nothing was decided."""
        course = get_object_or_404(Course.objects.visible_to(request.user), pk=pk)
        review = course.reviews.live().order_by("recorded_at", "pk").last()
        effect = review_effects.of_review(request.user, review) if review else None
        context = {"effect": effect, "tense": "done", "refusal": "POST has not decided on this course yet."}
        return render(request, "compliance/_class_effect.html", context)
