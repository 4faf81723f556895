"""Addresses of the training app."""

from django.urls import path

from training.views import class_entry, class_pages, courses, officers

app_name = "training"

urlpatterns = [
    path("agencies/<slug:code>/classes/enter/", class_entry.ClassEntryView.as_view(), name="class_enter"),
    path("agencies/<slug:code>/classes/", class_pages.ClassListView.as_view(), name="class_list"),
    path("classes/<str:reference>/", class_pages.ClassDetailView.as_view(), name="class_detail"),
    path("classes/<str:reference>/void/", class_pages.ClassVoidView.as_view(), name="class_void"),
    path("agencies/<slug:code>/courses/", courses.CourseListView.as_view(), name="course_list"),
    path("courses/to-review/", courses.CourseQueueView.as_view(), name="course_queue"),
    path("courses/<int:pk>/", courses.CourseDetailView.as_view(), name="course_detail"),
    path("courses/<int:pk>/review/", courses.CourseReviewView.as_view(), name="course_review"),
    path("officers/", officers.OfficerFindView.as_view(), name="officer_find"),
]
