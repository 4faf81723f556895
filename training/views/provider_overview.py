"""A provider's own view of its classes: filled seats, no-shows, evaluation, credit still owed, license and duties."""

from django.core.paginator import Paginator
from django.utils.text import slugify
from django.views.generic import TemplateView

from training import late_rosters, provider_duties, provider_overview, seats_plot
from training.forms.provider_overview import OverviewForm
from training.models import ScheduledClass
from training.provider_standing import licenses_of
from training.views.listing import FileMixin
from training.views.of_provider import CalendarMixin

A_PAGE = 20
MOST_NAMED = 5


class ProviderOverviewView(CalendarMixin, TemplateView):
    """The page: `?since=&until=&course=`, else this year. A constant number of statements."""

    template_name = "training/provider_overview.html"

    def look(self):
        """What is asked for, and the classes of it."""
        self.form = OverviewForm(self.request.GET, provider=self.provider, today=self.today, label_suffix="")
        self.span = self.form.span
        self.is_limited = any(self.request.GET.get(name) for name in self.form.fields)
        self.course = self.form.cleaned_data.get("course")
        found = provider_overview.classes_of(self.provider, *self.span, self.course)
        found = found & ScheduledClass.objects.visible_to(self.request.user)
        self.classes = provider_overview.held(found, self.now)
        return found

    def get_context_data(self, **kwargs):
        """Everything it shows."""
        found = self.look()
        whole = provider_overview.together(self.classes)
        licenses = licenses_of([self.provider.pk])[self.provider.pk]
        unconfirmed = [one for one in late_rosters.to_confirm(self.provider, self.today) if one.ends_at <= self.now]
        duties = provider_duties.duties(self.provider, licenses, self.classes, self.span, self.today)
        page = Paginator(self.classes, A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            form=self.form,
            is_limited=self.is_limited,
            since=self.span[0],
            until=self.span[1],
            is_this_year=self.span == self.form.year,
            today=self.today,
            course=self.course,
            whole=whole,
            called_off=found.filter(state=ScheduledClass.State.CALLED_OFF).count(),
            plot=seats_plot.plot(self.classes, *self.span),
            courses=provider_overview.by_course(self.classes),
            page_obj=page,
            uncredited=[one for one in self.classes if one.uncredited],
            unconfirmed=unconfirmed[:MOST_NAMED],
            how_many_unconfirmed=len(unconfirmed),
            said=provider_overview.comments(self.classes),
            enough=provider_overview.ENOUGH_ANSWERS,
            licenses=list(reversed(licenses)),
            duties=duties,
            undone=[one for one in duties if not one.is_done],
            **kwargs,
        )


class ProviderOverviewFileView(FileMixin, ProviderOverviewView):
    """The classes of the span as a file."""

    header = (
        "Reference", "Course", "First day", "Last day", "Delivery", "City", "Hours", "Seats", "Seats taken", "Percent",
        "Left waiting", "Given back late", "No-shows", "Came, without credit", "Credited as", "Answers", "Content",
        "Instruction", "Usefulness",
    )  # fmt: skip

    def file_name(self) -> str:
        """Of which provider and days."""
        self.look()
        return f"overview-{slugify(self.provider.name)}-{self.span[0]:%Y-%m-%d}-to-{self.span[1]:%Y-%m-%d}"

    def file_rows(self) -> list[tuple]:
        """A row for each class."""
        rows = []
        for one in self.classes:
            held = one.scheduled
            averages = [
                None if value is None else round(value, 2)
                for value in (one.grades.content, one.grades.instruction, one.grades.usefulness)
            ]
            rows.append(
                (
                    held.reference, held.course.title, held.begins_at, held.ends_at, held.get_delivery_display(),
                    held.city, one.hours, held.capacity, held.seats_taken, one.share, one.waiting, one.late,
                    one.no_shows if one.is_confirmed else None, one.uncredited if one.is_confirmed else None,
                    held.training_class.reference if held.training_class_id else "", one.grades.answers, *averages,
                )
            )  # fmt: skip
        return rows
