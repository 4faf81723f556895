"""In-service courses of an agency, one course, POST's queue to review with those of providers, and the review."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import DetailView, FormView, ListView

from clee_portal import clock
from clee_portal.accounts import interrupted
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.paging import OnwardMixin, PagesMixin, QueueMixin
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from clee_portal.ticked import numbers
from training import access, course_states, hours
from training.forms.courses import CourseQueueForm, CourseReviewForm, SubmissionForm
from training.models import Agency, Course, CourseReview, SourceKind, TrainingClass
from training.services import courses
from training.views.one_form import OneFormView

A_PAGE = 25
CLASSES_SHOWN = 10


class CourseListView(UserPassesTestMixin, PagesMixin, ListView):
    """The in-service courses of an agency with what POST said of each."""

    template_name = "training/course_list.html"
    paginate_by = A_PAGE
    raise_exception = True

    def setup(self, request, *args, **kwargs):
        """The agency, among those open to the person."""
        super().setup(request, *args, **kwargs)
        self.agency = get_object_or_404(Agency.objects.visible_to(request.user), code=kwargs["code"])

    def test_func(self) -> bool:
        """The agency's people and the state's."""
        return access.can_see_classes(self.request.user, self.agency)

    def get_queryset(self):
        """By title, with hours, classes and officers."""
        found = course_states.in_service(clock.now()).filter(agency=self.agency)
        found = found & Course.objects.visible_to(self.request.user)
        return course_states.with_figures(found).order_by("title", "pk")

    def get_context_data(self, **kwargs):
        """The agency, how many wait for POST, and whether a class can be entered."""
        waiting = course_states.in_state(course_states.in_service(clock.now()).filter(agency=self.agency), "to-review")
        return super().get_context_data(
            agency=self.agency,
            waiting=waiting.count(),
            may_enter=access.can_enter_class(self.request.user, self.agency),
            **kwargs,
        )


class OneCourseMixin:
    """One course, among those open to the person, with what is said of it."""

    def setup(self, request, *args, **kwargs):
        """The course; one that is not open to the person does not exist for them."""
        super().setup(request, *args, **kwargs)
        found = Course.objects.visible_to(request.user).select_related("agency", "provider")
        self.object = get_object_or_404(found, pk=kwargs["pk"])

    def get_context_data(self, **kwargs):
        """The course, its hours, its reviews (the latest first), and the classes held of it."""
        user, course = self.request.user, self.object
        lines = list(course.lines.select_related("area", "topic").order_by("area__order", "topic__order"))
        reviews = list(course.reviews.live().select_related("recorded_by").order_by("-recorded_at", "-pk"))
        held = TrainingClass.objects.visible_to(user).live().filter(course=course)
        is_in_service = course.source_kind == SourceKind.IN_SERVICE
        review = reviews[0] if reviews else None
        is_refused = review is not None and review.decision == CourseReview.Decision.REFUSED
        may_enter = is_in_service and access.can_enter_class(user, course.agency)
        return super().get_context_data(
            course=course,
            lines=lines,
            whole=hours.total(lines),
            reviews=reviews,
            review=review,
            is_again=is_refused and course.added_to_at is not None and course.added_to_at > review.recorded_at,
            may_add=may_enter and (review is None or is_refused),
            classes=list(held.order_by("-ends_on", "-pk")[:CLASSES_SHOWN]),
            how_many=held.count(),
            is_in_service=is_in_service,
            may_review=course.source_kind in course_states.REVIEWED and access.can_review_courses(user),
            may_enter=may_enter,
            **kwargs,
        )


class CourseDetailView(OneCourseMixin, DetailView):
    """A course: what it gives, what was submitted, what POST decided, and who lost hours by a refusal."""

    template_name = "training/course_detail.html"

    def get(self, request, *args, **kwargs):
        """A provider's course is read in its catalogue."""
        if self.object.provider_id:
            return redirect("training:catalogue_course", self.object.pk)
        return super().get(request, *args, **kwargs)

    def get_object(self, queryset=None):
        """The course that was looked up."""
        return self.object


class CourseSubmissionView(OneCourseMixin, OneFormView):
    """The agency adds to what it submitted of a course: what is taught, and who teaches it."""

    template_name = "training/course_submission.html"
    form_class = SubmissionForm

    def dispatch(self, request, *args, **kwargs):
        """The agency’s people and POST; a course that POST approved is shown as it is."""
        is_in_service = self.object.source_kind == SourceKind.IN_SERVICE
        if not is_in_service or not access.can_enter_class(request.user, self.object.agency):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """What was submitted; what was typed when the session ended goes before."""
        return courses.submitted(self.object) | super().get_initial()

    def stands(self) -> dict:
        """What was submitted."""
        return courses.submitted(self.object)

    def act(self, form):
        """Keep it."""
        courses.add_to_submission(by=self.request.user, course=self.object, seen=self.seen, **form.cleaned_data)
        messages.success(self.request, "Kept. POST sees it with the course.")
        return redirect("training:course_detail", self.object.pk)


class CourseQueueView(UserPassesTestMixin, StepUpMixin, QueueMixin, ListView):
    """What waits for POST's review, the longest first; `?state=` shows what was approved or refused, `?agency=` and
    `?q=` limit it. Several are approved at once: the hours of what was not yet reviewed count already, so that takes
    nothing from anybody. A refusal is made one by one."""

    template_name = "training/course_queue.html"
    paginate_by = A_PAGE
    raise_exception = True

    def test_func(self) -> bool:
        """The state's people."""
        return access.can_see_course_queue(self.request.user)

    @property
    def state(self) -> str:
        """Which courses are shown."""
        asked = self.request.GET.get("state", "")
        return asked if asked in (course_states.APPROVED, course_states.REFUSED) else course_states.TO_REVIEW

    def item_url(self, item) -> str:
        """Where it is decided; whoever does not decide reads it."""
        may_review = access.can_review_courses(self.request.user)
        return reverse("training:course_review" if may_review else "training:course_detail", args=[item.pk])

    def get_queryset(self):
        """The courses of the state that is asked for."""
        self.form = CourseQueueForm(self.request.GET, label_suffix="")
        self.form.is_valid()
        given = self.form.cleaned_data
        found = course_states.reviewed(clock.now()) & Course.objects.visible_to(self.request.user)
        if agency := given.get("agency"):
            named = Q(agency__name__icontains=agency) | Q(provider__name__icontains=agency)
            found = found.filter(Q(agency__code=agency.lower()) | named)
        if words := given.get("q"):
            found = found.filter(Q(title__icontains=words) | Q(control_number__iexact=words))
        order = (F("submitted_at").asc(), "pk")
        if self.state != course_states.TO_REVIEW:
            order = (F("decided_on").desc(), "-pk")
        return course_states.with_figures(course_states.in_state(found, self.state)).order_by(*order)

    def get_context_data(self, **kwargs):
        """The state shown, and whether the person decides."""
        context = super().get_context_data(
            state=self.state, may_review=access.can_review_courses(self.request.user), **kwargs
        )
        is_limited = any(value for name, value in self.form.cleaned_data.items() if name != "state")
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return context | {
            "ticked": set(typed.getlist("course")) if typed else set(),
            "form": self.form,
            "is_limited": is_limited,
            "signed_in_as": interrupted.token(self.request.user),
        }

    def post(self, request, *args, **kwargs):
        """Approve the courses that are ticked; what is refused is said, the others are approved."""
        if not access.can_review_courses(request.user):
            raise PermissionDenied
        ticked = numbers(request.POST.getlist("course"))
        found = course_states.reviewed(clock.now()) & Course.objects.visible_to(request.user)
        done = 0
        for one in course_states.in_state(found, course_states.TO_REVIEW).filter(pk__in=ticked).order_by("pk"):
            try:
                courses.review(
                    by=request.user,
                    course=one,
                    decision=CourseReview.Decision.APPROVED,
                    seen=request.POST.get(f"seen-{one.pk}", ""),
                    today=clock.today(),
                )
                done += 1
            except Refused as refusal:
                messages.error(request, f"“{one}” of {one.source_name}: {refusal.message}")
        if not ticked:
            messages.error(request, "No course was chosen. Tick the courses to approve.")
            return self.get(request, *args, **kwargs)
        if done:
            messages.success(request, f"{count_words(done, 'course')} approved.")
        else:
            messages.info(request, "Nothing was approved. Look at them again: they may have been decided meanwhile.")
        return redirect(request.get_full_path())


class CourseReviewView(OneCourseMixin, OnwardMixin, StepUpMixin, FormView):
    """POST approves or refuses a course; whose standing changes is shown before. Opened from the queue, it leads on."""

    template_name = "training/course_review.html"
    form_class = CourseReviewForm

    def dispatch(self, request, *args, **kwargs):
        """POST staff alone."""
        if not access.can_review_courses(request.user) or self.object.source_kind not in course_states.REVIEWED:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """What was typed when the session ended; else the number the course has."""
        typed = interrupted.take(self.request) if self.request.method == "GET" else None
        return typed.dict() if typed else {"control_number": self.object.control_number or ""}

    def get_context_data(self, **kwargs):
        """Also the mark of whom the page was made for, and the last decision that the page shows."""
        context = super().get_context_data(signed_in_as=interrupted.token(self.request.user), **kwargs)
        return context | {"seen": str(context["review"].pk) if context["review"] else ""}

    def form_valid(self, form):
        """Keep the decision."""
        try:
            made = courses.review(by=self.request.user, course=self.object, today=clock.today(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return self.form_invalid(form)
        decided = "refused" if made.decision == CourseReview.Decision.REFUSED else "approved"
        messages.success(self.request, f"“{self.object}” of {self.object.source_name} is {decided}.")
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """The next one in the queue it was opened from; else the course with the decision on it."""
        return self.onward or reverse("training:course_detail", args=[self.object.pk])
