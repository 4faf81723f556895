"""A provider's catalogue: its courses, one of them with its versions, and the form by which one is made and changed."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.views.generic import ListView, TemplateView

from clee_portal.accounts import interrupted
from clee_portal.history.seen import ChangedMeanwhile
from clee_portal.paging import PagesMixin
from clee_portal.refusal import Refused
from clee_portal.ticked import numbers
from training import access, catalogue, hours, publishing, selectors
from training.forms import provider_courses as forms
from training.forms.hours import HoursForm, initial_of
from training.forms.scheduling import put
from training.hours import Line
from training.models import Course, CourseReview, ScheduledClass
from training.services import provider_courses
from training.views.listing import FileMixin
from training.views.of_provider import CalendarMixin, problems_of
from training.views.seen import SeenMixin

A_PAGE = 25
CLASSES_SHOWN = 10


class ProviderCourseListView(CalendarMixin, PagesMixin, ListView):
    """The latest version of each course, by title: `?q=`, `?show=withdrawn`."""

    template_name = "training/provider_courses.html"
    paginate_by = A_PAGE

    def get_queryset(self):
        """Those asked for."""
        asked = self.request.GET
        self.withdrawn = asked.get("show") == "withdrawn"
        self.words = asked.get("q", "").replace("\0", "").strip()[:100]
        found = self.provider.courses.all() & Course.objects.visible_to(self.request.user)
        found = catalogue.in_catalogue(found, withdrawn=self.withdrawn)
        for word in self.words.split():
            found = found.filter(Q(title__icontains=word) | Q(control_number__icontains=word))
        return catalogue.with_figures(found, self.now).order_by("title", "pk")

    def get_context_data(self, **kwargs):
        """What was asked for."""
        return super().get_context_data(words=self.words, withdrawn=self.withdrawn, **kwargs)


class ProviderCourseListFileView(FileMixin, ProviderCourseListView):
    """The courses of the list as a file."""

    header = (
        "Course", "Control number", "Hours", "Delivery", "Fee", "Instructors", "Course administrator",
        "Underwritten for", "POST decided", "Decided on", "Classes to come", "Classes held", "Synopsis",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which provider, as of today."""
        return f"courses-{self.provider.pk}-{self.today:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each course."""
        return [
            (
                one.title, one.control_number, one.credit, one.get_delivery_display(), one.fee, one.instructors,
                one.administrator, one.underwrites.name if one.underwrites else "", one.decision, one.decided_on,
                one.ahead, one.held, one.synopsis,
            )
            for one in self.get_queryset()
        ]  # fmt: skip


class OneOfCatalogueMixin(CalendarMixin):
    """One course of a provider; one that is not open to the person does not exist for them."""

    def setup(self, request, *args, **kwargs):
        """The course, and its provider."""
        found = Course.objects.visible_to(request.user).filter(provider__isnull=False, pk=kwargs["pk"])
        self.course = found.select_related("provider", "underwrites").first()
        if self.course is None:
            raise Http404
        super().setup(request, pk=self.course.provider_id)


class ProviderCourseView(OneOfCatalogueMixin, TemplateView):
    """A course: what it says, what POST said, its versions, the classes planned of it."""

    template_name = "training/provider_course.html"

    def get_context_data(self, **kwargs):
        """The course with all of that."""
        course = self.course
        lines = list(course.lines.select_related("area", "topic").order_by("area__order", "topic__order"))
        reviews = list(course.reviews.live().select_related("recorded_by").order_by("-recorded_at", "-pk"))
        review = reviews[0] if reviews else None
        is_refused = review is not None and review.decision == CourseReview.Decision.REFUSED
        planned = ScheduledClass.objects.filter(course=course, ends_at__gt=self.now).order_by("begins_at", "pk")
        return super().get_context_data(
            course=course,
            lines=lines,
            whole=hours.total(lines),
            reviews=reviews,
            review=review,
            is_refused=is_refused,
            is_again=is_refused and course.added_to_at is not None and course.added_to_at > review.recorded_at,
            not_approved=publishing.why_not_approved(course, self.today),
            newer=course.replaced_by.first(),
            versions=catalogue.versions_of(course),
            planned=list(planned[:CLASSES_SHOWN]),
            how_many_planned=planned.count(),
            may_review=access.can_review_courses(self.request.user),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Take it out of the catalogue, or put it back."""
        try:
            if request.POST.get("step") == "withdraw":
                provider_courses.withdraw(by=request.user, course=self.course)
                messages.success(request, f"“{self.course}” is withdrawn. What is planned and credited stays.")
            elif request.POST.get("step") == "back":
                provider_courses.bring_back(by=request.user, course=self.course)
                messages.success(request, f"“{self.course}” is in the catalogue again.")
            else:
                return self.get(request, *args, **kwargs)
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("training:catalogue_course", self.course.pk)


class CourseFormMixin(SeenMixin):
    """The form of a course with its hours."""

    template_name = "training/provider_course_form.html"
    acts = True
    course = None
    typed = None

    def get(self, request, *args, **kwargs):
        """The form; what was typed when a session ended comes back."""
        typed = self.typed = interrupted.take(request)
        source = self.source()
        hours_of = initial_of(_lines(source)) if source else {}
        self.form = forms.ProviderCourseForm(initial=typed.dict() if typed else self.initial(source))
        self.hours = self._hours(initial={k.removeprefix("hours-"): v for k, v in typed.items()} if typed else hours_of)
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        """Keep it, or say what is wrong."""
        self.form, self.hours = forms.ProviderCourseForm(request.POST), self._hours(request.POST)
        if self.course is not None:
            self.hours.known = (_lines(self.course),)
        checked = [self.form.is_valid(), self.hours.is_valid()]
        if all(checked):
            try:
                return self.keep()
            except ChangedMeanwhile as refusal:
                self.side_by_side(refusal)
            except Refused as refusal:
                put({None: self.form, "hours": self.hours} | dict.fromkeys(self.form.fields, self.form), refusal)
        return self.render_to_response(self.get_context_data())

    def side_by_side(self, refusal: ChangedMeanwhile) -> None:
        """What stands beside what was typed; hours that were left as they were become those that stand."""
        self.form.add_error(None, refusal.message)
        course = Course.objects.select_related("underwrites").get(pk=self.course.pk)
        fields = {name: self.form[name] for name in self.form.fields} | {"hours": self.hours["hours"]}
        self.put_beside(refusal, fields, forms.shown(course))
        if any(one.name == "hours" and not one.is_touched for one in refusal.differences):
            self.hours = self._hours(initial=initial_of(_lines(course)))

    def source(self) -> Course | None:
        """The course whose facts the form begins with."""
        return self.course

    def initial(self, source: Course | None) -> dict:
        """What it begins with."""
        return forms.shown(source) if source else {}

    def _hours(self, data=None, initial=None) -> HoursForm:
        form = HoursForm(data, curriculum=selectors.curriculum(), prefix="hours", anchor="hours")
        form.initial = initial or {}
        return form

    def get_context_data(self, **kwargs):
        """The form in its parts."""
        parts = [self.form, self.hours]
        return super().get_context_data(
            form=self.form,
            hours_form=self.hours,
            course=self.course,
            problems=problems_of(parts),
            signed_in_as=interrupted.token(self.request.user),
            **self.seen_context(self.typed or {}),
            **kwargs,
        )


class ProviderCourseAddView(CourseFormMixin, CalendarMixin, TemplateView):
    """Make a course; `?copy=` begins with what another one says."""

    def source(self) -> Course | None:
        """The course that is copied."""
        asked = numbers([self.request.GET.get("copy", "")])
        return self.provider.courses.filter(pk__in=asked).first() if asked else None

    def initial(self, source: Course | None) -> dict:
        """A copy needs a title of its own."""
        return super().initial(source) | ({"title": f"{source.title[:190]} (copy)"} if source else {})

    def keep(self):
        """Add it."""
        made = provider_courses.add(
            by=self.request.user, provider=self.provider, facts=self.form.facts, lines=self.hours.lines
        )
        words = "is submitted to POST" if made.underwrites_id else "is in the catalogue"
        messages.success(self.request, f"“{made}” {words}.")
        return redirect("training:catalogue_course", made.pk)


class ProviderCourseEditView(CourseFormMixin, OneOfCatalogueMixin, TemplateView):
    """Change a course; once it was used that makes a new version, which chosen classes to come take over."""

    def post(self, request, *args, **kwargs):
        """What was typed on the page of a version that is no more the latest is meant for the latest."""
        while newer := self.course.replaced_by.select_related("provider", "underwrites").first():
            self.course = newer
        return super().post(request, *args, **kwargs)

    def stands(self) -> dict:
        """What it says."""
        return provider_courses.what_it_says(self.course)

    def keep(self):
        """Change it."""
        made = provider_courses.change(
            by=self.request.user,
            course=self.course,
            facts=self.form.facts,
            lines=self.hours.lines,
            for_classes=numbers(self.request.POST.getlist("others")),
            seen=self.seen,
        )
        if made.pk == self.course.pk:
            words = "Kept."
        else:
            words = "Kept as a new version. Classes and credit given stay with the one before."
        messages.success(self.request, words)
        return redirect("training:catalogue_course", made.pk)

    def get_context_data(self, **kwargs):
        """Also the classes that may take the new version over."""
        return super().get_context_data(
            others=list(provider_courses.classes_ahead(self.course, self.now)),
            ticked=self.request.POST.getlist("others"),
            newer=self.course.replaced_by.first(),
            **kwargs,
        )


def _lines(course: Course) -> tuple[Line, ...]:
    return tuple(Line(one.area, one.topic, one.hours) for one in course.lines.select_related("area", "topic"))
