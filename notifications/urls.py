"""Addresses of the notifications app."""

from django.urls import path

from notifications import views

app_name = "notifications"

urlpatterns = [
    path("demonstration/mail/", views.DemonstrationMailView.as_view(), name="demonstration_mail"),
    path("mail/address/confirm/", views.ConfirmAddressView.as_view(), name="confirm_address"),
]
