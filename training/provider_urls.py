"""Addresses of a provider's catalogue and calendar."""

from django.urls import path

from training.views import (
    calendar_imports,
    class_records,
    evaluation,
    provider_calendar,
    provider_courses,
    provider_overview,
    scheduled,
)
from training.views.listing import file_paths

OF_PROVIDER, COURSE, ONE = "providers/<int:pk>", "providers/courses/<int:pk>", "scheduled/<str:reference>"
urlpatterns = [
    path(f"{OF_PROVIDER}/courses/", provider_courses.ProviderCourseListView.as_view(), name="provider_courses"),
    *file_paths(f"{OF_PROVIDER}/courses/courses", provider_courses.ProviderCourseListFileView, "provider_courses"),
    path(f"{OF_PROVIDER}/courses/add/", provider_courses.ProviderCourseAddView.as_view(), name="provider_course_add"),
    path(f"{COURSE}/", provider_courses.ProviderCourseView.as_view(), name="catalogue_course"),
    path(f"{COURSE}/edit/", provider_courses.ProviderCourseEditView.as_view(), name="catalogue_course_edit"),
    path(f"{OF_PROVIDER}/overview/", provider_overview.ProviderOverviewView.as_view(), name="provider_overview"),
    *file_paths(f"{OF_PROVIDER}/overview/classes", provider_overview.ProviderOverviewFileView, "provider_overview"),
    path("calendar/<str:reference>/evaluate/", evaluation.ClassEvaluateView.as_view(), name="class_evaluate"),
    path("classes/<str:reference>/records.zip", class_records.ClassRecordsView.as_view(), name="class_records"),
    path(f"{OF_PROVIDER}/calendar/", provider_calendar.ProviderCalendarView.as_view(), name="provider_calendar"),
    *file_paths(f"{OF_PROVIDER}/calendar/classes", provider_calendar.ProviderCalendarFileView, "provider_calendar"),
    path(f"{OF_PROVIDER}/calendar/plan/", provider_calendar.PlanView.as_view(), name="provider_calendar_plan"),
    path(
        f"{OF_PROVIDER}/calendar/import/",
        calendar_imports.CalendarImportListView.as_view(),
        name="provider_calendar_imports",
    ),
    path(
        "providers/calendars/<str:reference>/", calendar_imports.CalendarImportView.as_view(), name="brought_calendar"
    ),
    path(
        "providers/calendars/events/<int:pk>/", calendar_imports.CalendarImportRowView.as_view(), name="brought_event"
    ),
    path(f"{ONE}/", scheduled.ScheduledClassView.as_view(), name="scheduled_class"),
    path(f"{ONE}/edit/", scheduled.ScheduledEditView.as_view(), name="scheduled_edit"),
    path(f"{ONE}/move/", scheduled.ScheduledMoveView.as_view(), name="scheduled_move"),
    path(f"{ONE}/call-off/", scheduled.ScheduledCallOffView.as_view(), name="scheduled_call_off"),
    path(f"{ONE}/copy/", scheduled.ScheduledCopyView.as_view(), name="scheduled_copy"),
]
